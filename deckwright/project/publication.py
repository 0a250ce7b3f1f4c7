"""Where the project is published, from `decks/project.toml`: its addresses, AnkiWeb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SharedDeck:
    """What the listing of a shared deck says besides what follows from the cards.

    `tags` are words with spaces between them. `license` and `remark` are paragraphs of
    Markdown; the remark may be empty.
    """

    title: str
    tags: str
    license: str
    remark: str = ""


def address(data: Mapping[str, Any], key: str) -> str:
    """Return an address of decks/project.toml with the address of the repository in it.

    Empty if there is none, or if it needs a repository that has no address.
    """
    given, repository = str(data.get(key, "")), str(data.get("repository", ""))
    if "{repository}" in given and not repository:
        return ""
    return given.replace("{repository}", repository)


def shared_deck(data: Mapping[str, Any]) -> SharedDeck | None:
    """Return the shared deck that decks/project.toml describes, or None."""
    table = data.get("ankiweb")
    if table is None:
        return None
    return SharedDeck(
        table["title"], table["tags"], table["license"].strip(), table.get("remark", "").strip()
    )
