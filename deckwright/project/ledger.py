"""What was released when: the ledger as a value, and its text form.

`decks/ledger/<namespace>.tsv` records what learners' collections contain. Builds only
read it. `release` writes it; it changes lines and adds lines, and never removes one.

In the text, each row is one line: cells with tabs between them, and `-` for an empty cell.
Each is between a comment with its key and an empty line. Two branches never change these,
so git's `merge=union` keeps the changes of both branches to neighboring rows. Lines can be
in any order, because a merge can change it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from deckwright.core import text_keys
from deckwright.core.card import Card, Cloze
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.source import Source, Span

LIVE = "live"  # the state of a card that is not retired
GONE = ""  # in place of the digests of a gap's answers: the gap was retired

Gaps = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Release:
    """A release. `mod` is that of all that it changed, in seconds since 1970."""

    kind: ClassVar[str] = "release"
    version: str
    mod: int

    @property
    def key(self) -> str:
        """The version."""
        return self.version


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A note type as it was last released.

    `shape` is what must no longer change (see `notetypes.shape`), `mod` is Anki's
    modification time in seconds since 1970.
    """

    kind: ClassVar[str] = "type"
    slug: str
    id: int
    shape: str
    content_fingerprint: str
    mod: int

    @property
    def key(self) -> str:
        """The slug."""
        return self.slug


