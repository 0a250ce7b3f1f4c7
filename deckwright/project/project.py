"""`decks/` and `schema/` of a project as one value, Project."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from deckwright.core import files
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic, Outcome, has_errors
from deckwright.core.source import Span
from deckwright.project import ledger, notetype_files, packages, retirements, vocabulary_files
from deckwright.project import overlay as overlays
from deckwright.project.evidence_record import EvidenceRecord, read_record, record_path
from deckwright.project.ledger import CardRow, Ledger, TypeRow, ledger_path
from deckwright.project.notetypes import NoteType, overlay_slug
from deckwright.project.overlay import Overlay
from deckwright.project.packages import PackageSpec
from deckwright.project.publication import SharedDeck, address, shared_deck
from deckwright.project.retirements import Retirements
from deckwright.project.schema import Schema
from deckwright.project.toml_file import Reader, Table
from deckwright.project.vocabulary import Vocabulary
from deckwright.project.words import SiteWords, read_words

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CardFolder:
    """A folder with cards, the namespace of their guids, and the deck and tag above theirs.

    `language` is the BCP 47 tag of the language that the cards are written in. `base` is
    the path prefix of the folder that has its ledger, relative to the project:
    empty for the project's own, otherwise ending in a slash. `off` are codes of craft
    rules that are not checked in it, `errors` those that count as errors.
    """

    path: str
    namespace: str
    deck: str
    tag: str
    language: str = "en-US"
    base: str = ""
    off: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()


_NO_LEDGER = Ledger()


@dataclass(frozen=True)
class Project:
    """A project without its cards.

    `prefix` begins the names of all files for Anki, `about` says what the deck is; they may
    be empty. So may the addresses, which begin with https: `site` and `repository`, without
    a slash at the end, `guide` to searches in Anki, and `edit`, where a line of a card file
    can be edited, with `{path}` and `{line}`. `shared_deck` is None if the project does not
    share its deck. Ledgers, retirements and evidence records are by namespace.
    `fingerprint` stands for all files that the project was read from, and for the compiler;
    it is empty if that is not known.
    """

    folder: Path
    deck: str
    tag: str
    epoch: int
    epoch_span: Span
    card_folders: tuple[CardFolder, ...]
    packages: tuple[PackageSpec, ...]
    vocabulary: Vocabulary
    notetypes: Mapping[str, NoteType]
    card_schema: Schema
    words: SiteWords
    prefix: str = ""
    about: str = ""
    site: str = ""
    repository: str = ""
    edit: str = ""
    guide: str = ""
    shared_deck: SharedDeck | None = None
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)
    retirements: Mapping[str, Retirements] = field(default_factory=dict)
    evidence_records: Mapping[str, EvidenceRecord] = field(default_factory=dict)
    overlay: Overlay | None = None
    fingerprint: bytes = b""

    @cached_property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of the card folders in order, each once (folders may share one)."""
        return tuple(dict.fromkeys(one.namespace for one in self.card_folders))

    @property
    def releasing(self) -> tuple[str, ...]:
        """The namespaces whose ledgers a release of this project writes.

        With an overlay only the overlay's: the project itself releases the others.
        """
        return (self.overlay.namespace,) if self.overlay else self.namespaces

    def card_folder(self, namespace: str) -> CardFolder:
        """Return the first card folder of a namespace."""
        return self._by_namespace[namespace]

    @cached_property
    def _by_namespace(self) -> dict[str, CardFolder]:
        return {one.namespace: one for one in reversed(self.card_folders)}

    def settings_path(self, folder: CardFolder) -> str:
        """Return the path of the file that has the settings of a card folder."""
        own = self.overlay and self.overlay.namespace == folder.namespace
        return f"{folder.base}{overlays.SETTINGS}" if own else "decks/project.toml"

    def leaves_out(self, card: Card) -> bool:
        """Return whether the overlay, if there is one, leaves a card of the project out."""
        return self.overlay is not None and self.overlay.leaves_out(card)

    def home_deck(self, namespace: str, part: str, service: str) -> str:
        """Return the full name of the deck of a part's service, as a new card gets it."""
        return f"{self.card_folder(namespace).deck}::{self.vocabulary.subdeck(part, service)}"

    def notetype(self, namespace: str, card_type: str) -> NoteType:
        """Return the note type of a namespace's cards of one type."""
        overlay = self.overlay
        if overlay and overlay.has_own_notetypes and overlay.namespace == namespace:
            return self.notetypes[overlay_slug(card_type)]
        return self.notetypes[card_type]

    def notetype_namespace(self, notetype: NoteType) -> str:
        """Return the namespace whose ledger records a note type.

        That of the first card folder, or of the overlay for its own note types.
        """
        if self.overlay and notetype.slug != notetype.card_type:
            return self.overlay.namespace
        return self.namespaces[0]

    def ledger(self, namespace: str) -> Ledger:
        """Return the ledger of a namespace; empty before its first release."""
        return self.ledgers.get(namespace) or _NO_LEDGER

    def retired(self, namespace: str) -> Retirements:
        """Return the retirements of a namespace; empty if it has none."""
        return self.retirements.get(namespace) or Retirements()

    def row(self, namespace: str, card_id: str) -> CardRow | None:
        """Return what was last released under an id, if anything."""
        return self.ledger(namespace).cards.get(card_id)

    def type_row(self, slug: str) -> TypeRow | None:
        """Return a note type as last released, from the first ledger that has it."""
        ledgers = (self.ledger(namespace) for namespace in self.namespaces)
        return next((one.types[slug] for one in ledgers if slug in one.types), None)

    @property
    def last_mod(self) -> int:
        """The time of the last release in seconds since 1970; before it, the epoch."""
        return self.last_mod_of(self.ledgers)

    def last_mod_of(self, namespaces: Iterable[str]) -> int:
        """Return the latest time in these namespaces' ledgers, at least the epoch."""
        return max([self.epoch, *(self.ledger(name).last_mod for name in namespaces)])


