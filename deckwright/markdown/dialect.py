"""What Markdown means here: CommonMark with tables, strikethrough, dollar math and cloze gaps; raw HTML is noted for refusal.

The inline rules note down what they see (Seen) in the `meta["seen"]` of the inline token; `blocks` makes Marks of that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from markdown_it import MarkdownIt, rules_inline
from markdown_it.common.html_re import HTML_TAG_RE
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath.index import math_block_dollar

from deckwright.markdown.html import RENDER_RULES

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
_MATH = re.compile(
    r"(?<![A-Za-z0-9])\$(?![\s$])((?:\\.|[^$\\]){1,2000}?)(?<!\s)\$(?![A-Za-z0-9])", re.DOTALL
)
# Double emphasis marks, a half link, a lone backtick, a line of a table that is none.
_LEFTOVER = re.compile(r"\*\*|~~|\]\(|`|!\[\[|(?m:^\| .* \|$)")
_MATH_END = re.compile(r"\\[)\]]")
# A name with `::` in it, such as AWS::Region or arn:aws:iam::aws:policy/x, and not an answer with its hint.
_NAMED_PART = re.compile(r"[A-Z]{2,}::[A-Z][A-Za-z0-9]+|[A-Za-z][^\s:]*:\S*::\S+")
_CODE_OR_MATH = re.compile(r"(`+).*?\1|\$[^$]*\$|\\.", re.DOTALL)
_HINT_MARKUP = re.compile(r"`|\*\*|(?<!\w)[*_]\S(?:.*\S)?[*_](?!\w)")
_HTML_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)")


class Seen(NamedTuple):
    """A Mark before its place in the file is known: `start` and `end` count in the text of its inline token."""

    kind: str
    start: int
    end: int
    text: str = ""
    extra: str = ""
    number: int = 0


# The signs with which a line must begin for a block rule to take it. Asking first spares most lines most rules.
_SIGNS = {
    "math_block": "$",
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*-+0123456789",
    "heading": "#",
}

# Running text in which no inline rule finds anything to do, and no leftover can stand.
_SOMETHING = re.compile(r"[\n$&*<\[\\_`{|~]")
# A card's metadata as nearly everybody writes it: a line per entry, then a blank line and something that is no part of the list.
_PLAIN_METADATA = re.compile(r"((?:- [A-Za-z][\w-]*:(?: [^\n]*)?\n)+)\n+(?=---\n|[^\s*+\-])")

BlockRule = Callable[[StateBlock, int, int, bool], bool]


def _only_at(signs: str, rule: BlockRule) -> BlockRule:
    """A block rule that is asked only of lines that begin with one of `signs`; it would refuse the others, only slower."""
    wanted = frozenset(signs)

    def asked(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        at = state.bMarks[start] + state.tShift[start]
        return at < len(state.src) and state.src[at] in wanted and rule(state, start, end, silent)

    return asked


def _with_ruled_line(rule: BlockRule) -> BlockRule:
    """The rule of tables, which is asked only where the line below begins as the one that GFM wants there; it would refuse the
    others, only slower."""

    def asked(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if start + 2 > end:
            return False
        below = state.bMarks[start + 1] + state.tShift[start + 1]
        return (
            below < len(state.src) and state.src[below] in "|-:" and rule(state, start, end, silent)
        )

    return asked


@cache
def parser() -> MarkdownIt:
    md = MarkdownIt(
        "commonmark", {"html": False, "linkify": False, "typographer": False, "xhtmlOut": False}
    )
    md.enable(["table", "strikethrough"]).disable(["reference", "html_block", "lheading"])
    md.block.ruler.before(
        "fence", "math_block", math_block_dollar(allow_labels=False, allow_blank_lines=False)
    )
    md.block.ruler.before("table", "metadata", _metadata)
    for rule in list(md.block.ruler.__rules__):
        if rule.name in _SIGNS:
            md.block.ruler.at(rule.name, _only_at(_SIGNS[rule.name], rule.fn), {"alt": rule.alt})
        elif rule.name == "table":
            md.block.ruler.at(rule.name, _with_ruled_line(rule.fn), {"alt": rule.alt})
    md.core.ruler.at("inline", _inline)
    md.inline.ruler.at("html_inline", _html)
    md.inline.ruler.at("link", _noting("link", rules_inline.link))
    md.inline.ruler.at("autolink", _noting("link", rules_inline.autolink))
    md.inline.ruler.at("image", _noting("image", rules_inline.image))
    md.inline.ruler.before("escape", "gap", _gap)
    md.inline.ruler.after("escape", "math_inline", _math)
    md.renderer.rules.update(RENDER_RULES)  # type: ignore[attr-defined]
    return md


def _metadata(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The list right under the heading of a card, where each entry is one plain line: the tokens of the list and its items, which
    is all that is read of it. Any other list is left to the library's rule, which would make the same of this one, only slower."""
    before = state.tokens[-1] if state.tokens else None
    if (
        silent
        or before is None
        or before.type != "heading_close"
        or before.tag != "h2"
        or before.level
    ):
        return False
    match = _PLAIN_METADATA.match(state.src, state.bMarks[start])
    if not match:
        return False
    after, rest = start + match[1].count("\n"), start + match[0].count("\n")
    made = [state.push("bullet_list_open", "ul", 1)]
    made[0].map = [start, rest]
    for line in range(start, after):
        made += (state.push("list_item_open", "li", 1), state.push("list_item_close", "li", -1))
        made[-2].map = [line, rest if line == after - 1 else line + 1]
    made.append(state.push("bullet_list_close", "ul", -1))
    for token in made:
        token.markup = "-"
    state.line = rest
    return True


