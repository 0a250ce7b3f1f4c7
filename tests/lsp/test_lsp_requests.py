"""What an editor asks about a card file: completion, hover, fixes and more."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from conftest import TODAY
from language_client import (
    CHOOSING,
    NEOVIM,
    POLLY,
    S3,
    VOCABULARY,
    Client,
    client,
    framed,
    labels,
    position_of,
    utf16,
)

from deckwright import markdown
from deckwright.live.language_server import serve


def complete(editor: Client, path: str, text: str, line: str, version: int) -> Any:
    """What is offered at the `|` of a line in place of the kind of `polly-purpose`."""
    whole = text.replace("- kind: concept\n", line.replace("|", "") + "\n", 1)
    editor.change(path, version, {"text": whole})
    number = position_of(text, "- kind: concept")["line"]
    return editor.at("completion", path, number, utf16(line[: line.index("|")]))


def test_completions_replace_what_is_typed_in_the_editor_s_units(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    with client(mini) as editor:
        editor.open(POLLY)
        found = complete(editor, POLLY, text, "- allow: C45| 🦜", 2)
        assert labels(found)[0] == found[0]["filterText"]
        edit, line = found[0]["textEdit"], position_of(text, "- kind: concept")["line"]
        assert edit["newText"] == found[0]["label"]
        start, end = (
            {"line": line, "character": n} for n in (len("- allow: "), len("- allow: C45"))
        )
        assert edit["range"] == {"start": start, "end": end}
        keys = complete(editor, POLLY, text, "- ki|", 3)
        assert labels(keys)[:2] == ["kind", "level"]  # topic is given below
        assert keys[0]["documentation"].startswith("Choose what the card asks for")
        assert complete(editor, POLLY, text, "- hint: 🦜|", 4) == []


def test_the_cards_of_a_text_that_was_checked_are_not_parsed_again(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []
    parse = markdown.parse
    monkeypatch.setattr(
        markdown, "parse", lambda source: (parsed.append(source.path), parse(source))[1]
    )
    text = (mini / POLLY).read_text("utf-8")
    document = {"uri": (mini / POLLY).as_uri(), "version": 1, "text": text}
    messages: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": document}},
        {"id": 2, "method": "textDocument/documentSymbol", "params": {"textDocument": document}},
        {"id": 3, "method": "textDocument/documentSymbol", "params": {"textDocument": document}},
    ]
    out = BytesIO()
    assert serve(mini, lambda: TODAY, None, BytesIO(b"".join(map(framed, messages))), out) == 1
    assert out.getvalue().count(b'"polly-purpose"') == 2
    assert parsed.count(POLLY) == 1


def test_cards_of_unsaved_files_are_offered_with_what_they_ask(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    choosing = (mini / CHOOSING).read_text("utf-8")
    with client(mini) as editor:
        editor.open(POLLY)
        editor.open(CHOOSING, choosing.replace("polly-for-museum", "polly-in-museums"))
        editor.diagnostics(CHOOSING, 1)
        found = complete(editor, POLLY, text, "- compare: |", 2)
        assert "polly-in-museums" in labels(found)
        assert "polly-for-museum" not in labels(found)
        details = {item["label"]: item["detail"] for item in found}
        assert details["s3-replication"] == "What copies objects to another Region?"


def test_too_many_completions_are_marked_as_incomplete(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    section = "## many-{0}\n\n- kind: concept\n- topic: voices\n\nWhat is {0}?\n\n---\n\nThat.\n"
    many = "\n".join(section.format(number) for number in range(300))
    (mini / "cards/4.2-services/polly/many.md").write_text(f"# Amazon Polly\n\n{many}", "utf-8")
    with client(mini) as editor:
        editor.open(POLLY)
        editor.diagnostics(POLLY, 1)
        found = complete(editor, POLLY, text, "- compare: mn29|9", 2)
        assert (found["isIncomplete"], len(found["items"])) == (True, 21)
        assert labels(found["items"])[0] == "many-29"
        assert isinstance(complete(editor, POLLY, text, "- kind: |", 3), list)


def test_hover_is_markdown_if_the_editor_can_show_it(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    start, end = position_of(text, "voices"), position_of(text, "voices", end=True)
    for capabilities, kind, says in (
        (NEOVIM, "markdown", "**Voices**\n\nvoices"),
        ({}, "plaintext", "Voices\n\nvoices"),
    ):
        with client(mini, capabilities=capabilities) as editor:
            editor.open(POLLY)
            found = editor.at("hover", POLLY, **start)
            assert found["contents"]["kind"] == kind
            assert found["contents"]["value"].startswith(says)
            assert found["range"] == {"start": start, "end": end}
            assert editor.at("hover", POLLY, **position_of(text, "What does Polly")) is None


def test_definitions_are_in_files_on_disk_and_in_open_ones(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    text = text.replace("- kind: concept", "- kind: concept\n- compare: s3-replication", 1)
    s3, vocabulary = (mini / S3).read_text("utf-8"), (mini / VOCABULARY).read_text("utf-8")
    with client(mini) as editor:
        editor.open(POLLY, text)
        found = editor.at("definition", POLLY, **position_of(text, "s3-replication"))
        place = position_of(s3, "s3-replication")
        assert (found["uri"], found["range"]["start"]) == (editor.uri(S3), place)
        found = editor.at("definition", POLLY, **position_of(text, "voices"))
        line = position_of(vocabulary, 'slug = "voices"')["line"]
        assert (found["uri"], found["range"]["start"]["line"]) == (editor.uri(VOCABULARY), line)
        assert editor.at("definition", POLLY, **position_of(text, "topic: v")) is None
        editor.open(S3, "\n\n" + s3)
        found = editor.at("definition", POLLY, **position_of(text, "s3-replication"))
        assert found["range"]["start"]["line"] == place["line"] + 2


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
            assert whole["start"] == position_of(text, "## polly-purpose")
            if capabilities:
                assert found[2]["selectionRange"]["start"] == position_of(text, "polly-purpose")


def test_diagnostics_with_a_replacement_have_a_fix(mini: Path) -> None:
    right = (mini / POLLY).read_text("utf-8")
    wrong = right.replace("- kind: concept", "- kind: conecpt").replace(
        "- also: s3", "- also: ideaz\n- comapre: s3-copie"
    )
    wrong = wrong.replace("Speech.", "Speech\u200b.").replace(
        "- topic: voices\n- hint", "- topic: zebras\n- hint"
    )
    first, last = ({"line": n, "character": 0} for n in (0, len(wrong.split("\n"))))
    everything = {"start": first, "end": last}

    def fixes(editor: Client, place: dict[str, Any], **context: Any) -> Any:
        document, context = {"uri": editor.uri(POLLY)}, {"diagnostics": [], **context}
        method = "textDocument/codeAction"
        return editor.ask(method, textDocument=document, range=place, context=context)

    with client(mini) as editor:
        editor.open(POLLY, wrong)
        found = fixes(editor, everything)
        titles = [
            "Replace with `ideas`",
            "Replace with `compare`",
            "Replace with `concept`",
            "Delete this",
        ]
        assert [fix["title"] for fix in found] == titles
        fixed = {fix["diagnostics"][0]["code"] for fix in found}
        assert {d["code"] for d in editor.diagnostics(POLLY, 1)} - fixed == {"S309"}
        edits = [edit for fix in found for edit in fix["edit"]["changes"][editor.uri(POLLY)]]
        edits.sort(key=lambda edit: tuple(edit["range"]["start"].values()), reverse=True)
        changes = [{"range": edit["range"], "text": edit["newText"]} for edit in edits]
        editor.change(POLLY, 2, *changes)
        found = fixes(editor, everything)
        # The diagnostic that the misspelled key had hidden.
        assert [(fix["title"], fix["isPreferred"]) for fix in found] == [
            ("Replace with `s3-copies`", True)
        ]
        here = found[0]["diagnostics"][0]["range"]
        assert fixes(editor, {"start": here["end"], "end": here["end"]}) == found
        assert fixes(editor, {"start": first, "end": {"line": 1, "character": 0}}) == []
        assert fixes(editor, everything, only=["source.organizeImports"]) == []
        assert fixes(editor, everything, only=["quickfix"]) == found
    with client(mini, capabilities=None) as editor:
        assert "codeActionProvider" not in editor.initialize({})["capabilities"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_formatting_changes_as_few_lines_as_possible(mini: Path, end: str) -> None:
    right = (mini / POLLY).read_text("utf-8")
    wrong = right.replace(
        "- kind: concept\n- topic: voices\n", "- topic:   voices\n- kind: concept\n"
    ).replace("Speech.\n", "Speech.  \n\n\n")

    def formatted(editor: Client) -> Any:
        document = {"uri": editor.uri(POLLY)}
        return editor.ask("textDocument/formatting", textDocument=document, options={"tabSize": 2})

    with client(mini) as editor:
        editor.open(POLLY, wrong.replace("\n", end))
        (edit,) = formatted(editor)
        lines = wrong.split("\n")
        start, stop = (edit["range"][side] for side in ("start", "end"))
        assert (start["character"], stop["character"]) == (0, 0)
        new = edit["newText"].replace(end, "\n")
        before, after = lines[: start["line"]], lines[stop["line"] :]
        assert "\n".join([*before, new]) + "\n".join(after) == right
        assert "polly-input-length" not in new  # what stays the same is not in the edit
        editor.change(POLLY, 2, {"text": right.replace("\n", end)})
        assert formatted(editor) == []
        editor.change(POLLY, 3, {"text": right.replace("- kind: concept", "- kind")})
        assert formatted(editor) is None
        message = editor.until(lambda m: True, "window/logMessage")["params"]["message"]
        assert re.match(rf"{POLLY}:\d+: .*not formatted", message)
