"""A note that this compiler made, as the card that it was compiled from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from deckwright.cards.ids import ID, MAX_ID
from deckwright.cards.metadata import FileSubject
from deckwright.exchange.importer.anki_syntax import line_of
from deckwright.exchange.importer.destination import Destination
from deckwright.exchange.importer.drafts import Draft, FieldWriter
from deckwright.exchange.importer.foreign import ForeignNote
from deckwright.exchange.importer.pictures import Album
from deckwright.exchange.importer.simple_html import items_of
from deckwright.project.notetypes import FIELDS, NoteType
from deckwright.project.project import Project


def own_type(note: ForeignNote, project: Project) -> NoteType | None:
    """The project's note type with a note's fields, if a card's id is in them."""
    name, names = note.fields.get("ID", "").strip(), [*note.fields]
    types = (t for t in project.notetypes.values() if [field.name for field in t.fields] == names)
    return next(types, None) if ID.fullmatch(name) and len(name) <= MAX_ID else None


def own_draft(note: ForeignNote, card_type: str, album: Album, where: Destination) -> Draft:
    """The card of a note of the project's own type, at the place that its tags name."""
    fields, vocabulary = note.fields, where.project.vocabulary
    labels = _labels(note, where.project)
    services = labels["service"]
    home, topic = where.home, where.topic
    if labels["topic"] and services:
        topic = labels["topic"][0]
        part = vocabulary.parts[vocabulary.topics[topic].part]
        home = FileSubject(part, vocabulary.services[services.pop(0)])
    writer = FieldWriter(album, where.folder(home))
    metadata = [
        ("kind", [*labels["kind"], where.kind][0]),
        ("topic", topic),
        *(("also", slug) for slug in services),
        *((key, slug) for key in ("level", "exam", "status") for slug in labels[key]),
        *(("source", link) for link in re.findall(r'href="([^"]+)"', fields["Source"])),
        *(("checked", day) for day in re.findall(r"^20\d\d-\d\d$", fields["AsOf"].strip())),
        *writer.tags(labels["mark"]),
        *(("hint", hint) for hint in filter(None, [line_of(fields.get("Hint", ""))])),
    ]
    sections = [*_body(writer, card_type, fields), _explanation(writer, card_type, fields)]
    sections = list(filter(None, sections))
    name = fields["ID"].strip()
    return Draft(note.place, name, home, metadata, sections, remarks=writer.remarks, id=name)


def _labels(note: ForeignNote, project: Project) -> defaultdict[str, list[str]]:
    """What tags of the project say, by their group; `mark` has all other tags, too.

    Services and exam tasks are in the order in which the card shows them. The tasks are none
    if the topic has the same.
    """
    roots = tuple(f"{root.tag}::" for root in project.card_folders)
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for tag in " ".join(note.tags).split():
        own = tag.split("::", 1)[1] if tag.startswith(roots) else f"mark::{tag}"
        group, _, value = own.partition("::")
        labels["service" if group == "theme" else group].append(value)
    services, tasks = project.vocabulary.services, project.vocabulary.exam_tasks
    titles = {slug: service.title for slug, service in services.items()}
    labels["service"] = _as_shown(labels["service"], titles, note.fields["Services"])
    topics = project.vocabulary.topics
    labels["topic"] = [slug for slug in labels["topic"] if slug in topics]
    tasked = _as_shown(labels["exam"], tasks, note.fields["Exams"])
    exams = topics[labels["topic"][0]].exams if labels["topic"] else ()
    same = tasked == [exam for exam in exams if exam in tasks]
    labels["exam"] = [] if same else tasked or ["none"]
    return labels


def _as_shown(slugs: list[str], titles: Mapping[str, str], field: str) -> list[str]:
    """The slugs that have a title, in the order in which a field lists the titles."""
    shown = f", {line_of(field)}, "
    return sorted(set(slugs) & titles.keys(), key=lambda slug: shown.find(f", {titles[slug]}, "))


def _body(writer: FieldWriter, card_type: str, fields: Mapping[str, str]) -> list[str]:
    """The sections of a card before its explanation."""
    if card_type == "cloze":
        return [writer.write(fields["Text"], gaps=True)]
    question = writer.write(fields["Question"])
    if card_type == "basic":
        return [question, writer.write(fields["Answer"])]
    options = [question]
    reasons = dict(items_of(fields["Why"]))
    for number, item in items_of(fields["Options"]):
        box = "x" if number in fields["Key"].split() else " "
        options.append(f"- [{box}] {_indented(writer.write(item))}")
        if reason := writer.write(reasons.get(number, "")):
            options.append(f"  {_indented(reason)}")
    return ["\n\n".join(options)]


def _indented(text: str) -> str:
    return re.sub(r"\n(?!\n|$)", "\n  ", text)


def _explanation(writer: FieldWriter, card_type: str, fields: Mapping[str, str]) -> str:
    """The explanation, and after it what is in fields that the compiler never fills."""
    parts = [writer.write(fields["Extra"])]
    for name in fields:
        if name not in FIELDS[card_type] and (text := writer.write(fields[name])):
            writer.remark(f"the text of {name} is now at the end of the explanation")
            parts.append(text)
    if items_of(fields["Compare"]):
        writer.remark("its compare lines must be added again")
    return "\n\n".join(filter(None, parts))
