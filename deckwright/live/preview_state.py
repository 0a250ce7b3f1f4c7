"""What `preview --watch` shows after each check of the project.

The site of the cards as they are, with a page of its problems for each broken card.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from deckwright import pipeline
from deckwright.cards.ids import ID
from deckwright.core import report
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import ERROR, Diagnostic, has_errors
from deckwright.core.note import Note
from deckwright.live.watch import WatchResult
from deckwright.output.site import Edition, broken_page, card_path, pages
from deckwright.pipeline import Checked
from deckwright.project.project import Project


@dataclass(frozen=True, slots=True)
class BrokenCard:
    """A card whose page shows its problems above the last note without errors."""

    id: str
    problems: tuple[str, ...]
    last_good: Note | None


@dataclass(frozen=True)
class PreviewState:
    """What the server shows after one check.

    `broken` has the broken cards by the path of their page, `edited` the pages of the
    cards that the last save changed, in the order of the files. `card_texts` are the
    cards as they were written, by namespace and id. `checked` is None while decks/ or
    schema/ cannot be read; `edition` is then the one from before. `version` differs
    between any two states.
    """

    version: str = ""
    checked: Checked | None = None
    edition: Edition | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    broken: Mapping[str, BrokenCard] = field(default_factory=dict)
    edited: tuple[str, ...] = ()
    card_texts: Mapping[tuple[str, str], str] = field(default_factory=dict)

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
        if card := self.broken.get(path):
            return broken_page(path, card.id, card.problems, card.last_good, edition)
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
                "found": report.found(self.diagnostics),
                "text": report.text(self.diagnostics),
            }
        )


def next_state(
    before: PreviewState, result: WatchResult, version: str, today: date
) -> PreviewState:
    """Return the state after a check. Ages are counted from `today`."""
    diagnostics = result.outcome.diagnostics
    if not result.outcome.values:
        return replace(before, version=version, checked=None, diagnostics=diagnostics, edited=())
    checked = result.outcome.values[0]
    edition = pipeline.edition(checked, pipeline.rendered(checked), (), today)
    return PreviewState(
        version,
        checked,
        edition,
        diagnostics,
        _broken_cards(before, result, edition),
        tuple(_edited_pages(before, result, checked.project)),
        {_key(raw): raw.span.text for raw in result.raw_cards},
    )


def _key(raw: RawCard) -> tuple[str, str]:
    return raw.span.source.namespace, raw.id.value


def _cards_with_page(result: WatchResult, project: Project) -> Iterator[tuple[str, RawCard]]:
    """Yield each card with the path of its page; a malformed id gives no path."""
    for raw in result.raw_cards:
        if ID.fullmatch(raw.id.value):
            yield card_path(*_key(raw), project), raw


def _edited_pages(before: PreviewState, result: WatchResult, project: Project) -> Iterator[str]:
    """Yield the pages of the cards in saved files whose text is new."""
    if before.card_texts:
        for path, raw in _cards_with_page(result, project):
            known = before.card_texts.get(_key(raw))
            if raw.span.path in result.saved and known != raw.span.text:
                yield path


def _broken_cards(
    before: PreviewState, result: WatchResult, edition: Edition
) -> dict[str, BrokenCard]:
    """Return the cards that have errors or no note, by the path of their page."""
    good = _last_good(before)
    by_file: dict[str, list[Diagnostic]] = {}
    for d in result.outcome.diagnostics:
        by_file.setdefault(d.span.path, []).append(d)
    broken: dict[str, BrokenCard] = {}
    for path, raw in _cards_with_page(result, edition.project):
        in_file = by_file.get(raw.span.path, [])
        problems = _problems_of(raw, in_file)
        if problems or path not in edition.places:
            problems = problems or _as_text(in_file)
            broken[path] = BrokenCard(raw.id.value, problems, good.get(path))
    for path, note in good.items():  # cards whose heading cannot be read any more
        problems = _as_text(by_file.get(note.card.span.path, []))
        if problems and path not in edition.places and path not in broken:
            broken[path] = BrokenCard(note.id, problems, note)
    return broken


def _last_good(state: PreviewState) -> dict[str, Note]:
    """Return the last note without errors of every card, by the path of its page."""
    good = {path: card.last_good for path, card in state.broken.items() if card.last_good}
    if state.edition is None:
        return good
    notes, places = state.edition.notes, state.edition.places
    sound = {path: notes[number] for path, number in places.items() if path not in state.broken}
    return good | sound


def _problems_of(raw: RawCard, diagnostics: list[Diagnostic]) -> tuple[str, ...]:
    """Return the errors and warnings of one card; empty if there are only warnings."""
    about = [d for d in diagnostics if raw.span.start <= d.span.start <= raw.span.end]
    return _as_text(about) if has_errors(about) else ()


def _as_text(diagnostics: list[Diagnostic]) -> tuple[str, ...]:
    return tuple(report.text([d]).rstrip() for d in diagnostics)


def _nothing_yet(diagnostics: tuple[Diagnostic, ...]) -> bytes:
    """Return the page of a project that could not be read since the server began.

    The script on every page shows what is wrong.
    """
    text = "This project cannot be shown yet." if diagnostics else "The cards are being read."
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{text}</title>'
    return f"{head}<body><p>{text}</p></body></html>".encode()
