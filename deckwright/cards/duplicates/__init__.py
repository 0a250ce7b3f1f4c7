"""Rules across all cards: each ID, each question, and each shared value once.

No card is dropped: a duplicate stops the build. `relations` and `repeated` report certain
duplicates, which takes little time; `similar` looks for cards that are probably duplicates.
"""
