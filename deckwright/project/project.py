"""`decks/` and `schema/` of a project as one value: Project. Reads every file of the two folders once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deckwright.core import files
from deckwright.core.diagnostics import Diagnostic, Outcome, has_errors
from deckwright.core.source import Span
from deckwright.project import ledger
from deckwright.project import notetypes as notetype_files
from deckwright.project import overlay as overlay_files
from deckwright.project import retirements as retirement
from deckwright.project import vocabulary as vocabulary_files
from deckwright.project.evidence_record import Record, read_record, record_path
from deckwright.project.ledger import CardRow, Ledger, TypeRow, ledger_path
from deckwright.project.notetypes import NoteType
from deckwright.project.overlay import Overlay
from deckwright.project.retirements import Retirements
from deckwright.project.schema import Schema
from deckwright.project.toml_file import Reader, Table
from deckwright.project.vocabulary import Vocabulary

RETIRED = "retired.apkg"  # the package that the compiler makes by itself


@dataclass(frozen=True, slots=True)
class Root:
    """A folder with cards, the namespace of their guids, and the names above their decks and tags. `base` leads from the project's
    folder to the one in which the root's ledger lies: empty, or ending in a slash."""

    path: str
    namespace: str
    deck: str
    tag: str
    base: str = ""


@dataclass(frozen=True, slots=True)
class PackageSpec:
    path: str
    each: str = ""
    task: tuple[str, ...] = ()
    without_task: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    without_service: tuple[str, ...] = ()
    exam: str = ""
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """A project without its cards. `about` says what the deck is; `edit` is the address where a line of a card file can be edited,
    with `{path}` and `{line}` in it. Both may be empty. `overlay` is somebody's own part of it, where there is one."""

    folder: Path
    deck: str
    tag: str
    epoch: int
    epoch_span: Span
    roots: tuple[Root, ...]
    packages: tuple[PackageSpec, ...]
    vocabulary: Vocabulary
    notetypes: Mapping[str, NoteType]
    contract: Schema
    about: str = ""
    edit: str = ""
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)
    retirements: Mapping[str, Retirements] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)
    overlay: Overlay | None = None

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of the roots, each once (roots may share one), in their order."""
        return tuple(dict.fromkeys(root.namespace for root in self.roots))

    @property
    def releasing(self) -> tuple[str, ...]:
        """The namespaces that a release of this project stamps: with an overlay its own alone, for the others are somebody else's."""
        return (self.overlay.namespace,) if self.overlay else self.namespaces

    def keeper(self, notetype: NoteType) -> str:
        """The namespace whose ledger keeps a note type: that of the first root, and the overlay's of its own types."""
        return (
            self.overlay.namespace
            if self.overlay and notetype.slug != notetype.base
            else self.namespaces[0]
        )

    def root(self, namespace: str) -> Root:
        """The first root of a namespace."""
        return next(root for root in self.roots if root.namespace == namespace)

    def notetype(self, namespace: str, slug: str) -> NoteType:
        """The note type of a root's cards of one shape (concept, fact, choice)."""
        own = (
            self.overlay is not None
            and self.overlay.own_look
            and namespace == self.overlay.namespace
        )
        return self.notetypes[notetype_files.own_slug(slug) if own else slug]

    def ledger(self, namespace: str) -> Ledger:
        """The ledger of a root; empty before its first release."""
        return self.ledgers.get(namespace) or Ledger()

    def row(self, namespace: str, card_id: str) -> CardRow | None:
        """What was released under an id."""
        return self.ledger(namespace).cards.get(card_id)

    def type_row(self, slug: str) -> TypeRow | None:
        """What was released of a note type: the first root's word counts."""
        return next(
            (
                book.types[slug]
                for name in self.namespaces
                if slug in (book := self.ledger(name)).types
            ),
            None,
        )

    @property
    def last_stamp(self) -> int:
        """The latest time of any release in seconds since 1970; the epoch before the first."""
        return max([self.epoch, *(book.last_stamp for book in self.ledgers.values())])

    def last_stamp_of(self, namespaces: Iterable[str]) -> int:
        """The same of some namespaces alone: what drafts of their cards come after."""
        return max([self.epoch, *(self.ledger(name).last_stamp for name in namespaces)])


