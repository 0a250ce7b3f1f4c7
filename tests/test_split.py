"""`split`: a gap becomes a card, no identity changes and no answer is lost."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from anki_learner import Learner
from authoring import (
    CHOOSING,
    LIMITS,
    POLLY,
    RANDOM,
    Terminal,
    diagnostics,
    digest,
    limits,
    notes,
    script,
)
from conftest import make_project, run, write_release
from hypothesis import given
from hypothesis import strategies as st

from deckwright import markdown
from deckwright.core.card import Card, Field
from deckwright.core.identity import guid
from deckwright.facts.stated_value import stated_value
from deckwright.project.ledger import gap_digests


def test_a_gap_becomes_a_card_with_what_belongs_to_it(mini: Path) -> None:
    file = limits(mini)
    result = run(mini, "split", "polly-limits", "--gap", "2", "--to", "polly-whole-text")
    assert result.code == 0
    assert result.out == f"{POLLY}:3:polly-limits\n{POLLY}:21:polly-whole-text\n"
    assert file.read_text("utf-8") == LIMITS.replace(
        "- evidence: c2 polly::shapes.Whole.max\n- shared-value: c2 polly-whole-text\n", ""
    ).replace("**{{c2::6,000}}**", "**6,000**").replace(
        "\n## polly-next",
        """
## polly-whole-text

- kind: quota
- topic: voices
- also: s3
- source: https://docs.example.com/polly/latest/dg/limits.html
- checked: 2026-10
- evidence: polly::shapes.Whole.max
- shared-value: polly-whole-text

Polly by default: 3,000 **billed** characters a call, **{{c1::6,000}}** in all
and `Lex::Icons` lexicons.

---

- Tags are free.

## polly-next""",
    )
    assert (
        (mini / "decks/retired/mini.toml")
        .read_text("utf-8")
        .endswith(
            '[[gap]]\nid = "polly-limits"\nnumber = 2\nreason = "This gap now has its own card: polly-whole-text."\n'  # noqa: E501
        )
    )
    assert (
        "gap 2 of polly-limits was released; its retirement is in decks/retired/mini.toml"
        in result.err
    )
    assert "verify --record" in result.err
    assert run(mini, "fmt", "--check").code == 0


def test_the_first_gap_takes_the_lines_without_a_number_along(mini: Path) -> None:
    file = limits(mini)
    assert (
        run(
            mini,
            "split",
            "polly-limits",
            "--gap",
            "3",
            "--gap",
            "1",
            "--to",
            "polly-call",
            "--reason",
            "Two limits, two cards.",
        ).code
        == 0
    )
    old, new = file.read_text("utf-8").split("## polly-call")
    assert (
        "- evidence: c2 polly::shapes.Whole.max\n- shared-value: c2 polly-whole-text\n- allow"
        in old
    )
    assert (
        "3,000 **billed** characters a call, **{{c2::6,000}}** in all\nand `Lex::Icons` lexicons."
        in old
    )
    assert (
        "- evidence: polly::shapes.Text.max\n- shared-value: c2 polly-lexicons\n\nPolly by default: {{c1::3,000::how many}}"  # noqa: E501
        in new
    )
    assert "and {{c2::`Lex::Icons`}} lexicons." in new
    assert (mini / "decks/retired/mini.toml").read_text("utf-8").count(
        'reason = "Two limits, two cards."'
    ) == 2
    assert [d["code"] for d in diagnostics(mini) if d["severity"] == "error"] == []


def test_gaps_that_nobody_has_close_up_and_retire_nothing(mini: Path) -> None:
    file = limits(mini, released=False)
    assert run(mini, "split", "polly-limits", "--gap", "1", "--to", "polly-call").code == 0
    text = file.read_text("utf-8").partition("## polly-call")[0]
    assert (
        "- evidence: polly::shapes.Whole.max\n- shared-value: polly-whole-text\n- shared-value: c2 polly-lexicons\n"  # noqa: E501
        in text
    )
    assert "**{{c1::6,000}}** in all\nand {{c2::`Lex::Icons`}} lexicons." in text
    assert not (mini / "decks/retired").exists()
    assert [d["code"] for d in diagnostics(mini) if d["severity"] == "error"] == []


