"""Import notes of another program: a plan of what becomes of each, then the files.

No existing card changes: cards go into new files. See `history` for what a later import
of the same notes does.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from deckwright.cards.ids import propose
from deckwright.cards.parse import parse
from deckwright.cards.validate import settings_of, validate_file
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import ERROR, Diagnostic
from deckwright.core.errors import UserError
from deckwright.core.files import replace_files
from deckwright.core.note import Image
from deckwright.core.progress import SILENT, Progress
from deckwright.core.source import Source
from deckwright.exchange.importer.card_files import card_files, says_the_same, section
from deckwright.exchange.importer.destination import Destination
from deckwright.exchange.importer.drafts import (
    Draft,
    FieldChoice,
    Loss,
    chosen,
    foreign_drafts,
    subject_of,
)
from deckwright.exchange.importer.foreign import (
    ForeignFile,
    ForeignNote,
    NotWritableError,
    check_size,
)
from deckwright.exchange.importer.history import ImportHistory, read_history
from deckwright.exchange.importer.own_notes import own_draft, own_type
from deckwright.exchange.importer.pictures import Album
from deckwright.pipeline import Checked
from deckwright.project.project import Project


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do with each card of a file.

    `cards` will be written, `paths` has their files by their ids, `same` are ids of cards
    that exist already, `losses` are the cards that will not be written. `remarks` are on
    the file as a whole. `files` is everything to write, by path, in that order, and then
    the report, at `report_path`.
    """

    cards: Sequence[Draft]
    paths: Mapping[str, str]
    same: Sequence[str]
    losses: Sequence[Loss]
    remarks: Sequence[str]
    files: Mapping[str, str | bytes] = field(repr=False)
    report_path: str

    @property
    def number(self) -> int:
        """How many cards are in the file."""
        return len(self.cards) + len(self.same) + len(self.losses)


def plan(
    checked: Checked,
    file: ForeignFile,
    where: Destination,
    choice: FieldChoice,
    today: date,
    progress: Progress = SILENT,
) -> ImportPlan:
    """What becomes of every note of a file.

    Raises UserError if notes name no home and `where` has none, or if no note has the
    fields of `choice`.
    """
    project = checked.project
    roots = tuple(
        where.root if root.path == where.root.path else root for root in project.card_folders
    )
    project = replace(project, card_folders=roots)
    paths = {one.path for one in checked.files.images}
    paths |= {one.path for one in checked.files.sources}
    album = Album(file.media, checked.files.images, paths, project.tag)
    history = read_history(project.folder, where.root)
    made = list(_drafts(file.notes, choice, project, album, where, progress))
    drafts = [one for one in made if isinstance(one, Draft)]
    losses = [one for one in made if isinstance(one, Loss)]
    new, same, changed = _sorted(drafts, checked, history, where)
    images = (*checked.files.images, *album.images())
    cards, refused = _checked(new, project, images, where, today, progress)
    files = card_files(cards, where, project, paths)
    pictures = album.shown_in(" ".join(file.text for file in files))
    return ImportPlan(
        cards=cards,
        paths={name: file.path for file in files for name in file.ids},
        same=same,
        losses=[*losses, *changed, *refused],
        remarks=file.remarks,
        files={
            **({history.path: history.with_cards(cards).text()} if cards else {}),
            **dict(where.settings),
            **pictures,
            **{file.path: file.text for file in files},
        },
        report_path=f"{posixpath.dirname(history.path)}/{where.name}.txt",
    )


def carry_out(plan: ImportPlan, checked: Checked, report: str, progress: Progress = SILENT) -> None:
    """Write the history, the settings, then the pictures, the cards, and the report.

    If the process is killed in between, a later import of the same notes writes the rest,
    under the ids in the history. Raises OSError and leaves everything as it was.
    """
    files = {**plan.files, **({plan.report_path: report} if plan.cards or plan.losses else {})}
    with progress.during("writing files"):
        replace_files(checked.project.folder, files)


