"""Texts that an earlier run found to be without errors, and what it read in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deckwright.cache import dependencies
from deckwright.cache.place import store_path
from deckwright.cache.store import Store, key_of


class SoundTexts:
    """Schemas that are usable, and files that follow their schema."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._compiler = dependencies.of_compiler()

    def find(self, *texts: str) -> Any:
        """Return what is in sound texts (a schema, or a schema and a file), or None."""
        return self._store.find(self._key(texts))

    def add(self, *texts: str, content: object) -> None:
        """Keep that texts are sound, with their content, which is not None."""
        self._store.add(self._key(texts), content)

    def save(self) -> None:
        """Write what is new."""
        self._store.save()

    def _key(self, texts: tuple[str, ...]) -> bytes:
        return key_of(self._compiler, *texts)


def sound_texts(folder: Path, overlay: Path | None) -> SoundTexts | None:
    """Return what is known of a project's texts, or None if nothing can be kept."""
    path = store_path("settings", folder, overlay)
    return SoundTexts(Store(path)) if path else None
