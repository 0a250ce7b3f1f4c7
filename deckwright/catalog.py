"""Stage 6, beside the packages: Notes → `cards.json` and `DRAFT.md`, the same build in words for people and programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from deckwright import markdown
from deckwright.model import Artifact, Choice, Concept, Fact, Note
from deckwright.project import Project

DRAFT = """# This is a draft

These packages hold cards that were not released. Their stamps are those of a draft: Anki takes a later draft only when
you import it with *Update notes* and *Update note types* set to *Always* (under *Updates* in the import window), which
replaces your own tags and notes on every card that you edited. The next release is taken as usual. Two drafts of one card
have the same stamp once in 600 times; Anki then keeps the first until either changes again.
"""


def catalog(notes: Iterable[Note], project: Project, packages: Mapping[str, tuple[Note, ...]]) -> tuple[Artifact, ...]:
    """`cards.json`, one object per note in curriculum order, and `DRAFT.md`. `packages` are the notes of each package."""
    where: dict[str, list[str]] = {}
    for path, chosen in sorted(packages.items()):
        for note in chosen:
            where.setdefault(note.guid, []).append(path)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    rows = [encode(_row(note, project, where.get(note.guid, []))) for note in notes]
    text = "[\n" + ",\n".join(rows) + "\n]\n"
    return Artifact("cards.json", text.encode(), len(rows)), Artifact("DRAFT.md", DRAFT.encode())


def _row(note: Note, project: Project, packages: list[str]) -> dict[str, Any]:
    card = note.card
    names = [f.name for f in project.notetypes[note.type].fields]
    return {
        "id": card.id,
        "guid": note.guid,
        "kind": card.kind,
        "type": note.type,
        "task": card.task,
        "service": card.service,
        "also": list(card.also),
        "topic": card.topic,
        "exams": list(card.exams),
        "status": card.status,
        "deck": note.deck,
        "position": note.position,
        "tags": list(note.tags),
        "sources": list(card.sources),
        "checked": card.checked,
        "path": card.span.path,
        "line": card.span.line,
        "packages": packages,
        "draft": True,
        "stamp": note.stamp,
        "fingerprint": note.fingerprint,
        "media": [m.name for m in note.media],
        "text": plain_text(note),
        "fields": dict(zip(names, note.fields, strict=True)),
    }


def plain_text(note: Note) -> dict[str, Any]:
    """Question, answer and explanation without markup. A cloze card's question shows its answers filled in; its answer is
    the gaps' answers in order, a choice card's the right options."""
    content = note.card.content
    question = markdown.plain(note.card.prompt.blocks)
    extra = markdown.plain(content.extra.blocks)
    if isinstance(content, Fact):
        answer = "; ".join(markdown.gap_answers(content.text.blocks))
    elif isinstance(content, Concept):
        answer = markdown.plain(content.answer.blocks)
    else:
        return {"question": question, "answer": _right(content), "extra": extra, "options": _options(content)}
    return {"question": question, "answer": answer, "extra": extra}


def _right(content: Choice) -> str:
    return "; ".join(markdown.plain([o.text]) for o in content.options if o.right)


def _options(content: Choice) -> list[dict[str, Any]]:
    return [{"text": markdown.plain([o.text]), "why": markdown.plain(o.why), "right": o.right} for o in content.options]
