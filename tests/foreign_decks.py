"""Decks that other programs wrote, and what tests of `import` look at."""

from __future__ import annotations

import re
from pathlib import Path

import genanki
from anki.collection import Collection, ExportAnkiPackageOptions
from anki.decks import DeckId
from conftest import Run

HERE = ("--to", "services/polly", "--topic", "voices")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c636060606000000005000180d30e6b0000000049454e44ae426082"
)


def written(project: Path) -> str:
    """All imported card files of a project, one after the other."""
    return "\n".join(path.read_text("utf-8") for path in sorted(project.glob("cards/**/*.md")))


def numbers(result: Run) -> list[int]:
    """The numbers in the closing line: cards in the file, written, in the project, not written."""
    return [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", result.err)]


def section(text: str, card: str) -> str:
    return re.split(r"(?m)^## ", text.split(f"## {card}\n", 1)[1])[0].strip()


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def with_genanki(path: Path, folder: Path) -> None:
    """Geography, as scripts make it.

    A note type with a picture and a field that no template shows, a cloze note, tags
    with `::`.
    """
    (folder / "flag of spain.png").write_bytes(PNG)
    country = genanki.Model(
        1607392319,
        "Country",
        fields=[{"name": n} for n in ("Country", "Capital", "Flag", "Source", "Remark")],
        templates=[
            {
                "name": "Capital",
                "qfmt": "Capital of {{Country}}?",
                "afmt": '{{FrontSide}}<hr id="answer">{{Capital}}<br>{{Flag}}',
            },
            {
                "name": "Country",
                "qfmt": "{{Capital}} is the capital of?",
                "afmt": "{{FrontSide}}<hr>{{Country}}",
            },
        ],
    )
    deck = genanki.Deck(2059400110, "Geography::Europe")
    picture = '<img src="flag of spain.png">'
    fields = ["Spain", "Madrid", picture, "https://example.org/spain", "since 1561"]
    deck.add_note(genanki.Note(country, fields, tags=["geo::europe", "Amazon_S3"]))
    deck.add_note(genanki.Note(country, ["Portugal", "Lisboa", "", "an old atlas", ""]))
    text = "{{c1::Canberra::city}} was founded in {{c2::1913}}"
    deck.add_note(genanki.Note(genanki.CLOZE_MODEL, [text, ""]))
    package = genanki.Package(deck)
    package.media_files = [str(folder / "flag of spain.png")]
    package.write_to_file(str(path))


def collection(folder: Path) -> Collection:
    """A learner's collection: basic, reversed, cloze, a picture, formulas."""
    col = Collection(str(folder / "learner.anki2"))
    (folder / "chart.png").write_bytes(PNG)
    name = col.media.add_file(str(folder / "chart.png"))

    def add(kind: str, *fields: str, tags: tuple[str, ...] = ()) -> None:
        notetype = col.models.by_name(kind)
        assert notetype is not None
        note = col.new_note(notetype)
        note.fields[: len(fields)] = fields
        note.tags = list(tags)
        col.add_note(note, col.decks.id("Learning::Statistics"))

    add(
        "Basic",
        "What does the <b>median</b> resist?",
        "Outliers&nbsp;<i>on one side</i>",
        tags=("stats::basics", "polly", "exam"),
    )
    add("Basic (and reversed card)", "mean", "average")
    add(
        "Cloze",
        r"The variance is {{c1::\(\frac{1}{n}\sum (x_i-\mu)^2\)}}, "
        r"its root the {{c2::standard deviation::name}}.",
        "see below",
    )
    add("Cloze", "Only {{c2::the second}} gap is left here", "")
    add(
        "Basic",
        f'Which chart is this?<br><img src="{name}" style="width: 300px">',
        r"A histogram: \[h = \frac{2\,IQR}{n^{1/3}}\]",
    )
    return col


def export(col: Collection, path: Path, scheduled: bool, legacy: bool) -> Path:
    """A collection in a file, in the format that the file's ending names.

    If it is `scheduled`, one card has been studied.
    """
    if scheduled:
        col.decks.select(col.decks.id("Learning::Statistics") or DeckId(1))
        card = col.sched.getCard()
        assert card is not None
        card.start_timer()
        col.sched.answerCard(card, 3)
    if path.suffix == ".colpkg":
        col.export_collection_package(str(path), include_media=True, legacy=legacy)
    elif path.suffix == ".txt":
        parts = ("with_html", "with_tags", "with_deck", "with_notetype", "with_guid")
        col.export_note_csv(out_path=str(path), limit=None, **dict.fromkeys(parts, True))
    else:
        options = ExportAnkiPackageOptions(
            with_scheduling=scheduled, with_deck_configs=scheduled, with_media=True, legacy=legacy
        )
        col.export_anki_package(out_path=str(path), limit=None, options=options)
    return path
