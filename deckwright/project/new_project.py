"""The files of a new project: a small deck on any subject, with its own names and IDs."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from deckwright.core import shipped
from deckwright.project.names import language_tag, new_namespace
from deckwright.project.notetypes import FIELDS

WORKFLOW = ".github/workflows/deck.yml"  # not every new project gets it

_STARTER = Path(__file__).parent / "starter"
_NOTETYPES = "decks/notetypes"
SAMPLE = _STARTER / "cards/basics/studying.md"
GIT_ATTRIBUTES = _STARTER / "gitattributes"
_RENAMED = {
    "gitattributes": ".gitattributes",
    "gitignore": ".gitignore",
    "workflow.yml": WORKFLOW,
}


def new_project(
    deck: str, tag: str, epoch: int, version: str, language: str = ""
) -> dict[str, str]:
    """Return the texts of a new project by path.

    `epoch` is the time in seconds that drafts get, and `version` that of the compiler. The
    namespace and all IDs are random: no two calls return the same.
    """
    values = {
        "deck": deck,
        "deck_quoted": json.dumps(deck, ensure_ascii=False),
        "tag": tag,
        "namespace": new_namespace(tag),
        "epoch": str(epoch),
        "day": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "version": version,
        "language": f'language = "{language_tag(language)}"' if language else '# language = "de"',
    }
    texts = {_RENAMED.get(path, path): _filled(text, values) for path, text in _texts(_STARTER)}
    for path, text in _texts(shipped.FOLDER / _NOTETYPES):
        slug = path.split("/")[0]
        is_settings = path == f"{slug}/notetype.toml" and slug in FIELDS
        texts[f"{_NOTETYPES}/{path}"] = _with_new_ids(text, deck, slug) if is_settings else text
    return texts


def _texts(folder: Path) -> list[tuple[str, str]]:
    """Return the path and the text of every file below a folder, in order."""
    return [
        (path.relative_to(folder).as_posix(), path.read_text("utf-8"))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Replace each `%name%`."""
    return re.sub(r"%(\w+)%", lambda match: values[match[1]], text)


def _with_new_ids(text: str, deck: str, slug: str) -> str:
    """Return the settings of a note type with the deck's name and IDs that nobody else has.

    Anki takes a note type's ID for a time in milliseconds. IDs of fields and templates can
    be any number that fits into 63 bits.
    """
    name = json.dumps(f"{deck} {slug.replace('-', ' ').title()}", ensure_ascii=False)
    text = re.sub(r'(?m)^name = ".*"$', lambda _: f"name = {name}", text, count=1)
    head, fields = text.split("fields = [", 1)
    head = re.sub(r"(?m)^id = \d+$", f"id = {1_500_000_000_000 + secrets.randbits(40)}", head)
    fields = re.sub(r"\bid = \d+", lambda _: f"id = {10**17 + secrets.randbits(62)}", fields)
    return f"{head}fields = [{fields}"
