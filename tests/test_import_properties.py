"""What any import keeps: our own deck comes back, and HTML keeps its letters."""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
import zipfile
from collections.abc import Mapping
from contextlib import closing, suppress
from html import unescape
from pathlib import Path

import pytest
from conftest import FULL, REPO, WHOLE, make_project, run
from foreign_decks import numbers
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from deckwright import markdown
from deckwright.cards.ids import propose
from deckwright.cards.parse import MAX_CARD
from deckwright.core.source import Source
from deckwright.exchange.importer.foreign import MAX_FIELD, NotWritableError
from deckwright.exchange.importer.to_markdown import to_markdown

Notes = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]


def packed(path: Path) -> Notes:
    """Fields but those of other cards, and tags of the notes in a package of ours, by guid."""
    with zipfile.ZipFile(path) as archive, closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(archive.read("collection.anki2"))
        types = json.loads(connection.execute("SELECT models FROM col").fetchone()[0])
        rows = connection.execute("SELECT guid, mid, flds, tags FROM notes").fetchall()
    names = {int(key): [field["name"] for field in one["flds"]] for key, one in types.items()}
    return {
        guid: (
            tuple(t for n, t in zip(names[mid], text.split("\x1f"), strict=True) if n != "Compare"),
            tuple(tags.split()),
        )
        for guid, mid, text, tags in rows
    }


def test_the_real_deck_comes_back_as_it_was(real_dist: Path, tmp_path: Path) -> None:
    """Build, import into an empty project, build: the same fields and tags."""
    package = real_dist / (WHOLE if FULL else "ml-on-aws-essentials.apkg")
    project = make_project(tmp_path / "p", cards=False)
    for name in ("schema", "decks"):
        for path in [*(REPO / name).rglob("*.toml"), *(REPO / name).rglob("words.txt")]:
            if "ledger" not in path.parts and "retired" not in path.parts:
                (project / path.relative_to(REPO)).parent.mkdir(parents=True, exist_ok=True)
                (project / path.relative_to(REPO)).write_bytes(path.read_bytes())
    (project / "schema/vocabulary/mini.toml").unlink()
    result = run(project, "import", str(package))
    assert result.code == 0, result.err
    assert run(project, "decks").code == 0
    before, after = packed(package), packed(project / "dist" / WHOLE)
    assert len(before) > 100
    assert after == before
    again = run(project, "import", str(package))
    assert numbers(again) == [len(before), 0, len(before)]


PLAIN = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp"]),
    min_size=1,
    max_size=12,
)
SIGNS = st.text("ab 1.*_`#>-+=|~[](){}<>&!\\$\n:;", min_size=1, max_size=14)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


TAGS = "b|i|div|p|span|code|pre|ul><li|ol><li|blockquote|table><tr><td|h2|u|del"


def wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def element(tags: str, text: str) -> str:
        return f"<{tags}>{text}" + "".join(f"</{tag}>" for tag in reversed(tags.split("><")))

    return st.one_of(
        st.builds(element, st.sampled_from(TAGS.split("|")), inner),
        st.builds("<a href='https://e.org/x'>{}</a>".format, inner),
        st.builds("{{{{c{}::{}}}}}".format, st.integers(1, 3), inner),
        st.builds("{}{}".format, inner, inner),
        st.builds("{}<br>{}".format, inner, inner),
    )


NESTED = re.compile(r"\{\{c\d+::(?:(?!\}\}).)*\{\{c", re.DOTALL)  # a gap in a gap, which is refused
HTML = st.recursive(st.one_of(PLAIN, SIGNS).map(escaped), wrapped, max_leaves=8)


def letters(html: str) -> str:
    """Letters and digits of a piece of HTML, read in the simplest way there is."""
    text = re.sub(r"\{\s?\{c\d+::", "", unescape(re.sub(r"<(?:/?[a-z][^<>]*|!-- --)>", "", html)))
    return "".join(c for c in text if c.isalnum())


@given(HTML)
@settings(
    max_examples=2000 if FULL else 150, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
def test_any_html_says_the_same_as_markdown(html: str) -> None:
    """The Markdown compiles to the same letters in the same order as the HTML."""
    assume(not NESTED.search(html))
    # Nor is a gap without an answer written, and a hint is no letter of the text.
    assume(not re.search(r"\{\{c\d+::([^}]*::|(<[^<>]*>|\W)*\}\})", html))
    text = to_markdown(html, True, str, [].append)
    compiled = markdown.field_html(markdown.parse(Source("a.md", text)), str)
    assert letters(compiled) == letters(unicodedata.normalize("NFC", html))


# With some of these a field took seconds, or hours: the ends of what they begin are missing.
WORST = [
    "<a", "<", "<!--", "<![", "<![CDATA[", "<img src=", '<img alt="', "<div>", "<table><td>",
    "{{c1::", "{{c1::a}}", "{{c1::a}}<b>x</b>", "<b>{{c1::a</b>}}", r"\({{c1::", "[sound:", r"\(",
    r"\[", "[$]", "[$$]", "[latex]", "[", "![", "[a](", "`", "*", "_a", "\f",
    "<u> </u>", "a<br><br>",
]  # fmt: skip


@pytest.mark.parametrize("piece", WORST)
def test_the_worst_fields_are_written_or_too_large(piece: str) -> None:
    field = piece * (MAX_FIELD // len(piece))
    with suppress(NotWritableError):
        assert len(to_markdown(field, True, str, [].append)) <= MAX_CARD


@given(st.text(max_size=80))
def test_a_proposed_id_is_an_id(text: str) -> None:
    name = propose(text, "polly", lambda _: False)
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)
    assert len(name) <= 60
