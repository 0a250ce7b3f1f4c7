"""Notes of any other type: a cloze card, or question and answer for each template."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from deckwright.exchange.importer import anki_html
from deckwright.exchange.importer.card_fields import (
    CardWriter,
    letters,
    plain_line,
    visible_text,
)
from deckwright.exchange.importer.destination import Destination, Home
from deckwright.exchange.importer.drafts import (
    Draft,
    Unwritable,
    default_kind,
    digest,
    own_tags,
)
from deckwright.exchange.importer.limits import check_cards
from deckwright.exchange.importer.notes import ForeignNote, ForeignTemplate
from deckwright.exchange.importer.pictures import Album
from deckwright.exchange.importer.to_markdown import escaping
from deckwright.project.project import Project
from deckwright.project.vocabulary import Vocabulary

_NAME = 1000  # characters of HTML that are enough to name a note
_SOURCES = frozenset({"source", "sources", "url", "link", "reference"})  # names of fields
_EXPLANATIONS = frozenset({"extra", "back extra", "notes"})


@dataclass(frozen=True, slots=True)
class _Card:
    """A card of a note: the number of its template, and the fields on its two sides.

    `suffix` distinguishes it in its subject from the first card of the note.
    """

    number: int
    front: list[str]
    back: list[str]
    suffix: str


def foreign_drafts(
    note: ForeignNote, project: Project, album: Album, destination: Destination
) -> Iterator[Draft | Unwritable]:
    """A card for each template of a note whose front shows something.

    Raises TooLargeError if one of them, or all of them together, are too large.
    """
    filled = {name: value for name, value in note.fields.items() if visible_text(value)}
    if not filled:
        yield unwritable(note, "its fields are empty")
        return
    if any("image-occlusion:" in value for value in filled.values()):
        yield unwritable(note, "it hides parts of an image, which cards here cannot do")
        return
    gap_field = _gap_field(note, filled)
    services, others = _services(note.tags, project.vocabulary, destination.home)
    tags, unmapped = own_tags(others)
    cards = list(_cards(note, filled, gap_field))
    check_cards(album.without_data(filled[name]) for c in cards for name in (*c.front, *c.back))
    for card in cards:
        writer = CardWriter(album, destination.folder(destination.home))
        sources = [name for name in card.back if _is_source(name, filled[name])]
        back = [name for name in card.back if name not in sources]
        sections = tuple(_sections(writer, card.front, back, filled, gap_field))
        yield Draft(
            origin=f"{note.origin}/{card.number}" if card.number else note.origin,
            digest=digest(note, card.number),
            id="",
            subject=_subject(card.front, filled, gap_field) + card.suffix,
            home=None,
            metadata=(
                ("kind", default_kind(project.vocabulary)),
                ("topic", destination.topic),
                *(("also", slug) for slug in services),
                *tags,
                *(("source", plain_line(filled[name])) for name in sources),
            ),
            sections=sections,
            remarks=tuple(writer.remarks),
            unmapped=unmapped,
        )


def _cards(note: ForeignNote, filled: Mapping[str, str], gap_field: str) -> Iterator[_Card]:
    """The cards whose fronts show something.

    What no template shows is at the end of the first one.
    """
    templates = _templates(note, filled, gap_field)
    shown = {name for template in templates.values() for name in (*template.front, *template.back)}
    unshown = [name for name in filled if name not in shown]
    for number, template in templates.items():
        front = [name for name in template.front if name in filled]
        if front:
            back = [name for name in template.back if name in filled]
            several = f" {template.name}" if len(templates) > 2 else " reversed"
            yield _Card(number, front, back + unshown, several if number else "")
            unshown = []


def unwritable(note: ForeignNote, reason: str) -> Unwritable:
    """A note that cannot become a card, named by how its first field begins."""
    lines = (plain_line(text[:_NAME]) for text in note.fields.values())
    return Unwritable(next(filter(None, lines), note.origin), reason)


def _gap_field(note: ForeignNote, filled: Mapping[str, str]) -> str:
    """The first field of a cloze note that has a gap; empty if there is none."""
    names = (name for name, value in filled.items() if note.cloze and anki_html.numbers(value))
    return next(names, "")


def _templates(
    note: ForeignNote, filled: Mapping[str, str], gap_field: str
) -> Mapping[int, ForeignTemplate]:
    """The note's templates that made cards.

    A cloze note, or one whose fronts show nothing, gets one with its first field.
    """
    fronts = {name for template in note.templates.values() for name in template.front}
    if fronts & filled.keys() and not note.cloze:
        return note.templates
    first = gap_field or next(iter(filled))
    return {0: ForeignTemplate("", (first,), tuple(name for name in filled if name != first))}


def _is_source(name: str, value: str) -> bool:
    """Whether a field is the source of a card, by its name and an address in it."""
    return name.casefold() in _SOURCES and bool(re.fullmatch(r"https://\S+", plain_line(value)))


def _subject(front: Iterable[str], filled: Mapping[str, str], gap_field: str) -> str:
    """What an id can be made of: the text of the front."""
    if gap_field:
        return plain_line(filled[gap_field], gaps=True)
    return " ".join(plain_line(filled[name]) for name in front)


def _sections(
    writer: CardWriter,
    front: Iterable[str],
    back: Sequence[str],
    filled: Mapping[str, str],
    gap_field: str,
) -> Iterator[str]:
    """Front, answer (the first field of the back) and explanation.

    A card with gaps has no answer.
    """
    if gap_field:
        text = _renumbered(filled[gap_field], writer.remark)
        yield writer.write(text, gaps=True)
        explanation = back
    else:
        yield "\n\n".join(writer.write(filled[name]) for name in front)
        yield from (writer.write(filled[name]) for name in back[:1])
        explanation = back[1:]
    labeled = len(explanation) > 1 or not {name.casefold() for name in explanation} <= _EXPLANATIONS
    parts = []
    for name in explanation:
        if text := writer.write(filled[name]):
            parts.append(f"**{escaping.heavy(name)}**\n\n{text}" if labeled else text)
    if parts:
        yield "\n\n".join(parts)


def _renumbered(text: str, remark: Callable[[str], None]) -> str:
    """Number gaps 1, 2, 3: no review history depends on the old numbers here."""
    new = {old: number for number, old in enumerate(anki_html.numbers(text), 1)}
    changed = [f"{old} is now {number}" for old, number in new.items() if old != number]
    if not changed:
        return text
    remark("its gaps are renumbered: " + ", ".join(changed))
    return re.sub(r"\{\{c(\d{1,4})::", lambda match: f"{{{{c{new[int(match[1])]}::", text)


def _services(
    tags: Iterable[str], vocabulary: Vocabulary, home: Home | None
) -> tuple[list[str], tuple[str, ...]]:
    """The services that tags name, by slug, title or another name, and all other tags.

    The service of `home` is not repeated. Themes are words such as `exam`, which mean
    something else in other people's tags.
    """
    by_name = {
        letters(name): service.slug
        for service in vocabulary.services.values()
        if not service.theme
        for name in (service.slug, service.title, *service.names)
    }
    found = {tag: by_name.get(letters(tag.rsplit("::", 1)[-1])) for tag in tags}
    services = dict.fromkeys(slug for slug in found.values() if slug)
    if home:
        services.pop(home.service, None)
    return list(services), tuple(tag for tag in tags if not found[tag])
