"""SVG images: their size, and how small their type gets on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from math import sqrt
from typing import NamedTuple
from xml.etree import ElementTree

from deckwright.cards.rules import svg_style
from deckwright.cards.rules.svg_content import RefusedError, name, parse

# Pixels: the box under an answer leaves an image 285 of a phone's 360.
SHOWN_WIDTH = 285
_DEFAULT_SIZE = 16.0  # pixels: the initial font size (CSS Fonts, `medium`)
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_NUMBER = re.compile(r"[-+.\deE]+")
_LENGTH = re.compile(r"([\d.]+)\s*([a-z%]*)")
_LENGTH_CHARACTERS = 40
_TEXT = ("text", "tspan", "textPath")
_NOT_DRAWN = ("title", "desc")


class SvgImage(NamedTuple):
    """What the rules know of an SVG image.

    `box` is the size of its viewBox, `smallest` the smallest type with its words. If it is
    `refused`, nothing else is known.
    """

    refused: RefusedError | None = None
    box: tuple[float, float] | None = None
    smallest: tuple[float, str] | None = None


@lru_cache(maxsize=256)
def look(data: bytes) -> SvgImage:
    """Return what the rules need to know of an image. Many cards can show the same one."""
    try:
        root = parse(data)
        box = view_box(root)
    except RefusedError as error:
        return SvgImage(error)
    return SvgImage(None, box, smallest_type(root, box[0]))


def view_box(root: ElementTree.Element) -> tuple[float, float]:
    """Return width and height of the viewBox in its units.

    Raises RefusedError without a usable one.
    """
    numbers = _NUMBER.findall(root.get("viewBox", ""))
    try:
        width, height = (float(number) for number in numbers[2:])
    except ValueError:
        width = height = 0
    if not all(0.001 <= n <= 1_000_000 for n in (width, height)):
        message = "the image has no usable viewBox, so a phone crops it"
        help_line = (
            'add `viewBox="0 0 WIDTH HEIGHT"` to its first tag, `<svg>`, '
            "with the width and height of the drawing"
        )
        raise RefusedError("R611", message, help_line)
    return width, height


def smallest_type(root: ElementTree.Element, across: float) -> tuple[float, str] | None:
    """Return the smallest type, in pixels on a phone, with its words; None if none.

    `across` is the width of the viewBox. Font sizes come from attributes, scales from
    `transform`.
    """
    scale = min(SHOWN_WIDTH, _length(root.get("width", ""), SHOWN_WIDTH, SHOWN_WIDTH)) / across
    return min(_types(root, _DEFAULT_SIZE, scale), default=None)


def _types(element: ElementTree.Element, size: float, scale: float) -> Iterator[tuple[float, str]]:
    """Yield the size in pixels and the words of all text in an element."""
    style = svg_style.declarations(element.get("style", ""))
    size = _length(style.get("font-size", element.get("font-size", "")), size, size)
    scale *= _scale(element.get("transform", ""))
    if name(element) in _TEXT:
        pieces = [element.text or "", *(child.tail or "" for child in element)]
        if words := " ".join(" ".join(pieces).split()):
            yield round(size * scale, 2), words
    for child in element:
        if name(child) not in _NOT_DRAWN:
            yield from _types(child, size, scale)


def _length(written: str, parent: float, otherwise: float) -> float:
    """Return a length in pixels, or `otherwise`; `em` and `%` are of `parent`."""
    length = written.removesuffix("!important").strip()
    match = _LENGTH.fullmatch(length) if len(length) <= _LENGTH_CHARACTERS else None
    if match is None:
        return otherwise
    try:
        value = float(match[1])
    except ValueError:
        return otherwise
    units = {**_UNITS, "em": parent, "%": parent / 100}
    return value * units[match[2]] if match[2] in units else otherwise


def _scale(transform: str) -> float:
    """Return how much a transform enlarges type (mean of both directions)."""
    factor = 1.0
    *steps, _ = transform.split(")")
    for step in steps:
        kind, _, inside = step.strip(" \t\r\n,").partition("(")
        try:
            numbers = [float(n) for n in _NUMBER.findall(inside)]
        except ValueError:
            continue
        if kind.strip() == "scale" and numbers:
            factor *= sqrt(abs(numbers[0] * numbers[-1]))
        elif kind.strip() == "matrix" and len(numbers) == 6:
            factor *= sqrt(abs(numbers[0] * numbers[3] - numbers[1] * numbers[2]))
    return factor
