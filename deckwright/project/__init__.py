"""The files in decks/ and schema/, read into one frozen value, `Project`.

Vocabulary, note types, ledger, overlay, and the JSON Schemas they must follow. What
needs a card belongs in `cards`.
"""
