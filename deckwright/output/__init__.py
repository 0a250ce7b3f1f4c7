"""From cards to files: notes, packages, text updates, reports, and the site in `site`.

Everything that `decks` and `preview` write.
"""
