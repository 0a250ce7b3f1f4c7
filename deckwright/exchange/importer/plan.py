"""Import notes of another program: a plan of what becomes of each card, and the files.

No existing card changes: cards go into new files.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count as counting

from deckwright.cards.duplicates import repeated
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
from deckwright.core.report import printable
from deckwright.core.source import Source
from deckwright.core.wording import count, joined, listed, shortened
from deckwright.exchange.importer import foreign
from deckwright.exchange.importer.destination import Destination
from deckwright.exchange.importer.drafts import Draft, foreign_drafts, subject_of
from deckwright.exchange.importer.own_notes import own_draft, own_type
from deckwright.exchange.importer.pictures import Album
from deckwright.pipeline import Checked

_MOST = 25  # cards in a file


def plan(
    checked: Checked, file: foreign.ForeignFile, where: Destination, progress: Progress
) -> tuple[list[Draft], list[str], dict[str, str | bytes]]:
    """What becomes of every card of a file, remarks, and everything to write, by path.

    That is settings, pictures, cards, and the report. Raises UserError if notes name no home
    and `where` has none.
    """
    project = where.project
    sources, images = checked.files.sources, checked.files.images
    paths = {one.path for one in images} | {one.path for one in sources}
    album = Album(file.media, images, paths, project.tag)
    drafts = list(_drafts(progress.over("reading notes", file.notes), album, where))
    raws = [raw for source in sources for raw in parse(source).value]
    existing = Counter(_said(raw) for raw in raws)
    ids = {raw.id.value for raw in raws}
    settings = settings_of(project, (*images, *album.taken.values()))
    for draft in progress.over("checking cards", drafts):
        _check(draft, where, settings, existing, ids)
    _require_places(drafts, where)
    written = [draft for draft in drafts if not draft.exists and not draft.reason]
    ids |= project.ledger(where.root.namespace).cards.keys()
    cards = _card_files(written, where, paths, ids)
    pictures = album.shown_in(" ".join(cards.values()))
    files: dict[str, str | bytes] = {**where.settings, **pictures, **cards}
    language = f'`language = "{where.root.language}"` goes {where.place}'
    remarks = [*file.remarks, *([language] * len(where.settings))]
    remarks += _repetitions(written, checked, where)
    if not all(draft.exists for draft in drafts):
        path = f"{where.root.base}decks/imported/{where.name}.txt"
        files[path] = "\n".join([*lines(drafts, remarks, len(drafts)), summary(drafts, False), ""])
    return drafts, remarks, files


def _repetitions(drafts: Iterable[Draft], checked: Checked, where: Destination) -> Iterator[str]:
    """Cards that repeat others, what `check` will say about them, and how to allow that."""
    new = [replace(draft.card, id=draft.id) for draft in drafts if draft.card]
    cards = (*checked.cards, *new)
    own = {card.prompt.span.path for card in new}
    signatures = list(map(repeated.signature, cards))
    known = {one.question: card.id for card, one in zip(checked.cards, signatures, strict=False)}
    asked = [known.get(one.question, "") for one in signatures[len(checked.cards) :]]
    if again := [*filter(None, asked)]:
        yield (
            f"new cards that repeat a question already in the project: {len(again):,} "
            f"({listed([*dict.fromkeys(again)], 3)}); if they are corrections, edit those older "
            "cards instead, keep their IDs, and delete the new cards"
        )
    found = repeated.diagnose(cards, signatures, where.project)
    codes = [one.code for one in found if one.span.path in own]
    if codes:
        off = ", ".join(f'"{code}"' for code in sorted({*codes, *where.root.off} - {"U507"}))
        yield (
            f"questions that repeat others: {len(codes):,}, which `./build.py check` reports as "
            f"{joined(sorted({*codes}), 'and')}; if that is meant, as for words with "
            f"several meanings but not for corrections, write `off = [{off}]` {where.place}"
        )


def _drafts(
    notes: Iterable[foreign.ForeignNote], album: Album, where: Destination
) -> Iterator[Draft]:
    """The cards of notes."""
    for note in notes:
        try:
            foreign.check_size(note)
            if notetype := own_type(note, where.project):
                yield own_draft(note, notetype.card_type, album, where)
            else:
                yield from foreign_drafts(note, album, where)
        except foreign.NotWritableError as error:
            yield Draft(note.place, subject_of(note), where.home, reason=str(error))


def _require_places(drafts: Sequence[Draft], where: Destination) -> None:
    """Raise UserError if a card that would be written has no part, service, or topic."""
    lacking = [d for d in drafts if not d.reason and not d.exists and _lacks_place(d)]
    if lacking:
        topics = f"--topic and one of {', '.join(where.topics)}"
        options = topics if where.home else "--to PART/SERVICE --topic TOPIC"
        named = listed([draft.id or draft.place for draft in lacking], 3)
        cards = "the cards" if len(lacking) == len(drafts) else f"some cards ({named})"
        raise UserError(f"{cards} need a part, a service, and a topic", f"write {options}")


def _lacks_place(draft: Draft) -> bool:
    return draft.home is None or ("topic", "") in draft.metadata


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
    draft.card = next(iter(validated.value), None)
    for one in (*parsed.diagnostics, *validated.diagnostics):
        if one.severity == ERROR and not (draft.exists or draft.reason or _lacks_place(draft)):
            draft.reason = f"{one.code}: {one.message} ({one.help})".removesuffix(" ()")


def _said(raw: RawCard) -> str:
    """What a card says, metadata aside; the same picture is the same from any folder."""
    ((_, _, sections),) = meaning([raw], partial(from_project, raw.span.path))
    return repr(sections)


def _card_files(
    drafts: Iterable[Draft], where: Destination, paths: set[str], ids: set[str]
) -> dict[str, str]:
    """New files with the drafts in their order, none of them too long.

    Sets the drafts' paths, whose order is that of the drafts, and ids. `paths` and `ids` are in
    use.
    """
    groups: dict[tuple[str, str], list[Draft]] = {}
    new: set[str] = set()
    tried: dict[str, int] = {}
    for draft in drafts:
        assert draft.home is not None, "a draft without a home is refused before"
        service = draft.home.service
        if not draft.id or draft.id in new:
            draft.id = propose(draft.subject, service.slug, lambda n: n in ids or n in new, tried)
        new.add(draft.id)
        groups.setdefault((where.folder(draft.home), service.title), []).append(draft)
    files = {}
    for (folder, title), group in groups.items():
        runs = [group[at : at + _MOST] for at in range(0, len(group), _MOST)]
        width = max(2, len(str(len(runs))))
        numbers = (f"-{n:0{width}}" if n else "" for n in counting(int(len(runs) > 1)))
        names = (f"{folder}/{where.name}{number}.md" for number in numbers)
        free = (n for n in names if n not in paths and not (where.project.folder / n).exists())
        for run, path in zip(runs, free, strict=False):
            source = Source(path, fresh(title, map(_section, run)))
            text, _ = formatted(source, tuple(where.project.card_schema.properties))
            files[path] = text or source.text
            for draft in run:
                draft.path = path
    return files


def _section(draft: Draft) -> str:
    """The section of a card file that a draft becomes."""
    metadata = "\n".join(f"- {key}: {' '.join(value.split())}" for key, value in draft.metadata)
    body = "\n\n---\n\n".join(draft.sections)
    return f"## {draft.id or 'imported-card'}\n\n{metadata}\n\n{body}\n"


def lines(drafts: Sequence[Draft], remarks: Iterable[str], most: int = 3) -> list[str]:
    """What becomes of cards; at most so many ids of cards that lose the same thing."""
    numbers = Counter(draft.path for draft in drafts if draft.path)
    roles = Counter(draft.roles for draft in drafts if draft.roles)
    out = [f"{role} ({count(number, 'card')})" for role, number in roles.items()]
    out += [f"{path}: {count(number, 'card')}" for path, number in numbers.items()]
    by_remark: dict[str, list[str]] = defaultdict(list)
    for draft in drafts:
        for remark in draft.remarks if draft.path else ():
            by_remark[remark].append(f"{draft.id} ({draft.place}: {shortened(draft.subject, 30)})")
    for remark, ids in by_remark.items():
        out += [f"on {count(len(ids), 'card')}: {remark}", f"  {listed(ids, most)}"]
    for draft in drafts:
        if draft.reason:
            out.append(f"not written: {draft.place}: {shortened(draft.subject, 70)}")
            out.append(f"  {draft.reason}")
    return [printable(line) for line in (*out, *remarks)]


def summary(drafts: Sequence[Draft], dry: bool) -> str:
    """The closing line: a count that adds up. `dry` says that nothing was written."""
    written = sum(bool(draft.path) for draft in drafts)
    same = sum(draft.exists for draft in drafts)
    others = ((same, "already in the project"), (len(drafts) - written - same, "not written"))
    parts = [f"{written:,} {'would be ' * dry}written", *(f"{n:,} {w}" for n, w in others if n)]
    return f"{count(len(drafts), 'card')} in the file: {', '.join(parts)}"
