"""What an import did, in words: files, what was changed or left out, what was not written."""

from __future__ import annotations

from collections import Counter, defaultdict

from deckwright.core.report import printable
from deckwright.core.wording import count, shortened
from deckwright.exchange.importer.plan import ImportPlan

_REPEATED = (
    "repetitions are written: `./build.py check` reports them as U503 and U509, "
    "and `./build.py check --similar` reports similar cards"
)


def lines(plan: ImportPlan, most: int = 3) -> list[str]:
    """The plan as lines; at most so many ids of cards that lose the same thing."""
    numbers = Counter(plan.paths.values())
    out = [f"{path}: {count(number, 'card')}" for path, number in numbers.items()]
    by_remark: dict[str, list[str]] = defaultdict(list)
    for card in plan.cards:
        for remark in card.remarks:
            by_remark[remark].append(card.id)
    for remark, ids in by_remark.items():
        out.append(f"on {count(len(ids), 'card')}: {remark}")
        out.append(f"  {', '.join(ids[:most])}{' …' * (len(ids) > most)}")
    for loss in plan.losses:
        out.append(f"not written: {loss.place}: {shortened(loss.subject, 70)}")
        out.append(f"  {loss.reason}")
    return [*out, *plan.remarks, *([_REPEATED] if plan.cards else [])]


def text(plan: ImportPlan) -> str:
    """The plan as a file, with the ids of all cards."""
    return "\n".join(map(printable, [*lines(plan, len(plan.cards)), summary(plan, False)])) + "\n"


def summary(plan: ImportPlan, dry: bool) -> str:
    """The closing line: a count that adds up. `dry` says that nothing was written."""
    parts = [f"{len(plan.cards):,} {'would be written' if dry else 'written'}"]
    if plan.same:
        parts.append(f"{len(plan.same):,} already in the project")
    if plan.losses:
        parts.append(f"{len(plan.losses):,} not written")
    return f"{count(plan.number, 'card')} in the file: {', '.join(parts)}"
