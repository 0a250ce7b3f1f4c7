"""A page for each card: its sides as Anki shows them, its sources, and its releases."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from html import escape
from typing import Any
from urllib.parse import quote

from deckwright.core.card import Card, Cloze
from deckwright.core.note import Note
from deckwright.facts.evidence import PAGE
from deckwright.facts.verify import verify
from deckwright.markdown import plain
from deckwright.output.site.card_sides import handlers
from deckwright.output.site.edition import Edition, day, page
from deckwright.output.site.frames import faces
from deckwright.output.site.templating import trusted
from deckwright.project.evidence_record import EvidenceRow
from deckwright.project.retirements import RetiredCard
from deckwright.project.words import SiteWords


def card_page(path: str, note: Note, edition: Edition) -> bytes:
    """Return the page of a card."""
    return page(path, "card.html", edition, **_values(path, note, edition))


def broken_page(
    path: str, card_id: str, diagnostics: Iterable[str], note: Note | None, edition: Edition
) -> bytes:
    """Return the page of a card with errors, and how it looked before (`note`)."""
    before = _values(path, note, edition) if note else {"faces": ()}
    return page(
        path, "broken.html", edition, **{**before, "id": card_id, "diagnostics": tuple(diagnostics)}
    )


def retired_page(path: str, namespace: str, entry: RetiredCard, edition: Edition) -> bytes:
    """Return the page of a retired card: the reason, and what replaces the card."""
    row = edition.project.row(namespace, entry.id)
    return page(
        path,
        "retired.html",
        edition,
        id=entry.id,
        version="" if row is None or row.live else row.state,
        reason=entry.reason,
        successors=tuple(_other(name, namespace, edition, path) for name in entry.successors),
        deck_then=row.deck if row else "",
    )


def title(card: Card) -> str:
    """Return what a card asks, in one line of plain text."""
    spoken = [
        block
        for block in card.prompt.blocks
        if block.kind not in ("code", "indented", "table", "math")
    ]
    text = plain(
        spoken or card.prompt.blocks, blank="[…]" if isinstance(card.content, Cloze) else None
    )
    return text if len(text) <= 160 else text[:150].rsplit(" ", 1)[0] + " …"


def _values(path: str, note: Note, edition: Edition) -> dict[str, Any]:
    card, project, vocabulary = note.card, edition.project, edition.project.vocabulary
    titles = vocabulary.exam_titles["task"]
    up = "../" * path.count("/")
    place = edition.places.get(path)
    return {
        "id": note.id,
        "title": title(card),
        "card": card,
        "note": note,
        "sources": tuple((source, _breakable(source)) for source in card.sources),
        "faces": faces(note, edition, up),
        "handlers": handlers(note, project.notetypes[note.type]),
        "kind": vocabulary.kinds[card.kind],
        "level": None if card.level == vocabulary.default_level else vocabulary.levels[card.level],
        "status": vocabulary.statuses[card.status],
        "usual": card.status == vocabulary.default_status,
        "part": vocabulary.parts[card.part],
        "topic": vocabulary.topics[card.topic],
        "services": tuple(vocabulary.services[slug] for slug in card.services),
        "exams": [(task, titles[task]) for task in card.exams if task in titles],
        "compare": tuple(
            _other(other.value, card.namespace, edition, path) for other in card.compare
        ),
        "evidence": _evidence(card, edition),
        "history": _history(note, edition),
        "packages": edition.files.get(note.guid, ()),
        "offered": {artifact.path for artifact in edition.packages},
        "edit": edit_address(card, edition),
        "before": _neighbor(edition, place, -1, path),
        "after": _neighbor(edition, place, +1, path),
        "number_of": None if place is None else place + 1,
        "of": len(edition.notes),
    }


def _breakable(address: str) -> str:
    """Return an address as HTML that can be broken after slashes."""
    return trusted(escape(address).replace("/", "/<wbr>"))


def edit_address(card: Card, edition: Edition) -> str:
    """Return the address where a card can be edited; empty if there is none."""
    return edition.project.edit.replace("{path}", quote(card.span.path)).replace(
        "{line}", str(card.span.line)
    )


def _other(card_id: str, namespace: str, edition: Edition, path: str) -> tuple[str, str]:
    """Return the id of a card and the relative address of its page, if it has one.

    Of two cards with the id, the one in the same namespace is meant.
    """
    names = (namespace, *edition.project.namespaces)
    target = next(
        (edition.paths[name, card_id] for name in names if (name, card_id) in edition.paths), None
    )
    return card_id, _relative(target, path) if target else ""


def _evidence(card: Card, edition: Edition) -> tuple[tuple[str, str], ...]:
    """Return each line of evidence, and what the data or page said when last checked."""
    confirmed = [fact for fact in verify([card], edition.project) if fact.confirmed]
    rows = [result.row for fact in confirmed for result in fact.results]
    unknown = edition.project.words.say("no-record")
    words = {row.evidence: _said(row, edition.project.words) for row in rows}
    return tuple((given.value, words.get(given.value, unknown)) for given in card.evidence)


def _said(row: EvidenceRow, words: SiteWords) -> str:
    values = {"version": row.version, "said": row.said, "stated": row.stated}
    if row.package == PAGE:
        return words.say("by-page", **values)
    return words.say("by-data", data=row.package, **values)


def _neighbor(edition: Edition, place: int | None, step: int, path: str) -> str:
    """Return the relative address of the previous or next page; empty at the ends."""
    if place is None or not 0 <= place + step < len(edition.notes):
        return ""
    other = edition.notes[place + step]
    return _relative(edition.paths[other.card.namespace, other.id], path)


def _relative(target: str, path: str) -> str:
    """Return the address of a page from the page at `path`."""
    folder, name = posixpath.split(target)
    here = posixpath.dirname(path)
    return name if folder == here else posixpath.relpath(target, here)


def _history(note: Note, edition: Edition) -> tuple[str, ...]:
    """Return what releases did to the card, from the ledger, the newest last."""
    ledger, say = edition.project.ledger(note.card.namespace), edition.project.words.say
    row, releases = ledger.cards.get(note.id), ledger.releases
    if row is None:
        return (say("not-released"),)
    first = releases.get(row.first)
    if first is None:
        out = [say("first-release", version=row.first)]
    else:
        out = [say("first-release-on", version=row.first, day=day(first.mod))]
    if first is None or row.mod > first.mod:
        last = next((r.version for r in releases.values() if r.mod == row.mod), "")
        word = "last-change-in" if last else "last-change"
        out.append(say(word, version=last, day=day(row.mod)))
    else:
        out.append(say("unchanged"))
    if note.draft:
        out.append(say("unreleased"))
    return tuple(out)
