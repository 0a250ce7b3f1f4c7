"""Diagnostics in an editor: what `check` reports, for the texts that are open."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from conftest import FULL, POLLY, TODAY, edit, make_project, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language_client import CHOOSING, S3, VOCABULARY, WAIT, Client, client, position_of, utf16

from deckwright import pipeline
from deckwright.core.diagnostics import in_order

CARD = (
    "# Amazon Polly\n\n## {id}\n\n- kind: concept\n- topic: {topic}\n\n{question}\n\n---\n\nIt.\n"
)


def seen(diagnostics: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Codes and severities."""
    return [(d["code"], d["severity"]) for d in diagnostics]


def test_problems_appear_while_typing_and_go_when_they_are_fixed(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    wrong = text.replace("concept", "conecpt", 1)
    with client(mini) as editor:
        editor.open(POLLY)
        assert editor.diagnostics(POLLY, 1) == []
        editor.change(POLLY, 2, wrong)
        (found,) = editor.diagnostics(POLLY, 2)
        assert (found["code"], found["severity"], found["source"]) == ("S307", 1, "deckwright")
        start, end = position_of(wrong, "conecpt"), position_of(wrong, "conecpt", end=True)
        assert found["range"] == {"start": start, "end": end}
        assert "\nhelp: " in found["message"]
        editor.change(POLLY, 3, text)
        assert editor.diagnostics(POLLY, 3) == []
        editor.change(POLLY, 4, wrong)
        editor.diagnostics(POLLY, 4)
        editor.notify("textDocument/didClose", textDocument=editor.document(POLLY))
        assert editor.diagnostics(POLLY) == []
        editor.open(POLLY, version=7)
        assert editor.diagnostics(POLLY, 7) == []
        assert editor.end() == 0
    assert (mini / POLLY).read_text("utf-8") == text


def test_all_open_files_are_checked_together(mini: Path) -> None:
    """A duplicate is reported in the later file, and at the card that it repeats."""
    text, s3 = ((mini / path).read_text("utf-8") for path in (POLLY, S3))
    with client(mini) as editor:
        for path in (S3, POLLY, CHOOSING):
            editor.open(path)
        assert [editor.diagnostics(path, 1) for path in (S3, POLLY, CHOOSING)] == [[], [], []]
        editor.change(POLLY, 2, text.replace("## polly-purpose", "## s3-copies"))
        (found,) = editor.diagnostics(POLLY, 2)
        start, end = position_of(s3, "s3-copies"), position_of(s3, "s3-copies", end=True)
        location = {"uri": editor.uri(S3), "range": {"start": start, "end": end}}
        assert [r["location"] for r in found["relatedInformation"]] == [location]
        (there,) = editor.diagnostics(S3, 1)
        assert seen([found, there]) == [("U501", 1), ("U501", 3)]
        assert there["message"].startswith(f"{POLLY}:")
        here = {"uri": editor.uri(POLLY), "range": found["range"]}
        assert there["relatedInformation"][0]["location"] == here
        editor.change(POLLY, 3, text)
        assert [editor.diagnostics(POLLY, 3), editor.diagnostics(S3, 1)] == [[], []]


def test_new_files_and_files_that_are_no_cards(mini: Path, tmp_path: Path) -> None:
    new, stray = "cards/reliability/polly.md", "cards/4.9-nowhere/polly.md"
    others = ("cards/README.md", "../other/cards/services/polly.md", "notes.md")
    with client(mini) as editor:
        for path in others:
            editor.open(path, "# Not a card\n\nx\n")
        for uri in ("untitled:x", editor.uri(S3).replace("file:", "git:")):
            item = {"uri": uri, "languageId": "markdown", "version": 1, "text": "x"}
            editor.notify("textDocument/didOpen", textDocument=item)
        editor.open(new, CARD.format(id="s3-copies", topic="copies", question="What?"))
        assert seen(editor.diagnostics(new, 1)) == [("U501", 3)]
        editor.open(stray, CARD.format(id="polly-x", topic="voices", question="What is x?"))
        assert seen(editor.diagnostics(stray, 1)) == [("D104", 1)]
        for path in others:
            assert editor.at("completion", path, 0, 0) is None
            assert editor.at("hover", path, 0, 0) is None


def test_a_project_that_cannot_be_read_is_reported_until_it_is_fixed(mini: Path) -> None:
    right = (mini / VOCABULARY).read_text("utf-8")
    edit(mini, 'slug = "polly"', 'slug = "polly', VOCABULARY)
    with client(mini) as editor:
        editor.open(POLLY)
        editor.open("README.md", "x")
        (found,) = editor.diagnostics(POLLY, 1)
        assert seen([found]) == [("V802", 1)]
        assert (VOCABULARY in found["message"], found["range"]["start"]["line"]) == (True, 0)
        assert found["relatedInformation"][0]["location"]["uri"] == editor.uri(VOCABULARY)
        assert editor.diagnostics("README.md", 1) == []
        assert editor.at("completion", POLLY, 4, 8) is None
        (mini / VOCABULARY).write_text(right, "utf-8")
        editor.notify("textDocument/didSave", textDocument=editor.document(VOCABULARY))
        assert editor.diagnostics(POLLY, 1) == []


def test_files_that_other_programs_save_are_read_again(mini: Path) -> None:
    capabilities = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
    with client(mini, capabilities=capabilities) as editor:
        (registration,) = editor.until("client/registerCapability")["registrations"]
        assert registration["method"] == "workspace/didChangeWatchedFiles"
        editor.open(POLLY)
        assert editor.diagnostics(POLLY, 1) == []
        edit(mini, "## s3-copies", "## polly-purpose", S3)
        editor.notify("workspace/didChangeWatchedFiles", changes=[])
        assert seen(editor.diagnostics(POLLY, 1)) == [("U501", 1)]
        edit(mini, '"voices"', '"sounds"', VOCABULARY, count=-1)
        editor.notify("workspace/didChangeWatchedFiles", changes=[])
        assert "S309" in [d["code"] for d in editor.diagnostics(POLLY, 1)]


def test_cards_of_an_overlay(mini: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    assert run(tmp_path, "--root", str(mini), "--overlay", str(mine), "fork", "My cards").code == 0
    path = "../mine/cards/mine/services/polly.md"
    topic = "voices\n- compare: polly-purpos"
    with client(mini, "--overlay", str(mine)) as editor:
        editor.open(path, CARD.format(id="polly-at-work", topic=topic, question="Which voice?"))
        assert "U505" in [d["code"] for d in editor.diagnostics(path, 1)]
        items = editor.at("completion", path, 6, 11)["items"]
        assert "polly-purpose" in [item["label"] for item in items]
        place = editor.at("definition", path, 5, 12)
        assert place["uri"] == editor.uri(VOCABULARY)
    assert not (mini / path).exists()


def test_the_exit_code_says_how_the_editor_left(mini: Path) -> None:
    with client(mini) as editor:
        editor.notify("exit")
        assert editor.process.wait(WAIT) == 1
    with client(mini) as editor:
        assert editor.process.stdin
        editor.process.stdin.close()
        assert editor.process.wait(WAIT) == 1


def test_without_its_packages_the_command_names_them(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "deckwright.live.language_server", raising=False)
    monkeypatch.setitem(sys.modules, "pygls.lsp.server", None)
    result = run(mini, "lsp")
    assert (result.code, "pygls" in result.err, "make decks" in result.err) == (2, True, True)


@pytest.mark.parametrize(
    ("encoding", "length"),
    [("utf-16", utf16), ("utf-8", lambda text: len(text.encode())), ("utf-32", len)],
)
def test_positions_count_in_the_units_of_the_editor(
    bare: Path, encoding: str, length: Callable[[str], int]
) -> None:
    """Of its text, in which characters need not be composed."""
    befores, ends = ["", "é 日本 ", "🦜 two 🦜", "e\u0301a\u0308 ", "\t"], ["\n", "\r\n", "\r"]
    capabilities = {"general": {"positionEncodings": [encoding]}}
    with client(bare, capabilities=capabilities) as editor:
        for version, (before, end) in enumerate(product(befores, ends)):
            line = f"Q {before}"
            text = CARD.format(id="polly-x", topic="voices", question=f"{line}<b>x</b>?")
            editor.open(POLLY, text.replace("\n", end), version)
            found = [d for d in editor.diagnostics(POLLY, version) if d["code"] == "P211"]
            start = {"line": 7, "character": length(line)}
            stop = {"line": 7, "character": length(f"{line}<b>")}
            assert found[0]["range"] == {"start": start, "end": stop}, (before, end)


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One server for many examples, and a copy of its project in which `check` runs."""
    folder = make_project(tmp_path_factory.mktemp("lsp") / "p")
    shutil.copytree(folder, folder.parent / "twin")
    with client(folder) as editor:
        editor.open(POLLY)
        editor.diagnostics(POLLY, 1)
        yield editor
        assert editor.end() == 0


def checked(folder: Path, path: str) -> list[tuple[Any, ...]]:
    """What `check` reports in a file: code, severity, text, start, end in UTF-16."""
    out = []
    for d in in_order(pipeline.check(folder, TODAY).diagnostics):
        if d.span.path == path:
            ends = [
                (s.line - 1, utf16(s.source.line(s.line - 1)[: s.column - 1]))
                for s in (d.span, d.span._replace(start=d.span.end))
            ]
            severity = {"error": 1, "warning": 2, "note": 3}[d.severity]
            message = d.message + (f"\nhelp: {d.advice}" if d.advice else "")
            out.append((d.code, severity, message, *ends))
    return out


PIECES = [
    "", "", "", "🦜", "é", "日本", "\u200b", "\u2028", "\x0c", "\n", "\n\n", "\r\n", "\r", "  ",
    "|", "`", "```\n", "$", "---\n", "## polly-x\n", "## s3-copies\n", "- kind: quota\n",
    "- kind: x\n", "- topic: ", "- compare: s3-copies\n", "- [x] a\n", "- [ ] b\n", "{{c1::", "}}",
    "{{c2::b}}", "<b>", "![x](y.svg)",
]  # fmt: skip
edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(PIECES)), max_size=6
)


@settings(max_examples=500 if FULL else 40, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=edits)
def test_after_any_edits_the_server_publishes_what_check_reports(
    long_lived: Client, edits: list[tuple[float, int, str]]
) -> None:
    editor, twin = long_lived, long_lived.folder.parent / "twin"
    text = (editor.folder / POLLY).read_text("utf-8")
    editor.number += 1
    version = editor.number
    for share, length, new in edits:
        start = round(share * len(text))
        text = text[:start] + new + text[start + length :]
    editor.change(POLLY, version, text)
    # Without those about other files that point to this one.
    own = [
        d
        for d in editor.diagnostics(POLLY, version)
        if not (d["severity"] == 3 and d["message"].startswith("cards/"))
    ]
    published = [
        (
            d["code"],
            d["severity"],
            d["message"],
            *(tuple(d["range"][end].values()) for end in ("start", "end")),
        )
        for d in own
    ]
    (twin / POLLY).write_bytes(text.encode())
    assert published == checked(twin, POLLY)
