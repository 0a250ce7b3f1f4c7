"""The ledger as a value: releases, and note types and cards as last released."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from deckwright.core import text_keys
from deckwright.core.card import Card, Cloze
from deckwright.core.source import Source, Span

LIVE = "live"  # the state of a card that is not retired
GONE = ""  # in place of the digests of a gap's answers: the gap was retired
UNKNOWN = ""  # in place of a fingerprint: the next release stamps the row, whatever it contains


@dataclass(frozen=True, slots=True)
class Release:
    """A release. `time` is the `mod` of all that it changed, in seconds since 1970."""

    kind: ClassVar[str] = "release"
    version: str
    time: int

    @property
    def key(self) -> str:
        """The version."""
        return self.version


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A note type as it was last released.

    `shape` is what must not change any more (see `notetypes.shape`), `mod` is Anki's
    modification time in seconds since 1970.
    """

    kind: ClassVar[str] = "type"
    slug: str
    id: int
    shape: str
    fingerprint: str
    mod: int

    @property
    def key(self) -> str:
        """The slug."""
        return self.slug


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as it was last released.

    `home` is the task and service (`task/service`) and `deck` the deck of its first
    release (`first`). `gaps` has every gap number that learners ever got, with the
    digests of its answers, joined by `+`, or GONE. `note_id` is in milliseconds, `mod`
    in seconds since 1970. `shown` is the check date on the card (YYYY-MM). `state` is
    LIVE, or the version that retired the card; `successors` are the ids of the cards
    that replaced it.
    """

    kind: ClassVar[str] = "card"
    id: str
    guid: str
    type: str
    home: str
    deck: str
    gaps: tuple[tuple[int, str], ...]
    note_id: int
    fingerprint: str
    mod: int
    first: str
    shown: str
    state: str = LIVE
    successors: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The id."""
        return self.id

    @property
    def live(self) -> bool:
        """Whether the card is not retired."""
        return self.state == LIVE

    @property
    def numbers(self) -> frozenset[int]:
        """Every gap number that was ever used, including those of retired gaps."""
        return frozenset(number for number, _ in self.gaps)

    @property
    def retired_gaps(self) -> frozenset[int]:
        """The numbers of the retired gaps."""
        return frozenset(number for number, digests in self.gaps if digests == GONE)


@dataclass(frozen=True, slots=True)
class ExtendedRow:
    """A project's note as an overlay last released it. `id` is `namespace/card id`."""

    kind: ClassVar[str] = "extended"
    id: str
    guid: str
    fingerprint: str
    mod: int

    @property
    def key(self) -> str:
        """The namespace and the id."""
        return self.id


AnyRow = Release | TypeRow | CardRow | ExtendedRow


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of one namespace, its rows by key.

    `source` is the text that it was read from and `lines` has the line (from 0) of each
    row, by kind and key. A new ledger has neither.
    """

    releases: Mapping[str, Release] = field(default_factory=dict)
    types: Mapping[str, TypeRow] = field(default_factory=dict)
    cards: Mapping[str, CardRow] = field(default_factory=dict)
    extended: Mapping[str, ExtendedRow] = field(default_factory=dict)
    source: Source | None = field(default=None, compare=False)
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict, compare=False)

    def place(self, row: AnyRow) -> Span:
        """Return the span of a row's key in the ledger's text."""
        source = self.source or Source("decks/ledger", "")
        start = source.offset(self.lines.get((row.kind, row.key), 0)) + len(row.kind) + 1
        return source.span(start, start + len(row.key))

    @property
    def last(self) -> Release | None:
        """The release with the highest version; None before the first."""
        return max(self.releases.values(), key=lambda r: version_key(r.version), default=None)

    @property
    def last_mod(self) -> int:
        """The latest time in the ledger in seconds since 1970; 0 if it is empty."""
        tables = (self.types, self.cards, self.extended)
        mods = [row.mod for table in tables for row in table.values()]
        return max([*mods, *(release.time for release in self.releases.values())], default=0)


def ledger_path(namespace: str) -> str:
    """Return the path of a namespace's ledger in its project or overlay."""
    return f"decks/ledger/{namespace}.tsv"


def version_key(version: str) -> tuple[int, ...]:
    """Return a sort key for versions: `1.10.0` comes after `1.9.2`."""
    return tuple(int(part) for part in version.split("."))


def gap_digests(card: Card) -> dict[int, str]:
    """Return what the ledger stores about a card's gaps: digests of answers by number.

    Digests are joined by `+` if several gaps share a number. They show that an answer
    moved to another number. Markup, case, and punctuation make no difference.
    """
    digests: dict[int, set[str]] = {}
    if isinstance(card.content, Cloze):
        for gap in card.content.gaps:
            answer = text_keys.key(gap.text.replace("`", "").replace("**", "")) or gap.text
            digest = hashlib.sha256(answer.encode()).hexdigest()[:8]
            digests.setdefault(gap.number, set()).add(digest)
    return {number: "+".join(sorted(found)) for number, found in sorted(digests.items())}


def missing(before: Ledger, now: Ledger) -> tuple[str, ...]:
    """Return the names of what an earlier ledger contains and `now` has lost, sorted.

    Lost are rows that are gone or have an earlier `mod`, gap numbers that no row uses
    any more, and retirements.
    """
    releases = [f"release {name}" for name in before.releases.keys() - now.releases.keys()]
    types = [key for key, row in before.types.items() if _is_lost(row, now.types.get(key))]
    cards = [key for key, row in before.cards.items() if _is_card_lost(row, now.cards.get(key))]
    extended = [key for key, row in before.extended.items() if _is_lost(row, now.extended.get(key))]
    return tuple(sorted([*releases, *types, *cards, *extended]))


def _is_lost(
    before: TypeRow | CardRow | ExtendedRow, now: TypeRow | CardRow | ExtendedRow | None
) -> bool:
    return now is None or now.mod < before.mod


def _is_card_lost(before: CardRow, now: CardRow | None) -> bool:
    if now is None or _is_lost(before, now):
        return True
    return not before.numbers <= now.numbers or (now.live and not before.live)
