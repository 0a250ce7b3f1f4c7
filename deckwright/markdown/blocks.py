"""From markdown-it's tokens to Blocks and Marks with their places in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from deckwright.core.blocks import Block, Mark
from deckwright.core.source import Source, Span
from deckwright.markdown.dialect import parser, render
from deckwright.markdown.gaps import GAP_OPEN, not_gaps
from deckwright.markdown.html import plain_inline, plain_tokens
from deckwright.markdown.inline_syntax import InlineMark, bad_tex, html_at_start

if TYPE_CHECKING:
    from markdown_it.token import Token

# A link definition, or what was meant to be one: a name, and an address that may have a title.
_REFERENCE = re.compile(
    r"\[[^\]\n]+\]:\s*(?:<?https?:|<|\.{0,2}/|#)"
    r"|\[(?:\\.|[^\[\]\\]){1,999}\]:\s*\S+[ \t]*"
    r"""(?:\s(?:"[^"]*"|'[^']*'|\([^()]*\))[ \t]*)?(?:\n|$)"""
)
_PIPE = re.compile(r"(?<!\\)\|")
_CHECKBOX = re.compile(r"\[([ xX])\](?:[ \t]+|$)")

# What the delimiter row of a table says, by the style that markdown-it-py makes of it.
_DELIMITERS = {
    "": "---",
    "text-align:left": ":--",
    "text-align:center": ":-:",
    "text-align:right": "--:",
}

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
    """Return the blocks of a file. Never raises: any text is some Markdown."""
    tokens = parser().parse(source.text, {})
    return tuple(_outermost(source, run) for run in _runs(tokens))


def _outermost(source: Source, tokens: Sequence[Token]) -> Block:
    """Return a block with its HTML; of options, their texts and reasons have it."""
    if "metadata" in tokens[0].meta:
        return _metadata(source, tokens)
    if tokens[0].type != "bullet_list_open" or not any(map(_has_box, tokens)):
        return _block(source, tokens, render(tokens))
    block = _block(source, tokens)
    items = [
        item._replace(
            children=tuple(
                child._replace(html=render(run))
                for child, run in zip(item.children, _runs(inside[1:-1]), strict=True)
            )
        )
        for item, inside in zip(block.children, _runs(tokens[1:-1]), strict=True)
    ]
    return block._replace(children=tuple(items))


def _has_box(token: Token) -> bool:
    return (
        token.type == "inline" and token.level == 3 and _CHECKBOX.match(token.content) is not None
    )


