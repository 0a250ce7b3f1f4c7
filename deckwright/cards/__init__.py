"""From files to cards: everything that `check` does, and edits of card files.

The stages are discover, parse, validate, duplicates and released; the rules for a
single card are in `rules`. What turns a card into a note belongs in `output`.
"""
