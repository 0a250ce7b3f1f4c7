"""What is kept of the check of one card file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from deckwright.cache import dependencies
from deckwright.cache.place import store_path
from deckwright.cache.store import Store, key_of
from deckwright.cards.similarity import Reading
from deckwright.core.card import Card, RawCard
from deckwright.core.diagnostics import Outcome
from deckwright.core.note import Image
from deckwright.core.source import Source


class FileResult(NamedTuple):
    """What a card file contains (`parsed`), and which of its cards are right (`checked`).

    `readings` are what the search for duplicates compares, by the offset of the card.
    """

    parsed: Outcome[RawCard]
    checked: Outcome[Card]
    readings: dict[int, Reading]


class KeptFiles:
    """The results of card files that stay true as long as nothing else has changed."""

    def __init__(self, store: Store, setting: bytes) -> None:
        self._store = store
        self._setting = setting

    def find(self, source: Source) -> FileResult | None:
        """Return what an earlier run found in a file with this text, if it is known."""
        found = self._store.find(self._key(source))
        return FileResult(*found) if found else None

    def add(self, source: Source, result: FileResult) -> None:
        """Keep what was found in a file, unless a help line is yet to be found."""
        key = self._key(source)
        if key in self._store:
            return
        diagnostics = (*result.parsed.diagnostics, *result.checked.diagnostics)
        if not any(diagnostic.find_help for diagnostic in diagnostics):
            self._store.add(key, tuple(result))

    def save(self) -> None:
        """Write what is new."""
        self._store.save()

    def _key(self, source: Source) -> bytes:
        return key_of(self._setting, source.path, source.root, source.namespace, source.text)


def kept_files(
    folder: Path, overlay: Path | None, images: Iterable[Image], today: date
) -> KeptFiles | None:
    """Return the kept results of a project's card files, or None if none can be kept.

    They depend on the compiler, on the settings of the project and of its overlay, on its
    images, and on the day, because dates must not be in the future.
    """
    path = store_path("cards", folder, overlay)
    settings = dependencies.of_settings(folder, *([overlay] if overlay else []))
    if path is None or settings is None:
        return None
    pictures = (f"{image.path} {image.digest}" for image in images)
    setting = key_of(dependencies.of_compiler(), settings, today.isoformat(), *pictures)
    return KeptFiles(Store(path), setting)
