from __future__ import annotations

from collections.abc import Iterable

from deckwright.core.note import Artifact
from deckwright.core.report import _count
from deckwright.output.stamping import Changes


def built(
    packages: Iterable[Artifact], notes: int, news: Changes, folder: str, seconds: float
) -> str:
    """What a build wrote, and whether it is a draft."""
    packages = tuple(packages)
    size = sum(len(p.data) for p in packages)
    largest = max((p for p in packages), key=lambda p: p.cards, default=None)
    cards = f" ({_count(largest.cards, 'card')} in Anki)" if largest else ""
    return (
        f"{folder}/: {_count(len(packages), 'package')} of {_count(notes, 'note')}{cards}, {size / 1e6:.1f} MB, in {seconds:.1f} s\n"
        f"{draft(news)}"
    )


def draft(news: Changes) -> str:
    """One line: what of a build no release holds."""
    if not news:
        return "Everything in it is as released."
    parts = [
        *(
            f"{len(ids):,} {word}"
            for ids, word in (
                (news.added, "new"),
                (news.changed, "changed"),
                (news.retired, "to be retired"),
            )
            if ids
        ),
        *([_count(len(news.gaps), "gap") + " to be retired"] if news.gaps else []),
        *([_count(len(news.tombstones), "tombstone")] if news.tombstones else []),
        *([_count(len(news.types), "note type")] if news.types else []),
    ]
    return f"This is a draft ({', '.join(parts)}; see DRAFT.md). Import it with Update notes and Update note types set to Always."
