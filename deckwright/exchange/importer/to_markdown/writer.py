"""A tree of HTML as Markdown: a writer, and a table of handlers for the elements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count, pairwise, repeat

from deckwright.exchange.importer import anki_html
from deckwright.exchange.importer.anki_html import (
    Element,
    Gap,
    GapEnd,
    Math,
    Node,
    is_blank,
    tag_of,
)
from deckwright.exchange.importer.html_elements import BLOCKS
from deckwright.exchange.importer.to_markdown import escaping, tables
from deckwright.exchange.importer.to_markdown.inline import Event, InlineWriter, ends
from deckwright.exchange.importer.to_markdown.styles import emphasis
from deckwright.exchange.importer.to_markdown.walk import INVISIBLE, Block, Field, Walk
from deckwright.markdown.inline_syntax import HTML_ELEMENTS

_UNSEEN = (
    "template", "head", "title", "meta", "link", "base", "col", "colgroup", "wbr", "source", "track"
)  # fmt: skip
_PLAYED = ("audio", "video", "object", "embed", "iframe", "canvas", "svg", "math")
_SUPERSCRIPTS = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


class Writer:
    """Writes one field.

    `escape` is `escaping.light` or `escaping.heavy`. `address` gives the address of a
    picture for its name; empty where it cannot be shown. What the dialect cannot say
    goes to `remark`.
    """

    def __init__(
        self,
        escape: Callable[[str], str],
        address: Callable[[str], str],
        remark: Callable[[str], None],
    ) -> None:
        self._field = Field(InlineWriter(escape, remark), _handle, address, remark)

    @property
    def said(self) -> list[str]:
        """What a reader of the Markdown must see, as `anki_html.visible` gives it."""
        return self._field.said

    def write(self, tree: Element) -> str:
        """A tree as Markdown blocks."""
        blocks = Walk(self._field).inside(tree.children)
        return "\n\n".join(block.text for block in blocks)

    def line(self, tree: Element) -> str:
        """A tree as running text on one line."""
        return _on_one_line(Walk(self._field), tree)


def _handle(walk: Walk, element: Element) -> None:
    """Write an element as part of a walk."""
    if element.tag in HTML_ELEMENTS:
        _HANDLERS.get(element.tag, _styled)(walk, element)
    else:
        _unknown(walk, element)


def _unknown(walk: Walk, element: Element) -> None:
    walk.remark(f"<{element.tag[:40]}> is not HTML; it is kept as text")
    walk.text(f"<{element.tag}>")
    walk.nodes(element.children)


def _unseen(walk: Walk, element: Element) -> None:
    """Nothing: browsers show nothing of these, either."""


def _script(walk: Walk, element: Element) -> None:
    walk.remark(f"a {element.tag} is left out")


def _played(walk: Walk, element: Element) -> None:
    name = element.attributes.get("src") or element.attributes.get("data") or element.tag
    walk.remark(f"<{element.tag}> is left out: {name[:80]}")
    walk.text(f"({name})")
    walk.nodes(element.children)


def _line_break(walk: Walk, element: Element) -> None:
    walk.run.append(Event("br"))


def _thematic_break(walk: Walk, element: Element) -> None:
    walk.flush()
    walk.remark("a horizontal line is left out")


def _styled(walk: Walk, element: Element) -> None:
    walk.within(element, emphasis(element, walk.remark))


def _block(walk: Walk, element: Element) -> None:
    walk.flush()
    _styled(walk, element)
    walk.flush()


def _term(walk: Walk, element: Element) -> None:
    walk.flush()
    walk.within(element, ("strong",))
    walk.flush()


def _heading(walk: Walk, element: Element) -> None:
    walk.flush()
    walk.remark("a heading is now a line in bold")
    _term(walk, element)


def _quote(walk: Walk, element: Element) -> None:
    walk.flush()
    if blocks := walk.inside(element.children):
        walk.add("quote", escaping.quote("\n\n".join(block.text for block in blocks)))


def _link(walk: Walk, element: Element) -> None:
    address = element.attributes.get("href", "").strip()
    if re.match(r"(?i)(?:https?:|mailto:)", address):
        walk.begin(Event("begin", "link", address, element.attributes.get("title", "")))
        walk.nodes(element.children)
        walk.end("link")
        return
    if address:
        walk.remark(f"a link is left out: {address[:80]}")
    walk.nodes(element.children)


def _raised(walk: Walk, element: Element) -> None:
    """Superscript or subscript in Unicode's characters; else after `^` or `_`."""
    text = "".join(anki_html.visible(element)).strip()
    table = _SUPERSCRIPTS if element.tag == "sup" else _SUBSCRIPTS
    if text and all(ord(character) in table for character in text):
        walk.text(text.translate(table))
        return
    walk.remark("superscript or subscript is written with ^ or _")
    walk.text("^" if element.tag == "sup" else "_")
    walk.nodes(element.children)


def _image(walk: Walk, element: Element) -> None:
    name = element.attributes.get("src", "")
    address = walk.field.address(name)
    if not address:
        walk.text(f"(image: {'inside the card' if name.startswith('data:') else name[:80]})")
        return
    if element.attributes.get("title"):
        walk.remark("the title of an image is left out")
    description = INVISIBLE.sub("", element.attributes.get("alt", ""))
    walk.say(anki_html.PICTURE)
    walk.run.append(Event("image", address, " ".join(description.split())))


