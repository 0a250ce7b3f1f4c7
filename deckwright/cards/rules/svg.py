"""SVG pictures: whether one only draws, and how small its type gets on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import sqrt
from xml.etree import ElementTree

# Pixels: the box under an answer leaves a picture 285 of a phone's 360.
SHOWN_WIDTH = 285
_DEFAULT_SIZE = 16.0  # pixels: the initial font size (CSS Fonts, `medium`)
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_SIZE = re.compile(r"(?:^|[;{\s])font-size\s*:\s*([^;}]+)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NUMBER = re.compile(r"[-+.\deE]+")
_LENGTH = re.compile(r"\s*([\d.]+)\s*([a-z%]*)\s*(?:!important)?\s*")
_ACTIVE_TEXT = re.compile(r"<!DOCTYPE|<!ENTITY|<\?xml-stylesheet", re.IGNORECASE)
_LOADED_STYLE = re.compile(
    r"@import|url\(\s*[\"']?(?!\s*[\"']?(?:#|data:image/))[^)]{0,40}", re.IGNORECASE
)
_ACTIVE = (
    "script", "foreignObject", "handler", "iframe", "set", "animate", "animateTransform",
    "animateMotion",
)  # fmt: skip
_TEXT = ("text", "tspan", "textPath", "a")
_NOT_DRAWN = ("title", "desc", "style", "metadata")


class ActiveContentError(Exception):
    """The picture has something that runs or loads; the text names it."""


def parse(data: bytes) -> ElementTree.Element | None:
    """Return the root of an SVG picture, None if it is none.

    Raises ActiveContentError if it does more than draw: it may refer only to its own
    parts and to data inside it.
    """
    try:
        text = data.decode("utf-8")
        if match := _ACTIVE_TEXT.search(text):
            raise ActiveContentError(match[0])
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, UnicodeDecodeError):
        return None
    if name(root) != "svg":
        return None
    for element in root.iter():
        _require_passive(element)
    return root


def name(element: ElementTree.Element) -> str:
    """Return an element's name without its namespace, empty for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _require_passive(element: ElementTree.Element) -> None:
    tag = name(element)
    if tag in _ACTIVE:
        raise ActiveContentError(f"<{tag}>")
    for key, value in element.attrib.items():
        plain = key.rpartition("}")[2]
        if plain.lower().startswith("on"):
            raise ActiveContentError(plain)
        if plain == "href" and not re.match(r"\s*(?:#|data:image/)", value):
            raise ActiveContentError(f'{plain}="{value[:40]}"')
        _require_passive_style(value)
    if tag == "style":
        _require_passive_style(element.text or "")


def _require_passive_style(text: str) -> None:
    if match := _LOADED_STYLE.search(text):
        raise ActiveContentError(match[0])


def view_box(root: ElementTree.Element) -> tuple[float, float] | None:
    """Return width and height of the viewBox in its units, None without one."""
    numbers = _NUMBER.findall(root.get("viewBox", ""))
    try:
        width, height = (float(number) for number in numbers[2:])
    except ValueError:
        return None
    return (width, height) if width > 0 and height > 0 else None


def smallest_type(root: ElementTree.Element, across: float) -> tuple[float, str] | None:
    """Return the smallest type, in pixels on a phone, with its words; None if none.

    `across` is the width of the viewBox. Font sizes come from attributes, `style` and
    simple rules of `<style>` (a name, a class), scales from `transform`.
    """
    scale = min(SHOWN_WIDTH, _length(root.get("width", ""), SHOWN_WIDTH, SHOWN_WIDTH)) / across
    rules: dict[str, str] = {}
    for element in root.iter():
        if name(element) == "style":
            rules |= _rules(element.text or "")
    return min(_types(root, _DEFAULT_SIZE, scale, rules), default=None)


def _types(
    element: ElementTree.Element, size: float, scale: float, rules: Mapping[str, str]
) -> Iterator[tuple[float, str]]:
    """Yield the size in pixels and the words of all text in an element."""
    size = _length(_font_size(element, rules), size, size)
    scale *= _scale(element.get("transform", ""))
    if name(element) in _TEXT:
        pieces = [element.text or "", *(child.tail or "" for child in element)]
        if words := " ".join(" ".join(pieces).split()):
            yield round(size * scale, 2), words
    for child in element:
        if name(child) not in _NOT_DRAWN:
            yield from _types(child, size, scale, rules)


def _rules(style: str) -> dict[str, str]:
    """Return the font sizes of a style sheet by selector."""
    sizes: dict[str, str] = {}
    for selectors, body in _RULE.findall(_COMMENT.sub("", style)):
        if match := _SIZE.search(body):
            sizes |= {selector.strip(): match[1] for selector in selectors.split(",")}
    return sizes


def _font_size(element: ElementTree.Element, rules: Mapping[str, str]) -> str:
    """Return an element's font size as written, empty if it inherits its size.

    The order is its own style, the rules for its classes, for its name, its attribute.
    """
    if match := _SIZE.search(element.get("style", "")):
        return match[1]
    tag, classes = name(element), element.get("class", "").split()
    for selector in [s for c in classes for s in (f"{tag}.{c}", f".{c}")] + [tag]:
        if selector in rules:
            return rules[selector]
    return element.get("font-size", "")


def _length(written: str, parent: float, otherwise: float) -> float:
    """Return a length in pixels, or `otherwise`; `em` and `%` are of `parent`."""
    match = _LENGTH.fullmatch(written)
    if match is None:
        return otherwise
    try:
        value = float(match[1])
    except ValueError:
        return otherwise
    if match[2] == "em":
        return value * parent
    if match[2] == "%":
        return value * parent / 100
    return value * _UNITS[match[2]] if match[2] in _UNITS else otherwise


def _scale(transform: str) -> float:
    """Return how much a transform enlarges type (mean of both directions)."""
    factor = 1.0
    for kind, inside in re.findall(r"(matrix|scale)\(([^)]*)\)", transform):
        try:
            numbers = [float(n) for n in _NUMBER.findall(inside)]
        except ValueError:
            continue
        if kind == "scale" and numbers:
            factor *= sqrt(abs(numbers[0] * numbers[-1]))
        elif len(numbers) == 6:
            factor *= sqrt(abs(numbers[0] * numbers[3] - numbers[1] * numbers[2]))
    return factor
