"""Editors themselves, with the settings of docs/editors.md, and what is shipped for them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import REPO, make_project, run
from test_docs import blocks

from deckwright.cli.main import main

GUIDE = (REPO / "docs" / "editors.md").read_text("utf-8")
POLLY = "cards/4.2-services/polly.md"

neovim = pytest.mark.skipif(
    not shutil.which("nvim"), reason="Neovim is not installed (on Debian: apt install neovim)"
)
emacs = pytest.mark.skipif(
    not shutil.which("emacs"), reason="Emacs is not installed (on Debian: apt install emacs-nox)"
)

node = pytest.mark.skipif(
    not shutil.which("node"), reason="Node.js is not installed (on Debian: apt install nodejs)"
)


@pytest.fixture
def clone(mini: Path) -> Path:
    """The mini project with its compiler, as in a clone of this repository."""
    shutil.copy(REPO / "build.py", mini)
    for name in ("deckwright", ".venv"):
        (mini / name).symlink_to(REPO / name)
    subprocess.run(["git", "init", "-q", str(mini)], check=True)
    return mini


def setting(language: str) -> str:
    (block,) = blocks(GUIDE, language)
    return block


def headless(folder: Path, *command: str) -> list[str]:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return (done.stdout + done.stderr).replace("\r\n", "\n").split("\n")


@neovim
def test_neovim_shows_complaints_completes_explains_goes_and_formats(
    clone: Path, tmp_path: Path
) -> None:
    line = (clone / POLLY).read_text("utf-8").split("\n").index("- kind: concept") + 1
    (tmp_path / "init.lua").write_text(setting("lua"), "utf-8")
    (tmp_path / "say.lua").write_text(
        f"""
        local said = {{}}
        local function wait(what, test)
          if not vim.wait(60000, test, 20) then said[#said + 1] = "no " .. what end
        end
        local function put(text)
          vim.fn.setline({line}, text)
          vim.api.nvim_win_set_cursor(0, {{ {line}, #text }})
        end
        vim.cmd("edit {POLLY}")
        wait("client", function() return #vim.lsp.get_clients({{ bufnr = 0 }}) == 1 end)
        put("- kind: conecpt")
        wait("complaint", function() return #vim.diagnostic.get(0) > 0 end)
        for _, d in ipairs(vim.diagnostic.get(0)) do said[#said + 1] = ("%s %s:%s %s"):format(d.code, d.lnum + 1, d.col + 1, d.message) end
        put("- kind: concept")
        wait("mending", function() return #vim.diagnostic.get(0) == 0 end)
        local function ask(method, line, character)
          local place = {{ textDocument = {{ uri = vim.uri_from_bufnr(0) }}, position = {{ line = line, character = character }} }}
          for _, answer in pairs(vim.lsp.buf_request_sync(0, method, place, 60000)) do return answer.result end
        end
        for _, item in ipairs(ask("textDocument/completion", {line}, 9)) do said[#said + 1] = "topic " .. item.label end
        said[#said + 1] = ask("textDocument/hover", {line - 1}, 3).contents.value
        vim.api.nvim_win_set_cursor(0, {{ {line} + 1, 10 }})
        vim.cmd("normal! \\29")
        wait("definition", function() return vim.fn.expand("%:t") == "mini.toml" end)
        said[#said + 1] = vim.fn.getline(".")
        vim.cmd("edit {POLLY}")
        vim.fn.setline({line}, "- kind:   concept")
        vim.lsp.buf.format()
        said[#said + 1] = "[" .. vim.fn.getline({line}) .. "]"
        put("- k")
        vim.api.nvim_feedkeys(vim.keycode("A<C-x><C-o>"), "n", false)
        local timer = vim.uv.new_timer()
        timer:start(50, 50, vim.schedule_wrap(function()
          if vim.fn.getline({line}) == "- k" then return end
          timer:close()
          said[#said + 1] = "[" .. vim.fn.getline({line}) .. "]"
          vim.fn.writefile(said, "{tmp_path}/said")
          vim.cmd("qa!")
        end))
        """,
        "utf-8",
    )
    (tmp_path / "home").mkdir()
    environment = ["env", f"HOME={tmp_path}/home", f"XDG_STATE_HOME={tmp_path}/home"]
    options = [
        "--headless",
        "--clean",
        "-n",
        "-i",
        "NONE",
        "-u",
        str(tmp_path / "init.lua"),
        "-c",
        f"luafile {tmp_path}/say.lua",
    ]
    headless(clone, *environment, "nvim", *options)
    said = (tmp_path / "said").read_text("utf-8").splitlines()  # with a zero for a line feed inside
    assert said[0] == f"S307 {line}:9 there is no kind `conecpt`\0help: did you mean `concept`?"
    assert said[1:4] == ["topic voices", "topic copies", "topic words"]
    assert said[4].startswith("**kind**")
    assert said[5:] == ['slug = "voices"', "[- kind: concept]", "[- kind: ]"]


@emacs
def test_emacs_shows_complaints_completes_and_formats(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "init.el").write_text(setting("elisp"), "utf-8")
    (tmp_path / "say.el").write_text(
        f"""
        (require 'eglot)
        (defun wait (what test)
          (let ((end (+ (float-time) 60)))
            (while (and (not (funcall test)) (< (float-time) end)) (accept-process-output nil 0.05))
            (unless (funcall test) (error "no %s" what))))
        (defun card-put (text)
          (goto-char (point-min)) (search-forward "## polly-purpose") (forward-line 2)
          (delete-region (line-beginning-position) (line-end-position)) (insert text))
        (defun say-line () (message "[%s]" (buffer-substring-no-properties (line-beginning-position) (line-end-position))))
        (find-file "{POLLY}")
        (text-mode)
        (apply #'eglot (eglot--guess-contact))
        (card-put "- kind: conecpt")
        (eglot--signal-textDocument/didChange)
        (flymake-start)
        (wait "complaint" #'flymake-diagnostics)
        (dolist (d (flymake-diagnostics)) (message "%s" (flymake-diagnostic-text d)))
        (card-put "- ki") (completion-at-point) (say-line)
        (card-put "- kind: sc") (completion-at-point) (say-line)
        (card-put "- kind:    concept") (eglot-format-buffer)
        (goto-char (point-min)) (search-forward "## polly-purpose") (forward-line 2) (say-line)
        """,
        "utf-8",
    )
    said = headless(
        clone,
        "emacs",
        "-Q",
        "--batch",
        "-l",
        str(tmp_path / "init.el"),
        "-l",
        str(tmp_path / "say.el"),
    )
    assert "there is no kind `conecpt`" in " ".join(said)
    assert [line for line in said if line.startswith("[- ")] == [
        "[- kind: ]",
        "[- kind: scenario]",
        "[- kind: concept]",
    ]


# ---------------------------------------------------------------------------------------------------------------- VS Code


def relaxed(path: Path) -> Any:
    """JSON as VS Code reads it, with comments on lines of their own."""
    return json.loads(re.sub(r"(?m)^\s*//.*$", "", path.read_text("utf-8")))


def test_the_tasks_run_and_their_pattern_reads_what_they_say(clone: Path) -> None:
    tasks = relaxed(REPO / ".vscode" / "tasks.json")["tasks"]
    common = json.loads((REPO / ".ci" / "problem-matcher.json").read_text("utf-8"))[
        "problemMatcher"
    ][0]["pattern"][0]
    (clone / POLLY).write_text(
        (clone / POLLY).read_text("utf-8").replace("kind: concept", "kind: nonsense"), "utf-8"
    )
    for task in tasks:
        assert task["problemMatcher"]["pattern"] == common
        assert task["args"][1] in main.commands
    done = subprocess.run(
        [tasks[0]["command"], *tasks[0]["args"]], cwd=clone, capture_output=True, text=True
    )
    found = [m for line in done.stdout.splitlines() if (m := re.fullmatch(common["regexp"], line))]
    assert [m[common["file"]] for m in found] == [POLLY]
    assert (clone / found[0][common["file"]]).exists()  # relative to the folder that is open


def test_the_watching_task_knows_where_a_look_begins_and_ends(clone: Path) -> None:
    (task,) = (
        one for one in relaxed(REPO / ".vscode" / "tasks.json")["tasks"] if one.get("isBackground")
    )
    background = task["problemMatcher"]["background"]
    begins, ends = background["beginsPattern"], background["endsPattern"]
    (clone / POLLY).write_text(
        (clone / POLLY).read_text("utf-8").replace("kind: concept", "kind: nonsense"), "utf-8"
    )
    with subprocess.Popen(
        [task["command"], *task["args"]],
        cwd=clone,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        try:
            for path, file in ((None, None), (POLLY, POLLY), ("schema/vocabulary/mini.toml", None)):
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
        finally:
            process.kill()


@node
def test_the_extension_shows_what_the_server_says(clone: Path) -> None:
    """In front of a stand-in for VS Code's API; the editor itself was tried by hand."""
    extension = REPO / ".vscode" / "extensions" / "deckwright"
    line = (clone / POLLY).read_text("utf-8").split("\n").index("- kind: concept")
    (said,) = headless(
        clone,
        "node",
        str(REPO / "tests" / "vscode.js"),
        str(extension / "extension.js"),
        str(clone),
        POLLY,
    )[:-1]
    found = json.loads(said)
    assert (found["clean"], found["errors"]) == (0, [])
    assert found["triggers"] == [" ", ":", "-"]
    diagnostic = found["diagnostic"]
    assert (diagnostic["code"], diagnostic["severity"], diagnostic["source"]) == (
        "S307",
        0,
        "deckwright",
    )
    assert diagnostic["range"] == {
        "start": {"line": line, "character": 8},
        "end": {"line": line, "character": 15},
    }
    (mending,) = found["actions"]
    assert (mending["title"], mending["diagnostics"]) == ("Write `concept`", [diagnostic])
    assert mending["edit"]["edits"] == [{"range": diagnostic["range"], "text": "concept"}]
    assert [(item["label"], item["insertText"]) for item in found["keys"]["items"]][:2] == [
        ("kind", "kind: "),
        ("also", "also: "),
    ]
    assert found["keys"]["items"][0]["command"]["command"] == "editor.action.triggerSuggest"
    assert (found["keys"]["isIncomplete"], found["cards"]["isIncomplete"]) == (False, True)
    assert {"many-29", "many-290", "many-299"} <= {
        item["label"] for item in found["cards"]["items"]
    }
    assert found["hover"]["contents"]["value"].startswith("**kind**")
    assert (
        found["definition"]["uri"]["text"]
        == (clone / "schema" / "vocabulary" / "mini.toml").as_uri()
    )
    assert [symbol["name"] for symbol in found["symbols"]] == [
        "polly-input-length",
        "polly-task-names",
        "polly-purpose",
    ]
    assert [edit["text"] for edit in found["edits"]] == ["- kind: concept\n"]
    assert found["watched"] == [
        str(clone / path / "**") for path in ("cards", "more/notes", "decks", "schema")
    ]
    manifest = json.loads((extension / "package.json").read_text("utf-8"))
    assert (extension / manifest["main"]).exists()
    assert "dependencies" not in manifest


def expanded(body: str, words: dict[str, str]) -> str:
    """A snippet as it stands after every place was filled: with a word of ours, its first choice, or its default."""

    def fill(match: re.Match[str]) -> str:
        number, choices, default = match[1] or match[4], match[2], match[3]
        return words.get(number or "", "") or (choices.split(",")[0] if choices else default or "")

    before = ""
    while body != before:
        before, body = body, re.sub(r"\$\{(\d+)(?:\|([^|]*)\||:([^${}]*))?\}|\$(\d+)", fill, body)
    return body


def test_the_snippets_are_cards_without_complaints_of_form(tmp_path: Path) -> None:
    snippets = relaxed(REPO / ".vscode" / "cards.code-snippets")
    words = {"3": "voices", "4": "docs.example.com/polly", "5": "2026-10"}
    for name, snippet in snippets.items():
        assert snippet["scope"] == "markdown"
        if name == "Gap":
            assert (
                expanded(snippet["body"].replace("$TM_SELECTED_TEXT", "3,000"), {})
                == "{{c1::3,000::hint}}"
            )
            continue
        project = make_project(tmp_path / snippet["prefix"], cards=False)
        home = project / "cards" / "4.2-services"
        home.mkdir(parents=True)
        text = "# Amazon Polly\n\n" + expanded(
            "\n".join(snippet["body"]), {**words, "1": "polly-new", "11": "Another"}
        )
        (home / "polly.md").write_text(text, "utf-8")
        said = run(project, "check")
        assert (said.code, [line for line in said.out.splitlines() if ": error " in line]) == (
            0,
            [],
        ), text
        assert run(project, "fmt", "--check").code == 0, text


def test_editors_of_toml_are_told_every_schema() -> None:
    """Both files map every TOML file of the project to the schema with which the compiler reads it."""
    import tomllib

    taplo = tomllib.loads((REPO / ".taplo.toml").read_text("utf-8"))["rule"]
    tombi = tomllib.loads((REPO / "tombi.toml").read_text("utf-8"))["schemas"]
    maps = [{(glob, rule["schema"]["path"]) for rule in taplo for glob in rule["include"]}]
    maps.append({(glob, rule["path"]) for rule in tombi for glob in rule["include"]})
    assert maps[0] == maps[1]
    assert {Path(path).name for _, path in maps[0]} == {
        p.name for p in (REPO / "schema").glob("*.json")
    } - {"card.schema.json"}
    assert all((REPO / path).exists() for _, path in maps[0])
    covered = {path for glob, _ in maps[0] for path in REPO.glob(glob)}
    every = {p for folder in ("schema", "decks") for p in (REPO / folder).rglob("*.toml")}
    assert every - covered == {REPO / "decks" / "mine.example.toml"}


# ---------------------------------------------------------------------------------------------------------------- pre-commit


def hooks() -> list[dict[str, str]]:
    """The hooks of .pre-commit-config.yaml, each with its keys and values as they are written."""
    text = (REPO / ".pre-commit-config.yaml").read_text("utf-8")
    return [dict(re.findall(r"([a-z_]+): (.+)", one)) for one in text.split("      - ")[1:]]


def test_the_hooks_check_and_format_what_is_committed(clone: Path) -> None:
    check, fmt = hooks()
    assert [hook["id"] for hook in (check, fmt)] == ["deckwright-check", "deckwright-fmt"]
    right = (clone / POLLY).read_text("utf-8")
    assert subprocess.run(check["entry"].split(), cwd=clone).returncode == 0
    (clone / POLLY).write_text(right.replace("kind: concept", "kind: nonsense"), "utf-8")
    assert subprocess.run(check["entry"].split(), cwd=clone).returncode == 1
    (clone / POLLY).write_text(right.replace("- kind: concept", "- kind:   concept"), "utf-8")
    assert subprocess.run([*fmt["entry"].split(), POLLY], cwd=clone).returncode == 0
    assert (clone / POLLY).read_text("utf-8") == right
    for path, wanted in {
        POLLY: (True, True),
        "cards/README.md": (True, False),
        "cards/mine/README.md": (True, False),
        "decks/project.toml": (True, False),
        "README.md": (False, False),
    }.items():
        found = tuple(
            bool(re.search(h["files"], path)) and not re.search(h.get("exclude", "$^"), path)
            for h in (check, fmt)
        )
        assert found == wanted, path


@pytest.mark.skipif(not shutil.which("pre-commit"), reason="pre-commit is not installed")
def test_pre_commit_itself_stops_a_commit(clone: Path) -> None:
    shutil.copy(REPO / ".pre-commit-config.yaml", clone)
    git = ["git", "-c", "user.name=Author", "-c", "user.email=author@example.com"]
    for command in (
        [*git, "add", ".pre-commit-config.yaml", "cards"],
        ["pre-commit", "install"],
        [*git, "commit", "-qm", "Right"],
    ):
        assert subprocess.run(command, cwd=clone, capture_output=True).returncode == 0
    right = (clone / POLLY).read_text("utf-8")
    (clone / POLLY).write_text(right.replace("kind: concept", "kind: nonsense"), "utf-8")
    done = subprocess.run(
        [*git, "commit", "-qam", "Wrong"], cwd=clone, capture_output=True, text=True
    )
    assert (done.returncode, "S307" in done.stdout + done.stderr) == (1, True)
    (clone / POLLY).write_text(right.replace("- kind: concept", "- kind:   concept"), "utf-8")
    assert (
        subprocess.run(
            [*git, "commit", "-qam", "Not in normal form"], cwd=clone, capture_output=True
        ).returncode
        == 1
    )
    assert (clone / POLLY).read_text("utf-8") == right
