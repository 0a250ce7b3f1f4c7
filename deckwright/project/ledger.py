"""What was released when: a value, its one text form, and the merge of two. Builds only read it; `release` alone writes it.

`decks/ledger/<namespace>.tsv` has one line per release, note type and card, sorted, the cells parted by tabs, `-` for an empty
cell; lines that begin with `#` say what the cells are. Learners' collections hold what these lines say, so that a line is
changed by a release and never removed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from deckwright.core import text_keys
from deckwright.core.card import Card, Cloze
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.identity import apart
from deckwright.core.source import Source, Span

LIVE = "live"
GONE = ""  # instead of the digest of a gap's answer: the gap was retired
UNKNOWN = (
    ""  # instead of a fingerprint: no render equals it, so that the next release stamps the row
)

_HEAD = """\
# What was released: one line per release, note type and card. Builds read it, only `release` writes it; two branches'
# ledgers are merged with `python build.py merge-ledger`.
# release: version, time (seconds since 1970)
# type: note type, id, shape (kind; sort field; fields; templates, by their ids), fingerprint, mod (Anki's modification time, seconds since 1970)
# extended: namespace/id of a card of somebody else's to which this overlay has added something, guid, fingerprint of the row, mod
# card: id, guid, note type, home (task/service) at the first release, home deck, gaps (number:digests of its answers, `-` when
#   retired), note id (milliseconds since 1970), fingerprint of the row, mod (seconds), first release, date shown, state (live, or the release that retired it), successors
"""


@dataclass(frozen=True, slots=True)
class Release:
    """One release. `time` is the stamp of everything that it changed, in seconds since 1970."""

    version: str
    time: int

    @property
    def key(self) -> str:
        return self.version


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A note type as it was released last. `shape` is what Anki never lets change without harm."""

    slug: str
    id: int
    shape: str
    fingerprint: str
    mod: int

    @property
    def key(self) -> str:
        return self.slug


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as it was released last. `home` is the task and service of its first release, `deck` the deck that they had then.
    `gaps` has every gap number that learners ever got, with the digests of its answers, joined by `+` (GONE when retired); `note_id`
    is the note's id in packages; `shown` the check date on the card; `state` LIVE or the version that
    retired it."""

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
        return self.id

    @property
    def live(self) -> bool:
        return self.state == LIVE

    @property
    def numbers(self) -> frozenset[int]:
        """Every gap number that is taken, live or retired."""
        return frozenset(number for number, _ in self.gaps)


@dataclass(frozen=True, slots=True)
class ExtendedRow:
    """A row of somebody else's card as an overlay released it last. `id` is `namespace/card id`."""

    id: str
    guid: str
    fingerprint: str
    mod: int

    @property
    def key(self) -> str:
        return self.id


AnyRow = Release | TypeRow | CardRow | ExtendedRow


@dataclass(frozen=True, slots=True)
class Ledger:
    """One ledger. `source` is the text that it was read from, with the line (from 0) of each row; empty for a new one."""

    releases: Mapping[str, Release] = field(default_factory=dict)
    types: Mapping[str, TypeRow] = field(default_factory=dict)
    cards: Mapping[str, CardRow] = field(default_factory=dict)
    extended: Mapping[str, ExtendedRow] = field(default_factory=dict)
    source: Source | None = field(default=None, compare=False)
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict, compare=False)

    def place(self, row: AnyRow) -> Span:
        """Where the row's name stands."""
        source, kind = self.source or Source("decks/ledger", ""), _KINDS[type(row)]
        start = source.offset(self.lines.get((kind, row.key), 0)) + len(kind) + 1
        return source.span(start, start + len(row.key))

    @property
    def last(self) -> Release | None:
        """The release with the highest version."""
        return max(self.releases.values(), key=lambda r: version_key(r.version), default=None)

    @property
    def last_stamp(self) -> int:
        """The latest time in the ledger; 0 in an empty one."""
        times = [r.time for r in self.releases.values()]
        rows: list[TypeRow | CardRow | ExtendedRow] = [
            *self.types.values(),
            *self.cards.values(),
            *self.extended.values(),
        ]
        return max([*times, *(row.mod for row in rows)], default=0)


