"""Import notes of another program: a plan of what becomes of each, then the files.

No existing card changes: cards go into new files. See `history` for what a later import
of the same notes does.
"""

from __future__ import annotations

import errno
import os
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from deckwright.cards.ids import propose
from deckwright.cards.parse import parse
from deckwright.core.card import RawCard
from deckwright.core.errors import UserError
from deckwright.core.files import replace_files
from deckwright.core.progress import SILENT, Progress
from deckwright.core.wording import count, reason, shortened
from deckwright.exchange.importer import apkg, text_files
from deckwright.exchange.importer.card_files import (
    CardFile,
    card_files,
    parsed,
    says_the_same,
    section,
)
from deckwright.exchange.importer.destination import Destination
from deckwright.exchange.importer.drafts import Draft, Unwritable
from deckwright.exchange.importer.foreign_notes import foreign_drafts, unwritable
from deckwright.exchange.importer.history import ImportedCard, ImportHistory, read_history
from deckwright.exchange.importer.limits import TooLargeError, check_markdown, check_note
from deckwright.exchange.importer.notes import ForeignFile, ForeignNote, without_repeats
from deckwright.exchange.importer.overlaps import Overlaps, overlaps
from deckwright.exchange.importer.own_notes import own_draft, own_type, with_comparisons
from deckwright.exchange.importer.pictures import Album
from deckwright.pipeline import Checked
from deckwright.project.project import Project

_NO_CARD = "its text cannot be written as a card"


