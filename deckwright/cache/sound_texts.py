"""Texts that an earlier run found to be without errors."""

from __future__ import annotations

from pathlib import Path

from deckwright.cache import dependencies
from deckwright.cache.place import store_path
from deckwright.cache.store import Store, key_of


class SoundTexts:
    """Schemas that are usable, and files that follow their schema."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._compiler = dependencies.of_compiler()

    def has(self, *texts: str) -> bool:
        """Return whether texts are known to be sound (a schema, or a schema and a file)."""
        return bool(self._store.find(self._key(texts)))

    def add(self, *texts: str) -> None:
        """Keep that texts are sound."""
        self._store.add(self._key(texts), True)

    def save(self) -> None:
        """Write what is new."""
        self._store.save()

    def _key(self, texts: tuple[str, ...]) -> bytes:
        return key_of(self._compiler, *texts)


def sound_texts(folder: Path, overlay: Path | None) -> SoundTexts | None:
    """Return what is known of a project's texts, or None if nothing can be kept."""
    path = store_path("settings", folder, overlay)
    return SoundTexts(Store(path)) if path else None
