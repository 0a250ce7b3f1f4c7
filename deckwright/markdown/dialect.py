"""The dialect: CommonMark, tables, strikethrough, dollar math, gaps; no HTML.

The parser, and the rules that make it fast on card files. The inline rules leave
InlineMarks in the `meta["marks"]` of the inline token.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from deckwright.markdown.gaps import gap
from deckwright.markdown.html import RENDER_RULES
from deckwright.markdown.inline_syntax import (
    InlineMark,
    beside_cjk,
    dollar_math,
    html_tag,
    leftover,
    noting,
)

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

    BlockRule = Callable[[StateBlock, int, int, bool], bool]

# The characters with which a line must begin for a block rule to take it. Looking at the
# character first spares most lines most rules.
_FIRST_CHARACTERS = {
    "math_block": "$",
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*-+0123456789",
    "heading": "#",
}

# In text without any of these, no inline rule finds anything, and there is no leftover.
_SPECIAL = re.compile(r"[\n$&*<\[\\_`{|~]")
# A card's metadata as nearly everybody writes it: one line per entry, then a blank line and
# something that is not part of the list.
_PLAIN_METADATA = re.compile(r"((?:- [A-Za-z][\w-]*:(?: [^\n]*)?\n)+)\n+(?=---\n|[^\s*+\-])")


@cache
def parser() -> MarkdownIt:
    """Return the parser of the dialect; it keeps no state between texts."""
    from markdown_it import MarkdownIt, rules_inline
    from mdit_py_plugins.dollarmath.index import math_block_dollar

    md = MarkdownIt(
        "commonmark",
        {
            "html": False,
            "linkify": False,
            "typographer": False,
            "xhtmlOut": False,
            "strikethrough_single_tilde": True,
        },
    )
    md.enable(["table", "strikethrough"]).disable(["reference", "html_block", "lheading"])
    md.block.ruler.before(
        "fence", "math_block", math_block_dollar(allow_labels=False, allow_blank_lines=False)
    )
    md.block.ruler.before("table", "metadata", _metadata)
    for rule in list(md.block.ruler.__rules__):
        if rule.name in _FIRST_CHARACTERS:
            quick = _only_at(_FIRST_CHARACTERS[rule.name], rule.fn)
            md.block.ruler.at(rule.name, quick, {"alt": rule.alt})
        elif rule.name == "table":
            md.block.ruler.at(rule.name, _with_delimiter_row(rule.fn), {"alt": rule.alt})
    md.core.ruler.at("inline", _inline)
    md.inline.ruler.at("html_inline", html_tag)
    md.inline.ruler.at("emphasis", beside_cjk(rules_inline.emphasis.tokenize))
    md.inline.ruler.at("strikethrough", beside_cjk(rules_inline.strikethrough.tokenize))
    md.inline.ruler.at("link", noting("link", rules_inline.link))
    md.inline.ruler.at("autolink", noting("link", rules_inline.autolink))
    md.inline.ruler.at("image", noting("image", rules_inline.image))
    md.inline.ruler.before("escape", "gap", gap)
    md.inline.ruler.after("escape", "math_inline", dollar_math)
    md.renderer.rules.update(RENDER_RULES)  # type: ignore[attr-defined]
    return md


def render(tokens: Sequence[Token]) -> str:
    """Return the HTML of tokens. `markdown.html` completes it."""
    md = parser()
    html: str = md.renderer.render(tokens, md.options, {})
    return html


def _only_at(characters: str, rule: BlockRule) -> BlockRule:
    """Wrap a block rule to run only on lines that begin with one of `characters`.

    The rule would refuse the other lines too, but takes longer.
    """
    wanted = frozenset(characters)

    def wrapped(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        at = state.bMarks[start] + state.tShift[start]
        return at < len(state.src) and state.src[at] in wanted and rule(state, start, end, silent)

    return wrapped


def _with_delimiter_row(rule: BlockRule) -> BlockRule:
    """Wrap the rule of tables to run only above what may be a delimiter row (GFM).

    The rule would refuse the other lines too, but takes longer.
    """

    def wrapped(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if start + 2 > end:
            return False
        at = state.bMarks[start + 1] + state.tShift[start + 1]
        return at < len(state.src) and state.src[at] in "|-:" and rule(state, start, end, silent)

    return wrapped


def _metadata(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Block rule: the list directly under a card's heading, if all entries are plain.

    It makes the tokens of the list and its items, which are all that is read of it. Any
    other list is left to the library's rule, which would make the same tokens of this
    one, but takes longer.
    """
    before = state.tokens[-1] if state.tokens else None
    if silent or before is None or before.type != "heading_close":
        return False
    if before.tag != "h2" or before.level:
        return False
    match = _PLAIN_METADATA.match(state.src, state.bMarks[start])
    if not match:
        return False
    after, rest = start + match[1].count("\n"), start + match[0].count("\n")
    tokens = [state.push("bullet_list_open", "ul", 1)]
    tokens[0].map = [start, rest]
    for line in range(start, after):
        tokens += (state.push("list_item_open", "li", 1), state.push("list_item_close", "li", -1))
        tokens[-2].map = [line, rest if line == after - 1 else line + 1]
    tokens.append(state.push("bullet_list_close", "ul", -1))
    for token in tokens:
        token.markup = "-"
    state.line = rest
    return True


def _inline(state: StateCore) -> None:
    """Core rule: parse running text and leave what was noted in `meta["marks"]`.

    The list directly under the heading of a card is metadata, whose text is not parsed.
    """
    from markdown_it.token import Token

    parse_inline = state.md.inline.parse
    after_heading, metadata = False, False
    for token in state.tokens:
        if token.level == 0 and token.type != "inline":
            metadata = token.type == "bullet_list_open" and after_heading
            if metadata:
                token.meta["metadata"] = True
            after_heading = token.type == "heading_close" and token.tag == "h2"
        if token.type != "inline":
            continue
        token.children = []
        if metadata:
            continue
        if token.content and not _SPECIAL.search(token.content):
            token.children.append(Token("text", "", 0, content=token.content))
            continue
        marks: list[InlineMark] = []
        state.env["noting"] = (marks, token.content)
        parse_inline(token.content, state.md, state.env, token.children)
        if found := leftover(token):
            marks.append(found)
        if marks:
            token.meta["marks"] = sorted(marks, key=lambda mark: mark.start)
