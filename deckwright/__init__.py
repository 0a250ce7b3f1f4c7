"""deckwright: Markdown cards in, tagged Anki packages out.

    discover → parse → validate → duplicates → render → package → report

Every stage takes frozen values and returns an Outcome: values and Diagnostics.
`pipeline` alone knows their order, `commands` stand above it (one module each), `cli`
above those. A module imports only from lower layers, and every library has one door;
`tests/test_architecture.py` holds both rules. The compiler knows nothing of AWS: what a
card must say stands in the project's `schema/`, how cards are grouped and dressed in
its `decks/`.
"""

__version__ = "0.9.0"
