"""The values that cards state, and whether published data or a page says the same.

`stated_value` reads a card's value, `evidence` a line of evidence, `datasets` the
published data, `page_copies` and `page_text` pages; `compare` and `page_evidence` compare
one value, `verify` all of them.
"""
