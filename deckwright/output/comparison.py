"""The difference between two builds as a learner sees it, as a value, text and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from deckwright.core.identity import guid
from deckwright.core.note import Note
from deckwright.core.wording import count, shortened
from deckwright.output import html_text
from deckwright.output.modification_times import Changes
from deckwright.project.ledger import gap_digests
from deckwright.project.notetypes import NoteType
from deckwright.project.project import Project
from deckwright.project.retirements import RetiredCard


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """What changed in a note's field, tags, deck or note type: lines removed and added.

    If there are neither, only the markup differs.
    """

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedNote:
    """A note that is in both builds and differs.

    Without parts the row differs, but before and after cannot be shown. `gaps` are new
    gap numbers, each a new card in Anki.
    """

    id: str
    parts: tuple[ChangedPart, ...]
    gaps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference between two builds.

    Cards that were added and cards that are gone as (id, question), retired cards as
    (id, reason), changed cards, and the slugs of changed note types.
    """

    added: tuple[tuple[str, str], ...]
    changed: tuple[ChangedNote, ...]
    retired: tuple[tuple[str, str], ...]
    gone: tuple[tuple[str, str], ...]
    types: tuple[str, ...]


def compare(
    before: Iterable[Note], after: Iterable[Note], project_before: Project, project_after: Project
) -> Difference:
    """Compare the notes of two builds, by their guids, and their note types."""
    old = {note.guid: note for note in before}
    new = {note.guid: note for note in after}
    types_before, types_after = project_before.notetypes, project_after.notetypes
    changed = (
        _changed(old[key], note, types_before, types_after)
        for key, note in new.items()
        if key in old
    )
    missing = [note for key, note in old.items() if key not in new]
    retired = _retired_by_guid(project_after)
    return Difference(
        added=tuple(_with_question(note) for key, note in new.items() if key not in old),
        changed=tuple(note for note in changed if note.parts),
        retired=tuple((n.id, _reason(retired[n.guid])) for n in missing if n.guid in retired),
        gone=tuple(_with_question(note) for note in missing if note.guid not in retired),
        types=tuple(_changed_types(types_before, types_after)),
    )


def as_released(difference: Difference, news: Changes, project: Project) -> Difference:
    """Return the difference as far as the ledger calls it new or changed.

    Changes that two builds of one compiler do not show are added without details.
    """
    known = {note.id: note for note in difference.changed}
    questions = dict(difference.added)
    retired = {entry.id: entry for entry in _retired_by_guid(project).values()}
    return replace(
        difference,
        added=tuple((name, questions.get(name, "")) for name in news.added),
        changed=tuple(known.get(name, ChangedNote(name, ())) for name in news.changed),
        retired=tuple((name, _reason(retired[name])) for name in news.retired),
        gone=(),
        types=news.types,
    )


def _retired_by_guid(project: Project) -> dict[str, RetiredCard]:
    return {
        guid(namespace, entry.id): entry
        for namespace, found in project.retirements.items()
        for entry in found.cards.values()
    }


def _changed_types(before: Mapping[str, NoteType], after: Mapping[str, NoteType]) -> list[str]:
    """Return the slugs of the note types that are new or differ."""
    old = {slug: notetype.fingerprint for slug, notetype in before.items()}
    return [slug for slug, notetype in after.items() if old.get(slug) != notetype.fingerprint]


def _changed(
    old: Note, new: Note, types_before: Mapping[str, NoteType], types_after: Mapping[str, NoteType]
) -> ChangedNote:
    before, after = _fields(old, types_before), _fields(new, types_after)
    parts = [
        *(
            _changed_field(name, before.get(name, ""), after.get(name, ""))
            for name in dict.fromkeys((*after, *before))
        ),
        _changed_list("Tags", old.tags, new.tags),
        _changed_list("Deck", [old.deck], [new.deck]),
        _changed_list("Note type", [old.type], [new.type]),
    ]
    gaps = sorted(gap_digests(new.card).keys() - gap_digests(old.card).keys())
    return ChangedNote(new.id, tuple(part for part in parts if part), tuple(gaps))


def _fields(note: Note, notetypes: Mapping[str, NoteType]) -> dict[str, str]:
    """Return a note's fields by name."""
    names = (field.name for field in notetypes[note.type].fields)
    return dict(zip(names, note.fields, strict=True))


def _changed_list(name: str, before: Iterable[str], after: Iterable[str]) -> ChangedPart | None:
    """Return the items removed and added, sorted; None if there are neither."""
    removed, added = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    return ChangedPart(name, tuple(removed), tuple(added)) if removed or added else None


def _changed_field(name: str, before: str, after: str) -> ChangedPart | None:
    """Return the lines of a field that differ; None if the field is the same."""
    if before == after:
        return None
    old, new = html_text.lines(before), html_text.lines(after)
    removed, added = [], []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            removed += old[a:b]
            added += new[c:d]
    return ChangedPart(name, tuple(removed), tuple(added))


def _reason(entry: RetiredCard) -> str:
    """Return why a card was retired, and what replaces it."""
    successors = f" Replaced by {', '.join(entry.successors)}." if entry.successors else ""
    return entry.reason + successors


def _with_question(note: Note) -> tuple[str, str]:
    return note.id, " ".join(html_text.lines(note.fields[1]))


def as_text(difference: Difference) -> str:
    """Return lists of cards, with the removed (`-`) and added (`+`) lines of each."""
    out: list[str] = []
    for title, sign, cards in (
        ("added", "+", difference.added),
        ("retired", "-", difference.retired),
        ("removed", "-", difference.gone),
    ):
        if cards:
            out.append(f"{count(len(cards), 'card')} {title}")
            out += [f"  {sign} {name}  {shortened(text, 90)}".rstrip() for name, text in cards]
    if difference.changed:
        out.append(f"{count(len(difference.changed), 'card')} changed")
    for note in difference.changed:
        out += _changed_lines(note)
    if difference.types:
        out.append(f"note types changed: {', '.join(difference.types)}")
    return "".join(f"{line}\n" for line in out) or "no differences\n"


def _changed_lines(note: ChangedNote) -> list[str]:
    gaps = f"  (new gap {', '.join(map(str, note.gaps))})" if note.gaps else ""
    out = [f"  ~ {note.id}{gaps}"]
    if not note.parts:
        out.append("      before and after cannot be shown")
    for part in note.parts:
        markup_only = not part.before and not part.after
        out.append(f"      {part.name}" + (": markup only" if markup_only else ""))
        out += [f"      - {line}" for line in part.before]
        out += [f"      + {line}" for line in part.after]
    return out


def as_json(difference: Difference) -> str:
    """Return the difference as a JSON object."""
    value = {
        "added": [{"id": name, "question": question} for name, question in difference.added],
        "changed": [
            {
                "id": note.id,
                "gaps": list(note.gaps),
                "parts": [
                    {"name": p.name, "before": list(p.before), "after": list(p.after)}
                    for p in note.parts
                ],
            }
            for note in difference.changed
        ],
        "retired": [{"id": name, "why": reason} for name, reason in difference.retired],
        "gone": [{"id": name, "question": question} for name, question in difference.gone],
        "types": list(difference.types),
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
