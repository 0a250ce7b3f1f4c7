"""HTML as Anki keeps it in a field, as a tree of elements, text, gaps and formulas.

Nothing in it is ever run or loaded. What Anki itself reads in a field is taken out
before the HTML is parsed, because it may begin in one element and end in another: gaps
(`{{c1::answer::hint}}`), formulas (`\\(x\\)`, `\\[x\\]`, `[$]x[/$]`,
`[latex]x[/latex]`) and sounds (`[sound:a.mp3]`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import NamedTuple

from deckwright.exchange.importer.formulas import Formula, formulas
from deckwright.exchange.importer.html_elements import BLOCKS, ENDS, PARENTS, TABLE_PARTS, VOID

DEEPEST = 60  # elements inside each other; of deeper ones only the text is kept
PICTURE = "\ufffc"  # what `visible` gives for a picture

# Noncharacters of Unicode, which no text has: around what was taken out of the HTML.
_BEGIN, _END = "\ufdd0", "\ufdd3"
_NONCHARACTERS = re.compile("[\ufdd0-\ufdef]")
_TOKEN = re.compile(f"{_BEGIN}([ocms])(\\d+){_END}")
_SOUND = re.compile(
    r"\[sound:([^\]\n]{0,300})\]|\[anki:(?:tts|play)[^\]\n]{0,300}\]", re.IGNORECASE
)
_GAP = re.compile(r"\{\{c(\d{1,4})::")
_WHOLE_GAP = re.compile(r"\{\{c\d+::((?:(?!\}\}|::).)*)(?:::((?:(?!\}\}).)*))?\}\}")
_INNER_GAP = re.compile(r"\{\{c\d+::((?:(?!\{\{c\d|\}\}).)*?)(?:::[^{}]*)?\}\}")
_PART = re.compile(rf"<[A-Za-z/!][^<>]*>|\{{\{{c(\d{{1,4}})::|\}}\}}|::|{_BEGIN}[^{_END}]*{_END}")
_NO_TAG = re.compile(r"<(?!/?[A-Za-z][^<>]*>)")
_EMPTY_GAP = re.compile(f"{_BEGIN}o\\d+{_END}(\\s*){_BEGIN}c0{_END}")


class Gap(NamedTuple):
    """The beginning of a gap."""

    number: int
    hint: str


class GapEnd(NamedTuple):
    """The end of the innermost gap that is open."""


class Math(NamedTuple):
    """A formula; `display` if it is on its own line."""

    tex: str
    display: bool


class Sound(NamedTuple):
    """A sound, or speech that Anki would play."""

    name: str


@dataclass(slots=True)
class Element:
    """An HTML element, its tag in small letters."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)


Node = Element | Gap | GapEnd | Math | Sound | str


def read(html: str, gaps: bool, remark: Callable[[str], None]) -> Element:
    """The tree of a field.

    `gaps` says whether braces mean gaps in it; what cannot be kept goes to `remark`.
    """
    return _Reader(gaps, remark).read(html)


def tag_of(node: Node) -> str:
    """The tag of an element; empty for any other node."""
    return node.tag if isinstance(node, Element) else ""


def is_blank(node: Node) -> bool:
    """Whether a node is nothing but white space."""
    return isinstance(node, str) and not node.strip()


def elements(element: Element) -> Iterator[Element]:
    """An element and all elements inside it, in the order of the HTML."""
    yield element
    for child in element.children:
        if isinstance(child, Element):
            yield from elements(child)


def numbers(html: str) -> list[int]:
    """The numbers of the gaps in a field, each once, in rising order."""
    return sorted({int(match[1]) for match in _GAP.finditer(html)})


