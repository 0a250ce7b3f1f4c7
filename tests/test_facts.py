"""The report of facts, and which of them to look at next."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

from conftest import CASES, REPO, run
from test_verify import MODEL, lay_data

from deckwright import pipeline
from deckwright.cards.staleness import aged

DATA = (CASES / "E101/bad/schema/vocabulary/evidence.toml").read_text("utf-8")
CHANGED = """
[[changed]]
names = ["Ear Trumpet"]
status = "legacy"
source = "https://docs.example.com/changes/"
"""
CARD = """
## {0}

- kind: {1}
- topic: voices
- source: https://docs.example.com/{0}/
- checked: {2}
{3}
{4}
"""


def lay(folder: Path, *cards: str) -> None:
    (folder / "cards/services").mkdir(parents=True, exist_ok=True)
    (folder / "cards/services/polly.md").write_text("# Polly\n" + "".join(cards), "utf-8")
    (folder / "schema/vocabulary/evidence.toml").write_text(DATA + CHANGED, "utf-8")


def test_the_report_says_of_each_fact_where_it_was_read_and_what_data_says(bare: Path) -> None:
    lay_data(bare / "data", MODEL)
    evidence = "- evidence: polly::shapes.Names.max\n"
    text = "Polly takes {{c1::5}} names in {{c2::one}} call (fixed)."
    lay(
        bare,
        CARD.format("polly-names", "quota", "2026-08", evidence, text),
        CARD.format("polly-use", "concept", "2026-07", "", "What is it?\n\n---\n\nSpeech."),
    )
    assert run(bare, "verify", "--data", "data", "--record").code == 0
    assert run(bare, "decks").code == 0
    rows = json.loads((bare / "dist/facts.json").read_text("utf-8"))
    assert [(row["card"], row["gap"], row["states"], row["checked"]) for row in rows] == [
        ("polly-names", 1, "5", "2026-08"),
        ("polly-names", 2, "one", "2026-08"),
    ]
    line = "polly::shapes.Names.max"
    said = {"evidence": line, "package": "example-data", "version": "1.2", "said": "5"}
    assert rows[0]["data"] == [said]
    assert rows[1]["data"] == rows[0]["pages"] == []
    text = (bare / "dist/facts.txt").read_text("utf-8")
    assert re.findall(r"\d+", text.partition("\n")[0]) == ["2", "1", "0", "1"]
    source = "read 2026-08: https://docs.example.com/polly-names/"
    assert f"\npolly-names: 5\n    Polly takes 5 names in one call (fixed).\n    {source}\n" in text
    assert "    example-data 1.2, polly::shapes.Names.max: 5\n" in text

    # The record was made for another value: it says nothing of this one.
    path = bare / "cards/services/polly.md"
    path.write_text(path.read_text("utf-8").replace("{{c1::5}}", "{{c1::6}}"), "utf-8")
    run(bare, "decks")
    rows = json.loads((bare / "dist/facts.json").read_text("utf-8"))
    assert [row["data"] for row in rows] == [[], []]


def test_the_oldest_the_riskiest_and_the_undated_come_first(bare: Path) -> None:
    lay_data(bare / "data", MODEL)
    evidence = "- evidence: polly::shapes.Names.max\n"
    number = "Polly, {0}: {{{{c1::5}}}} names (fixed)."
    horn = "What made a call to Polly louder?\n\n---\n\nA horn.\n\n---\n\nAn Ear Trumpet, once."
    rows = (
        ("new-number", "quota", "2026-11", "", number.format("this month")),
        ("old-number", "quota", "2026-05", "", number.format("long ago")),
        ("old-machine", "quota", "2026-05", evidence, number.format("by machine")),
        ("old-name", "concept", "2026-05", "", horn),
        ("said-name", "concept", "2026-05", "- status: legacy\n", horn.replace("louder", "heard")),
        ("old-words", "concept", "2026-05", "", "What does Polly read?\n\n---\n\nTexts."),
        ("no-date", "concept", "never", "", "What does Polly sing?\n\n---\n\nNothing."),
    )
    lay(bare, *(CARD.format(*row).replace("- checked: never\n", "") for row in rows))
    assert run(bare, "verify", "--data", "data", "--record").code == 0
    checked = pipeline.check(bare, date(2026, 11, 20)).value
    cards = {one.card.id: one for one in aged(checked.cards, checked.project, date(2026, 11, 20))}
    order = [
        "no-date",
        "old-name",
        "old-number",
        "said-name",
        "old-words",
        "old-machine",
        "new-number",
    ]
    assert list(cards) == order
    assert cards["old-number"].months == 6
    assert cards["old-number"].urgency == 2 * cards["old-machine"].urgency
    assert cards["old-name"].risks == ("names something closed",)
    assert cards["said-name"].risks == ()  # its status says so
    text = run(bare, "stale")
    assert text.code == 0
    assert re.search(r"polly\.md:\d+: old-name: Ear Trumpet, legacy", text.out)
    assert len(json.loads(run(bare, "stale", "--format", "json").out)) == 7


def test_the_weekly_look_uses_what_the_makefile_has() -> None:
    workflow = (REPO / ".github/workflows/facts.yml").read_text("utf-8")
    targets = re.findall(r"^\s+(?:run: )?make (\S+)", workflow, re.MULTILINE)
    makefile = (REPO / "Makefile").read_text("utf-8")
    assert targets
    assert [t for t in targets if not re.search(rf"^{t}:", makefile, re.MULTILINE)] == []
    for command in re.findall(r"build\.py (\S+ .*?) >", workflow):
        assert run(REPO, *command.split()[:1], "--help").code == 0
