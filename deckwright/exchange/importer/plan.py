"""Import notes of another program: a plan of what becomes of each card, and the files.

No existing card changes: cards go into new files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, count, filterfalse

from deckwright.cards.formatter import formatted, meaning
from deckwright.cards.ids import propose
from deckwright.cards.image_addresses import from_project
from deckwright.cards.parse import parse
from deckwright.cards.sections import fresh
from deckwright.cards.validate import Settings, settings_of, validate_file
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import ERROR
from deckwright.core.errors import UserError
from deckwright.core.progress import Progress
from deckwright.core.source import Source
from deckwright.exchange.importer import report
from deckwright.exchange.importer.destination import Destination
from deckwright.exchange.importer.drafts import Draft, foreign_drafts, subject_of
from deckwright.exchange.importer.foreign import ForeignFile, NotWritableError, check_size
from deckwright.exchange.importer.own_notes import own_draft, own_type
from deckwright.exchange.importer.pictures import Album
from deckwright.pipeline import Checked

_MOST = 25  # cards in a file


def plan(
    checked: Checked, file: ForeignFile, where: Destination, progress: Progress
) -> tuple[list[Draft], dict[str, str | bytes]]:
    """What becomes of every card of a file, and everything to write, by path.

    That is settings, pictures, cards, and the report. Raises UserError if notes name no home
    and `where` has none.
    """
    project = where.project
    sources, images = checked.files.sources, checked.files.images
    paths = {one.path for one in images} | {one.path for one in sources}
    album = Album(file.media, images, paths, project.tag)
    drafts = list(_drafts(file, album, where, progress))
    _require_places(drafts, where)
    raws = [raw for source in sources for raw in parse(source).value]
    existing = Counter(_said(raw) for raw in raws)
    ids = {raw.id.value for raw in raws}
    settings = settings_of(project, (*images, *album.taken.values()))
    for draft in progress.over("checking cards", drafts):
        _check(draft, where, settings, existing, ids)
    written = [draft for draft in drafts if not draft.exists and not draft.reason]
    _give_ids(written, {*ids, *project.ledger(where.root.namespace).cards})
    cards = _card_files(written, where, paths)
    pictures = album.shown_in(" ".join(cards.values()))
    files: dict[str, str | bytes] = {**where.settings, **pictures, **cards}
    if not all(draft.exists for draft in drafts):
        path = f"{where.root.base}decks/imported/{where.name}.txt"
        files[path] = "\n".join(
            [*report.lines(drafts, file.remarks, len(drafts)), report.summary(drafts, False), ""]
        )
    return drafts, files


def _drafts(
    file: ForeignFile, album: Album, where: Destination, progress: Progress
) -> Iterator[Draft]:
    """The cards of notes."""
    for note in progress.over("reading notes", file.notes):
        try:
            check_size(note)
            if notetype := own_type(note, where.project):
                yield own_draft(note, notetype.card_type, album, where)
            else:
                yield from foreign_drafts(note, album, where)
        except NotWritableError as error:
            yield Draft(note.place, subject_of(note), where.home, reason=str(error))


def _require_places(drafts: Sequence[Draft], where: Destination) -> None:
    """Raise UserError if a card has no part, service, or topic."""
    cards = [draft for draft in drafts if not draft.reason]
    if homeless := sum(card.home is None or ("topic", "") in card.metadata for card in cards):
        topics = f"--topic and one of {', '.join(where.topics)}"
        options = topics if where.home else "--to PART/SERVICE --topic TOPIC"
        message = f"{homeless:,} of the cards specify no part, service, and topic"
        raise UserError(message, f"write {options}")


def _check(
    draft: Draft, where: Destination, settings: Settings, existing: Counter[str], ids: set[str]
) -> None:
    """Say of a draft whether the project has it, or why it cannot be written.

    `existing` is what the project's cards say, and how often; `ids` are theirs.
    """
    if draft.reason:
        return
    path = f"{where.folder(draft.home)}/{draft.id or 'imported-card'}.md"
    source = Source(path, _section(draft), where.root.path, where.root.namespace)
    parsed = parse(source)
    validated = validate_file(source, parsed.value, settings)
    said = _said(parsed.value[0]) if len(parsed.value) == 1 else ""
    if existing[said]:
        existing[said] -= 1
        draft.exists = True
    elif draft.id in ids:
        draft.reason = f"the card {draft.id} exists and says something else: edit the card"
    for one in (*parsed.diagnostics, *validated.diagnostics):
        if one.severity == ERROR and not draft.exists and not draft.reason:
            draft.reason = f"{one.code}: {one.message} ({one.help})".removesuffix(" ()")


def _said(raw: RawCard) -> str:
    """What a card says, metadata aside; the same picture is the same from any folder."""
    ((_, _, sections),) = meaning([raw], partial(from_project, raw.span.path))
    return repr(sections)


def _give_ids(drafts: Sequence[Draft], taken: set[str]) -> None:
    """Give a free id to each draft that has none, or a duplicate one."""
    new: set[str] = set()
    tried: dict[str, int] = {}
    for draft in drafts:
        if not draft.id or draft.id in new:
            assert draft.home is not None, "a draft without a home is refused before"
            service = draft.home.service.slug
            draft.id = propose(draft.subject, service, lambda n: n in taken or n in new, tried)
        new.add(draft.id)


def _card_files(
    drafts: Iterable[Draft], where: Destination, paths: Collection[str]
) -> dict[str, str]:
    """New files with the drafts in their order, none of them too long. Sets the drafts' paths.

    `paths` are in use. The order of the new paths is that of the drafts.
    """

    def taken(path: str) -> bool:
        return path in paths or (where.project.folder / path).exists()

    groups: dict[tuple[str, str], list[Draft]] = {}
    for draft in drafts:
        assert draft.home is not None, "a draft without a home is refused before"
        place = where.folder(draft.home), draft.home.service.title
        groups.setdefault(place, []).append(draft)
    files = {}
    for (folder, title), group in groups.items():
        runs = [group[at : at + _MOST] for at in range(0, len(group), _MOST)]
        stem = f"{folder}/{where.name}"
        width = max(2, len(str(len(runs))))
        numbered = (f"{stem}-{number:0{width}}.md" for number in count(1))
        names = chain([f"{stem}.md"] if len(runs) == 1 else [], numbered)
        for run, path in zip(runs, filterfalse(taken, names), strict=False):
            source = Source(path, fresh(title, map(_section, run)))
            text, _ = formatted(source, tuple(where.project.card_schema.properties))
            files[path] = text or source.text
            for draft in run:
                draft.path = path
    return files


def _section(draft: Draft) -> str:
    """The section of a card file that a draft becomes.

    A list right below the metadata has `*`, or it would be read as part of that list.
    """
    metadata = "\n".join(f"- {key}: {' '.join(value.split())}" for key, value in draft.metadata)
    front, *others = draft.sections
    if front.startswith("- "):
        end = re.search(r"\n(?![- \n])", front)
        at = end.start() if end else len(front)
        front = re.sub(r"(?m)^- ", "* ", front[:at]) + front[at:]
    body = "\n\n---\n\n".join([front, *others])
    return f"## {draft.id or 'imported-card'}\n\n{metadata}\n\n{body}\n"
