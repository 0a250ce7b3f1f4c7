"""Images and links.

An image is a file in the card folder that says what it shows and loads nothing; a link
leads to an https page.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import partial
from math import ceil

from deckwright.cards.raster import FIRST_BYTES
from deckwright.cards.rules import Context, svg, svg_content
from deckwright.core.blocks import Mark
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.note import Image, image_path
from deckwright.core.suggest import closest

BYTES = svg_content.MAX_BYTES
WIDTH = 1_200  # pixels
HEIGHT = svg_content.MAX_PIXELS
_RELATIVE = "and write its path relative to the card's file, such as `img/name.svg`"
TYPE = 12  # pixels: the smallest type that can be read on a phone


def can_be_shown(card: Card, context: Context) -> Iterator[Diagnostic]:
    """R601 to R606, R608, R609, R611, R612.

    Every image exists, is small, described, passive and legible; links are https.
    """
    for block in card.blocks:
        for mark in block.marks:
            if mark.kind == "image":
                yield from _image_diagnostics(card, mark, context)
            elif mark.kind == "link" and not mark.extra.startswith("https://"):
                message = f"`{mark.extra}` isn't an https address"
                if not mark.extra:
                    message = "the link has no address"
                help_line = "write the full address of the page, beginning with https://"
                if mark.extra.startswith("http://"):
                    help_line = f"write `https{mark.extra.removeprefix('http')}`"
                yield Diagnostic("R608", message, mark.span, help_line)


def _image_diagnostics(card: Card, mark: Mark, context: Context) -> Iterator[Diagnostic]:
    if not mark.text.strip():
        help_line = f"describe what the image shows: `![What it shows]({mark.extra})`"
        yield Diagnostic("R604", "the image has no description", mark.span, help_line)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", mark.extra):
        message = "the image would be loaded from the network"
        help_line = f"save the image in the card folder, {_RELATIVE}"
        yield Diagnostic("R605", message, mark.span, help_line)
        return
    path = image_path(card.span.path, mark.extra)
    folder = card.span.source.card_folder
    if mark.extra.startswith("/") or not path.startswith(folder + "/"):
        message = f"the image is outside the card folder, `{folder}/`"
        help_line = f"move the image to `{folder}/`, {_RELATIVE}"
        yield Diagnostic("R603", message, mark.span, help_line)
        return
    image = context.images.get(path)
    if image is None:
        help_line = f"add the file `{path}`, or correct the path"
        find_help = partial(_with_suggestion, path, card.span.path, context.images, help_line)
        message = f"the image `{mark.extra}` doesn't exist"
        yield Diagnostic("R601", message, mark.span, help_line, find_help=find_help)
        return
    yield from _file_diagnostics(image, mark)


def _with_suggestion(path: str, card: str, images: Iterable[str], help_line: str) -> str:
    """Return the help for an image that does not exist: the most similar one, if any is."""
    similar = closest(path, images)
    if not similar:
        return help_line
    return f"did you mean `{posixpath.relpath(similar, posixpath.dirname(card))}`?"


def _file_diagnostics(image: Image, mark: Mark) -> Iterator[Diagnostic]:
    if image.path.endswith(".svg"):
        yield from _svg_diagnostics(image, mark)
        return
    suffix = posixpath.splitext(image.path)[1]
    if len(image.data) > BYTES:
        help_line = "reduce its size or quality, or draw it as SVG"
        message = svg_content.too_many_bytes(image.data)
        yield Diagnostic("R602", message, mark.span, help_line)
    elif image.width > WIDTH:
        message = f"the image is {image.width:,} pixels wide; the maximum is {WIDTH:,}"
        help_line = f"scale it to a width of {WIDTH:,} pixels or less"
        yield Diagnostic("R602", message, mark.span, help_line)
    elif image.height > HEIGHT:
        message = f"the image is {image.height:,} pixels high; the maximum is {HEIGHT:,}"
        help_line = f"scale it to a height of {HEIGHT:,} pixels or less, or crop it"
        yield Diagnostic("R602", message, mark.span, help_line)
    if not image.data.startswith(FIRST_BYTES[suffix]) or not image.width * image.height:
        message = f"`{mark.extra}` isn't a {suffix[1:].upper()} image"
        help_line = f"export the image again as {suffix[1:].upper()}"
        yield Diagnostic("R609", message, mark.span, help_line)


def _svg_diagnostics(image: Image, mark: Mark) -> Iterator[Diagnostic]:
    drawing = svg.look(image.data)
    if refused := drawing.refused:  # what cannot be read to its end could be harmful
        yield Diagnostic(refused.code, refused.message, mark.span, refused.help, stops=True)
    elif drawing.box and drawing.smallest and drawing.smallest[0] < TYPE:
        size, words = drawing.smallest
        units = ceil(TYPE * drawing.box[0] / svg.SHOWN_WIDTH)
        message = (
            f"`{words[:40]}` in the image is {size:.1f} pixels high on a phone; "
            f"the minimum is {TYPE}"
        )
        help_line = (
            f"use a font size of {units} or more, "
            f"because the viewBox is {drawing.box[0]:g} units wide"
        )
        yield Diagnostic("R612", message, mark.span, help_line)
