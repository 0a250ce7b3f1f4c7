"""The blocks of a Markdown text, as `deckwright.markdown` returns them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from deckwright.core.source import Span


class Mark(NamedTuple):
    """Something inside running text that later stages need.

    `kind` is one of:

    - gap: a cloze deletion. `number`, `text` (the answer), `extra` (the hint)
    - bad-gap, bad-math, bad-tex: `text` says what is wrong, `extra` what to write instead
    - leftover: Markdown syntax that would be displayed as it is. `text` is the syntax,
      `extra` the reason, if it is an unusual one
    - surplus: the cells of a table row after its last column
    - html: `text` is the tag
    - image: `text` is the alt text, `extra` the address
    - link: `extra` is the address
    - reference: the definition of a link
    """

    kind: str
    span: Span
    text: str = ""
    extra: str = ""
    number: int = 0


class Block(NamedTuple):
    """One Markdown block. Only `deckwright.markdown` reads its `plain` and its `html`.

    `kind` is one of: heading (`level`), paragraph, bullets, numbers (`level` is the
    first number, `tight` that no blank lines separate the items), item (`checked` is
    empty, a space or "x"), quote, table (`rows` are the plain texts of the cells, `text` is
    the Markdown in standard format), code (`text`, and `info`, the words after the fence),
    indented (code by indentation), math (`text`), rule. `plain` is the text without markup,
    with signs around the gaps. The outermost blocks have `html`, with signs around the
    addresses of images; of a list with checkboxes, the blocks in its items have it instead.
    """

    kind: str
    span: Span
    level: int = 0
    text: str = ""
    info: str = ""
    checked: str = ""
    children: tuple[Block, ...] = ()
    marks: tuple[Mark, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    tight: bool = True
    plain: str = ""
    html: str = ""

    def walk(self) -> Iterator[Block]:
        """Yield this block and every block inside it, in the order of the text."""
        yield self
        for child in self.children:
            yield from child.walk()
