"""Notes → `cards.json`, and `DRAFT.md` if needed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from deckwright import markdown
from deckwright.core.card import Basic, Cloze, Content, MultipleChoice
from deckwright.core.note import Artifact, Note
from deckwright.core.wording import count
from deckwright.output.modification_times import Changes
from deckwright.output.selections import packages_by_guid
from deckwright.project.project import Project

_LISTED = 50  # from this number on, ids are only counted
_DRAFT = """# This is a draft

These packages contain changes that aren't in any release: {changes}.

If you have no cards of this deck yet, import a package without changing any settings. To update \
cards that you already have, set *Update notes* and *Update note types* to *Always* in the import \
window. Anki then overwrites your own tags and clears *MyNotes* on every card that the draft \
changed, and on every card that you tagged or edited. Before you import the next release (in Anki \
24.11 and older, after you have imported it once), set both settings back to *If newer*, because \
Anki remembers them.

To keep your tags and *MyNotes*, set *Update notes* to *Never* instead, and then import the text \
files next to the package. Update to the next release in the same way, but with *Update note \
types* at *If newer*.
"""

# The number of the format rises with each change that programs must know about.
_HEAD = b'{"format": 1, "cards": [\n'


def catalog(
    notes: Iterable[Note], project: Project, packages: Mapping[str, tuple[Note, ...]], news: Changes
) -> tuple[Artifact, ...]:
    """Return `cards.json`, an object with a list of notes, and `DRAFT.md` if it is a draft.

    `packages` are the notes of each package, `news` is what no release contains.
    """
    where = packages_by_guid(packages)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    rows = [encode(_row(note, project, where.get(note.guid, []))).encode() for note in notes]
    cards = Artifact("cards.json", _HEAD + b",\n".join(rows) + b"\n]}\n", len(rows))
    return (cards, Artifact("DRAFT.md", _draft(news, len(rows)).encode())) if news else (cards,)


def _draft(news: Changes, cards: int) -> str:
    """Return the text of `DRAFT.md`, with lists of what changed unless they are long.

    `cards` is the number of all cards.
    """
    gaps = tuple(f"{card_id}, gap {number}" for card_id, number in news.gaps)
    new = count(len(news.added), "new card")
    if len(news.added) == cards > 1:
        new = f"all {cards:,} cards"
    parts = (
        ("New cards", news.added, new),
        ("Changed cards", news.changed, count(len(news.changed), "changed card")),
        ("Cards to retire", news.retired, count(len(news.retired), "card") + " to retire"),
        ("Gaps to retire", gaps, count(len(gaps), "gap") + " to retire"),
        (
            "Retired cards with a new notice",
            news.tombstones,
            count(len(news.tombstones), "retired card") + " with a new notice",
        ),
        ("New or changed note types", news.types, count(len(news.types), "note type")),
    )
    changes = ", ".join(text for _, names, text in parts if names)
    lists = (
        f"\n## {title}\n\n" + "".join(f"- {name}\n" for name in names)
        for title, names, _ in parts
        if 0 < len(names) < _LISTED
    )
    return _DRAFT.format(changes=changes) + "".join(lists)


def _row(note: Note, project: Project, packages: list[str]) -> dict[str, Any]:
    card = note.card
    names = [f.name for f in project.notetypes[note.type].fields]
    return {
        "id": card.id,
        "guid": note.guid,
        "kind": card.kind,
        "level": card.level,
        "type": card.type,
        "part": card.part,
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
        "draft": note.draft,
        "released": row.first if (row := project.row(card.namespace, card.id)) else "",
        "mod": note.mod,
        "content": note.content_fingerprint,
        "labels": note.labels_fingerprint,
        "media": [m.name for m in note.media],
        "text": _text(card.content),
        "fields": dict(zip(names, note.fields, strict=True)),
    }


def _text(content: Content) -> dict[str, Any]:
    """Return question, answer, and explanation of a card without markup, for programs.

    A cloze card's question has its gaps filled in, and its answer is that of the gaps
    in order. A multiple-choice card's answer is its right options.
    """
    if isinstance(content, Cloze):
        question = markdown.plain(content.text.blocks)
        answer = "; ".join(markdown.gap_answers(content.text.blocks))
    else:
        question = markdown.plain(content.question.blocks)
        if isinstance(content, Basic):
            answer = markdown.plain(content.answer.blocks)
        else:
            answer = "; ".join(markdown.plain([o.text]) for o in content.options if o.right)
    text = {"question": question, "answer": answer, "extra": markdown.plain(content.extra.blocks)}
    if not isinstance(content, MultipleChoice):
        return text
    options = [
        {"text": markdown.plain([o.text]), "why": markdown.plain(o.why), "right": o.right}
        for o in content.options
    ]
    return {**text, "options": options}