@dataclass(frozen=True, slots=True)
class PlannedCard:
    """A card that will be written, what its note loses, and cards that are like it."""

    id: str
    path: str
    remarks: tuple[str, ...]
    alike: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do.

    `card_files` and `pictures` are new files by path. `same` are ids of cards that
    exist already, `changed` those of which the file says something else now. `duplicates`
    are questions that another card asks, with its id; `unwritable` are notes that
    cannot be cards, with the reason. `unmapped` counts tags that no card can have,
    `remarks` are on the file as a whole.
    """

    card_files: Mapping[str, str] = field(repr=False)
    pictures: Mapping[str, bytes] = field(repr=False)
    cards: Sequence[PlannedCard]
    same: Sequence[str]
    changed: Sequence[str]
    duplicates: Sequence[tuple[str, str]]
    unwritable: Sequence[Unwritable]
    unmapped: Mapping[str, int]
    remarks: Sequence[str]
    history: ImportHistory = field(repr=False)


def open_file(path: Path) -> ForeignFile:
    """The notes of a package or a text file; its content decides which of them it is.

    Raises UserError if it is neither, or cannot be trusted.
    """
    try:
        if not path.exists():
            raise UserError("there is no such file", "give an .apkg, a .colpkg, or a text file")
        if not path.is_file():
            raise UserError(
                "this is not a regular file", "give an .apkg, a .colpkg, or a text file"
            )
        with open(path, "rb") as file:
            first = file.read(16)
        if first.startswith(b"PK"):
            return apkg.read(path)
        if first.startswith(b"SQLite format 3"):
            raise UserError(
                "this is a collection, not a package", "export it in Anki: File › Export, as .apkg"
            )
        if path.suffix.lower() in (".apkg", ".colpkg", ".zip"):
            raise UserError(
                "the file is named like a package but is not one",
                "export it again, or download it again",
            )
        return text_files.read(path)
    except OSError as error:
        raise UserError(
            f"it cannot be read: {reason(error)}",
            "check its path and permissions",
        ) from error


def plan(
    checked: Checked, file: ForeignFile, destination: Destination, progress: Progress = SILENT
) -> ImportPlan:
    """What becomes of every note of a file.

    Raises UserError if notes name no home and `destination` has none.
    """
    project, file = checked.project, without_repeats(file)
    paths = _paths_in_use(checked)
    known = {image.digest: image.path for image in checked.files.images}
    album = Album(file.media, known, paths, project.tag)
    history = read_history(project.folder, destination.root)
    made = [
        draft
        for note in progress.over("reading notes", file.notes)
        for draft in _drafts(note, project, album, destination)
    ]
    drafts = _sorted(made, checked, history, destination)
    raws = _parsed(drafts.new, progress)
    with progress.during("looking for duplicates"):
        found = overlaps(checked.cards, raws)
    kept = [draft for draft in drafts.new if draft.id in raws and draft.id not in found.same]
    files = card_files(
        kept, destination, project, lambda p: p in paths or (project.folder / p).exists()
    )
    failed = [Unwritable(d.id, _NO_CARD) for d in drafts.new if d.id not in raws]
    return ImportPlan(
        card_files={new.path: new.text for new in files},
        pictures=album.shown_in(" ".join(new.text for new in files)),
        cards=_planned(kept, files, found),
        same=drafts.same,
        changed=drafts.changed,
        duplicates=[(d.subject, found.same[d.id]) for d in drafts.new if d.id in found.same],
        unwritable=[*drafts.unwritable, *failed],
        unmapped=Counter(tag for draft in kept for tag in draft.unmapped),
        remarks=file.remarks,
        history=history.with_cards(kept),
    )


def _drafts(
    note: ForeignNote, project: Project, album: Album, destination: Destination
) -> Iterable[Draft | Unwritable]:
    """The cards of a note: its own, if this compiler made the note, or new ones.

    A note that is too large has none.
    """
    try:
        fields = {name: album.without_data(text) for name, text in note.fields.items()}
        check_note(fields, note.tags)
        drafts: list[Draft | Unwritable]
        if notetype := own_type(note, project):
            drafts = [own_draft(note, notetype, project, album, destination)]
        else:
            drafts = [*foreign_drafts(note, project, album, destination)]
        for draft in drafts:
            if isinstance(draft, Draft):
                check_markdown(len(section(draft)))
    except TooLargeError as error:
        return [unwritable(note, str(error))]
    return drafts


def _paths_in_use(checked: Checked) -> set[str]:
    sources = (source.path for source in checked.files.sources)
    images = (image.path for image in checked.files.images)
    return {posixpath.normpath(path) for path in (*sources, *images)}


def _parsed(drafts: Iterable[Draft], progress: Progress) -> dict[str, RawCard]:
    """The cards that drafts become, by their ids; without those that become none."""
    raws = {draft.id: parsed(draft) for draft in progress.over("writing cards", drafts)}
    return {name: raw for name, raw in raws.items() if raw is not None}


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Drafts by what the project has of them: new ones with ids, ids of the others."""

    new: list[Draft]
    same: list[str]
    changed: list[str]
    unwritable: list[Unwritable]


def _sorted(
    made: Sequence[Draft | Unwritable],
    checked: Checked,
    history: ImportHistory,
    destination: Destination,
) -> _Sorted:
    """Drafts by whether their cards exist. Raises UserError if one has no home."""
    drafts = [draft for draft in made if isinstance(draft, Draft)]
    _check_homes(drafts, destination)
    existing = {
        raw.id.value: raw for source in checked.files.sources for raw in parse(source).values
    }
    new, same, changed = [], [], []
    for draft in drafts:
        imported = None if draft.own else history.card(draft.origin)
        name = imported.id if imported else draft.id
        if name not in existing:
            new.append(replace(draft, id=name))
        elif _agrees(draft, imported, existing[name], destination):
            same.append(name)
        else:
            changed.append(name)
    ledger = checked.project.ledger(destination.root.namespace)
    taken = {*existing, *ledger.cards, *(card.id for card in history.cards.values())}
    with_ids = with_comparisons(_with_ids(new, taken, destination))
    unwritable = [note for note in made if isinstance(note, Unwritable)]
    return _Sorted(with_ids, same, changed, unwritable)


def _agrees(
    draft: Draft, imported: ImportedCard | None, raw: RawCard, destination: Destination
) -> bool:
    """Whether a note says what it said when it was imported, or what its card says."""
    if imported:
        return draft.digest == imported.digest
    folder = destination.folder(draft.home or destination.home)
    return says_the_same(raw, replace(draft, id=raw.id.value), folder)


