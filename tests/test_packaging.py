"""The installed package has every file of the checkout that it reads."""

from __future__ import annotations

import tomllib
from pathlib import Path

from conftest import REPO

PACKAGE = REPO / "deckwright"


def shipped() -> set[Path]:
    """The files that pyproject.toml names, next to the modules."""
    settings = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    patterns = settings["package-data"]["*"]
    folders = [file.parent for file in PACKAGE.rglob("__init__.py")]
    return {path for folder in folders for pattern in patterns for path in folder.glob(pattern)}


def test_every_file_that_is_no_module_is_in_the_package() -> None:
    files = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix[:3] != ".py"}
    assert files - shipped() == set()


def test_the_package_has_no_symbolic_link_and_no_hidden_file() -> None:
    every = list(PACKAGE.rglob("*"))
    assert [p for p in every if p.is_symlink() or p.name.startswith(".")] == []
