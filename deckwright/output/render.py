"""Stage 5: Cards → Notes: HTML fields, tags, deck, position, fingerprint, `mod`.

A released card keeps its home deck and its note id. As long as nothing else in it
changes, it also keeps its `mod` and the check date that it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from deckwright import markdown
from deckwright.cache.dependencies import of_compiler
from deckwright.cache.store import Store, found_or_made, key_of
from deckwright.core.card import Basic, Card, Cloze, Content, MultipleChoice
from deckwright.core.diagnostics import Outcome
from deckwright.core.identity import draft_mod, fingerprint, guid
from deckwright.core.note import Image, Media, Note, picture_path
from deckwright.core.progress import SILENT, Progress
from deckwright.output.card_text import card_text
from deckwright.project.notetypes import in_order
from deckwright.project.project import Project

# Fields by name, the images in them, and the text for programs.
Body = tuple[dict[str, str], tuple[Media, ...], dict[str, Any]]


def render(
    cards: Iterable[Card],
    project: Project,
    images: Iterable[Image],
    progress: Progress = SILENT,
    store: Store | None = None,
) -> Outcome[Note]:
    """Return a note per card, in curriculum order.

    The position of a note is its place in the order of study, from 1. `store` has the HTML
    of cards that an earlier run has rendered.
    """
    names = {image.path: media_name(image, project.tag) for image in images}
    ordered = sorted(cards, key=_curriculum(project))
    compared = {given.value for card in ordered for given in card.compare}
    setting = key_of(of_compiler(), *map(str, names.items())) if store else b""
    lines = {
        card.id: found_or_made(store, partial(_line_key, card, setting), partial(_one_line, card))
        for card in ordered
        if card.id in compared
    }
    studied = sorted(ordered, key=_order_of_study(project))
    positions = {(card.namespace, card.id): n for n, card in enumerate(studied, start=1)}
    notes = []
    for card in progress.over("rendering cards", ordered):
        body = found_or_made(store, partial(_body_key, card, setting), partial(_body, card, names))
        position = positions[card.namespace, card.id]
        notes.append(_note(card, body, position, project, lines))
    return Outcome(tuple(notes))


def _body_key(card: Card, setting: bytes) -> bytes:
    """Return the fingerprint of what a card's own text in HTML depends on."""
    return key_of(setting, card.span.path, card.span.source.root, card.type, card.span.text)


def _line_key(card: Card, setting: bytes) -> bytes:
    return key_of(_body_key(card, setting), "line")


MARKS = "mark"  # below a tag root: tags of authors' own, and those that an overlay adds


def media_name(image: Image, tag: str) -> str:
    """Return the name of an image in Anki's media folder: ASCII, lowercase.

    It contains a digest, so a changed image has another name, and begins with `_`, so
    Anki never lists it as unused.
    """
    path = PurePosixPath(image.path)
    stem = "".join(c if c.isascii() and c.isalnum() else "-" for c in path.stem.lower())
    return f"_{tag}-{stem.strip('-')[:40]}-{image.digest[:12]}{path.suffix}"


def tags(card: Card, project: Project) -> tuple[str, ...]:
    """Return a card's tags, sorted, below the tag root of its namespace."""
    vocabulary = project.vocabulary
    found = [f"task::{card.task}", f"kind::{card.kind}", f"topic::{card.topic}"]
    found += [
        f"{'theme' if vocabulary.services[s].theme else 'service'}::{s}" for s in card.services
    ]
    found += [f"exam::{exam}" for exam in card.exams]
    if card.level != vocabulary.default_level:
        found.append(f"level::{card.level}")
    if card.status != vocabulary.default_status:
        found.append(f"status::{card.status}")
    found += {f"{MARKS}::{tag}" for tag in card.tags}
    return tuple(sorted(f"{project.root(card.namespace).tag}::{tag}" for tag in found))


def deck(card: Card, project: Project) -> str:
    """Return the home deck of a card, the same in every package."""
    return project.home_deck(card.namespace, card.task, card.service)


def _curriculum(project: Project) -> Callable[[Card], tuple[int, int, int, int, str, int]]:
    """Return a sort key: task, topic and kind as in the vocabulary, root, place."""
    roots = {root.path: n for n, root in enumerate(project.roots)}
    tasks = {slug: n for n, slug in enumerate(project.vocabulary.tasks)}
    topics = {slug: n for n, slug in enumerate(project.vocabulary.topics)}
    kinds = {slug: n for n, slug in enumerate(project.vocabulary.kinds)}

    def key(card: Card) -> tuple[int, int, int, int, str, int]:
        root = card.span.source.root
        subject = tasks[card.task], topics[card.topic], kinds[card.kind]
        path = card.span.path.removeprefix(root)
        return (*subject, roots.get(root, 0), path, card.span.start)

    return key


