"""markdown-it tokens → Blocks and Marks that know their place in the file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from markdown_it.token import Token

from deckwright.core.blocks import Block, Mark
from deckwright.core.source import Source, Span
from deckwright.markdown.dialect import GAP_OPEN, Seen, parser
from deckwright.markdown.html import plain_inline

_GAP_LIKE = re.compile(
    r"\{\{\s*[cC]?\s*\d[\d\s,]*(?:::?|\|)|\{\s*[cC]\s*\d+\s*::?|\{\{\s*[cC]\s*::|\{\{\s*[cC]\s*\d|\{\{[^{}\n]{1,60}\}\}"
)
_LOOSE_GAP = re.compile(r"\{\{?\s*[cC]?\s*(\d{1,3})\s*(?:::?|\|)\s*([^{}\n]{1,60}?)\}")
_REFERENCE = re.compile(r"\[[^\]\n]+\]:\s*(?:<?https?:|<|\.{0,2}/|#)")
_PIPE = re.compile(r"(?<!\\)\|")
_CHECKBOX = re.compile(r"\[([ xX])\](?:[ \t]+|$)")

_KINDS = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "bullet_list_open": "bullets",
    "ordered_list_open": "numbers",
    "list_item_open": "item",
    "blockquote_open": "quote",
    "table_open": "table",
    "fence": "code",
    "code_block": "indented",
    "hr": "rule",
    "math_block": "math",
}


def parse(source: Source) -> tuple[Block, ...]:
    """The blocks of a file, in order. Never raises: any text is some Markdown."""
    env: dict[str, Any] = {}
    tokens = parser().parse(source.text, env)
    return _blocks(source, tokens)


def _blocks(source: Source, tokens: Sequence[Token]) -> tuple[Block, ...]:
    """Groups a flat token list into one Block per top-level block."""
    out: list[Block] = []
    at = 0
    while at < len(tokens):
        end = _closing(tokens, at)
        out.append(_block(source, tokens[at:end]))
        at = end
    return tuple(out)


def _closing(tokens: Sequence[Token], at: int) -> int:
    """Index after the token that closes the one at `at`."""
    if tokens[at].nesting == 0:
        return at + 1
    depth = 0
    for index in range(at, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index + 1
    return len(tokens)


def _block(source: Source, tokens: Sequence[Token]) -> Block:
    head = tokens[0]
    kind = _KINDS[head.type]
    first, last = head.map or (0, 0)
    span = source.lines_span(first, last)
    if "metadata" in head.meta:
        items = (token for token in tokens if token.type == "list_item_open" and token.level == 1)
        return Block(
            kind,
            span,
            children=tuple(
                Block("item", source.lines_span(*(item.map or (0, 0)))) for item in items
            ),
        )
    if kind in ("bullets", "numbers", "item", "quote"):
        checked = (
            _take_checkbox(tokens[2])
            if kind == "item" and tokens[1].type == "paragraph_open"
            else ""
        )
        children = _blocks(source, tokens[1:-1])
        marks = tuple(m for child in children for m in child.marks)
        level = int(head.attrs.get("start", 1)) if kind == "numbers" else 0
        return Block(
            kind,
            span,
            level,
            info=head.markup,
            checked=checked,
            children=children,
            marks=marks,
            tokens=tokens,
        )
    if kind == "table":
        return _table(source, tokens, span)
    if kind in ("heading", "paragraph"):
        inline = tokens[1]
        return Block(
            kind,
            span,
            level=int(head.tag[1]) if kind == "heading" else 0,
            text=inline.content,
            info=head.markup,
            marks=_marks(source, inline),
            tokens=tokens,
        )
    inside: tuple[Mark, ...] = ()
    if "{" in head.content:
        inside = tuple(
            Mark(
                "bad-gap",
                _within(span, m.start(), m.end()),
                "a gap cannot stand inside code or math",
                "put it into the text",
            )
            for m in GAP_OPEN.finditer(span.text)
        )
    info = head.markup if kind == "rule" else head.info.strip()
    return Block(kind, span, text=head.content, info=info, marks=inside, tokens=tokens)


def _table(source: Source, tokens: Sequence[Token], span: Span) -> Block:
    rows: list[tuple[str, ...]] = []
    row: list[str] = []
    marks: list[Mark] = []
    after: dict[int, int] = {}
    for token in tokens:
        if token.type == "inline":
            row.append(plain_inline(token))
            line = (token.map or [0])[0]
            written = source.line(line)
            cell = token.content.replace("|", "\\|")
            found = written.find(cell, after.get(line, 0)) if cell else -1
            after[line] = max(found, 0) + len(cell)
            marks.extend(_marks(source, token, max(found, 0)))
        elif token.type == "tr_close":
            rows.append(tuple(row))
            row = []
    first = span.line - 1
    for number in range(first + 2, span.end_line):
        surplus = _surplus_cell(source.line(number), len(rows[0]))
        if surplus:
            start = source.offset(number) + surplus[0]
            marks.append(Mark("surplus", source.span(start, source.offset(number) + surplus[1])))
    return Block("table", span, marks=tuple(marks), rows=tuple(rows), tokens=tokens)


def _surplus_cell(line: str, columns: int) -> tuple[int, int] | None:
    """Range of what a table row has after its last column; Markdown drops it. Pipes count as in GFM: unescaped, in code too."""
    begin = len(line) - len(line.lstrip())
    begin += line.startswith("|", begin)
    end = len(line.rstrip())
    pipes = [m.start() for m in _PIPE.finditer(line, begin, end)]
    if len(pipes) < columns or not line[pipes[columns - 1] + 1 : end].strip():
        return None
    return pipes[columns - 1], end


def _take_checkbox(inline: Token) -> str:
    """Removes `[ ] ` or `[x] ` from the start of an item's text and says which it was."""
    match = _CHECKBOX.match(inline.content)
    if not match or not inline.children or inline.children[0].type != "text":
        return ""
    first = inline.children[0]
    first.content = first.content[min(match.end(), len(first.content)) :]
    inline.content = inline.content[match.end() :]
    taken = match.end()
    if "seen" in inline.meta:
        inline.meta["seen"] = [
            s._replace(start=s.start - taken, end=s.end - taken) for s in inline.meta["seen"]
        ]
    return "x" if match[1] in "xX" else " "