def visible(node: Node) -> Iterator[str]:
    """What a reader sees, in order: text, PICTURE, TeX of formulas, edges of gaps."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Element):
        if node.tag == "img":
            yield PICTURE
        for child in node.children:
            yield from visible(child)
    else:
        yield mark(node)


def mark(node: Gap | GapEnd | Math | Sound) -> str:
    """The beginning or end of a gap, a formula or a sound, in the form of `visible`."""
    match node:
        case Gap():
            return f"\ufdd4{node.number}\ufdd5{node.hint}\ufdd6"
        case Math():
            return f"\ufdd8{node.tex}\ufdd8"
        case Sound():
            return node.name
    return "\ufdd7"


def seen(parts: Iterable[str]) -> tuple[str, dict[str, str]]:
    """What `visible` gave, in a form to compare.

    Returns all characters without white space, and those that each gap hides by its
    number. A gap may be divided into several of the same number.
    """
    whole = "".join("".join(parts).split())
    hidden: dict[str, str] = {}
    for gap in re.finditer("\ufdd4(\\d+)\ufdd5[^\ufdd6]*\ufdd6([^\ufdd7]*)", whole):
        hidden[gap[1]] = hidden.get(gap[1], "") + gap[2]
    return re.sub("\ufdd4[^\ufdd6]*\ufdd6|\ufdd7", "", whole), hidden


@dataclass(slots=True)
class _OpenGap:
    """A gap without its end, and the places of its beginning and its hint (or -1)."""

    number: int
    place: int
    hint_at: int = -1


class _Reader(HTMLParser):
    """Builds the tree.

    An end without a beginning is ignored; an element without an end ends with its
    parent.
    """

    def __init__(self, gaps: bool, remark: Callable[[str], None]) -> None:
        super().__init__()
        self.gaps, self.remark = gaps, remark
        self.taken: list[Node] = []
        self.root = Element("div")
        self.open = [self.root]

    def read(self, html: str) -> Element:
        """The tree of a field, in a `div`."""
        html = _NONCHARACTERS.sub("", html)
        html = _SOUND.sub(self._sound, self._formulas(html))
        if self.gaps and "{{c" in html:
            html = self._gaps(html)
        else:
            html = self._no_gaps(html)
        self.feed(_only_tags(html))
        self.close()
        return self.root

    def _token(self, kind: str, node: Node) -> str:
        """A token in place of a node, until the HTML is parsed."""
        self.taken.append(node)
        return f"{_BEGIN}{kind}{len(self.taken)}{_END}"

    def _sound(self, match: re.Match[str]) -> str:
        return self._token("s", Sound(unescape(match[1] or match[0].strip("[]"))))

    def _formulas(self, html: str) -> str:
        """Replace formulas by tokens."""
        out, at = [], 0
        for found in formulas(html):
            out += [html[at : found.start], self._math(found)]
            at = found.end
        return "".join([*out, html[at:]])

    def _math(self, found: Formula) -> str:
        """A formula; a gap in it is put around it."""
        tex = " ".join(_without_tags(found.html).split())
        if found.latex:
            tex = tex.strip("$ ") if tex.startswith("$") else tex
            self.remark("LaTeX was turned into a formula: check it")
        tex = tex if self.gaps else self._no_gaps(tex)
        gap = _GAP.search(tex) if self.gaps else None
        if not gap:
            return self._token("m", Math(tex, found.display)) if tex else ""
        whole = _WHOLE_GAP.fullmatch(tex)
        if not whole:
            self.remark("a gap inside a formula now hides the whole formula")
        hint = (whole[2] or "").strip() if whole else ""
        tex = whole[1] if whole else _GAP.sub("", _INNER_GAP.sub(r"\1", tex))
        math = self._token("m", Math(tex.strip(), found.display))
        return self._token("o", Gap(int(gap[1]), hint)) + math + f"{_BEGIN}c0{_END}"

    def _gaps(self, html: str) -> str:
        """Replace gaps by tokens. A gap inside another divides the outer one."""
        parts: list[str] = []
        unclosed: list[_OpenGap] = []
        nested, at = False, 0
        for match in _PART.finditer(html):
            parts.append(html[at : match.start()])
            at = match.end()
            part, innermost = match[0], unclosed[-1] if unclosed else None
            if match[1]:
                if innermost:
                    nested = True
                    self._close(parts, innermost)
                unclosed.append(_OpenGap(int(match[1]), len(parts)))
            elif part == "}}" and innermost:
                self._close(parts, unclosed.pop())
                if unclosed:
                    unclosed[-1] = _OpenGap(unclosed[-1].number, len(parts))
                part = ""
            elif part == "::" and innermost and innermost.hint_at < 0:
                innermost.hint_at = len(parts)
            parts.append(part)
        parts.append(html[at:])
        for gap in unclosed:
            self._keep_braces(parts, gap)
        if not nested:
            return "".join(parts)
        self.remark("a gap inside another gap now divides the outer one")
        return _EMPTY_GAP.sub(r"\1", "".join(parts))

    def _no_gaps(self, text: str) -> str:
        """Keep what would be a gap as text."""
        if "{{c" not in text or not _GAP.search(text):
            return text
        self.remark("`{{c1::` in a note without gaps: a space was put between its braces")
        return _GAP.sub(lambda match: "{ " + match[0][1:], text)

    def _close(self, parts: list[str], gap: _OpenGap) -> None:
        """Replace a gap's beginning and its hint by tokens, and add its end."""
        hint = ""
        if gap.hint_at >= 0:
            text = _without_tags("".join(parts[gap.hint_at + 1 :])).strip()
            hint = re.sub(r"\s*\n\s*|[ \t]+", lambda m: "\n" if "\n" in m[0] else " ", text)
            del parts[gap.hint_at :]
        parts[gap.place] = self._token("o", Gap(gap.number, hint))
        parts.append(f"{_BEGIN}c0{_END}")

    def _keep_braces(self, parts: list[str], gap: _OpenGap) -> None:
        """The braces of a gap without an end, so that they are text."""
        begin = parts[gap.place]
        if begin:
            self.remark(f"gap {gap.number} is not closed: a space was put between its braces")
        if begin.startswith("{{"):
            parts[gap.place] = "{ " + begin[1:]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element, and end what it cannot be inside of."""
        if tag in ENDS:
            self._end(ENDS[tag], PARENTS[tag])
        elif tag in BLOCKS:
            self._end({"p"}, BLOCKS - {"p"})
        attributes = {name: _TOKEN.sub("", value or "") for name, value in reversed(attrs)}
        element = Element(tag, attributes)
        if tag in VOID or len(self.open) < DEEPEST:
            self.open[-1].children.append(element)
            if tag not in VOID:
                self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element that is written as `<tag/>`: HTML ignores the slash."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End an element, but none outside of the table or cell that is open."""
        borders = {"table"} if tag in TABLE_PARTS else {"table", "td", "th"}
        self._end({tag}, borders - {tag})

    def _end(self, tags: AbstractSet[str], borders: AbstractSet[str]) -> None:
        """End the innermost open element of `tags`, unless a border is inside it."""
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place].tag in tags:
                del self.open[place:]
                return
            if self.open[place].tag in borders:
                return

    def handle_data(self, data: str) -> None:
        """Text, and the nodes whose tokens are in it."""
        at = 0
        for match in _TOKEN.finditer(data):
            self._text(data[at : match.start()])
            at = match.end()
            node = GapEnd() if match[1] == "c" else self.taken[int(match[2]) - 1]
            self.open[-1].children.append(node)
        self._text(data[at:])

    def _text(self, text: str) -> None:
        if text:
            self.open[-1].children.append(text)


def _only_tags(html: str) -> str:
    """HTML without comments and declarations, in which every `<` begins a tag.

    For any other, the parser would search for an end again and again.
    """
    out: list[str] = []
    at = 0
    while (begin := html.find("<!--", at)) >= 0 and (end := html.find("-->", begin + 4)) >= 0:
        out.append(html[at:begin])
        at = end + 3
    html = "".join([*out, html[at:]])
    return _NO_TAG.sub("&lt;", re.sub(r"<[!?][^<>]*>", "", html))


def _without_tags(html: str) -> str:
    return unescape(re.sub(r"<[A-Za-z/!][^<>]*>", " ", html)).replace("\u00a0", " ")