def _drafts(
    notes: Sequence[ForeignNote],
    choice: FieldChoice,
    project: Project,
    album: Album,
    where: Destination,
    progress: Progress,
) -> Iterator[Draft | Loss]:
    """The cards of notes. Raises UserError for a chosen field that no note has."""
    names = dict.fromkeys(name for note in notes for name in note.fields)
    known = {name.casefold() for name in names}
    for name in (*choice.question, choice.answer, *choice.extra):
        if name and name.casefold() not in known:
            raise UserError(f"no note has a field `{name}`", "the fields are " + ", ".join(names))
    for note in progress.over("reading notes", notes):
        fields = {name: album.without_data(text) for name, text in note.fields.items()}
        note = chosen(replace(note, fields=fields), choice)
        try:
            check_size(note)
            if notetype := own_type(note, project):
                yield own_draft(note, notetype, project, album, where)
            else:
                yield from foreign_drafts(note, project, album, where)
        except NotWritableError as error:
            yield Loss(note.place, subject_of(note), str(error))


def _sorted(
    drafts: Sequence[Draft], checked: Checked, history: ImportHistory, where: Destination
) -> tuple[list[Draft], list[str], list[Loss]]:
    """New drafts with ids, ids of cards that exist already, and changes of such cards.

    Raises UserError if a draft has no home.
    """
    homeless = sum(draft.home is None for draft in drafts)
    if homeless and (where.home is None or not where.topic):
        noun = "1 card does" if homeless == 1 else f"{homeless:,} cards do"
        raise UserError(
            f"{noun} not specify a part, a service, and a topic",
            "write --to PART/SERVICE --topic TOPIC",
        )
    existing = {
        raw.id.value: raw for source in checked.files.sources for raw in parse(source).value
    }
    new: list[Draft] = []
    same: list[str] = []
    changed: list[Loss] = []
    for draft in drafts:
        imported = None if draft.own else history.card(draft.origin)
        name = imported.id if imported else draft.id
        if name not in existing:
            new.append(replace(draft, id=name))
        elif _agrees(draft, imported.digest if imported else "", existing[name], where):
            same.append(name)
        else:
            reason = f"the card {name} exists, and the note has changed: edit the card"
            changed.append(Loss(draft.place, draft.subject, reason))
    ledger = checked.project.ledger(where.root.namespace)
    taken = {*existing, *ledger.cards, *(card.id for card in history.cards.values())}
    return list(_with_ids(new, taken, where)), same, changed


def _agrees(draft: Draft, imported: str, raw: RawCard, where: Destination) -> bool:
    """Whether a note says what it said when it was imported, or what its card says."""
    if imported:
        return draft.digest == imported
    folder = where.folder(draft.home or where.home)
    return says_the_same(raw, replace(draft, id=raw.id.value), folder)


def _with_ids(drafts: Iterable[Draft], taken: set[str], where: Destination) -> Iterator[Draft]:
    """The same drafts with a free id for each that has none, or a duplicate one."""
    new: set[str] = set()
    tried: dict[str, int] = {}
    for draft in drafts:
        name, home = draft.id, draft.home or where.home
        if not name or name in new:
            assert home is not None, "a draft without a home is refused before"
            name = propose(draft.subject, home.service, lambda n: n in taken or n in new, tried)
        new.add(name)
        yield replace(draft, id=name)


def _checked(
    drafts: Sequence[Draft],
    project: Project,
    images: Iterable[Image],
    where: Destination,
    today: date,
    progress: Progress,
) -> tuple[list[Draft], list[Loss]]:
    """The drafts that `check` accepts, and why it refuses the others.

    Each is checked as a file with its id as the name.
    """
    settings = settings_of(project, images)
    diagnostics: list[Diagnostic] = []
    for draft in progress.over("checking cards", drafts):
        path = f"{where.folder(draft.home or where.home)}/{draft.id}.md"
        source = Source(path, section(draft), where.root.path, where.root.namespace)
        parsed = parse(source)
        diagnostics += parsed.diagnostics
        diagnostics += validate_file(source, parsed.value, settings).diagnostics
    errors: dict[str, str] = {}  # by the id of the card
    for one in diagnostics:
        if one.severity == ERROR:
            name = posixpath.basename(one.span.path).removesuffix(".md")
            errors.setdefault(name, f"{one.code}: {one.message} ({one.help})".removesuffix(" ()"))
    cards = [draft for draft in drafts if draft.id not in errors]
    return cards, [Loss(d.place, d.subject, errors[d.id]) for d in drafts if d.id in errors]
