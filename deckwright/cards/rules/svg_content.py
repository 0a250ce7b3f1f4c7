"""What an SVG image may contain: parts that draw, within limits.

Images come from strangers and are shown on learners' devices and opened in browsers. So
only what svg.toml lists can be in one, and reading ends where a limit is exceeded.
This is the only importer of defusedxml, which refuses entities and document types.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from deckwright.cards import raster
from deckwright.cards.rules import svg_style
from deckwright.cards.rules.svg_style import listed, mapping
from deckwright.core.files import MAX_FILE

MAX_BYTES = 300_000
MAX_PIXELS = 4_000  # width and height of an image inside the image
MAX_DEPTH = 60  # levels of elements; functions that read images recurse into each level
MAX_ELEMENTS = 20_000
MAX_DRAWN = 20_000  # elements, counting each part as often as others refer to it
MAX_REFERENCES = 20  # levels of parts that refer to parts
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_DATA = re.compile(r"\s*data:image/(png|jpeg|gif);base64,([A-Za-z0-9+/=\s]*)")
_ID = re.compile(r"#(\S+)")
_REASON = "which an image on a card can't have"
_PLAIN = "export it as plain SVG; deckwright/cards/rules/svg.toml lists what an image can contain"
_EMBEDDED = "put a PNG, JPEG, or GIF image into the file as `data:image/png;base64,…`"
_SIMPLER = "draw it with fewer elements"
_NO_SVG = "the file isn't an SVG image", "export the image again as SVG"


class RefusedError(Exception):
    """An image has something that it must not have, or too much of it."""

    def __init__(self, code: str, message: str, help_line: str) -> None:
        """Take the code, message and help of the diagnostic."""
        super().__init__(message)
        self.code, self.message, self.help = code, message, help_line


def parse(data: bytes) -> Element:
    """Return the root of an SVG image.

    Raises RefusedError if it is none, does more than draw, or exceeds a limit: MAX_BYTES,
    MAX_DEPTH, MAX_ELEMENTS while it is read, MAX_DRAWN, MAX_REFERENCES after that.
    """
    from defusedxml.common import DTDForbidden
    from defusedxml.ElementTree import XMLParser

    if len(data) > MAX_BYTES:
        help_line = f"{_SIMPLER}, or with smaller images inside it"
        raise RefusedError("R602", too_many_bytes(data), help_line)
    parser = XMLParser(target=_Tree(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.parser.XmlDeclHandler = _declaration
    try:
        parser.feed(data.decode("utf-8"))
        root = parser.close()
    except (ParseError, UnicodeDecodeError) as error:
        raise RefusedError("R609", *_NO_SVG) from error
    except DTDForbidden:
        _refuse("<!DOCTYPE …>", "delete it")
    assert isinstance(root, Element)
    _require_few_drawn(root)
    return root


def too_many_bytes(data: bytes) -> str:
    """Return the message for an image of more than MAX_BYTES."""
    size = f"{len(data):,}" if len(data) <= MAX_FILE else f"more than {MAX_FILE:,}"
    return f"the image has {size} bytes; the maximum is {MAX_BYTES:,}"


def name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


class _Tree(TreeBuilder):
    """Builds the tree, and ends with RefusedError at the first part that is not allowed."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = self.count = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        if not self.count:
            _require_svg(tag)
        self.depth, self.count = self.depth + 1, self.count + 1
        if self.depth > MAX_DEPTH:
            message = f"the image has more than {MAX_DEPTH} levels of elements"
            raise RefusedError("R602", message, "ungroup elements that are in nested groups")
        if self.count > MAX_ELEMENTS:
            message = f"the image has more than {MAX_ELEMENTS:,} elements"
            raise RefusedError("R602", message, _SIMPLER)
        if tag.removeprefix(_SVG) not in listed("elements") or not tag.startswith(_SVG):
            _refuse_name(tag, f"<{_shown(tag)}>")
        for key, value in attrs.items():
            _require_passive(tag.removeprefix(_SVG), key, value)
        return super().start(tag, attrs)

    def end(self, tag: str) -> Element:
        self.depth -= 1
        return super().end(tag)

    def pi(self, target: str, text: str | None = None) -> NoReturn:
        _refuse(f"<?{target[:40]} …?>", "delete it")


def _declaration(version: str, encoding: str | None, standalone: int) -> None:
    """Refuse an encoding in which a browser would read something else."""
    if encoding and encoding.lower() not in ("utf-8", "us-ascii", "ascii"):
        help_line = 'save it as UTF-8, and write `encoding="UTF-8"`'
        _refuse(f'encoding="{encoding[:40]}"', help_line, "which isn't UTF-8")


