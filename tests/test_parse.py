"""The parser on any text: never a traceback, and every place is inside the file."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import FULL, reported
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from unit.examples import small as small  # a fixture

from deckwright import markdown
from deckwright.cards.duplicates import relations
from deckwright.cards.duplicates.repeated import diagnose, signature
from deckwright.cards.formatter import meaning, normal_form
from deckwright.cards.parse import parse
from deckwright.cards.sections import headings
from deckwright.cards.validate import settings_of, validate_file
from deckwright.core import report
from deckwright.core.diagnostics import has_errors
from deckwright.core.source import Source
from deckwright.markdown import dialect
from deckwright.output.notes import make_notes
from deckwright.project.project import Project

EXAMPLES = 20_000 if FULL else 1_000
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

PIECES = [
    "# T", "## card-a", "## card-b", "## Bad Id", "##", "- kind: quota", "- kind: concept",
    "- topic: voices", "- topic: nothing", "- source: https://docs.example.com/x",
    "- checked: 2026-09", "- checked: 2199-01", "- also: s3", "- hint: h h", "- kind:", "- x",
    "* kind: concept", "", "", "", "---", "***", "===", "{{c1::a}}", "{{c2::b::hint}}",
    "{{c1::`x::y`}}", "{{c1::$x_{a_{b}}$}}", "{{c1::", "}}", "{{c1:x}}", "\\{{c1::x}}",
    "`{{c1::x}}`", "- [ ] one", "- [x] two", "- [ ] three", "  because", "  - nested", "    code?",
    "```json", "```", "{}", "| a | b |", "|---|---|", "| 1 | {{c1::2}} |", "$$", "$x$ and $5",
    "<b>bold</b>", "<bucket>", "![alt](x.png)", "![](https://a.b/c)", "[t](u)", "[ref]: http://x",
    "> quote", "1. one", "text *em* **st** ~~s~~", "é 日本 \u0301", "\t- tab", "\u200e",
    "&#123;{c1::x}}", "<!-- c -->", "a  ", "a\\", "[sound:x.mp3]", "\\(x\\)", "**{{c1::a**}}",
    "option B", "{{c501::x}}", "an *em* word", "an _em_ word", "a &amp; b", "a \\* b", "a `code`",
    "a | b\n:-|-:\nx | y", "an <https://a.b> address", "a ~~struck~~ word", "a $x$ b",
]  # fmt: skip

CARDS = [
    "## card-a\n\n- kind: quota\n- topic: voices\n\nQ?\n\n---\n\nA.",
    "## card-b\n- kind: quota\n- also: s3\n\n\n- [ ] one",
    "## card-a\n\n- kind:\n- topic: x\n\n---", "## card-c\n\n- kind: a\n- topic: `b`\n\n  more",
    "## card-d\n\n- kind: a\n\n- topic: b\n\nQ", "> ## card-e\n\n- kind: a\n\nQ",
    "# card-f\n\n- kind: a\n\nQ", "## card-g\n\n- kind: a\n\n* kind: b",
    "## card-h\n\n- kind: | a |\n\n|---|", "## card-i\n- kind: a\n\n1. one",
    "## card-j\n\n- kind: a  \n- topic: b\\\n\nQ",
]  # fmt: skip

texts = st.one_of(
    st.lists(st.sampled_from(CARDS + PIECES), max_size=12).map("\n".join),
    st.lists(st.sampled_from(CARDS), max_size=6).map("\n\n".join),
    st.lists(st.sampled_from(PIECES), max_size=40).map("\n".join),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=25).map("\n".join),
    st.text(max_size=300),
)


@SETTINGS
@given(texts)
def test_any_text_gives_diagnostics_with_places_or_cards(small: Project, text: str) -> None:
    source = Source("cards/services/polly.md", text.replace("\r", "\n"), "cards", "mini")
    parsed = parse(source)
    valid = validate_file(source, parsed.value, settings_of(small, ()))
    signatures, ids = tuple(map(signature, valid.value)), [raw.id for raw in parsed.value]
    doubles = (
        *relations.diagnose(valid.value, ids, small),
        *diagnose(valid.value, signatures, small),
    )
    found = (*parsed.diagnostics, *valid.diagnostics, *doubles)
    reported(found)
    if not has_errors(found):
        for note in make_notes(valid.value, (), small):
            assert all(isinstance(f, str) for f in note.fields)


@SETTINGS
@given(texts)
def test_the_normal_form_is_stable_and_keeps_the_meaning(small: Project, text: str) -> None:
    keys = tuple(small.card_schema.properties)
    source = Source("a.md", text.replace("\r", "\n"))
    first = parse(source)
    if has_errors(first.diagnostics):
        return
    once = Source("a.md", normal_form(source, first.value, keys))
    second = parse(once)
    if has_errors(second.diagnostics) or meaning(first.value) != meaning(second.value):
        return  # `fmt` refuses such a file: F901
    assert normal_form(once, second.value, keys) == once.text


@pytest.fixture(scope="module")
def unasked() -> MarkdownIt:
    """The parser whose block rules look at every line."""
    dialect.parser()  # the one in use is made once, with the signs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialect, "_FIRST_CHARACTERS", {})
        patch.setattr(dialect, "_with_delimiter_row", lambda rule: rule)
        made: MarkdownIt = dialect.parser.__wrapped__()
        return made


def read_of(tokens: list[Token]) -> list[dict[str, object]]:
    """What is read of tokens: of the list of metadata its items, of all else everything."""
    out, metadata = [], False
    for token in tokens:
        metadata = "metadata" in token.meta if token.level == 0 and token.nesting >= 0 else metadata
        if not (metadata and token.level > 1):
            out.append(token.as_dict())
    return out


@SETTINGS
@given(texts)
def test_rules_that_ask_for_a_sign_first_find_the_same(unasked: MarkdownIt, text: str) -> None:
    ours = read_of(dialect.parser().parse(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialect, "_SPECIAL", re.compile(""))
        patch.setattr(dialect, "_PLAIN_METADATA", re.compile("(?!)"))
        assert ours == read_of(unasked.parse(text))


@SETTINGS
@given(st.text(alphabet="ab {}`$:*c1\\[]()<>!\n", max_size=80))
def test_gaps_survive_to_the_field_exactly(small: Project, text: str) -> None:
    """What the parser calls gaps is what Anki finds in the field: nothing more, nothing less."""
    blocks = markdown.parse(Source("a.md", text))
    marks = [m for b in blocks for m in b.marks]
    if any(m.kind == "bad-gap" for m in marks):
        return
    field = markdown.field_html(blocks, str)
    assert re.findall(r"\{\{c(\d+)::", field) == [str(m.number) for m in marks if m.kind == "gap"]


def test_every_place_of_the_mini_project_is_exact() -> None:
    paths = sorted((Path(__file__).parent / "projects/mini/cards").glob("*/**/*.md"))
    assert len(paths) == 4
    for path in paths:
        source = Source(path.name, path.read_text("utf-8"))
        for raw in parse(source).value:
            assert source.text[raw.id.value_span.start : raw.id.value_span.end] == raw.id.value
            for f in raw.metadata:
                assert (f.name_span.text, f.value_span.text) == (f.name, f.value)
            for section in raw.sections:
                for block in section.blocks:
                    for mark in block.marks:
                        if mark.kind == "gap":
                            assert mark.span.text.startswith(f"{{{{c{mark.number}::{mark.text}")
                            assert mark.span.text.endswith("}}")
                        if mark.kind == "image":
                            assert mark.span.text == f"![{mark.text}]({mark.extra})"


FLOODS = {
    "brackets": lambda n: "[" * 10 * n,
    "pictures": lambda n: "![" * 4 * n,
    "links": lambda n: "[a](" * 4 * n,
    "whole links": lambda n: "[a](https://a.b) " * n,
    "open gaps": lambda n: "{{c1::" * 2 * n,
    "open gaps with one end": lambda n: "{{c1::" * 2 * n + "}}",
    "gaps": lambda n: "{{c1::a}}" * n,
    "gaps with code and math": lambda n: "$x$ a::b {{c1::`a` b}} `{1: x}` " * n,
    "entities": lambda n: "&#123;{c1::x}} " * n,
    "invisible characters": lambda n: "\u200b" * 10 * n,
    "backticks": lambda n: "`" * 10 * n,
    "dollars": lambda n: "$a " * 4 * n,
    "stars": lambda n: "*a **b " * 2 * n,
    "tags": lambda n: "<b>" * 2 * n,
    "comments": lambda n: "<!--" * n,
    "instructions": lambda n: "<?" * n,
    "quotes": lambda n: "> " * n + "x",
    "lists": lambda n: "- " * n + "x",
    "table": lambda n: "|a|\n|-|\n" + "|x" * 4 * n,
    "headings": lambda n: "## a\n" * n,
    "metadata": lambda n: "## a\n\n" + "- kind: x\n" * n,
    "front matter": lambda n: "---\n" + " \n" * 5 * n + "a: b\n",
    "rules": lambda n: "## a\n\n- kind: x\n\nq\n\n" + "---\n\n" * n,
}


def steps(action: Callable[[], object]) -> int:
    """Return how many functions, of Python and of C, an action calls."""
    count = 0

    def called(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_takes_steps_in_proportion_to_its_length(name: str, small: Project) -> None:
    """Four times the text takes about four times as many steps, not sixteen times."""

    def taken(characters: int) -> int:
        text = FLOODS[name](characters * 10 // len(FLOODS[name](10)))
        source = Source("cards/services/polly.md", text, "cards", "mini")

        def work() -> None:
            parsed = parse(source)
            assert "D101" not in [d.code for d in parsed.diagnostics]
            validate_file(source, parsed.value, settings_of(small, ()))
            report.text(parsed.diagnostics)
            markdown.field_html(markdown.parse(source), str)

        return steps(work)

    taken(1_000)  # what is done once only
    short, long = taken(1_500), taken(6_000)
    assert long < 6 * short, f"{short:,} steps, then {long:,}"


def card_with(text: str) -> str:
    return f"## card-a\n\n- kind: concept\n- topic: voices\n\n{text}\n\n---\n\na\n"


def test_a_card_that_is_too_large_is_refused_before_it_is_parsed() -> None:
    text = "# T\n\n" + card_with("q?") + "\n" + card_with("word " * 4_000).replace("-a", "-b")
    (problem,) = parse(Source("a.md", text)).diagnostics
    assert (problem.code, problem.span.text) == ("D101", "## card-b")
    assert f"{len(text) - text.index('## card-b'):,} characters" in problem.message
    above = parse(Source("a.md", "word " * 5_000 + "\n\n" + card_with("q?"))).diagnostics
    assert [(d.code, d.span.line) for d in above] == [("D101", 1)]
    many = "\n".join(card_with("word " * 3_900) for _ in range(5))
    assert "D101" not in [d.code for d in parse(Source("a.md", many)).diagnostics]


INDENTS = ["", " ", "   ", "    ", "> "]
STARTS = ["##", "##", "###", "```", "````", "~~~", "~~~~", "text", "---", ""]
ENDS = ["", " a", " a ##", "\ta", " a#", " # \t", "g", "a`b", " `x`", "   "]
lines = st.builds(
    "{}{}{}".format, st.sampled_from(INDENTS), st.sampled_from(STARTS), st.sampled_from(ENDS)
)


@given(st.lists(lines, max_size=9).map("\n".join))
@example("- ```\n  ## a\n  ```\n\n## b\n")
@example("1. ~~~\n   ## a\n\n   ~~~\n## b\n")
@example("- ```\n  ## a\n\n## b\n")  # the list ends, and the code with it
@example("```a`b\n## b\n")  # no fence
@example("- kind: concept\n\n  ```\n  ## a\n  ```\n\n## b\n")
@settings(max_examples=2000 if FULL else 300, deadline=None)
def test_headings_are_found_without_parsing_where_the_parser_finds_them(text: str) -> None:
    source = Source("x.md", text)
    blocks = [b for b in markdown.parse(source) if b.kind == "heading" and b.level == 2]
    found = [(source.span(at, at).line, name) for at, name in headings(text)]
    assert found == [(block.span.line, block.text) for block in blocks]
