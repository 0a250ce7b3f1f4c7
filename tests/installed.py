"""The compiler as users have it: built as a wheel, and installed outside of the checkout.

Nothing comes from the network. The environment has links to the libraries that
pyproject.toml names, and to those that they need, from the environment that runs the tests. It has
no others, so a library that pyproject.toml does not name is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest
from conftest import REPO, clock_of
from packaging.requirements import Requirement

# What the wheel is built from.
SOURCES = ("deckwright", "schema", "decks/notetypes", "pyproject.toml", "LICENSE", ".gitignore")


@dataclass(frozen=True)
class Installed:
    """A wheel, and the folder with the commands of the environment that it is installed in."""

    wheel: Path
    commands: Path

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command `deckwright` in a folder, as a shell would."""
        return subprocess.run(
            [self.commands / "deckwright", *arguments],
            cwd=folder,
            env={
                **clock_of(folder),
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "LANG": "C.UTF-8",
            },
            capture_output=True,
            text=True,
            timeout=120,
        )


def copy_sources(folder: Path) -> Path:
    """Copy what the wheel is built from into a new folder."""
    for name in SOURCES:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (REPO / name).is_dir():
            shutil.copytree(REPO / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(REPO / name, target)
    return folder


def build(sources: Path, out: Path, *targets: str, **variables: str) -> list[Path]:
    """Build distributions (`-t wheel`, `-t sdist`; by default both), and return their files."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(out), *targets]
    kept = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    result = subprocess.run(
        command, cwd=sources, env={**kept, **variables}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return sorted(out.iterdir())


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel into a new environment, and return the folder with its commands."""
    run = [sys.executable, "-m"]
    subprocess.run([*run, "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    offline = ["--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check", "-q"]
    subprocess.run([*run, "pip", "--python", python, "install", *offline, wheel], check=True)
    link_libraries(next(folder.glob("lib/python*/site-packages")))
    return folder / "bin"


def link_libraries(folder: Path) -> Path:
    """Link the libraries that the compiler needs, and no others, into a folder."""
    folder.mkdir(exist_ok=True)
    settings = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))
    for name in _closure(settings["project"]["dependencies"]):
        _link(metadata.distribution(name), folder)
    return folder


def _closure(requirements: list[str]) -> list[str]:
    """Return the names of distributions that are required, and of all that these require."""
    names: dict[str, None] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        one = waiting.pop()
        if one.name in names or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        names[one.name] = None
        waiting += map(Requirement, metadata.requires(one.name) or [])
    return list(names)


def _link(distribution: metadata.Distribution, folder: Path) -> None:
    """Link the modules and the metadata of a distribution into a folder."""
    tops = {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}
    assert tops, distribution.name
    for top in tops:
        if not (folder / top).exists():
            (folder / top).symlink_to(Path(str(distribution.locate_file(top))).resolve())


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel of this checkout, installed."""
    folder = tmp_path_factory.mktemp("installed")
    (wheel,) = build(copy_sources(folder / "sources"), folder / "dist", "-t", "wheel")
    return Installed(wheel, install(wheel, folder / "environment"))
