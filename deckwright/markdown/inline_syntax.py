"""The dialect's rules for HTML, links, images, math and leftover syntax in text.

Rules note what later stages need as InlineMarks; `blocks` turns these into Marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import east_asian_width

from deckwright.markdown.tex import problems

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    InlineRule = Callable[[StateInline, bool], bool]

# HTML elements (WHATWG, living standard): `<b>` is refused, `<bucket>` is a placeholder
# and becomes text.
HTML_ELEMENTS = frozenset((
    "a", "abbr", "acronym", "address", "applet", "area", "article", "aside", "audio", "b",
    "base", "bdi", "bdo", "big", "blockquote", "body", "br", "button", "canvas", "caption",
    "center", "cite", "code", "col", "colgroup", "data", "datalist", "dd", "del", "details",
    "dfn", "dialog", "dir", "div", "dl", "dt", "em", "embed", "fieldset", "figcaption",
    "figure", "font", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6",
    "head", "header", "hgroup", "hr", "html", "i", "iframe", "img", "input", "ins", "kbd",
    "label", "legend", "li", "link", "main", "map", "mark", "marquee", "math", "menu", "meta",
    "meter", "nav", "nobr", "noscript", "object", "ol", "optgroup", "option", "output", "p",
    "param", "picture", "pre", "progress", "q", "rp", "rt", "ruby", "s", "samp", "script",
    "search", "section", "select", "slot", "small", "source", "span", "strike", "strong",
    "style", "sub", "summary", "sup", "svg", "table", "tbody", "td", "template", "textarea",
    "tfoot", "th", "thead", "time", "title", "tr", "track", "tt", "u", "ul", "var", "video",
    "wbr",
))  # fmt: skip

_HTML_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)")
# As in CommonMark 0.31, HTML blocks of the kinds 2 to 6.
_HTML_START = re.compile(
    r"<(?:!--|\?|![A-Za-z]|!\[CDATA\[|/?(?:address|article|aside|base|blockquote|body|caption"
    r"|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form"
    r"|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|nav|ol|p|search"
    r"|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?=\s|/?>|$))",
    re.IGNORECASE,
)
_MATH = re.compile(
    r"(?<![A-Za-z0-9])\$(?![\s$])((?:\\.|[^$\\]){1,2000}?)(?<!\s)\$(?![A-Za-z0-9])", re.DOTALL
)
# Tags that can be long: their beginning and their end (CommonMark 0.31, raw HTML).
_LONG_TAGS = (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"), ("<!", ">"))
# Double emphasis marks, half a link, a lone backtick, a line of something that is no table.
_LEFTOVER = re.compile(r"\*\*|~~|\]\(|`|!\[\[|(?m:^\| .* \|$)")
_ADDRESS = re.compile(r"\]\(\s*<?((?:\([^()\s]*\)|[^\s<>()]){1,2000})>?\)?")
_EMPHASIS = {"em_open", "strong_open", "em_close", "strong_close"}


class InlineMark(NamedTuple):
    """A Mark whose `start` and `end` are offsets in the content of an inline token."""

    kind: str
    start: int
    end: int
    text: str = ""
    extra: str = ""
    number: int = 0


def note(state: StateInline, mark: InlineMark) -> None:
    """Note a mark for the inline token that is being parsed.

    Marks in the alt text of an image are dropped: their offsets are not in the token.
    """
    marks, content = state.env.get("noting", ([], None))
    if state.src is content:
        marks.append(mark)


def noting(kind: str, rule: InlineRule) -> InlineRule:
    """Wrap the library's rule for images or links to note each with its address."""

    def wrapped(state: StateInline, silent: bool) -> bool:
        start, known = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        if not silent:
            token = next(t for t in state.tokens[known:] if t.type in ("image", "link_open"))
            address = str(token.attrs.get("src" if kind == "image" else "href", ""))
            note(state, InlineMark(kind, start, state.pos, token.content, address))
        return True

    return wrapped


def html_tag(state: StateInline, silent: bool) -> bool:
    """Inline rule: turn a tag into text; note it if it is no placeholder."""
    if state.src[state.pos] != "<":
        return False
    from markdown_it.common.html_re import HTML_TAG_RE

    if any(
        state.src.startswith(begin, state.pos) and state.src.find(end, state.pos) < 0
        for begin, end in _LONG_TAGS
    ):
        return False  # what the expression below would find out one character at a time
    match = HTML_TAG_RE.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        if _is_html(match[0]):
            note(state, InlineMark("html", state.pos, match.end(), match[0]))
        state.push("text", "", 0).content = match[0]
    state.pos = match.end()
    return True


def html_at_start(content: str, marks: Iterable[InlineMark]) -> InlineMark | None:
    """Return the mark of HTML that begins a paragraph, but does not end in it.

    Other programs hide it, and what follows.
    """
    match = _HTML_START.match(content)
    if match is None or not _is_html(match[0]) or any(mark.start == 0 for mark in marks):
        return None
    return InlineMark("html", 0, match.end(), match[0])


def _is_html(tag: str) -> bool:
    """Return whether a tag is HTML: a known name in one case, a comment or the like."""
    match = _HTML_NAME.match(tag)
    if match is None:
        return True
    name = match[1]
    return name.lower() in HTML_ELEMENTS and (name.islower() or name.isupper())


