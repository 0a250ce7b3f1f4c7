"""A note of one of the project's types as the card that it was compiled from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from deckwright.cards.ids import ID, MAX_ID
from deckwright.core.wording import count
from deckwright.exchange.importer import anki_html
from deckwright.exchange.importer.card_fields import (
    CardWriter,
    letters,
    list_items,
    plain_line,
    visible_text,
)
from deckwright.exchange.importer.destination import Destination, Home
from deckwright.exchange.importer.drafts import Draft, default_kind, digest, own_tags
from deckwright.exchange.importer.notes import ForeignNote
from deckwright.exchange.importer.pictures import Album
from deckwright.project.notetypes import NoteType
from deckwright.project.project import Project

_LEARNERS = ("Spare1", "Spare2", "Spare3", "MyNotes")  # fields that the compiler leaves empty


def own_type(note: ForeignNote, project: Project) -> NoteType | None:
    """The project's note type with a note's fields, if a card's id is in them."""
    names = tuple(note.fields)
    for notetype in project.notetypes.values():
        if tuple(field.name for field in notetype.fields) == names:
            name = note.fields["ID"].strip()
            return notetype if ID.fullmatch(name) and len(name) <= MAX_ID else None
    return None


def own_draft(
    note: ForeignNote, notetype: NoteType, project: Project, album: Album, destination: Destination
) -> Draft:
    """The card of a note of the project's own type, at the place that its tags name."""
    fields = note.fields
    labels = _labels(note, project)
    roots = _tag_roots(project)
    tags, unmapped = own_tags(
        [*labels.get("mark", ()), *(tag for tag in note.tags if not tag.startswith(roots))]
    )
    placed = _placed(labels, fields["Services"], project)
    home = placed.home or destination.home
    writer = CardWriter(album, destination.folder(home))
    metadata = [*_metadata(labels, placed, destination.topic, fields, project), *tags]
    if notetype.card_type == "basic" and (hint := plain_line(fields["Hint"])):
        metadata.append(("hint", hint))
    body, text_key = _body(writer, notetype.card_type, fields)
    explanation = _explanation(writer, fields)
    items = list_items(fields["Compare"])
    compared = [letters("".join(anki_html.visible(item))) for item in items]
    name = fields["ID"].strip()
    return Draft(
        origin=note.origin,
        digest=digest(note, 0),
        id=name,
        subject=name,
        home=placed.home,
        metadata=tuple(metadata),
        sections=(*body, explanation) if explanation else tuple(body),
        remarks=tuple(writer.remarks),
        unmapped=unmapped,
        own=True,
        text_key=text_key,
        compared=tuple(filter(None, compared)),
    )


def with_comparisons(drafts: Iterable[Draft]) -> list[Draft]:
    """The same drafts with the ids of the cards that each is compared with.

    These are found by what they say.
    """
    drafts = list(drafts)
    by_text = {draft.text_key: draft.id for draft in drafts if draft.text_key}
    out = []
    for draft in drafts:
        ids = [by_text[key] for key in draft.compared if key in by_text]
        metadata = (*draft.metadata, *(("compare", name) for name in ids))
        remarks = draft.remarks
        if lost := len(draft.compared) - len(ids):
            remarks += (f"{count(lost, 'card')} in its list of comparisons cannot be found",)
        out.append(replace(draft, metadata=metadata, remarks=remarks))
    return out


def _tag_roots(project: Project) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{root.tag}::" for root in project.roots))


def _labels(note: ForeignNote, project: Project) -> dict[str, list[str]]:
    """What tags of the project say, by their group: service, task, topic, kind, …"""
    labels: dict[str, list[str]] = {}
    roots = _tag_roots(project)
    for tag in note.tags:
        if tag.startswith(roots):
            group, _, value = tag.split("::", 1)[1].partition("::")
            labels.setdefault("service" if group == "theme" else group, []).append(value)
    return labels


def _known(labels: Mapping[str, list[str]], group: str, names: Collection[str]) -> list[str]:
    return [value for value in labels.get(group, ()) if value in names]


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a note's tags place its card; without a `home`, `topic` is empty, too."""

    home: Home | None
    topic: str
    services: tuple[str, ...]


