"""Tables of HTML as rows of cells, and as a Markdown table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from deckwright.exchange.importer.anki_html import Element, Math, Node, is_blank, tag_of
from deckwright.exchange.importer.html_elements import BLOCKS
from deckwright.exchange.importer.limits import check_markdown

_SECTIONS = ("thead", "tbody", "tfoot")
_CELLS = ("td", "th")
_DELIMITERS = {"left": ":--", "center": ":-:", "right": "--:"}
_ALIGNED = re.compile(r"text-align\s*:\s*(left|center|right)")


def rows(table: Element) -> tuple[list[list[Element]], list[Node]]:
    """The cells of each row that has some, and what is in the table outside of rows."""
    found: list[list[Element]] = []
    outside: list[Node] = []
    for child in table.children:
        if isinstance(child, Element) and child.tag in _SECTIONS:
            inner, more = rows(child)
            found += inner
            outside += more
        elif isinstance(child, Element) and child.tag == "tr":
            found.append(_cells(child))
        elif isinstance(child, Element) and child.tag in _CELLS:
            found = found or [[]]
            found[-1].append(child)
        elif not is_blank(child):
            outside.append(child)
    return [row for row in found if row], outside


def _cells(row: Element) -> list[Element]:
    """The cells of a row, and one more of what is between them."""
    cells = [c for c in row.children if isinstance(c, Element) and c.tag in _CELLS]
    between = [c for c in row.children if tag_of(c) not in _CELLS and not is_blank(c)]
    return [*cells, Element("td", {}, between)] if between else cells


def spans_several(cell: Element) -> bool:
    """Whether a cell covers several columns or rows, which Markdown cannot show."""
    return any(cell.attributes.get(key, "1") not in ("", "1") for key in ("colspan", "rowspan"))


def pipe_table(lines: Sequence[Sequence[str]], heading: Sequence[Element]) -> str:
    """A Markdown table of texts, aligned as the cells of its `heading` are.

    Raises TooLargeError: short lines are filled up to the length of the longest.
    """
    width = max(map(len, lines))
    check_markdown(3 * width * len(lines))
    filled = [[*line, *[""] * (width - len(line))] for line in lines]
    delimiters = [_delimiter(cell) for cell in heading]
    delimiters += ["---"] * (width - len(delimiters))
    return "\n".join(f"| {' | '.join(line)} |" for line in (filled[0], delimiters, *filled[1:]))


def _delimiter(cell: Element) -> str:
    aligned = _ALIGNED.search(cell.attributes.get("style", ""))
    return _DELIMITERS[aligned[1]] if aligned else "---"


def on_one_line(cell: Element, remark: Callable[[str], None]) -> list[Node]:
    """What is in a cell without blocks and line breaks: ` / ` replaces them."""
    out: list[Node] = []
    border = False  # whether a block or line has ended since the last node in `out`
    for child in cell.children:
        if tag_of(child) == "br":
            border = border or bool(out)
            continue
        if is_blank(child) and (border or not out):
            continue
        is_block = tag_of(child) in BLOCKS
        border = border or (is_block and bool(out))
        inner = _without_blocks(child, remark)
        if not inner:
            continue
        if border:
            remark("lines in a table cell are joined with a slash")
            out.append(" / ")
        out.extend(inner)
        border = is_block
    return out


def _without_blocks(node: Node, remark: Callable[[str], None]) -> list[Node]:
    """A node for one line: a block's content, code inline, no display math."""
    if isinstance(node, Math):
        return [Math(node.tex, False)]
    if not isinstance(node, Element):
        return [node]
    inner = on_one_line(node, remark)
    if node.tag not in BLOCKS:
        return [Element(node.tag, node.attributes, inner)]
    if node.tag == "pre" and inner:
        return [Element("code", node.attributes, inner)]
    return inner
