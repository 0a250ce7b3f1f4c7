"""The normal form of a card file: Source and its Blocks → text. Structure only; words, line breaks and emphasis stay as written.

Title, then cards, one blank line between blocks; metadata as `- key: value` in the schema's order; `-` for bullets, options
one per paragraph with the reason indented by two; fences of backticks; tables with one space in the cells; LF, NFC, no
blanks at line ends, one line feed at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Any

from deckwright import markdown
from deckwright.cards.parse import parse
from deckwright.core.blocks import Block
from deckwright.core.card import Field, RawCard, Section
from deckwright.core.diagnostics import Diagnostic, has_errors
from deckwright.core.source import Source


def normal_form(source: Source, cards: Iterable[RawCard], keys: Sequence[str]) -> str:
    """The text of a file whose `cards` were parsed without complaint; `keys` are the metadata keys in their order."""
    out: list[str] = []
    blocks = markdown.parse(source)
    if blocks and blocks[0].kind == "heading" and blocks[0].level == 1:
        out.append(f"# {blocks[0].text}".rstrip())
    for card in cards:
        out.append(f"## {card.id.value}")
        out.append("\n".join(f"- {f.name}: {f.value}" for f in _ordered(card.metadata, keys)))
        for number, section in enumerate(card.sections):
            if number:
                out.append("---")
            out.extend(
                _print_all(section.blocks, "" if number else "bullets")
            )  # the metadata is a list, too
    return "\n\n".join(out) + "\n"


def _ordered(fields: Iterable[Field], keys: Sequence[str]) -> list[Field]:
    return sorted(fields, key=lambda f: keys.index(f.name) if f.name in keys else len(keys))


def _print_all(blocks: Iterable[Block], before: str = "") -> list[str]:
    """Blocks in turn; a list right after one of its kind gets the other sign, or Markdown would join the two."""
    out: list[str] = []
    other = False
    for block in blocks:
        other = block.kind == before and block.kind in ("bullets", "numbers") and not other
        before = block.kind
        out.append(_list(block, other) if block.kind in ("bullets", "numbers") else _print(block))
    return out


def _print(block: Block) -> str:
    match block.kind:
        case "paragraph":
            return _text(block.text)
        case "code":
            return _fence(block)
        case "math":
            return (
                "$$\n" + "\n".join(line.strip() for line in block.text.strip().split("\n")) + "\n$$"
            )
        case "table":
            return _table(block)
        case "quote":
            return "\n".join(
                f"> {line}".rstrip() for line in _join(block.children, loose=True).split("\n")
            )
        case _:
            return block.span.text


def _text(text: str) -> str:
    """Running text: no blanks at line ends; two of them were a line break, which a backslash shows."""
    lines = [line.lstrip(" \t") for line in text.split("\n")]
    return "\n".join(
        line.rstrip() + "\\" if line.endswith("  ") and n < len(lines) - 1 else line.rstrip()
        for n, line in enumerate(lines)
    )


def _fence(block: Block) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", block.text)), default=2)
    fence = "`" * (longest + 1)
    body = block.text if block.text.endswith("\n") or not block.text else block.text + "\n"
    return f"{fence}{block.info}\n{body}{fence}"


def _table(block: Block) -> str:
    styles, rows = markdown.table_cells(block)
    marks = {"": "---", "left": ":--", "center": ":-:", "right": "--:"}
    lines = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines.insert(1, [marks[style] for style in styles])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _list(block: Block, other: bool) -> str:
    options = any(item.checked for item in block.children)
    loose = options or not markdown.is_tight(block)
    out = []
    for number, item in enumerate(block.children, start=block.level):
        marker = "-*"[other] + " " if block.kind == "bullets" else f"{number}{'.)'[other]} "
        box = f"[{item.checked}] " if item.checked else ""
        body = box + _join(item.children, loose)
        indent = " " * len(marker)
        lines = body.split("\n")
        out.append(
            "\n".join(
                [
                    (marker + lines[0]).rstrip(),
                    *(indent + line if line else "" for line in lines[1:]),
                ]
            )
        )
    return ("\n\n" if loose else "\n").join(out)


def _join(blocks: Iterable[Block], loose: bool) -> str:
    return ("\n\n" if loose else "\n").join(_print_all(blocks))


def formatted(source: Source, keys: tuple[str, ...]) -> tuple[str | None, list[Diagnostic]]:
    """The normal form of a card file, or None and what stands in the way; `keys` are the metadata keys in their order."""
    before = parse(source)
    if has_errors(before.diagnostics):
        return None, list(before.diagnostics)
    text = normal_form(source, before.values, keys)
    after = parse(Source(source.path, text, source.root, source.namespace))
    if has_errors(after.diagnostics) or meaning(before.values) != meaning(after.values):
        return None, [_changed_meaning(before.values, after.values)]
    return text, []


def _changed_meaning(before: Iterable[RawCard], after: Iterable[RawCard]) -> Diagnostic:
    """Points at the first card that would say something else."""
    found = list(zip_longest(before, after))
    card = next(
        (a for a, b in found if a and (b is None or meaning([a]) != meaning([b]))), found[0][0]
    )
    assert card is not None
    help_line = "put a blank line before each list and paragraph, and take out indentation that nothing needs"
    return Diagnostic(
        "F901",
        f"the normal form would change what `{card.id.value}` says",
        card.id.value_span,
        help_line,
    )


def meaning(cards: Iterable[RawCard], address: Callable[[str], str] = str) -> list[Any]:
    """What the cards of a file compile to: ids, metadata by key, and the HTML of every section, option and reason. `address` says which
    picture stands behind an address."""
    return [
        (
            c.id.value,
            sorted(((f.name, f.value) for f in c.metadata), key=lambda f: f[0]),
            [_html(s, address) for s in c.sections],
        )
        for c in cards
    ]


def _html(section: Section, address: Callable[[str], str]) -> list[Any]:
    out: list[Any] = []
    for block in section.blocks:
        if block.kind == "bullets" and any(item.checked for item in block.children):
            for item in block.children:
                first = markdown.inline_html(item.children[0], address) if item.checked else ""
                out.append((item.checked, first, markdown.html(item.children[1:], address)))
        else:
            out.append(markdown.html([block], address))
    return out
