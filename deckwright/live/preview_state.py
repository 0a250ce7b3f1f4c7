"""What `preview --watch` shows after each look at the project: the site of the cards as they are, and of broken ones what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from deckwright import pipeline
from deckwright.cards.ids import ID
from deckwright.core import report
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import ERROR, Diagnostic, has_errors
from deckwright.core.note import Note
from deckwright.live.watch import Look
from deckwright.output.site import Edition, broken_page, card_path, pages
from deckwright.pipeline import Checked, edition


@dataclass(frozen=True)
class Shown:
    """What the server shows after one look. `broken` is what is wrong with a card by the path of its page, `kept` the last good
    note of cards that have none now, `edited` the pages of the cards that the last save changed, in the order of the files.
    `checked` is None while decks/ or schema/ cannot be read; `shown` is then what was there before."""

    version: str
    checked: Checked | None
    shown: Edition | None
    diagnostics: tuple[Diagnostic, ...]
    broken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, Note] = field(default_factory=dict)
    edited: tuple[str, ...] = ()

    @cached_property
    def whole(self) -> Edition | None:
        """The edition with its packages, which take a moment to make; without them while the deck has errors."""
        if self.checked is None or self.shown is None or has_errors(self.diagnostics):
            return self.shown
        packages = tuple(
            a for a in pipeline.build(self.checked).artifacts if a.path.endswith(".apkg")
        )
        return replace(self.shown, packages=packages)

    def body(self, path: str) -> bytes | None:
        """The file at `path`; None where there is none."""
        if self.shown is None:
            return _nothing_yet(self.diagnostics) if path.endswith(".html") else None
        if path in self.broken:
            return broken_page(
                path, self.ids[path], self.broken[path], self.kept.get(path), self.shown
            )
        full = path == "index.html" or path.startswith("packages/")
        found = pages(self.whole if full and self.whole else self.shown).get(path)
        return found() if found else None

    def message(self) -> str:
        """What a page is told, in JSON."""
        errors = sum(d.severity == ERROR for d in self.diagnostics)
        told = {
            "version": self.version,
            "edited": self.edited,
            "errors": errors,
            "found": report.found(self.diagnostics),
            "text": report.text(self.diagnostics),
        }
        return json.dumps(told)


def next_shown(
    before: Shown, look: Look, earlier: Mapping[tuple[str, str], RawCard], version: str, today: date
) -> Shown:
    """What is shown after `look`; `earlier` are the cards as they were written before it."""
    diagnostics = look.outcome.diagnostics
    if not look.outcome.values:
        return replace(before, version=version, checked=None, diagnostics=diagnostics, edited=())
    checked = look.outcome.values[0]
    project = checked.project
    shown = edition(checked, pipeline.rendered(checked), (), today)
    good = dict(before.kept)  # the last good state of each card
    if before.shown:
        good |= {
            path: before.shown.notes[number]
            for path, number in before.shown.places.items()
            if path not in before.broken
        }
    about: dict[str, list[Diagnostic]] = {}
    for d in diagnostics:
        about.setdefault(d.span.path, []).append(d)
    broken: dict[str, tuple[str, ...]] = {}
    ids: dict[str, str] = {}
    edited = []
    for raw in look.raws:
        if not ID.fullmatch(raw.id.value):
            continue  # no page has such a name
        key = (raw.span.source.namespace, raw.id.value)
        path = card_path(*key, project)
        known = earlier.get(key)
        if (
            earlier
            and raw.span.path in look.saved
            and (known is None or known.span.text != raw.span.text)
        ):
            edited.append(path)
        wrong = _wrong_with(raw, about.get(raw.span.path, []))
        if wrong or path not in shown.places:
            broken[path], ids[path] = wrong or _said(about.get(raw.span.path, [])), raw.id.value
    for path, note in good.items():
        if (
            path not in shown.places
            and path not in broken
            and (wrong := _said(about.get(note.card.span.path, [])))
        ):
            broken[path], ids[path] = wrong, note.id  # its heading cannot be read any more
    return Shown(
        version,
        checked,
        shown,
        diagnostics,
        broken,
        ids,
        {path: good[path] for path in broken if path in good},
        tuple(edited),
    )


def _wrong_with(raw: RawCard, diagnostics: list[Diagnostic]) -> tuple[str, ...]:
    """What is wrong with one card, in words: its errors, and the warnings beside them, out of the complaints about its file.
    Nothing where there are only warnings."""
    about = [d for d in diagnostics if raw.span.start <= d.span.start <= raw.span.end]
    return _said(about) if has_errors(about) else ()


def _said(diagnostics: list[Diagnostic]) -> tuple[str, ...]:
    return tuple(report.text([d]).rstrip() for d in diagnostics)


def _nothing_yet(diagnostics: tuple[Diagnostic, ...]) -> bytes:
    """The page of a project that could never be read since the server began; the script of every page says what is wrong."""
    words = "This project cannot be shown yet." if diagnostics else "One moment."
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{words}</title><body><p>{words}</p></body></html>'.encode()
