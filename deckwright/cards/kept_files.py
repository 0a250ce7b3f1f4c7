"""What is kept of the check of one card file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from deckwright.cache import dependencies, values
from deckwright.cache.place import store_path
from deckwright.cache.store import Store, key_of
from deckwright.cards.duplicates.signature import Signature
from deckwright.core.card import Card, Later, RawCard
from deckwright.core.diagnostics import Outcome
from deckwright.core.note import Image
from deckwright.core.source import Source


class FileResult(NamedTuple):
    """What a card file contains (`parsed`), and which of its cards are right (`checked`).

    `images` are the paths of the images that its cards show. `signatures` are what the
    search for duplicates compares, by the offset of the card.
    """

    parsed: Outcome[RawCard]
    checked: Outcome[Card]
    images: frozenset[str]
    signatures: dict[int, Signature]


class Right(NamedTuple):
    """Words and metadata that are known to be right.

    With these, an edited card needs neither the word list nor jsonschema for what it had
    before. `words` and `us_words` are as in `Context`, `metadata` as in `Schema.allowed`.
    """

    words: frozenset[str] = frozenset()
    us_words: frozenset[str] = frozenset()
    metadata: frozenset[tuple[str, str]] = frozenset()


_FUTURE = "S306"
_REST = "rest"  # in the fingerprint of what is read later

# What a kept card has at once. The rest is read when it is used: a check of unchanged cards
# needs none of it.
_LARGE = {RawCard: ("metadata", "sections"), Card: ("content",)}
_SMALL = {
    kind: tuple(f.name for f in fields(kind) if f.init and f.name not in large)
    for kind, large in _LARGE.items()
}


class KeptFiles:
    """The results of card files that stay true as long as nothing else has changed."""

    def __init__(self, store: Store, setting: bytes, today: date) -> None:
        self._store = store
        self._setting = setting
        self._day = today.toordinal()
        self._right_key = key_of(setting, "right")
        self.right = Right(*(store.find(self._right_key) or ()))

    def keep_right(self, right: Right) -> None:
        """Keep the words and metadata that this run has found right."""
        if right != self.right:
            self._store.add(self._right_key, tuple(right))
            self.right = right

    def find(self, source: Source) -> FileResult | None:
        """Return what an earlier run found in a file with this text, if it is known."""
        key = self._key(source)
        small = self._store.find(key, source)
        rest_key = key_of(key, _REST)
        if small is None or not self._store.keep(rest_key):
            return None
        day, found, wrong, raws, cards, images, signatures = small
        if day > self._day:
            return None  # dates that were not in the future then may be now
        rest = cache(partial(self._store.read, rest_key, source))
        return FileResult(
            Outcome(
                tuple(
                    RawCard.kept(_named(_SMALL[RawCard], small), Later(partial(_raw, rest, number)))
                    for number, small in enumerate(raws)
                ),
                found,
            ),
            Outcome(
                tuple(
                    Card.kept(
                        _named(_SMALL[Card], small), Later(partial(_card, rest, number), *summary)
                    )
                    for number, (small, *summary) in enumerate(cards)
                ),
                wrong,
            ),
            images,
            signatures,
        )

    def add(self, source: Source, result: FileResult) -> None:
        """Keep what was found in a file.

        Not if a help line is yet to be found, or if a date is in the future today.
        """
        key = self._key(source)
        if key in self._store:
            return
        diagnostics = (*result.parsed.diagnostics, *result.checked.diagnostics)
        if any(one.find_help or one.code == _FUTURE for one in diagnostics):
            return
        raws, cards = result.parsed.values, result.checked.values
        small = (
            self._day,
            result.parsed.diagnostics,
            result.checked.diagnostics,
            tuple(_values(raw, _SMALL[RawCard]) for raw in raws),
            tuple((_values(card, _SMALL[Card]), card.type, card.key) for card in cards),
            result.images,
            result.signatures,
        )
        rest = (
            tuple(_values(raw, _LARGE[RawCard]) for raw in raws),
            tuple(_values(card, _LARGE[Card]) for card in cards),
        )
        self._store.add(key, small, source)
        self._store.add(key_of(key, _REST), rest, source)

    def sent(self) -> bytes:
        """Return everything that this run has found, for `receive` in another process."""
        return values.as_bytes((self._store.used, tuple(self.right)))

    def receive(self, data: bytes) -> None:
        """Take what another process of this run has found. Raises if it is damaged."""
        entries, right = values.from_bytes(data)
        self._store.take(entries)
        self.right = Right(*(one | other for one, other in zip(self.right, right, strict=True)))

    def save(self) -> None:
        """Write what is new."""
        self._store.save()

    def _key(self, source: Source) -> bytes:
        return key_of(self._setting, source.path, source.root, source.namespace, source.text)


def _values(one: RawCard | Card, names: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(one, name) for name in names)


def _named(names: tuple[str, ...], given: tuple[object, ...]) -> dict[str, object]:
    return dict(zip(names, given, strict=True))


def _raw(rest: Callable[[], Any], number: int) -> dict[str, object]:
    return _named(_LARGE[RawCard], rest()[0][number])


def _card(rest: Callable[[], Any], number: int) -> dict[str, object]:
    return _named(_LARGE[Card], rest()[1][number])


def kept_files(
    folder: Path, overlay: Path | None, images: Iterable[Image], today: date
) -> KeptFiles | None:
    """Return the kept results of a project's card files, or None if none can be kept.

    They depend on the compiler, on the settings of the project and of its overlay, and on
    its images. A date that is not in the future today is not in the future later.
    """
    path = store_path("cards", folder, overlay)
    settings = dependencies.of_settings(folder, *([overlay] if overlay else []))
    if path is None or settings is None:
        return None
    pictures = (f"{image.path} {image.digest}" for image in images)
    setting = key_of(dependencies.of_compiler(), settings, *pictures)
    return KeptFiles(Store(path), setting, today)
