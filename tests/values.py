"""Small values for the unit tests: cards, notes, note types, and a project without files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from deckwright import markdown
from deckwright.core.card import Card, Cloze, Section
from deckwright.core.identity import guid
from deckwright.core.note import Note
from deckwright.core.source import Source, Span
from deckwright.project.ledger import CardRow
from deckwright.project.notetypes import NoteField, NoteType, Template, fingerprinted
from deckwright.project.project import CardFolder, Project
from deckwright.project.schema import Schema
from deckwright.project.vocabulary import Vocabulary
from deckwright.project.words import SiteWords

EPOCH = 1_790_000_000
NOWHERE = Span(Source("cards/x.md", ""), 0, 0)


def card(card_id: str = "a", text: str = "A {{c1::gap}}.", **changes: Any) -> Card:
    """A cloze card of the namespace `mini`."""
    blocks = markdown.parse(Source("cards/x.md", text))
    gaps = tuple(mark for block in blocks for mark in block.marks if mark.kind == "gap")
    values: dict[str, Any] = {
        "id": card_id,
        "namespace": "mini",
        "kind": "quota",
        "level": "standard",
        "status": "current",
        "part": "reliability",
        "service": "s3",
        "also": (),
        "topic": "copies",
        "exams": (),
        "sources": ("https://example.com",),
        "checked": "2026-08-15",
        "content": Cloze(Section(blocks, NOWHERE), gaps, Section((), NOWHERE)),
        "span": NOWHERE,
        "id_span": NOWHERE,
    }
    return Card(**(values | changes))


def note(of: Card, **changes: Any) -> Note:
    """A draft that was never released, with the fields of `notetype()`."""
    values: dict[str, Any] = {
        "id": of.id,
        "guid": guid(of.namespace, of.id),
        "type": "cloze",
        "fields": (of.id, "A {{c1::gap}}.", "", ""),
        "tags": ("mini::part::reliability",),
        "deck": "Mini::1 Reliability::S3",
        "position": 1,
        "content_fingerprint": "f" * 64,
        "labels_fingerprint": "e" * 64,
        "mod": EPOCH + 1,
        "note_id": 0,
        "draft": True,
        "card": of,
    }
    return Note(**(values | changes))


def row(card_id: str = "a", **changes: Any) -> CardRow:
    """A card as it was released in 1.0.0, at the second 1,000."""
    values: dict[str, Any] = {
        "id": card_id,
        "guid": guid("mini", card_id),
        "type": "cloze",
        "home": "reliability/s3",
        "deck": "Mini::1 Reliability::S3",
        "gaps": ((1, "11111111"),),
        "note_id": 512_000,
        "content_fingerprint": "a" * 64,
        "labels_fingerprint": "b" * 64,
        "mod": 1_000,
        "first": "1.0.0",
    }
    return CardRow(**(values | changes))


def notetype(slug: str = "cloze", **changes: Any) -> NoteType:
    """A note type with the fields ID, Text, Extra and MyNotes."""
    names = ("ID", "Text", "Extra", "MyNotes")
    made = NoteType(
        slug=slug,
        name=f"Mini {slug}",
        id=1,
        cloze=True,
        sort_field=1,
        fields=tuple(NoteField(name, n, "") for n, name in enumerate(names, 10)),
        templates=(Template("Card", 20, "{{cloze:Text}}", "{{cloze:Text}}", "", ""),),
        css="",
        place=NOWHERE,
    )
    return fingerprinted(replace(made, **changes))


def vocabulary(**changes: Any) -> Vocabulary:
    """A vocabulary without entries, but for those given."""
    names = ("parts", "kinds", "levels", "statuses", "exams", "services", "topics")
    lists = (
        "outline",
        "skills",
        "shortfalls",
        "renamed",
        "data",
        "misleading",
        "changed",
        "styles",
    )
    values: dict[str, Any] = {name: {} for name in names} | dict.fromkeys(lists, ())
    return Vocabulary(**(values | {"spelling_list": None} | changes))


def project(**changes: Any) -> Project:
    """A project with the root `mini` and one note type, without cards and releases."""
    values: dict[str, Any] = {
        "folder": Path("nowhere"),
        "deck": "Mini",
        "tag": "mini",
        "epoch": EPOCH,
        "epoch_span": NOWHERE,
        "card_folders": (CardFolder("cards", "mini", "Mini", "mini"),),
        "packages": (),
        "vocabulary": vocabulary(),
        "notetypes": {"cloze": notetype()},
        "card_schema": Schema("{}"),
        "words": SiteWords({}),
    }
    return Project(**(values | changes))