_KINDS: dict[type, str] = {
    CardRow: "card",
    ExtendedRow: "extended",
    Release: "release",
    TypeRow: "type",
}


def version_key(version: str) -> tuple[int, ...]:
    """`1.10.0` sorts after `1.9.2`."""
    return tuple(int(part) for part in version.split("."))


def gap_digests(card: Card) -> dict[int, str]:
    """What the ledger keeps of a card's gaps: the digests of the answers behind each number, enough to see that one moved. Markup,
    case and punctuation make no difference."""
    answers: dict[int, set[str]] = {}
    if isinstance(card.content, Cloze):
        for gap in card.content.gaps:
            words = text_keys.key(gap.text.replace("`", "").replace("**", "")) or gap.text
            answers.setdefault(gap.number, set()).add(
                hashlib.sha256(words.encode()).hexdigest()[:8]
            )
    return {number: "+".join(sorted(digests)) for number, digests in sorted(answers.items())}


def missing(before: Ledger, now: Ledger) -> tuple[str, ...]:
    """What `now` lost of an earlier ledger: rows that are gone or have an earlier stamp, gap numbers that are no longer taken."""
    lost = [f"release {name}" for name in before.releases.keys() - now.releases.keys()]
    lost += [
        name
        for name, row in before.types.items()
        if name not in now.types or now.types[name].mod < row.mod
    ]
    for name, row in before.cards.items():
        here = now.cards.get(name)
        if (
            here is None
            or here.mod < row.mod
            or row.numbers - here.numbers
            or (here.live and not row.live)
        ):
            lost.append(name)
    lost += [
        name
        for name, held in before.extended.items()
        if name not in now.extended or now.extended[name].mod < held.mod
    ]
    return tuple(sorted(lost))


def read(source: Source) -> Outcome[Ledger]:
    """The ledger, or a complaint for each line that cannot be read, stands twice, or stands in the wrong order."""
    tables: dict[str, dict[str, AnyRow]] = {"release": {}, "type": {}, "card": {}, "extended": {}}
    lines: dict[tuple[str, str], int] = {}
    diagnostics = []
    before: tuple[str, str] = ("", "")
    for number, line in enumerate(source.text.split("\n")):
        if not line or line.startswith("#"):
            continue
        kind, *cells = line.split("\t")
        row = _row(kind, cells)
        place = source.lines_span(number, number + 1)
        if row is None:
            message = "this line of the ledger cannot be read"
            help_line = "after a merge: python build.py merge-ledger; else take the file back: git checkout v<last release> -- <this file>"
            diagnostics.append(Diagnostic("L001", message, place, help_line))
            continue
        if row.key in tables[kind]:
            message, help_line = (
                f"`{row.key}` has two lines in the ledger",
                "merge the two with python build.py merge-ledger",
            )
            diagnostics.append(Diagnostic("L001", message, place, help_line))
        elif (kind, row.key) < before:
            message, help_line = (
                "this line is out of its order",
                "the ledger is written by release and merge-ledger, never by hand",
            )
            diagnostics.append(Diagnostic("L001", message, place, help_line))
        tables[kind][row.key] = row
        lines[kind, row.key] = number
        before = (kind, row.key)
    if diagnostics:
        return Outcome((), tuple(diagnostics))
    rows: Any = tables
    return Outcome(
        (Ledger(rows["release"], rows["type"], rows["card"], rows["extended"], source, lines),)
    )


