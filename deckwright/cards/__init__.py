"""From files to cards: discover, parse, validate, find duplicates; and edits of card files.

Everything that `check` does. One module per family of rules in `rules`.
What turns a card into a note belongs in `output`.
"""
