"""The values that cards state, and whether published data or a page says the same.

`stated_value` reads a card's value, `evidence` a line of evidence. `quotes` finds what the
line points to, in `datasets` or in `page_copies`, and `compare` compares it with the value.
`verify` does so for all values, and `confirmations` reads what was recorded.
"""