def _runs(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield the tokens of each block: those that belong together."""
    at = 0
    while at < len(tokens):
        end = _closing(tokens, at)
        yield tokens[at:end]
        at = end


def _closing(tokens: Sequence[Token], at: int) -> int:
    """Return the index after the token that closes the one at `at`."""
    if tokens[at].nesting == 0:
        return at + 1
    depth = 0
    for index in range(at, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index + 1
    return len(tokens)


def _block(source: Source, tokens: Sequence[Token], html: str = "") -> Block:
    head = tokens[0]
    kind = _KINDS[head.type]
    span = source.lines_span(*(head.map or (0, 0)))
    if kind in ("bullets", "numbers", "item", "quote"):
        return _container(source, kind, tokens, span, html)
    if kind == "table":
        return _table(source, tokens, span, html)
    if kind in ("heading", "paragraph"):
        return _running_text(source, kind, tokens, span, html)
    info = head.markup if kind == "rule" else head.info.strip()
    what = "formula" if kind == "math" else "code block"
    marks = tuple(_gaps_in_code(span, what)) if "{" in head.content else ()
    if kind == "math":
        marks += _bad_tex(_InlineText(source, head))
    plain = plain_tokens(tokens)
    return Block(kind, span, text=head.content, info=info, marks=marks, plain=plain, html=html)


def _metadata(source: Source, tokens: Sequence[Token]) -> Block:
    """Return the list of a card's metadata; only the places of its items are read."""
    span = source.lines_span(*(tokens[0].map or (0, 0)))
    items = (token for token in tokens if token.type == "list_item_open" and token.level == 1)
    spans = (source.lines_span(*(item.map or (0, 0))) for item in items)
    return Block("bullets", span, children=tuple(Block("item", span) for span in spans))


def _container(source: Source, kind: str, tokens: Sequence[Token], span: Span, html: str) -> Block:
    head = tokens[0]
    checked = ""
    if kind == "item" and tokens[1].type == "paragraph_open":
        checked = _take_checkbox(tokens[2])
    children = tuple(_block(source, run) for run in _runs(tokens[1:-1]))
    return Block(
        kind,
        span,
        level=int(head.attrs.get("start", 1)) if kind == "numbers" else 0,
        info=head.markup,
        checked=checked,
        children=children,
        marks=tuple(mark for child in children for mark in child.marks),
        tight=kind in ("bullets", "numbers") and _is_tight(tokens),
        plain=" ".join([child.plain for child in children if child.plain]),
        html=html,
    )


def _running_text(
    source: Source, kind: str, tokens: Sequence[Token], span: Span, html: str
) -> Block:
    head, inline = tokens[0], tokens[1]
    return Block(
        kind,
        span,
        level=int(head.tag[1]) if kind == "heading" else 0,
        text=inline.content,
        info=head.markup,
        marks=_marks(_InlineText(source, inline)),
        plain=plain_tokens(tokens),
        html=html,
    )


def _is_tight(tokens: Sequence[Token]) -> bool:
    """Return whether a list is tight: its items are not separated by blank lines."""
    return all(
        token.hidden
        for token in tokens
        if token.type == "paragraph_open" and token.level == tokens[0].level + 2
    )


def _gaps_in_code(span: Span, what: str) -> Iterator[Mark]:
    """Yield what would be gaps in a block of code or math."""
    for match in GAP_OPEN.finditer(span.text):
        place = Span(span.source, span.start + match.start(), span.start + match.end())
        message = f"a gap can't be inside a {what}"
        help_line = f"put the gap in a sentence above or below the {what}"
        yield Mark("bad-gap", place, message, help_line)


def _bad_tex(text: _InlineText) -> tuple[Mark, ...]:
    """Return what a formula between `$$` lines cannot contain."""
    found = bad_tex(text.token.content)
    return tuple(Mark(m.kind, text.span(m.start, m.end), m.text, m.extra) for m in found)


def _table(source: Source, tokens: Sequence[Token], span: Span, html: str) -> Block:
    rows: list[tuple[str, ...]] = []
    row: list[str] = []
    lines: list[str] = []
    styles: list[str] = []
    marks: list[Mark] = []
    cell_end: dict[int, int] = {}  # of the last cell that was read, by line
    for token in tokens:
        if token.type == "tr_open":
            lines.append("|")
        elif token.type == "th_open":
            styles.append(_DELIMITERS[str(token.attrs.get("style", ""))])
        elif token.type == "inline":
            row.append(plain_inline(token))
            line = (token.map or [0])[0]
            cell = token.content.replace("|", "\\|")
            lines[-1] += f" {cell} |"
            column = source.line(line).find(cell, cell_end.get(line, 0)) if cell else -1
            cell_end[line] = max(column, 0) + len(cell)
            marks.extend(_marks(_InlineText(source, token, max(column, 0))))
        elif token.type == "tr_close":
            rows.append(tuple(row))
            row = []
    marks.extend(_surplus_cells(source, span, len(rows[0])))
    text = "\n".join((lines[0], f"| {' | '.join(styles)} |", *lines[1:]))
    plain = plain_tokens(tokens)
    return Block(
        "table", span, text=text, marks=tuple(marks), rows=tuple(rows), plain=plain, html=html
    )


def _surplus_cells(source: Source, span: Span, columns: int) -> Iterator[Mark]:
    """Yield what the rows of a table have after the last column; Markdown drops it.

    Pipes count as in GFM: if they are not escaped, also in code.
    """
    for number in range(span.line + 1, span.end_line):  # the rows below the delimiter row
        line, offset = source.line(number), source.offset(number)
        begin = len(line) - len(line.lstrip())
        begin += line.startswith("|", begin)
        end = len(line.rstrip())
        pipes = [match.start() for match in _PIPE.finditer(line, begin, end)]
        if len(pipes) >= columns and line[pipes[columns - 1] + 1 : end].strip():
            yield Mark("surplus", source.span(offset + pipes[columns - 1], offset + end))


def _take_checkbox(inline: Token) -> str:
    """Remove `[ ] ` or `[x] ` from the start of an item; return its character."""
    match = _CHECKBOX.match(inline.content)
    if not match or not inline.children or inline.children[0].type != "text":
        return ""
    first, taken = inline.children[0], match.end()
    first.content = first.content[min(taken, len(first.content)) :]
    inline.content = inline.content[taken:]
    if "marks" in inline.meta:
        inline.meta["marks"] = [
            mark._replace(start=mark.start - taken, end=mark.end - taken)
            for mark in inline.meta["marks"]
        ]
    return "x" if match[1] in "xX" else " "


class _InlineText(NamedTuple):
    """A token with running text or a formula, and its file.

    `column` (from 0) is where the text begins in its line. Only that of a table's cell
    is known; else it is -1.
    """

    source: Source
    token: Token
    column: int = -1

    def span(self, start: int, end: int) -> Span:
        """Return the range in the file of a range in the token's content."""
        return self.source.span(self._offset(start), self._offset(end))

    def _offset(self, at: int) -> int:
        """Return the offset in the file of an offset in the content.

        The content has no indents, no list and quote markers, and in a cell no
        backslash before a pipe.
        """
        content, at = self.token.content, min(at, len(self.token.content))
        begin = content.rfind("\n", 0, at) + 1
        number = (self.token.map or [0])[0] + content.count("\n", 0, at)
        if self.column < 0:
            end = content.find("\n", at)
            text = content[begin : end if end >= 0 else len(content)]
            column = _column(self.source.line(number), text)
        else:
            column = self.column + content.count("|", begin, at)
        return min(self.source.offset(number) + column + at - begin, len(self.source.text))


def _column(line: str, text: str) -> int:
    """Return where a line of running text begins in a line of the file."""
    line_kept, text_kept = line.rstrip(), text.rstrip()
    if line_kept.endswith(text_kept):
        return len(line_kept) - len(text_kept)
    return max(line.find(text), 0)


def _marks(text: _InlineText) -> tuple[Mark, ...]:
    """Return the marks of an inline token, in order."""
    content = text.token.content
    marks: list[InlineMark] = text.token.meta.get("marks", [])
    if "{" in content:
        gaps = [mark for mark in marks if mark.kind in ("gap", "bad-gap")]
        marks = sorted([*marks, *not_gaps(text.token, gaps)], key=lambda mark: mark.start)
    if content.startswith("<") and (html := html_at_start(content, marks)):
        marks = [html, *marks]
    if content.startswith("[") and _REFERENCE.match(content):
        marks = [*marks, InlineMark("reference", 0, content.index("]:") + 2)]
    return tuple(Mark(m.kind, text.span(m.start, m.end), m.text, m.extra, m.number) for m in marks)
