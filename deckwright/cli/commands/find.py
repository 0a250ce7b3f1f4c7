"""find: the cards that have all of some words, the most likely first.

Words are looked up in text, id, path, and tags. Cards with errors are found, too.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

import click

from deckwright import markdown
from deckwright.cards.discover import discover
from deckwright.cards.parse import parse
from deckwright.cards.validate import file_subject
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.card import RawCard, Section
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
@click.argument("words", nargs=-1, required=True, shell_complete=options.complete_card)
@options.limit(100_000, 20, "cards")
@pass_session
def command(session: Session, words: tuple[str, ...], limit: int) -> None:
    """Search the cards.

    Finds the cards that contain all WORDS in their text, ID, path, or tags. To search for a
    tag, write part::NAME, topic::NAME, kind::NAME, service::NAME, theme::NAME, exam::NAME,
    level::NAME, or status::NAME. To search for an exact phrase, put it in quotation marks. The
    best matches come first. Exits with 1 if no card is found.

    \b
    Find a word:
      ./build.py find lexicon
    Combine a tag, a phrase, and a word:
      ./build.py find kind::quota "per second" requests
    """
    session.require_project()
    loaded = project.load(session.root, session.overlay)
    session.report(loaded.diagnostics)
    wanted = tuple(dict.fromkeys(word.casefold() for word in words if word.strip()))
    hits: list[tuple[int, RawCard, str]] = []
    if loaded.value:
        for source in discover(loaded.value).value.sources:
            hits += _hits(loaded.value, source, wanted)
    hits.sort(key=lambda hit: -hit[0])
    for _, raw, prompt in hits[:limit]:
        session.place(raw.span.path, raw.span.line, raw.id.value)
        shown = prompt if len(prompt) <= LONG else prompt[: LONG - 1] + "…"
        session.write(f"    {printable(shown)}\n")
    more = f"; only the first {limit:,} are shown (to see more, use --limit)" * (len(hits) > limit)
    session.say(count(len(hits), "card") + more)
    sys.exit(0 if hits else 1)


def _hits(
    known: Project, source: Source, wanted: tuple[str, ...]
) -> Iterator[tuple[int, RawCard, str]]:
    """The cards of a file that have every word, each with its score and its prompt as text.

    A higher score is better. Case makes no difference, and a word may be a part of a longer one.
    """
    where, _ = file_subject(source, known.vocabulary)
    names = f"part::{where[0].slug} service::{where[1].slug} {where[1].title}" if where else ""
    around = f"{source.path} {names}".casefold()
    # A file is parsed only if it has the letters of every word. Other characters may differ:
    # `kind::quota` is written `kind: quota`.
    text = f"{around} {source.text.casefold()}"
    if not all(letters in text for word in wanted for letters in _LETTERS.findall(word)):
        return
    for raw in parse(source).value:
        prompt = _plain(raw.sections[:1])
        tags = " ".join([around, *(f"{field.name}::{field.value}" for field in raw.metadata)])
        places = (
            (_ID, raw.id.value),
            (_TAG, tags.casefold()),
            (_PROMPT, prompt.casefold()),
            (_REST, f"{_plain(raw.sections[1:])} {raw.span.text}".casefold()),
        )
        scores = [sum(weight for weight, text in places if word in text) for word in wanted]
        if all(scores):
            yield sum(scores), raw, prompt


def _plain(sections: Iterable[Section]) -> str:
    tops = [block for section in sections for block in section.blocks]
    return markdown.plain(block for top in tops for block in top.walk())
