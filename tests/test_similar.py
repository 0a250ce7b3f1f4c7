"""Duplicates, lookalikes and contradictions: what is found, and what authors can declare."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import REPO, diagnostics, run

from deckwright.cache.memo import Memo
from deckwright.cards import lookalikes, similarity
from deckwright.core import terms

sys.path.insert(0, str(REPO / "tests" / "duplicates"))
import measure

POLLY = "cards/4.2-services/polly.md"
CARD = "\n## {0}\n\n- kind: {1}\n- topic: voices\n{2}\n{3}\n"
SOURCE = "- source: https://docs.example.com/polly/\n- checked: 2026-08\n"


@pytest.mark.parametrize("name", ["pairs.jsonl", "held-out.jsonl"])
def test_the_tiers_keep_their_targets(name: str) -> None:
    """Certain: precision 0.99. With likely: precision 0.93, recall 0.75. All: F1 0.88."""
    pairs = measure.load(name)
    found = {tier: measure.figures(pairs, tier) for tier in measure.TIERS}
    assert found["certain"].precision >= 0.99
    assert found["certain"].recall >= 0.3  # a tier that flags nothing would be precise, too
    assert found["likely"].precision >= 0.93
    assert found["likely"].recall >= 0.75
    assert found["possible"].f1 >= 0.88


@pytest.mark.parametrize("name", ["questions.jsonl", "questions-held-out.jsonl"])
def test_a_fact_and_a_question_about_it_are_told_from_near_misses(name: str) -> None:
    """With likely: precision 0.95, recall 0.85."""
    found = measure.figures(measure.load(name), "likely")
    assert found.precision >= 0.95
    assert found.recall >= 0.85


SCALING = """Application Auto Scaling changes the number of instances of a SageMaker AI endpoint
variant. What does it change for an **inference component**?

---

The number of copies of the model."""
CRYPTOGRAPHY = """An agency may invoke its SageMaker AI model only through FIPS-validated
cryptographic modules. What does it change?

- [ ] The KMS key of the endpoint, to a key of its own

  Right for control over the encryption of stored data.

