"""What Markdown means here: CommonMark with tables, strikethrough, dollar math and cloze gaps; raw HTML is noted for refusal.

The inline rules note down what they see as plain lists `[kind, start, end, text, extra, number]` in the `meta["marks"]`
of the inline token; `blocks` makes Marks of them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.html_re import HTML_TAG_RE
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.dollarmath.index import math_block_dollar

from deckwright.markdown.output import RENDER_RULES

# HTML elements (WHATWG, living standard): `<b>` is refused, `<bucket>` is a placeholder and comes out as text.
HTML_ELEMENTS = frozenset(
    [
        "a", "abbr", "acronym", "address", "applet", "area", "article", "aside", "audio", "b", "base", "bdi", "bdo", "big",
        "blockquote", "body", "br", "button", "canvas", "caption", "center", "cite", "code", "col", "colgroup", "data",
        "datalist", "dd", "del", "details", "dfn", "dialog", "dir", "div", "dl", "dt", "em", "embed", "fieldset", "figcaption",
        "figure", "font", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup",
        "hr", "html", "i", "iframe", "img", "input", "ins", "kbd", "label", "legend", "li", "link", "main", "map", "mark",
        "marquee", "menu", "meta", "meter", "nav", "nobr", "noscript", "object", "ol", "optgroup", "option", "output", "p",
        "param", "picture", "pre", "progress", "q", "rp", "rt", "ruby", "s", "samp", "script", "search", "section", "select",
        "slot", "small", "source", "span", "strike", "strong", "style", "sub", "summary", "sup", "svg", "table", "tbody", "td",
        "template", "textarea", "tfoot", "th", "thead", "time", "title", "tr", "track", "tt", "u", "ul", "var", "video", "wbr",
        "math",
    ]
)  # fmt: skip

MAX_GAP = 500  # characters from a gap's `::` to its `}}`; past that the gap counts as unclosed

GAP_OPEN = re.compile(r"\{\{c([1-9]\d{0,2})::")
_GAP_PART = re.compile(r"\\.|`+|\$(?!\s)(?:\\.|[^$\\])+?(?<!\s)\$(?!\d)|\}\}|::", re.DOTALL)
_MATH = re.compile(r"\$(?![\s$])((?:\\.|[^$\\]){1,2000}?)(?<!\s)\$(?!\d)", re.DOTALL)
_HTML_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)")


@cache
def parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False, "xhtmlOut": False})
    md.enable(["table", "strikethrough"]).disable(["reference", "html_block", "lheading"])
    md.block.ruler.before("fence", "math_block", math_block_dollar(allow_labels=False, allow_blank_lines=False))
    md.core.ruler.at("inline", _inline)
    md.inline.ruler.at("html_inline", _html)
    md.inline.ruler.before("escape", "gap", _gap)
    md.inline.ruler.after("escape", "math_inline", _math)
    md.renderer.rules.update(RENDER_RULES)  # type: ignore[attr-defined]
    return md


def _inline(state: StateCore) -> None:
    """Parses running text; what the inline rules note down lands in `meta["marks"]` of its token."""
    parse_inline = state.md.inline.parse
    for token in state.tokens:
        if token.type != "inline":
            continue
        marks: list[list[Any]] = []
        state.env["marks"] = (marks, token.content)
        token.children = []
        parse_inline(token.content, state.md, state.env, token.children)
        for child in token.children:
            if child.type == "image":
                marks.append(["image", 0, 0, child.content, str(child.attrs.get("src", "")), 0])
            elif child.type == "link_open":
                marks.append(["link", 0, 0, "", str(child.attrs.get("href", "")), 0])
        if marks:
            token.meta["marks"] = _places(token.content, marks)


def _places(content: str, marks: list[list[Any]]) -> list[list[Any]]:
    """Gives each picture and link the range of its own `![…](…)` and `](…)`: each is looked for after the one before it."""
    image = link = 0
    for mark in marks:
        if mark[0] == "image":
            mark[1] = max(content.find("![", image), 0)
            end = content.find(")", mark[1])
            mark[2] = end + 1 if end >= 0 else len(content)
            image = mark[1] + 2
        elif mark[0] == "link":
            found = content.find(mark[4], link)
            mark[1], mark[2] = (found, found + len(mark[4])) if found >= 0 else (0, len(content))
            link = mark[2]
    return marks


def _note(state: StateInline, mark: list[Any]) -> None:
    marks, content = state.env.get("marks", ([], None))
    if state.src is content:
        marks.append(mark)


def _html(state: StateInline, silent: bool) -> bool:
    """Raw HTML is noted for refusal and comes out as text; `<placeholder>` is only text."""
    if state.src[state.pos] != "<":
        return False
    match = HTML_TAG_RE.match(state.src, state.pos)
    if not match:
        return False
    name = _HTML_NAME.match(match[0])
    if not silent:
        if name is None or name[1].lower() in HTML_ELEMENTS:
            _note(state, ["html", state.pos, match.end(), match[0], "", 0])
        state.push("text", "", 0).content = match[0]
    state.pos = match.end()
    return True


def _math(state: StateInline, silent: bool) -> bool:
    """`$…$` after pandoc's rule (tex_math_dollars), which keeps prices apart: no space inside the dollars, no digit after."""
    src, pos = state.src, state.pos
    if src[pos] != "$":
        return False
    if src.startswith("$$", pos):
        if not silent:
            _note(state, ["bad-math", pos, pos + 2, "", "", 0])
            state.push("text", "", 0).content = "$$"
        state.pos = pos + 2
        return True
    match = _MATH.match(src, pos, state.posMax)
    if not match:
        return False
    if not silent:
        state.push("math_inline", "math", 0).content = match[1]
    state.pos = match.end()
    return True


