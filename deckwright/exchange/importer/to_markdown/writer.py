"""A tree of HTML as Markdown in this project's dialect."""

from __future__ import annotations

from collections.abc import Callable

from deckwright.exchange.importer.anki_html import Element
from deckwright.exchange.importer.to_markdown import elements
from deckwright.exchange.importer.to_markdown.inline import InlineWriter
from deckwright.exchange.importer.to_markdown.walk import Field, Walk


class Writer:
    """Writes one field.

    `escape` is `escaping.light` or `escaping.heavy`. `address` gives the address of a picture
    for its name; empty where it cannot be shown. What the dialect cannot say goes to `remark`.
    """

    def __init__(
        self,
        escape: Callable[[str], str],
        address: Callable[[str], str],
        remark: Callable[[str], None],
    ) -> None:
        self._field = Field(InlineWriter(escape, remark), elements.handle, address, remark)

    @property
    def said(self) -> list[str]:
        """What a reader of the Markdown must see, in the form of `anki_html.visible`."""
        return self._field.said

    def write(self, tree: Element) -> str:
        """A tree as Markdown blocks."""
        blocks = Walk(self._field).inside(tree.children)
        return "\n\n".join(block.text for block in blocks)

    def line(self, tree: Element) -> str:
        """A tree as running text on one line."""
        return elements.on_one_line(Walk(self._field), tree)