def load(
    folder: Path, overlay: Path | None = None, to_check: bool = False
) -> Outcome[Project | None]:
    """Load the project in `folder`, or return everything that is wrong with it.

    `overlay` is the folder of an overlay outside of the project; one in the project's own
    folder is found without it. With `to_check`, a project with errors is returned if its
    cards can be checked all the same (`_SUBSTITUTE`).
    """
    if not (folder / "decks").is_dir() and not (folder / "schema").is_dir():
        return Outcome(None, (_no_project(),))
    reader = Reader(folder)
    base = overlays.base_of(folder, overlay)
    has_overlay = _has_overlay(reader, base)
    if reader.diagnostics:  # two overlays
        return Outcome(None, tuple(reader.diagnostics))
    card_schema = reader.schema("schema/card.schema.json")
    vocabulary = vocabulary_files.read(reader, base)
    settings = reader.table("decks/project.toml", "schema/project.schema.json")
    own = overlays.read(reader, base, settings, vocabulary) if has_overlay else None
    folders = _card_folders(settings, own)
    notetypes, words = _notetypes(reader, settings, folders[0].language, own)
    _check_settings(reader, settings, vocabulary)
    if has_overlay and not own:
        folders += _unnamed_folder(folder, base)
    ledgers = _by_namespace(reader, folders, _read_ledger)
    retired = _by_namespace(reader, folders, retirements.read)
    records = _by_namespace(reader, folders, _read_record)
    if settings and (own or not has_overlay):  # otherwise not all namespaces are known
        _check_namespaces(reader, {one.namespace for one in folders})
    broken = has_errors(reader.diagnostics)
    if not (card_schema and vocabulary) or (broken and not to_check):
        return Outcome(None, tuple(reader.diagnostics))
    project = Project(
        folder=folder,
        **_own_settings(settings),
        card_folders=folders,
        packages=(*_packages(settings), *(own.packages if own else ())),
        vocabulary=vocabulary,
        notetypes=notetypes,
        card_schema=card_schema,
        words=words,
        ledgers=ledgers,
        retirements=retired,
        evidence_records=records,
        overlay=own,
    )
    return Outcome(project, tuple(reader.diagnostics))


def _own_settings(settings: Table | None) -> dict[str, Any]:
    """Return the fields of a project that decks/project.toml gives, or substitutes."""
    data = settings.data if settings else _SUBSTITUTE
    return {
        **{key: data[key] for key in ("deck", "tag", "epoch")},
        **{key: data.get(key, "") for key in ("prefix", "about", "site", "repository")},
        **{key: address(data, key) for key in ("edit", "guide")},
        "shared_deck": shared_deck(data),
        "epoch_span": settings.place("epoch") if settings else files.nowhere("decks/project.toml"),
    }


def _packages(settings: Table | None) -> tuple[PackageSpec, ...]:
    data: Mapping[str, Any] = settings.data if settings else {"package": ()}
    return tuple(packages.package(one, (), data.get("prefix", "")) for one in data["package"])


