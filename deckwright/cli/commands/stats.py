"""`stats`: the deck in numbers, as text and JSON. Cards with errors are counted as written and nowhere else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from statistics import median

from deckwright import markdown
from deckwright.core.blocks import Block
from deckwright.core.card import TYPES, Card, Cloze, MultipleChoice
from deckwright.facts.report import reported
from deckwright.pipeline import Checked


@dataclass(frozen=True, slots=True)
class Words:
    """Words on one side of the cards: the median and the most."""

    median: float
    most: int
    card: str


@dataclass(frozen=True, slots=True)
class Stats:
    """`written` counts headings, `cards` those without errors, `sides` what Anki makes of them (each gap number is one). `oldest` is
    the earliest check with the ids of its cards, or empty. `facts` are the
    values that cards state."""

    written: int
    cards: int
    sides: int
    task: dict[str, int]
    service: dict[str, int]
    type: dict[str, int]
    kind: dict[str, int]
    status: dict[str, int]
    facts: int
    checked_by_machine: int
    front: Words
    back: Words
    undated: int
    oldest: str
    oldest_cards: tuple[str, ...]


def stats(checked: Checked) -> Stats:
    cards, vocabulary = checked.cards, checked.project.vocabulary
    facts = reported(cards, checked.project)
    dates = [card.checked for card in cards if card.checked]
    oldest = min(dates, key=lambda date: date.ljust(10, "-"), default="")
    return Stats(
        written=checked.written,
        cards=len(cards),
        sides=sum(
            len({gap.number for gap in c.content.gaps}) if isinstance(c.content, Cloze) else 1
            for c in cards
        ),
        task=_counts((c.task for c in cards), vocabulary.tasks),
        service=_counts((c.service for c in cards), vocabulary.services),
        type=_counts((c.type for c in cards), TYPES),
        kind=_counts((c.kind for c in cards), vocabulary.kinds),
        status=_counts((c.status for c in cards), vocabulary.statuses),
        facts=len(facts),
        checked_by_machine=sum(1 for fact in facts if fact.said),
        front=_words({c.id: _count(_front(c), "…") for c in cards}),
        back=_words({c.id: _count(_back(c)) for c in cards}),
        undated=len(cards) - len(dates),
        oldest=oldest,
        oldest_cards=tuple(c.id for c in cards if oldest and c.checked == oldest),
    )


def as_json(found: Stats) -> str:
    return json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n"


def as_text(found: Stats) -> str:
    broken = (
        f", {found.written - found.cards:,} of them with errors"
        if found.written > found.cards
        else ""
    )
    out = [f"{found.written:,} cards written{broken}; {found.sides:,} cards in Anki"]
    for name in ("task", "service", "type", "kind", "status"):
        counts = getattr(found, name)
        if counts:
            width = max(len(slug) for slug in counts)
            out += [
                "",
                name,
                *(f"  {slug:<{width}}  {count:>6,}" for slug, count in counts.items()),
            ]
    out += [
        "",
        f"facts: {found.facts:,}, held against published data by a machine: {found.checked_by_machine:,}",
    ]
    for side, words in (("front", found.front), ("back", found.back)):
        out.append(
            f"words on the {side}: {words.median:g} in the middle, {words.most:,} at most"
            + (f" ({words.card})" if words.card else "")
        )
    if found.oldest:
        more = f" and {len(found.oldest_cards) - 1:,} more" if len(found.oldest_cards) > 1 else ""
        out.append(f"oldest check: {found.oldest} ({found.oldest_cards[0]}{more})")
    out.append(f"without a check date: {found.undated:,}")
    return "\n".join(out) + "\n"


def _counts(values: Iterable[str], order: Iterable[str]) -> dict[str, int]:
    found = Counter(values)
    return {slug: found[slug] for slug in order if found[slug]}


def _front(card: Card) -> tuple[Block, ...]:
    options = (
        tuple(option.text for option in card.content.options)
        if isinstance(card.content, MultipleChoice)
        else ()
    )
    return (*card.prompt.blocks, *options)


def _back(card: Card) -> tuple[Block, ...]:
    """What the back adds: the answer, the reasons, the explanation. Of a fact the sentence with its gaps filled comes again."""
    if isinstance(card.content, Cloze):
        return card.blocks
    front = {id(block) for block in _front(card)}
    return tuple(block for block in card.blocks if id(block) not in front)


def _count(blocks: tuple[Block, ...], blank: str | None = None) -> int:
    return len(markdown.plain((inner for block in blocks for inner in block.walk()), blank).split())


def _words(counts: dict[str, int]) -> Words:
    most = max(counts, key=lambda name: counts[name], default="")
    return Words(median(counts.values()) if counts else 0, counts.get(most, 0), most)
