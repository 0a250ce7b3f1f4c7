"""What a card states, and whether published data states the same.

Evidence lines, data packages, and the comparison that `verify` prints.
"""