# What decks/project.toml says, as far as the check of cards needs it, if it cannot be read. If
# decks/mine.toml cannot be read, the project's cards are checked without the overlay.
_SUBSTITUTE: Mapping[str, Any] = {
    "deck": "",
    "tag": "",
    "epoch": 0,
    "root": [{"path": "cards", "namespace": "cards", "language": "und"}],  # any language
}


def _no_project() -> Diagnostic:
    help_line = (
        "go to the folder that contains cards/, decks/, and schema/, or name it with --root; "
        "to start a new deck, run `./build.py init my-deck`"
    )
    place = files.nowhere("decks/project.toml")
    return Diagnostic("V801", "this folder isn't a project", place, help_line)


def _has_overlay(reader: Reader, base: str) -> bool:
    """Return whether there is an overlay, here or below `base`; it must not be both."""
    here = (reader.folder / overlays.SETTINGS).exists()
    if here and base:
        message = "the project already has an overlay"
        help_line = (
            "remove --overlay (or the environment variable DECKWRIGHT_OVERLAY), "
            "or move decks/mine.toml away"
        )
        reader.error("V804", message, files.nowhere(overlays.SETTINGS), help_line)
    return here or bool(base)


def _card_folders(settings: Table | None, own: Overlay | None) -> tuple[CardFolder, ...]:
    data = settings.data if settings else _SUBSTITUTE
    folders = [
        CardFolder(
            r["path"],
            r["namespace"],
            data["deck"],
            data["tag"],
            r.get("language", "en-US"),
            off=frozenset(r.get("off", ())),
            errors=frozenset(r.get("errors", ())),
        )
        for r in data["root"]
    ]
    if own:
        values = own.namespace, own.deck, own.tag, own.language, own.base, own.off, own.errors
        folders.append(CardFolder(f"{own.base}{overlays.CARDS}", *values))
    return tuple(folders)


def _unnamed_folder(folder: Path, base: str) -> tuple[CardFolder, ...]:
    """Return the cards of an overlay with broken settings, which are not the project's."""
    path = f"{base}{overlays.CARDS}"
    return (CardFolder(path, "", "", "", "und", base=base),) if (folder / path).is_dir() else ()


def _notetypes(
    reader: Reader, settings: Table | None, language: str, own: Overlay | None
) -> tuple[dict[str, NoteType], SiteWords]:
    """Read the note types of the project, the overlay's own if it has any, and the site's words."""
    report = address(settings.data, "report") if settings else ""
    said, words = read_words(reader)
    notetypes = notetype_files.read(reader, said, language, report)
    if own and own.has_own_notetypes:
        notetypes |= notetype_files.read_own(reader.folder, own, notetypes)
    return notetypes, words


def _check_settings(reader: Reader, settings: Table | None, vocabulary: Vocabulary | None) -> None:
    """Check that each card folder is listed once, and what the packages select."""
    if not settings or not vocabulary:
        return
    packages.check_project_packages(reader, settings, vocabulary)
    seen: dict[str, int] = {}
    for number, root in enumerate(settings.data["root"]):
        first = seen.setdefault(root["path"], number)
        if first != number:
            message = f"the card folder `{root['path']}` is listed twice"
            here, there = (settings.place("root", n, "path") for n in (number, first))
            reader.repeated(message, here, there, "use each folder only once")


def _check_namespaces(reader: Reader, namespaces: Collection[str]) -> None:
    """Check that each ledger and file of retirements has a namespace in use (L008)."""
    for folder, ending in (("ledger", ".tsv"), ("retired", ".toml")):
        for path in sorted((reader.folder / "decks" / folder).glob(f"*{ending}")):
            if path.stem not in namespaces:
                message = (
                    f"cards were released under the namespace `{path.stem}`, "
                    "but no `[[root]]` has it"
                )
                help_line = (
                    "restore the namespace in decks/project.toml, "
                    "or in decks/mine.toml if it is yours; a namespace is permanent"
                )
                place = files.nowhere(f"decks/{folder}/{path.name}")
                reader.error("L008", message, place, help_line)


def _by_namespace(
    reader: Reader, folders: Sequence[CardFolder], read: Callable[[Reader, str, str], T | None]
) -> dict[str, T]:
    """Return what `read` makes of each namespace and its path prefix, without None."""
    bases = {one.namespace: one.base for one in reversed(folders)}
    return {name: v for name, base in bases.items() if (v := read(reader, name, base)) is not None}


def _read_ledger(reader: Reader, namespace: str, base: str) -> Ledger | None:
    return reader.optional(base + ledger_path(namespace), ledger.read)


def _read_record(reader: Reader, namespace: str, base: str) -> EvidenceRecord | None:
    return reader.optional(base + record_path(namespace), read_record)