def _inline(state: StateCore) -> None:
    """Parses running text; what was seen on the way lands in `meta["seen"]` of its token. The list right under the heading of
    a card is metadata, which is read as it is written."""
    parse_inline = state.md.inline.parse
    card, metadata = False, False
    for token in state.tokens:
        if token.level == 0 and token.type != "inline":
            metadata = token.type == "bullet_list_open" and card
            if metadata:
                token.meta["metadata"] = True
            card = token.type == "heading_close" and token.tag == "h2"
        if token.type != "inline":
            continue
        token.children = []
        if metadata:
            continue
        if token.content and not _SOMETHING.search(token.content):
            token.children.append(Token("text", "", 0, content=token.content))
            continue
        seen: list[Seen] = []
        state.env["noting"] = (seen, token.content)
        parse_inline(token.content, state.md, state.env, token.children)
        seen.extend(_leftovers(token))
        if seen:
            token.meta["seen"] = sorted(seen, key=lambda s: s.start)


def _leftovers(token: Token) -> Iterator[Seen]:
    """Markdown that was not understood and would reach the reader as it stands. Escapes are tokens of their own, so what is
    escaped is not found."""
    children = token.children or []
    for number, child in enumerate(children):
        if child.type == "text" and (match := _LEFTOVER.search(child.content)):
            yield Seen("leftover", *_range(token, number, match[0]), match[0])
            return
        if (
            child.type in ("em_open", "strong_open", "em_close", "strong_close")
            and child.markup[0] == "*"
        ):
            opens = child.nesting > 0
            beside = (
                children[number - 1]
                if opens
                else children[number + 1]
                if number + 1 < len(children)
                else None
            )
            if (
                beside is None
                or (opens and not number)
                or beside.type != "text"
                or not beside.content
            ):
                continue
            if (beside.content[-1] if opens else beside.content[0]).isalnum() or (
                opens and beside.content[-1] in ":/"
            ):
                message = f"`{child.markup}` makes emphasis in the middle of a word"
                yield Seen("leftover", *_range(token, number, child.markup), child.markup, message)
                return


def _range(token: Token, number: int, words: str) -> tuple[int, int]:
    """Where `words` of the child at `number` stand in an inline token's text: after everything that the children before it hold."""
    at = 0
    for before in (token.children or ())[:number]:
        if before.content:
            at = max(token.content.find(before.content, at) + len(before.content), at)
    start = max(token.content.find(words, at), 0)
    return start, start + len(words)


def _noting(
    kind: str, rule: Callable[[StateInline, bool], bool]
) -> Callable[[StateInline, bool], bool]:
    """A rule of the library that notes where its pictures or links stand, with their address."""

    def noted(state: StateInline, silent: bool) -> bool:
        start, made = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        if not silent:
            token = next(t for t in state.tokens[made:] if t.type in ("image", "link_open"))
            address = str(token.attrs.get("src" if kind == "image" else "href", ""))
            _note(state, Seen(kind, start, state.pos, token.content, address))
        return True

    return noted


def _note(state: StateInline, seen: Seen) -> None:
    """Notes what a rule saw, unless the rule is at work inside a picture's description, which has places of its own."""
    noted, content = state.env.get("noting", ([], None))
    if state.src is content:
        noted.append(seen)


def _html(state: StateInline, silent: bool) -> bool:
    """Raw HTML is noted for refusal and comes out as text; `<placeholder>` is only text."""
    if state.src[state.pos] != "<":
        return False
    match = HTML_TAG_RE.match(state.src, state.pos)
    if not match:
        return False
    name = _HTML_NAME.match(match[0])
    if not silent:
        if name is None or (
            name[1].lower() in HTML_ELEMENTS and (name[1].islower() or name[1].isupper())
        ):
            _note(state, Seen("html", state.pos, match.end(), match[0]))
        state.push("text", "", 0).content = match[0]
    state.pos = match.end()
    return True


