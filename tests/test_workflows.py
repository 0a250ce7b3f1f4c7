"""The workflows of the code host run nothing that does not run here.

Each of their commands runs in a folder in which programs only write down how they were
called, and everything that they call must exist: targets, commands, options, files.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from conftest import REPO, run
from releases import Clock, commit, git

from deckwright.cli.main import main

WORKFLOWS = sorted((REPO / ".github" / "workflows").glob("*.yml"))
MAKEFILE = (REPO / "Makefile").read_text("utf-8")

# Programs that write down their arguments, and what they answer.
STUB = """\
#!/bin/sh
{ printf '%s' "${0##*/}"; printf '\\037%s' "$@"; echo; } >> "$CALLS"
case "${0##*/} $1 $2" in
  "gh issue list") printf '%s' "$OPEN_ISSUE" ;;
  "gh release view") echo v1.0.0 ;;
  "build.py verify --data") printf '%s' "$DRIFT"; exit "${VERIFY:-0}" ;;
  "build.py verify --since") printf '%s' "$SINCE" ;;
esac
"""
GH = {
    "issue create": {"--title", "--body-file"},
    "issue edit": {"--body-file"},
    "issue list": {"--app", "--state", "--search", "--json", "--jq"},
    "release create": {"--verify-tag", "--title", "--notes-file"},
    "release view": {"--json", "--jq"},
}


@dataclass(frozen=True)
class Step:
    """A step of a workflow that runs a script."""

    workflow: str
    job: str
    script: str


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items():
            yield path.stem, name, job


STEPS = [
    Step(workflow, name, step["run"])
    for workflow, name, job in jobs()
    for step in job.get("steps", ())
    if "run" in step
]


@pytest.fixture
def sandbox(tmp_path: Path, own_git: None) -> Path:
    """A repository with the tag v1.0.0 whose programs only write down their arguments."""
    folder = tmp_path / "sandbox"
    for path in ("bin/make", "bin/gh", "build.py", ".ci/programs", ".venv/bin/python"):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(STUB)
        file.chmod(0o755)
    # Some steps run only in the first week of a month.
    (folder / "bin/date").write_text("#!/bin/sh\necho 01\n")
    (folder / "bin/date").chmod(0o755)
    git(folder, "init", "-q", "-b", "main")
    commit(folder)
    git(folder, "tag", "v1.0.0")
    git(folder, "commit", "-q", "--allow-empty", "-m", "Later")
    return folder


def calls(step: Step, sandbox: Path, **environment: str) -> tuple[int, list[list[str]]]:
    """Run a step as the host does; return its exit code and the calls of programs."""
    log = sandbox / "calls"
    log.write_text("")
    env = {
        **os.environ,
        "PATH": f"{sandbox}/bin:{os.environ['PATH']}",
        "CALLS": str(log),
        "GITHUB_REF_NAME": "v1.0.0",
        **environment,
    }
    script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.script]
    done = subprocess.run(script, cwd=sandbox, env=env, capture_output=True, text=True)
    lines = log.read_text("utf-8").splitlines()
    return done.returncode, [line.split("\x1f") for line in lines]


def exists(call: list[str]) -> bool:
    """Whether there is everything that a call names."""
    program, *words = call
    options = {word.split("=")[0] for word in words if word.startswith("-")}
    if program == "make":
        target, *variables = words
        rule = re.escape(target.replace(".venv", "$(VENV)"))
        names = [variable.split("=")[0] for variable in variables]
        known = all(f"$({name})" in MAKEFILE or f"$${name}" in MAKEFILE for name in names)
        return known and re.search(rf"(?m)^{rule}:", MAKEFILE) is not None
    if program == "build.py":
        command = main.get_command(click.Context(main), words[0])
        return command is not None and options <= {n for p in command.params for n in p.opts}
    if program == "gh":  # all that somebody has looked up in its manual
        return options <= GH.get(" ".join(words[:2]), set())
    if program == "python":
        files = [word for before, word in pairwise(words) if before == "-r"]
        return words[:3] == ["-m", "pip", "install"] and all((REPO / f).exists() for f in files)
    return program == "programs"


JOBS = sorted({(step.workflow, step.job) for step in STEPS if step.job != "windows"})


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_everything_that_a_job_calls_exists(workflow: str, job: str, sandbox: Path) -> None:
    for step in STEPS:
        if (step.workflow, step.job) == (workflow, job):
            code, found = calls(step, sandbox, DRIFT="changed")
            assert code == 0
            assert found or step.script.startswith("test ")
            assert [call for call in found if not exists(call)] == []


def test_what_the_tests_need_runs_here_as_there() -> None:
    here = (REPO / ".ci" / "run").read_text("utf-8").splitlines()
    there = [step.script for step in STEPS if (step.workflow, step.job) == ("ci", "test")]
    assert there == [".ci/programs", "make lint", "make decks", "make test"]
    assert [script for script in there if script not in here] == []


def test_the_steps_for_windows_are_those_of_the_page() -> None:
    page = (REPO / "docs" / "windows.md").read_text("utf-8")
    lines = "".join(re.findall(r"(?ms)^```powershell\n(.*?)^```$", page)).splitlines()
    assert [step.script for step in STEPS if step.job == "windows"] == lines


HOSTILE = """# Amazon Polly: ##[error]title

## polly-runner

- kind: ##[error]kind
- ##[add-mask]key: x
- topic: voices
- source: https://docs.example.com/##[error]source

::add-mask::the prompt ##[error]prompt qwxz

