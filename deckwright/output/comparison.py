"""Two builds side by side, as a learner will see the difference: values, and their text and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from html import unescape

from deckwright.core.identity import guid
from deckwright.core.note import Note
from deckwright.output.stamping import Changes
from deckwright.project.ledger import gap_digests
from deckwright.project.notetypes import NoteType
from deckwright.project.project import Project
from deckwright.project.retirements import RetiredCard


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a note, its tags or its deck: lines that went and lines that came. Neither: only markup differs."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A note that is in both builds and differs. No part: the row differs, and nothing of it can be shown. `gaps` are numbers
    that came, each a new card in Anki."""

    id: str
    parts: tuple[Part, ...]
    gaps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs: cards that came and went as (id, question), cards that were retired as (id, why), cards that changed, slugs
    of note types."""

    added: tuple[tuple[str, str], ...]
    changed: tuple[Changed, ...]
    retired: tuple[tuple[str, str], ...]
    gone: tuple[tuple[str, str], ...]
    types: tuple[str, ...]


def compare(
    before: Iterable[Note], after: Iterable[Note], project_before: Project, project_after: Project
) -> Difference:
    """The difference between two builds' notes, which go by their guids, and between their note types."""
    old = {note.guid: note for note in before}
    new = {note.guid: note for note in after}
    types_before, types_after = project_before.notetypes, project_after.notetypes
    changed = [
        _changed(old[key], note, types_before, types_after)
        for key, note in new.items()
        if key in old
    ]
    gone = [note for key, note in old.items() if key not in new]
    why = {
        guid(root, entry.id): entry
        for root, found in project_after.retirements.items()
        for entry in found.cards.values()
    }
    return Difference(
        added=tuple(_named(note) for key, note in new.items() if key not in old),
        changed=tuple(c for c in changed if c.parts),
        retired=tuple((note.id, _why(why[note.guid])) for note in gone if note.guid in why),
        gone=tuple(_named(note) for note in gone if note.guid not in why),
        types=tuple(
            s
            for s, t in types_after.items()
            if s not in types_before or types_before[s].fingerprint != t.fingerprint
        ),
    )


def as_released(difference: Difference, news: Changes, project: Project) -> Difference:
    """The difference cut down to what the ledger calls new or changed, and filled up where two builds of one compiler do not show it."""
    known = {c.id: c for c in difference.changed}
    added = dict(difference.added)
    entries = {
        entry.id: entry for found in project.retirements.values() for entry in found.cards.values()
    }
    return replace(
        difference,
        added=tuple((name, added.get(name, "")) for name in news.added),
        changed=tuple(known.get(name, Changed(name, ())) for name in news.changed),
        retired=tuple((name, _why(entries[name])) for name in news.retired),
        gone=(),
        types=news.types,
    )


def as_text(difference: Difference) -> str:
    """Lists of cards, and of each changed one the lines before (`-`) and after (`+`)."""
    out: list[str] = []
    for title, sign, cards in (
        ("added", "+", difference.added),
        ("retired", "-", difference.retired),
        ("gone", "-", difference.gone),
    ):
        if cards:
            out.append(f"{_count(len(cards))} {title}")
            out += [f"  {sign} {name}  {_short(question)}".rstrip() for name, question in cards]
    if difference.changed:
        out.append(f"{_count(len(difference.changed))} changed")
    for card in difference.changed:
        out.append(
            f"  ~ {card.id}"
            + (f"  (new gap {', '.join(map(str, card.gaps))})" if card.gaps else "")
        )
        if not card.parts:
            out.append("      before and after cannot be shown")
        for part in card.parts:
            out.append(
                f"      {part.name}" + ("" if part.before or part.after else ": markup only")
            )
            out += [f"      - {line}" for line in part.before]
            out += [f"      + {line}" for line in part.after]
    if difference.types:
        out.append(f"note types changed: {', '.join(difference.types)}")
    return "".join(f"{line}\n" for line in out) or "no difference\n"


def as_json(difference: Difference) -> str:
    """The same as one object."""
    value = {
        "added": [{"id": name, "question": question} for name, question in difference.added],
        "changed": [
            {
                "id": card.id,
                "gaps": list(card.gaps),
                "parts": [
                    {"name": p.name, "before": list(p.before), "after": list(p.after)}
                    for p in card.parts
                ],
            }
            for card in difference.changed
        ],
        "retired": [{"id": name, "why": words} for name, words in difference.retired],
        "gone": [{"id": name, "question": question} for name, question in difference.gone],
        "types": list(difference.types),
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _changed(
    old: Note, new: Note, types_before: Mapping[str, NoteType], types_after: Mapping[str, NoteType]
) -> Changed:
    names_before = [f.name for f in types_before[old.type].fields]
    names_after = [f.name for f in types_after[new.type].fields]
    was, now = (
        dict(zip(names_before, old.fields, strict=True)),
        dict(zip(names_after, new.fields, strict=True)),
    )
    parts = [
        _part(name, was.get(name, ""), now.get(name, ""))
        for name in dict.fromkeys((*names_after, *names_before))
    ]
    parts.append(
        _lines("Tags", sorted(set(old.tags) - set(new.tags)), sorted(set(new.tags) - set(old.tags)))
    )
    parts.append(
        _lines("Deck", [old.deck] * (old.deck != new.deck), [new.deck] * (old.deck != new.deck))
    )
    parts.append(
        _lines(
            "Note type", [old.type] * (old.type != new.type), [new.type] * (old.type != new.type)
        )
    )
    gaps = sorted(gap_digests(new.card).keys() - gap_digests(old.card).keys())
    return Changed(new.id, tuple(part for part in parts if part), tuple(gaps))


def _lines(name: str, before: list[str], after: list[str]) -> Part | None:
    return Part(name, tuple(before), tuple(after)) if before or after else None


def _part(name: str, before: str, after: str) -> Part | None:
    """The lines of one field that differ; None where the field is the same."""
    if before == after:
        return None
    old, new = _plain(before), _plain(after)
    went, came = [], []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            went += old[a:b]
            came += new[c:d]
    return Part(name, tuple(went), tuple(came))


def _plain(field: str) -> list[str]:
    """The lines of a field's HTML without its markup."""
    text = re.sub(r"<!--.*?-->", "", field, flags=re.DOTALL)
    text = re.sub(r"(?i)<br>|</(?:p|li|tr|h\d|div|pre|blockquote)>", "\n", text)
    text = unescape(re.sub(r"(?s)<[^>]*>", " ", text))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return [line for line in lines if line]


def _why(entry: RetiredCard) -> str:
    return entry.reason + (
        f" In its place: {', '.join(entry.successors)}." if entry.successors else ""
    )


def _named(note: Note) -> tuple[str, str]:
    return note.id, " ".join(_plain(note.fields[1]))


def _short(text: str) -> str:
    return text if len(text) <= 90 else text[:89] + "…"


def _count(number: int) -> str:
    return "1 card" if number == 1 else f"{number:,} cards"