def _order_of_study(project: Project) -> Callable[[Card], tuple[int, str]]:
    """Return a key that sorts cards in curriculum order by level, then by deck.

    Anki gathers new cards deck by deck, and in a deck by position.
    """
    levels = {slug: n for n, slug in enumerate(project.vocabulary.levels)}

    def key(card: Card) -> tuple[int, str]:
        return levels.get(card.level, 0), deck(card, project)

    return key


def _note(card: Card, body: Body, position: int, project: Project, lines: dict[str, str]) -> Note:
    """Return the note of a card.

    `lines` are what the cards that others compare themselves with teach, by id.
    """
    own, media, text = body
    notetype = project.notetype(card.namespace, card.type)
    values = own | _shared(card, project) | {"Compare": _compare(card, lines)}
    labels = tags(card, project)
    released = project.row(card.namespace, card.id)
    same, digest = False, ""
    fields: tuple[str, ...] = ()
    if released:  # a new check date alone is no change: the card shows the date of its release
        fields = in_order(notetype, values | {"AsOf": released.shown})
        digest = fingerprint(notetype.id, fields, labels)
        same = digest == released.fingerprint
    if not same:
        fields = in_order(notetype, values | {"AsOf": card.checked[:7]})
        digest = fingerprint(notetype.id, fields, labels)
    mod = released.mod if released else 0
    if not same:
        mod = draft_mod(digest, mod, project.last_mod_of((card.namespace,)))
    return Note(
        id=card.id,
        guid=guid(card.namespace, card.id),
        type=notetype.slug,
        fields=fields,
        tags=labels,
        deck=released.deck if released else deck(card, project),
        position=position,
        fingerprint=digest,
        mod=mod,
        note_id=released.note_id if released else 0,
        draft=not same,
        card=card,
        media=media,
        text=text,
    )


def _body(card: Card, names: Mapping[str, str]) -> Body:
    """Return the fields with the card's own text, the images in them, and its text.

    `names` are the media names of all images by path.
    """
    media: set[Media] = set()

    def address(src: str) -> str:
        path = picture_path(card.span.path, src)
        media.add(Media(names[path], path))
        return names[path]

    fields = _fields(card.content, address)
    return fields, tuple(sorted(media, key=lambda m: m.name)), card_text(card.content)


def _fields(content: Content, address: Callable[[str], str]) -> dict[str, str]:
    extra = {"Extra": markdown.html(content.extra.blocks, address)}
    if isinstance(content, Cloze):
        return {"Text": markdown.html(content.text.blocks, address)} | extra
    question = {"Question": markdown.html(content.question.blocks, address)}
    if isinstance(content, Basic):
        answer = {
            "Answer": markdown.html(content.answer.blocks, address),
            "Hint": markdown.text_html(content.hint),
        }
        return question | answer | extra
    return question | _options(content, address) | extra


def _options(content: MultipleChoice, address: Callable[[str], str]) -> dict[str, str]:
    """Return options and reasons as lists, the right numbers, and their count."""
    options = [
        f'<li data-n="{n}">{markdown.inline_html(o.text, address)}</li>'
        for n, o in enumerate(content.options, 1)
    ]
    reasons = [
        f'<li data-n="{n}">{markdown.html(o.why, address)}</li>'
        for n, o in enumerate(content.options, 1)
    ]
    right = [str(n) for n, o in enumerate(content.options, 1) if o.right]
    return {
        "Pick": str(len(right)),
        "Options": '<ol class="options">\n' + "\n".join(options) + "\n</ol>",
        "Key": " ".join(right),
        "Why": '<ul class="why">\n' + "\n".join(reasons) + "\n</ul>",
    }


def _compare(card: Card, lines: dict[str, str]) -> str:
    """Return what the cards teach that are easily confused with this one, as a list."""
    items = [f"<li>{lines[given.value]}</li>" for given in card.compare if given.value in lines]
    return "<ul>\n" + "\n".join(items) + "\n</ul>" if items else ""


def _one_line(card: Card) -> str:
    """Return what a card teaches, in one line, its answers in bold."""
    content = card.content
    if isinstance(content, Cloze):
        return markdown.line_html(content.text.blocks)
    if isinstance(content, Basic):
        answer = markdown.line_html(content.answer.blocks)
    else:
        answer = "; ".join(markdown.line_html([o.text]) for o in content.options if o.right)
    return f"{markdown.line_html(content.question.blocks)} <b>{answer}</b>"


def _shared(card: Card, project: Project) -> dict[str, str]:
    """Return the fields that all note types share."""
    vocabulary = project.vocabulary
    return {
        "ID": card.id,
        "Status": markdown.text_html(vocabulary.statuses[card.status].label),
        "Task": markdown.text_html(vocabulary.tasks[card.task].label),
        "Services": markdown.text_html(
            ", ".join(vocabulary.services[s].title for s in card.services)
        ),
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
