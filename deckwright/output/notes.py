"""Cards → Notes: HTML fields, tags, deck, position, fingerprints, `mod`.

A released card keeps its home deck and its note id. It also keeps its `mod` as long as its
content stays the same; new labels wait for the next change of content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from urllib.parse import urlsplit

from deckwright import markdown
from deckwright.core.card import Card
from deckwright.core.identity import guid
from deckwright.core.note import MARKS, Image, Note
from deckwright.core.progress import SILENT, Progress
from deckwright.output.card_html import CardHtml, card_html, line_html, media_name
from deckwright.output.modification_times import modification_time
from deckwright.project.notetypes import content_fingerprint, in_order, labels_fingerprint
from deckwright.project.project import Project


def make_notes(
    cards: Iterable[Card],
    images: Iterable[Image],
    project: Project,
    progress: Progress = SILENT,
) -> tuple[Note, ...]:
    """Return a note per card, in curriculum order.

    `images` are those of the project. The position of a note is its place in the order of
    study, from 1.
    """
    ordered = sorted(cards, key=_curriculum(project))
    compared = {given.value for card in ordered for given in card.compare}
    # An overlay's card can have the ID of one of the project's, which then keeps its line.
    last_first = sorted(ordered, key=lambda c: project.namespaces.index(c.namespace), reverse=True)
    lines = {card.id: line_html(card.content) for card in last_first if card.id in compared}
    names = {image.path: media_name(image, project.tag) for image in images}
    studied = sorted(ordered, key=_order_of_study(project))
    positions = {(card.namespace, card.id): n for n, card in enumerate(studied, start=1)}
    notes = []
    for card in progress.over("making notes", ordered):
        key = card.namespace, card.id
        html = card_html(card, names, _other_language(card, project))
        notes.append(_note(card, html, positions[key], project, lines))
    return tuple(notes)


def tags(card: Card, project: Project) -> tuple[str, ...]:
    """Return a card's tags, sorted, below the tag root of its namespace."""
    vocabulary = project.vocabulary
    labels = [f"part::{card.part}", f"kind::{card.kind}", f"topic::{card.topic}"]
    labels += [
        f"{'theme' if vocabulary.services[s].theme else 'service'}::{s}" for s in card.services
    ]
    labels += [f"exam::{exam}" for exam in card.exams if exam in vocabulary.exam_tasks]
    if card.level != vocabulary.default_level:
        labels.append(f"level::{card.level}")
    if card.status != vocabulary.default_status:
        labels.append(f"status::{card.status}")
    labels += {f"{MARKS}::{tag}" for tag in card.tags}
    return tuple(sorted(f"{project.card_folder(card.namespace).tag}::{tag}" for tag in labels))


def deck(card: Card, project: Project) -> str:
    """Return the home deck of a card, the same in every package."""
    return project.home_deck(card.namespace, card.part, card.service)


def _curriculum(project: Project) -> Callable[[Card], tuple[int, int, int, int, str, int]]:
    """Return a sort key: part, topic and kind as in the vocabulary, card folder, place."""
    folders = {folder.path: n for n, folder in enumerate(project.card_folders)}
    parts = {slug: n for n, slug in enumerate(project.vocabulary.parts)}
    topics = {slug: n for n, slug in enumerate(project.vocabulary.topics)}
    kinds = {slug: n for n, slug in enumerate(project.vocabulary.kinds)}

    def key(card: Card) -> tuple[int, int, int, int, str, int]:
        folder = card.span.source.card_folder
        subject = parts[card.part], topics[card.topic], kinds[card.kind]
        path = card.span.path.removeprefix(folder)
        return (*subject, folders.get(folder, 0), path, card.span.start)

    return key


def _order_of_study(project: Project) -> Callable[[Card], tuple[int, str]]:
    """Return a key that sorts cards in curriculum order by level, then by deck.

    Anki gathers new cards deck by deck, and in a deck by position.
    """
    levels = {slug: n for n, slug in enumerate(project.vocabulary.levels)}

    def key(card: Card) -> tuple[int, str]:
        return levels.get(card.level, 0), deck(card, project)

    return key


def _other_language(card: Card, project: Project) -> str:
    """Return the language of a card if it is not that of its note type; otherwise nothing."""
    languages = {folder.path: folder.language for folder in project.card_folders}
    language = languages.get(card.span.source.card_folder, "")
    notetype = project.notetype(card.namespace, card.type)
    usual = project.card_folder(project.notetype_namespace(notetype)).language
    return language if language != usual else ""


def _note(
    card: Card, html: CardHtml, position: int, project: Project, lines: Mapping[str, str]
) -> Note:
    """Return the note of a card.

    `lines` are what the cards that others compare themselves with teach, by id.
    """
    notetype = project.notetype(card.namespace, card.type)
    values = html.fields | _shared(card, project) | {"Compare": _compare(card, lines)}
    fields, tagged = in_order(notetype, values), tags(card, project)
    content = content_fingerprint(notetype, fields)
    released = project.row(card.namespace, card.id)
    last_release = project.last_mod_of((card.namespace,))
    mod, draft = modification_time(content, released, last_release)
    return Note(
        id=card.id,
        guid=guid(card.namespace, card.id),
        type=notetype.slug,
        fields=fields,
        tags=tagged,
        deck=released.deck if released else deck(card, project),
        position=position,
        content_fingerprint=content,
        labels_fingerprint=labels_fingerprint(notetype, fields, tagged),
        mod=mod,
        note_id=released.note_id if released else 0,
        draft=draft,
        card=card,
        media=html.media,
    )


def _compare(card: Card, lines: Mapping[str, str]) -> str:
    """Return what the cards teach that are easily confused with this one, as a list."""
    items = [f"<li>{lines[given.value]}</li>" for given in card.compare if given.value in lines]
    return "<ul>\n" + "\n".join(items) + "\n</ul>" if items else ""


def _shared(card: Card, project: Project) -> dict[str, str]:
    """Return the fields that all note types share."""
    vocabulary = project.vocabulary
    return {
        "ID": card.id,
        "Status": markdown.text_html(vocabulary.statuses[card.status].label),
        "Part": markdown.text_html(vocabulary.parts[card.part].title),
        "Services": markdown.text_html(
            ", ".join(vocabulary.services[s].title for s in card.services)
        ),
        "Exams": ", ".join(
            vocabulary.exam_tasks[e] for e in card.exams if e in vocabulary.exam_tasks
        ),
        "AsOf": card.checked[:7],
        "Source": "<br>".join(_source_link(address) for address in card.sources),
    }


@cache
def _source_link(address: str) -> str:
    """Return a link to a source that shows where it leads: host › guide › page."""
    parts = urlsplit(address)
    steps = [s for s in parts.path.split("/") if s and s not in ("latest", "index.html")]
    shown = [steps[0], steps[-1]] if len(steps) > 1 else steps
    words = " › ".join([parts.hostname or address, *(s.removesuffix(".html") for s in shown)])
    text = markdown.text_html(words)
    return f"{markdown.link_open(address)}{text}</a>"
