"""What Anki makes of a note, and what must hold of it: the source's cards, and nothing active."""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from anki.collection import Collection
from anki_learner import Learner
from bs4 import BeautifulSoup
from bs4.dammit import EntitySubstitution
from bs4.element import Comment
from bs4.formatter import HTMLFormatter
from conftest import make_project, run

from deckwright import markdown
from deckwright.core.card import Basic, Cloze, Content
from deckwright.core.note import Note
from deckwright.core.source import Source
from deckwright.markdown.html import GAP
from deckwright.project.notetypes import NoteType

ELEMENTS = frozenset((
    "a", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h3", "hr", "i",
    "img", "li", "ol", "p", "pre", "s", "section", "span", "strong", "sub", "sup", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
))  # fmt: skip
ATTRIBUTES = frozenset((
    "alt", "aria-label", "class", "colspan", "data-n", "href", "id", "rel", "role", "scope",
    "src", "start", "style", "tabindex", "target", "title",
))  # fmt: skip
# What the templates of the note types and Anki add.
_ADDED_ELEMENTS = frozenset(("footer",))
_ADDED_ATTRIBUTES = frozenset(
    ("data-cloze", "data-id", "data-key", "data-ordinal", "data-pick", "dir", "lang")
)
_SCRIPT = re.compile(r"<script>.*?</script>", re.DOTALL)
_HINT = re.compile(
    r'<a class=hint href="#"\s+onclick="this\.style\.display=\'none\';\s*'
    r"document\.getElementById\('(hint[0-9a-f]+)'\)\.style\.display='block';\s*"
    r'return false;"(?: draggable=false)?>\s*Hint</a>\s*'
    r'<div id="\1" class=hint style="display: none">'
)
_STYLE = re.compile(r"text-align:(?:left|right|center)")
_ADDRESS = re.compile(r"https://", re.IGNORECASE)
_MEDIA = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_ACTIVE_TEX = re.compile(
    r"\\(?:href|style|class|cssId|bbox|require|unicode|def|let|newcommand|renewcommand|data|mmlToken)"
    r"(?![A-Za-z])|\\\\\*?\[[^\]]*\d{3}|\\begin\{x?aligne?d?at"
)
_MATH = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)


class Field(HTMLParser):
    """Fails for an element, attribute or address that no card can need."""

    elements, attributes = ELEMENTS, ATTRIBUTES

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.elements, tag
        for name, value in attrs:
            assert name in self.attributes, (tag, name)
            if name == "href":
                assert _ADDRESS.match(value or ""), value
            if name == "src":
                assert _MEDIA.fullmatch(value or ""), value
            if name == "style":
                assert _STYLE.fullmatch(value or ""), value


class Side(Field):
    """The same for a side of a card, with what its template and Anki add."""

    elements, attributes = ELEMENTS | _ADDED_ELEMENTS, ATTRIBUTES | _ADDED_ATTRIBUTES


def shown(html: str) -> str:
    """HTML without comments, addresses of images, and the elements that Anki puts around gaps."""
    soup = BeautifulSoup(html, "html.parser")
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for gap in soup.select("span[data-ordinal]"):
        gap.unwrap()
    for image in soup.select("[src]"):
        del image["src"]
    return soup.decode(formatter="minimal")


class Editor(HTMLFormatter):
    """Writes a field as Anki's editor does after a change, with few characters as entities."""

    def attribute_value(self, value: str) -> str:
        return value.replace("&", "&amp;").replace('"', "&quot;")


EDITOR = Editor(EntitySubstitution.substitute_xml, void_element_close_prefix="")


def edited(html: str) -> str:
    return BeautifulSoup(html, "html.parser").decode(formatter=EDITOR)


def harmless(field: str) -> None:
    """Fail if a field has more than text, known elements and known TeX."""
    Field().feed(field)
    for match in _MATH.finditer(field):
        assert not _ACTIVE_TEX.search(match[1] or match[2] or ""), match[0]


@cache
def _collection() -> Collection:
    """A collection of this process with the deck's note types, without notes."""
    folder = Path(tempfile.mkdtemp(prefix="deckwright-anki-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = make_project(folder / "p")
    assert run(home, "decks").code == 0
    learner = Learner(folder / "learner")
    learner.add(home / "dist" / "all.apkg")
    learner.col.remove_notes(learner.col.find_notes(""))
    return learner.col


def harmless_in_anki(note: Note, notetype: NoteType) -> None:
    """Fail if Anki makes of a note other cards than its source has, or shows anything but
    what the fields have.
    """
    for field in note.fields:
        harmless(field)
    for fields in (note.fields, [edited(field) for field in note.fields]):
        _harmless_cards(fields, note, notetype)


def _harmless_cards(fields: Iterable[str], note: Note, notetype: NoteType) -> None:
    col, content = _collection(), note.card.content
    made = col.new_note(col.models.get(notetype.id))  # type: ignore[arg-type]
    made.fields = list(fields)
    col.add_note(made, col.decks.id("Default"))  # type: ignore[arg-type]
    try:
        cards = made.cards()
        numbers = {gap.number for gap in content.gaps} if isinstance(content, Cloze) else {1}
        assert {card.ord + 1 for card in cards} == numbers
        for card in cards:
            output = card.render_output()
            assert not output.question_av_tags
            assert not output.answer_av_tags
            _only_shows(card.question(), notetype, note)
            answer = _only_shows(card.answer(), notetype, note)
            for text in _texts(content):
                assert text in answer
    finally:
        col.remove_notes([made.id])


def _only_shows(side: str, notetype: NoteType, note: Note) -> str:
    """Fail if a side has more than its template and harmless fields; return what it shows."""
    css = f"<style>{notetype.css}</style>"
    assert side.startswith(css)
    side = side.removeprefix(css)
    for script in _SCRIPT.findall(notetype.templates[0].front):
        assert side.count(script) == 1
        side = side.replace(script, "")
    assert len(_HINT.findall(side)) <= 1
    assert "[[type:" not in side.lower()  # the apps replace it with a box to type in
    names = {media.name for media in note.media}
    assert set(re.findall(r'<img src="([^"]*)"', side)) <= names
    side = _HINT.sub("<div>", side)
    Side().feed(side)
    return shown(side)


def _texts(content: Content) -> Iterator[str]:
    """What the back of a card must show: its texts with all gaps open."""
    sections = [content.extra, content.text if isinstance(content, Cloze) else content.question]
    if isinstance(content, Basic):
        sections.append(content.answer)
    for section in sections:
        text = section.span.source.text
        parts = (text[block.span.start : block.span.end] for block in section.blocks)
        blocks = markdown.parse(Source("card.md", "\n\n".join(parts)))
        yield shown(GAP.sub(r"<span data-ordinal>\2</span>", markdown.field_html(blocks, str)))
