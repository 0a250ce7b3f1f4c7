"""The tasks, the extension and the snippets for VS Code."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from clone import as_clone, run_program
from conftest import POLLY, REPO, diagnostics, edit, make_project, run

from deckwright.cli.main import main

node = pytest.mark.skipif(
    not shutil.which("node"), reason="Node.js is not installed (on Debian: apt install nodejs)"
)


@pytest.fixture
def clone(mini: Path) -> Path:
    return as_clone(mini)


def relaxed(path: Path) -> Any:
    """JSON as VS Code reads it, with comments on lines of their own."""
    return json.loads(re.sub(r"(?m)^\s*//.*$", "", path.read_text("utf-8")))


def test_the_tasks_run_and_their_pattern_reads_what_they_say(clone: Path) -> None:
    tasks = relaxed(REPO / ".vscode" / "tasks.json")["tasks"]
    matcher = json.loads((REPO / ".ci" / "problem-matcher.json").read_text("utf-8"))
    common = matcher["problemMatcher"][0]["pattern"][0]
    for task in tasks:
        assert task["problemMatcher"]["pattern"] == common
        assert task["args"][1] in main.commands
    edit(clone, "kind: concept", "kind: nonsense")
    command = [tasks[0]["command"], *tasks[0]["args"]]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True)
    found = [m for line in done.stdout.splitlines() if (m := re.fullmatch(common["regexp"], line))]
    parts = {"path": "file"} | {part: part for part in ("line", "column", "code", "message")}
    said = [{key: m[common[part]] for key, part in parts.items()} for m in found]
    assert said == [{key: str(row[key]) for key in parts} for row in diagnostics(clone)]
    assert (clone / found[0][common["file"]]).exists()  # relative to the folder that is open


def test_the_watching_task_knows_where_a_check_begins_and_ends(clone: Path) -> None:
    tasks = relaxed(REPO / ".vscode" / "tasks.json")["tasks"]
    (task,) = (one for one in tasks if one.get("isBackground"))
    background = task["problemMatcher"]["background"]
    begins, ends = background["beginsPattern"], background["endsPattern"]
    edit(clone, "kind: concept", "kind: nonsense")
    command = [task["command"], *task["args"]]
    with subprocess.Popen(
        command, cwd=clone, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        try:
            for path, file in (("", None), (POLLY, POLLY), ("schema/vocabulary/mini.toml", None)):
                if path:
                    (clone / path).write_text((clone / path).read_text("utf-8") + "\n", "utf-8")
                    begun = re.search(begins["regexp"], process.stdout.readline().rstrip("\n"))
                    assert begun
                    assert begun[begins["file"]] == file
                said = ""
                for line in process.stdout:
                    assert not re.search(begins["regexp"], line)
                    if re.search(ends["regexp"], line.rstrip("\n")):
                        break
                    said += line
                assert f"{POLLY}:" in said
            process.send_signal(signal.SIGINT)  # as Ctrl-C
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


@node
def test_the_extension_shows_what_the_server_says(clone: Path) -> None:
    """With a substitute for VS Code's API; the editor itself was tried by hand."""
    extension = REPO / ".vscode" / "extensions" / "deckwright"
    line = (clone / POLLY).read_text("utf-8").split("\n").index("- kind: concept")
    program = str(Path(__file__).with_name("vscode.js"))
    script = str(extension / "extension.js")
    (said,) = run_program(clone, "node", program, script, str(clone), POLLY)[:-1]
    found = json.loads(said)
    assert (found["clean"], found["errors"]) == (0, [])
    assert found["triggers"] == [" ", ":", "-"]
    diagnostic = found["diagnostic"]
    shown = (diagnostic["code"], diagnostic["severity"], diagnostic["source"])
    assert shown == ("S307", 0, "deckwright")
    start, end = ({"line": line, "character": character} for character in (8, 15))
    assert diagnostic["range"] == {"start": start, "end": end}
    (fix,) = found["actions"]
    assert (fix["title"], fix["diagnostics"]) == ("Replace with `concept`", [diagnostic])
    assert fix["edit"]["edits"] == [{"range": diagnostic["range"], "text": "concept"}]
    keys, cards = found["keys"], found["cards"]
    first = keys["items"][0]
    assert (first["label"], first["insertText"]) == ("kind", "kind: ")
    assert first["command"]["command"] == "editor.action.triggerSuggest"
    assert (keys["isIncomplete"], cards["isIncomplete"]) == (False, True)
    assert {"many-29", "many-290", "many-299"} <= {item["label"] for item in cards["items"]}
    assert found["hover"]["contents"]["value"].startswith("**kind**")
    assert found["definition"]["uri"]["text"].endswith("/schema/vocabulary/mini.toml")
    assert ["- kind: concept\n" in edit["text"] for edit in found["edits"]] == [True]
    assert found["watched"] == ["**/{cards,decks,schema}/**"]
    manifest = json.loads((extension / "package.json").read_text("utf-8"))
    assert (extension / manifest["main"]).exists()
    assert "dependencies" not in manifest


def expanded(body: str, words: dict[str, str]) -> str:
    """A snippet filled with our words, the first choice or the default."""

    def fill(match: re.Match[str]) -> str:
        number, choices, default = match[1] or match[4], match[2], match[3]
        return words.get(number or "", "") or (choices.split(",")[0] if choices else default or "")

    before = ""
    while body != before:
        before, body = body, re.sub(r"\$\{(\d+)(?:\|([^|]*)\||:([^${}]*))?\}|\$(\d+)", fill, body)
    return body


def test_the_snippets_are_well_formed_cards(tmp_path: Path) -> None:
    snippets = relaxed(REPO / ".vscode" / "cards.code-snippets")
    gap = snippets.pop("Gap")["body"].replace("$TM_SELECTED_TEXT", "3,000")
    assert expanded(gap, {}) == "{{c1::3,000::hint}}"
    words = {"1": "polly-new", "3": "voices", "4": "docs.example.com/polly", "5": "2026-10"}
    vocabulary = tomllib.loads((REPO / "schema" / "vocabulary" / "base.toml").read_text("utf-8"))
    kinds = {kind["slug"] for kind in vocabulary["kind"]}
    for snippet in snippets.values():
        assert snippet["scope"] == "markdown"
        (offered,) = re.findall(r"kind: \$\{2\|(.*)\|\}", "\n".join(snippet["body"]))
        assert kinds.issuperset(offered.split(",")), offered
        project = make_project(tmp_path / snippet["prefix"], cards=False)
        home = project / "cards" / "services"
        home.mkdir(parents=True)
        card = expanded("\n".join(snippet["body"]), {**words, "11": "Another"})
        (home / "polly.md").write_text(f"# Amazon Polly\n\n{card}", "utf-8")
        said = run(project, "check")
        assert (said.code, ": error " in said.out) == (0, False), card
        assert run(project, "fmt", "--check").code == 0, card
