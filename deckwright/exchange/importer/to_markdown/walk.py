"""A walk through a tree of HTML: running text becomes paragraphs, elements add blocks.

A block ends the paragraph before it; what is open there is open in the next one, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from deckwright.exchange.importer import anki_html, formulas
from deckwright.exchange.importer.anki_html import Element, Gap, GapEnd, Math, Node, Sound
from deckwright.exchange.importer.to_markdown.inline import (
    Event,
    InlineWriter,
    at_double_breaks,
    ends,
)

INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_WHITE_SPACE = re.compile(
    "(?<![ \t\r\n\f\u00a0])[ \t\r\n\f\u00a0]*\n[ \t\r\n\f\u00a0]*"
    "|[ \t\u00a0]{2,}|^\u00a0|\u00a0$|(?<=[ \t])\u00a0|\t"
)
_MAX_TEX = 1900  # characters of a formula; the dialect takes 2,000


class Block(NamedTuple):
    """A block of Markdown. `kind` (paragraph, bullets, …) decides what may follow."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """What one field is written with.

    `handle` writes an element. `address` gives the address of a picture for its name;
    empty where it cannot be shown. `said` collects what a reader of the Markdown must
    see, in the form of `anki_html.visible`.
    """

    inline: InlineWriter
    handle: Callable[[Walk, Element], None]
    address: Callable[[str], str]
    remark: Callable[[str], None]
    said: list[str] = field(default_factory=list)


class Walk:
    """A walk through nodes. `active` is what is open, `run` the current paragraph."""

    def __init__(self, field: Field, active: Iterable[Event] = ()) -> None:
        self.field, self.remark = field, field.remark
        self.active = list(active)
        self.run = list(self.active)
        self.blocks: list[Block] = []

    def fork(self) -> Walk:
        """A separate walk through nodes inside a block."""
        return Walk(self.field, self.active)

    def inside(self, nodes: Iterable[Node]) -> list[Block]:
        """The blocks of nodes of their own, as those of an item or a quote."""
        walk = self.fork()
        walk.nodes(nodes)
        walk.flush()
        return walk.blocks

    def flush(self) -> None:
        """End the paragraph."""
        if any(
            event.kind in ("image", "math") or (event.kind == "text" and event.value.strip())
            for event in self.run
        ):
            for part in at_double_breaks([*self.run, *ends(self.active)]):
                if text := self.field.inline.paragraph(part):
                    self.blocks.append(Block("paragraph", text))
        self.run = list(self.active)

    def add(self, kind: str, text: str) -> None:
        """Add a block that is no paragraph, after the paragraph before it was ended."""
        self.blocks.append(Block(kind, text))

    def say(self, text: str) -> None:
        """Note what a reader of the Markdown must see here."""
        self.field.said.append(text)

    def nodes(self, nodes: Iterable[Node]) -> None:
        """Walk through nodes and what is inside them."""
        for node in nodes:
            match node:
                case str():
                    self.text(node)
                case Gap(number, hint):
                    self.say(anki_html.mark(node))
                    self.begin(Event("begin", "gap", str(number), hint))
                case GapEnd():
                    if self.end("gap"):
                        self.say(anki_html.mark(node))
                case Math():
                    self.formula(node)
                case Sound(name):
                    self.remark(f"a sound is left out: {name}")
                    self.text(f"(sound: {name})")
                case Element():
                    self.field.handle(self, node)

    def text(self, text: str) -> None:
        """Write text: without invisible characters, white space as one character."""
        if INVISIBLE.search(text):
            self.remark("invisible characters are left out")
            text = INVISIBLE.sub("", text)
        text = re.sub("[\u2028\u2029]", "\n", text)
        text = _WHITE_SPACE.sub(lambda match: "\n" if "\n" in match[0] else " ", text)
        self.say(text)
        self.run.append(Event("text", text))

    def formula(self, math: Math) -> None:
        """Write a formula, as a block if it is displayed and nothing is open.

        It is code if cards cannot have it.
        """
        if why := formulas.problem(math.tex):
            self.remark(f"a formula is code now: {why}")
            self.begin(Event("begin", "code"))
            self.text(math.tex)
            self.end("code")
            return
        if not math.tex.strip() or len(math.tex) > _MAX_TEX:
            self.remark("a formula is too long; it is text now")
            self.text(math.tex)
            return
        display = math.display and not self.active
        if display:
            self.flush()
        self.say(anki_html.mark(math))
        if display:
            self.add("math", f"$$\n{math.tex.strip()}\n$$")
        else:
            self.run.append(Event("math", math.tex))

    def begin(self, event: Event) -> None:
        """Begin something around text."""
        self.active.append(event)
        self.run.append(event)

    def end(self, value: str) -> bool:
        """End the innermost thing of a kind; False where none is open.

        What began inside it stays open: `inline` untangles them.
        """
        for place in reversed(range(len(self.active))):
            if self.active[place].value == value:
                ended = self.active.pop(place)
                self.run.append(Event("end", value, ended.extra))
                return True
        return False

    def within(self, element: Element, styles: Iterable[str]) -> None:
        """What is in an element, with some styles around it."""
        styles = tuple(styles)
        for style in styles:
            self.begin(Event("begin", style))
        self.nodes(element.children)
        for style in reversed(styles):
            self.end(style)