def _math(state: StateInline, silent: bool) -> bool:
    """`$…$` after pandoc's rule (tex_math_dollars), which keeps prices apart: no space inside the dollars, no digit
    after; and no letter or digit directly outside, which keeps shell variables apart."""
    src, pos = state.src, state.pos
    if src[pos] != "$":
        return False
    if src.startswith("$$", pos):
        if not silent:
            whole = src.startswith("$$")
            message = (
                "the formula is not closed, or has a blank line inside"
                if whole
                else "`$$` stands inside running text"
            )
            help_line = "put `$$` on a line of its own, with a blank line before and after and none in the formula"
            _note(state, Seen("bad-math", pos, pos + 2, message, help_line))
            state.push("text", "", 0).content = "$$"
        state.pos = pos + 2
        return True
    match = _MATH.match(src, pos, state.posMax)
    if not match:
        return False
    if not silent:
        if ended := _MATH_END.search(match[1]):
            at = pos + 1 + ended.start()
            _note(
                state,
                Seen(
                    "bad-math",
                    at,
                    at + 2,
                    f"`{ended[0]}` would end the formula",
                    "take it out of the formula",
                ),
            )
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
    seen = Seen("gap", pos, close + 2, answer, hint, int(opened[1]))
    if not silent:
        _note(state, seen)
        for bad in _gap_diagnostics(src, seen, opened.end(), close, hint_at):
            _note(state, bad)
        token = state.push("gap_open", "", 1)
        token.meta = {"seen": seen}
        old = state.posMax
        first = len(state.tokens)
        state.pos, state.posMax = opened.end(), end
        state.md.inline.tokenize(state)
        state.posMax = old
        for inner in state.tokens[first:]:
            inner.meta["in_gap"] = True
        state.push("gap_close", "", -1).meta = {"seen": seen}
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


def _gap_diagnostics(src: str, gap: Seen, inner: int, close: int, hint_at: int) -> Iterator[Seen]:
    """What is wrong with a gap that has a beginning and an end; the extra says what to type."""
    nested = GAP_OPEN.search(src, inner, close)
    if nested:
        lone = src.find("}", inner, nested.start())
        if lone >= 0:
            yield Seen(
                "bad-gap",
                lone,
                lone + 1,
                "one brace does not close a gap",
                "write `}}` after the answer",
            )
            return
        help_line = "end the first gap before the second begins"
        yield Seen(
            "bad-gap", nested.start(), nested.end(), "a gap stands inside another gap", help_line
        )
        return
    prose = _CODE_OR_MATH.sub(" ", gap.text)
    if not gap.text.replace("&nbsp;", "").strip():
        help_line = "write what the learner has to know between `::` and `}}`"
        yield Seen("bad-gap", gap.start, gap.end, "the gap is empty", help_line)
    elif any(
        prose.count(sign) % 2
        and prose.strip()[:1] + prose.strip()[-1:] != prose.strip()
        and sign in (prose.strip()[:1], prose.strip()[-1:])
        for sign in "*_"
    ):
        yield Seen(
            "bad-gap",
            gap.start,
            gap.end,
            "emphasis cuts through the gap",
            "begin and end it on the same side of the gap's edge",
        )
    if hint_at >= 0 and not gap.extra.strip():
        yield Seen(
            "bad-gap",
            hint_at,
            close,
            "the hint after `::` is empty",
            "write a hint, or take the `::` out",
        )
    if (
        "::" in gap.extra
        or gap.extra.startswith(":")
        or _NAMED_PART.fullmatch(f"{gap.text}::{gap.extra}")
    ):
        at = src.index("::", hint_at + 2) if "::" in gap.extra else hint_at
        help_line = "if the answer has `::` in it, put it between backticks: {{c1::`a::b`}}; else one `::` stands before the hint"
        yield Seen("bad-gap", at, at + 2, "which `::` begins the hint?", help_line)
    elif _HINT_MARKUP.search(gap.extra):
        yield Seen(
            "bad-gap",
            hint_at + 2,
            close,
            "a hint is plain text, without markup",
            "take the markup out",
        )
    if (
        ("](" in prose and prose.count("]") > prose.count("["))
        or prose.count("](") > prose.count(")")
        or "<http" in prose.split(">")[-1]
    ):
        help_line = "put the whole link inside the gap, or the gap inside its words"
        yield Seen("bad-gap", gap.start, gap.end, "the gap cuts through a link", help_line)
    if src.startswith("}", close + 2):
        help_line = "put a brace of the answer between backticks"
        yield Seen(
            "bad-gap", close, close + 3, "three closing braces: which two end the gap?", help_line
        )
