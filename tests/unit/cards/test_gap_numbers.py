"""A cloze card's text with other gap numbers."""

from __future__ import annotations

from deckwright.cards import body
from deckwright.cards.gap_numbers import metadata_value, prompt, renumbered
from deckwright.cards.parse import parse
from deckwright.core.blocks import Mark
from deckwright.core.card import Cloze, RawCard
from deckwright.core.source import Source

TEXT = """\
# Polly

## polly-limits

- kind: quota
- topic: voices
- evidence: polly::a.b
- evidence: c2 polly::c.d

Takes {{c1::3,000}} **billed** and {{c2::6,000::characters}} in all.

---

See {{c2::6,000}}.
"""


def card(text: str = TEXT) -> tuple[RawCard, tuple[Mark, ...]]:
    (raw,) = parse(Source("polly.md", text)).values
    content, _ = body.read(raw, {})
    assert isinstance(content, Cloze)
    return raw, tuple(content.gaps)


def test_a_gap_that_goes_becomes_plain_text_and_takes_its_metadata_along() -> None:
    raw, gaps = card()
    text = renumbered(raw, gaps, {1: 1})
    assert "{{c1::3,000}} **billed** and 6,000 in all." in text
    assert "- evidence: polly::a.b\n\n" in text
    assert "c2" not in text.partition("---")[0]


def test_the_lowest_gap_that_stays_needs_no_number_in_the_metadata() -> None:
    raw, gaps = card()
    text = renumbered(raw, gaps, {2: 1})
    assert "Takes 3,000 **billed** and {{c1::6,000::characters}} in all." in text
    assert "- topic: voices\n- evidence: polly::c.d\n\n" in text


def test_nothing_changes_when_every_gap_keeps_its_number() -> None:
    raw, gaps = card()
    assert renumbered(raw, gaps, {1: 1, 2: 2}) == raw.span.text


def test_the_prompt_is_the_first_section_alone() -> None:
    raw, gaps = card()
    assert prompt(raw, gaps, {2: 1}) == (
        "Takes 3,000 **billed** and {{c1::6,000::characters}} in all."
    )


def test_an_answer_in_a_quote_is_written_as_it_stands_there() -> None:
    raw, gaps = card(TEXT.replace("Takes {{c1::3,000}}", "> Takes {{c1::three\n> thousand}}"))
    assert "> Takes three\n> thousand **billed**" in renumbered(raw, gaps, {2: 1})


def test_a_value_names_its_gap_unless_it_is_about_the_lowest() -> None:
    raw, _ = card()
    first, second = (given for given in raw.metadata if given.name == "evidence")
    topic = next(given for given in raw.metadata if given.name == "topic")
    assert metadata_value(first, {1: 2, 2: 1}, 1) == "c2 polly::a.b"
    assert metadata_value(second, {1: 2, 2: 1}, 1) == "polly::c.d"
    assert metadata_value(second, {1: 1}, 1) == ""
    assert metadata_value(topic, {}, 1) == "voices"


def test_a_value_that_names_its_gap_without_need_stays_as_it_is() -> None:
    raw, _ = card(TEXT.replace("evidence: polly", "evidence: c1 polly"))
    first = next(given for given in raw.metadata if given.name == "evidence")
    assert metadata_value(first, {1: 1, 2: 2}, 1) == "c1 polly::a.b"
