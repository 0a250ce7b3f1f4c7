"""The HTML of a field, reduced to what Markdown can say. Nothing in it is run or loaded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html import escape, unescape
from itertools import pairwise
from typing import NamedTuple

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from deckwright.exchange.importer.anki_syntax import TOKEN, AnkiSyntax, Token
from deckwright.exchange.importer.html_rules import (
    BLOCKS,
    LOST_STYLES,
    PLAYERS,
    RULES,
    STYLES,
    Rule,
)
from deckwright.markdown.inline_syntax import HTML_ELEMENTS

DEEPEST = 60  # elements inside each other; of deeper ones only the text is left
PICTURE = "\ufffc"

_NONCHARACTERS = re.compile("[\ufdd0-\ufdef]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_TAG = re.compile(r"<(?:/?([A-Za-z][^\s<>/]*)[^<>]*>)?")

_BRACKETS = str.maketrans("[]", "()")
_SPACES = re.compile("[ \t\r\n\f\u00a0\u2028\u2029]+")
_SUPERSCRIPTS = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


class SimpleHtml(NamedTuple):
    """A field with few kinds of elements, and what its tokens stand for, by their number."""

    root: Tag
    tokens: list[Token]

    def shown(self) -> str:
        """What a reader sees, without white space, with gaps and formulas as Anki writes them."""
        parts = []
        for node in self.root.descendants:
            if isinstance(node, NavigableString):
                parts.append(str(node))
            elif isinstance(node, Tag) and node.name == "img":
                parts.append(PICTURE)
        text = TOKEN.sub(lambda match: self.tokens[int(match[1])].html, "".join(parts))
        return _compared(text)


def shown_by(html: str) -> str:
    """The same as `SimpleHtml.shown`, of HTML that this compiler has made."""
    text = re.sub(r"<[^<>]*>", "", re.sub(r"<img [^<>]*>", PICTURE, html))
    return _compared(unescape(text))


def _compared(text: str) -> str:
    """Text without white space, in which a formula is in parentheses."""
    return re.sub(r"\\(?=[()\[\]])", "", "".join(text.split())).translate(_BRACKETS)


def items_of(html: str) -> list[tuple[str, str]]:
    """The `data-n` and the HTML of each item of the first list in a field."""
    found = _parsed(html).find(["ol", "ul"])
    items = found.find_all("li", recursive=False) if found else []
    return [(str(item.get("data-n", "")), item.decode_contents()) for item in items]


def _parsed(html: str) -> Tag:
    soup = BeautifulSoup(f"<div>{html}</div>", "html.parser", multi_valued_attributes=None)
    assert soup.div
    return soup.div


class Simplifier:
    """Makes SimpleHtml of a field.

    `gaps` says whether braces mean gaps in it. `address` gives the address of a picture for
    its name; empty where it cannot be shown. What gets lost goes to `remark`.
    """

    def __init__(
        self, gaps: bool, address: Callable[[str], str], remark: Callable[[str], None]
    ) -> None:
        self._address, self._remark = address, remark
        self._syntax = AnkiSyntax(gaps, remark)
        self._handlers = {
            **dict.fromkeys(PLAYERS, self._simplify_player),
            "a": self._simplify_link,
            "img": self._simplify_image,
            "ol": _simplify_list,
            "sub": self._raise,
            "sup": self._raise,
            "ul": _simplify_list,
        }

    def simplified(self, html: str) -> SimpleHtml:
        """The field as SimpleHtml."""
        html = _NONCHARACTERS.sub("", unicodedata.normalize("NFC", html))
        html = self._syntax.replaced(html)
        root = _parsed(self._only_tags(html))
        if _depth(root) > DEEPEST:
            self._remark(f"more than {DEEPEST} elements inside each other are text now")
            root = _parsed(escape(root.get_text(" ")))
        for element in root.find_all(True):
            if not element.decomposed:
                self._simplify(element)
        for table in root.find_all("table"):
            self._simplify_table(table)
        self._divide_gaps(root)
        for code in root.find_all(["pre", "code"]):
            if code.parent:
                self._simplify_code(code)
        for text in root.find_all(string=True):
            if text.find_parent(["pre", "code"]) is None:
                text.replace_with(NavigableString(self._simple_text(text)))
        return SimpleHtml(root, self._syntax.tokens)

    def _only_tags(self, html: str) -> str:
        """HTML without comments and declarations, in which every `<` begins a known element.

        For any other, the parser would search for an end again and again.
        """
        html = re.sub(r"<!--(?:(?!--).)*-->", "", html, flags=re.DOTALL)
        html = re.sub(r"<[!?][^<>]*>", "", html)
        html = re.sub(r"(?is)<svg\b.*?</svg\s*>", "<object data=drawing></object>", html)
        lower = html.lower()

        def known(match: re.Match[str]) -> str:
            name = (match[1] or "").lower()
            if name in HTML_ELEMENTS:
                return match[0]
            if name and f"</{name}" in lower:
                self._remark(f"<{name[:40]}> is left out")
                return ""
            if name:
                self._remark(f"<{name[:40]}> is not HTML; it is kept as text")
            return "&lt;" + match[0][1:]

        return _TAG.sub(known, html)

    def _simplify(self, element: Tag) -> None:
        rule = RULES.get(element.name, Rule())
        style = _value(element, "style")
        lost = [rule.lost, *(text for look, text in LOST_STYLES if look.search(style))]
        for text in filter(None, lost):
            self._remark(text)
        wrappers = [rule.inside, *(name for look, name in STYLES if look.search(style))]
        for name in filter(None, wrappers):
            inner = _new(name)
            inner.extend(list(element.contents))
            element.append(inner)
        if rule.around:
            element.insert(0, rule.around[0])
            element.append(rule.around[1])
        if handler := self._handlers.get(element.name):
            handler(element)
        if rule.name == "none":
            element.decompose()
        elif rule.name:
            element.name = rule.name
        elif element.parent:
            element.unwrap()

    def _simplify_player(self, element: Tag) -> None:
        name = _value(element, "src") or _value(element, "data") or element.name
        element.insert(0, f"({name[:80]}) ")

    def _simplify_image(self, element: Tag) -> None:
        name = _value(element, "src")
        address = self._address(name)
        if not address:
            self._remark("images that are not in the file are left out; their names are text now")
            element.insert_before(f"(image: {name[:80]})")
            element.decompose()
            return
        description = " ".join(_INVISIBLE.sub("", _value(element, "alt")).split())
        if not description:
            self._remark("an image has no description: `Image` is written instead; describe it")
        if element.get("title"):
            self._remark("the title of an image is left out")
        element.attrs = {"src": address, "alt": description or "Image"}

    def _simplify_link(self, element: Tag) -> None:
        """Keep links to https addresses; of other links, keep the text and the address."""
        address = _value(element, "href").strip()
        if address.startswith("https://") and not re.search(r"[\s<>]", address):
            element.attrs = {"href": address}
            return
        if address:
            self._remark("links that do not begin with https:// are text now")
        if address and address not in element.get_text():
            element.append(f" ({address[:200]})")
        element.attrs = {}

    def _raise(self, element: Tag) -> None:
        """Superscript or subscript in Unicode's characters; else after `^` or `_`."""
        text = element.get_text().strip()
        table = _SUPERSCRIPTS if element.name == "sup" else _SUBSCRIPTS
        if text and all(ord(character) in table for character in text):
            element.string = text.translate(table)
        elif text:
            self._remark("superscript or subscript is written with ^ or _")
            element.insert(0, "^" if element.name == "sup" else "_")

    def _simplify_table(self, table: Tag) -> None:
        """Make a table of rows with equally many cells, each on one line."""
        rows = table.find_all("tr")
        cells = [row.find_all(["td", "th"], recursive=False) for row in rows]
        width = max(map(len, cells), default=0)
        if not width:
            table.name = "div"
            return
        if any(cell.name != "th" for cell in cells[0]):
            self._remark("the first row of a table is now its header")
        for row, in_row in zip(rows, cells, strict=True):
            for _ in range(len(in_row), width):
                row.append(_new("td"))
            for cell in in_row:
                self._simplify_cell(cell)
        for child in list(table.children):
            if not isinstance(child, Tag) or child.name != "tr":
                table.insert_before(child.extract())

    def _simplify_cell(self, cell: Tag) -> None:
        if {_value(cell, "colspan"), _value(cell, "rowspan")} - {"", "1"}:
            self._remark("a table cell spanned several columns or rows: check the table")
        aligned = re.search(r"text-align\s*:\s*(left|center|right)", _value(cell, "style"))
        cell.attrs = {"align": aligned[1]} if aligned else {}
        for element in cell.find_all(["br", "div", "p", "li", "ul", "ol", "pre", "blockquote"]):
            if element.get_text(strip=True) or element.name == "br":
                following = element.next_sibling or (element.parent is not cell)
                if following:
                    self._remark("lines in a table cell are joined with a slash")
                    element.insert_after(" / ")
            element.unwrap()

    def _divide_gaps(self, root: Tag) -> None:
        """Put each text of a gap that crosses elements or blocks into a gap of its own."""
        ends: dict[str, str] = {}  # the end's token, by that of the beginning
        places = [
            (match[0], self._syntax.tokens[int(match[1])].kind, text)
            for text in root.find_all(string=True)
            for match in TOKEN.finditer(text)
        ]
        places = [place for place in places if place[1] in ("gap", "end")]
        for (begin, kind, text), (end, _, other) in pairwise(places):
            if kind == "gap" and not _in_one_line(text, other):
                ends[begin] = end
        current = ""
        for text in root.find_all(string=True) if ends else ():
            pieces = []
            for piece in re.split("(\ufdd0\\d+\ufdd1)", text):
                if piece in ends:
                    current = piece
                elif current and piece == ends[current]:
                    current = ""
                else:
                    is_inside = current and piece.strip()
                    pieces.append(current + piece + ends[current] if is_inside else piece)
            text.replace_with(NavigableString("".join(pieces)))

    def _simplify_code(self, code: Tag) -> None:
        """Keep only text in code. With a gap or a line break inside, make it lines of code."""
        is_block = code.name == "pre"
        classes = " ".join(_value(inner, "class") for inner in (code, *code.find_all("code")))
        language = re.search(r"language-([\w+#.-]+)", classes)
        for element in code.find_all(["br", "div", "p"]):
            element.insert_after("\n")
        text = _INVISIBLE.sub("", code.get_text()).replace("\u00a0", " ").strip("\n")
        for number, token in enumerate(self._syntax.tokens):
            if token.kind in ("line", "block"):
                text = text.replace(f"\ufdd0{number}\ufdd1", token.html)
        code.clear()
        code.attrs = {"class": language[1]} if language else {}
        if not TOKEN.search(text) and (is_block or "\n" not in text):
            code.string = text
            return
        for piece in re.split("(\n|\ufdd0\\d+\ufdd1)", text):
            is_code = piece.strip() and not TOKEN.fullmatch(piece)
            code.append(_new("code", piece) if is_code else piece)
            if piece == "\n":
                code.append(_new("br"))
        code.name = "div"
        if is_block:
            self._remark("a code block with a gap is now lines of code")
        else:
            code.unwrap()

    def _simple_text(self, text: str) -> str:
        if _INVISIBLE.search(text):
            self._remark("invisible characters are left out")
            text = _INVISIBLE.sub("", text)
        if "{{" in text or "}}" in text:
            self._remark("a space was put between two braces that are not part of a gap")
            text = re.sub(r"\{(?=\{)", "{ ", re.sub(r"\}(?=\})", "} ", text))
        return _SPACES.sub(lambda match: "\n" if "\n" in match[0] else " ", text)


def _new(name: str, text: str = "") -> Tag:
    element = Tag(name=name)
    if text:
        element.string = text
    return element


def _value(element: Tag, name: str) -> str:
    return TOKEN.sub("", str(element.get(name) or ""))


def _simplify_list(element: Tag) -> None:
    """Put a list right in a list into the item before it, and other text into an item."""
    item = element.find_previous_sibling("li")
    if item and element.parent and element.parent.name in ("ul", "ol", "menu", "dir"):
        item.append(element)
    for child in list(element.children):
        if isinstance(child, NavigableString) and child.strip():
            item = _new("li")
            child.replace_with(item)
            item.append(child)


def _depth(root: Tag) -> int:
    """How many elements are inside each other at most."""
    deepest, waiting = 0, [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in element.children if isinstance(child, Tag)]
    return deepest


def _in_one_line(first: NavigableString, last: NavigableString) -> bool:
    """Whether two texts have the same parent, and no block or empty line is between them."""
    names: list[str] = []
    for node in (first, *first.next_siblings):
        if node is last:
            return not BLOCKS & set(names) and names.count("br") < 2
        if isinstance(node, Tag):
            names += [inner.name for inner in (node, *node.find_all(True))]
    return False
