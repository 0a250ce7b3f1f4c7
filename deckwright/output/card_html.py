"""The Markdown of a card in HTML, as the fields of its note type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from deckwright import markdown
from deckwright.core.card import Basic, Card, Cloze, Content, MultipleChoice
from deckwright.core.note import Image, Media, image_path
from deckwright.project.words import of_language

_MARKED_UP = ("Text", "Question", "Answer", "Options", "Why", "Extra")  # not just plain text


class CardHtml(NamedTuple):
    """A card's own text in HTML.

    `fields` are those of its note type that show it, by name, `media` the images in
    them.
    """

    fields: dict[str, str]
    media: tuple[Media, ...]


def media_name(image: Image, tag: str) -> str:
    """Return the name of an image in Anki's media folder: ASCII, lowercase.

    It contains a digest, so a changed image has another name, and begins with `_`, so
    Anki never lists it as unused.
    """
    path = PurePosixPath(image.path)
    stem = "".join(c if c.isascii() and c.isalnum() else "-" for c in path.stem.lower())
    return f"_{tag}-{stem.strip('-')[:40]}-{image.digest[:12]}{path.suffix}"


def card_html(card: Card, names: Mapping[str, str], language: str = "") -> CardHtml:
    """Return the HTML of a card's own text. `names` are the media names of images by path.

    `language` is that of the text if it differs from the language of the note type.
    """
    media: set[Media] = set()

    def address(src: str) -> str:
        path = image_path(card.span.path, src)
        media.add(Media(names[path], path))
        return names[path]

    fields = _fields(card.content, address)
    if language:
        open_tag = '<div lang="{lang}" dir="{dir}">'.format(**of_language(language))
        fields |= {n: f"{open_tag}{v}</div>" for n, v in fields.items() if v and n in _MARKED_UP}
    return CardHtml(fields, tuple(sorted(media, key=lambda m: m.name)))


def _fields(content: Content, address: Callable[[str], str]) -> dict[str, str]:
    extra = {"Extra": markdown.field_html(content.extra.blocks, address)}
    if isinstance(content, Cloze):
        return {"Text": markdown.field_html(content.text.blocks, address)} | extra
    question = {"Question": markdown.field_html(content.question.blocks, address)}
    if isinstance(content, Basic):
        answer = {
            "Answer": markdown.field_html(content.answer.blocks, address),
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
        f'<li data-n="{n}">{markdown.field_html(o.why, address)}</li>'
        for n, o in enumerate(content.options, 1)
    ]
    right = [str(n) for n, o in enumerate(content.options, 1) if o.right]
    return {
        "Pick": str(len(right)),
        "Options": '<ol class="options">\n' + "\n".join(options) + "\n</ol>",
        "Key": " ".join(right),
        "Why": '<ul class="why">\n' + "\n".join(reasons) + "\n</ul>",
    }


def line_html(content: Content) -> str:
    """Return what a card teaches, in one line of HTML, its answers in bold."""
    if isinstance(content, Cloze):
        return markdown.line_html(content.text.blocks)
    if isinstance(content, Basic):
        answer = markdown.line_html(content.answer.blocks)
    else:
        answer = "; ".join(markdown.line_html([o.text]) for o in content.options if o.right)
    return f"{markdown.line_html(content.question.blocks)} <b>{answer}</b>"
