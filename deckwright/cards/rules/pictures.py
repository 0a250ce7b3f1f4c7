"""Pictures and links: pictures lie beside the cards, say what they show, load nothing; links go to https pages."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from math import ceil

from deckwright.cards.rules import Setting, svg
from deckwright.core.blocks import Mark
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.note import Image, picture_path
from deckwright.core.suggest import nearest

BYTES = 300_000
WIDTH = 1_200  # pixels
TYPE = 12  # pixels: what can be read on a phone

_FIRST_BYTES = {
    ".png": b"\x89PNG\r\n\x1a\n",
    ".gif": b"GIF8",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
}


def can_be_shown(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """R601 to R606, R608, R609, R611, R612: every picture is there, small, described, passive and legible; links are https."""
    for block in card.blocks:
        for mark in block.marks:
            if mark.kind == "image":
                yield from _picture(card, mark, setting)
            elif mark.kind == "link" and not mark.extra.startswith("https://"):
                message = (
                    f"`{mark.extra}` is not an https address"
                    if mark.extra
                    else "the link has no address"
                )
                help_line = "a card's links open in a browser: write the whole https://… address"
                yield Diagnostic("R608", message, mark.span, help_line)


def _picture(card: Card, mark: Mark, setting: Setting) -> Iterator[Diagnostic]:
    if not mark.text.strip():
        yield Diagnostic(
            "R604",
            "the picture has no description",
            mark.span,
            "write what it shows: `![Traffic moves to the new fleet in ten steps](…)`",
        )
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", mark.extra):
        yield Diagnostic(
            "R605",
            "the picture would be loaded from the network",
            mark.span,
            "put the file beside the cards and write its relative path",
        )
        return
    path = picture_path(card.span.path, mark.extra)
    root = card.span.source.root
    if mark.extra.startswith("/") or not path.startswith(root + "/"):
        yield Diagnostic(
            "R603",
            f"the picture lies outside {root}/",
            mark.span,
            f"put the file somewhere in {root}/ and write its relative path",
        )
        return
    image = setting.images.get(path)
    if image is None:
        yield Diagnostic(
            "R601",
            f"there is no picture {path}",
            mark.span,
            _relative(card, nearest(path, setting.images))
            or "put the file there, or mend the path",
        )
        return
    yield from _file(image, mark)


def _relative(card: Card, hint: str) -> str:
    """A hint that names a path of the project, with the path as the card's file has to write it."""
    found = re.search(r"`(.+)`", hint)
    return (
        f"did you mean `{posixpath.relpath(found[1], posixpath.dirname(card.span.path))}`?"
        if found
        else ""
    )


def _file(image: Image, mark: Mark) -> Iterator[Diagnostic]:
    if len(image.data) > BYTES:
        yield Diagnostic(
            "R602",
            f"the picture has {len(image.data):,} bytes",
            mark.span,
            f"at most {BYTES:,}: draw it as SVG or shrink it",
        )
    elif image.width > WIDTH:
        yield Diagnostic(
            "R602",
            f"the picture is {image.width:,} pixels wide",
            mark.span,
            f"shrink it to {WIDTH:,} pixels or fewer",
        )
    suffix = posixpath.splitext(image.path)[1]
    if suffix == ".svg":
        yield from _svg(image, mark)
    elif not image.data.startswith(_FIRST_BYTES[suffix]):
        yield Diagnostic(
            "R609",
            f"the file is no {suffix[1:].upper()} picture",
            mark.span,
            "save it again from a drawing program",
        )


def _svg(image: Image, mark: Mark) -> Iterator[Diagnostic]:
    try:
        root = svg.parse(image.data)
    except svg.Active as found:
        yield Diagnostic(
            "R606",
            f"the picture holds `{found}`, which runs or loads something",
            mark.span,
            "save it as plain SVG",
        )
        return
    if root is None:
        yield Diagnostic(
            "R609",
            "the file is no SVG picture",
            mark.span,
            "save it again from a drawing program, as UTF-8",
        )
    elif (box := svg.view_box(root)) is None:
        help_line = 'write `viewBox="0 0 WIDTH HEIGHT"` into its first tag'
        yield Diagnostic(
            "R611", "the picture has no viewBox, so a phone cuts it off", mark.span, help_line
        )
    elif (smallest := svg.smallest_type(root, box[0])) and smallest[0] < TYPE:
        size, words = smallest
        message = f"`{words[:40]}` in the picture is {size:.1f} pixels high on a phone"
        help_line = f"at least {TYPE}: in a picture {box[0]:g} wide, type of {ceil(TYPE * box[0] / svg.SHOWN)} units or more"
        yield Diagnostic("R612", message, mark.span, help_line)
