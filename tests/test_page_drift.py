"""What changed on pages since they were recorded: three lists, and what is due."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import Run, run

from deckwright.exchange.pages.store import PageStore
from deckwright.facts.page_copies import MARKDOWN, IndexRow

AWS = "https://docs.aws.amazon.com/"
LIMITS, NAMES, GONE = (f"{AWS}polly/latest/dg/{name}.html" for name in ("limits", "names", "gone"))
FILE = "cards/4.2-services/polly.md"
CARD = """
## {name}

- kind: quota
- topic: voices
- source: {source}
- checked: 2026-08
- evidence: {evidence}

{text}
"""
OLD = """\
# Limits of Polly

Each lexicon can be up to 40,000 characters in size. You can store up to 100 lexicons per account.

A voice takes a pause of 3 seconds between two paragraphs.
"""
STREAMS = "# Streams\n\nA stream of audio ends after 10 minutes.\n"
DATE = "2026-07-15"


@pytest.fixture
def project(bare: Path) -> Path:
    """A project with evidence on three pages, whose copies of 2026-07-15 are recorded."""
    size = "page::polly/latest/dg/limits~Each lexicon can be up to 40,000 characters"
    stored = "page::polly/latest/dg/limits~store up to 100 lexicons per account"
    name = "c1 page::polly/latest/dg/names~A lexicon name has up to 20 letters"
    away = "page::polly/latest/dg/gone~A stream of audio ends after 10 minutes"
    cards = (
        ("size", LIMITS, size, "A Polly lexicon can have up to {{c1::40,000}} characters (fixed)."),
        ("stored", LIMITS, stored, "Polly can store up to {{c1::100}} lexicons per account."),
        ("name", NAMES, name, "The name of a lexicon can have up to {{c1::20}} letters (fixed)."),
        ("away", GONE, away, "A stream of audio ends after {{c1::10}} minutes (fixed)."),
    )
    text = "".join(CARD.format(name=n, source=s, evidence=e, text=t) for n, s, e, t in cards)
    (bare / "cards/4.2-services").mkdir(parents=True)
    (bare / FILE).write_text(f"# Polly\n{text}", "utf-8")
    copy(bare, LIMITS, OLD)
    copy(bare, NAMES, "# Names\n\nA lexicon name has up to 20 letters. It begins with a letter.\n")
    copy(bare, GONE, STREAMS)
    found = run(bare, "verify", "--record")
    assert "decks/evidence/pages.tsv" in found.err, found.out + found.err
    return bare


def copy(folder: Path, url: str, text: str, date: str = DATE, found: str = "") -> None:
    etag = f'"{date}"'
    row = IndexRow(url, "", MARKDOWN, etag, "", date, date, found)
    PageStore(folder / ".data/pages").keep(row, text)


def counted(found: Run) -> list[str]:
    """The numbers on pages in the summary, each with the word after it."""
    return re.findall(r"\d+ \w+", found.err.partition("\n")[2])


def test_nothing_is_listed_while_the_pages_say_the_same(project: Path) -> None:
    found = run(project, "verify", "--drift")
    assert (found.code, found.out) == (0, "")
    assert counted(found) == ["4 values", "0 gone", "0 reworded", "0 on"]
    copy(project, LIMITS, OLD.replace("A voice takes", "Another voice takes"), "2026-09-01")
    copy(project, NAMES, "# Names\n\n*A lexicon  name* has up\nto 20 letters.\n", "2026-09-01")
    found = run(project, "verify", "--drift")
    assert (found.code, found.out) == (0, "")


def test_what_changed_is_in_three_lists(project: Path) -> None:
    new = OLD.replace("up to 40,000 characters", "up to 50,000 characters")
    new = new.replace("You can store up to 100", "Every account can store up to 100")
    copy(project, LIMITS, new, "2026-09-01")
    text = "# Names\n\nA name for a lexicon has a maximum of 20 letters.\n"
    copy(project, NAMES, text, "2026-09-02")
    copy(project, GONE, STREAMS, found=f"moved to {AWS}polly/latest/dg/streams.html")
    found = run(project, "verify", "--drift")
    assert found.code == 1
    assert counted(found) == ["3 values", "1 gone", "2 reworded", "1 on"]
    rows = json.loads(run(project, "verify", "--drift", "--format", "json").out)
    assert [(row["line"], row["card"], row["list"], row["states"]) for row in rows] == [
        (9, "size", "gone", "40,000"),
        (19, "stored", "reworded", "100"),
        (29, "name", "reworded", "20"),
        (39, "away", "moved", "10"),
    ]
    said = [(row[when]["date"], row[when]["said"]) for row in rows for when in ("before", "now")]
    assert said[:6] == [
        (DATE, "Each lexicon can be up to 40,000 characters in size."),
        ("2026-09-01", "Each lexicon can be up to 50,000 characters in size."),
        (DATE, "You can store up to 100 lexicons per account."),
        ("2026-09-01", "Every account can store up to 100 lexicons per account."),
        (DATE, "A lexicon name has up to 20 letters."),
        ("2026-09-02", text.split("\n\n")[1].strip()),
    ]

    # The text says the same: where, what the pages said, and a line to paste.
    assert re.findall(r"(?m)^(\S+:\d+): (\w+): .* ([\d,]+); (\S+)", found.out) == [
        (f"{FILE}:{row['line']}", row["card"], row["states"], row["page"]) for row in rows
    ]
    assert re.findall(r"(?m)^  (2026\S+): (.*?\.)", found.out) == said[:6]
    lines = [row["paste"] or row["evidence"] for row in rows[:3]]
    assert re.findall(r"(?m)^  .*?evidence.*?: ((?:c1 )?page::.*)$", found.out) == lines
    assert rows[1]["paste"] == rows[1]["evidence"]  # it still fits
    assert found.out.endswith(f" moved to {AWS}polly/latest/dg/streams.html\n")

    # Pasted, the new line is right, and recorded the list is empty.
    card = (project / FILE).read_text("utf-8")
    paste = rows[2]["paste"]
    assert paste.startswith("c1 page::polly/latest/dg/names~")
    (project / FILE).write_text(
        card.replace(rows[2]["evidence"], paste.removeprefix("c1 ")), "utf-8"
    )
    assert '"page agrees": 3' in run(project, "verify", "--record", "--format", "json").out
    again = json.loads(run(project, "verify", "--drift", "--format", "json").out)
    assert [row["card"] for row in again] == ["size", "away"]


def test_rewording_alone_does_not_fail(project: Path) -> None:
    new = OLD.replace("You can store up to 100", "Every account can store up to 100")
    copy(project, LIMITS, new, "2026-09-01")
    assert run(project, "verify", "--drift").code == 0
    rows = json.loads(run(project, "verify", "--drift", "--format", "json").out)
    assert [row["list"] for row in rows] == ["reworded"]


@pytest.mark.parametrize(
    ("recorded", "copied", "is_older"),
    [
        ("2026-12-31", "2027-01-01", False),
        ("2027-01-01", "2026-12-31", True),
        ("2028-02-29", "2028-03-01", False),
        ("2028-03-01", "2028-02-29", True),
        ("2028-02-29", "2028-02", False),  # the month is all that is known of the copy
        ("2028-03-01", "2028-02", True),
        ("2028-02", "2028-02-01", False),
    ],
)
def test_a_copy_that_is_older_than_the_record_says_nothing(
    recorded: str, copied: str, is_older: bool, project: Path
) -> None:
    copy(project, LIMITS, OLD, recorded)
    assert run(project, "verify", "--record").code == 0
    copy(project, LIMITS, "# Limits\n\nAnother text.\n", copied)
    rows = json.loads(run(project, "verify", "--drift", "--format", "json").out)
    assert [row["card"] for row in rows] == ([] if is_older else ["size", "stored"])


def test_what_could_not_be_compared_is_counted(project: Path) -> None:
    copy(project, LIMITS, "# Limits\n\nAn older text.\n", "2026-06-01")  # older than the record
    part = "---\npart: true\n---\nOnly the end of it.\n"
    copy(project, NAMES, part, "2026-09-01")
    text = (project / FILE).read_text("utf-8").replace("{{c1::10}} minutes", "{{c1::11}} minutes")
    (project / FILE).write_text(text, "utf-8")
    found = run(project, "verify", "--drift")
    assert (found.code, found.out) == (0, "")
    *_, compared, no_copy, no_record = found.err.splitlines()
    assert compared.startswith("0 values ")
    assert re.search(r": 3 values; .* \./build\.py pages$", no_copy)
    assert re.search(r": 1 value; .* \./build\.py verify --record$", no_record)


def risks(folder: Path) -> dict[str, list[str]]:
    rows = json.loads(run(folder, "stale", "--format", "json").out)
    return {row["card"]: row["risks"] for row in rows}


def test_a_page_that_changed_anywhere_makes_its_cards_due_earlier(project: Path) -> None:
    by_page = ["a number", "confirmed by its page"]
    assert set(map(tuple, risks(project).values())) == {tuple(by_page)}
    copy(project, LIMITS, OLD.replace("3 seconds", "2 seconds"), "2026-06-01")
    assert risks(project)["size"] == by_page  # the copy is older than the record
    copy(project, LIMITS, OLD.replace("3 seconds", "4 seconds"), "2026-09-01")
    copy(project, NAMES, "# Names\n\nA lexicon name has up to 20 letters. It *begins* with a "
         "[letter](x.html).\n", "2026-09-01")  # fmt: skip
    found = risks(project)
    assert found["size"] == found["stored"] == ["a number", "its page changed", by_page[1]]
    assert found["name"] == by_page
    run(project, "verify", "--record")
    assert risks(project)["size"] == by_page


def test_the_table_of_pages_survives_a_merge_that_stopped(project: Path) -> None:
    path = project / "decks/evidence/pages.tsv"
    good = path.read_text("utf-8")
    assert good.count("\n") == 5
    path.write_text(good.replace(f"{LIMITS}\t", f"<<<<<<< HEAD\n{LIMITS}\t"), "utf-8")
    assert run(project, "check").code == run(project, "stale").code == 0
    run(project, "verify", "--record")
    assert path.read_text("utf-8") == good
