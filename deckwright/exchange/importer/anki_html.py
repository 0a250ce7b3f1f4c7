"""HTML as Anki keeps it in a field → a tree of elements, text, gaps and formulas; nothing in it is ever run or loaded.

What Anki itself reads in a field is taken out before the HTML is read, because it may begin in one element and end in another:
gaps (`{{c1::answer::hint}}`), formulas (`\\(x\\)`, `\\[x\\]`, `[$]x[/$]`, `[latex]x[/latex]`) and sounds (`[sound:a.mp3]`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import NamedTuple

DEEPEST = 60  # elements inside each other; deeper ones are passed over, their text is kept

VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "caption",
    ]
)
_CLOSED_BY = {
    "li": {"li"},
    "tr": {"tr"},
    "td": {"td", "th", "tr"},
    "th": {"td", "th", "tr"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
}
_HOMES = {
    "li": {"ul", "ol", "menu", "dir"},
    "tr": {"table"},
    "td": {"tr", "table"},
    "th": {"tr", "table"},
    "dt": {"dl"},
    "dd": {"dl"},
}

_BEGIN, _END = (
    "\ufdd0",
    "\ufdd3",
)  # characters that Unicode keeps from texts: they stand around what was taken out
_NONE = re.compile("[\ufdd0-\ufdef]")
_TOKEN = re.compile(f"{_BEGIN}([ocms])(\\d+){_END}")
_MATH = re.compile(
    r"\\\((.{1,3000}?)\\\)|\\\[(.{1,3000}?)\\\]|\[\$\$\](.{1,3000}?)\[/\$\$\]|\[\$\](.{1,3000}?)\[/\$\]|\[latex\](.{1,3000}?)\[/latex\]",
    re.DOTALL | re.IGNORECASE,
)
_SOUND = re.compile(
    r"\[sound:([^\]\n]{0,300})\]|\[anki:(?:tts|play)[^\]\n]{0,300}\]", re.IGNORECASE
)
_GAP = re.compile(r"\{\{c(\d{1,4})::")
_PART = re.compile(rf"<[A-Za-z/!][^<>]*>|\{{\{{c(\d{{1,4}})::|\}}\}}|::|{_BEGIN}[^{_END}]*{_END}")
_NO_TAG = re.compile(r"<(?!/?[A-Za-z][^<>]*>)")
_EMPTY_GAP = re.compile(f"{_BEGIN}o\\d+{_END}(\\s*){_BEGIN}c0{_END}")


class Gap(NamedTuple):
    """The beginning of a gap."""

    number: int
    hint: str


class GapEnd(NamedTuple):
    """The end of the gap that is open."""


class Math(NamedTuple):
    """A formula; `display`: on a line of its own."""

    tex: str
    display: bool


class Sound(NamedTuple):
    """A sound or speech that Anki would play."""

    name: str


@dataclass(slots=True)
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)


Node = Element | Gap | GapEnd | Math | Sound | str


def read(html: str, gaps: bool, remark: Callable[[str], None]) -> Element:
    """The tree of a field. `gaps` says whether braces mean gaps in it; `remark` is told what cannot be kept."""
    return _Reader(gaps, remark).read(html)


def numbers(html: str) -> list[int]:
    """The numbers of the gaps in a field, each once, rising."""
    return sorted({int(m[1]) for m in _GAP.finditer(html)})


def visible(node: Node) -> Iterator[str]:
    """What a reader sees, in order: text, U+FFFC for a picture, the TeX of formulas, and where gaps begin and end."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Element):
        if node.tag == "img":
            yield "\ufffc"
        for child in node.children:
            yield from visible(child)
    else:
        yield mark(node)


def mark(node: Gap | GapEnd | Math | Sound) -> str:
    """A gap's beginning or end, a formula or a sound as `visible` gives it."""
    match node:
        case Gap():
            return f"\ufdd4{node.number}\ufdd5{node.hint}\ufdd6"
        case Math():
            return f"\ufdd8{node.tex}\ufdd8"
        case Sound():
            return node.name
    return "\ufdd7"


def seen(parts: Iterable[str]) -> tuple[str, dict[str, str]]:
    """What `visible` gave in a form to compare: all signs without blanks, and those that each gap hides by its number. A gap may be
    cut in two that open together."""
    whole = "".join("".join(parts).split())
    hidden: dict[str, str] = {}
    for gap in re.finditer("\ufdd4(\\d+)\ufdd5[^\ufdd6]*\ufdd6([^\ufdd7]*)", whole):
        hidden[gap[1]] = hidden.get(gap[1], "") + gap[2]
    return re.sub("\ufdd4[^\ufdd6]*\ufdd6|\ufdd7", "", whole), hidden


