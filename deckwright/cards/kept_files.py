"""What is kept of the check of one card file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from deckwright.cache import dependencies
from deckwright.cache.place import store_path
from deckwright.cache.store import Store, key_of
from deckwright.cards.similarity import Signed
from deckwright.core.card import Card, Later, RawCard
from deckwright.core.diagnostics import Outcome
from deckwright.core.note import Image
from deckwright.core.source import Source


class FileResult(NamedTuple):
    """What a card file contains (`parsed`), and which of its cards are right (`checked`).

    `images` are the paths of the images that its cards show. `readings` are what the search
    for duplicates compares, by the offset of the card.
    """

    parsed: Outcome[RawCard]
    checked: Outcome[Card]
    images: frozenset[str]
    readings: dict[int, Signed]


_Right = tuple[frozenset[str], frozenset[str], frozenset[tuple[str, str]]]
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
    """The results of card files that stay true as long as nothing else has changed.

    `words` and `values` are words and metadata that an earlier run found right, so that an
    edited card needs neither the word list nor jsonschema for what it had before.
    """

    def __init__(self, store: Store, setting: bytes, today: date) -> None:
        self._store = store
        self._setting = setting
        self._day = today.toordinal()
        self._right_key = key_of(setting, "right")
        nothing: _Right = (frozenset(), frozenset(), frozenset())
        self._right: _Right = store.find(self._right_key) or nothing

    @property
    def words(self) -> dict[bool, set[str]]:
        """The words, as `Context` has them."""
        return {True: set(self._right[0]), False: set(self._right[1])}

    @property
    def values(self) -> frozenset[tuple[str, str]]:
        """What the schema allows (see `Schema.allowed`)."""
        return self._right[2]

    def keep_right(
        self, words: Mapping[bool, set[str]], values: frozenset[tuple[str, str]]
    ) -> None:
        """Keep the words and values of this run."""
        right = frozenset(words[True]), frozenset(words[False]), values
        if right != self._right:
            self._store.add(self._right_key, right)

    def find(self, source: Source) -> FileResult | None:
        """Return what an earlier run found in a file with this text, if it is known."""
        key = self._key(source)
        small = self._store.find(key, source)
        rest_key = key_of(key, _REST)
        if small is None or not self._store.keep(rest_key):
            return None
        day, found, right, raws, cards, images, readings = small
        if day > self._day:
            return None  # dates that were not in the future then may be now
        rest = cache(lambda: self._store.read(rest_key, source))

        def later(part: int, number: int, names: tuple[str, ...]) -> Mapping[str, object]:
            return dict(zip(names, rest()[part][number], strict=True))

        return FileResult(
            Outcome(
                tuple(
                    RawCard.kept(
                        dict(zip(_SMALL[RawCard], values, strict=True)),
                        Later(partial(later, 0, number, _LARGE[RawCard])),
                    )
                    for number, values in enumerate(raws)
                ),
                found,
            ),
            Outcome(
                tuple(
                    Card.kept(
                        dict(zip(_SMALL[Card], values, strict=True)),
                        Later(partial(later, 1, number, _LARGE[Card]), *summary),
                    )
                    for number, (values, *summary) in enumerate(cards)
                ),
                right,
            ),
            images,
            {
                start: Signed(signs, sentence, partial(lambda at: rest()[2][at], start))
                for start, (signs, sentence) in readings.items()
            },
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
            {at: (signed.signs, signed.sentence) for at, signed in result.readings.items()},
        )
        rest = (
            tuple(_values(raw, _LARGE[RawCard]) for raw in raws),
            tuple(_values(card, _LARGE[Card]) for card in cards),
            {at: signed.reading() for at, signed in result.readings.items()},
        )
        self._store.add(key, small, source)
        self._store.add(key_of(key, _REST), rest, source)

    def save(self) -> None:
        """Write what is new."""
        self._store.save()

    def _key(self, source: Source) -> bytes:
        return key_of(self._setting, source.path, source.root, source.namespace, source.text)


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


def _values(one: RawCard | Card, names: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(one, name) for name in names)
