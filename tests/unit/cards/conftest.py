"""What the tests of cards/ share."""

from __future__ import annotations

import pytest
from conftest import make_project

from deckwright.project import project
from deckwright.project.project import Project


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The mini project without cards."""
    return project.load(make_project(tmp_path_factory.mktemp("small") / "p", cards=False)).values[0]
