"""What an import did, in words: files, what was changed or left out, what was not written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from deckwright.core.report import printable
from deckwright.core.wording import count, listed, shortened
from deckwright.exchange.importer.drafts import Draft

_REPEATED = (
    "repetitions are written, and `./build.py check` reports them as U503 and U509, "
    "unless `off` lists these codes"
)


def lines(drafts: Sequence[Draft], remarks: Iterable[str], most: int = 3) -> list[str]:
    """What becomes of cards; at most so many ids of cards that lose the same thing."""
    numbers = Counter(draft.path for draft in drafts if draft.path)
    out = [f"{path}: {count(number, 'card')}" for path, number in numbers.items()]
    by_remark: dict[str, list[str]] = defaultdict(list)
    for draft in drafts:
        for remark in draft.remarks if draft.path else ():
            by_remark[remark].append(draft.id)
    for remark, ids in by_remark.items():
        out += [f"on {count(len(ids), 'card')}: {remark}", f"  {listed(ids, most)}"]
    for draft in drafts:
        if draft.reason:
            subject = shortened(draft.subject, 70)
            out += [f"not written: {draft.place}: {subject}", f"  {draft.reason}"]
    return [*map(printable, [*out, *remarks]), *([_REPEATED] if numbers else [])]


def summary(drafts: Sequence[Draft], dry: bool) -> str:
    """The closing line: a count that adds up. `dry` says that nothing was written."""
    written = sum(bool(draft.path) for draft in drafts)
    same = sum(draft.exists for draft in drafts)
    parts = [f"{written:,} {'would be written' if dry else 'written'}"]
    if same:
        parts.append(f"{same:,} already in the project")
    if lost := len(drafts) - written - same:
        parts.append(f"{lost:,} not written")
    return f"{count(len(drafts), 'card')} in the file: {', '.join(parts)}"
