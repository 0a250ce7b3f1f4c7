"""The language server as an editor meets it: a process, its pipes, and the messages that editors send."""

from __future__ import annotations

import json
import shutil
import threading
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from conftest import FULL, make_project, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language_client import CODE, HELIX, NEOVIM, WAIT, Client, client

from deckwright import markdown, pipeline
from deckwright.core.diagnostics import codes, in_order
from deckwright.live.jsonrpc import Message
from deckwright.live.language_server import serve
from deckwright.live.text_documents import UTF8, UTF16, UTF32, Document, Position

POLLY = "cards/4.2-services/polly.md"
CHOOSING = "cards/4.2-services/polly/choosing.md"
S3 = "cards/4.1-reliability/s3.md"
VOCABULARY = "schema/vocabulary/mini.toml"
SLOW = settings(
    max_examples=500 if FULL else 40, deadline=None, suppress_health_check=list(HealthCheck)
)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def place(text: str, of: str, after: str = "") -> dict[str, int]:
    """The position of `of` (or of its end, with `after`) in a text with LF line ends, counted as editors do by default."""
    before = text[: text.index(of) + (len(of) if after else 0)]
    line = before.rpartition("\n")[2]
    return {"line": before.count("\n"), "character": utf16(line)}


def checked(folder: Path, path: str) -> list[tuple[Any, ...]]:
    """What `check` says stands in a file on the disk: code, severity, text, and the range with columns in UTF-16."""
    out = []
    for d in in_order(pipeline.check(folder, datetime.now(UTC).date()).diagnostics):
        if d.span.path == path:
            ends = [
                (s.line - 1, utf16(s.source.line(s.line - 1)[: s.column - 1]))
                for s in (d.span, d.span._replace(start=d.span.end))
            ]
            severity = {"error": 1, "warning": 2, "note": 3}[d.severity]
            out.append(
                (d.code, severity, d.message + (f"\nhelp: {d.help}" if d.help else ""), *ends)
            )
    return out