def _check_homes(drafts: Iterable[Draft], destination: Destination) -> None:
    homeless = sum(draft.home is None for draft in drafts)
    if homeless and destination.home is None:
        noun = "1 card does" if homeless == 1 else f"{homeless:,} cards do"
        raise UserError(
            f"{noun} not specify a task, a service, and a topic",
            "write --to TASK/SERVICE --topic TOPIC",
        )


def _with_ids(
    drafts: Iterable[Draft], taken: set[str], destination: Destination
) -> Iterator[Draft]:
    """The same drafts with a free id for each that has none, or a duplicate one."""
    given: set[str] = set()
    tried: dict[str, int] = {}
    for draft in drafts:
        name, home = draft.id, draft.home or destination.home
        if not name or name in given:
            assert home is not None, "the plan refuses cards without a home"
            name = propose(draft.subject, home.service, lambda n: n in taken or n in given, tried)
        given.add(name)
        yield replace(draft, id=name)


def _planned(
    drafts: Iterable[Draft], files: Iterable[CardFile], found: Overlaps
) -> list[PlannedCard]:
    paths = {name: file.path for file in files for name in file.ids}
    return [
        PlannedCard(d.id, paths[d.id], d.remarks, tuple(found.alike.get(d.id, ()))) for d in drafts
    ]


def carry_out(checked: Checked, found: ImportPlan, progress: Progress = SILENT) -> None:
    """Write the history, then the pictures and the cards.

    If the process is killed in between, a later import of the same notes writes the rest,
    under the ids in the history. Raises OSError and leaves everything as it was, also if
    one of the new files exists by now.
    """
    folder = checked.project.folder
    files: dict[str, str | bytes] = {**found.pictures, **found.card_files}
    for path in files:
        if os.path.lexists(folder / path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder / path))
    with progress.during("writing files"):
        replace_files(folder, {found.history.path: found.history.text(), **files})


def as_lines(found: ImportPlan) -> list[str]:
    """The plan as text: files with their cards, what is lost, what is not written."""
    by_path: dict[str, list[PlannedCard]] = {path: [] for path in found.card_files}
    for card in found.cards:
        by_path[card.path].append(card)
    out = [line for path, cards in by_path.items() for line in _file_lines(path, cards)]
    out += [f"{path}: an image" for path in found.pictures]
    out += [
        f"not written, because {other} asks the same thing: {shortened(subject, 70)}"
        for subject, other in found.duplicates
    ]
    out += [
        f"not written, because {note.reason}: {shortened(note.subject, 70)}"
        for note in found.unwritable
    ]
    out += [
        f"not changed, although the note in the file has changed: {name}" for name in found.changed
    ]
    if found.same:
        out.append(f"already in the project: {count(len(found.same), 'card')}")
    if found.unmapped:
        listed = sorted(found.unmapped.items(), key=lambda pair: (-pair[1], pair[0]))
        tags = ", ".join(f"{tag} ({number})" for tag, number in listed)
        out.append(f"tags that a card cannot have: {tags}")
    return [*out, *found.remarks]


def _file_lines(path: str, cards: Sequence[PlannedCard]) -> Iterator[str]:
    """A card file, and those of its cards of which there is something to say."""
    yield f"{path}: {count(len(cards), 'card')}"
    for card in cards:
        if card.remarks or card.alike:
            yield f"  {card.id}"
            yield from (f"    {remark}" for remark in card.remarks)
            yield from (f"    {how} {other}" for how, other in card.alike)


def summary(found: ImportPlan, dry: bool) -> str:
    """The closing line. `dry` says that nothing was written."""
    verb = "would be written" if dry else "written"
    incomplete = sum(bool(card.remarks) for card in found.cards)
    lost = f", {incomplete:,} of them with parts left out" if incomplete else ""
    return f"{count(len(found.cards), 'card')} {verb}{lost}"