def load(folder: Path, overlay: Path | None = None) -> Outcome[Project]:
    """The project in `folder`, or everything that is wrong with its decks/ and schema/. `overlay` is the folder of an overlay that lies
    elsewhere; one in the project's own folder is found there."""
    if not (folder / "decks").is_dir() and not (folder / "schema").is_dir():
        help_line = "go to the folder with cards/, decks/ and schema/, or name it with --root"
        return Outcome(
            (),
            (
                Diagnostic(
                    "V801",
                    "this folder is no project",
                    files.nowhere("decks/project.toml"),
                    help_line,
                ),
            ),
        )
    reader = Reader(folder)
    base = overlay_files.base_of(folder, overlay)
    if base and (folder / overlay_files.SETTINGS).exists():
        help_line = "leave --overlay out, or move decks/mine.toml away"
        reader.error(
            "V804",
            "the project has an overlay of its own",
            files.nowhere(overlay_files.SETTINGS),
            help_line,
        )
    contract = reader.contract("schema/card.schema.json")
    vocabulary = vocabulary_files.read(reader, base)
    settings = reader.table("decks/project.toml", "schema/project.schema.json")
    mine = (
        overlay_files.read(reader, base)
        if base or (folder / overlay_files.SETTINGS).exists()
        else None
    )
    own = mine[0] if mine else None
    notetypes = notetype_files.read(reader, settings.data.get("report", "") if settings else "")
    if own and own.own_look:
        notetypes |= notetype_files.own(
            folder, notetypes, own.report, own.style, own.namespace, own.deck
        )
    if settings and vocabulary:
        _check_packages(reader, settings, vocabulary)
    if mine and settings and vocabulary:
        _check_overlay(reader, mine[0], mine[1], settings, vocabulary)
    roots = _roots(settings, own)
    places = {root.namespace: root.base for root in reversed(roots)}
    ledgers = {name: book for name in places if (book := _ledger(reader, name, places[name]))}
    retirements = {
        name: found for name in places if (found := retirement.read(reader, name, places[name]))
    }
    records = {
        name: kept for name in places if (kept := _record(reader, name, places[name])) is not None
    }
    if settings and (
        own or not (base or (folder / overlay_files.SETTINGS).exists())
    ):  # else a namespace may only not have been read
        _check_ledgers(reader, places)
    if has_errors(reader.diagnostics) or contract is None or vocabulary is None or settings is None:
        return Outcome((), tuple(reader.diagnostics))
    data = settings.data
    project = Project(
        folder=folder,
        deck=data["deck"],
        tag=data["tag"],
        epoch=data["epoch"],
        epoch_span=settings.place("epoch"),
        roots=roots,
        packages=(
            *(_package(p, ()) for p in data["package"]),
            *(_package(p, _whose(p, own, roots)) for p in (own.packages if own else ())),
        ),
        vocabulary=vocabulary,
        notetypes=notetypes,
        contract=contract,
        about=data.get("about", ""),
        edit=data.get("edit", ""),
        ledgers=ledgers,
        retirements=retirements,
        records=records,
        overlay=own,
    )
    return Outcome((project,), tuple(reader.diagnostics))


def _roots(settings: Table | None, own: Overlay | None) -> tuple[Root, ...]:
    data = settings.data if settings else {"root": []}
    roots = [Root(r["path"], r["namespace"], data["deck"], data["tag"]) for r in data["root"]]
    return (
        *roots,
        *(
            [Root(f"{own.base}{overlay_files.CARDS}", own.namespace, own.deck, own.tag, own.base)]
            if own
            else []
        ),
    )


def _package(table: Mapping[str, Any], namespaces: tuple[str, ...]) -> PackageSpec:
    return PackageSpec(
        path=table["path"],
        each=table.get("each", ""),
        task=tuple(table.get("task", ())),
        without_task=tuple(table.get("without-task", ())),
        service=tuple(table.get("service", ())),
        without_service=tuple(table.get("without-service", ())),
        exam=table.get("exam", ""),
        namespaces=namespaces,
    )


def _whose(table: Mapping[str, Any], own: Overlay | None, roots: Iterable[Root]) -> tuple[str, ...]:
    """The namespaces that a package of the overlay takes its cards from; empty for all."""
    if own is None or "cards" not in table:
        return ()
    return (
        (own.namespace,)
        if table["cards"] == "mine"
        else tuple(root.namespace for root in roots if root.namespace != own.namespace)
    )


