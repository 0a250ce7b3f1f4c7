"""The HTML of a field, reduced to what Markdown can say. Nothing in it is run or loaded.

Markdownify alone alters half of the fields in test_to_markdown.py: gaps, formulas, `<br>` in pairs
or in code, looks in `style`, `<sup>`, lists right in lists, and emphasis across paragraphs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html import unescape
from itertools import islice
from typing import NamedTuple

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from deckwright.exchange.importer.anki_syntax import TOKEN, AnkiSyntax, Remark
from deckwright.exchange.importer.foreign import NotWritableError
from deckwright.markdown.inline_syntax import HTML_ELEMENTS

Address = Callable[[str], str]  # of a picture in Markdown, for its name; empty if there is none

DEEPEST = 60  # elements inside each other
_PICTURE = "\ufffc"  # what a reader sees, in comparisons
EMPHASIS = ("b", "i", "del")

_UNDERLINE = "underlining is left out"
_LOOKS = "colors, fonts, and sizes are left out"
_BLOCKS = ("blockquote", "div", "li", "ol", "p", "pre", "table", "td", "th", "tr", "ul")
# What elements become, and what gets lost. Of those without a name, only the content is left;
# `none` has no content, and `player` has its name, too.
_ELEMENTS = {
    element: (new, lost)
    for elements, new, lost in (
        *((name, name, "") for name in ("a", "br", "code", *EMPHASIS, *_BLOCKS)),
        ("strong", "b", ""),
        ("em cite var dfn", "i", ""),
        ("s strike", "del", ""),
        ("tt kbd samp", "code", ""),
        ("menu dir", "ul", ""),
        ("hr", "br", "a horizontal line is left out"),
        ("h1 h2 h3 h4 h5 h6", "div", "a heading is now a line in bold"),
        ("u ins", "", _UNDERLINE),
        ("mark font big small", "", _LOOKS),
        ("rt", "", "readings above characters are in parentheses now"),
        ("script style", "none", "scripts and styles are left out"),
        ("template head title meta link base col rp", "none", ""),
        ("input button select textarea", "", "form fields are left out"),
        ("audio video object embed iframe", "player", "audio, video, and drawings are text now"),
        ("address article aside body caption center dd details dialog dl dt", "div", ""),
        ("fieldset figcaption figure footer form header main nav section summary", "div", ""),
    )
    for element in elements.split()
}
# Looks in a style, and the element that they become, or else what gets lost.
_STYLES = (
    (re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE), "b", ""),
    (re.compile(r"font-style\s*:\s*italic", re.IGNORECASE), "i", ""),
    (re.compile(r"text-decoration[^;]*line-through", re.IGNORECASE), "del", ""),
    (re.compile(r"text-decoration[^;]*underline", re.IGNORECASE), "", _UNDERLINE),
    (re.compile(r"(?:^|[;\s])(?:color|background|font-(?:size|family))\b", re.I), "", _LOOKS),
)

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_TAG = re.compile(r"<(?:/?([A-Za-z][^\s<>/]*)[^<>]*>)?")
_SPACES = re.compile("[ \t\r\n\f\u00a0\u2028\u2029]+")
_RAISED = {
    "sup": str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ"),
    "sub": str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"),
}


class SimpleHtml(NamedTuple):
    """A field with few kinds of elements, and the syntax that knows what its tokens stand for."""

    root: Tag
    syntax: AnkiSyntax

    def shown(self) -> str:
        """What a reader sees, without white space, with gaps and formulas as Anki writes them."""
        return _compared(self.syntax.html_of(self.root.get_text()))

    def unwrap_emphasis(self) -> None:
        """Leave no emphasis: in Markdown, it cannot begin or end inside a word."""
        for element in self.root.find_all(EMPHASIS):
            element.unwrap()

    def unwrap_all(self) -> None:
        """Leave only paragraphs, line breaks, and pictures."""
        for element in self.root.find_all(True):
            if element.name in _BLOCKS:
                element.name = "div"
            elif element.name != "br":
                element.unwrap()


def shown_by(html: str) -> str:
    """The same as `SimpleHtml.shown`, of HTML that this compiler has made."""
    text = re.sub(r"<[^<>]*>", "", re.sub(r"<img [^<>]*>", _PICTURE, html))
    return _compared(unescape(text))


def escaped(text: str) -> str:
    """Text with a backslash before every character that could be Markdown inside a line."""
    return re.sub(r"[\\`*_~\[\]<>&!|$#]", r"\\\g<0>", text)


def _compared(text: str) -> str:
    """Text without white space, in which a formula is in parentheses."""
    return re.sub(r"\\(?=[()\[\]])", "", "".join(text.split())).translate(str.maketrans("[]", "()"))


def items_of(html: str) -> list[tuple[str, str]]:
    """The `data-n` and the HTML of each item of the first list in a field."""
    found = _parsed(html).find(["ol", "ul"])
    items = found.find_all("li", recursive=False) if found else []
    return [(str(item.get("data-n", "")), item.decode_contents()) for item in items]


def _parsed(html: str) -> Tag:
    soup = BeautifulSoup(f"<div>{html}</div>", "html.parser", multi_valued_attributes=None)
    assert soup.div
    return soup.div


def simplified(html: str, gaps: bool, address: Address, remark: Remark) -> SimpleHtml:
    """A field as SimpleHtml.

    `gaps` says whether braces mean gaps in it. What gets lost goes to `remark`. Raises
    NotWritableError if the elements are nested too deeply.
    """
    syntax = AnkiSyntax(gaps, remark)
    html = syntax.replaced(re.sub("[\ufdd0-\ufdef]", "", unicodedata.normalize("NFC", html)))
    root = _parsed(_only_tags(html, remark))
    if any(len(list(islice(one.parents, DEEPEST))) == DEEPEST for one in root.find_all(True)):
        raise NotWritableError(f"it has {DEEPEST} elements inside each other; simplify it")
    for element in root.find_all(True):
        if not element.decomposed:
            _simplify(element, address, syntax)
    for table in root.find_all("table"):
        _simplify_table(table, remark)
    for element in root.find_all(["code", "pre"]):
        if element.parent:
            _simplify_code(element, syntax)
    for element in root.find_all(EMPHASIS):
        while isinstance(element.next_sibling, Tag) and element.next_sibling.name == element.name:
            element.extend(list(element.next_sibling.extract().contents))
    for text in root.find_all(string=True):
        if text.find_parent(["pre", "code"]) is None:
            text.replace_with(NavigableString(_simple_text(text, remark)))
    return SimpleHtml(root, syntax)


def _only_tags(html: str, remark: Remark) -> str:
    """HTML without comments and declarations, in which every `<` begins a known element.

    For any other, the parser would search for an end again and again.
    """
    html = re.sub(r"(?s)<!--(?:(?!--).)*-->|<[!?][^<>]*>", "", html)
    html = re.sub(r"(?is)<svg\b.*?</svg\s*>", "<object data=drawing></object>", html)
    lower = html.lower()

    def known(match: re.Match[str]) -> str:
        name = (match[1] or "").lower()
        if name in HTML_ELEMENTS:
            return match[0]
        if name and f"</{name}" in lower:
            remark(f"<{name[:40]}> is left out")
            return ""
        if name:
            remark(f"<{name[:40]}> isn't HTML; it is kept as text")
        return "&lt;" + match[0][1:]

    return _TAG.sub(known, html)


def _simplify(element: Tag, address: Address, syntax: AnkiSyntax) -> None:
    tag, style = element.name, _value(element, "style")
    if re.fullmatch("h[1-6]", tag):
        style += ";font-weight:bold"
    element.name, lost = _ELEMENTS.get(tag, ("", ""))
    looks = [(name, text) for pattern, name, text in _STYLES if pattern.search(style)]
    for name, text in [("", lost), *looks]:
        if text:
            syntax.remark(text)
        if name:
            inner = Tag(name=name)
            inner.extend(list(element.contents))
            element.append(inner)
    _simplify_content(element, tag, address, syntax)
    if element.name == "none":
        element.decompose()
    elif not element.name and element.parent:
        element.unwrap()


def _simplify_content(element: Tag, tag: str, address: Address, syntax: AnkiSyntax) -> None:
    if element.name == "player":
        element.name = ""
        name = _value(element, "src") or _value(element, "data") or tag
        element.insert(0, f"({name[:80]}) ")
    elif tag in ("q", "rt"):
        begin, end = '""' if tag == "q" else "()"
        element.insert(0, begin)
        element.append(end)
    elif tag == "img":
        _simplify_image(element, address(_value(element, "src")), syntax)
    elif tag == "a":
        _simplify_link(element, syntax.remark)
    elif tag in _RAISED:
        _raise(element, _RAISED[tag], "^" if tag == "sup" else "_", syntax.remark)
    elif tag in ("ol", "ul") and (item := element.find_previous_sibling("li")):
        item.append(element)


def _simplify_image(element: Tag, address: str, syntax: AnkiSyntax) -> None:
    if not address:
        syntax.remark("images that are missing, too large, or of other formats are text now")
        element.replace_with(f"(image: {_value(element, 'src')[:80]})")
        return
    description = " ".join(_INVISIBLE.sub("", _value(element, "alt")).split())
    if not description:
        syntax.remark("an image has no description: `Image` is written instead; describe it")
    target = f"<{address}>" if " " in address else address
    image = f"![{escaped(description) or 'Image'}]({target})"
    element.replace_with(syntax.token("picture", image, _PICTURE))


def _simplify_link(element: Tag, remark: Remark) -> None:
    """Keep links to https addresses; of other links, keep the text and the address."""
    address = _value(element, "href").strip()
    if address.startswith("https://") and not re.search(r"[\s<>]", address):
        element.attrs = {"href": address}
        return
    if address:
        remark("links that don't begin with https:// are text now")
    if address and address not in element.get_text():
        element.append(f" ({address[:200]})")
    element.name = ""


def _raise(element: Tag, table: dict[int, int], sign: str, remark: Remark) -> None:
    """Superscript or subscript in Unicode's characters; else after a sign."""
    text = element.get_text().strip()
    if text and all(ord(character) in table for character in text):
        element.string = text.translate(table)
    elif text:
        remark("superscript or subscript is written with ^ or _")
        element.insert(0, sign)


