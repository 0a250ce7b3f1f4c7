"""The rules of craft (C450 to C469): what they must not report, and where they look.

Each code has its example in deckwright/core/codes/; here are the near misses.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from conftest import REPO, SETTINGS, diagnostics, edit, run

from deckwright.cards.rules import spelling
from deckwright.core.diagnostics import codes

VOCABULARY = """
[[service]]
slug = "lex"
title = "Amazon Lex"
deck = "Lex"
names = ["Lex V2"]

[[kind]]
slug = "limit"
title = "A limit"
needs-source = true
states = "limit"

[[kind]]
slug = "price"
title = "A price"
needs-source = true
states = "price"

[[renamed]]
old = "Old Name"
new = "Old Name Plus"
kept = ["Old Name Studio"]
"""


def write_card(folder: Path, text: str, home: str = "polly") -> Path:
    file = folder / "cards" / "services" / f"{home}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"# Title\n\n## a-card\n\n{text}\n", "utf-8")
    return file


def said(
    folder: Path, body: str, kind: str = "concept", more: str = "", home: str = "polly"
) -> set[str]:
    """Codes that `check` reports for one card of the mini project with VOCABULARY."""
    (folder / "schema" / "vocabulary" / "more.toml").write_text(VOCABULARY, "utf-8")
    if kind not in ("concept", "scenario"):
        more += "- source: https://docs.example.com/a\n- checked: 2026-08\n"
    write_card(folder, f"- kind: {kind}\n- topic: voices\n{more}\n{body}", home)
    out = run(folder, "check").out
    return {code for code in codes() if f" {code}: " in out}


def answer(text: str) -> str:
    """A basic card with this text as its explanation."""
    return f"- kind: concept\n- topic: voices\n\nWhat is right?\n\n---\n\nA word.\n\n---\n\n{text}"


def test_each_card_has_the_problems_that_its_id_names(bare: Path) -> None:
    """The cards of tests/craft/: near misses of every rule, and what it must report."""
    (bare / "schema" / "vocabulary" / "more.toml").write_text(VOCABULARY, "utf-8")
    shutil.copytree(REPO / "tests" / "craft", bare / "cards" / "services")
    expected, found = {}, {}
    for file in (bare / "cards" / "services").glob("*.md"):
        lines = file.read_text("utf-8").splitlines()
        names = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
        expected |= {name: set(re.findall(r"\bc4\d\d\b", name)) for name in names}
        found |= {name: set() for name in names}
        for d in diagnostics(bare):
            if d["path"].endswith(file.name) and d["code"].startswith("C4"):
                above = [line for line in lines[: d["line"]] if line.startswith("## ")]
                found[above[-1].removeprefix("## ")].add(d["code"].lower())
    assert found == expected


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("A colour is labelled, favoured, analysed; it maximises behaviour", ()),  # British
        ("color, labeled, analyze", ()),  # and American
        (
            "`recieve`, <recieve>, $recieve$, https://a.example/recieve, [a](https://a.example/recieve)",
            (),
        ),
        ("GPUs, APIs', EC2's, x2large, KMS, Polly's lexemes", ()),
        ("multi-lexeme, don’t, isn't, co-ordinate", ()),
        ("Recieve a mesage", ("Recieve", "mesage")),
        ("_fine_, __label__, don_t", ()),
        ("Poly, Ploly and ploly's", ("Ploly", "ploly's")),
        ("well-definded", ("definded",)),
    ],
)
def test_spelling(bare: Path, text: str, wrong: tuple[str, ...]) -> None:
    (bare / "schema/vocabulary/words.txt").write_text("# own words\nlexeme\nco\nmulti\n", "utf-8")
    write_card(bare, answer(f"{text}."))
    out = run(bare, "check").out
    assert [word for word in wrong if f"C467: `{word}`" not in out] == []
    assert out.count("C467") == len(wrong)


@pytest.mark.parametrize(
    ("text", "american"),
    [
        ("Colours of labelled artefacts", ["colors", "labeled", "artifacts"]),
        ("It analyses, and *maximises* behaviour", ["maximizes", "behavior"]),
        ("Our four flours, an exercise, a raised advice, installed noise, two analyses", []),
        ("`colour`, https://a.example/colour, Centre (a name of words.txt)", []),
    ],
)
def test_british_spelling(bare: Path, text: str, american: list[str]) -> None:
    (bare / "schema" / "vocabulary" / "words.txt").write_text("Centre\n", "utf-8")
    write_card(bare, answer(f"{text}."))
    found = re.findall(r"help: write `(\w+)`", run(bare, "check", "--all").out)
    assert [word.lower() for word in found] == american
    edit(bare, "[[root]]", '[[root]]\nlanguage = "en-GB"', SETTINGS)
    assert "C470" not in run(bare, "check", "--all").out


def test_a_style_fix_leaves_gaps_code_and_formulas_as_they_are(bare: Path) -> None:
    (bare / "schema" / "vocabulary" / "style.toml").write_text(
        "[[style]]\ncode = \"C475\"\npattern = '(\\d+) %'\nreplacement = '\\1%'\n", "utf-8"
    )
    text = "Of {{c1::30::how many}} % and `40 %`, $50 %$ or 60 % remain, at {{c2::70 %}} each."
    file = write_card(bare, f"- kind: concept\n- topic: voices\n\n{text}")
    card = file.read_text("utf-8")
    run(bare, "check", "--fix")
    expected = text.replace("60 %", "60%").replace("70 %", "70%")
    assert file.read_text("utf-8") == card.replace(text, expected)


@pytest.mark.parametrize(
    ("pattern", "replacement", "text", "expected"),
    [
        (r"\b[Ss]omebody\b", "someone", "Somebody asks somebody.", "Someone asks someone."),
        (r" ?\(today\)", "!", "It is so (today) and\n(today) is so.", "It is so! and! is so."),
        (r"\bdata set\b", "dataset", "One data\nset.", "One dataset."),
        (r"[a ]x", "y", "bax b+x", "by b+x"),
    ],
)
def test_style_replacements(
    bare: Path, pattern: str, replacement: str, text: str, expected: str
) -> None:
    """Capitals stay, a blank is any white space, but not between square brackets."""
    (bare / "schema" / "vocabulary" / "style.toml").write_text(
        f"[[style]]\ncode = \"C471\"\npattern = '{pattern}'\nreplacement = '{replacement}'\n",
        "utf-8",
    )
    file = write_card(bare, answer(text))
    card = file.read_text("utf-8")
    run(bare, "check", "--fix")
    assert file.read_text("utf-8") == card.replace(text, expected)


def test_the_words_are_those_of_the_package_and_of_the_project(bare: Path) -> None:
    from spellchecker import SpellChecker

    assert spelling.english() == set(SpellChecker("en", distance=1))
    assert said(bare, "What does Ploly recieve?\n\n---\n\nA mesage.") == set()  # without words.txt
    lines = (REPO / "schema" / "vocabulary" / "words.txt").read_text("utf-8").splitlines()
    words = [line for line in lines if line and not line.startswith("#")]
    assert len(words) == len(set(words))
    assert [word for word in words if word.islower() and word in spelling.english()] == []


def test_a_card_with_errors_is_judged_unless_it_is_unfinished(bare: Path) -> None:
    text = "It takes {{c1::3,000}} of 3,000, {{c2::no}}."
    assert said(bare, text, "quota") == {"C453", "C458"}
    assert said(bare, text.replace("c2", "c3"), "quota") == {"C406", "C453", "C458"}
    assert said(bare, text.replace("c2::no", "c2::"), "quota") == {"C407"}
    assert said(bare, f"{text} TODO: the rest", "quota") == {"C409"}
    code = "```text\nTODO: call\n```"
    assert said(bare, f"What does Polly read?\n\n{code}\n\n---\n\n`TODO: call`") == set()


def svg(box: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {box}"/>'.encode()


def png(width: int, height: int) -> bytes:
    """The head of an image."""
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size


@pytest.mark.parametrize(
    ("name", "data", "warned"),
    [
        ("tall.svg", svg("320 200"), False),
        ("tall.svg", svg("320 600"), True),
        ("tall.svg", svg('32 60" width="1000'), True),
        ("shot.png", png(100, 300), False),  # never shown larger than it is
        ("shot.png", png(100, 700), True),
        ("shot.png", png(1_000, 700), False),
        ("shot.png", png(1_000, 1_900), True),
    ],
)
@pytest.mark.parametrize("body", ["Which one?\n\n{}", "Which one?\n\n- it\n- {}"])
def test_a_tall_image_takes_its_part_of_the_screen(
    bare: Path, name: str, data: bytes, warned: bool, body: str
) -> None:
    folder = bare / "cards" / "services"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(data)
    question = body.format(f"![Something]({name})")
    assert ("C465" in said(bare, f"{question}\n\n---\n\nThis.")) == warned


def test_a_root_can_switch_a_rule_off_or_make_it_an_error(bare: Path) -> None:
    settings = bare / "decks/project.toml"
    text = settings.read_text("utf-8")
    body = "It takes {{c1::3,000}} of 3,000, {{c2::no}}."
    assert said(bare, body, "quota") == {"C453", "C458"}
    for line, found, word in (
        ('off = ["C453"]', {"C458"}, "warning C458"),
        ('errors = ["C453"]', {"C453", "C458"}, "error C453"),
    ):
        settings.write_text(text.replace("[[root]]\n", f"[[root]]\n{line}\n", 1), "utf-8")
        assert said(bare, body, "quota") == found
        result = run(bare, "decks")
        assert result.code == word.startswith("error")
        assert word in result.out


def test_a_root_of_words_can_repeat_questions(mini: Path) -> None:
    file = mini / "cards/services/polly/verbs.md"
    cards = (
        f"## saber-{n}\n\n- kind: concept\n- topic: voices\n\nsaber\n\n---\n\nto {verb}\n"
        for n, verb in enumerate(("know", "taste"))
    )
    file.parent.mkdir(exist_ok=True)
    file.write_text("# Amazon Polly\n\n" + "\n".join(cards), "utf-8")
    for line, expected in (("", {"U509"}), ('off = ["U509"]\n', set())):
        edit(mini, "[[root]]\n", f"[[root]]\n{line}", SETTINGS)
        rows = diagnostics(mini)
        assert {row["code"] for row in rows if row["severity"] == "error"} == expected
