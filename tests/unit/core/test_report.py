"""Diagnostics as text and as annotations: what only odd characters and long lines show."""

from __future__ import annotations

import pytest

from deckwright.core.diagnostics import Diagnostic
from deckwright.core.report import WIDTH, github, problems, text
from deckwright.core.source import Source


def problem(line: str, word: str, message: str = "wrong", help: str = "") -> Diagnostic:
    start = line.index(word)
    return Diagnostic("P211", message, Source("a.md", line).span(start, start + len(word)), help)


def carets(line: str, word: str) -> tuple[str, str]:
    """The shown line and the carets under it, both without the margin."""
    _, shown, under = text([problem(line, word)]).splitlines()
    return shown[8:], under[8:]


def test_carets_are_as_wide_as_the_characters_above_them() -> None:
    assert carets("ab 日本 c", "日本") == ("ab 日本 c", "   ^^^^")
    assert carets("日 word", "word") == ("日 word", "   ^^^^")
    assert carets("e\u0301 word", "word")[1] == "  ^^^^"
    assert carets("\tword", "word") == ("\tword", "\t^^^^")


def test_a_long_line_is_shown_around_the_problem() -> None:
    shown, under = carets("x" * 500 + " word " + "y" * 500, "word")
    assert len(shown) == WIDTH
    assert shown[under.index("^") : under.rindex("^") + 1] == "word"
    assert (shown[:2], shown[-2:]) == ("…x", "y…")


@pytest.mark.parametrize("word", ["first", "middle", "last", "the whole of a long problem"])
def test_a_long_line_is_cut_between_words(word: str) -> None:
    line = f"first {'lorem ipsum ' * 30}the whole of a long problem, middle {'dolor ' * 60}last"
    shown, under = carets(line, word)
    assert len(shown) <= WIDTH
    assert shown[under.index("^") : under.rindex("^") + 1] == word
    assert shown.startswith("… ") == (word != "first")
    assert shown.endswith(" …") == (word != "last")
    assert shown.removeprefix("… ").removesuffix(" …") in f" {line} "
    assert set(shown.replace(",", "").split()) <= {"…", *line.replace(",", "").split()}


def test_a_long_problem_is_marked_up_to_the_ellipsis() -> None:
    line = "lorem ipsum " * 30
    shown, under = carets(line.strip(), line.strip())
    assert shown.endswith((" lorem …", " ipsum …"))
    assert under == "^" * len(shown)


def test_no_control_character_reaches_the_terminal() -> None:
    said = text([problem("a\x1b[2J word", "word", message="it says \x1b[2J")])
    assert "\x1b" not in said
    assert "\\u001b[2J" in said


def test_a_problem_without_a_known_text_has_no_excerpt() -> None:
    nowhere = Diagnostic("P211", "wrong", Source("a.md", "").span(0, 0), "do this")
    assert text([nowhere], "deep") == "deep/a.md:1:1: error P211: wrong\n  help: do this\n"


def test_an_annotation_escapes_what_ends_its_parts() -> None:
    said = github([problem("word", "word", message="50%\nmore", help="a, b")], "a,b:c")
    assert "file=a%2Cb%3Ac/a.md,line=1," in said
    assert said.endswith("::50%25%0Amore%0Ahelp: a, b\n")


def test_problems_are_counted_once_by_severity() -> None:
    one = problem("word", "word")
    assert problems([one, one, problem("other word", "word")]) == "2 errors"
    assert problems([]) == "no problems"
