"""Facts against the pages that they cite: states, record, drift, proposals, and the report."""

from __future__ import annotations

import json
import re
import shutil
from functools import partial
from pathlib import Path

import pytest
import test_verify
from conftest import CASES, run
from test_verify import MODEL, lay_data

from deckwright.exchange.pages.store import PageStore
from deckwright.facts.page_copies import MARKDOWN, IndexRow

PAGES = Path(__file__).parent / "pages"
LIMITS = "docs/parrot/latest/dg/limits.md"
PAGE = "page::parrot/latest/dg/limits"
SOURCE = "https://docs.aws.amazon.com/parrot/latest/dg/limits.html"
write_card = partial(test_verify.write_card, source=SOURCE)
GLOSSARY = "Polly, a Parrot glossary: up to {{c1::40,000}} characters (fixed)."
PHRASE = f"{PAGE}~Each glossary can be up to 40,000 characters in size"
SENTENCE = "Each glossary can be up to 40,000 characters in size."


@pytest.fixture
def project(bare: Path) -> Path:
    """A project with data and a mirror of invented pages, but no card."""
    shutil.copy(
        CASES / "E101/bad/schema/vocabulary/evidence.toml", bare / "schema/vocabulary/evidence.toml"
    )
    lay_data(bare / "data", MODEL)
    (bare / LIMITS).parent.mkdir(parents=True)
    write_page(bare, (PAGES / "limits.md").read_text("utf-8"))
    return bare


def write_page(folder: Path, text: str, copied: str = "2026-07") -> None:
    text = text.replace("---\n", f"---\ncopied: {copied}\n", 1)
    (folder / "mirror" / LIMITS).parent.mkdir(parents=True, exist_ok=True)
    (folder / "mirror" / LIMITS).write_text(text, "utf-8")


def change_page(folder: Path, before: str, after: str, copied: str = "2026-09") -> None:
    text = (PAGES / "limits.md").read_text("utf-8")
    assert before in text
    write_page(folder, text.replace(before, after), copied)


VERIFY = ("verify", "--data", "data")
MIRROR = (*VERIFY, "--mirror", "mirror")


def counts(folder: Path, *arguments: str) -> dict[str, int]:
    """How many facts `verify` finds in each state."""
    found = json.loads(run(folder, *arguments, "--format", "json").out)["counts"]
    return {state: number for state, number in found.items() if number}


def test_without_a_copy_the_record_counts_and_without_a_record_nothing_fails(project: Path) -> None:
    write_card(project, GLOSSARY, PHRASE)
    found = run(project, *VERIFY)
    assert (found.code, counts(project, *VERIFY)) == (0, {"not read here": 1})
    assert "E104" not in found.out

    assert "E104" in run(project, *MIRROR).out
    recorded = run(project, *MIRROR, "--record").err
    assert re.findall(r"decks/evidence/\S+", recorded) == ["decks/evidence/mini.tsv"]
    record = (project / "decks/evidence/mini.tsv").read_text("utf-8")
    row = record.splitlines()[-1].split("\t")
    assert row[:6] == ["polly-fact", PHRASE, "page", "2026-07", "40,000", SENTENCE]
    assert len(row[6]) == 16

    found = run(project, *VERIFY)
    assert re.search(r"1 fact: 1 .* \(1 .* 2026-07\)", found.err)
    assert (found.code, counts(project, *VERIFY)) == (0, {"by page": 1})
    assert "E104" not in run(project, *MIRROR).out
    assert "decks/evidence" not in run(project, *VERIFY, "--record").err
    assert (project / "decks/evidence/mini.tsv").read_text("utf-8") == record

    write_card(project, GLOSSARY.replace("40,000", "4,000"), PHRASE)
    assert counts(project, *VERIFY) == {"not read here": 1}
    assert counts(project, *MIRROR) == {"changed or gone": 1}
    assert run(project, *MIRROR).code == 1


def test_a_newer_copy_with_the_same_words_needs_no_new_record(project: Path) -> None:
    write_card(project, GLOSSARY, PHRASE)
    run(project, *MIRROR, "--record")
    change_page(project, "up to 100 glossaries", "up to 200 glossaries", "2026-09")
    assert "E104" not in run(project, *MIRROR).out
    change_page(project, "in size.", "in size, and more.", "2026-09")
    assert "E104" in run(project, *MIRROR).out
    run(project, *MIRROR, "--record")
    assert "\tpage\t2026-09\t" in (project / "decks/evidence/mini.tsv").read_text("utf-8")
    write_page(project, (PAGES / "limits.md").read_text("utf-8"), "2026-05")
    run(project, *MIRROR, "--record")
    assert "\tpage\t2026-09\t" in (project / "decks/evidence/mini.tsv").read_text("utf-8")


def test_a_part_of_a_page_refutes_nothing(project: Path) -> None:
    write_card(project, GLOSSARY, PHRASE)
    text = "---\ncopied: 2026-07\npart: true\n---\n# Quotas\n\nA part.\n"
    (project / "mirror" / LIMITS).write_text(text, "utf-8")
    assert counts(project, *MIRROR) == {"not read here": 1}
    (project / "mirror" / LIMITS).write_text(text.replace("part: true\n", ""), "utf-8")
    assert counts(project, *MIRROR) == {"changed or gone": 1}
    found = run(project, *MIRROR)
    assert (found.code, found.out.count("error E102: ")) == (1, 1)


