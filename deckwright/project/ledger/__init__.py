"""What was released when: the ledger as a value and its text form.

`decks/ledger/<namespace>.tsv` records what learners' collections contain. Builds only
read it. `release` writes it; it changes lines and adds lines, and never removes one.
"""

from deckwright.project.ledger.rows import (
    GONE,
    LIVE,
    UNKNOWN,
    CardRow,
    ExtendedRow,
    Ledger,
    Release,
    TypeRow,
    gap_digests,
    ledger_path,
    missing,
    version_key,
)
from deckwright.project.ledger.text import read, write

__all__ = [
    "GONE",
    "LIVE",
    "UNKNOWN",
    "CardRow",
    "ExtendedRow",
    "Ledger",
    "Release",
    "TypeRow",
    "gap_digests",
    "ledger_path",
    "missing",
    "read",
    "version_key",
    "write",
]