def test_a_released_number_stays_whatever_the_ledger_lacks(mini: Path) -> None:
    file = limits(mini)
    book = mini / "decks/ledger/mini.tsv"
    book.write_text(
        re.sub(
            r"(\tpolly-limits\t.*1:\S+) 2:\S+", r"\1", "\t" + book.read_text("utf-8")
        ).removeprefix("\t"),
        "utf-8",
    )
    file.write_text(
        LIMITS.replace("{{c2::6,000}}", "6,000").replace(
            "- evidence: c2 polly::shapes.Whole.max\n- shared-value: c2 polly-whole-text\n", ""
        ),
        "utf-8",
    )
    assert run(mini, "split", "polly-limits", "--gap", "1", "--to", "polly-call").code == 0
    assert (
        "and {{c3::`Lex::Icons`}} lexicons."
        in file.read_text("utf-8").partition("## polly-call")[0]
    )


@pytest.mark.parametrize(
    ("name", "form"), [("polly-purpose", "basic"), ("polly-for-museum", "multiple-choice")]
)
def test_beside_a_question_or_a_choice_stands_another_to_be_written(
    name: str, form: str, mini: Path
) -> None:
    write_release(mini)
    path = POLLY if form == "basic" else CHOOSING
    before = (mini / path).read_text("utf-8")
    result = run(mini, "split", name, "--to", "polly-another")
    assert (result.code, result.err) == (0, "")
    after = (mini / path).read_text("utf-8")
    at = after.index("## polly-another")
    end = after.find("\n## ", at) + 1 or len(after)
    assert (after[:at] + after[end:]).rstrip() == before.rstrip()
    assert [d["code"] for d in diagnostics(mini)] == ["C409"]
    assert run(mini, "fmt", "--check").code == 0
    assert after[at:end].count("- [") == (4 if form == "multiple-choice" else 0)
    if form == "basic":
        assert after[at:].endswith(before[before.index("```json") :])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("polly-limits", "--to", "polly-new"), "--gap is missing\n  help: --gap 1 is 3,000; --gap 2 is 6,000; --gap 3 is `Lex::Icons`"),  # noqa: E501
        (("polly-limits", "--gap", "2"), "--to is missing"),
        (("polly-limits", "--gap", "4", "--to", "polly-new"), "polly-limits has no gap 4"),
        (("polly-limits", "--gap", "1", "--gap", "2", "--gap", "3", "--to", "polly-new"), "polly-limits would have no gap left"),  # noqa: E501
        (("polly-limits", "--gap", "2", "--to", "polly-next"), "the ID polly-next is already used"),
        (("polly-limits", "--gap", "2", "--to", "Polly"), "`Polly` is not a card ID"),
        (("polly-limits", "--gap", "2", "--to", "polly-new", "--reason", "x"), "the reason is not a sentence"),  # noqa: E501
        (("polly-next", "--gap", "1", "--to", "polly-new"), "polly-next has no gaps"),
        (("polly-lmits", "--to", "polly-new"), "there is no card polly-lmits\n  help: did you mean `polly-limits`?"),  # noqa: E501
        (("s3-copies", "--to", "s3-new"), "s3-copies has only one gap"),
        ((POLLY, "--to", "polly-new"), f"{POLLY} is not a card"),
        (("", "--to", "polly-new"), "a name is empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_split_stays(arguments: tuple[str, ...], says: str, mini: Path) -> None:
    limits(mini)
    before = digest(mini)
    result = run(mini, "split", *arguments)
    assert result.code == 2
    assert says in result.err
    assert digest(mini) == before


def fact(folder: Path, text: str) -> str:
    """A card `polly-odd` with a text, and its file's text. It has no errors."""
    head = (
        "- kind: quota\n- topic: voices\n- source: https://docs.example.com/x\n- checked: 2026-08"
    )
    whole = f"# Amazon Polly\n\n## polly-odd\n\n{head}\n\n{text}\n\n---\n\nWhy.\n"
    (folder / POLLY).write_text(whole, "utf-8")
    assert [d for d in diagnostics(folder) if d["severity"] == "error"] == []
    return whole


@pytest.mark.parametrize(
    "text",
    [
        "Polly takes {{c1::5}} and\n\n{{c2::2026}}. That is the year.",
        "Polly takes {{c1::5}} minus\n\n{{c2::-}} 7 things",
        "Polly takes {{c1::5}} and\n\n{{c2::>}} 7 things",
        "Polly takes {{c1::5}} and\n\n{{c2::##}} seven things",
        "Polly writes {{c1::five}} for\n{{c2::#}} five of them",
        "Polly takes {{c1::5}} of\n{{c2::---}}\nthings",
        "Polly takes {{c1::5}} and {{c2::`a`}}`b` things",
        "Polly takes {{c1::5}} and file{{c2::_name_}}x things",
        "Polly takes {{c1::5}} and !{{c2::[a](https://a.example/)}} things",
        "{{c2::-}} 7 is what Polly takes, or {{c1::5}}",
    ],
)
def test_an_answer_that_would_be_markup_without_its_braces_is_left_to_the_author(
    text: str, mini: Path
) -> None:
    fact(mini, text)
    before = digest(mini)
    result = run(mini, "split", "polly-odd", "--gap", "2", "--to", "polly-new")
    assert (result.code, result.out) == (2, "")
    assert "without the braces of a gap, polly-odd would say something else" in result.err
    assert "help: remove the gap by hand" in result.err
    assert digest(mini) == before


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("| k\\|l {{c2::xy}} | z |", "| k\\|l xy | z |", "| k\\|l {{c1::xy}} | z |"),
        ("| `k\\|l` | {{c2::xy::which}} |", "| `k\\|l` | xy |", "| `k\\|l` | {{c1::xy::which}} |"),
        (
            "| {{c2::x\\|y::which\\|one}} | \\| {{c2::v}} |",
            "| x\\|y | \\| v |",
            "| {{c1::x\\|y::which\\|one}} | \\| {{c1::v}} |",
        ),
    ],
)
def test_gaps_in_cells_with_pipes_are_taken_out_to_the_letter(
    text: str, old: str, new: str, mini: Path
) -> None:
    table = "Polly takes {{c1::5}}:\n\n| a | b |\n| --- | --- |\n"
    whole = fact(mini, table + text)
    assert run(mini, "split", "polly-odd", "--gap", "2", "--to", "polly-new").code == 0
    first, second = (mini / POLLY).read_text("utf-8").split("\n## polly-new")
    assert first == whole.replace(text, old)
    assert f"Polly takes 5:\n\n| a | b |\n| --- | --- |\n{new}\n\n---\n\nWhy.\n" in second