def _list(walk: Walk, element: Element) -> None:
    """A list. Other markers separate it from a list of its kind right before it."""
    walk.flush()
    items = [blocks for nodes in _items(element) if (blocks := walk.inside(nodes))]
    if not items:
        return
    kind = "numbers" if element.tag == "ol" else "bullets"
    again = bool(walk.blocks) and walk.blocks[-1].kind == kind
    loose = _has_paragraphs(element) or any(map(_has_two_paragraphs, items))
    separator = "\n\n" if loose else "\n"
    texts = [
        escaping.list_item(marker, separator.join(block.text for block in blocks))
        for marker, blocks in zip(_markers(element, again), items, strict=False)
    ]
    walk.add(f"{kind} again" if again else kind, separator.join(texts))


def _items(element: Element) -> list[list[Node]]:
    """What is in each item; a list directly in a list belongs to the item before it."""
    items: list[list[Node]] = []
    for child in element.children:
        if isinstance(child, Element) and child.tag == "li":
            items.append([*child.children])
        elif tag_of(child) in ("ul", "ol") and items:
            items[-1].append(child)
        elif not is_blank(child):
            items.append([child])
    return items


def _markers(element: Element, again: bool) -> Iterator[str]:
    if element.tag != "ol":
        return repeat("* " if again else "- ")
    start = element.attributes.get("start", "1")
    first = int(start) if re.fullmatch(r"\d{1,8}", start) else 1
    return (f"{number}{')' if again else '.'} " for number in count(first))


def _has_paragraphs(element: Element) -> bool:
    return any(
        isinstance(item, Element)
        and item.tag == "li"
        and any(tag_of(c) == "p" for c in item.children)
        for item in element.children
    )


def _has_two_paragraphs(blocks: list[Block]) -> bool:
    return any(one.kind == other.kind == "paragraph" for one, other in pairwise(blocks))


def _table(walk: Walk, element: Element) -> None:
    walk.flush()
    rows, outside = tables.rows(element)
    for node in outside:
        walk.nodes([node])
        walk.flush()
    if not rows:
        return
    if any(tables.spans_several(cell) for row in rows for cell in row):
        walk.remark("a table cell spanned several columns or rows: check the table")
    if all(cell.tag != "th" for cell in rows[0]):
        walk.remark("the first row of a table is now its header")
    lines = [[_on_one_line(walk, cell) for cell in row] for row in rows]
    walk.add("table", tables.pipe_table(lines, rows[0]))


def _on_one_line(walk: Walk, element: Element) -> str:
    """What is in an element, as running text on one line."""
    inner = walk.fork()
    inner.nodes(tables.on_one_line(element, walk.remark))
    text = walk.field.inline.paragraph([*inner.run, *ends(inner.active)])
    return re.sub(r"(?<!\\)\|", r"\|", " ".join(text.split()))


def _preformatted(walk: Walk, element: Element) -> None:
    """A block of code; lines of code if a gap is in it or something open around it."""
    if walk.active or any(isinstance(node, Gap | GapEnd) for node in _code_nodes(element)):
        walk.remark("a code block with a gap is now lines of code")
        walk.flush()
        _code_lines(walk, element)
        walk.flush()
        return
    walk.flush()
    code = "".join(
        node.tex if isinstance(node, Math) else "".join(anki_html.visible(node))
        for node in _code_nodes(element)
    )
    if code.strip():
        code = INVISIBLE.sub("", code).strip("\n").replace("\u00a0", " ")
        walk.say(code)
        walk.add("code", escaping.code_block(code, _language(element)))


def _code_lines(walk: Walk, element: Element) -> None:
    nodes = list(_code_nodes(element))
    while nodes and is_blank(nodes[-1]):
        nodes.pop()
    walk.begin(Event("begin", "code"))
    for node in nodes:
        if not isinstance(node, str):
            walk.nodes([node])
            continue
        for number, line in enumerate(node.split("\n")):
            if number:
                walk.run.append(Event("br"))
            walk.say(line)
            walk.run.append(Event("text", line))
    walk.end("code")


def _code_nodes(element: Element) -> Iterator[Node]:
    """Text (a line feed for a break) and what is no text in an element, in order."""
    for child in element.children:
        if tag_of(child) == "br":
            yield "\n"
        elif not isinstance(child, Element) or child.tag == "img":
            yield child
        else:
            yield from _code_nodes(child)
            if child.tag in ("div", "p"):
                yield "\n"


def _language(element: Element) -> str:
    """The language that a class in the element names; empty if none does."""
    for inner in anki_html.elements(element):
        if named := re.search(r"language-([\w+#.-]+)", inner.attributes.get("class", "")):
            return named[1]
    return ""


_HANDLERS: Mapping[str, Callable[[Walk, Element], None]] = {
    **dict.fromkeys(BLOCKS, _block),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _heading),
    **dict.fromkeys(("ul", "ol", "menu", "dir"), _list),
    **dict.fromkeys(("sub", "sup"), _raised),
    **dict.fromkeys(("script", "style"), _script),
    **dict.fromkeys(_UNSEEN, _unseen),
    **dict.fromkeys(_PLAYED, _played),
    "a": _link,
    "blockquote": _quote,
    "br": _line_break,
    "dt": _term,
    "hr": _thematic_break,
    "img": _image,
    "pre": _preformatted,
    "table": _table,
}