- [x] The host that is called, to the Runtime's FIPS endpoint

  FIPS-validated endpoints exist for the API and for the Runtime, in some Regions."""
DELETION = """Once you schedule the deletion of a KMS key, you can't use the key. KMS deletes it
{{c1::30::how many}} days later by default, or {{c2::7::how many}} days later at the earliest."""
SCHEDULED = "Once you schedule the deletion of a KMS key"
DELETED = "after you schedule its deletion does KMS delete a key"
VARIANT = "A model variant that receives a copy of the live requests, so that you can compare it"
FLOW = "The client calls the SageMaker Runtime, and the endpoint's host calls the model"


@pytest.mark.parametrize(
    ("card", "question", "answer", "tier"),
    [
        (SCALING, "What is a shadow variant?", VARIANT, ""),
        (CRYPTOGRAPHY, "Show the flow", FLOW, ""),
        (
            DELETION,
            f"{SCHEDULED}, after how long does KMS delete it by default?",
            "30 days",
            "likely",
        ),
        (DELETION, f"How many days {DELETED} by default?", "30", "likely"),
        (DELETION, f"How long {DELETED}?", "30 days by default", "likely"),
        (DELETION, f"How long at least {DELETED}?", "7 days", "likely"),
    ],
)
def test_short_questions_and_questions_about_a_fact(
    card: str, question: str, answer: str, tier: str
) -> None:
    other = measure.reading(f"{question}\n\n---\n\n{answer}")
    assert similarity.tier(measure.reading(card), other) == tier


def test_there_are_pairs_of_every_kind() -> None:
    pairs = measure.load("pairs.jsonl")
    assert len(pairs) >= 400
    for label in measure.DUPLICATES | measure.OTHERS:
        assert sum(pair.label == label for pair in pairs) >= 30, label


def test_a_verdict_is_the_same_in_either_order() -> None:
    for pair in measure.load("held-out.jsonl"):
        assert similarity.certain(pair.one, pair.other) == similarity.certain(pair.other, pair.one)
        one, other = similarity.loosened(pair.one), similarity.loosened(pair.other)
        assert similarity.score(one, other) == pytest.approx(similarity.score(other, one))


def test_the_search_finds_what_a_comparison_of_all_would_find() -> None:
    """Nearly every duplicate that a comparison flags is among the pairs that are compared.

    All cards of all sets are in one pool.
    """
    pairs = [pair for name in (*measure.TUNED, *measure.HELD_OUT) for pair in measure.load(name)]
    loose = [similarity.loosened(reading) for pair in pairs for reading in (pair.one, pair.other)]
    candidates = set(lookalikes.candidates(loose))
    flagged = [
        n
        for n, pair in enumerate(pairs)
        if pair.duplicate and similarity.tier(pair.one, pair.other)
    ]
    found = sum((2 * n, 2 * n + 1) in candidates for n in flagged)
    assert found / len(flagged) > 0.95
    assert len(candidates) < 20 * len(loose)  # of 3.7 million pairs


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("at most 60 seconds", "60 s at most", True),
        ("one hour of 3,000 characters", "3000 characters, 1 hour", True),
        ("65 536 bytes", "65,536 bytes", True),
        ("1 GB", "1 GiB", False),
        ("15 min", "900 s", True),
        ("2.5 million requests", "2,500,000 requests", True),
        ("normalised colours of the metre", "normalized colors of the meter", True),
        ("labelled and modelling", "labeled and modeling", True),
        ("before the training", "after the training", False),
        ("with a key", "without a key", False),
        ("one-minute resolution", "1 minute resolution", True),
        ("1,048,576 bytes", "1,048,577 bytes", False),
    ],
)
def test_what_texts_are_about(one: str, other: str, same: bool) -> None:
    assert (terms.items(terms.tokens(one)) == terms.items(terms.tokens(other))) == same


def test_a_direction_is_part_of_a_fact() -> None:
    def body(text: str) -> similarity.Reading:
        return measure.reading(text)

    there = body(
        "A Glue job turns CSV into Parquet: "
        "it reads from {{c1::CSV::format}} and writes to Parquet."
    )
    back = body(
        "A Glue job turns Parquet into CSV: "
        "it reads from {{c1::Parquet::format}} and writes to CSV."
    )
    assert not similarity.certain(there, back)


def add(project: Path, text: str, path: str = POLLY) -> None:
    with open(project / path, "a") as file:
        file.write(text)


def named(row: dict[str, Any]) -> list[str]:
    """The IDs and words that the message of a diagnostic puts in backticks."""
    return re.findall("`([^`]+)`", row["message"])


def test_a_verdict_sticks_until_a_card_changes(mini: Path) -> None:
    text = "Of text, what does Polly make?\n\n---\n\nSpeech."
    twin = CARD.format("polly-product", "concept", "{}", text)
    file = mini / POLLY
    before = file.read_text("utf-8")
    add(mini, twin.format(""))
    assert [(row["code"], named(row)) for row in diagnostics(mini)] == [("U503", ["polly-purpose"])]
    file.write_text(before + twin.format("- not-duplicate-of: polly-purpose\n"), "utf-8")
    assert run(mini, "check", "--similar").out == ""
    other = twin.replace(
        "Of text, what does Polly make?", "Which port does the museum open?"
    ).replace("Speech.", "443.")
    file.write_text(before + other.format("- not-duplicate-of: polly-purpose\n"), "utf-8")
    assert run(mini, "check").out == ""
    assert "warning U506" in run(mini, "check", "--similar").out


def test_lookalikes_are_shown_on_the_back_if_declared(mini: Path) -> None:
    text = "Polly: MP3 of {0} voices has {{{{c1::{1}}}}} Hz by default."
    rate = CARD.format("polly-rate-{0}", "quota", SOURCE + "{2}", text)
    file = mini / POLLY
    before = file.read_text("utf-8")
    file.write_text(
        before + rate.format("standard", "22,050", "") + rate.format("neural", "24,000", ""),
        "utf-8",
    )
    (row,) = diagnostics(mini, "--similar")
    assert (row["severity"], row["code"]) == ("note", "U512")
    assert named(row) == ["polly-rate-neural", "neural", "standard"]
    compared = [
        rate.format("standard", "22,050", "- compare: polly-rate-neural\n"),
        rate.format("neural", "24,000", ""),
    ]
    file.write_text(before + "".join(compared), "utf-8")
    assert run(mini, "check", "--similar").out == ""
    run(mini, "decks")
    rows = {
        row["id"]: row["fields"]
        for row in json.loads((mini / "dist" / "cards.json").read_text("utf-8"))
    }
    assert (
        rows["polly-rate-standard"]["Compare"]
        == "<ul>\n<li>Polly: MP3 of neural voices has <b>24,000</b> Hz by default.</li>\n</ul>"
    )
    assert rows["polly-rate-neural"]["Compare"] == ""


def test_numbers_with_two_different_words_are_confusable(mini: Path) -> None:
    text = "Polly: {1} has {{{{c1::{2}}}}} Hz by default, and a higher rate when asked for."
    rate = CARD.format("polly-rate-{0}", "quota", SOURCE, text)
    add(
        mini,
        rate.format("mp3", "MP3 of standard voices", "22,050")
        + rate.format("pcm", "PCM of neural voices", "16,000"),
    )
    (row,) = (row for row in diagnostics(mini, "--similar") if row["code"] == "U512")
    assert named(row) == ["polly-rate-pcm", "mp3", "neural", "pcm", "standard"]


def test_one_fact_has_one_value(mini: Path) -> None:
    shared = "- shared-value: polly-length\n"
    text = "What is the length of {0} for Polly?\n\n---\n\n{1}"
    card = CARD.format("polly-{0}", "concept", shared, text)
    file = mini / POLLY
    before = file.read_text("utf-8").replace(
        "checked: 2026-10\n\nPolly, one call",
        "checked: 2026-10\n- shared-value: polly-length\n\nPolly, one call",
    )
    for value, fine in (
        ("3,000", True),
        ("3000 characters", True),
        ("3 thousand", True),
        ("3,500", False),
        ("30", False),
    ):
        file.write_text(before + card.format("museums", value), "utf-8")
        found = [named(row)[0] for row in diagnostics(mini) if row["code"] == "U508"]
        assert ("polly-length" in found) == (not fine), value


def test_strict_fails_on_warnings_only_when_asked(mini: Path) -> None:
    add(
        mini,
        CARD.format(
            "polly-list",
            "concept",
            "- allow: C450 for this test\n",
            "What has Polly?\n\n---\n\nVoices.",
        ),
    )
    assert (run(mini, "check").code, run(mini, "check", "--strict").code) == (0, 1)
    assert run(mini, "check", "--strict", "--similar").code == 1
    assert "warning S314" in run(mini, "check").out
    assert "\n1 warning\n" in f"\n{run(mini, 'decks').err}"


def test_the_real_deck_passes_its_gate() -> None:
    """There is no warning: each is fixed, or allowed with a reason on the card."""
    found = run(REPO, "check", "--similar", "--strict")
    assert found.code == 0, re.findall(r"(?m)^.*: (?:warning|error) .*$", found.out)


def save(file: Path, old: str, new: str) -> None:
    """Change a file in one step, as editors do, so that a watcher never sees half of it."""
    copy = file.with_name(".copy")
    copy.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    copy.replace(file)


def test_watch_reports_a_saved_file_and_ends_with_ctrl_c(mini: Path) -> None:
    command = [sys.executable, str(REPO / "build.py"), "--root", str(mini), "check", "--watch"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout
            assert "no problems" in process.stdout.readline()
            save(mini / POLLY, "\nSpeech.\n", "\n<b>Speech.\n")
            seen = [process.stdout.readline()]
            while "cards in" not in seen[-1]:
                seen.append(process.stdout.readline())
            assert seen[0] == f"saved: {POLLY}\n"
            assert any("error P211" in line for line in seen)
            save(mini / POLLY, "<b>", "")
            assert process.stdout.readline() == f"saved: {POLLY}\n"
            assert "no problems" in process.stdout.readline()
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def test_watch_gives_what_check_gives(mini: Path) -> None:
    """The files that are not parsed again make no difference."""
    from datetime import date

    from deckwright import pipeline

    memo = Memo()
    texts = (mini / POLLY).read_text("utf-8")
    for old, new in (
        ("Speech.", "Speech."),
        ("Speech.", "<b>x"),
        ("polly-purpose", "polly-input-length"),
        ("Speech.", "Words."),
    ):
        (mini / POLLY).write_text(texts.replace(old, new), "utf-8")
        today = date(2026, 11, 25)
        assert (
            pipeline.check(mini, today, memo).diagnostics == pipeline.check(mini, today).diagnostics
        )
