"""The standard format of a card file, as `fmt` writes it.

A title, then cards, with one blank line between blocks. Metadata as `- key: value` in
the schema's order; `-` for bullets; each option followed by a blank line and its
reason, indented by two; fences of backticks; table cells with one space on each side.
LF, NFC, no blanks at line ends, one line feed at the end. Words, line breaks and
emphasis stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Any

from deckwright import markdown
from deckwright.cards.parse import parse
from deckwright.core.blocks import Block
from deckwright.core.card import MetadataLine, RawCard, Section
from deckwright.core.diagnostics import Diagnostic, has_errors
from deckwright.core.source import Source


def formatted(source: Source, keys: tuple[str, ...]) -> tuple[str | None, list[Diagnostic]]:
    """Return a card file in standard format, or None and why that is not possible.

    `keys` are the metadata keys in their order. The text is not returned if it would
    compile to something else (F901).
    """
    before = parse(source)
    if has_errors(before.diagnostics):
        return None, list(before.diagnostics)
    text = normal_form(source, before.value, keys)
    after = parse(Source(source.path, text, source.card_folder, source.namespace))
    if has_errors(after.diagnostics) or meaning(before.value) != meaning(after.value):
        return None, [_changed_meaning(before.value, after.value)]
    return text, []


def _changed_meaning(before: Iterable[RawCard], after: Iterable[RawCard]) -> Diagnostic:
    """Return F901 at the first card that would say something else."""
    pairs = [(one, other) for one, other in zip_longest(before, after) if one]
    changed = (one for one, other in pairs if not other or meaning([one]) != meaning([other]))
    card = next(changed, pairs[0][0])
    message = f"formatting would change what `{card.id.value}` says"
    help_line = (
        "put a blank line before each list and paragraph, and remove unnecessary indentation"
    )
    return Diagnostic("F901", message, card.id.value_span, help_line)


def meaning(cards: Iterable[RawCard], address: Callable[[str], str] = str) -> list[Any]:
    """Return what cards compile to, for comparison.

    That is ids, metadata by key, and the HTML of every section, option and reason.
    `address` turns the address of an image into one that can be compared.
    """
    return [
        (
            card.id.value,
            sorted(((field.name, field.value) for field in card.metadata), key=lambda f: f[0]),
            [_html(section, address) for section in card.sections],
        )
        for card in cards
    ]


def _html(section: Section, address: Callable[[str], str]) -> list[Any]:
    out: list[Any] = []
    for block in section.blocks:
        if block.kind != "bullets" or not any(item.checked for item in block.children):
            out.append(markdown.field_html([block], address))
            continue
        for item in block.children:
            first = markdown.inline_html(item.children[0], address) if item.checked else ""
            out.append((item.checked, first, markdown.field_html(item.children[1:], address)))
    return out


def normal_form(source: Source, cards: Iterable[RawCard], keys: Sequence[str]) -> str:
    """Return a file in standard format; its cards must be without errors."""
    out: list[str] = []
    blocks = markdown.parse(source)
    if blocks and blocks[0].kind == "heading" and blocks[0].level == 1:
        out.append(f"# {blocks[0].text}".rstrip())
    for card in cards:
        out.append(f"## {card.id.value}")
        out.append("\n".join(f"- {f.name}: {f.value}" for f in _ordered(card.metadata, keys)))
        prompt, *others = card.sections
        out += _blocks(prompt.blocks, after="bullets")  # the metadata is a list, too
        for section in others:
            out += ["---", *_blocks(section.blocks)]
    return "\n\n".join(out) + "\n"


def _ordered(fields: Iterable[MetadataLine], keys: Sequence[str]) -> list[MetadataLine]:
    return sorted(fields, key=lambda f: keys.index(f.name) if f.name in keys else len(keys))


def _blocks(blocks: Iterable[Block], after: str = "") -> list[str]:
    """Return the text of each block.

    A list directly after one of its kind gets the other sign: Markdown would join the
    two.
    """
    out: list[str] = []
    other_sign = False
    for block in blocks:
        if block.kind in ("bullets", "numbers"):
            other_sign = block.kind == after and not other_sign
            out.append(_list(block, other_sign))
        else:
            other_sign = False
            out.append(_block(block))
        after = block.kind
    return out


def _block(block: Block) -> str:
    match block.kind:
        case "paragraph":
            return _paragraph(block.text)
        case "code":
            return _fence(block)
        case "math":
            lines = block.text.strip().split("\n")
            return "\n".join(("$$", *(line.strip() for line in lines), "$$"))
        case "table":
            return block.text
        case "quote":
            lines = _joined(block.children, loose=True).split("\n")
            return "\n".join(f"> {line}".rstrip() for line in lines)
        case _:
            return block.span.text


def _paragraph(text: str) -> str:
    """Return text without blanks at line ends; a line break becomes a backslash."""
    *lines, last = [line.lstrip(" \t") for line in text.split("\n")]
    broken = [line.rstrip() + "\\" * line.endswith("  ") for line in lines]
    return "\n".join((*broken, last.rstrip()))


def _fence(block: Block) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", block.text)), default=2)
    fence = "`" * (longest + 1)
    body = block.text if block.text.endswith("\n") or not block.text else block.text + "\n"
    return f"{fence}{block.info}\n{body}{fence}"


def _list(block: Block, other_sign: bool) -> str:
    loose = any(item.checked for item in block.children) or not block.tight
    out = []
    for number, item in enumerate(block.children, start=block.level):
        if block.kind == "bullets":
            marker = "* " if other_sign else "- "
        else:
            marker = f"{number}) " if other_sign else f"{number}. "
        box = f"[{item.checked}] " if item.checked else ""
        first, *rest = (box + _joined(item.children, loose)).split("\n")
        indent = " " * len(marker)
        lines = [(marker + first).rstrip(), *(indent + line if line else "" for line in rest)]
        out.append("\n".join(lines))
    return ("\n\n" if loose else "\n").join(out)


def _joined(blocks: Iterable[Block], loose: bool) -> str:
    return ("\n\n" if loose else "\n").join(_blocks(blocks))