def _marks(source: Source, inline: Token, base: int = -1) -> tuple[Mark, ...]:
    """The marks of one inline token, in order. `base` is the column where its text starts: only that of a table's cell is known."""
    seen: list[Seen] = inline.meta.get("seen", [])
    if "{" in inline.content:
        seen = sorted(
            [*seen, *_bad_gaps(inline, [s for s in seen if s.kind in ("gap", "bad-gap")])],
            key=lambda s: s.start,
        )
    if _REFERENCE.match(inline.content):
        seen = [*seen, Seen("reference", 0, inline.content.index("]:") + 2)]
    return tuple(
        Mark(s.kind, _locate(source, inline, s.start, s.end, base), s.text, s.extra, s.number)
        for s in seen
    )


def _bad_gaps(inline: Token, known: Iterable[Seen]) -> Iterator[Seen]:
    """What looks like a gap and is none. `known` is what the parser itself took for gaps; it has said what is wrong inside them."""
    code = _code_ranges(inline) if "`" in inline.content else []
    taken = sorted((one.start, one.end) for one in known)
    end, number = -1, 0  # how far the known ones reach that begin before the place looked at
    for match in _GAP_LIKE.finditer(inline.content):
        while number < len(taken) and taken[number][0] <= match.start():
            end, number = max(end, taken[number][1]), number + 1
        if match.start() >= end:
            why, form = _why_not_gap(inline.content, match.start(), code)
            if why:
                yield Seen("bad-gap", match.start(), match.end(), why, form)


def _code_ranges(token: Token) -> list[tuple[int, int]]:
    """Where the code spans of a text stand: each is looked for after the one before it."""
    ranges, at = [], 0
    content = token.content.replace("\n", " ")  # as Markdown does in code
    for child in token.children or ():
        if child.type == "code_inline":
            found = content.find(child.content, max(content.find("`", at), 0))
            if found >= 0:
                at = found + len(child.content) + len(child.markup)
                ranges.append((found, found + len(child.content)))
    return ranges


def _why_not_gap(content: str, at: int, code: list[tuple[int, int]]) -> tuple[str, str]:
    """Why something that looks like a gap is none, and what to type; empty where it is meant as code."""
    whole = GAP_OPEN.match(content, at)
    before = bisect_right(code, (at, len(content))) - 1
    if before >= 0 and at < code[before][1]:
        return (
            ("a gap cannot stand inside code", "put the gap around the code: {{c1::`code`}}")
            if whole
            else ("", "")
        )
    if at and content[at - 1] == "\\":
        return (
            "a backslash does not hide a gap from Anki",
            "put it between backticks, or leave the braces out",
        )
    if content.rfind("![", 0, at) > content.rfind("]", 0, at):
        return (
            "a gap cannot stand in a picture's description",
            "put it into the text beside the picture",
        )
    if content.rfind("](", 0, at) > content.rfind(")", 0, at):
        return "a gap cannot stand in a link's address", "put it into the words of the link"
    if content.count("$", 0, at) % 2 and "$" in content[at:]:
        return "a gap cannot stand inside math", "put the gap around the formula: {{c1::$x$}}"
    if whole:
        return "the gap is not closed", "write `}}` after the answer"
    guess = _LOOSE_GAP.match(content, at)
    form = (
        f"write {{{{c{guess[1].lstrip('0') or '1'}::{guess[2].strip()}}}}}"
        if guess
        else "write `{{c1::answer}}` or `{{c1::answer::hint}}`"
    )
    return "this is not how a gap is written", form


def _locate(source: Source, inline: Token, start: int, end: int, base: int) -> Span:
    """Span in the file of content[start:end] of an inline token (container prefixes and indents are not in the content)."""
    first = (inline.map or [0])[0]
    return source.span(
        _offset(source, inline.content, first, start, base),
        _offset(source, inline.content, first, end, base),
    )


def _offset(source: Source, content: str, first: int, at: int, base: int) -> int:
    at = min(at, len(content))
    row = content.count("\n", 0, at)
    begin = content.rfind("\n", 0, at) + 1
    stop = content.find("\n", at)
    text = content[begin : stop if stop >= 0 else len(content)]
    line = source.line(first + row)
    if base < 0:
        kept = line.rstrip()
        base = (
            len(kept) - len(text.rstrip())
            if kept.endswith(text.rstrip())
            else max(line.find(text), 0)
        )
    else:
        base += content.count(
            "|", begin, at
        )  # in a cell each is written with a backslash, which is not in the content
    return min(source.offset(first + row) + base + at - begin, len(source.text))


def _within(span: Span, start: int, end: int) -> Span:
    return Span(span.source, span.start + start, span.start + end)
