"""find: the cards that have all of some words, the most likely first.

Words are looked up in text, id, path, and tags. Cards with errors are found, too.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from deckwright import markdown
from deckwright.cards.discover import discover
from deckwright.cards.parse import parse
from deckwright.cards.validate import home
from deckwright.cli import completers, options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.options import complete
from deckwright.core.blocks import Block
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.report import printable
from deckwright.core.source import Source
from deckwright.core.wording import count
from deckwright.project import project
from deckwright.project.project import Project

LONG = 160  # characters of a question that are shown

# The weight of a word by where it is: the id; the names of topic, kind, service, and so
# on; the prompt; the rest.
_ID, _TAG, _PROMPT, _REST = 8, 4, 3, 1

_LETTERS = re.compile(r"[^\W_]+")


@click.command(cls=Command)
@click.argument("words", nargs=-1, required=True, shell_complete=complete(completers.words))
@options.limit(100_000, 20, "cards")
@pass_session
def command(session: Session, words: tuple[str, ...], limit: int) -> None:
    """Search the cards.

    Finds the cards that contain all WORDS in their text, ID, path, or tags (topic, kind,
    service, …). To search for a tag, write it like kind::quota. To search for an exact
    phrase, put it in quotation marks. The best matches come first. Exits with 1 if no card is
    found.

    \b
    ./build.py find lexicon                             find a word
    ./build.py find kind::quota "per second" requests   combine a tag, a phrase, and a word
    """
    session.require_project()
    search = find(session.root, words, session.overlay)
    session.report(search.diagnostics)
    for hit in search.hits[:limit]:
        session.place(hit.card.span.path, hit.card.span.line, hit.card.id.value)
        prompt = hit.prompt if len(hit.prompt) <= LONG else hit.prompt[: LONG - 1] + "…"
        session.write(f"    {printable(prompt)}\n")
    number = len(search.hits)
    shown = f"; only the first {limit:,} are shown (to see more, use --limit)" * (number > limit)
    session.say(count(number, "card") + shown)
    sys.exit(0 if search.hits else 1)


@dataclass(frozen=True, slots=True)
class Hit:
    """A card that has every word, with its score (more is better).

    `prompt` is its first section as plain text.
    """

    card: RawCard
    prompt: str
    score: int


@dataclass(frozen=True, slots=True)
class Search:
    """What was found, best first, and what is wrong if the project cannot be read."""

    hits: tuple[Hit, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


def find(folder: Path, words: Iterable[str], overlay: Path | None = None) -> Search:
    """Search the cards of the project in `folder`.

    Case makes no difference, and a word may be a part of a longer one.
    """
    wanted = tuple(dict.fromkeys(word.casefold() for word in words if word.strip()))
    loaded = project.load(folder, overlay)
    if not loaded.values or not wanted:
        return Search((), loaded.diagnostics)
    hits = []
    for source in discover(loaded.values[0]).values[0].sources:
        around = _around(source, loaded.values[0])
        # A file is parsed only if it has the letters of every word. Other characters
        # may differ: `kind::quota` is written `kind: quota`.
        whole = f"{around} {source.text.casefold()}"
        if all(run in whole for word in wanted for run in _LETTERS.findall(word)):
            hits += [hit for raw in parse(source).values if (hit := _hit(raw, around, wanted))]
    hits.sort(key=lambda hit: (-hit.score, hit.card.span.path, hit.card.span.start))
    return Search(tuple(hits))


def _around(source: Source, known: Project) -> str:
    """What a card has from its file: the path, and the names of task and service."""
    where, _ = home(source, known.vocabulary)
    names = f" task::{where[0].slug} service::{where[1].slug} {where[1].title}" if where else ""
    return (source.path + names).casefold()


def _hit(raw: RawCard, around: str, wanted: tuple[str, ...]) -> Hit | None:
    """The card with its score, or None if one of the words is missing."""
    tags = " ".join([around, *(f"{f.name}::{f.value}" for f in raw.metadata)]).casefold()
    prompt = _plain(block for section in raw.sections[:1] for block in section.blocks)
    rest = _plain(block for section in raw.sections[1:] for block in section.blocks)
    places = (
        (raw.id.value, _ID),
        (tags, _TAG),
        (prompt.casefold(), _PROMPT),
        (rest.casefold(), _REST),
        (raw.span.text.casefold(), _REST),
    )
    scores = [sum(weight for text, weight in places if word in text) for word in wanted]
    return Hit(raw, prompt, sum(scores)) if all(scores) else None


def _plain(blocks: Iterable[Block]) -> str:
    return markdown.plain(block for top in blocks for block in top.walk())
