"""What `preview --watch` shows after each check of the project.

The site of the cards as they are, with a page of its problems for each broken card.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath

from deckwright import pipeline
from deckwright.cards.ids import ID
from deckwright.core import report
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import ERROR, Diagnostic, has_errors
from deckwright.core.note import Note
from deckwright.live.watch import WatchResult
from deckwright.output.site import Edition, broken_page, card_path, pages
from deckwright.pipeline import Checked


@dataclass(frozen=True)
class PreviewState:
    """What the server shows after one check.

    Cards go by the path of their page: `broken` has the problems of broken cards,
    `last_good` the last note without errors of every card, `texts` the cards as they were
    written. `edited` are the cards that the last save changed. `checked` is None while
    decks/ or schema/ cannot be read; `edition` is then the one from before. `version`
    differs between any two states.
    """

    version: str = ""
    checked: Checked | None = None
    edition: Edition | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    broken: Mapping[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    last_good: Mapping[str, Note] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    edited: tuple[str, ...] = ()

    @cached_property
    def edition_with_packages(self) -> Edition | None:
        """The edition with its packages, which take a moment to build.

        Without them while the project has errors.
        """
        if self.checked is None or self.edition is None or has_errors(self.diagnostics):
            return self.edition
        artifacts = pipeline.build(self.checked).artifacts
        packages = tuple(a for a in artifacts if a.path.endswith(".apkg"))
        return replace(self.edition, packages=packages)

    def body(self, path: str) -> bytes | None:
        """Return the file at `path`; None if there is none."""
        edition = self.edition
        if edition is None:
            return _nothing_yet(self.diagnostics) if path.endswith(".html") else None
        if path in self.broken:
            problems = [report.text([d]).rstrip() for d in self.broken[path]]
            note = self.last_good.get(path)
            return broken_page(path, PurePosixPath(path).stem, problems, note, edition)
        if path == "index.html" or path.startswith("packages/"):
            edition = self.edition_with_packages or edition
        make = pages(edition).get(path)
        return make() if make else None

    def message(self) -> str:
        """Return what a page needs to know of the state, as JSON."""
        return json.dumps(
            {
                "version": self.version,
                "edited": self.edited,
                "errors": sum(d.severity == ERROR for d in self.diagnostics),
                "found": report.problems(self.diagnostics),
                "text": report.text(self.diagnostics),
            }
        )


def next_state(
    before: PreviewState, result: WatchResult, version: str, today: date
) -> PreviewState:
    """Return the state after a check. Ages are counted from `today`."""
    diagnostics = result.outcome.diagnostics
    if result.outcome.value is None:
        return replace(before, version=version, checked=None, diagnostics=diagnostics, edited=())
    checked = result.outcome.value
    edition = pipeline.edition(checked, pipeline.notes_of(checked), (), today)
    cards = {
        card_path(raw.span.source.namespace, raw.id.value, checked.project): raw
        for raw in result.raw_cards
        if ID.fullmatch(raw.id.value)  # a malformed id gives no path
    }
    texts = {path: raw.span.text for path, raw in cards.items()}
    saved = [path for path, raw in cards.items() if raw.span.path in result.saved]
    broken = _broken(cards, before.last_good, diagnostics, edition)
    places = edition.places.items()
    good = {path: edition.notes[number] for path, number in places if path not in broken}
    return PreviewState(
        version,
        checked,
        edition,
        diagnostics,
        broken,
        {**before.last_good, **good},
        texts,
        tuple(path for path in saved if before.texts.get(path) != texts[path]),
    )


def _broken(
    cards: Mapping[str, RawCard],
    last_good: Mapping[str, Note],
    diagnostics: tuple[Diagnostic, ...],
    edition: Edition,
) -> dict[str, tuple[Diagnostic, ...]]:
    """Return the problems of the cards that have errors or no note.

    If no error is about the card alone, they are all problems of its file.
    """
    by_file: dict[str, list[Diagnostic]] = {}
    for d in diagnostics:
        by_file.setdefault(d.span.path, []).append(d)
    broken = {}
    for path, raw in cards.items():
        in_file = by_file.get(raw.span.path, [])
        own = [d for d in in_file if raw.span.start <= d.span.start <= raw.span.end]
        if has_errors(own) or path not in edition.places:
            broken[path] = tuple(own if has_errors(own) else in_file)
    for path, note in last_good.items():  # cards whose heading cannot be read any more
        in_file = by_file.get(note.card.span.path, [])
        if in_file and path not in edition.places and path not in cards:
            broken[path] = tuple(in_file)
    return broken


def _nothing_yet(diagnostics: tuple[Diagnostic, ...]) -> bytes:
    """Return the page of a project that could not be read since the server began.

    The script on every page shows what is wrong.
    """
    text = "This project can't be shown yet." if diagnostics else "The cards are being read."
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{text}</title>'
    return f"{head}<body><p>{text}</p></body></html>".encode()
