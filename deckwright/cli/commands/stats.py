"""stats: statistics about the deck.

Cards with errors are counted as written and nowhere else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from statistics import median

import click

from deckwright import markdown
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.blocks import Block
from deckwright.core.card import TYPES, Card, Cloze, MultipleChoice
from deckwright.facts.report import confirmations, reported
from deckwright.pipeline import Checked


@click.command(cls=Command)
@options.text_or_json("Print text for people or JSON for programs. Default: text.")
@pass_session
def command(session: Session, form: str) -> None:
    """Show statistics about the deck.

    Counts cards by task, service, type, kind, level, and status. Also shows how many facts
    are confirmed by published data, how many words are on each side of a card (median and
    maximum), and which cards have gone unchecked the longest.

    \b
    ./build.py stats                  print the statistics
    ./build.py stats --format json    print the same numbers as JSON
    """
    found = stats(session.readable())
    session.write(_as_json(found) if form == "json" else _as_text(found))


@dataclass(frozen=True, slots=True)
class Words:
    """Words on one side of the cards: the median, and the card with the most."""

    median: float
    most: int
    card: str


@dataclass(frozen=True, slots=True)
class Stats:
    """The numbers of a deck.

    `written` counts headings, `cards` those without errors, `sides` the cards in Anki
    (one for each gap number). `facts` are the values that cards state. `oldest` is the
    earliest date of a check, or empty, with the ids of its cards.
    """

    written: int
    cards: int
    sides: int
    task: dict[str, int]
    service: dict[str, int]
    type: dict[str, int]
    kind: dict[str, int]
    level: dict[str, int]
    status: dict[str, int]
    facts: int
    checked_by_machine: int
    confirmed_by_page: int
    front: Words
    back: Words
    undated: int
    oldest: str
    oldest_cards: tuple[str, ...]


def stats(checked: Checked) -> Stats:
    """Count a project's cards without errors."""
    cards, vocabulary = checked.cards, checked.project.vocabulary
    facts = reported(cards, checked.project)
    confirmed = confirmations(facts)
    dated = [card for card in cards if card.checked]
    oldest = min((c.checked for c in dated), key=lambda date: date.ljust(10, "-"), default="")
    return Stats(
        written=checked.written,
        cards=len(cards),
        sides=sum(map(_sides, cards)),
        task=_counts((card.task for card in cards), vocabulary.tasks),
        service=_counts((card.service for card in cards), vocabulary.services),
        type=_counts((card.type for card in cards), TYPES),
        kind=_counts((card.kind for card in cards), vocabulary.kinds),
        level=_counts((card.level for card in cards), vocabulary.levels),
        status=_counts((card.status for card in cards), vocabulary.statuses),
        facts=len(facts),
        checked_by_machine=confirmed.by_data,
        confirmed_by_page=confirmed.by_page,
        front=_words({card.id: _word_count(_front(card), "…") for card in cards}),
        back=_words({card.id: _word_count(_back(card)) for card in cards}),
        undated=len(cards) - len(dated),
        oldest=oldest,
        oldest_cards=tuple(card.id for card in dated if card.checked == oldest),
    )


def _as_json(found: Stats) -> str:
    return json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n"


def _as_text(found: Stats) -> str:
    broken = found.written - found.cards
    errors = f", {broken:,} of them with errors" if broken > 0 else ""
    out = [f"{found.written:,} cards written{errors}; {found.sides:,} cards in Anki"]
    for name in ("task", "service", "type", "kind", "level", "status"):
        out += _table(name, getattr(found, name))
    by_data = f"confirmed by data: {found.checked_by_machine:,}"
    by_page = f"confirmed by a page: {found.confirmed_by_page:,}"
    out += ["", f"facts: {found.facts:,}, {by_data}, {by_page}"]
    for side, words in (("front", found.front), ("back", found.back)):
        card = f" ({words.card})" if words.card else ""
        counted = f"median {words.median:g}, maximum {words.most:,}"
        out.append(f"words on the {side}: {counted}{card}")
    if found.oldest:
        others = len(found.oldest_cards) - 1
        more = f" and {others:,} more" if others else ""
        out.append(f"oldest check: {found.oldest} ({found.oldest_cards[0]}{more})")
    out.append(f"without a check date: {found.undated:,}")
    return "\n".join(out) + "\n"


def _table(name: str, counts: Mapping[str, int]) -> list[str]:
    width = max(map(len, counts), default=0)
    rows = [f"  {slug:<{width}}  {number:>6,}" for slug, number in counts.items()]
    return ["", name, *rows] if rows else []


def _counts(values: Iterable[str], order: Iterable[str]) -> dict[str, int]:
    found = Counter(values)
    return {slug: found[slug] for slug in order if found[slug]}


def _sides(card: Card) -> int:
    """How many cards Anki makes of one."""
    if isinstance(card.content, Cloze):
        return len({gap.number for gap in card.content.gaps})
    return 1


def _front(card: Card) -> tuple[Block, ...]:
    if isinstance(card.content, MultipleChoice):
        return (*card.prompt.blocks, *(option.text for option in card.content.options))
    return card.prompt.blocks


def _back(card: Card) -> tuple[Block, ...]:
    """What the back adds: the answer, the reasons, the explanation.

    The back of a cloze card shows the whole sentence again, with its gaps filled.
    """
    if isinstance(card.content, Cloze):
        return card.blocks
    front = {id(block) for block in _front(card)}
    return tuple(block for block in card.blocks if id(block) not in front)


def _word_count(blocks: tuple[Block, ...], blank: str | None = None) -> int:
    return len(markdown.plain((inner for block in blocks for inner in block.walk()), blank).split())


def _words(counts: Mapping[str, int]) -> Words:
    most = max(counts, key=lambda name: counts[name], default="")
    return Words(median(counts.values()) if counts else 0, counts.get(most, 0), most)
