"""The text for a shared deck on AnkiWeb: there if the project asks for it, and true."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import diagnostics, run

TABLE = """\
[ankiweb]
title = "Mini: a deck"
tags = "mini deck"
license = "All of it is under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)."
remark = "It is small."

[[root]]"""
REPOSITORY = "https://code.example/you/deck"


def share(project: Path, old: str = "", new: str = "", top: str = "") -> Path:
    """Add `[ankiweb]`, with `old` replaced in it, and lines at the top of the settings."""
    settings = project / "decks" / "project.toml"
    text = settings.read_text("utf-8").replace("[[root]]", TABLE.replace(old, new), 1)
    settings.write_text(top + text, "utf-8")
    return project


def files(project: Path) -> dict[str, bytes]:
    assert run(project, "decks").code == 0
    dist = project / "dist"
    return {p.relative_to(dist).as_posix(): p.read_bytes() for p in dist.rglob("*") if p.is_file()}


def test_only_a_project_that_shares_its_deck_has_the_text(mini: Path) -> None:
    before = files(mini)
    after = files(share(mini))
    assert set(after) - set(before) == {"ankiweb.md"}
    assert b"  ankiweb.md\n" in after.pop("SHA256SUMS")
    assert {path: before[path] for path in after if path in before} == {
        path: data for path, data in after.items() if path != "ankiweb.md"
    }


def test_the_text_says_what_the_cards_say(mini: Path) -> None:
    text = files(share(mini))["ankiweb.md"].decode()
    assert text.startswith("# Shared deck on AnkiWeb\n")
    assert "## Title\n\nMini: a deck\n\n## Tags\n\nmini deck\n\n## Description\n\n" in text
    assert " 9 cards" in text
    assert "docs.example.com" in text
    assert "under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)." in text
    assert text.endswith("\n\nIt is small.\n")


@pytest.mark.parametrize("top", ["", 'site = ""\nrepository = ""\n'])
def test_without_addresses_the_text_has_no_links_to_the_project(top: str, mini: Path) -> None:
    text = files(share(mini, top=top))["ankiweb.md"].decode()
    assert text.count("](") == 1  # the license
    assert "Support page" not in text


def test_with_addresses_the_text_links_to_site_and_repository(mini: Path) -> None:
    top = f'site = "https://deck.example"\nrepository = "{REPOSITORY}"\n'
    text = files(share(mini, top=top))["ankiweb.md"].decode()
    assert f"## Support page\n\n{REPOSITORY}/issues\n" in text
    for address in ("https://deck.example", f"{REPOSITORY}/releases", f"{REPOSITORY}/issues"):
        assert f"]({address})" in text


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("Mini: a deck", "M" * 61, "title"),
        ("mini deck", "m " * 30 + "m", "tags"),
        ("mini deck", "mini,  deck", "tags"),
    ],
)
def test_the_limits_of_the_form_are_checked(old: str, new: str, at: str, mini: Path) -> None:
    folder = share(mini, old, new)
    (found,) = diagnostics(folder)
    assert (found["severity"], found["path"]) == ("error", "decks/project.toml")
    line = (folder / found["path"]).read_text("utf-8").splitlines()[found["line"] - 1]
    assert line.startswith(f"{at} = ")


def test_a_fork_does_not_share_its_deck(mini: Path) -> None:
    assert run(share(mini), "fork", "My cards").code == 0
    assert "ankiweb.md" not in files(mini)
