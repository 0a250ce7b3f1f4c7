"""The values that cards state, and whether published data or a page says the same.

`stated_value` reads a card's value, `evidence` a line of evidence, `datasets` the
published data, `page_copies` and `page_text` pages; `compare` compares
one value with one of them, `verify` all values with all.
"""
