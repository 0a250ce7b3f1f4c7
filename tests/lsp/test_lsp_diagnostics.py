"""Diagnostics in an editor: what `check` reports, for the texts that are open."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import FULL, TODAY, make_project, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language_client import (
    CHOOSING,
    CODE,
    POLLY,
    S3,
    VOCABULARY,
    Client,
    client,
    labels,
    position_of,
    utf16,
)

from deckwright import pipeline
from deckwright.core.diagnostics import in_order

CARD = (
    "# Amazon Polly\n\n## {id}\n\n- kind: concept\n- topic: {topic}\n\n{question}\n\n---\n\nIt.\n"
)


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
            out.append(
                (d.code, severity, d.message + (f"\nhelp: {d.advice}" if d.advice else ""), *ends)
            )
    return out


def published(diagnostics: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The same of what the server published."""
    ends = [
        [(d["range"][end]["line"], d["range"][end]["character"]) for end in ("start", "end")]
        for d in diagnostics
    ]
    return [
        (d["code"], d["severity"], d["message"], *e) for d, e in zip(diagnostics, ends, strict=True)
    ]


def test_problems_appear_while_typing_and_go_when_they_are_fixed(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    with client(mini) as editor:
        editor.open(POLLY)
        assert editor.diagnostics(POLLY, 1) == []
        at = position_of(text, "concept")
        end = {**at, "character": at["character"] + len("concept")}
        editor.change(POLLY, 2, {"range": {"start": at, "end": end}, "text": "conecpt"})
        found = editor.diagnostics(POLLY, 2)
        assert [(d["code"], d["severity"], d["source"]) for d in found] == [
            ("S307", 1, "deckwright")
        ]
        assert found[0]["range"] == {"start": at, "end": end}
        assert re.fullmatch(".*`conecpt`\nhelp: .*`concept`.*", found[0]["message"])
        assert "codeDescription" not in found[0]  # nothing leads into the network
        editor.change(POLLY, 3, {"range": {"start": at, "end": end}, "text": "concept"})
        assert editor.diagnostics(POLLY, 3) == []
        assert editor.end() == 0
    assert (mini / POLLY).read_text("utf-8") == text


def test_all_open_files_are_checked_together(mini: Path) -> None:
    """A duplicate is reported in the later file, and at the card that it repeats."""
    text = (mini / POLLY).read_text("utf-8")
    with client(mini) as editor:
        editor.open(S3)
        editor.open(POLLY)
        editor.open(CHOOSING)
        assert [editor.diagnostics(path, 1) for path in (S3, POLLY, CHOOSING)] == [[], [], []]
        editor.change(POLLY, 2, {"text": text.replace("## polly-purpose", "## s3-copies")})
        found = editor.diagnostics(POLLY, 2)
        assert [d["code"] for d in found] == ["U501"]
        location = found[0]["relatedInformation"][0]["location"]
        s3 = (mini / S3).read_text("utf-8")
        assert location == {
            "uri": editor.uri(S3),
            "range": {
                "start": position_of(s3, "s3-copies"),
                "end": position_of(s3, "s3-copies", end=True),
            },
        }
        there = editor.diagnostics(S3, 1)
        assert [(d["code"], d["severity"]) for d in there] == [("U501", 3)]
        assert there[0]["message"].startswith(f"{POLLY}:")
        assert there[0]["relatedInformation"][0]["location"] == {
            "uri": editor.uri(POLLY),
            "range": found[0]["range"],
        }
        editor.change(POLLY, 3, {"text": text})
        assert editor.diagnostics(POLLY, 3) == []
        assert editor.diagnostics(S3, 1) == []


def test_a_closed_file_has_no_diagnostics_and_counts_as_it_is_on_disk(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    with client(mini) as editor:
        editor.open(POLLY, text.replace("kind: concept", "kind: nonsense"))
        assert [d["code"] for d in editor.diagnostics(POLLY, 1)] == ["S307"]
        editor.notify("textDocument/didClose", textDocument={"uri": editor.uri(POLLY)})
        assert editor.diagnostics(POLLY) == []
        editor.open(POLLY, version=7)
        assert editor.diagnostics(POLLY, 7) == []


def test_a_new_file_that_is_not_saved_yet(mini: Path) -> None:
    with client(mini) as editor:
        path = "cards/4.1-reliability/polly.md"
        editor.open(path, CARD.format(id="s3-copies", topic="copies", question="What?"))
        found = editor.diagnostics(path, 1)
        assert [(d["code"], d["severity"]) for d in found] == [("U501", 3)]
        assert found[0]["message"].startswith(f"{S3}:15: ")
        assert [
            s["name"]
            for s in editor.ask(
                "textDocument/documentSymbol", textDocument={"uri": editor.uri(path)}
            )
        ] == ["s3-copies"]
        stray = "cards/4.9-nowhere/polly.md"
        editor.open(stray, CARD.format(id="polly-x", topic="voices", question="What is x?"))
        assert [d["code"] for d in editor.diagnostics(stray, 1)] == ["D104"]


def test_files_outside_the_project_and_readmes_are_left_alone(mini: Path, tmp_path: Path) -> None:
    with client(mini) as editor:
        for path in ("cards/README.md", "../other/cards/4.2-services/polly.md", "notes.md"):
            editor.open(path, "# Not a card\n\nx\n")
        for uri in ("untitled:Untitled-1", "file://[", "file:///%00", "", "x"):
            editor.notify(
                "textDocument/didOpen",
                textDocument={"uri": uri, "languageId": "markdown", "version": 1, "text": "x"},
            )
        editor.open(POLLY)
        assert editor.diagnostics(POLLY, 1) == []
        assert editor.received == []
        for path in ("cards/README.md", "../other/cards/4.2-services/polly.md", "notes.md"):
            assert editor.at("completion", path, 0, 0) == []
            assert editor.at("hover", path, 0, 0) is None
            assert (
                editor.ask(
                    "textDocument/formatting", textDocument={"uri": editor.uri(path)}, options={}
                )
                is None
            )


def test_a_project_that_cannot_be_read_is_reported_until_it_is_fixed(mini: Path) -> None:
    right = (mini / VOCABULARY).read_text("utf-8")
    (mini / VOCABULARY).write_text(right.replace('slug = "polly"', 'slug = "polly'), "utf-8")
    with client(mini) as editor:
        editor.open(POLLY)
        found = editor.diagnostics(POLLY, 1)
        assert [d["code"] for d in found] == ["V802"]
        assert VOCABULARY in found[0]["message"]
        assert found[0]["relatedInformation"][0]["location"]["uri"] == editor.uri(VOCABULARY)
        assert [d["code"] for d in editor.diagnostics(VOCABULARY)] == ["V802"]
        shown = editor.until(lambda m: True, "window/showMessage")["params"]["message"]
        assert f"{VOCABULARY}:" in shown
        assert editor.at("completion", POLLY, 4, 8) == []  # nothing is known, and nothing breaks
        assert editor.at("hover", POLLY, 4, 3) is None
        (mini / VOCABULARY).write_text(right, "utf-8")
        editor.notify(
            "workspace/didChangeWatchedFiles", changes=[{"uri": editor.uri(VOCABULARY), "type": 2}]
        )
        assert editor.diagnostics(POLLY, 1) == []
        assert editor.diagnostics(VOCABULARY) == []
        # What was known stays in use while it is broken again.
        (mini / VOCABULARY).write_text("[[", "utf-8")
        editor.notify("textDocument/didSave", textDocument={"uri": editor.uri(VOCABULARY)})
        assert [d["code"] for d in editor.diagnostics(POLLY, 1)] == ["V802"]
        assert labels(editor.at("completion", POLLY, 4, 8)) == ["concept", "scenario", "quota"]


def test_files_that_other_programs_save_are_read_again(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    with client(mini, capabilities=CODE) as editor:
        editor.open(POLLY, text.replace("- topic: voices", "- topic: sounds", 1))
        assert [d["code"] for d in editor.diagnostics(POLLY, 1)] == ["S309"]
        vocabulary = (mini / VOCABULARY).read_text("utf-8")
        sounds = """
[[topic]]
slug = "sounds"
title = "Sounds"
covers = "what can be heard"
task = "4.2"
exams = []
priority = 1
core = 1
mix = { basic = 1 }
"""
        (mini / VOCABULARY).write_text(vocabulary + sounds, "utf-8")
        editor.notify("workspace/didChangeWatchedFiles", changes=[])
        assert editor.diagnostics(POLLY, 1) == []
        (mini / S3).write_text(
            (mini / S3).read_text("utf-8").replace("## s3-copies", "## polly-purpose"), "utf-8"
        )
        editor.notify("workspace/didChangeWatchedFiles", changes=[])
        assert [d["code"] for d in editor.diagnostics(POLLY, 1)] == ["U501"]


def watched(editor: Client) -> list[Any]:
    """The patterns of the files whose changes the server asks to be notified of."""
    watch = editor.until(lambda m: True, "client/registerCapability")
    editor.send(id=watch["id"], result=None)
    (registration,) = watch["params"]["registrations"]
    assert (registration["id"], registration["method"]) == (
        "files",
        "workspace/didChangeWatchedFiles",
    )
    return [w["globPattern"] for w in registration["registerOptions"]["watchers"]]


def test_the_folders_that_the_project_names_are_watched_and_those_of_an_overlay(
    mini: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    assert run(tmp_path, "--root", str(mini), "--overlay", str(mine), "fork", "My cards").code == 0
    own = ("cards/mine", "decks", "schema")
    settings = mini / "decks" / "project.toml"
    with client(mini, "--overlay", str(mine), capabilities=CODE) as editor:
        editor.open(POLLY)
        here = ["cards", "decks", "schema"]
        expected = [(mini, path) for path in here] + [(mine, path) for path in own]
        found = watched(editor)
        assert sorted((g["baseUri"], g["pattern"]) for g in found) == sorted(
            (base.as_uri(), f"{path}/**") for base, path in expected
        )
        settings.write_text(
            settings.read_text("utf-8") + '\n[[root]]\npath = "more/notes"\nnamespace = "more"\n',
            "utf-8",
        )
        editor.notify("workspace/didChangeWatchedFiles", changes=[])
        old = editor.until(lambda m: True, "client/unregisterCapability")
        assert old["params"]["unregisterations"] == [
            {"id": "files", "method": "workspace/didChangeWatchedFiles"}
        ]
        assert {"baseUri": mini.as_uri(), "pattern": "more/notes/**"} in watched(editor)
        assert editor.end() == 0
    only = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
    with client(mini, "--overlay", str(mine), capabilities=only) as editor:
        editor.open(POLLY)
        assert set(watched(editor)) == {f"**/{path}/**" for path in (*here, "more/notes", *own)}


def test_cards_of_an_overlay(mini: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    assert run(tmp_path, "--root", str(mini), "--overlay", str(mine), "fork", "My cards").code == 0
    path = "../mine/cards/mine/4.2-services/polly.md"
    with client(mini, "--overlay", str(mine)) as editor:
        topic = "voices\n- compare: polly-purpos"
        text = CARD.format(id="polly-at-work", topic=topic, question="Which voice do we use?")
        uri = (mine / "cards/mine/4.2-services/polly.md").as_uri()
        editor.notify(
            "textDocument/didOpen",
            textDocument={"uri": uri, "languageId": "markdown", "version": 1, "text": text},
        )
        found = editor.until(lambda m: m["params"]["uri"] == uri)["params"]["diagnostics"]
        assert [d["code"] for d in found] == ["U505"]
        items = editor.ask(
            "textDocument/completion",
            textDocument={"uri": uri},
            position={"line": 6, "character": 11},
        )
        assert "polly-purpose" in labels(items)
    assert not (mini / path).exists()


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One server for many examples, and a copy of its project in which `check` runs."""
    folder = make_project(tmp_path_factory.mktemp("lsp") / "p")
    shutil.copytree(folder, folder.parent / "twin")
    with client(folder) as editor:
        editor.open(POLLY)
        editor.diagnostics(POLLY, 1)
        editor.version = 1  # type: ignore[attr-defined]
        yield editor
        assert editor.end() == 0


PIECES = [
    "", "", "", "🦜", "é", "日本", "\u200b", "\n", "\n\n", "\r\n", "\r", "  ", "|", "`",
    "```\n", "$", "---\n", "## polly-x\n", "## s3-copies\n", "- kind: quota\n", "- kind: x\n",
    "- topic: ", "- compare: s3-copies\n", "- [x] a\n", "- [ ] b\n", "{{c1::", "}}", "{{c2::b}}",
    "<b>", "![x](y.svg)",
]  # fmt: skip
edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(PIECES)), max_size=6
)


@settings(max_examples=500 if FULL else 40, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=edits, whole=st.booleans())
def test_after_any_edits_the_server_publishes_what_check_reports(
    long_lived: Client, edits: list[tuple[float, int, str]], whole: bool
) -> None:
    editor, twin = long_lived, long_lived.folder.parent / "twin"
    text = (editor.folder / POLLY).read_text("utf-8")
    version = editor.version = editor.version + 1  # type: ignore[attr-defined]
    changes: list[dict[str, Any]] = [{"text": text}]
    for share, length, new in edits:
        start = round(share * len(text))
        end = min(start + length, len(text))
        if "\r\n" in (text[start - 1 : start + 1], text[end - 1 : end + 1]):
            continue  # no editor has a place between the two
        places = []
        for at in (start, end):
            rows = text[:at].replace("\r\n", "\n").replace("\r", "\n").split("\n")
            places.append({"line": len(rows) - 1, "character": utf16(rows[-1])})
        changes.append({"range": {"start": places[0], "end": places[1]}, "text": new})
        text = text[:start] + new + text[end:]
    editor.change(POLLY, version, *([{"text": text}] if whole else changes))
    said = editor.diagnostics(POLLY, version)
    (twin / POLLY).write_bytes(text.encode())
    # Without those about other files that point to this one.
    own = [d for d in said if not (d["severity"] == 3 and d["message"].startswith("cards/"))]
    assert published(own) == checked(twin, POLLY)
