"""Diagnostics as text and as annotations: what only odd characters and long lines show."""

from __future__ import annotations

import pytest

from deckwright.core.diagnostics import Diagnostic
from deckwright.core.report import WIDTH, github, text
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


def test_no_control_character_reaches_the_terminal() -> None:
    said = text([problem("a\x1b[2J word", "word", message="it says \x1b[2J")])
    assert "\x1b" not in said
    assert "\\u001b[2J" in said


def test_an_annotation_escapes_what_ends_its_parts() -> None:
    said = github([problem("word", "word", message="50%\nmore", help="a, b")], "a,b:c")
    assert "file=a%2Cb%3Ac/a.md,line=1," in said
    assert said.endswith("::50%25%0Amore%0Ahelp: a, b\n")