class _Reader(HTMLParser):
    """Builds the tree; an end that has no beginning is passed over, a beginning without end ends with its parent."""

    def __init__(self, gaps: bool, remark: Callable[[str], None]) -> None:
        super().__init__(convert_charrefs=True)
        self.gaps, self.remark = gaps, remark
        self.taken: list[Node] = []
        self.root = Element("div")
        self.open = [self.root]

    def read(self, html: str) -> Element:
        if _NONE.search(html):
            html = _NONE.sub("", html)
        if "\\" in html or "[" in html:
            html = _MATH.sub(self._math, html)
            html = _SOUND.sub(
                lambda m: self._put("s", Sound(unescape(m[1] or m[0].strip("[]")))), html
            )
        if self.gaps and "{{c" in html:
            html = self._gaps(html)
        elif "{{c" in html and _GAP.search(html):
            self.remark("`{{c1::` stands in a note without gaps: a blank keeps its braces apart")
            html = _GAP.sub(lambda m: "{ " + m[0][1:], html)
        self.feed(_sober(html))
        self.close()
        return self.root

    def _put(self, kind: str, node: Node) -> str:
        self.taken.append(node)
        return f"{_BEGIN}{kind}{len(self.taken)}{_END}"

    def _math(self, match: re.Match[str]) -> str:
        """A formula; a gap in it goes around it."""
        kind = match.lastindex or 1
        tex = " ".join(_words(match[kind]).split())
        if kind == 5:
            tex = tex.strip("$ ") if tex.startswith("$") else tex
            self.remark("LaTeX is a formula now: look at it")
        gap = _GAP.search(tex) if self.gaps else None
        if gap:
            whole = re.fullmatch(r"\{\{c\d+::((?:(?!\}\}|::).)*)(?:::((?:(?!\}\}).)*))?\}\}", tex)
            if not whole:
                self.remark("a gap stood inside a formula: it hides the whole formula now")
            hint = (whole[2] or "").strip() if whole else ""
            tex = whole[1] if whole else re.sub(r"\{\{c\d+::(.*?)(?:::[^{}]*)?\}\}", r"\1", tex)
            math = self._put("m", Math(tex.strip(), kind in (2, 3)))
            return self._put("o", Gap(int(gap[1]), hint)) + math + f"{_BEGIN}c0{_END}"
        return self._put("m", Math(tex, kind in (2, 3))) if tex else ""

    def _gaps(self, html: str) -> str:
        """Gaps as tokens. One inside another ends the outer, which goes on behind it."""
        out: list[str] = []
        stack: list[
            tuple[int, int, int]
        ] = []  # number, place in `out`, place of the hint's `::` or -1
        nested, at = False, 0
        for match in _PART.finditer(html):
            part = match[0]
            out.append(html[at : match.start()])
            at = match.end()
            if match[1]:
                if stack:
                    nested = True
                    self._close(out, stack[-1])
                stack.append((int(match[1]), len(out), -1))
                out.append(part)
            elif part == "}}" and stack:
                number, _, _ = self._close(out, stack.pop())
                if stack:
                    stack[-1] = (stack[-1][0], len(out), -1)
                    out.append("")
            elif part == "::" and stack and stack[-1][2] < 0:
                stack[-1] = (*stack[-1][:2], len(out))
                out.append(part)
            else:
                out.append(part)
        out.append(html[at:])
        for number, place, _ in stack:
            if out[place]:
                self.remark(f"gap {number} is not closed: its braces are kept apart by a blank")
                out[place] = "{ " + out[place][1:] if out[place].startswith("{{") else out[place]
        if nested:
            self.remark("a gap stood inside another: the outer one goes on behind it")
        text = "".join(out)
        return _EMPTY_GAP.sub(r"\1", text) if nested else text

    def _close(self, out: list[str], gap: tuple[int, int, int]) -> tuple[int, int, int]:
        number, place, hint_at = gap
        hint = ""
        if hint_at >= 0:
            hint = re.sub(
                r"\s*\n\s*|[ \t]+",
                lambda m: "\n" if "\n" in m[0] else " ",
                _words("".join(out[hint_at + 1 :])).strip(),
            )
            del out[hint_at:]
        out[place] = self._put("o", Gap(number, hint))
        out.append(f"{_BEGIN}c0{_END}")
        return gap

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _CLOSED_BY:
            self._end({t for t, by in _CLOSED_BY.items() if tag in by}, _HOMES[tag])
        elif tag in BLOCKS:
            self._end({"p"}, BLOCKS - {"p"})
        element = Element(
            tag, {name: _TOKEN.sub("", value or "") for name, value in reversed(attrs)}
        )
        if tag in VOID or len(self.open) < DEEPEST:
            self.open[-1].children.append(element)
            if tag not in VOID:
                self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._end(
            {tag},
            {"table", "td", "th"} - {tag}
            if tag not in ("tr", "tbody", "thead", "tfoot", "table")
            else {"table"} - {tag},
        )

    def _end(self, tags: set[str] | frozenset[str], borders: set[str] | frozenset[str]) -> None:
        """Ends the innermost open element of these tags, and what is open inside it, unless a border stands between."""
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place].tag in tags:
                del self.open[place:]
                return
            if self.open[place].tag in borders:
                return

    def handle_data(self, data: str) -> None:
        at = 0
        for match in _TOKEN.finditer(data):
            self._text(data[at : match.start()])
            at = match.end()
            self.open[-1].children.append(
                GapEnd() if match[1] == "c" else self.taken[int(match[2]) - 1]
            )
        self._text(data[at:])

    def _text(self, text: str) -> None:
        if text:
            self.open[-1].children.append(text)


def _sober(html: str) -> str:
    """HTML without comments and declarations, in which every `<` begins a tag: the parser looks for the end of others again and again."""
    out: list[str] = []
    at = 0
    while (begin := html.find("<!--", at)) >= 0 and (end := html.find("-->", begin + 4)) >= 0:
        out.append(html[at:begin])
        at = end + 3
    html = "".join([*out, html[at:]])
    return _NO_TAG.sub("&lt;", re.sub(r"<[!?][^<>]*>", "", html))


def _words(html: str) -> str:
    """The text of a piece of HTML without its tags."""
    return unescape(re.sub(r"<[A-Za-z/!][^<>]*>", " ", html)).replace("\u00a0", " ")