def _require_svg(tag: str) -> None:
    if tag == "svg":
        message = "the first tag of the image has no namespace, so browsers don't show it"
        help_line = 'add `xmlns="http://www.w3.org/2000/svg"` to its first tag, `<svg>`'
        raise RefusedError("R609", message, help_line)
    if tag != f"{_SVG}svg":
        raise RefusedError("R609", *_NO_SVG)


def _require_passive(tag: str, key: str, value: str) -> None:
    """Refuse an attribute that is not listed, or whose value loads something."""
    plain = key.removeprefix(_XML)
    if plain in listed("attributes", "text") or plain.startswith(("aria-", "data-")):
        return
    try:
        if plain == "style":
            svg_style.declarations(value)
        elif plain in listed("properties") or plain in listed("attributes", "geometry"):
            svg_style.require_passive(value)
        elif plain in ("href", _XLINK_HREF):
            _require_inside(tag, value)
        else:
            _refuse_name(key, f'{_shown(key)}="…"')
    except svg_style.StyleError as error:
        text = str(error)
        _refuse(text if len(text) <= 60 else f"{text[:60]}…", _PLAIN)


def _require_inside(tag: str, address: str) -> None:
    """Refuse an address that is neither a part of the image nor an image inside it."""
    if _ID.fullmatch(address.strip()):
        return
    match = _DATA.fullmatch(address)
    if tag != "image" or not match:
        _refuse(f'href="{address[:40]}"', _EMBEDDED)
    try:
        data = base64.b64decode(match[2])
    except binascii.Error:
        data = b""
    if not data.startswith(raster.FIRST_BYTES[f".{match[1]}"]):
        reason = f"which isn't a {match[1].upper()} image"
        _refuse(f'href="{address[:40]}"', _EMBEDDED, reason)
    if not 0 < max(raster.pixels(data)) <= MAX_PIXELS:
        message = f"an image inside the image is wider or higher than {MAX_PIXELS:,} pixels"
        help_line = f"scale that image to at most {MAX_PIXELS:,} pixels on each side"
        raise RefusedError("R602", message, help_line)


def _refuse_name(key: str, shown: str) -> NoReturn:
    """Refuse an element or attribute that is not listed."""
    prefix, local = _shown(key).rpartition(":")[::2]
    instead = mapping("instead")
    _refuse(shown, instead.get(prefix) or instead.get(local) or _PLAIN)


def _refuse(what: str, help_line: str, reason: str = _REASON) -> NoReturn:
    message = f"the image contains `{' '.join(what.split())}`, {reason}"
    raise RefusedError("R606", message, help_line)


def _shown(key: str) -> str:
    """Return a name with the prefix that its namespace usually has."""
    space, brace, local = key[1:].partition("}")
    if not brace or key.startswith(_SVG):
        return key.removeprefix(_SVG)[:60]
    return f"{mapping('namespaces').get(space, space[:60])}:{local[:60]}"


def _require_few_drawn(root: Element) -> None:
    """Refuse parts that refer to parts so often that drawing them would take too long."""
    parts = {element.get("id"): element for element in root.iter() if "id" in element.attrib}
    sizes: dict[str, int] = {}

    def size(part: str, level: int) -> int:
        """Return how many elements a part draws; 1 if there is no such part."""
        if level > MAX_REFERENCES:
            message = (
                f"`#{part[:40]}` refers to itself, or through more than {MAX_REFERENCES} parts"
            )
            raise RefusedError("R602", message, "copy the part to each place that uses it")
        if part not in sizes:
            sizes[part] = 1 if part not in parts else drawn(parts[part], level)
        return sizes[part]

    def drawn(element: Element, level: int) -> int:
        count = 0
        for inner in element.iter():
            count += 1 + sum(size(part, level + 1) for part in _references(inner))
            if count > MAX_DRAWN:
                message = f"the image draws more than {MAX_DRAWN:,} elements"
                raise RefusedError("R602", f"{message}, because parts are repeated", _SIMPLER)
        return count

    drawn(root, 0)


def _references(element: Element) -> Iterator[str]:
    """Yield the ids of the parts that an element refers to."""
    for key, value in element.attrib.items():
        if key in ("href", _XLINK_HREF):
            if match := _ID.fullmatch(value.strip()):
                yield match[1]
        elif "(" in value:
            yield from svg_style.references(value)
