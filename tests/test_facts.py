"""Which facts to check next."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from conftest import CASES, run
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
    order = "no-date old-name old-number said-name old-words old-machine new-number"
    assert list(cards) == order.split()
    assert cards["old-number"].months == 6
    assert cards["old-number"].urgency == 2 * cards["old-machine"].urgency
    assert cards["old-name"].risks == ("names something closed",)
    assert cards["said-name"].risks == ()  # its status says so
    text = run(bare, "stale")
    assert text.code == 0
    assert re.search(r"polly\.md:\d+: old-name: Ear Trumpet, legacy", text.out)