def test_the_report_and_the_site_say_what_the_page_said_and_when(project: Path) -> None:
    write_card(project, GLOSSARY, PHRASE)
    run(project, *MIRROR, "--record")
    assert run(project, "decks").code == 0
    (row,) = json.loads((project / "dist/facts.json").read_text("utf-8"))
    assert row["data"] == []
    assert row["pages"] == [
        {"evidence": PHRASE, "page": SOURCE, "read": "2026-07", "said": SENTENCE}
    ]
    text = (project / "dist/facts.txt").read_text("utf-8")
    head, _, facts = text.partition("\n")
    assert re.findall(r"\d+", head) == ["1", "0", "1", "0"]  # all, by data, by a page, by people
    assert f": {SENTENCE} (read 2026-07, {SOURCE})\n" in facts
    assert run(project, "preview").code == 0
    card = next((project / "dist/site").rglob("polly-fact.html")).read_text("utf-8")
    assert f"2026-07, said “{SENTENCE}”" in card
    ages = (project / "dist/site/ages.html").read_text("utf-8")
    assert re.search(r"\bpages .* 1\b", ages)


def test_lines_to_paste_confirm_the_card_they_are_pasted_into(project: Path) -> None:
    write_card(project, GLOSSARY)
    found = run(project, "evidence", "polly-fact", "--mirror", "mirror")
    assert found.code == 0
    assert f"40,000: {SOURCE} (2026-07)\n- evidence: {PAGE}~" in found.out
    assert f"    {SENTENCE}\n" in found.out
    line = found.out.splitlines()[1].removeprefix("- evidence: ")
    write_card(project, GLOSSARY, line)
    assert counts(project, *MIRROR) == {"by page": 1}

    found = run(project, "evidence", "polly-fact")
    assert (found.code, found.out) == (1, "")
    assert "1 source" in found.err
    assert " pages polly-fact" in found.err


def changes(folder: Path) -> list[tuple[str, str, str]]:
    """What `verify --drift` lists: why, and what the page said and says."""
    found = run(folder, *MIRROR, "--drift", "--format", "json")
    rows = json.loads(found.out)
    assert found.code == bool(rows)
    return [
        (row["why"], row["before"]["said"], row["now"]["said"] or row["now"]["nearest"])
        for row in rows
    ]


def test_drift_lists_values_that_have_changed_or_are_gone(project: Path) -> None:
    write_card(project, GLOSSARY, PHRASE)
    assert changes(project) == []  # nothing is recorded
    run(project, *MIRROR, "--record")
    assert changes(project) == []
    change_page(project, "in size.", "in size, and more.")
    assert changes(project) == []  # the page confirms the value
    new = SENTENCE.replace("40,000", "100,000")
    change_page(project, SENTENCE, new)
    why = f"the page does not contain `{PHRASE.partition('~')[2]}`"
    assert changes(project) == [(why, SENTENCE, new)]
    lines = run(project, *MIRROR, "--drift").out.splitlines()
    assert re.fullmatch(r"cards/\S+:9: polly-fact: the card says 40,000; the page .*", lines[0])
    assert lines[1:] == [
        f"  {SOURCE}",
        f"  page 2026-07: {SENTENCE}",
        f"  page 2026-09: {new} (the closest match)",
        f"  - evidence: {PHRASE}",
    ]


@pytest.mark.parametrize(
    ("recorded", "copied", "is_older"),
    [
        ("2026-12-31", "2027-01-01", False),
        ("2027-01-01", "2026-12-31", True),
        ("2028-02-29", "2028-02", False),  # the month is all that is known of the copy
        ("2028-03-01", "2028-02", True),
        ("2028-02", "2028-02-01", False),
    ],
)
def test_a_copy_that_is_older_than_the_record_says_nothing(
    recorded: str, copied: str, is_older: bool, project: Path
) -> None:
    write_card(project, GLOSSARY, PHRASE)
    write_page(project, (PAGES / "limits.md").read_text("utf-8"), recorded)
    run(project, *MIRROR, "--record")
    change_page(project, SENTENCE, "Another text.", copied)
    assert len(changes(project)) == (not is_older)
    said = run(project, *MIRROR, "--drift").err
    assert bool(re.search(r": 1 value; .* \./build\.py pages$", said, re.MULTILINE)) == is_older


def risks(folder: Path) -> list[str]:
    (row,) = json.loads(run(folder, "stale", "--format", "json").out)
    found: list[str] = row["risks"]
    return found


def test_a_page_that_changed_anywhere_makes_its_cards_due_earlier(project: Path) -> None:
    text = (PAGES / "limits.md").read_text("utf-8")
    store = PageStore(project / ".data/pages")

    def copy(text: str, date: str) -> None:
        store.keep(IndexRow(SOURCE, "", MARKDOWN, date=date), text)

    write_card(project, GLOSSARY, PHRASE)
    copy(text, "2026-07-15")
    run(project, *VERIFY, "--record")
    assert risks(project) == ["a number", "confirmed by its page"]
    copy(text.replace("100 glossaries", "200 glossaries"), "2026-06-01")
    assert "its page changed" not in risks(project)  # the copy is older than the record
    copy(text.replace("100 glossaries", "*100*  glossaries"), "2026-09-01")
    assert "its page changed" not in risks(project)
    copy(text.replace("100 glossaries", "200 glossaries"), "2026-09-01")
    assert "its page changed" in risks(project)
    run(project, *VERIFY, "--record")
    assert "its page changed" not in risks(project)
