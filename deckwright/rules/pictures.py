"""Pictures and links: pictures lie beside the cards, say what they show, load nothing; links go to https pages."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deckwright.diagnostic import Diagnostic
from deckwright.model import Card, Image, Mark
from deckwright.rules import Setting
from deckwright.wording import nearest

BYTES = 300_000
WIDTH = 1_200  # pixels

_ACTIVE = re.compile(
    rb"<script|\son\w+\s*=|<foreignObject|<!ENTITY|@import|<(?:image|use)\b[^>]*href\s*=\s*[\"'](?!#|data:image/)|url\(\s*[\"']?https?:",
    re.IGNORECASE,
)


def can_be_shown(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """R601 to R606, R608: every picture is there, small, described and passive; every link is absolute https."""
    for block in card.blocks:
        for mark in block.marks:
            if mark.kind == "image":
                yield from _picture(card, mark, setting)
            elif mark.kind == "link" and not mark.extra.startswith("https://"):
                message = f"`{mark.extra}` is not an https address" if mark.extra else "the link has no address"
                help_line = "a card's links open in a browser: write the whole https://… address"
                yield Diagnostic("R608", message, mark.span, help_line)


def place(card: Card, address: str) -> str:
    """Path of a picture in the project, from its address in the card's file."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(card.span.path), address))


def _picture(card: Card, mark: Mark, setting: Setting) -> Iterator[Diagnostic]:
    if not mark.text.strip():
        yield Diagnostic(
            "R604", "the picture has no description", mark.span, "write what it shows: `![Traffic moves to the new fleet in ten steps](…)`"
        )
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", mark.extra):
        yield Diagnostic(
            "R605", "the picture would be loaded from the network", mark.span, "put the file beside the cards and write its relative path"
        )
        return
    path = place(card, mark.extra)
    root = card.span.source.root
    if mark.extra.startswith("/") or not path.startswith(root + "/"):
        yield Diagnostic(
            "R603", f"the picture lies outside {root}/", mark.span, f"put the file somewhere in {root}/ and write its relative path"
        )
        return
    image = setting.images.get(path)
    if image is None:
        yield Diagnostic(
            "R601",
            f"there is no picture {path}",
            mark.span,
            _relative(card, nearest(path, setting.images)) or "put the file there, or mend the path",
        )
        return
    yield from _file(image, mark)


def _relative(card: Card, hint: str) -> str:
    """A hint that names a path of the project, with the path as the card's file has to write it."""
    found = re.search(r"`(.+)`", hint)
    return f"did you mean `{posixpath.relpath(found[1], posixpath.dirname(card.span.path))}`?" if found else ""


def _file(image: Image, mark: Mark) -> Iterator[Diagnostic]:
    if len(image.data) > BYTES:
        yield Diagnostic("R602", f"the picture has {len(image.data):,} bytes", mark.span, f"at most {BYTES:,}: draw it as SVG or shrink it")
    elif image.width > WIDTH:
        yield Diagnostic("R602", f"the picture is {image.width:,} pixels wide", mark.span, f"shrink it to {WIDTH:,} pixels or fewer")
    if image.path.endswith(".svg") and (match := _ACTIVE.search(image.data)):
        found = match[0].decode("utf-8", "replace").strip()
        yield Diagnostic("R606", f"the picture holds `{found}`, which runs or loads something", mark.span, "save it as plain SVG")