def _placed(labels: Mapping[str, list[str]], titles: str, project: Project) -> _Placed:
    """Where tags place a card: its home is the first service in its list of titles."""
    vocabulary = project.vocabulary
    shown = plain_line(titles)
    services = tuple(
        sorted(
            _known(labels, "service", vocabulary.services),
            key=lambda slug: _position(vocabulary.services[slug].title, shown),
        )
    )
    tasks = _known(labels, "task", vocabulary.tasks)[:1]
    topics = [
        topic
        for topic in _known(labels, "topic", vocabulary.topics)
        if vocabulary.topics[topic].task in tasks
    ]
    if not (tasks and services and topics):
        return _Placed(None, "", services)
    return _Placed(Home(vocabulary.tasks[tasks[0]].folder, services[0]), topics[0], services)


def _position(title: str, titles: str) -> int:
    """The position of a title in a list with commas; its end if it is not there."""
    found = re.search(rf"(?:^|, ){re.escape(title)}(?=, |$)", titles)
    return found.start() if found else len(titles)


def _metadata(
    labels: Mapping[str, list[str]],
    placed: _Placed,
    topic: str,
    fields: Mapping[str, str],
    project: Project,
) -> list[tuple[str, str]]:
    """What tags and fields say about a card.

    `topic` is for a card that its tags do not place.
    """
    vocabulary = project.vocabulary
    kind = [*_known(labels, "kind", vocabulary.kinds), default_kind(vocabulary)][0]
    also = placed.services[1:] if placed.home else placed.services
    exams: list[str] = []
    if placed.home:
        named = sorted(e for e in labels.get("exam", ()) if e.split("::")[0] in vocabulary.exams)
        if named != sorted(vocabulary.topics[placed.topic].exams):
            exams = named or ["none"]
    checked = re.fullmatch(r"20\d\d-\d\d", fields["AsOf"].strip())
    return [
        ("kind", kind),
        ("topic", placed.topic if placed.home else topic),
        *(("level", slug) for slug in _known(labels, "level", vocabulary.levels)),
        *(("also", slug) for slug in also),
        *(("exam", exam) for exam in exams),
        *(("status", slug) for slug in _known(labels, "status", vocabulary.statuses)),
        *(("source", address) for address in re.findall(r'href="([^"]+)"', fields["Source"])),
        *([("checked", checked[0])] if checked else []),
    ]


def _body(writer: CardWriter, shape: str, fields: Mapping[str, str]) -> tuple[list[str], str]:
    """The sections of a card before its explanation, and the key of what it says."""
    if shape == "cloze":
        text = fields["Text"]
        return [writer.write(text, gaps=True)], letters(visible_text(text, gaps=True))
    question = visible_text(fields["Question"])
    if shape == "basic":
        body = [writer.write(fields["Question"]), writer.write(fields["Answer"])]
        return body, letters(question + visible_text(fields["Answer"]))
    options, right = _options(writer, fields)
    return [f"{writer.write(fields['Question'])}\n\n{options}"], letters(question + right)


def _options(writer: CardWriter, fields: Mapping[str, str]) -> tuple[str, str]:
    """The options of a multiple-choice card with reasons, and the right ones' text."""
    key = set(fields["Key"].split())
    reasons = {item.attributes.get("data-n", ""): item for item in list_items(fields["Why"])}
    out, right = [], ""
    for number, item in enumerate(list_items(fields["Options"]), 1):
        name = item.attributes.get("data-n", str(number))
        out.append(f"- [{'x' if name in key else ' '}] {writer.line(item)}")
        if name in key:
            right += "".join(anki_html.visible(item))
        if name in reasons and (reason := writer.write_tree(reasons[name])):
            out.append("\n".join("  " + line if line else "" for line in reason.split("\n")))
    return "\n\n".join(out), right


def _explanation(writer: CardWriter, fields: Mapping[str, str]) -> str:
    """The explanation, and after it what learners wrote into their own fields."""
    parts = [writer.write(fields["Extra"])]
    for name in _LEARNERS:
        if name in fields and (text := writer.write(fields[name])):
            writer.remark(f"the text of {name} is now at the end of the explanation")
            parts.append(text)
    return "\n\n".join(filter(None, parts))