_SHAPES = {
    "release": r"(?P<version>\d+\.\d+\.\d+)\t(?P<time>\d{1,11})",
    "extended": r"(?P<id>[a-z0-9-]+/[a-z0-9-]+)\t(?P<guid>[a-z2-7]{16})\t(?P<fingerprint>-|[0-9a-f]{64})\t(?P<mod>\d{1,11})",
    "type": r"(?P<slug>(?:basic|cloze|multiple-choice)(?:-mine)?)\t(?P<id>\d+)\t(?P<shape>[^\t]+)\t(?P<fingerprint>-|[0-9a-f]{64})\t(?P<mod>\d{1,11})",
    "card": r"(?P<id>[a-z0-9-]+)\t(?P<guid>[a-z2-7]{16})\t(?P<type>basic|cloze|multiple-choice)\t(?P<home>[^\t/]+/[^\t/]+)\t"
    r"(?P<deck>[^\t]+)\t(?P<gaps>-|\d+:(?:-|[0-9a-f+]{8,})(?: \d+:(?:-|[0-9a-f+]{8,}))*)\t(?P<note_id>\d{1,14})\t"
    r"(?P<fingerprint>-|[0-9a-f]{64})\t(?P<mod>\d{1,11})\t"
    r"(?P<first>\d+\.\d+\.\d+)\t(?P<shown>-|\d{4}-\d\d)\t(?P<state>live|\d+\.\d+\.\d+)\t(?P<successors>-|[a-z0-9-]+(?: [a-z0-9-]+)*)",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _SHAPES.items()}


def _row(kind: str, cells: list[str]) -> AnyRow | None:
    pattern = _PATTERNS.get(kind)
    match = pattern.fullmatch("\t".join(cells)) if pattern else None
    if match is None:
        return None
    cell = {name: "" if value == "-" else value for name, value in match.groupdict().items()}
    if kind == "release":
        return Release(cell["version"], int(cell["time"]))
    if kind == "extended":
        return ExtendedRow(cell["id"], cell["guid"], cell["fingerprint"], int(cell["mod"]))
    if kind == "type":
        return TypeRow(
            cell["slug"], int(cell["id"]), cell["shape"], cell["fingerprint"], int(cell["mod"])
        )
    gaps = tuple(
        (int(n), "" if digest == "-" else digest)
        for n, digest in (gap.split(":") for gap in cell["gaps"].split())
    )
    return CardRow(
        cell["id"],
        cell["guid"],
        cell["type"],
        cell["home"],
        cell["deck"],
        gaps,
        int(cell["note_id"]),
        cell["fingerprint"],
        int(cell["mod"]),
        cell["first"],
        cell["shown"],
        cell["state"],
        tuple(cell["successors"].split()),
    )


def write(ledger: Ledger) -> str:
    """The one text form of a ledger; `read` gives the same ledger back."""
    tables: Iterable[Mapping[str, AnyRow]] = (
        ledger.cards,
        ledger.extended,
        ledger.releases,
        ledger.types,
    )
    lines = [
        "\t".join((_KINDS[type(row)], *_cells(row)))
        for table in tables
        for _, row in sorted(table.items())
    ]
    return _HEAD + "".join(f"{line}\n" for line in lines)


def _cells(row: AnyRow) -> Iterable[str]:
    for part in fields(row):
        value = getattr(row, part.name)
        if part.name == "gaps":
            value = " ".join(f"{number}:{digest or '-'}" for number, digest in value)
        elif part.name == "successors":
            value = " ".join(value)
        yield str(value) or "-"


R = TypeVar("R", Release, TypeRow, CardRow, ExtendedRow)


@dataclass(frozen=True, slots=True)
class Merged:
    """The merge of two ledgers, and in words what no rule can decide."""

    ledger: Ledger
    conflicts: tuple[str, ...]