@dataclass(frozen=True, slots=True)
class ExtendedRow:
    """A project's note as an overlay last released it. `key` is `namespace/card id`."""

    kind: ClassVar[str] = "extended"
    key: str
    guid: str
    content_fingerprint: str
    mod: int


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as it was last released.

    `home` is the part and service (`part/service`) and `deck` the deck of its first
    release (`first`). `gaps` has every gap number that learners ever got, with the
    digests of its answers, joined by `+`, or GONE. `note_id` is in milliseconds, `mod`
    in seconds since 1970. Of the two fingerprints of the note, only that of the content
    changes its `mod`. `state` is LIVE, or the version that retired the card; `successors`
    are the ids of the cards that replaced it.
    """

    kind: ClassVar[str] = "card"
    id: str
    guid: str
    type: str
    home: str
    deck: str
    gaps: Gaps
    note_id: int
    content_fingerprint: str
    labels_fingerprint: str
    mod: int
    first: str
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
class NameRow:
    """A tag or the path of a package that a release contained, which learners may use."""

    kind: ClassVar[str] = "name"
    mod: ClassVar[int] = 0
    key: str


AnyRow = Release | TypeRow | CardRow | ExtendedRow | NameRow


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
    names: Mapping[str, NameRow] = field(default_factory=dict)
    source: Source | None = field(default=None, compare=False)
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict, compare=False)

    def rows(self) -> dict[tuple[str, str], AnyRow]:
        """Return all rows by kind and key, in the order of the text."""
        tables: tuple[Mapping[str, AnyRow], ...] = (
            self.cards,
            self.extended,
            self.names,
            self.releases,
            self.types,
        )
        return {(row.kind, key): row for table in tables for key, row in sorted(table.items())}

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
        return max((release.mod for release in self.releases.values()), default=0)


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
    return {number: "+".join(sorted(several)) for number, several in sorted(digests.items())}


_HEAD = """\
# What was released: one line per release, note type, and card. Builds read it, and only \
`release` writes it.
# release: version, mod (Anki's modification time, seconds since 1970)
# type: note type, id, shape (kind; sort field; fields; templates, by their ids), fingerprint, mod
# extended: namespace/id of a card of somebody else's to which this overlay has added something, \
guid, fingerprint of its content, mod
# name: a tag, or the path of a package
# card: id, guid, note type, home (part/service) at the first release, home deck, \
gaps (number:digests of its answers, `-` when
#   retired), note id (milliseconds since 1970), fingerprints of its content and its labels, mod, \
first release, state (live, or the
#   release that retired it), successors
"""

FORMAT = 1  # the number in the line `format`; another one means a newer compiler
_NAME = r"[a-z0-9-]+"
_GUID = r"[a-z2-7]{16}"
_VERSION = r"\d{1,9}\.\d{1,9}\.\d{1,9}"
_SECONDS = r"\d{1,11}"
_FINGERPRINT = r"-|[0-9a-f]{64}"
_GAP = r"\d{1,3}:(?:-|[0-9a-f+]{8,})"

# The cells of each kind of line, in the order of the row's fields.
_CELLS: Mapping[type[AnyRow], tuple[str, ...]] = {
    Release: (_VERSION, _SECONDS),
    TypeRow: (_NAME, r"\d{1,19}", r"[^\t]+", _FINGERPRINT, _SECONDS),
    ExtendedRow: (f"{_NAME}/{_NAME}", _GUID, _FINGERPRINT, _SECONDS),
    NameRow: (r"[^\t]+",),
    CardRow: (
        _NAME,
        _GUID,
        _NAME,
        r"[^\t/]+/[^\t/]+",
        r"[^\t]+",
        f"-|{_GAP}(?: {_GAP})*",
        r"\d{1,14}",
        _FINGERPRINT,
        _FINGERPRINT,
        _SECONDS,
        _VERSION,
        rf"live|{_VERSION}",
        f"-|{_NAME}(?: {_NAME})*",
    ),
}
_ROWS = {row.kind: row for row in _CELLS}
_PATTERNS = {
    row: re.compile(r"\t".join(f"({cell})" for cell in cells)) for row, cells in _CELLS.items()
}
_TYPES = {row: [str(part.type) for part in fields(row)] for row in _CELLS}


def read(source: Source) -> Outcome[Ledger | None]:
    """Read a ledger.

    No value, but a diagnostic (L001) for each line that cannot be read or repeats a key.
    """
    rows: dict[str, dict[str, AnyRow]] = {kind: {} for kind in _ROWS}
    lines: dict[tuple[str, str], int] = {}
    diagnostics: list[Diagnostic] = []
    for number, line in enumerate(source.text.split("\n")):
        if not line or line.startswith("#") or line == f"format\t{FORMAT}":
            continue
        if line.startswith("format\t"):
            message = f"the ledger has the format {line[7:]}, but this compiler reads {FORMAT}"
            help_line = "update the compiler: pull the project's newest version"
            place = source.lines_span(number, number + 1)
            return Outcome(None, (Diagnostic("L001", message, place, help_line),))
        row = _row(line)
        other = rows[row.kind].get(row.key) if row else None
        if row and not other:
            rows[row.kind][row.key] = row
            lines[row.kind, row.key] = number
            continue
        message = "this line of the ledger can't be read"
        help_line = (
            f"restore the file: git restore --source TAG -- {source.path}, "
            "where TAG is the tag of the last release"
        )
        if row and other:
            # Some learners have the note of the later row, and Anki ignores anything older.
            first = lines[row.kind, row.key]
            older = number if row.mod <= other.mod else first
            where = f"on lines {first + 1} and {number + 1}"
            message = f"`{row.key}` has two lines in the ledger, {where}"
            help_line = f"keep the line with the later time, and delete line {older + 1}"
        place = source.lines_span(number, number + 1)
        diagnostics.append(Diagnostic("L001", message, place, help_line))
    if diagnostics:
        return Outcome(None, tuple(diagnostics))
    tables: Any = rows
    ledger = Ledger(
        tables["release"],
        tables["type"],
        tables["card"],
        tables["extended"],
        tables["name"],
        source,
        lines,
    )
    return Outcome(ledger)


def _row(line: str) -> AnyRow | None:
    """Parse a line; None if it does not have the form of its kind."""
    kind, _, rest = line.partition("\t")
    row = _ROWS.get(kind)
    match = _PATTERNS[row].fullmatch(rest) if row else None
    if row is None or match is None:
        return None
    cells = zip(_TYPES[row], match.groups(), strict=True)
    values: list[Any] = [_value(name, "" if cell == "-" else cell) for name, cell in cells]
    return row(*values)


def _value(type_name: str, cell: str) -> object:
    """Return the value of a cell for a field with this type."""
    if type_name == "int":
        return int(cell)
    if type_name == "tuple[str, ...]":
        return tuple(cell.split())
    if type_name == "Gaps":
        pairs = (gap.split(":") for gap in cell.split())
        return tuple(
            (int(number), GONE if digests == "-" else digests) for number, digests in pairs
        )
    return cell


def write(ledger: Ledger) -> str:
    """Return the text form of a ledger. `read` returns an equal ledger for it."""
    rows = (f"\n# {kind} {key}\n{_line(row)}\n" for (kind, key), row in ledger.rows().items())
    return f"{_HEAD}\nformat\t{FORMAT}\n" + "".join(rows)


def _line(row: AnyRow) -> str:
    cells = [row.kind]
    for part in fields(row):
        value = getattr(row, part.name)
        if part.type == "Gaps":
            value = " ".join(f"{number}:{digests or '-'}" for number, digests in value)
        elif part.type == "tuple[str, ...]":
            value = " ".join(value)
        cells.append(str(value) or "-")
    return "\t".join(cells)
