"""Rules across all cards: each ID, each question, and each shared value once.

No card is dropped: a duplicate stops the build. `diagnose` reports certain duplicates
only, which takes little time; `similar` looks for cards that are probably duplicates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deckwright.cards.duplicates import relations, repeated
from deckwright.cards.duplicates.signature import Signature
from deckwright.core.card import Card, MetadataLine
from deckwright.core.diagnostics import Diagnostic
from deckwright.project.project import Project


def diagnose(
    cards: Sequence[Card],
    signatures: Sequence[Signature],
    ids: Iterable[MetadataLine],
    project: Project,
) -> tuple[Diagnostic, ...]:
    """Return diagnostics for cards that repeat an earlier one, or name another one wrongly.

    `signatures` are those of `cards`, in the same order. `ids` are those of all cards,
    also of cards with errors.
    """
    return (
        *relations.diagnose(cards, [field for field in ids if field.value], project),
        *repeated.diagnose(
            (card, signature)
            for card, signature in zip(cards, signatures, strict=True)
            if not relations.is_left_out(card, project)
        ),
    )