@pytest.mark.parametrize("sign", ["> ", "- "])
def test_gaps_over_a_line_end_in_quotes_and_lists_are_taken_out_to_the_letter(
    sign: str, mini: Path
) -> None:
    more = sign if sign == "> " else "  "
    gap = f"{{{{c2::seven\n{more}things::how\n{more}many}}}}"
    whole = fact(mini, f"Both:\n\n{sign}Polly takes {{{{c1::5}}}} and {gap} b")
    assert run(mini, "split", "polly-odd", "--gap", "2", "--to", "polly-new").code == 0
    first, second = (mini / POLLY).read_text("utf-8").split("\n## polly-new")
    assert first == whole.replace(gap, f"seven\n{more}things")
    assert f"Both:\n\n{sign}Polly takes 5 and {gap.replace('c2', 'c1')} b\n" in second


def test_a_gap_of_somebody_elses_is_not_retired(mini: Path) -> None:
    limits(mini)
    assert run(mini, "fork", "My cards").code == 0
    before = digest(mini)
    result = run(mini, "split", "polly-limits", "--gap", "2", "--to", "polly-new")
    assert result.code == 2
    assert (
        "polly-limits belongs to the project, and only the project can retire gap 2" in result.err
    )
    assert digest(mini) == before


def test_card_and_retirement_are_written_together(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(mini)
    before = digest(mini)
    real, calls = os.replace, iter(range(9))

    def replace(source: str, target: Path) -> None:
        if next(calls) == 1:
            raise OSError(28, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    assert run(mini, "split", "polly-limits", "--gap", "2", "--to", "polly-new").code == 2
    assert digest(mini) == before


def test_split_on_a_terminal_asks_for_the_id_and_tells_what_is_wrong_with_both(
    mini: Path, tmp_path: Path
) -> None:
    limits(mini)
    log = tmp_path / "log"
    terminal = Terminal(
        mini,
        "split",
        "polly-limits",
        "--gap",
        "2",
        editor=script(tmp_path, "hx", f'echo "$@" > {log}'),
    )
    terminal.answer("ID (you can't change it after a release): ", "polly-next\n")
    terminal.answer("the ID polly-next is already used", "polly-whole-text\n")
    assert terminal.end() == 0
    assert log.read_text("utf-8") == f"{POLLY}:21\n"
    assert (
        "U507: this card has the same sentence as `polly-limits`, with different gaps"
        in terminal.shown
    )


def test_learners_keep_their_reviews_of_the_gaps_that_stay(mini: Path, tmp_path: Path) -> None:
    """In a real Anki: the card of the gap that went has nothing to ask any more, all
    others are as they were.
    """
    file = limits(mini)
    assert run(mini, "decks").code == 0
    learner = Learner(tmp_path / "anki")
    learner.add(mini / "dist/all.apkg")
    whole = guid("mini", "polly-limits")
    learner.study(whole)
    before = {key: card for key, card in learner.state().cards.items() if key[0] == whole}
    assert sorted(ord for _, ord in before) == [0, 1, 2]
    assert run(mini, "split", "polly-limits", "--gap", "2", "--to", "polly-whole-text").code == 0
    old, new = file.read_text("utf-8").split("## polly-whole-text")
    file.write_text(
        old.replace(", **6,000** in all", "")
        + "## polly-whole-text"
        + new.replace(
            " by default: 3,000 **billed** characters a call, **{{c1::6,000}}** in all\nand `Lex::Icons` lexicons.",  # noqa: E501
            ": **{{c1::6,000}}** characters in all.",
        ),
        "utf-8",
    )
    write_release(mini, "1.1.0", 90000)
    assert run(mini, "decks").code == 0
    learner.add(mini / "dist/all.apkg")
    after = {key: card for key, card in learner.state().cards.items() if key[0] == whole}
    assert after == before
    assert (guid("mini", "polly-whole-text"), 0) in learner.state().cards
    empty = learner.col.get_empty_cards()
    assert [list(note.card_ids) for note in empty.notes] == [
        [
            learner.col.db.scalar(
                "select c.id from cards c join notes n on n.id = c.nid where n.guid = ? and c.ord = 1",  # noqa: E501
                whole,
            )
        ]
    ]
    learner.close()


ANSWERS = ("{n},000", "`Name::Of{n}`", "**bold {n}**", "$x_{n}$", "a\\nline {n}", "{n} %")


@st.composite
def facts(draw: st.DrawFn) -> tuple[list[tuple[int, str]], list[str], int, list[int]]:
    """The gaps of a sentence (number, text), lines about them, how many of the numbers
    were released, and those that go.
    """
    count = draw(st.integers(2, 5))
    released = draw(st.integers(0, count))
    numbers = list(range(1, count + 1))
    texts = {
        n: draw(st.sampled_from(ANSWERS)).replace("{n}", str(n)).replace("\\n", "\n")
        for n in numbers
    }
    again = draw(st.lists(st.sampled_from(numbers), max_size=2))
    hints = st.sampled_from(("", "::how many", "::in words"))
    gaps = [(n, f"{{{{c{n}::{texts[n]}{draw(hints)}}}}}") for n in (*numbers, *again)]
    lines = [
        f"{key}: {'' if n == 1 and draw(st.booleans()) else f'c{n} '}{value}"
        for n in numbers
        for key, value in (("evidence", f"polly::shapes.Of{n}.max"), ("shared-value", f"name-{n}"))
        if draw(st.booleans())
    ]
    going = draw(
        st.lists(st.sampled_from(numbers), min_size=1, max_size=min(3, count - 1), unique=True)
    )
    return [*gaps[:released], *draw(st.permutations(gaps[released:]))], lines, released, going


@RANDOM
@given(fact=facts())
def test_random_splits_change_no_identity_and_lose_no_answer(
    fact: tuple[list[tuple[int, str]], list[str], int, list[int]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    gaps, lines, released, going = fact
    folder = make_project(tmp_path_factory.mktemp("split") / "p")

    def write(known: int) -> None:
        sentence = " and ".join(text for n, text in gaps if n <= known)
        mine = [
            line
            for line in lines
            if not (found := re.search(r"c(\d)", line)) or int(found[1]) <= known
        ]
        head = "\n".join(
            [
                "- kind: quota",
                "- topic: voices",
                "- source: https://docs.example.com/x",
                "- checked: 2026-08",
                *(f"- {line}" for line in (*mine, "allow: C451 one table")),
            ]
        )
        (folder / POLLY).write_text(
            f"# Amazon Polly\n\n## polly-many\n\n{head}\n\nPolly takes {sentence} at most.\n",
            "utf-8",
        )

    if released:
        write(released)
        write_release(folder)
    write(max(n for n, _ in gaps))
    before = notes(folder)
    old = gap_digests(before["polly-many"].card)
    said = {
        line.value.rpartition(" ")[2]: value for line, value in values(before["polly-many"].card)
    }
    result = run(
        folder,
        "split",
        "polly-many",
        *(word for n in going for word in ("--gap", str(n))),
        "--to",
        "polly-part",
    )
    assert result.code == 0, result.err
    after = notes(folder)
    many, part = after["polly-many"], after["polly-part"]
    assert {
        name: (n.guid, n.type, n.deck) for name, n in after.items() if name != "polly-part"
    } == {name: (n.guid, n.type, n.deck) for name, n in before.items()}
    assert {
        name: (n.fields, n.tags, n.mod)
        for name, n in after.items()
        if name not in ("polly-many", "polly-part")
    } == {name: (n.fields, n.tags, n.mod) for name, n in before.items() if name != "polly-many"}
    staying = [n for n in old if n not in going]
    kept = gap_digests(many.card)
    assert {n: kept[n] for n in staying if n <= released} == {
        n: old[n] for n in staying if n <= released
    }
    assert list(kept.values()) == [old[n] for n in staying]
    assert list(gap_digests(part.card).items()) == [
        (place, old[n]) for place, n in enumerate(sorted(going), start=1)
    ]
    retired = folder / "decks/retired/mini.toml"
    ended = tomllib.loads(retired.read_text("utf-8"))["gap"] if retired.exists() else []
    assert sorted(entry["number"] for entry in ended) == sorted(n for n in going if n <= released)
    assert {
        line.value.rpartition(" ")[2]: value
        for card in (many.card, part.card)
        for line, value in values(card)
    } == said
    assert (
        markdown.plain(many.card.prompt.blocks)
        == markdown.plain(part.card.prompt.blocks)
        == markdown.plain(before["polly-many"].card.prompt.blocks)
    )
    if released:
        write_release(folder, "1.1.0", 90000)
        assert notes(folder).keys() == after.keys()


def values(card: Card) -> Iterator[tuple[Field, str]]:
    """The lines about a card's gaps, each with the value that it is about."""
    for line in (*card.shared_values, *card.evidence):
        number = re.match(r"c(\d+) ", line.value)
        found = stated_value(card, int(number[1]) if number else 0)
        assert found is not None
        yield line, found.text
