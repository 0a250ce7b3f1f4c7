"""Facts against the pages that they cite: states, record, drift, proposals, and the report."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path

import pytest
import test_verify
from conftest import run

PAGES = Path(__file__).parent / "pages"
LIMITS = ".data/pages/docs.aws.amazon.com/parrot/latest/dg/limits.md"
PAGE = "page::parrot/latest/dg/limits"
SOURCE = "https://docs.aws.amazon.com/parrot/latest/dg/limits.html"
write_card = partial(test_verify.write_card, source=SOURCE)
GLOSSARY = "Polly, a Parrot glossary: up to {{c1::40,000}} characters (fixed)."
PHRASE = f"{PAGE}~Each glossary can be up to 40,000 characters in size"
SENTENCE = "Each glossary can be up to 40,000 characters in size."


with_data = test_verify.project


@pytest.fixture
def project(with_data: Path) -> Path:
    """A project with data and copies of invented pages, but no card."""
    write_page(with_data, (PAGES / "limits.md").read_text("utf-8"))
    return with_data


def write_page(folder: Path, text: str, copied: str = "2026-07") -> None:
    text = text.replace("---\n", f"---\ncopied: {copied}\n", 1)
    (folder / LIMITS).parent.mkdir(parents=True, exist_ok=True)
    (folder / LIMITS).write_text(text, "utf-8")


def change_page(folder: Path, before: str, after: str, copied: str = "2026-09") -> None:
    text = (PAGES / "limits.md").read_text("utf-8")
    assert before in text
    write_page(folder, text.replace(before, after), copied)


VERIFY = ("verify", "--data", "data")


def counts(folder: Path) -> dict[str, int]:
    """How many facts `verify` finds in each state."""
    found = json.loads(run(folder, *VERIFY, "--format", "json").out)["counts"]
    return {state: number for state, number in found.items() if number}


def test_without_a_copy_the_record_counts_and_without_a_record_nothing_fails(project: Path) -> None:
    write_card(project, GLOSSARY, PHRASE)
    assert "E104" in run(project, *VERIFY).out
    (project / LIMITS).rename(project / "limits.md")
    assert (run(project, *VERIFY).code, counts(project)) == (0, {"not read here": 1})

    (project / "limits.md").rename(project / LIMITS)
    recorded = run(project, *VERIFY, "--record").err
    assert re.findall(r"decks/evidence/\S+", recorded) == ["decks/evidence/mini.tsv"]
    record = (project / "decks/evidence/mini.tsv").read_text("utf-8")
    row = record.splitlines()[-1].split("\t")
    assert row == ["polly-fact", PHRASE, "page", "2026-07", "40,000", SENTENCE]
    assert run(project, *VERIFY).out == ""

    (project / LIMITS).unlink()
    result = run(project, *VERIFY)
    assert re.search(r"1 fact: 1 .* \(1 .* 2026-07\)", result.err)
    assert (result.code, counts(project)) == (0, {"by page": 1})
    assert "decks/evidence" not in run(project, *VERIFY, "--record").err
    assert (project / "decks/evidence/mini.tsv").read_text("utf-8") == record
    write_card(project, GLOSSARY.replace("40,000", "4,000"), PHRASE)
    assert counts(project) == {"not read here": 1}
    write_page(project, (PAGES / "limits.md").read_text("utf-8"))
    assert counts(project) == {"changed or gone": 1}


def test_a_newer_copy_with_the_same_words_needs_no_new_record(project: Path) -> None:
    write_card(project, GLOSSARY, PHRASE)
    run(project, *VERIFY, "--record")
    change_page(project, "up to 100 glossaries", "up to 200 glossaries")
    assert run(project, *VERIFY).out == ""
    change_page(project, "in size.", "in size, and more.")
    assert "E104" in run(project, *VERIFY).out
    run(project, *VERIFY, "--record")
    assert "\tpage\t2026-09\t" in (project / "decks/evidence/mini.tsv").read_text("utf-8")


def test_a_copy_without_a_date_is_compared_and_not_recorded(project: Path) -> None:
    write_card(project, GLOSSARY, PHRASE)
    write_page(project, (PAGES / "limits.md").read_text("utf-8"), "lately")
    assert counts(project) == {"by page": 1}
    assert "`copied: YYYY-MM`" in run(project, *VERIFY, "--record").err
    assert not (project / "decks/evidence/mini.tsv").exists()


def test_the_site_says_what_the_page_said_and_when(project: Path) -> None:
    write_card(project, GLOSSARY, PHRASE)
    run(project, *VERIFY, "--record")
    assert run(project, "preview").code == 0
    card = next((project / "dist/site").rglob("polly-fact.html")).read_text("utf-8")
    assert f"2026-07, said “{SENTENCE}”" in card
    ages = (project / "dist/site/ages.html").read_text("utf-8")
    assert re.search(r"\bpages .* 1\b", ages)


def test_lines_to_paste_confirm_the_card_they_are_pasted_into(project: Path) -> None:
    write_card(project, GLOSSARY)
    found = run(project, "evidence", "polly-fact")
    assert found.code == 0
    assert f"40,000: {SOURCE} (2026-07)\n- evidence: {PAGE}~" in found.out
    assert f"    {SENTENCE}\n" in found.out
    line = found.out.splitlines()[1].removeprefix("- evidence: ")
    write_card(project, GLOSSARY, line)
    assert counts(project) == {"by page": 1}

    (project / LIMITS).unlink()
    found = run(project, "evidence", "polly-fact")
    assert (found.code, found.out) == (1, "")
    assert "1 source" in found.err
    assert " pages polly-fact" in found.err


def test_a_value_that_has_changed_or_is_gone_is_reported_with_what_was_recorded(
    project: Path,
) -> None:
    write_card(project, GLOSSARY, PHRASE)
    run(project, *VERIFY, "--record")
    new = SENTENCE.replace("40,000", "100,000")
    change_page(project, SENTENCE, new)
    result = run(project, *VERIFY)
    assert result.code == 1
    first, *_, last = result.out.strip().splitlines()
    assert first == (
        f"cards/services/polly.md:9:19: error E102: the page doesn't contain "
        f"`{PHRASE.partition('~')[2]}`; recorded from page 2026-07: {SENTENCE}"
    )
    assert last == f"  help: the page says: {new}"
    write_page(project, "---\ngone: has moved to X\n---\n", "2026-10")
    assert re.search(r"error E102: .* X; .*\b2026-07: ", run(project, *VERIFY).out)


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
    run(project, *VERIFY, "--record")
    change_page(project, SENTENCE, "Another text.", copied)
    assert counts(project) == {"by page" if is_older else "changed or gone": 1}
