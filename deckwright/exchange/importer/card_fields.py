"""The fields of a foreign note: as Markdown in a card, and as plain text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from deckwright import markdown
from deckwright.cards import markdown_rules
from deckwright.core.source import Source
from deckwright.exchange.importer import anki_html, formulas
from deckwright.exchange.importer.anki_html import Element, Gap, GapEnd, Math, Node, Sound
from deckwright.exchange.importer.html_elements import BLOCKS
from deckwright.exchange.importer.limits import check_markdown
from deckwright.exchange.importer.pictures import Album
from deckwright.exchange.importer.to_markdown import escaping
from deckwright.exchange.importer.to_markdown.writer import Writer

# Each may begin a link, for whose end Markdown searches; after a backslash it begins none.
_MANY_BRACKETS = re.compile(r"(?:\[[^\[]{0,4}){50}")


@dataclass(slots=True)
class CardWriter:
    """Writes the fields of a card below `folder`. `remarks` say what gets lost."""

    album: Album
    folder: str
    remarks: dict[str, None] = field(default_factory=dict)

    def remark(self, text: str) -> None:
        """Note something that gets lost."""
        self.remarks.setdefault(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text))

    def write(self, html: str, gaps: bool = False) -> str:
        """A field as Markdown. `gaps` says whether braces mean gaps in it.

        As all methods that write, it raises TooLargeError if no card could hold the text.
        """
        return self._written(self._tree(html, gaps), gaps, Writer.write)

    def write_tree(self, tree: Element) -> str:
        """A part of a field as Markdown."""
        return self._written(tree, False, Writer.write)

    def line(self, tree: Element) -> str:
        """A part of a field as running text on one line."""
        return self._written(tree, False, Writer.line)

    def _tree(self, html: str, gaps: bool) -> Element:
        html = unicodedata.normalize("NFC", self.album.without_data(html))
        return anki_html.read(html, gaps, self.remark)

    def _address(self, name: str) -> str:
        return self.album.address(name, self.folder, self.remark)

    def _written(self, tree: Element, gaps: bool, write: Callable[[Writer, Element], str]) -> str:
        """Markdown with as few backslashes as possible; plain text as a last resort."""
        for escape in (escaping.light, escaping.heavy):
            remarks: list[str] = []
            writer = Writer(escape, self._address, remarks.append)
            text = unicodedata.normalize("NFC", write(writer, tree))
            check_markdown(len(text))
            if escape is escaping.light and _MANY_BRACKETS.search(text):
                continue
            if _shows(text, writer.said, gaps):
                for remark in remarks:
                    self.remark(remark)
                return text
        self.remark("its formatting could not be kept; it is plain text now")
        return _plain(tree)


def _shows(text: str, said: list[str], gaps: bool) -> bool:
    """Whether compiled Markdown shows what it should, and is one section of a card."""
    source = Source("card.md", text)
    blocks = markdown.parse(source)
    inner = (block for outer in blocks for block in outer.walk())
    if any(block.kind in ("rule", "heading") or block.checked for block in inner):
        return False
    if any(markdown_rules.diagnose(source, blocks)):
        return False
    shown = anki_html.visible(anki_html.read(markdown.html(blocks, str), gaps, _ignore))
    wanted = (unicodedata.normalize("NFC", part) for part in said)
    return anki_html.seen(shown) == anki_html.seen(wanted)


def _plain(tree: Element) -> str:
    """The text of a tree with its gaps and formulas, without any other markup."""
    out, hints = [], [""]
    for node in _leaves(tree):
        match node:
            case str():
                out.append(escaping.heavy(" ".join(node.split()) if node.strip() else " "))
            case Gap(number, hint):
                hints.append(f"::{hint}" if hint else "")
                out.append(f"{{{{c{number}::")
            case GapEnd():
                out.append(f"{hints.pop() if len(hints) > 1 else ''}}}}}")
            case Math(tex, _):
                out.append(escaping.heavy(tex) if formulas.problem(tex) else f" ${tex}$ ")
            case Sound(name):
                out.append(f"(sound: {name})")
            case Element():
                out.append(escaping.heavy(f"(image: {node.attributes.get('src', '')[:80]})"))
    return " ".join("".join(out).split())


def _leaves(tree: Element) -> Iterator[Node]:
    """Pictures and all other content; a blank for a line break or a block's end."""
    for child in tree.children:
        if not isinstance(child, Element):
            yield child
            continue
        if child.tag == "img":
            yield child
        yield from _leaves(child)
        if child.tag in BLOCKS or child.tag == "br":
            yield " "


def visible_text(html: str, gaps: bool = False) -> str:
    """What a reader sees of a field, without white space, with all gaps open.

    After a picture comes its description.
    """
    tree = anki_html.read(html, gaps, _ignore)
    for element in anki_html.elements(tree):
        if element.tag == "img":
            element.children.append(element.attributes.get("alt", ""))
    return anki_html.seen(anki_html.visible(tree))[0]


def plain_line(html: str, gaps: bool = False) -> str:
    """A field as a line of plain text, without pictures and what gaps hide."""
    out: list[str] = []
    hidden = 0
    for node in _leaves(anki_html.read(html, gaps, _ignore)):
        hidden += isinstance(node, Gap) - isinstance(node, GapEnd)
        if not hidden and isinstance(node, str | Math):
            out.append(node.tex if isinstance(node, Math) else node)
    return " ".join("".join(out).split())


def list_items(html: str) -> list[Element]:
    """The items of the first list in a field."""
    for child in anki_html.read(html, False, _ignore).children:
        if isinstance(child, Element) and child.tag in ("ol", "ul"):
            return [c for c in child.children if isinstance(c, Element) and c.tag == "li"]
    return []


def letters(text: str) -> str:
    """The letters and digits of a text, in small letters."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _ignore(_remark: str) -> None:
    """Nothing: what gets lost does not matter here."""
