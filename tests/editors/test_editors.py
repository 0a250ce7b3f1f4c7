"""Editors with the settings of docs/editors.md, TOML schemas, pre-commit hooks."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from clone import as_clone, run_program
from conftest import POLLY, REPO

GUIDE = (REPO / "docs" / "editors.md").read_text("utf-8")

neovim = pytest.mark.skipif(
    not shutil.which("nvim"), reason="Neovim is not installed (on Debian: apt install neovim)"
)
emacs = pytest.mark.skipif(
    not shutil.which("emacs"), reason="Emacs is not installed (on Debian: apt install emacs-nox)"
)


@pytest.fixture
def clone(mini: Path) -> Path:
    return as_clone(mini)


def setting(language: str) -> str:
    (block,) = re.findall(rf"(?ms)^```{language}\n(.*?)^```$", GUIDE)
    return block


@neovim
def test_neovim_shows_problems_completes_explains_goes_and_formats(
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
        wait("diagnostic", function() return #vim.diagnostic.get(0) > 0 end)
        for _, d in ipairs(vim.diagnostic.get(0)) do
          said[#said + 1] = ("%s %s:%s %s"):format(d.code, d.lnum + 1, d.col + 1, d.message)
        end
        put("- kind: concept")
        wait("fix", function() return #vim.diagnostic.get(0) == 0 end)
        local function ask(method, line, character)
          local document = {{ uri = vim.uri_from_bufnr(0) }}
          local position = {{ line = line, character = character }}
          local place = {{ textDocument = document, position = position }}
          for _, answer in pairs(vim.lsp.buf_request_sync(0, method, place, 60000)) do
            return answer.result
          end
        end
        for _, item in ipairs(ask("textDocument/completion", {line}, 9).items) do
          said[#said + 1] = "topic " .. item.label
        end
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
    settings = ["-u", f"{tmp_path}/init.lua", "-c", f"luafile {tmp_path}/say.lua"]
    run_program(clone, *environment, "nvim", "--headless", "--clean", "-n", *settings)
    said = (tmp_path / "said").read_text("utf-8").splitlines()  # with a zero for a line feed inside
    assert re.fullmatch(f"S307 {line}:9 .*`conecpt`\0help: .*`concept`.*", said[0])
    assert said[1:4] == ["topic voices", "topic copies", "topic words"]
    assert said[4].startswith("**kind**")
    assert said[5:] == ['slug = "voices"', "[- kind: concept]", "[- kind: ]"]


@emacs
def test_emacs_shows_problems_completes_and_formats(clone: Path, tmp_path: Path) -> None:
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
        (defun say-line ()
          (let ((line (buffer-substring-no-properties
                       (line-beginning-position) (line-end-position))))
            (message "[%s]" line)))
        (find-file "{POLLY}")
        (text-mode)
        (apply #'eglot (eglot--guess-contact))
        (card-put "- kind: conecpt")
        (eglot--signal-textDocument/didChange)
        (flymake-start)
        (wait "diagnostic" #'flymake-diagnostics)
        (dolist (d (flymake-diagnostics)) (message "%s" (flymake-diagnostic-text d)))
        (card-put "- ki") (completion-at-point) (say-line)
        (card-put "- kind: sc") (completion-at-point) (say-line)
        (card-put "- kind:    concept") (eglot-format-buffer)
        (goto-char (point-min)) (search-forward "## polly-purpose") (forward-line 2) (say-line)
        """,
        "utf-8",
    )
    scripts = ["-l", f"{tmp_path}/init.el", "-l", f"{tmp_path}/say.el"]
    said = run_program(clone, "emacs", "-Q", "--batch", *scripts)
    assert "`conecpt`" in " ".join(said)
    lines = [line for line in said if line.startswith("[- ")]
    assert lines == ["[- kind: ]", "[- kind: scenario]", "[- kind: concept]"]


def test_editors_of_toml_know_every_schema() -> None:
    """Both files map every TOML file to the schema with which the compiler reads it."""
    import tomllib

    taplo = tomllib.loads((REPO / ".taplo.toml").read_text("utf-8"))["rule"]
    tombi = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["tool"]["tombi"]["schemas"]
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


def hooks() -> list[dict[str, str]]:
    """The hooks of .pre-commit-config.yaml, with keys and values as written."""
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
