"""`decks/` and `schema/` of a project as one value: Project. Reads every file of the two folders once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deckwright import files, ledger, retirement
from deckwright import notetypes as notetype_files
from deckwright import vocabulary as vocabulary_files
from deckwright.contract import Contract
from deckwright.diagnostic import Diagnostic, Outcome, has_errors
from deckwright.ledger import CardRow, Ledger, TypeRow
from deckwright.model import Span
from deckwright.notetypes import NoteType
from deckwright.record import Record, read_record, record_path
from deckwright.retirement import Retirements
from deckwright.tables import Reader, Table
from deckwright.vocabulary import Vocabulary

RETIRED = "retired.apkg"  # the package that the compiler makes by itself


@dataclass(frozen=True, slots=True)
class Root:
    path: str
    namespace: str


@dataclass(frozen=True, slots=True)
class PackageSpec:
    path: str
    each: str = ""
    task: tuple[str, ...] = ()
    without_task: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    exam: str = ""


@dataclass(frozen=True)
class Project:
    """A project without its cards. `about` says what the deck is; `edit` is the address where a line of a card file can be edited,
    with `{path}` and `{line}` in it. Both may be empty."""

    folder: Path
    deck: str
    tag: str
    epoch: int
    epoch_span: Span
    roots: tuple[Root, ...]
    packages: tuple[PackageSpec, ...]
    vocabulary: Vocabulary
    notetypes: Mapping[str, NoteType]
    contract: Contract
    about: str = ""
    edit: str = ""
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)
    retirements: Mapping[str, Retirements] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of the roots, each once (roots may share one), in their order."""
        return tuple(dict.fromkeys(root.namespace for root in self.roots))

    def ledger(self, namespace: str) -> Ledger:
        """The ledger of a root; empty before its first release."""
        return self.ledgers.get(namespace) or Ledger()

    def row(self, namespace: str, card_id: str) -> CardRow | None:
        """What was released under an id."""
        return self.ledger(namespace).cards.get(card_id)

    def type_row(self, slug: str) -> TypeRow | None:
        """What was released of a note type: the first root's word counts."""
        return next((book.types[slug] for name in self.namespaces if slug in (book := self.ledger(name)).types), None)

    @property
    def last_stamp(self) -> int:
        """The latest time of any release in seconds since 1970; the epoch before the first."""
        return max([self.epoch, *(book.last_stamp for book in self.ledgers.values())])


def load(folder: Path) -> Outcome[Project]:
    """The project in `folder`, or everything that is wrong with its decks/ and schema/."""
    if not (folder / "decks").is_dir() and not (folder / "schema").is_dir():
        help_line = "go to the folder with cards/, decks/ and schema/, or name it with --root"
        return Outcome((), (Diagnostic("V801", "this folder is no project", files.nowhere("decks/project.toml"), help_line),))
    reader = Reader(folder)
    contract = reader.contract("schema/card.schema.json")
    vocabulary = vocabulary_files.read(reader)
    settings = reader.table("decks/project.toml", "schema/project.schema.json")
    notetypes = notetype_files.read(reader, settings.data.get("report", "") if settings else "")
    if settings and vocabulary:
        _check_packages(reader, settings, vocabulary)
    namespaces = list(dict.fromkeys(root["namespace"] for root in settings.data["root"])) if settings else []
    ledgers = {name: book for name in namespaces if (book := _ledger(reader, name))}
    retirements = {name: found for name in namespaces if (found := retirement.read(reader, name))}
    records = {name: kept for name in namespaces if (kept := _record(reader, name)) is not None}
    if settings:
        _check_ledgers(reader, namespaces)
    if has_errors(reader.faults) or contract is None or vocabulary is None or settings is None:
        return Outcome((), tuple(reader.faults))
    data = settings.data
    project = Project(
        folder=folder,
        deck=data["deck"],
        tag=data["tag"],
        epoch=data["epoch"],
        epoch_span=settings.place("epoch"),
        roots=tuple(Root(r["path"], r["namespace"]) for r in data["root"]),
        packages=tuple(
            PackageSpec(
                path=p["path"],
                each=p.get("each", ""),
                task=tuple(p.get("task", ())),
                without_task=tuple(p.get("without-task", ())),
                service=tuple(p.get("service", ())),
                exam=p.get("exam", ""),
            )
            for p in data["package"]
        ),
        vocabulary=vocabulary,
        notetypes=notetypes,
        contract=contract,
        about=data.get("about", ""),
        edit=data.get("edit", ""),
        ledgers=ledgers,
        retirements=retirements,
        records=records,
    )
    return Outcome((project,), tuple(reader.faults))


