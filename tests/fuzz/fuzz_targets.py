"""What each fuzzer runs, and what must hold for every input.

No traceback; exit code 0, 1 or 2; every place inside its file; `fmt` is stable; and of
what Anki shows of a card, only known elements, attributes and addresses, and all of its
text.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from html import escape
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree

from anki.collection import Collection
from anki_learner import Learner
from conftest import make_project, run
from fuzz_inputs import PROJECT_FILES

from deckwright import markdown, pipeline
from deckwright.cards.formatter import meaning, normal_form
from deckwright.cards.parse import parse
from deckwright.cards.rules.svg_content import MATPLOTLIB_STYLE
from deckwright.core import report
from deckwright.core.card import Basic, Cloze, Content
from deckwright.core.diagnostics import Diagnostic, codes, has_errors
from deckwright.core.note import Note
from deckwright.core.source import Source
from deckwright.project.notetypes import NoteType

TODAY = date(2026, 11, 25)
CARDS = "cards/4.2-services/polly.md"
PICTURE = "cards/4.2-services/img/fuzz.svg"
IMAGE = "cards/4.2-services/img/x.png"
SHOWN = (
    "## card-a\n\n- kind: concept\n- topic: voices\n\nQ?\n\n---\n\n![What it shows](img/fuzz.svg)\n"
)

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
_ADDED_ATTRIBUTES = frozenset(("data-cloze", "data-id", "data-key", "data-ordinal", "data-pick"))
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
    r"(?![A-Za-z])"
)
_MATH = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)
_SVG = "{http://www.w3.org/2000/svg}"

Target = Callable[[bytes], None]


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


class Shown(HTMLParser):
    """HTML without comments, addresses of images, and the elements that Anki puts around gaps."""

    def __init__(self, html: str) -> None:
        """Read HTML."""
        super().__init__()
        self.text = ""
        self.spans: list[bool] = []  # for each open one, whether it is a gap
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "span":
            self.spans.append("data-ordinal" in dict(attrs))
        if tag != "span" or not self.spans[-1]:
            written = [f' {name}="{value}"' for name, value in attrs if name != "src"]
            self.text += f"<{tag}{''.join(written)}>"

    def handle_endtag(self, tag: str) -> None:
        if tag != "span" or not self.spans or not self.spans.pop():
            self.text += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.text += escape(data, quote=False)


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
    col, content = _collection(), note.card.content
    made = col.new_note(col.models.get(notetype.id))  # type: ignore[arg-type]
    made.fields = list(note.fields)
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
            shown = _only_shows(card.answer(), notetype, note)
            for text in _texts(content):
                assert text in shown
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
    return Shown(side).text


def _texts(content: Content) -> Iterator[str]:
    """What the back of a card must show: its texts with all gaps open."""
    sections = [content.extra, content.text if isinstance(content, Cloze) else content.question]
    if isinstance(content, Basic):
        sections.append(content.answer)
    for section in sections:
        yield Shown(markdown.opened_html(section.blocks)).text


def reported(diagnostics: tuple[Diagnostic, ...]) -> None:
    """Fail for an unknown code or a place outside of its file."""
    for one in diagnostics:
        assert one.code in codes()
        for span in (one.span, *(place for _, place in one.related)):
            assert 0 <= span.start <= span.end <= len(span.source.text), one
            assert span.line >= 1
            assert span.column >= 1
    for form in report.FORMATS.values():
        form(diagnostics)


@contextmanager
def cards(folder: Path) -> Iterator[Target]:
    """Card files."""
    home = make_project(folder / "p", cards=False)
    (home / IMAGE).parent.mkdir(parents=True)
    (home / IMAGE).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(11) + b"\x09" + bytes(3) + b"\x09")
    project = pipeline.load(home, TODAY).values[0]
    keys = tuple(project.card_schema.properties)

    def attack(data: bytes) -> None:
        found = pipeline.check_cards(project, TODAY, unsaved={CARDS: data})
        reported(found.diagnostics)
        if has_errors(found.diagnostics):
            return
        for note in pipeline.rendered(found.values[0]).notes:
            harmless_in_anki(note, project.notetypes[note.type])
        source = found.values[0].found.sources[0]
        once = Source(CARDS, normal_form(source, parse(source).values, keys))
        again = parse(once)
        if not has_errors(again.diagnostics) and meaning(again.values) == meaning(
            parse(source).values
        ):
            assert normal_form(once, again.values, keys) == once.text

    yield attack


@contextmanager
def project(folder: Path) -> Iterator[Target]:
    """Files of a project; the first line names the file."""
    home = make_project(folder / "p")
    before = {
        name: (home / name).read_bytes() if (home / name).exists() else None
        for name in PROJECT_FILES
    }

    def attack(data: bytes) -> None:
        name, _, text = data.partition(b"\n")
        path = home / name.decode()
        path.write_bytes(text)
        try:
            result = run(home, "check")
        finally:
            old = before[name.decode()]
            if old is None:
                path.unlink()
            else:
                path.write_bytes(old)
        assert result.code in (0, 1, 2)
        assert "Traceback" not in result.out + result.err

    yield attack


@contextmanager
def pictures(folder: Path) -> Iterator[Target]:
    """SVG pictures."""
    home = make_project(folder / "p", cards=False)
    (home / PICTURE).parent.mkdir(parents=True)
    loaded = pipeline.load(home, TODAY).values[0]

    def attack(data: bytes) -> None:
        (home / PICTURE).write_bytes(data)
        found = pipeline.check_cards(loaded, TODAY, unsaved={CARDS: SHOWN.encode()})
        reported(found.diagnostics)
        if not has_errors(found.diagnostics):
            only_draws(data)

    yield attack


def only_draws(data: bytes) -> None:
    """Fail if a picture that was accepted can run or load anything."""
    text = data.decode("utf-8-sig")
    assert not re.search(r"<!DOCTYPE|<!ENTITY|<\?xml-stylesheet", text, re.IGNORECASE)
    for element in ElementTree.fromstring(text).iter():
        if not isinstance(element.tag, str):
            continue
        assert element.tag.startswith(_SVG), element.tag
        name = element.tag.removeprefix(_SVG).lower()
        assert not re.match("script|foreignobject|animate|set|filter|fe", name), name
        assert name != "style" or "".join(element.itertext()) == MATPLOTLIB_STYLE
        for key, value in element.attrib.items():
            assert not re.match(r"(?i)on|filter", key.rpartition("}")[2]), key
            assert not re.search(r"(?i)javascript:|@import|image-set|filter|shadow", value), value
            assert not re.search(r"(?i)url\((?!\s*[\"']?#)", value), value
            if key.rpartition("}")[2] == "href":
                assert re.match(r"\s*(?:#|data:image/(?:png|jpeg|gif);base64,)", value), value


@contextmanager
def imported(folder: Path) -> Iterator[Target]:
    """Fields of imported notes, as a CSV file."""
    home = make_project(folder / "p")
    before = {path for path in home.rglob("*") if path.is_file()}
    texts = {path: path.read_bytes() for path in before}

    def attack(data: bytes) -> None:
        file = folder / "fuzz.csv"
        file.write_bytes(data)
        result = run(home, "import", str(file), "--to", "4.2/polly", "--topic", "voices")
        try:
            assert result.code in (0, 1, 2)
            if result.code == 0:
                found = pipeline.check(home, TODAY)
                reported(found.diagnostics)
                for note in pipeline.rendered(found.values[0]).notes:
                    harmless_in_anki(note, found.values[0].project.notetypes[note.type])
        finally:
            for path in home.rglob("*"):
                if path.is_file() and path not in before:
                    path.unlink()
            for path, old in texts.items():
                if path.read_bytes() != old:
                    path.write_bytes(old)

    yield attack


@contextmanager
def answers(folder: Path) -> Iterator[Target]:
    """What a program that is not AnkiConnect may answer."""
    home = make_project(folder / "p")
    body = b""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def attack(data: bytes) -> None:
        nonlocal body
        body = data
        url = f"http://127.0.0.1:{server.server_address[1]}"
        result = run(home, "push", "--url", url, "--yes")
        assert result.code in (0, 1, 2)
        assert "Traceback" not in result.out + result.err

    try:
        yield attack
    finally:
        server.shutdown()
        server.server_close()


OF = {
    "cards": cards,
    "project": project,
    "pictures": pictures,
    "import": imported,
    "answers": answers,
}