def _simplify_table(table: Tag, remark: Remark) -> None:
    """Leave rows only, and say what cells lose."""
    if not table.tr or table.tr.td:
        remark("the first row of a table is now its header")
    for cell in table.find_all(["td", "th"]):
        if {_value(cell, "colspan"), _value(cell, "rowspan")} - {"", "1"}:
            remark("a table cell spanned several columns or rows: check the table")
        if cell.find(["br", "div", "p", "li"]):
            remark("lines in a table cell are joined")
        aligned = re.search(r"text-align\s*:\s*(left|center|right)", _value(cell, "style"))
        cell.attrs = {"align": aligned[1]} if aligned else {}
    for child in list(table.children):
        if not isinstance(child, Tag) or child.name != "tr":
            table.insert_before(child.extract())


def _simplify_code(code: Tag, syntax: AnkiSyntax) -> None:
    """Keep only text in code, as a block if it has several lines. With a gap, it is no code."""
    classes = " ".join(_value(inner, "class") for inner in (code, *code.find_all("code")))
    language = re.search(r"language-([\w+#.-]+)", classes)
    for element in code.find_all(["br", "div", "p"]):
        element.insert_after("\n")
    text = _INVISIBLE.sub("", code.get_text()).replace("\u00a0", " ").strip("\n")
    code.clear()
    if {syntax.tokens[int(match[1])].kind for match in TOKEN.finditer(text)} & {"gap", "picture"}:
        syntax.remark("code with a gap or an image is text now")
        for line in text.split("\n"):
            code.extend([line, Tag(name="br")])
        code.unwrap()
        return
    code.name = "pre" if "\n" in text else code.name
    code.attrs = {"class": language[1]} if language else {}
    code.string = syntax.html_of(text)


def _simple_text(text: str, remark: Remark) -> str:
    if _INVISIBLE.search(text):
        remark("invisible characters are left out")
        text = _INVISIBLE.sub("", text)
    if "{{" in text or "}}" in text:
        remark("a space was put between two braces that aren't part of a gap")
        text = re.sub(r"\{(?=\{)", "{ ", re.sub(r"\}(?=\})", "} ", text))
    return _SPACES.sub(lambda match: "\n" if "\n" in match[0] else " ", text)


def _value(element: Tag, name: str) -> str:
    return TOKEN.sub("", str(element.get(name) or ""))
