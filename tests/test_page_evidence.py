"""Facts against the pages that they cite: states, record, drift, proposals, and the report."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from conftest import CASES, run
from test_verify import MODEL, lay_data

PAGES = Path(__file__).parent / "pages"
LIMITS = "docs/parrot/latest/dg/limits.md"
PAGE = "page::parrot/latest/dg/limits"
SOURCE = "https://docs.aws.amazon.com/parrot/latest/dg/limits.html"
CARD = """\
# Polly

## polly-fact

- kind: quota
- topic: voices
- source: {source}
- checked: 2026-08
{evidence}
{text}
"""
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


def write_card(folder: Path, text: str, *evidence: str) -> None:
    (folder / "cards/4.2-services").mkdir(parents=True, exist_ok=True)
    lines = "".join(f"- evidence: {line}\n" for line in evidence)
    text = CARD.format(source=SOURCE, evidence=lines, text=text)
    (folder / "cards/4.2-services/polly.md").write_text(text, "utf-8")


VERIFY = ("verify", "--data", "data")
MIRROR = (*VERIFY, "--mirror", "mirror")


def state(folder: Path, *arguments: str) -> str:
    (fact,) = json.loads(run(folder, *arguments, "--format", "json").out)["facts"]
    return str(fact["state"])


def test_a_page_is_read_in_a_mirror_and_counts_on_its_own(project: Path) -> None:
    write_card(project, GLOSSARY, PHRASE)
    found = run(project, *MIRROR)
    assert found.code == 0, found.out
    assert "1 fact: 1 agree with their pages" in found.err
    assert state(project, *MIRROR) == "page agrees"