def _check_packages(reader: Reader, settings: Table, vocabulary: Vocabulary) -> None:
    """Packages name tasks, services and exams that exist, `{slug}` exactly where there is one to fill in, and each file once."""
    known = {"task": vocabulary.tasks, "without-task": vocabulary.tasks, "service": vocabulary.services}
    roots = settings.data["root"]
    for number, root in enumerate(roots):
        earlier = next(n for n, other in enumerate(roots) if other["path"] == root["path"])
        if earlier != number:
            related = (("first given here", settings.place("root", earlier, "path")),)
            here = settings.place("root", number, "path")
            reader.fault("V804", f"the root `{root['path']}` is given twice", here, "give each folder once", related)
    seen: dict[str, int] = {}
    for number, package in enumerate(settings.data["package"]):
        for key, table in known.items():
            for slug in package.get(key, ()):
                if slug not in table:
                    reader.unknown(key.removeprefix("without-"), slug, table, settings.place("package", number, key))
        if package.get("exam", "") and package["exam"] not in vocabulary.exams:
            reader.unknown("exam", package["exam"], vocabulary.exams, settings.place("package", number, "exam"))
        if ("{slug}" in package["path"]) != ("each" in package):
            message = "`{slug}` and `each` belong together"
            reader.fault("V803", message, settings.place("package", number, "path"), "write both or neither")
        slugs = {"task": vocabulary.tasks, "service": vocabulary.services}.get(package.get("each", ""), {"": None})
        if package["path"] == RETIRED:
            place = settings.place("package", number, "path")
            reader.fault("V804", f"the package `{RETIRED}` is made of the retired cards", place, "choose another name")
        for path in (package["path"].replace("{slug}", slug) for slug in slugs):
            if seen.setdefault(path, number) != number:
                first = ("first given here", settings.place("package", seen[path], "path"))
                place = settings.place("package", number, "path")
                reader.fault("V804", f"the package `{path}` is given twice", place, "give each path once", (first,))


def _check_ledgers(reader: Reader, namespaces: list[str]) -> None:
    """L008: every ledger and every file of retirements belongs to a root. One that does not is the trace of a changed namespace."""
    for folder, ending in (("ledger", ".tsv"), ("retired", ".toml")):
        for path in sorted((reader.folder / "decks" / folder).glob(f"*{ending}")):
            if path.stem not in namespaces:
                message = f"no root has the namespace `{path.stem}`, under which this was released"
                help_line = "a namespace is permanent: put it back into decks/project.toml"
                reader.fault("L008", message, files.nowhere(f"decks/{folder}/{path.name}"), help_line)


def ledger_path(namespace: str) -> str:
    """Where a root's ledger lies in the project."""
    return f"decks/ledger/{namespace}.tsv"


def _ledger(reader: Reader, namespace: str) -> Ledger | None:
    """A root's ledger; none before its first release."""
    path = ledger_path(namespace)
    if not (reader.folder / path).exists():
        return None
    source = reader.text(path)
    if source is None:
        return None
    outcome = ledger.read(source)
    reader.faults.extend(outcome.diagnostics)
    return outcome.values[0] if outcome.values else None


def _record(reader: Reader, namespace: str) -> Record | None:
    """What published data said of a root's cards; None before anything was recorded."""
    path = record_path(namespace)
    source = reader.text(path) if (reader.folder / path).exists() else None
    if source is None:
        return None
    outcome = read_record(source)
    reader.faults.extend(outcome.diagnostics)
    return outcome.values[0]
