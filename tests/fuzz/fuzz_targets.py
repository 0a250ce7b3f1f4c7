"""What each fuzzer runs, and what must hold for every input.

No traceback; exit code 0, 1 or 2; every place inside its file; `fmt` is stable; and of
what Anki shows of a card, only known elements, attributes and addresses, and all of its
text.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

from anki_oracle import harmless_in_anki
from conftest import make_project, reported, run

from deckwright import pipeline
from deckwright.cards.formatter import meaning, normal_form
from deckwright.cards.parse import parse
from deckwright.core.diagnostics import has_errors
from deckwright.core.source import Source

TODAY = date(2026, 11, 25)
CARDS = "cards/services/polly.md"
PICTURE = "cards/services/img/fuzz.svg"
IMAGE = "cards/services/img/x.png"
SHOWN = (
    "## card-a\n\n- kind: concept\n- topic: voices\n\nQ?\n\n---\n\n![What it shows](img/fuzz.svg)\n"
)

_SVG = "{http://www.w3.org/2000/svg}"

Target = Callable[[bytes], None]


@contextmanager
def cards(folder: Path) -> Iterator[Target]:
    """Card files."""
    home = make_project(folder / "p", cards=False)
    (home / IMAGE).parent.mkdir(parents=True)
    (home / IMAGE).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(11) + b"\x09" + bytes(3) + b"\x09")
    project = pipeline.load(home, TODAY).value
    keys = tuple(project.card_schema.properties)

    def attack(data: bytes) -> None:
        found = pipeline.check_cards(project, TODAY, unsaved={CARDS: data})
        reported(found.diagnostics)
        if has_errors(found.diagnostics):
            return
        for note in pipeline.notes_of(found.value).notes:
            harmless_in_anki(note, project.notetypes[note.type])
        source = found.value.files.sources[0]
        once = Source(CARDS, normal_form(source, parse(source).value, keys))
        again = parse(once)
        if not has_errors(again.diagnostics) and meaning(again.value) == meaning(
            parse(source).value
        ):
            assert normal_form(once, again.value, keys) == once.text

    yield attack


@contextmanager
def pictures(folder: Path) -> Iterator[Target]:
    """SVG pictures."""
    home = make_project(folder / "p", cards=False)
    (home / PICTURE).parent.mkdir(parents=True)
    loaded = pipeline.load(home, TODAY).value

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
        assert not re.match("script|style|foreignobject|animate|set|filter|fe", name), name
        for key, value in element.attrib.items():
            assert not re.match(r"(?i)on|filter", key.rpartition("}")[2]), key
            assert not re.search(r"(?i)javascript:|@import|image-set|filter|shadow", value), value
            assert not re.search(r"(?i)url\((?!\s*[\"']?#)", value), value
            if key.rpartition("}")[2] == "href":
                assert re.match(r"\s*(?:#|data:image/(?:png|jpeg|gif);base64,)", value), value


@contextmanager
def imported(folder: Path) -> Iterator[Target]:
    """Fields of imported notes, as a CSV file: what is written passes `check`."""
    plain = make_project(folder / "p", cards=False)

    def attack(data: bytes) -> None:
        home = folder / "copy"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(plain, home)
        file = folder / "fuzz.csv"
        file.write_bytes(data)
        options = ("--to", "services/polly", "--topic", "voices", "--no-header")
        result = run(home, "import", str(file), *options)
        assert result.code in (0, 1, 2)
        if result.code < 2:
            found = pipeline.check(home, TODAY)
            reported(found.diagnostics)
            errors = {d.code for d in found.diagnostics if d.severity == "error"}
            assert errors <= {"U503", "U509"}
            for note in pipeline.notes_of(found.value).notes:
                harmless_in_anki(note, found.value.project.notetypes[note.type])

    yield attack


OF = {"cards": cards, "pictures": pictures, "import": imported}