def _check_overlay(
    reader: Reader, own: Overlay, table: Table, settings: Table, vocabulary: Vocabulary
) -> None:
    """The overlay's names are its own, and its rules name what there is. (Whether card ids are there is known once cards are read.)"""
    data = settings.data
    for key, taken in (
        ("namespace", {r["namespace"] for r in data["root"]}),
        ("deck", {data["deck"]}),
        ("tag", {data["tag"]}),
    ):
        value = getattr(own, key)
        if value.casefold() in {name.casefold() for name in taken} or (
            key == "deck" and value.casefold().startswith(f"{data['deck']}::".casefold())
        ):
            message = f"the {key} `{value}` is the project's own"
            reader.error(
                "V804",
                message,
                table.place(key),
                "choose another: your cards would be taken for the project's",
            )
    known: dict[str, Iterable[str]] = {
        "task": vocabulary.tasks,
        "service": vocabulary.services,
        "topic": vocabulary.topics,
        "status": vocabulary.statuses,
        "without-task": vocabulary.tasks,
        "without-service": vocabulary.services,
    }
    for kind in ("leave-out", "extend", "package"):
        for number, entry in enumerate(table.data.get(kind, ())):
            for key, names in known.items():
                for slug in entry.get(key, ()):
                    if slug not in names:
                        reader.unknown(
                            key.removeprefix("without-"),
                            slug,
                            names,
                            table.place(kind, number, key),
                        )
    paths = {p["path"] for p in data["package"]}
    for number, entry in enumerate(table.data.get("package", ())):
        if entry.get("exam", "") and entry["exam"] not in vocabulary.exams:
            reader.unknown(
                "exam", entry["exam"], vocabulary.exams, table.place("package", number, "exam")
            )
        if entry["path"] in {*paths, RETIRED}:
            message = f"there is a package `{entry['path']}` already"
            reader.error(
                "V804",
                message,
                table.place("package", number, "path"),
                "choose another name, as mine/all.apkg",
            )
        paths.add(entry["path"])


def _check_packages(reader: Reader, settings: Table, vocabulary: Vocabulary) -> None:
    """Packages name tasks, services and exams that exist, `{slug}` exactly where there is one to fill in, and each file once."""
    known = {
        "task": vocabulary.tasks,
        "without-task": vocabulary.tasks,
        "service": vocabulary.services,
    }
    roots = settings.data["root"]
    for number, root in enumerate(roots):
        earlier = next(n for n, other in enumerate(roots) if other["path"] == root["path"])
        if earlier != number:
            related = (("first given here", settings.place("root", earlier, "path")),)
            here = settings.place("root", number, "path")
            reader.error(
                "V804",
                f"the root `{root['path']}` is given twice",
                here,
                "give each folder once",
                related,
            )
    seen: dict[str, int] = {}
    for number, package in enumerate(settings.data["package"]):
        for key, table in known.items():
            for slug in package.get(key, ()):
                if slug not in table:
                    reader.unknown(
                        key.removeprefix("without-"),
                        slug,
                        table,
                        settings.place("package", number, key),
                    )
        if package.get("exam", "") and package["exam"] not in vocabulary.exams:
            reader.unknown(
                "exam", package["exam"], vocabulary.exams, settings.place("package", number, "exam")
            )
        if ("{slug}" in package["path"]) != ("each" in package):
            message = "`{slug}` and `each` belong together"
            reader.error(
                "V803", message, settings.place("package", number, "path"), "write both or neither"
            )
        slugs = {"task": vocabulary.tasks, "service": vocabulary.services}.get(
            package.get("each", ""), {"": None}
        )
        if package["path"] == RETIRED:
            place = settings.place("package", number, "path")
            reader.error(
                "V804",
                f"the package `{RETIRED}` is made of the retired cards",
                place,
                "choose another name",
            )
        for path in (package["path"].replace("{slug}", slug) for slug in slugs):
            if seen.setdefault(path, number) != number:
                first = ("first given here", settings.place("package", seen[path], "path"))
                place = settings.place("package", number, "path")
                reader.error(
                    "V804",
                    f"the package `{path}` is given twice",
                    place,
                    "give each path once",
                    (first,),
                )


def _check_ledgers(reader: Reader, places: Mapping[str, str]) -> None:
    """L008: every ledger and every file of retirements belongs to a root. One that does not is the trace of a changed namespace."""
    for folder, ending in (("ledger", ".tsv"), ("retired", ".toml")):
        for path in sorted((reader.folder / "decks" / folder).glob(f"*{ending}")):
            if path.stem not in places:
                message = f"no root has the namespace `{path.stem}`, under which this was released"
                help_line = "a namespace is permanent: put it back into decks/project.toml, or decks/mine.toml if it is yours"
                reader.error(
                    "L008", message, files.nowhere(f"decks/{folder}/{path.name}"), help_line
                )


def _ledger(reader: Reader, namespace: str, base: str) -> Ledger | None:
    """A root's ledger; none before its first release."""
    path = base + ledger_path(namespace)
    if not (reader.folder / path).exists():
        return None
    source = reader.text(path)
    if source is None:
        return None
    outcome = ledger.read(source)
    reader.diagnostics.extend(outcome.diagnostics)
    return outcome.values[0] if outcome.values else None


def _record(reader: Reader, namespace: str, base: str) -> Record | None:
    """What published data said of a root's cards; None before anything was recorded."""
    path = base + record_path(namespace)
    source = reader.text(path) if (reader.folder / path).exists() else None
    if source is None:
        return None
    outcome = read_record(source)
    reader.diagnostics.extend(outcome.diagnostics)
    return outcome.values[0]