---

  ::error::answer {{ ##[error]answer

```##[error]language
::stop-commands::x
```
"""


@pytest.mark.parametrize(
    "arguments",
    [
        "check --format text --all",
        "check --format json",
        "check --format github",
        "fmt --check",
        "decks",
        "find runner",
        "find --format json runner",
        "coverage --all",
        "stale",
        "explain ##[error]x",
        "evidence polly-runner",
        "preview",
    ],
)
@pytest.mark.parametrize("broken", ["cards", "settings", "neither"])
def test_no_output_on_the_code_host_is_a_command_of_its_runner(
    broken: str, arguments: str, mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runner looks for `##[` anywhere in a line, and for `::` at its start."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    hostile = HOSTILE
    if broken == "settings":
        with (mini / "decks" / "project.toml").open("a", encoding="utf-8") as file:
            file.write('[["##[error]key"]]\n"::error::x" = "##[error]"\n')
    elif broken == "neither":
        hostile = re.sub(r"- ##.*\n|\{\{ ", "", hostile).replace("##[error]kind", "concept")
        hostile = hostile.replace("##[error]source", "limits.html")
        hostile = hostile.replace("##[error]language", "text")
    name = "runner.md" if broken == "neither" else "##[error]file.md"
    (mini / "cards/services/polly" / name).write_text(hostile, "utf-8")
    done = run(mini, *arguments.split())
    if broken == "neither" and arguments.startswith("check"):
        assert done.code == 0
    for line in (done.out + done.err).splitlines():
        assert "##[" not in line
        if line.strip().startswith("::"):
            assert arguments == "check --format github"
            assert re.match(r"::(error|warning|notice) file=[^:]+::", line)


def test_the_site_is_that_of_the_latest_release(sandbox: Path) -> None:
    (step,) = [step for step in STEPS if "git switch" in step.script]
    assert calls(step, sandbox)[0] == 0
    assert git(sandbox, "rev-parse", "HEAD") == git(sandbox, "rev-parse", "v1.0.0^{commit}")


def test_a_release_attaches_what_two_builds_agree_on(
    project: Path, clock: Clock, sandbox: Path, tmp_path: Path
) -> None:
    """The two steps, with the real Makefile, of a release of the mini project."""
    (collect,) = [step for step in STEPS if "make attachments" in step.script]
    (create,) = [step for step in STEPS if "gh release create" in step.script]
    assert run(project, "release", "1.0.0").code == 0
    shutil.copytree(REPO / ".ci", project / ".ci")
    shutil.copy(REPO / "Makefile", project)
    runners = re.findall(r"builds/(\S+)", collect.script)
    assert runners == next(
        job["strategy"]["matrix"]["runner"]
        for w, n, job in jobs()
        if (w, n) == ("release", "build")
    )
    for runner in runners:
        shutil.copytree(project / "dist", project / "builds" / runner)
    (sandbox / "bin" / "make").unlink()
    shutil.copytree(sandbox / "bin", project / "bin")
    assert calls(collect, project)[0] == 0
    code, ((*call,),) = calls(create, project)
    assert code == 0
    files = [word for word in call if word.startswith("build/release/files/")]
    assert "build/release/files/SHA256SUMS" in files
    assert len(files) == len(list((project / "builds" / runners[0]).rglob("*.*"))) + 1
    assert all((project / file).is_file() for file in files)
    (project / "builds" / runners[1] / "all.apkg").write_bytes(b"")
    assert calls(collect, project)[0] != 0


@pytest.mark.parametrize(
    ("environment", "done"),
    [
        ({"DRIFT": ""}, []),
        ({"DRIFT": "a warning"}, []),
        ({"DRIFT": "a warning", "SINCE": "changed"}, ["create"]),
        ({"DRIFT": "changed", "VERIFY": "1"}, ["create"]),
        ({"DRIFT": "changed", "VERIFY": "1", "OPEN_ISSUE": "7"}, ["edit"]),
    ],
)
def test_the_weekly_look_opens_one_issue(
    environment: dict[str, str], done: list[str], sandbox: Path
) -> None:
    found = []
    for step in [step for step in STEPS if step.workflow == "facts"]:
        code, called = calls(step, sandbox, **environment)
        assert code == 0
        found += [call[2] for call in called if call[:2] == ["gh", "issue"]]
    assert [word for word in found if word != "list"] == done


def test_no_line_of_the_list_leaves_its_block(sandbox: Path) -> None:
    (step,) = [step for step in STEPS if "gh issue list" in step.script]
    (sandbox / "drift.txt").write_text("~~~~\n@everyone\n\n```\n# Title\n" + "x\n" * 70_000)
    assert calls(step, sandbox)[0] == 0
    text = (sandbox / "issue.md").read_text()
    assert len(text) < 65_536
    assert [line for line in text.splitlines() if not line.startswith("    ")] == []


def test_what_can_write_installs_nothing_and_what_is_not_pinned_runs_no_code() -> None:
    writers = {
        (workflow, name)
        for workflow, name, job in jobs()
        if "write" in job.get("permissions", {}).values()
    }
    for step in STEPS:
        words = step.script.split()
        if (step.workflow, step.job) in writers:
            assert "pip" not in words
            targets = {after for before, after in pairwise(words) if before == "make"}
            assert targets <= {"attachments"}, "this target installs nothing"
        if "pip" in words:
            assert {"--require-hashes", "--no-deps"} & set(words)
            assert {"--require-hashes", "--only-binary", "-e"} & set(words)  # -e: this project
