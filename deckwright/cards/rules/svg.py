"""What is inside an SVG picture: whether it is one, whether it only draws, how small its type gets on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import sqrt
from xml.etree import ElementTree

# Pixels: the box under an answer leaves a picture 285 of a phone's 360.
SHOWN = 285
_FIRST = 16.0  # pixels: what a font size is where none is given (CSS Fonts, `medium`)
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_SIZE = re.compile(r"(?:^|[;{\s])font-size\s*:\s*([^;}]+)")
_ACTIVE = (
    "script",
    "foreignObject",
    "handler",
    "iframe",
    "set",
    "animate",
    "animateTransform",
    "animateMotion",
)


class Active(Exception):
    """The picture holds something that runs or loads; the text names it."""


def parse(data: bytes) -> ElementTree.Element | None:
    """The root of an SVG picture that only draws, and refers to its own parts and to data inside it; None where it is no SVG.

    Raises Active.
    """
    try:
        text = data.decode("utf-8")
        if match := re.search(r"<!DOCTYPE|<!ENTITY|<\?xml-stylesheet", text, re.IGNORECASE):
            raise Active(match[0])
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, UnicodeDecodeError):
        return None
    if name(root) != "svg":
        return None
    for element in root.iter():
        _passive(element)
    return root


def name(element: ElementTree.Element) -> str:
    """An element's name without its namespace; empty for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _passive(element: ElementTree.Element) -> None:
    tag = name(element)
    if tag in _ACTIVE:
        raise Active(f"<{tag}>")
    for key, value in element.attrib.items():
        plain = key.rpartition("}")[2]
        if plain.lower().startswith("on"):
            raise Active(plain)
        if plain == "href" and not re.match(r"\s*(?:#|data:image/)", value):
            raise Active(f'{plain}="{value[:40]}"')
        _passive_style(value)
    if tag == "style":
        _passive_style(element.text or "")


def _passive_style(text: str) -> None:
    if match := re.search(
        r"@import|url\(\s*[\"']?(?!\s*[\"']?(?:#|data:image/))[^)]{0,40}", text, re.IGNORECASE
    ):
        raise Active(match[0])


def view_box(root: ElementTree.Element) -> tuple[float, float] | None:
    """Width and height of the picture in its own units, or None where the viewBox is missing or says nothing."""
    numbers = re.findall(r"[-+.\deE]+", root.get("viewBox", ""))
    try:
        width, height = (float(number) for number in numbers[2:])
    except ValueError:
        return None
    return (width, height) if width > 0 and height > 0 else None


def smallest_type(root: ElementTree.Element, across: float) -> tuple[float, str] | None:
    """The smallest type that the picture holds, in pixels on a phone, and its words; None where it holds none.

    `across` is the width of its viewBox. Reads font sizes from attributes, `style` and plain rules of `<style>` (a name, a class), and scales of `transform`.
    """
    scale = min(SHOWN, _length(root.get("width", ""), SHOWN, SHOWN)) / across
    rules: dict[str, str] = {}
    for element in root.iter():
        if name(element) == "style":
            rules |= _rules(element.text or "")
    return min(_types(root, _FIRST, scale, rules), default=None)


def _types(
    element: ElementTree.Element, size: float, scale: float, rules: Mapping[str, str]
) -> Iterator[tuple[float, str]]:
    size = _length(_written(element, rules), size, size)
    scale *= _scaled(element.get("transform", ""))
    words = (
        [element.text or "", *(child.tail or "" for child in element)]
        if name(element) in ("text", "tspan", "textPath", "a")
        else []
    )
    if said := " ".join(" ".join(words).split()):
        yield round(size * scale, 2), said
    for child in element:
        if name(child) not in ("title", "desc", "style", "metadata"):
            yield from _types(child, size, scale, rules)


def _rules(style: str) -> dict[str, str]:
    """Font sizes of a style sheet by selector."""
    sizes: dict[str, str] = {}
    for selectors, body in re.findall(
        r"([^{}]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    ):
        if match := _SIZE.search(body):
            sizes |= {selector.strip(): match[1] for selector in selectors.split(",")}
    return sizes


def _written(element: ElementTree.Element, rules: Mapping[str, str]) -> str:
    """The font size that an element is given: its own style, else a class's, its name's, its attribute's."""
    if match := _SIZE.search(element.get("style", "")):
        return match[1]
    tag, classes = name(element), element.get("class", "").split()
    for selector in [s for c in classes for s in (f"{tag}.{c}", f".{c}")] + [tag]:
        if selector in rules:
            return rules[selector]
    return element.get("font-size", "")


def _length(written: str, parent: float, otherwise: float) -> float:
    """Pixels of a length; `em` and `%` are of `parent`. What is no length leaves `otherwise`."""
    match = re.fullmatch(r"\s*([\d.]+)\s*([a-z%]*)\s*(?:!important)?\s*", written)
    try:
        value = float(match[1]) if match else 0.0
    except ValueError:
        return otherwise
    if match is None:
        return otherwise
    if match[2] in ("em", "%"):
        return value * parent / (100 if match[2] == "%" else 1)
    return value * _UNITS[match[2]] if match[2] in _UNITS else otherwise


def _scaled(transform: str) -> float:
    """How much larger a transform makes type; the geometric mean where it stretches."""
    factor = 1.0
    for kind, inside in re.findall(r"(matrix|scale)\(([^)]*)\)", transform):
        try:
            numbers = [float(n) for n in re.findall(r"[-+.\deE]+", inside)]
        except ValueError:
            continue
        if kind == "scale" and numbers:
            factor *= sqrt(abs(numbers[0] * numbers[-1]))
        elif len(numbers) == 6:
            factor *= sqrt(abs(numbers[0] * numbers[3] - numbers[1] * numbers[2]))
    return factor