def merge(one: Ledger, other: Ledger) -> Merged:
    """Two branches' ledgers as one, the same in either order. Every row of either stays.

    Of two rows the one with the later stamp stays, whatever the merged cards say: some learners hold that stamp, and Anki
    takes nothing older. Where the merged card differs from it, the next release stamps it, later still. A card or gap that
    one side retired is retired; what was released first keeps its deck and note id, and of two notes with one id (which is only a
    time) the one that was released later gets the next that is free.
    """
    conflicts: list[str] = []

    def table(
        mine: Mapping[str, R], theirs: Mapping[str, R], both: Callable[[R, R, list[str]], R]
    ) -> dict[str, R]:
        return {
            key: both(mine[key], theirs[key], conflicts)
            if key in mine and key in theirs
            else mine[key]
            if key in mine
            else theirs[key]
            for key in sorted({*mine, *theirs})
        }

    releases = table(one.releases, other.releases, _merge_release)
    types = table(one.types, other.types, _merge_type)
    cards = table(one.cards, other.cards, _merge_card)
    held = table(one.extended, other.extended, _merge_extended)
    return Merged(Ledger(releases, types, _apart(cards), held), tuple(conflicts))


def _apart(cards: Mapping[str, CardRow]) -> dict[str, CardRow]:
    """The cards with a note id for each; two branches may have given one id twice."""
    rows = sorted(cards.values(), key=lambda r: (version_key(r.first), r.id))
    numbers = dict(zip((row.id for row in rows), apart(row.note_id for row in rows), strict=True))
    return {name: replace(row, note_id=numbers[name]) for name, row in cards.items()}


def _merge_release(one: Release, other: Release, conflicts: list[str]) -> Release:
    if one.time != other.time:
        conflicts.append(
            f"both branches have a release {one.version}, made at different times: learners hold two packages of one name"
        )
    return max(one, other, key=lambda r: r.time)


def _merge_type(one: TypeRow, other: TypeRow, conflicts: list[str]) -> TypeRow:
    if (one.id, one.shape) != (other.id, other.shape):
        conflicts.append(
            f"the note type `{one.slug}` has two shapes: learners of one branch cannot take the other's cards"
        )
    later = max(one, other, key=lambda r: (r.mod, r.fingerprint))
    return replace(later, fingerprint=_known(later, one, other))


def _merge_extended(one: ExtendedRow, other: ExtendedRow, conflicts: list[str]) -> ExtendedRow:
    later = max(one, other, key=lambda r: (r.mod, r.fingerprint))
    return replace(later, fingerprint=_known(later, one, other))


def _merge_card(one: CardRow, other: CardRow, conflicts: list[str]) -> CardRow:
    earlier = min(one, other, key=lambda r: (version_key(r.first), r.note_id))
    later, older = (
        (one, other)
        if (one.mod, one.fingerprint) >= (other.mod, other.fingerprint)
        else (other, one)
    )
    for what, mine, theirs in (
        ("note types", one.type, other.type),
        ("identities", one.guid, other.guid),
    ):
        if mine != theirs:
            conflicts.append(
                f"`{one.id}` was released with two {what}, {mine} and {theirs}: retire it on one branch before the merge"
            )
    known = _known(later, one, other)
    over = next((row for row in (later, older) if not row.live), later)
    if over is not later:
        known = UNKNOWN  # the stamp that stays belongs to the living card; its tombstone needs a later one
    gaps = {
        number: (later if number in later.numbers else older).gaps
        for number in one.numbers | other.numbers
    }
    retired = {number for row in (one, other) for number, digest in row.gaps if digest == GONE}
    return replace(
        later,
        home=earlier.home,
        deck=earlier.deck,
        note_id=earlier.note_id,
        first=earlier.first,
        gaps=tuple(
            (number, GONE if number in retired else dict(found)[number])
            for number, found in sorted(gaps.items())
        ),
        fingerprint=known,
        state=over.state,
        successors=over.successors,
    )


S = TypeVar("S", TypeRow, CardRow, ExtendedRow)


def _known(later: S, one: S, other: S) -> str:
    """The fingerprint behind a stamp; none where two rows have it in the same second."""
    twice = one.mod == other.mod and one.fingerprint != other.fingerprint
    return UNKNOWN if twice else later.fingerprint


def ledger_path(namespace: str) -> str:
    """Where a root's ledger lies in the project, or in the overlay's folder."""
    return f"decks/ledger/{namespace}.tsv"
