"""The wheel and the source distribution: what they contain, and that they can be used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from conftest import REPO, edit
from installed import SOURCES, Installed, build, copy_sources

PACKAGE = REPO / "deckwright"
VERSION = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def files_below(folder: Path) -> dict[str, bytes]:
    """The files that git would keep, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def in_wheel(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_has_every_file_of_the_package_and_what_new_projects_get(
    installed: Installed,
) -> None:
    expected = {f"deckwright/{path}": data for path, data in files_below(PACKAGE).items()}
    shipped = "deckwright/core/shipped_files"
    for path, data in files_below(REPO / "decks" / "notetypes").items():
        expected[f"{shipped}/decks/notetypes/{path}"] = data
    for schema in (REPO / "schema").glob("*.schema.json"):
        expected[f"{shipped}/schema/{schema.name}"] = schema.read_bytes()
    found = in_wheel(installed.wheel)
    info = f"deckwright-{VERSION}.dist-info"
    assert {path for path in found if not path.startswith("deckwright/")} == {
        f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")
    } | {f"{info}/licenses/LICENSE"}
    assert {path: data for path, data in found.items() if path.startswith("deckwright/")} == (
        expected
    )


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    """In another folder, on another day, for a user with another language and time zone, and
    with files that only this user can read.
    """
    first = build(copy_sources(tmp_path / "a"), tmp_path / "first", TZ="UTC", LC_ALL="C")
    other = copy_sources(tmp_path / "somewhere" / "else")
    for path in other.rglob("*"):
        if path.is_file():
            path.chmod(0o600)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    second = build(other, tmp_path / "second", TZ="Pacific/Auckland", LC_ALL="C.UTF-8")
    assert [path.name for path in first] == [
        f"deckwright-{VERSION}-py3-none-any.whl",
        f"deckwright-{VERSION}.tar.gz",
    ]
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name


def test_the_source_distribution_gives_the_same_wheel_and_has_no_cards(
    tmp_path: Path, installed: Installed
) -> None:
    (source,) = build(copy_sources(tmp_path / "sources"), tmp_path / "dist", "-t", "sdist")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / f"deckwright-{VERSION}"
    found = files_below(unpacked)
    tops = {path for path in SOURCES if "/" not in path} | {"decks", "PKG-INFO"}
    assert {path.split("/")[0] for path in found} == tops
    assert not [path for path in found if path.startswith("schema/") and "schema.json" not in path]
    (wheel,) = build(unpacked, tmp_path / "again", "-t", "wheel")
    assert wheel.read_bytes() == installed.wheel.read_bytes()


def test_an_installed_compiler_makes_and_builds_a_project(
    tmp_path: Path, installed: Installed
) -> None:
    """`test_guides.py` walks through the rest."""
    for folder, command in ((tmp_path, "init my-deck"), (tmp_path / "my-deck", "preview")):
        done = installed.run(folder, *command.split())
        assert done.returncode == 0, done


@pytest.mark.parametrize(
    ("arguments", "code"),
    [("explain C453", 0), ("completion bash", 0), ("--help", 0), ("check", 1)],
)
def test_an_installed_compiler_calls_itself_as_it_is_called(
    tmp_path: Path, installed: Installed, arguments: str, code: int
) -> None:
    result = installed.run(tmp_path, *arguments.split())
    assert result.returncode == code, result
    assert "build.py" not in result.stdout + result.stderr


def test_the_version_is_that_of_the_metadata(tmp_path: Path, installed: Installed) -> None:
    assert installed.run(tmp_path, "--version").stdout == f"deckwright {VERSION}\n"
    metadata = in_wheel(installed.wheel)[f"deckwright-{VERSION}.dist-info/METADATA"].decode()
    assert f"\nVersion: {VERSION}\n" in metadata


def test_a_checkout_that_is_not_installed_knows_its_version(tmp_path: Path) -> None:
    """Even if another version is installed."""
    sources = copy_sources(tmp_path / "checkout")
    shutil.copy(REPO / "build.py", sources)
    edit(sources, f'"{VERSION}"', '"7.8.9"', "pyproject.toml")
    said = subprocess.run(
        [sys.executable, "build.py", "--version"], cwd=sources, capture_output=True, text=True
    )
    assert said.stdout == "deckwright 7.8.9\n", said.stderr
