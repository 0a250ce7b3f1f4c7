"""A project that looks like a clone of this repository, and programs that run in it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from conftest import REPO


def as_clone(project: Path) -> Path:
    """Put the compiler into a project, as in a clone; return the project."""
    shutil.copy(REPO / "build.py", project)
    for name in ("deckwright", ".venv"):
        (project / name).symlink_to(REPO / name)
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    return project


def run_program(folder: Path, *command: str) -> list[str]:
    """Run a program, which must end with 0; return the lines that it prints."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return (done.stdout + done.stderr).replace("\r\n", "\n").split("\n")