def _gap(state: StateInline, silent: bool) -> bool:
    """`{{c1::answer}}` or `{{c1::answer::hint}}`; the answer is running text, the hint plain text."""
    src, pos = state.src, state.pos
    if src[pos] != "{" or not src.startswith("{{c", pos):
        return False
    opened = GAP_OPEN.match(src, pos)
    if not opened or opened.end() > state.posMax:
        return False
    close, hint_at = _gap_end(src, opened.end(), state.posMax)
    if close < 0:
        return False
    end = hint_at if hint_at >= 0 else close
    answer = src[opened.end() : end]
    hint = src[hint_at + 2 : close] if hint_at >= 0 else ""
    mark = ["gap", pos, close + 2, answer, hint, int(opened[1])]
    if not silent:
        _note(state, mark)
        for bad in _gap_faults(src, pos, opened.end(), close, answer, hint, hint_at):
            _note(state, bad)
        token = state.push("gap_open", "", 1)
        token.meta = {"mark": mark}
        old = state.posMax
        state.pos, state.posMax = opened.end(), end
        state.md.inline.tokenize(state)
        state.posMax = old
        state.push("gap_close", "", -1).meta = {"mark": mark}
    state.pos = close + 2
    return True


def _gap_end(src: str, at: int, maximum: int) -> tuple[int, int]:
    """Where a gap's `}}` and its first `::` stand, code and math skipped; -1 where there is none."""
    hint = -1
    maximum = min(maximum, at + MAX_GAP)
    while match := _GAP_PART.search(src, at, maximum):
        part = match[0]
        if part == "}}":
            return match.start(), hint
        if part == "::":
            hint = match.start() if hint < 0 else hint
        elif part[0] == "`":
            closing = src.find(part, match.end(), maximum)
            if closing >= 0:
                at = closing + len(part)
                continue
        at = match.end()
    return -1, hint


def _gap_faults(src: str, pos: int, inner: int, close: int, answer: str, hint: str, hint_at: int) -> list[list[Any]]:
    """What is wrong with a gap that has a beginning and an end: `bad-gap` marks whose extra says what to type."""
    nested = GAP_OPEN.search(src, inner, close)
    if nested:
        return [
            ["bad-gap", nested.start(), nested.end(), "a gap stands inside another gap", "end the first gap before the second begins", 0]
        ]
    faults: list[list[Any]] = []
    if not answer.strip():
        faults.append(["bad-gap", pos, close + 2, "the gap is empty", "write what the learner has to know between `::` and `}}`", 0])
    if hint_at >= 0 and not hint.strip():
        faults.append(["bad-gap", hint_at, close, "the hint after `::` is empty", "write a hint, or take the `::` out", 0])
    if "::" in hint:
        at = src.index("::", hint_at + 2)
        faults.append(["bad-gap", at, at + 2, "a second `::` stands in one gap", "one `::` before the answer, one before the hint", 0])
    elif any(c in hint for c in "`*$<"):
        faults.append(["bad-gap", hint_at + 2, close, "a hint is plain text, without markup", "take the markup out", 0])
    if answer.count("[") != answer.count("]"):
        faults.append(
            ["bad-gap", pos, close + 2, "the gap cuts through a link", "put the whole link inside the gap, or the gap inside its words", 0]
        )
    if src.startswith("}", close + 2):
        faults.append(
            ["bad-gap", close, close + 3, "three closing braces: which two end the gap?", "put a brace of the answer between backticks", 0]
        )
    return faults
