"""The words that templates and the stylesheet show, in the project's language.

In these files, `[[name]]` stands for a word of decks/notetypes/words.toml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from deckwright.core import shipped
from deckwright.core.source import Source
from deckwright.core.suggest import nearest
from deckwright.project.toml_file import Reader

_FILE, _SCHEMA = "decks/notetypes/words.toml", "schema/words.schema.json"
_MARKER = re.compile(r"\[\[([a-z][a-z-]*)\]\]")
_FIELD = re.compile(r"\{([A-Z]\w*)\}")
_OTHERS = ("report", "lang", "dir")  # that are not words
_RIGHT_TO_LEFT = re.compile(
    r"(ar|arc|ckb|dv|fa|he|ks|nqo|ps|sd|syr|ug|ur|yi)\b(?!-latn)|\w+-(arab|hebr)\b", re.IGNORECASE
)


def read(reader: Reader) -> dict[str, str]:
    """Return the words on cards: the project's, and the compiler's for those that it lacks."""
    has_own = (reader.folder / _FILE).exists()
    table = reader.table(_FILE, _SCHEMA) if has_own else None
    return {**_english(), **(table.data.get("cards", {}) if table else {})}


def of_language(language: str) -> dict[str, str]:
    """Return the values of the attributes `lang` and `dir` for a language (BCP 47)."""
    return {"lang": language, "dir": "rtl" if _RIGHT_TO_LEFT.match(language) else "ltr"}


def check(reader: Reader, source: Source) -> None:
    """Record each `[[name]]` that stands for nothing."""
    known = (*_english(), *_OTHERS)
    for match in _MARKER.finditer(source.text):
        if match[1] not in known:
            place = source.span(match.start(), match.end())
            help_line = nearest(match[1], known) or "the words are " + ", ".join(known)
            reader.error("V806", f"`{match[1]}` isn't a key of words.toml", place, help_line)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with a value for each `[[name]]`, and fields for names in braces."""
    return _MARKER.sub(
        lambda match: _FIELD.sub(r"{{text:\1}}", values.get(match[1], match[0])), text
    )


@cache
def _english() -> Mapping[str, str]:
    table = Reader(shipped.FOLDER).table(_FILE, _SCHEMA)
    return dict(table.data["cards"]) if table else {}