def dollar_math(state: StateInline, silent: bool) -> bool:
    """Inline rule: `$…$` as in pandoc (tex_math_dollars), which leaves prices alone.

    No space directly inside the dollars, no digit after them; in addition no letter or
    digit directly outside, which leaves shell variables alone.
    """
    src, pos = state.src, state.pos
    if src[pos] != "$":
        return False
    if src.startswith("$$", pos):
        return _stray_block_math(state, silent)
    match = _MATH.match(src, pos, state.posMax)
    if not match:
        return False
    if not silent:
        for mark in bad_tex(match[1], pos + 1):
            note(state, mark)
        state.push("math_inline", "math", 0).content = match[1]
    state.pos = match.end()
    return True


def bad_tex(content: str, at: int = 0) -> Iterator[InlineMark]:
    """Yield what a formula cannot contain; it begins at `at`."""
    for problem in problems(content):
        start, end = at + problem.start, at + problem.end
        yield InlineMark("bad-tex", start, end, problem.message, problem.help)


def _stray_block_math(state: StateInline, silent: bool) -> bool:
    """Turn a `$$` that the block rule did not take into text, and note it."""
    if not silent:
        message = "`$$` is inside running text"
        if state.src.startswith("$$"):
            message = "the formula isn't closed or contains a blank line"
        help_line = (
            "put each `$$` on a separate line, with a blank line before and after"
            " the formula and none inside; in running text, write `$…$`"
        )
        note(state, InlineMark("bad-math", state.pos, state.pos + 2, message, help_line))
        state.push("text", "", 0).content = "$$"
    state.pos += 2
    return True


def leftover(inline: Token) -> InlineMark | None:
    """Return the first Markdown syntax of a text that would be displayed as it is.

    Escaped characters are separate tokens, so they are never found.
    """
    children = inline.children or []
    for number, child in enumerate(children):
        if child.type == "text" and (match := _LEFTOVER.search(child.content)):
            refused = _refused_link(inline.content, child.content, match.start())
            return refused or InlineMark("leftover", *_range(inline, number, match[0]), match[0])
        if child.type in _EMPHASIS and child.markup[0] == "*" and _is_in_word(children, number):
            message = f"`{child.markup}` begins or ends emphasis in the middle of a word"
            place = _range(inline, number, child.markup)
            return InlineMark("leftover", *place, child.markup, message)
    return None


def _refused_link(content: str, text: str, at: int) -> InlineMark | None:
    """Return the mark of a link or image with an address that the library never makes.

    Its address runs a script or holds a file (`javascript:`, `data:`). `at` is the place of
    its `](` in a piece of text of the `content`.
    """
    from markdown_it.common.normalize_url import normalizeLink, validateLink

    shown = _ADDRESS.match(text, at)
    if shown is None or validateLink(normalizeLink(shown[1])):
        return None
    for written in _ADDRESS.finditer(content):
        begin = content.rfind("[", 0, written.start())
        if written[1] == shown[1] and begin >= 0:
            if content.startswith("!", begin - 1) and begin:
                alt = content[begin + 1 : written.start()]
                return InlineMark("image", begin - 1, written.end(), alt, shown[1])
            return InlineMark("link", begin, written.end(), "", shown[1])
    return None


def is_cjk(character: str) -> bool:
    """Return whether a character is Chinese, Japanese, or Korean, also a punctuation mark."""
    return character != "" and east_asian_width(character) in "WFH"


def beside_cjk(rule: InlineRule) -> InlineRule:
    """Wrap the rule for emphasis or strikethrough: beside a CJK character, only spaces matter.

    CommonMark expects a space or punctuation beside a word, which these languages do not have:
    `**重要。**です` would not be bold. See https://github.com/tats-u/markdown-cjk-friendly.
    """

    def wrapped(state: StateInline, silent: bool) -> bool:
        start, known = state.pos, len(state.delimiters)
        if not rule(state, silent):
            return False
        before = state.src[start - 1 : start]
        after = state.src[state.pos : state.pos + 1] if state.pos < state.posMax else ""
        if state.src[start] != "_" and (is_cjk(before) or is_cjk(after)):
            for delimiter in state.delimiters[known:]:
                delimiter.open |= bool(after.strip())
                delimiter.close |= bool(before.strip())
        return True

    return wrapped


def _is_in_word(children: list[Token], number: int) -> bool:
    """Return whether the emphasis mark at `number` touches the outside of a word."""
    opens = children[number].nesting > 0
    outside = number - 1 if opens else number + 1
    if not 0 <= outside < len(children) or children[outside].type != "text":
        return False
    text = children[outside].content
    inside = children[number + 1 if opens else number - 1].content
    if is_cjk(inside[:1] if opens else inside[-1:]):
        return False
    if opens:
        return is_part_of_word(text[-1:]) or text.endswith((":", "/"))
    return is_part_of_word(text[:1])


def is_part_of_word(character: str) -> bool:
    """Return whether a character is a letter or digit of a language with spaces between words."""
    return character.isalnum() and not is_cjk(character)


def _range(inline: Token, number: int, text: str) -> tuple[int, int]:
    """Return where `text`, a part of child `number`, is in a token's content."""
    at = 0
    for before in (inline.children or ())[:number]:
        if before.content:
            at = max(inline.content.find(before.content, at) + len(before.content), at)
    start = max(inline.content.find(text, at), 0)
    return start, start + len(text)
