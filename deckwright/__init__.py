"""deckwright: Markdown cards in, tagged Anki packages out.

    discover → parse → validate → duplicates → render → package → report

Every stage takes frozen values and returns values, or an `Outcome`: a value and diagnostics.
`pipeline` has the stages in their order. A file imports from its own folder or from a
folder to the left: core, markdown, project, facts, cards, output, pipeline, exchange
and live, cli (`tests/test_architecture.py`). The compiler knows nothing about AWS: what
a card must contain is in the project's `schema/`, how cards are grouped and styled in
its `decks/`.
"""
