"""Projects of other shapes: several roots, one inside the other, packages by service."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import SETTINGS, cards_of, codes, diagnostics, edit, run, write_release
from foreign_decks import PNG

CARD = "# Mine\n\n## {id}\n\n- kind: concept\n- topic: voices\n\n{question}\n\n---\n\nAn answer.\n"


def with_root(project: Path, namespace: str = "mine") -> Path:
    """Add cards/mine as a separate root; return its folder for Polly."""
    root = f'[[root]]\npath = "cards/mine"\nnamespace = "{namespace}"\n\n[[package]]'
    edit(project, "[[package]]", root, SETTINGS)
    home = project / "cards" / "mine" / "services"
    home.mkdir(parents=True)
    return home


def retire(project: Path, entry: str, namespace: str = "mini") -> None:
    """Write an entry of a file of retirements."""
    (project / "decks" / "retired").mkdir(exist_ok=True)
    (project / "decks" / "retired" / f"{namespace}.toml").write_text(entry, "utf-8")


def rows(project: Path) -> dict[str, dict]:
    assert run(project, "decks").code == 0
    return {row["guid"]: row for row in cards_of(project / "dist")}


def test_the_same_id_in_two_namespaces_makes_two_notes(mini: Path) -> None:
    (with_root(mini) / "polly.md").write_text(
        CARD.format(id="polly-purpose", question="What is mine?"), "utf-8"
    )
    assert [row["id"] for row in rows(mini).values()].count("polly-purpose") == 2


def test_the_same_question_in_two_roots_is_said(mini: Path) -> None:
    (with_root(mini) / "polly.md").write_text(
        CARD.format(id="polly-purpose", question="What does Polly make of text?"), "utf-8"
    )
    (row,) = diagnostics(mini)
    assert (row["code"], "`polly-purpose`" in row["message"]) == ("U509", True)


def test_a_retired_id_is_free_in_another_namespace(mini: Path) -> None:
    home = with_root(mini)
    theirs = mini / "cards" / "services" / "polly" / "old.md"
    theirs.write_text(CARD.format(id="old-card", question="What is theirs?"), "utf-8")
    write_release(mini)
    theirs.unlink()
    retire(mini, '[[card]]\nid = "old-card"\nreason = "It was wrong."\nsuccessors = []\n')
    write_release(mini, "1.1.0", 2000)
    (home / "polly.md").write_text(CARD.format(id="old-card", question="What is mine?"), "utf-8")
    assert run(mini, "check").code == 0
    theirs.write_text(CARD.format(id="old-card", question="What is theirs?"), "utf-8")
    assert "U502" in codes(mini)


@pytest.mark.parametrize("key", ["site", "repository"])
@pytest.mark.parametrize(
    "address", ["http://deck.example", "https://deck.example/", "deck.example", "https://"]
)
def test_an_address_of_the_project_is_https_without_a_slash_at_the_end(
    key: str, address: str, mini: Path
) -> None:
    settings = mini / "decks" / "project.toml"
    settings.write_text(f'{key} = "{address}"\n' + settings.read_text("utf-8"), "utf-8")
    result = run(mini, "check")
    assert result.code == 1
    assert f"decks/project.toml:1:{len(key) + 4}: error V803" in result.out


@pytest.mark.parametrize(
    "name", ["#polly.md#", "polly.md~", ".polly.md.swp", "4913", "Thumbs.db", "desktop.ini"]
)
def test_what_editors_and_file_managers_leave_is_passed_over(mini: Path, name: str) -> None:
    (mini / "cards" / "services" / name).write_bytes(b"\xff")
    assert run(mini, "check", "--strict").code == 0
    (mini / "cards" / "services" / "polly.md.orig").write_bytes(b"\xff")
    assert "D107" in run(mini, "check").out


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("decks/project.toml", "deck = ", "deck = = "),
        ("decks/project.toml", "epoch = ", "epok = "),
        ("decks/mine.toml", "namespace = ", "namespace = = "),
    ],
)
def test_broken_settings_do_not_hide_what_is_wrong_with_cards(
    mini: Path, path: str, old: str, new: str
) -> None:
    assert run(mini, "fork", "My cards").code == 0
    edit(mini, old, new, path)
    edit(mini, "kind: concept", "kind: consept")
    result = run(mini, "check")
    assert result.code == 1
    assert re.search(rf"^{path}:\d+:\d+: error", result.out, re.MULTILINE)
    assert "error S307" in result.out
    assert run(mini, "coverage").code == 1


def with_off(project: Path, entries: str) -> None:
    """Give the first root of a project a list of rules that are off."""
    edit(project, "[[package]]", f"off = {entries}\n\n[[package]]", SETTINGS)


def test_a_root_can_switch_off_taste_but_not_what_protects_learners(mini: Path) -> None:
    (mini / "cards/img").mkdir()
    (mini / "cards/img/big.png").write_bytes(PNG + bytes(400_000))
    card = mini / "cards/services/polly.md"
    table = "| one | two | three | four |\n| --- | --- | --- | --- |\n| 1 | 2 | 3 | 4 |"
    text = card.read_text("utf-8") + f"\n\n![](../img/big.png)\n\n{table}\n\n[a](http://a.org)\n"
    card.write_text(text, "utf-8")
    assert set(codes(mini, "error")) == {"R604", "R602", "C440", "R608"}
    with_off(mini, '["R604", "R602", "C440"]')
    assert set(codes(mini, "error")) == {"R608"}


def test_a_wrong_entry_of_the_settings_is_one_error(mini: Path) -> None:
    card = mini / "cards/services/polly.md"
    card.write_text(card.read_text("utf-8") + "\n\n![](../reliability/img/copies.svg)\n", "utf-8")
    with_off(mini, '["R608", "R604", "C471"]')
    (mini / "decks/notetypes/basci").mkdir()
    assert sorted(codes(mini, "error")) == ["V803", "V806"]
