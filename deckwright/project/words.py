"""The words that cards and the pages of the site show, in the project's language.

In templates and the stylesheet of cards, `[[name]]` stands for a word of the table `[cards]` in
decks/notetypes/words.toml. The table `[site]` has the words of the site.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from deckwright.core import shipped
from deckwright.core.source import Source
from deckwright.core.suggest import nearest
from deckwright.project.toml_file import Reader, Table

PLACE = re.compile(r"\{(\w+)\}")
TAG = re.compile(r"<(/?[a-z]+)>")  # in a word of the site; pages add attributes

Word = str | Mapping[str, str]

_FILE, _SCHEMA = "decks/notetypes/words.toml", "schema/words.schema.json"
_MARKER = re.compile(r"\[\[([a-z][a-z-]*)\]\]")
_FIELD = re.compile(r"\{([A-Z]\w*)\}")
_OTHERS = ("report", "lang", "dir")  # that are not words
_RIGHT_TO_LEFT = re.compile(
    r"(ar|arc|ckb|dv|fa|he|ks|nqo|ps|sd|syr|ug|ur|yi)\b(?!-latn)|\w+-(arab|hebr)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class SiteWords:
    """The words by name. One with a number `n` in it can have the texts `one` and `other`."""

    words: Mapping[str, Word]

    def text(self, name: str, n: object = None) -> str:
        """Return a word as it is written, for the number `n`."""
        word = self.words[name]
        if isinstance(word, str):
            return word
        return word.get("one", word["other"]) if n == 1 else word["other"]

    def number(self, number: int) -> str:
        """Return a number with separators between thousands."""
        return f"{number:,}".replace(",", self.text("thousands"))

    def say(self, name: str, /, **values: object) -> str:
        """Return a word with a value in each place such as `{n}`."""
        shown = {key: self.number(v) if isinstance(v, int) else v for key, v in values.items()}
        return PLACE.sub(lambda match: str(shown[match[1]]), self.text(name, values.get("n")))


def read_words(reader: Reader) -> tuple[dict[str, str], SiteWords]:
    """Return the words on cards and those of the site: the project's, or else the compiler's."""
    has_own = (reader.folder / _FILE).exists()
    table = reader.table(_FILE, _SCHEMA) if has_own else None
    english = _english()
    cards = table.data.get("cards", {}) if table else {}
    site = _fitting(reader, table, english["site"]) if table else {}
    return english["cards"] | cards, SiteWords(english["site"] | site)


def of_language(language: str) -> dict[str, str]:
    """Return the values of the attributes `lang` and `dir` for a language (BCP 47)."""
    return {"lang": language, "dir": "rtl" if _RIGHT_TO_LEFT.match(language) else "ltr"}


def check(reader: Reader, source: Source) -> None:
    """Record each `[[name]]` that stands for nothing."""
    known = (*_english()["cards"], *_OTHERS)
    for match in _MARKER.finditer(source.text):
        if match[1] not in known:
            place = source.span(match.start(), match.end())
            help_line = nearest(match[1], known) or "the words are " + ", ".join(known)
            reader.error("V806", f"words.toml has no key `{match[1]}`", place, help_line)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with a value for each `[[name]]`, and fields for names in braces."""
    return _MARKER.sub(
        lambda match: _FIELD.sub(r"{{text:\1}}", values.get(match[1], match[0])), text
    )


def _fitting(reader: Reader, table: Table, english: Mapping[str, Word]) -> dict[str, Word]:
    """Return the project's words that fit the English ones. Record what is wrong with others."""
    fit: dict[str, Word] = {}
    for name, word in table.data.get("site", {}).items():
        if name not in english:
            help_line = nearest(name, english) or "delete it; the site has no such word"
            place = table.key("site", name)
            reader.error("V803", f"`{name}` isn't a key here", place, help_line)
        elif (wrong := _misfit(word, english[name])) is not None:
            help_line = (
                f"keep what is in braces and tags in the English text, `{_other(english[name])}`"
            )
            reader.error(
                "V803", f"`{wrong}` has the wrong form", table.place("site", name), help_line
            )
        else:
            fit[name] = word
    return fit


def _misfit(word: Word, english: Word) -> str | None:
    """Return the text of a word that has other places or tags than the English one, if any."""
    texts = {"other": word} if isinstance(word, str) else word
    for form, text in texts.items():
        free = "n" if form == "one" else ""  # it can say "a card" instead of "{n} card"
        if _places(text, free) != _places(_other(english), free):
            return text
    return None


def _places(text: str, free: str) -> list[str]:
    return sorted(one for one in PLACE.findall(text) + TAG.findall(text) if one != free)


def _other(word: Word) -> str:
    return word if isinstance(word, str) else word["other"]


@cache
def _english() -> Mapping[str, dict[str, Any]]:
    table = Reader(shipped.FOLDER).table(_FILE, _SCHEMA)
    return table.data if table else {"cards": {}, "site": {}}
