"""Duplicates, similar cards, and contradictions: what is found, and what authors can declare."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import POLLY, REPO, catalog, diagnostics, run
from unit.examples import make_card

from deckwright.cards.duplicates.card_terms import card_terms
from deckwright.cards.duplicates.model import probability
from deckwright.cards.duplicates.repeated import certain, contradicts, signature
from deckwright.cards.duplicates.similar import candidates, replaced_terms
from deckwright.core import terms

sys.path.insert(0, str(REPO / "tests" / "duplicates"))
import measure

CARD = "\n## {0}\n\n- kind: {1}\n- topic: voices\n{2}\n{3}\n"
SOURCE = "- source: https://docs.example.com/polly/\n- checked: 2026-08\n"


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [
        ("pairs.jsonl", 0.97, 0.86),
        ("questions.jsonl", 0.9, 0.92),
        ("held-out.jsonl", 0.965, 0.806),
        ("questions-held-out.jsonl", 0.976, 0.911),
    ],
)
def test_likely_duplicates_are_told_from_similar_cards(
    name: str, precision: float, recall: float
) -> None:
    pairs = measure.load(name)
    found = measure.precision_and_recall(pairs, [pair.likely for pair in pairs])
    assert found >= (precision, recall)
    assert found[1] >= recall


@pytest.mark.parametrize("name", ["pairs.jsonl", "held-out.jsonl"])
def test_certain_duplicates_are_certain(name: str) -> None:
    pairs = measure.load(name)
    precision, recall = measure.precision_and_recall(pairs, [pair.certain for pair in pairs])
    assert (precision, recall >= 0.3) == (1, True)
    for pair in pairs:
        assert certain(*pair.signatures) == certain(*reversed(pair.signatures))
        assert probability(*pair.terms) == pytest.approx(probability(*reversed(pair.terms)))


def test_the_search_compares_nearly_every_pair_that_it_would_report() -> None:
    """All cards of all sets are in one pool."""
    pairs = [pair for name in (*measure.FITTED, *measure.HELD_OUT) for pair in measure.load(name)]
    pool = [terms for pair in pairs for terms in pair.terms]
    chosen = set(candidates(pool))
    wanted = [n for n, pair in enumerate(pairs) if pair.duplicate and pair.likely]
    found = sum((2 * n, 2 * n + 1) in chosen for n in wanted)
    assert found / len(wanted) > 0.95
    assert len(chosen) < 20 * len(pool)  # of 3.7 million pairs


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("at most 60 seconds", "60 s at most", True),
        ("one hour of 3,000 characters", "3000 characters, 1 hour", True),
        ("65 536 bytes", "65,536 bytes", True),
        ("1 GB", "1 GiB", False),
        ("2.5 million requests", "2,500,000 requests", True),
        ("normalised colours of the metre", "normalized colors of the meter", True),
        ("before the training", "after the training", False),
        ("with a key", "without a key", False),
        ("one-minute resolution", "1 minute resolution", True),
    ],
)
def test_what_texts_are_about(one: str, other: str, same: bool) -> None:
    assert (terms.items(terms.tokens(one)) == terms.items(terms.tokens(other))) == same


ENGINE = "Which engine speaks in Polly?|The neural engine."
COPIES = "What copies CSV from disk to memory?|A job."
WAIT = "How many days does a key wait?|30"


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        (ENGINE, "In Polly, which is the engine that speaks?|Neural engine.", "certain"),
        (ENGINE, "Which engine speaks in Polly?|A standard voice.", "contradicts"),
        (ENGINE, "Which engine speaks in Polly?|The neural engine of long texts.", "certain"),
        ("A call takes {{c1::3,000}} bytes.", "How many bytes does a call take?|3000", "certain"),
        ("The length is {{c1::one hour}}.", "The length is {{c1::1 GB}}.", "contradicts"),
        ("The length is {{c1::one hour}}.", "The length is {{c1::1}}.", "certain"),
        ("A key waits {{c1::30::how many}} days.", WAIT, "certain"),
        ("A key waits {{c1::30 days}}.", WAIT, "certain"),
        (WAIT, "How many hours does a key wait?|30", ""),
        (COPIES, "From disk to memory, what copies CSV?|A job.", "certain"),
        (COPIES, "What copies CSV from memory to disk?|A job.", ""),
    ],
)
def test_cards_that_repeat_or_contradict_each_other(one: str, other: str, relation: str) -> None:
    first, second = (
        signature(make_card(text.replace("|", "\n\n---\n\n"))) for text in (one, other)
    )
    assert certain(first, second) == (relation == "certain")
    assert contradicts(first, second) == (relation == "contradicts")


@pytest.mark.parametrize(
    ("one", "other", "replaced"),
    [
        (("MP3", "standard", "low"), ("MP3", "neural", "high"), {"standard", "neural"}),
        (("MP3", "standard", "low"), ("MP3", "neural", "low"), set()),
        (("MP3", "standard", "22"), ("PCM", "neural", "16"), {"mp3", "standard", "pcm", "neural"}),
        (("MP3", "standard", "low"), ("PCM", "neural", "high"), set()),
    ],
)
def test_one_replaced_word_is_confusing_and_two_beside_numbers(
    one: tuple[str, ...], other: tuple[str, ...], replaced: set[str]
) -> None:
    text = "Polly: {} of {} voices has {{{{c1::{}}}}} Hz by default, and more on request."
    first, second = (card_terms(make_card(text.format(*words)).content) for words in (one, other))
    assert replaced_terms(first, second) == replaced


def named(row: dict[str, Any]) -> list[str]:
    """The IDs and words that the message of a diagnostic puts in backticks."""
    return re.findall("`([^`]+)`", row["message"])


def test_not_duplicate_of_holds_until_a_card_changes(mini: Path) -> None:
    text = "Of text, what does Polly make?\n\n---\n\nSpeech."
    twin = CARD.format("polly-product", "concept", "{}", text)
    declared = twin.format("- not-duplicate-of: polly-purpose\n")
    file = mini / POLLY
    before = file.read_text("utf-8")
    file.write_text(before + twin.format(""), "utf-8")
    assert [(row["code"], named(row)) for row in diagnostics(mini)] == [("U503", ["polly-purpose"])]
    file.write_text(before + declared, "utf-8")
    assert run(mini, "check", "--similar").out == ""
    changed = declared.replace(text, "Which port does the museum open?\n\n---\n\n443.")
    file.write_text(before + changed, "utf-8")
    assert run(mini, "check").out == ""
    assert run(mini, "check", "--similar", "--strict").code == 1
    assert "warning U506" in run(mini, "check", "--similar").out


def test_confusing_cards_are_shown_on_the_back_if_declared(mini: Path) -> None:
    text = "Polly: MP3 of {0} voices has {{{{c1::{1}}}}} Hz by default."
    rate = CARD.format("polly-rate-{0}", "quota", SOURCE + "{2}", text)
    file = mini / POLLY
    before, neural = file.read_text("utf-8"), rate.format("neural", "24,000", "")
    file.write_text(before + rate.format("standard", "22,050", "") + neural, "utf-8")
    (row,) = diagnostics(mini, "--similar")
    assert (row["severity"], row["code"]) == ("note", "U512")
    assert named(row) == ["polly-rate-standard", "neural", "standard"]
    compared = rate.format("standard", "22,050", "- compare: polly-rate-neural\n")
    file.write_text(before + compared + neural, "utf-8")
    assert run(mini, "check", "--similar").out == ""
    run(mini, "decks")
    shown = {name: row["fields"]["Compare"] for name, row in catalog(mini / "dist").items()}
    item = "<li>Polly: MP3 of neural voices has <b>24,000</b> Hz by default.</li>"
    assert shown["polly-rate-standard"] == f"<ul>\n{item}\n</ul>"
    assert shown["polly-rate-neural"] == ""


def test_the_real_deck_passes_its_gate() -> None:
    """There is no warning: each is fixed, or allowed with a reason on the card."""
    found = run(REPO, "check", "--similar", "--strict")
    assert found.code == 0, re.findall(r"(?m)^.*: (?:warning|error) .*$", found.out)
