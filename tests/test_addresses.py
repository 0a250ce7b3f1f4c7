"""The addresses in decks/project.toml are the only ones: what needs them follows, or is left
out while they are empty.
"""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from conftest import REPO

from deckwright.project.project import Project, load

SITE, REPOSITORY = "https://deck.example", "https://code.example/you/deck"


def real(folder: Path, site: str, repository: str) -> Project:
    """The real project, without its cards, with other addresses."""
    for name in ("decks", "schema"):
        shutil.copytree(REPO / name, folder / name)
    (folder / "cards").mkdir()
    settings = folder / "decks" / "project.toml"
    text = settings.read_text("utf-8")
    for key, address in (("site", site), ("repository", repository)):
        text, found = re.subn(rf'(?m)^{key} = "[^"]*"', f'{key} = "{address}"', text)
        assert found == 1
    settings.write_text(text, "utf-8")
    outcome = load(folder)
    assert not outcome.diagnostics
    return outcome.value


def links(project: Project) -> set[str]:
    """The addresses in the templates of the cards."""
    templates = [t for kind in project.notetypes.values() for t in kind.templates]
    sides = [side for template in templates for side in (template.front, template.back)]
    return {unescape(link) for side in sides for link in re.findall(r'href="([^"]+)"', side)}


def test_without_addresses_the_cards_have_no_link_to_the_project(tmp_path: Path) -> None:
    project = real(tmp_path, "", "")
    assert (project.site, project.repository, project.edit) == ("", "", "")
    assert links(project) == set()


def test_one_address_turns_on_the_links_of_the_cards(tmp_path: Path) -> None:
    project = real(tmp_path, SITE, REPOSITORY)
    assert project.edit.startswith(f"{REPOSITORY}/edit/")
    (report,) = links(project)
    address = urlsplit(report)
    assert report.startswith(f"{REPOSITORY}/issues/new?")
    query = parse_qs(address.query)
    form = yaml.safe_load((REPO / ".github/ISSUE_TEMPLATE" / query["template"][0]).read_text())
    fields = {field.get("id") for field in form["body"]}
    assert query.keys() - {"template", "title"} <= fields
    assert "{{text:ID}}" in query["card"][0]


@pytest.mark.parametrize(("key", "name"), [("repository-code", "repository"), ("url", "site")])
def test_the_citation_has_the_addresses_that_exist(key: str, name: str) -> None:
    citation = yaml.safe_load((REPO / "CITATION.cff").read_text("utf-8"))
    assert citation.get(key, "") == getattr(load(REPO).value, name)
