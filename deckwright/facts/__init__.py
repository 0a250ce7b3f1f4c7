"""The values that cards state, and whether published data says the same.

`stated_value` reads a card's value, `evidence` a line of evidence, `datasets` the
published data; `compare` compares, `verify` does so for all cards.
"""