def told(diagnostics: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The same of what the server said."""
    ends = [
        [(d["range"][end]["line"], d["range"][end]["character"]) for end in ("start", "end")]
        for d in diagnostics
    ]
    return [
        (d["code"], d["severity"], d["message"], *e) for d, e in zip(diagnostics, ends, strict=True)
    ]


def labels(items: list[dict[str, Any]]) -> list[str]:
    """Labels in the order in which an editor shows them."""
    return [item["label"] for item in sorted(items, key=lambda item: item["sortText"])]


def complete(editor: Client, path: str, text: str, line: str, version: int) -> list[dict[str, Any]]:
    """What is offered at the `|` in a line that takes the place of the first line of metadata of `polly-purpose`."""
    whole = text.replace("- kind: concept\n", line.replace("|", "") + "\n", 1)
    editor.change(path, version, {"text": whole})
    at = place(text, "- kind: concept")
    found = editor.at("completion", path, at["line"], utf16(line[: line.index("|")]))
    assert isinstance(found, list)
    return found


def written(line: str, item: dict[str, Any]) -> str:
    """A line after the editor put a completion into it."""
    start, end = (item["textEdit"]["range"][side]["character"] for side in ("start", "end"))
    assert item["filterText"].startswith(line[start : line.index("|")])
    bare = line.replace("|", "")
    return bare[:start] + item["textEdit"]["newText"] + bare[end:]


# ---------------------------------------------------------------------------------------------------------------- complaints


def test_what_check_says_appears_while_typing_and_goes_when_mended(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    with client(mini) as editor:
        editor.open(POLLY)
        assert editor.diagnostics(POLLY, 1) == []
        at = place(text, "concept")
        end = {**at, "character": at["character"] + len("concept")}
        editor.change(POLLY, 2, {"range": {"start": at, "end": end}, "text": "conecpt"})
        found = editor.diagnostics(POLLY, 2)
        assert [(d["code"], d["severity"], d["source"]) for d in found] == [
            ("S307", 1, "deckwright")
        ]
        assert found[0]["range"] == {"start": at, "end": end}
        assert found[0]["message"] == "there is no kind `conecpt`\nhelp: did you mean `concept`?"
        assert "codeDescription" not in found[0]  # nothing leads into the network
        editor.change(POLLY, 3, {"range": {"start": at, "end": end}, "text": "concept"})
        assert editor.diagnostics(POLLY, 3) == []
        assert editor.end() == 0
    assert (mini / POLLY).read_text("utf-8") == text


def test_all_open_files_are_looked_at_together(mini: Path) -> None:
    """A double is told in the file that is later, and at the card that it repeats; related places lead from one to the other."""
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
            "range": {"start": place(s3, "s3-copies"), "end": place(s3, "s3-copies", "end")},
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


def test_a_closed_file_has_no_complaints_and_counts_as_it_lies_on_the_disk(mini: Path) -> None:
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
        editor.open(
            path,
            "# Amazon Polly\n\n## s3-copies\n\n- kind: concept\n- topic: copies\n\nWhat?\n\n---\n\nThat.\n",
        )
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
        editor.open(
            stray,
            "# Amazon Polly\n\n## polly-x\n\n- kind: concept\n- topic: voices\n\nWhat is x?\n\n---\n\nThat.\n",
        )
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
        assert editor.heard == []
        for path in ("cards/README.md", "../other/cards/4.2-services/polly.md", "notes.md"):
            assert editor.at("completion", path, 0, 0) == []
            assert editor.at("hover", path, 0, 0) is None
            assert (
                editor.ask(
                    "textDocument/formatting", textDocument={"uri": editor.uri(path)}, options={}
                )
                is None
            )


def test_a_project_that_cannot_be_read_is_told_and_its_mending_is_seen(mini: Path) -> None:
    right = (mini / VOCABULARY).read_text("utf-8")
    (mini / VOCABULARY).write_text(right.replace('slug = "polly"', 'slug = "polly'), "utf-8")
    with client(mini) as editor:
        editor.open(POLLY)
        found = editor.diagnostics(POLLY, 1)
        assert [d["code"] for d in found] == ["V802"]
        assert VOCABULARY in found[0]["message"]
        assert found[0]["relatedInformation"][0]["location"]["uri"] == editor.uri(VOCABULARY)
        assert [d["code"] for d in editor.diagnostics(VOCABULARY)] == ["V802"]
        assert (
            "cannot be read"
            in editor.until(lambda m: True, "window/showMessage")["params"]["message"]
        )
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


def test_what_others_save_is_seen(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    with client(mini, capabilities=CODE) as editor:
        editor.open(POLLY, text.replace("- topic: voices", "- topic: sounds", 1))
        assert [d["code"] for d in editor.diagnostics(POLLY, 1)] == ["S309"]
        vocabulary = (mini / VOCABULARY).read_text("utf-8")
        sounds = '\n[[topic]]\nslug = "sounds"\ntitle = "Sounds"\ncovers = "what can be heard"\ntask = "4.2"\nexams = []\npriority = 1\ncore = 1\nmix = { basic = 1 }\n'
        (mini / VOCABULARY).write_text(vocabulary + sounds, "utf-8")
        editor.notify("workspace/didChangeWatchedFiles", changes=[])
        assert editor.diagnostics(POLLY, 1) == []
        (mini / S3).write_text(
            (mini / S3).read_text("utf-8").replace("## s3-copies", "## polly-purpose"), "utf-8"
        )
        editor.notify("workspace/didChangeWatchedFiles", changes=[])
        assert [d["code"] for d in editor.diagnostics(POLLY, 1)] == ["U501"]


def watched(editor: Client) -> list[Any]:
    """What the server wants to hear of."""
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
        text = "# Amazon Polly\n\n## polly-at-work\n\n- kind: concept\n- topic: voices\n- compare: polly-purpos\n\nWhich voice do we use?\n\n---\n\nIvy.\n"
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


# ---------------------------------------------------------------------------------------------------------------- places


BAD = "# Amazon Polly\n\n## polly-x\n\n- kind: concept\n- topic: voices\n\n{before}<b>x</b>?\n\n---\n\nThat.\n"


@pytest.mark.parametrize(
    ("capabilities", "encoding", "measure"),
    [
        (NEOVIM, "utf-16", utf16),
        (HELIX, "utf-8", lambda text: len(text.encode())),
        ({"general": {"positionEncodings": ["utf-32"]}}, "utf-32", len),
        ({}, "utf-16", utf16),
    ],
)
@pytest.mark.parametrize("before", ["", "é 日本 ", "🦜 two 🦜", "e\u0301a\u0308 ", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_places_count_in_the_units_of_the_connection(
    bare: Path, capabilities: dict[str, Any], encoding: str, measure: Any, before: str, end: str
) -> None:
    path = "cards/4.2-services/polly.md"
    line = f"Q {before}<b>x</b>?"
    with client(bare, capabilities=None) as editor:
        assert editor.initialize(capabilities)["capabilities"]["positionEncoding"] == encoding
        editor.open(path, BAD.format(before=f"Q {before}").replace("\n", end))
        found = [d["range"] for d in editor.diagnostics(path, 1) if d["code"] == "P211"]
        start = measure(line[: line.index("<b>")])
        assert found[0] == {
            "start": {"line": 7, "character": start},
            "end": {"line": 7, "character": start + 3},
        }
        # And the other way: a change at a place of the editor.
        here = {"line": 7, "character": start}
        editor.change(
            path,
            2,
            {"range": {"start": here, "end": {"line": 7, "character": start + 3}}, "text": "🦜"},
        )
        rest = [
            d["range"]["start"]["character"]
            for d in editor.diagnostics(path, 2)
            if d["code"] == "P211"
        ]
        assert rest == [start + measure("🦜") + 1]


def test_a_text_with_a_byte_order_mark(bare: Path) -> None:
    with client(bare) as editor:
        editor.open(POLLY, "\ufeff<b>x</b>" + BAD.format(before="Q "))
        assert any(
            d["range"]["start"] == {"line": 0, "character": 1} for d in editor.diagnostics(POLLY, 1)
        )


lines = st.text(st.sampled_from("ab é🦜日e\u0301\u0308"), max_size=8)


@given(
    st.lists(lines, min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([UTF8, UTF16, UTF32]),
    st.data(),
)
def test_places_go_there_and_back(
    parts: list[str], end: str, encoding: str, data: st.DataObject
) -> None:
    """Every place in the compiler's form of a text is one in the editor's, and comes back; edits do what they do to a string."""
    from deckwright.core.files import as_source

    text = end.join(parts)
    document = Document("file:///x", "x", 1, text, encoding)
    source = as_source(text.encode(), "x").values[0]
    offset = data.draw(st.integers(0, len(source.text)))
    found = document.position(source, offset)
    assert document.source_offset(source, found) == offset
    prefix = text[: document.offset(found)].replace(end, "\n")
    assert unicodedata.normalize("NFC", prefix) == source.text[:offset]
    first = data.draw(st.integers(0, len(source.text)))
    low, high = (document.position(source, at) for at in sorted((first, offset)))
    changed = document.changed(2, low, high, "new")
    assert changed.text == text[: document.offset(low)] + "new" + text[document.offset(high) :]


@given(lines, st.integers(0, 60), st.integers(0, 60), st.sampled_from([UTF8, UTF16, UTF32]))
def test_places_past_the_end_are_the_end(
    line: str, number: int, character: int, encoding: str
) -> None:
    document = Document("file:///x", "x", 1, f"{line}\r\n{line}", encoding)
    assert 0 <= document.offset(Position(number, character)) <= len(document.text)
    assert document.offset(Position(0, 1000)) == len(line)
    assert document.offset(Position(7, 0)) == len(document.text)


@given(
    st.text(st.sampled_from("ab\n"), max_size=12),
    st.text(st.sampled_from("ab\n"), max_size=12),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_one_edit_makes_the_other_text(old: str, new: str, end: str) -> None:
    document = Document("file:///x", "x", 1, old.replace("\n", end))
    edit = document.edit_to(new)
    after = document.changed(2, *edit).text if edit else document.text
    assert after == new.replace("\n", document.line_end)


def test_halves_of_a_pair_that_come_one_by_one(bare: Path) -> None:
    high, low = "\ud83e", "\udd9c"
    document = Document("file:///x", "x", 1, "").replaced(1, f"a{high}")
    assert document.data == b"a?"
    assert document.changed(2, Position(0, 2), Position(0, 2), low).text == "a🦜"


# ---------------------------------------------------------------------------------------------------------------- completion


def framed(*messages: dict[str, Any]) -> BytesIO:
    bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
    return BytesIO(b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies))


def test_the_cards_of_a_text_that_was_looked_at_are_not_parsed_again(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []
    parse = markdown.parse
    monkeypatch.setattr(
        markdown, "parse", lambda source: (parsed.append(source.path), parse(source))[1]
    )
    document = {
        "uri": (mini / POLLY).as_uri(),
        "languageId": "markdown",
        "version": 1,
        "text": (mini / POLLY).read_text("utf-8"),
    }
    messages: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": document}},
        {"id": 2, "method": "textDocument/documentSymbol", "params": {"textDocument": document}},
        {"id": 3, "method": "textDocument/documentSymbol", "params": {"textDocument": document}},
    ]
    out = BytesIO()
    assert serve(mini, date.today, None, framed(*messages), out) == 1
    assert out.getvalue().count(b'"polly-purpose"') == 2
    assert parsed.count(POLLY) == 1


def test_keys_that_are_not_given_yet_in_normal_form(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    with client(mini) as editor:
        editor.open(POLLY)
        found = complete(editor, POLLY, text, "- |", 2)
        # topic, hint and checked are given below; source may be given again
        assert labels(found) == [
            "kind",
            "also",
            "exam",
            "status",
            "source",
            "evidence",
            "shared-value",
            "compare",
            "not-duplicate-of",
            "allow",
        ]
        assert "What the card asks for" in found[0]["documentation"]
        for version, (line, becomes) in enumerate(
            [
                ("- |", "- kind: "),
                ("- ki|", "- kind: "),
                ("ki|", "- kind: "),
                ("|", "- kind: "),
                ("-|", "- kind: "),
                ("- ki|: concept", "- kind: concept"),
                ("* ki|", "* kind: "),
            ],
            3,
        ):
            item = complete(editor, POLLY, text, line, version)[0]
            assert written(line, item) == becomes, line


def test_a_fact_has_no_hint_of_its_own(mini: Path) -> None:
    text = (mini / S3).read_text("utf-8")
    with client(mini) as editor:
        for version, kind in enumerate(("quota", "concept"), 1):
            whole = text.replace("- kind: quota\n", f"- kind: {kind}\n- \n")
            editor.open(S3, whole, version)
            at = place(whole, f"- kind: {kind}\n- \n", "end")
            found = labels(editor.at("completion", S3, at["line"] - 1, 2))
            assert ("hint" in found) == (kind == "concept")


def test_nothing_is_offered_where_no_metadata_stands(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    with client(mini) as editor:
        editor.open(POLLY)
        for of in (
            "Polly, one call",
            "The whole input",
            "- 6,000",
            "Speech.",
            "# Amazon",
            "polly-purpose",
            "a museum",
            '"Engine"',
        ):
            at = place(text, of, "end")
            assert editor.at("completion", POLLY, at["line"], at["character"]) == [], of
        editor.open(CHOOSING)
        choosing = (mini / CHOOSING).read_text("utf-8")
        at = place(choosing, "- [ ] ", "end")
        assert editor.at("completion", CHOOSING, at["line"], at["character"]) == []


def test_a_card_begins_at_a_heading_as_the_compiler_sees_it(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    with client(mini) as editor:
        for version, (above, offers) in enumerate(
            {
                "## polly-x\n\n": True,
                "  ## polly-x ##\n\n": True,
                "```text\n## polly-x\n\n": False,
                "~~~\n```\n~~~\n\n## polly-x\n\n": True,
                "##polly-x\n\n": False,
            }.items(),
            1,
        ):
            whole = f"{text}\n{above}- compare: "
            editor.open(POLLY, whole, version)
            editor.diagnostics(POLLY, version)
            found = labels(
                editor.at("completion", POLLY, **place(whole, f"{above}- compare: ", "end"))
            )
            assert ("polly-purpose" in found, "polly-x" in found) == (offers, False), above


def test_values_by_key(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    text = text.replace("- kind: quota\n", "- kind: quota\n- shared-value: polly-input\n", 1)
    with client(mini) as editor:
        editor.open(POLLY, text)
        expected = {
            "- kind: |": ["concept", "scenario", "quota"],
            "- status: |": ["legacy"],
            "- also: |": ["s3", "ideas"],
            "- exam: |": ["old::2.1", "next::2.1", "old::3.1", "next::3.1", "none"],
            "- shared-value: |": ["polly-input"],
            "- shared-value: c2 |": ["polly-input"],
            "- topic: |": ["voices", "copies", "words"],
            "- checked: |": [],
            "- hint: |": [],
        }
        for version, (line, values) in enumerate(expected.items(), 2):
            assert labels(complete(editor, POLLY, text, line, version)) == values, line
        pages = labels(complete(editor, POLLY, text, "- source: |", 20))
        assert set(pages) == {
            "https://docs.example.com/polly/latest/dg/limits.html",
            "https://docs.example.com/s3/latest/userguide/names.html",
        }
        rules = complete(editor, POLLY, text, "- allow: |", 21)
        assert labels(rules) == [code.code for code in codes().values() if code.craft]
        assert written("- allow: |", rules[0]).endswith(f"{rules[0]['label']} ")
        assert (
            written(
                "- allow: C4| because", complete(editor, POLLY, text, "- allow: C4| because", 22)[0]
            )
            == f"- allow: {rules[0]['label']} because"
        )
        assert complete(editor, POLLY, text, "- allow: C450 beca|", 23) == []
        assert (
            written("- kind:|", complete(editor, POLLY, text, "- kind:|", 24)[0])
            == "- kind: concept"
        )
        assert (
            written("- kind: co|xyz", complete(editor, POLLY, text, "- kind: co|xyz", 25)[0])
            == "- kind: concept"
        )


def test_topics_of_the_file_s_task_come_first_with_their_titles(mini: Path) -> None:
    path = "cards/summary/ideas.md"
    text = (mini / path).read_text("utf-8").replace("- topic: words", "- topic: ", 1)
    with client(mini) as editor:
        editor.open(path, text)
        found = editor.at("completion", path, **place(text, "- topic: ", "end"))
        assert labels(found) == ["words", "copies", "voices"]
        assert found[0]["detail"] == "Words"


def test_ids_of_cards_with_what_they_ask_even_of_unsaved_ones(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    choosing = (mini / CHOOSING).read_text("utf-8")
    with client(mini) as editor:
        editor.open(POLLY)
        editor.open(CHOOSING, choosing.replace("polly-for-museum", "polly-in-museums"))
        editor.diagnostics(CHOOSING, 1)
        found = complete(editor, POLLY, text, "- compare: |", 2)
        names = labels(found)
        assert names[:2] == [
            "polly-input-length",
            "polly-task-names",
        ]  # of this file, but not itself
        assert "polly-in-museums" in names
        assert "polly-for-museum" not in names
        assert "polly-purpose" not in names
        assert (
            next(i for i in found if i["label"] == "s3-replication")["detail"]
            == "What copies objects to another Region?"
        )
        assert "s3-copies" in labels(complete(editor, POLLY, text, "- not-duplicate-of: s3-|", 3))
        # Cards of the file come first, then those of the service.
        both = choosing.replace("- kind: scenario", "- kind: scenario\n- compare: ", 1)
        editor.change(CHOOSING, 2, {"text": both})
        editor.diagnostics(CHOOSING, 2)
        names = labels(editor.at("completion", CHOOSING, **place(both, "- compare: ", "end")))
        assert names[0] == "polly-two-of-four"
        assert names.index("polly-purpose") < names.index("s3-copies")


def test_of_many_cards_those_that_fit_what_is_typed_are_offered(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    section = "## many-{0}\n\n- kind: concept\n- topic: voices\n\nWhat is {0}?\n\n---\n\nThat.\n"
    (mini / "cards/4.2-services/polly/many.md").write_text(
        "# Amazon Polly\n\n" + "\n".join(section.format(number) for number in range(300)), "utf-8"
    )
    with client(mini) as editor:
        editor.open(POLLY)
        editor.diagnostics(POLLY, 1)
        for version, (line, first, count) in enumerate(
            [
                ("- compare: |", "polly-input-length", 200),
                ("- compare: many-299|", "many-299", 1),
                ("- compare: mn29|9", "many-29", 21),
            ],
            2,
        ):
            whole = text.replace("- kind: concept\n", line.replace("|", "") + "\n", 1)
            editor.change(POLLY, version, {"text": whole})
            found = editor.at(
                "completion", POLLY, place(text, "- kind: concept")["line"], line.index("|")
            )
            assert (found["isIncomplete"], len(found["items"])) == (True, count)
            assert labels(found["items"])[0] == first
            assert found["items"][-1]["detail"].endswith("?")
        assert isinstance(complete(editor, POLLY, text, "- kind: |", 9), list)


# ---------------------------------------------------------------------------------------------------------------- explanations


def test_hover_tells_keys_and_values(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    text = text.replace(
        "- kind: concept",
        "- kind: concept\n- compare: s3-replication\n- allow: C450 as a test\n- exam: old::2.1\n- status: legacy",
        1,
    )
    with client(mini) as editor:
        editor.open(POLLY, text)
        for of, says in {
            "topic: v": "The slug of one topic",
            "voices": "**Voices**\n\nvoices and their engines",
            "- also: s": "**Amazon S3**",
            "s3-replication": "What copies objects to another Region?",
            "C450": codes()["C450"].title,
            "- kind: q": "A cloze card",
            "old::": "The old exam",
            "legacy": "Gone & not coming back",
        }.items():
            at = place(text, of, "end" if of.startswith("- ") else "")
            found = editor.at("hover", POLLY, **at)
            assert says in found["contents"]["value"], of
            assert found["contents"]["kind"] == "markdown"
        assert editor.at("hover", POLLY, **place(text, "What does Polly")) is None
        assert editor.at("hover", POLLY, **place(text, "think of")) is None
    with client(mini, capabilities={}) as editor:
        editor.open(POLLY, text)
        found = editor.at("hover", POLLY, **place(text, "voices"))["contents"]
        assert (found["kind"], "**" in found["value"]) == ("plaintext", False)


def test_definitions_of_cards_and_words_of_the_vocabulary(mini: Path) -> None:
    text = (
        (mini / POLLY)
        .read_text("utf-8")
        .replace("- kind: concept", "- kind: concept\n- compare: s3-replication", 1)
    )
    vocabulary = (mini / VOCABULARY).read_text("utf-8")
    with client(mini) as editor:
        editor.open(POLLY, text)
        found = editor.at("definition", POLLY, **place(text, "s3-replication"))
        s3 = (mini / S3).read_text("utf-8")
        assert (found["uri"], found["range"]["start"]) == (
            editor.uri(S3),
            place(s3, "s3-replication"),
        )
        for of, line in {
            "voices": 'slug = "voices"',
            "- also: s": 'slug = "s3"',
            "concept": 'slug = "concept"',
        }.items():
            found = editor.at(
                "definition", POLLY, **place(text, of, "end" if of.startswith("- ") else "")
            )
            assert (found["uri"], found["range"]["start"]["line"]) == (
                editor.uri(VOCABULARY),
                place(vocabulary, line)["line"],
            ), of
        assert editor.at("definition", POLLY, **place(text, "topic: v")) is None
        # A card in a file that is open stands where the editor has it.
        editor.open(S3, "\n\n" + s3)
        found = editor.at("definition", POLLY, **place(text, "s3-replication"))
        assert found["range"]["start"]["line"] == place(s3, "s3-replication")["line"] + 2


def test_the_cards_of_a_file(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    for capabilities in (NEOVIM, {}):
        with client(mini, capabilities=capabilities) as editor:
            editor.open(POLLY)
            found = editor.ask(
                "textDocument/documentSymbol", textDocument={"uri": editor.uri(POLLY)}
            )
            assert [s["name"] for s in found] == [
                "polly-input-length",
                "polly-task-names",
                "polly-purpose",
            ]
            whole = found[2]["range"] if capabilities else found[2]["location"]["range"]
            assert whole["start"] == place(text, "## polly-purpose")
            if capabilities:
                assert found[2]["selectionRange"]["start"] == place(text, "polly-purpose")


def test_what_was_meant_is_one_key_away(mini: Path) -> None:
    right = (mini / POLLY).read_text("utf-8")
    wrong = right.replace("- kind: concept", "- kind: conecpt").replace(
        "- also: s3", "- also: ideaz\n- comapre: s3-copie"
    )
    wrong = wrong.replace("Speech.", "Speech\u200b.").replace(
        "- topic: voices\n- hint", "- topic: zebras\n- hint"
    )
    last = len(wrong.split("\n"))
    everything = {"start": {"line": 0, "character": 0}, "end": {"line": last, "character": 0}}

    def actions(editor: Client, place: dict[str, Any], **context: Any) -> list[dict[str, Any]]:
        asked = {
            "textDocument": {"uri": editor.uri(POLLY)},
            "range": place,
            "context": {"diagnostics": [], **context},
        }
        found = editor.ask("textDocument/codeAction", **asked)
        assert isinstance(found, list)
        return found

    with client(mini) as editor:
        editor.open(POLLY, wrong)
        found = actions(editor, everything)
        assert [a["title"] for a in found] == [
            "Write `ideas`",
            "Write `compare`",
            "Write `concept`",
            "Delete it",
        ]
        assert {d["code"] for d in editor.diagnostics(POLLY, 1)} - {
            a["diagnostics"][0]["code"] for a in found
        } == {"S309"}
        edits = [edit for action in found for edit in action["edit"]["changes"][editor.uri(POLLY)]]
        edits.sort(
            key=lambda edit: (edit["range"]["start"]["line"], edit["range"]["start"]["character"]),
            reverse=True,
        )
        editor.change(
            POLLY, 2, *[{"range": edit["range"], "text": edit["newText"]} for edit in edits]
        )
        found = actions(editor, everything)
        assert [(a["title"], a["isPreferred"]) for a in found] == [
            ("Write `s3-copies`", True)
        ]  # the complaint that was behind the key
        here = found[0]["diagnostics"][0]["range"]
        assert actions(editor, {"start": here["end"], "end": here["end"]}) == found
        assert (
            actions(
                editor, {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
            )
            == []
        )
        assert actions(editor, everything, only=["source.organizeImports"]) == []
        assert actions(editor, everything, only=["quickfix"]) == found
    with client(mini, capabilities=None) as editor:
        assert "codeActionProvider" not in editor.initialize({})["capabilities"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_formatting_gives_the_normal_form(mini: Path, end: str) -> None:
    right = (mini / POLLY).read_text("utf-8")
    wrong = right.replace(
        "- kind: concept\n- topic: voices\n", "- topic:   voices\n- kind: concept\n"
    ).replace("Speech.\n", "Speech.  \n\n\n")
    with client(mini) as editor:
        editor.open(POLLY, wrong.replace("\n", end))
        edits = editor.ask(
            "textDocument/formatting",
            textDocument={"uri": editor.uri(POLLY)},
            options={"tabSize": 2},
        )
        assert len(edits) == 1
        lines = wrong.split("\n")
        start, stop = (edits[0]["range"][side] for side in ("start", "end"))
        assert (start["character"], stop["character"]) == (0, 0)
        new = edits[0]["newText"].replace(end, "\n")
        assert (
            "\n".join(lines[: start["line"]]) + "\n" + new + "\n".join(lines[stop["line"] :])
            == right
        )
        assert "polly-input-length" not in new  # what stays the same is not touched
        editor.change(POLLY, 2, {"text": right.replace("\n", end)})
        assert (
            editor.ask(
                "textDocument/formatting", textDocument={"uri": editor.uri(POLLY)}, options={}
            )
            == []
        )
        editor.change(POLLY, 3, {"text": right.replace("- kind: concept", "- kind")})
        assert (
            editor.ask(
                "textDocument/formatting", textDocument={"uri": editor.uri(POLLY)}, options={}
            )
            is None
        )
        assert (
            "not brought to its normal form"
            in editor.until(lambda m: True, "window/logMessage")["params"]["message"]
        )


# ---------------------------------------------------------------------------------------------------------------- the protocol


def test_life_from_initialize_to_exit(mini: Path) -> None:
    with client(mini, capabilities=None) as editor:
        assert editor.refused("textDocument/hover") == -32002
        editor.notify("textDocument/didOpen")  # before `initialize` a notification is dropped
        editor.initialize(NEOVIM)
        assert editor.refused("initialize", capabilities={}) == -32600
        assert editor.refused("textDocument/rename") == -32601
        editor.notify("$/setTrace", value="verbose")
        editor.notify("nobody/knowsThis")
        assert (
            editor.refused("textDocument/hover", textDocument={"uri": editor.uri(POLLY)}) == -32602
        )
        assert editor.ask("shutdown") is None
        assert editor.refused("textDocument/hover") == -32600
        editor.notify("exit")
        assert editor.process.wait(30) == 0
    with client(mini) as editor:
        editor.notify("exit")
        assert editor.process.wait(30) == 1
    with client(mini) as editor:
        assert editor.process.stdin
        editor.process.stdin.close()
        assert editor.process.wait(30) == 1


def test_a_request_can_be_called_back(mini: Path) -> None:
    """While the first look takes its time, the others wait."""
    with client(mini) as editor:
        place = {
            "textDocument": {"uri": editor.uri(POLLY)},
            "position": {"line": 4, "character": 3},
        }
        text = (mini / POLLY).read_text("utf-8")
        asked = [
            {
                "method": "textDocument/didOpen",
                "params": {"textDocument": {**place["textDocument"], "version": 1, "text": text}},
            },
            {"id": "first", "method": "textDocument/hover", "params": place},
            {"id": "called back", "method": "textDocument/hover", "params": place},
            {"method": "$/cancelRequest", "params": {"id": "nobody asked"}},
            {"method": "$/cancelRequest", "params": {"id": "called back"}},
            {"id": "last", "method": "textDocument/hover", "params": place},
        ]
        bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in asked]
        editor.raw(b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies))
        assert (
            "The last three are cloze cards"
            in editor.answer("first")["result"]["contents"]["value"]
        )
        assert editor.answer("called back")["error"]["code"] == -32800
        assert "result" in editor.answer("last")
        assert editor.end() == 0


def test_messages_that_are_none_are_answered(mini: Path) -> None:
    with client(mini) as editor:
        for body, code in {
            b"{": -32700,
            b"\xff": -32700,
            b"[" * 100_000: -32700,
            b"[]": -32600,
            b"3": -32600,
            b'{"id": true, "method": "x"}': -32600,
            b'{"id": [1], "method": "x"}': -32600,
            b'{"method": 3}': -32600,
            b"{}": -32600,
            b'{"id": ' + b"9" * 5000 + b', "method": "x"}': -32700,
        }.items():
            editor.raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            assert editor.answer(None)["error"]["code"] == code, body[:40]
        editor.raw(b"hello\r\n\r\n")
        assert editor.answer(None)["error"]["code"] == -32700
        assert editor.refused("nobody/knowsThis") == -32601
        for length in (b"9" * 26, b"0" * 20 + b"9" * 15, b"9" * 4000):
            editor.raw(b"Content-Length: %b\r\n\r\n" % length)
            assert editor.answer(None)["error"]["code"] == -32700
            assert editor.refused("nobody/knowsThis") == -32601
        editor.raw(
            b"Content-Length: %b\r\n\r\n{}" % (b"9" * 26)
        )  # the body, and the next header behind it
        assert editor.answer(None)["error"]["code"] == -32700
        assert editor.refused("nobody/knowsThis") == -32601
        editor.raw(
            b"content-length:2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}"
        )
        assert editor.answer(None)["error"]["code"] == -32600
        assert editor.end() == 0


def test_a_fault_while_reading_ends_the_server_with_a_word(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> Iterator[Message]:
        yield Message("initialize", {}, 1, True)
        raise MemoryError("no room")

    monkeypatch.setattr("deckwright.live.jsonrpc.read", broken)
    out = BytesIO()
    ended: list[int] = []
    server = threading.Thread(
        target=lambda: ended.append(serve(mini, date.today, None, BytesIO(), out)), daemon=True
    )
    server.start()
    server.join(WAIT)
    assert ended == [1]
    assert b"no room" in out.getvalue()


def test_notifications_that_make_no_sense_are_told_in_the_log(mini: Path) -> None:
    with client(mini) as editor:
        editor.open(POLLY)
        editor.diagnostics(POLLY, 1)
        for method, params in [
            ("textDocument/didOpen", {}),
            ("textDocument/didOpen", {"textDocument": {"uri": 3}}),
            (
                "textDocument/didChange",
                {"textDocument": {"uri": "file:///nowhere", "version": 1}, "contentChanges": []},
            ),
            (
                "textDocument/didChange",
                {"textDocument": {"uri": editor.uri(POLLY), "version": 2}, "contentChanges": [3]},
            ),
            (
                "textDocument/didChange",
                {
                    "textDocument": {"uri": editor.uri(POLLY), "version": 2},
                    "contentChanges": [
                        {
                            "text": "",
                            "range": {
                                "start": {"line": -1, "character": 0},
                                "end": {"line": 0, "character": 0},
                            },
                        }
                    ],
                },
            ),
            ("textDocument/didClose", []),
        ]:
            editor.send(method=method, params=params)
            said = editor.until(lambda m: True, "window/logMessage")["params"]["message"]
            assert "fault of the program" not in said
            assert "malformed" in said or "not open" in said or "before the text" in said
        editor.change(POLLY, 3, {"text": (mini / POLLY).read_text("utf-8")})
        assert editor.diagnostics(POLLY, 3) == []


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One server for many examples; the project in its folder is copied to a twin, where `check` looks at files on the disk."""
    folder = make_project(tmp_path_factory.mktemp("lsp") / "p")
    shutil.copytree(folder, folder.parent / "twin")
    with client(folder) as editor:
        editor.open(POLLY)
        editor.diagnostics(POLLY, 1)
        editor.version = 1  # type: ignore[attr-defined]
        yield editor
        assert editor.end() == 0


PIECES = [
    "🦜",
    "é",
    "\n",
    "\n\n",
    "---\n",
    "## polly-x\n",
    "## s3-copies\n",
    "- kind: quota\n",
    "- kind: x\n",
    "{{c1::",
    "}}",
    "{{c2::b}}",
    "<b>",
]
PIECES += [
    "- topic: ",
    "`",
    "```\n",
    "$",
    "- [x] a\n",
    "- [ ] b\n",
    "  ",
    "|",
    "\r\n",
    "\r",
    "- compare: s3-copies\n",
    "![x](y.svg)",
    "\u200b",
    "日本",
]
PIECES += ["", "", ""]
edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(PIECES)), max_size=6
)


@SLOW
@given(edits=edits, whole=st.booleans())
def test_after_any_edits_the_server_says_what_check_says(
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
    here = [
        d for d in said if not (d["severity"] == 3 and d["message"].startswith("cards/"))
    ]  # what others say of this file
    assert told(here) == checked(twin, POLLY)


@SLOW
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [b"Content-Length: 3\r\n", b"\r\n", b"{}\n", b"Content-Length: 2\r\n\r\n{}"]
            ),
        ),
        max_size=6,
    )
)
def test_no_garbage_ends_it(long_lived: Client, garbage: list[bytes]) -> None:
    """Whatever comes, it answers the next request that comes whole, and nothing stands on its standard error (which `client` asks at
    the end)."""
    data = b"".join(garbage)
    long_lived.raw(data + b"\r\n")
    long_lived.raw(b"\r\n" + b" " * 200 + b"\r\n")  # what a length that was announced may swallow
    assert long_lived.answer(long_lived.start("nobody/knowsThis"))["error"]["code"] == -32601
