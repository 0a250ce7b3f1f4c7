"""A note that this compiler made, as the card that it was compiled from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from deckwright.cards.ids import ID, MAX_ID
from deckwright.core.wording import count
from deckwright.exchange.importer.anki_syntax import line_of
from deckwright.exchange.importer.destination import Destination, Home
from deckwright.exchange.importer.drafts import Draft, FieldWriter, default_kind, digest
from deckwright.exchange.importer.foreign import ForeignNote
from deckwright.exchange.importer.pictures import Album
from deckwright.exchange.importer.simple_html import items_of
from deckwright.project.notetypes import NoteType
from deckwright.project.project import Project
from deckwright.project.vocabulary import Vocabulary

_LEARNERS = (
    "Spare1",
    "Spare2",
    "Spare3",
    "Spare4",
    "Spare5",
    "MyNotes",
)  # fields that the compiler leaves empty


def own_type(note: ForeignNote, project: Project) -> NoteType | None:
    """The project's note type with a note's fields, if a card's id is in them."""
    for notetype in project.notetypes.values():
        if [field.name for field in notetype.fields] == [*note.fields]:
            name = note.fields["ID"].strip()
            return notetype if ID.fullmatch(name) and len(name) <= MAX_ID else None
    return None


def own_draft(
    note: ForeignNote, notetype: NoteType, project: Project, album: Album, destination: Destination
) -> Draft:
    """The card of a note of the project's own type, at the place that its tags name."""
    fields = note.fields
    roots = tuple(f"{root.tag}::" for root in project.roots)
    labels: dict[str, list[str]] = defaultdict(list)  # what tags of the project say, by group
    for tag in note.tags:
        if tag.startswith(roots):
            group, _, value = tag.split("::", 1)[1].partition("::")
            labels["service" if group == "theme" else group].append(value)
    home, topic, services = _home(labels, line_of(fields["Services"]), project)
    writer = FieldWriter(album, destination.folder(home or destination.home))
    also = services[1:] if home else services
    metadata = _metadata(labels, topic or destination.topic, also, note, project.vocabulary)
    metadata += writer.tags(
        [*labels["mark"], *(tag for tag in note.tags if not tag.startswith(roots))]
    )
    if notetype.card_type == "basic" and (hint := line_of(fields["Hint"])):
        metadata.append(("hint", hint))
    body = _body(writer, notetype.card_type, fields)
    explanation = _explanation(writer, fields)
    if compared := items_of(fields["Compare"]):
        writer.remark(f"{count(len(compared), 'compare line')} must be added again")
    name = fields["ID"].strip()
    return Draft(
        origin=note.origin,
        place=note.place,
        digest=digest(note, 0),
        subject=name,
        metadata=tuple(metadata),
        sections=(*body, explanation) if explanation else tuple(body),
        remarks=tuple(writer.remarks),
        id=name,
        home=home,
        own=True,
    )


def _known(labels: Mapping[str, list[str]], group: str, names: Collection[str]) -> list[str]:
    return [value for value in labels.get(group, ()) if value in names]


def _home(
    labels: Mapping[str, list[str]], titles: str, project: Project
) -> tuple[Home | None, str, tuple[str, ...]]:
    """The home and topic that tags name, and all services, that of the home first.

    Without a home, the topic is empty. The home is the first service in the list of `titles`.
    """
    vocabulary = project.vocabulary

    def position(slug: str) -> int:
        title = re.escape(vocabulary.services[slug].title)
        found = re.search(rf"(?:^|, ){title}(?=, |$)", titles)
        return found.start() if found else len(titles)

    services = tuple(sorted(_known(labels, "service", vocabulary.services), key=position))
    parts = _known(labels, "part", vocabulary.parts)[:1]
    topics = _known(labels, "topic", vocabulary.topics)
    topics = [topic for topic in topics if vocabulary.topics[topic].part in parts]
    if not (services and topics):
        return None, "", services
    return Home(parts[0], services[0]), topics[0], services


def _metadata(
    labels: Mapping[str, list[str]],
    topic: str,
    also: Iterable[str],
    note: ForeignNote,
    vocabulary: Vocabulary,
) -> list[tuple[str, str]]:
    """What tags and fields say about a card."""
    kinds = [*_known(labels, "kind", vocabulary.kinds), default_kind(vocabulary)]
    exams = sorted(exam for exam in labels["exam"] if exam.split("::")[0] in vocabulary.exams)
    if topic in vocabulary.topics and exams == sorted(vocabulary.topics[topic].exams):
        exams = []
    elif not exams:
        exams = ["none"]
    checked = re.findall(r"^20\d\d-\d\d$", note.fields["AsOf"].strip())
    return [
        ("kind", kinds[0]),
        ("topic", topic),
        *(("level", slug) for slug in _known(labels, "level", vocabulary.levels)),
        *(("also", slug) for slug in also),
        *(("exam", exam) for exam in exams),
        *(("status", slug) for slug in _known(labels, "status", vocabulary.statuses)),
        *(("source", link) for link in re.findall(r'href="([^"]+)"', note.fields["Source"])),
        *(("checked", month) for month in checked),
    ]


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


def _explanation(writer: FieldWriter, fields: Mapping[str, str]) -> str:
    """The explanation, and after it what learners wrote into their own fields."""
    parts = [writer.write(fields["Extra"])]
    for name in _LEARNERS:
        if name in fields and (text := writer.write(fields[name])):
            writer.remark(f"the text of {name} is now at the end of the explanation")
            parts.append(text)
    return "\n\n".join(filter(None, parts))
