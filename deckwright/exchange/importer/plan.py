"""`import`: notes of another program into card files of the project, with a plan that says what becomes of each.

Nothing that is there is changed: cards go into new files. A small record, `decks/imported/<namespace>.tsv`, remembers which note
became which card, so that a later import of the same notes brings only what is new, under ids that stay.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from deckwright import markdown
from deckwright.cards import body as content
from deckwright.cards import similarity
from deckwright.cards.formatter import meaning, normal_form
from deckwright.cards.ids import ID, propose, slug
from deckwright.cards.lookalikes import candidates
from deckwright.cards.parse import parse
from deckwright.cards.similarity import Reading
from deckwright.cards.workspace import LONG
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import has_errors
from deckwright.core.errors import UserError
from deckwright.core.files import read_source, replace_file
from deckwright.core.progress import SILENT, Progress
from deckwright.core.source import Source
from deckwright.core.suggest import nearest
from deckwright.exchange.importer import apkg, text_files
from deckwright.exchange.importer.notes import ForeignFile
from deckwright.exchange.importer.to_cards import Album, Draft, Home, resolved, transcribe
from deckwright.pipeline import Checked
from deckwright.project.project import Root

_HEAD = """\
# Which note of another program became which card: written by `python build.py import`, read by the next.
# card, note (its guid, or a hash of its question), what the note said (a hash)
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """Where cards go that name no home of their own. `name`: the name of new files, without ending."""

    root: Root
    home: Home | None
    topic: str
    name: str


@dataclass(frozen=True, slots=True)
class Written:
    """A card that will be written: what of its note could not be said, and cards of the tree or the file that are much like it."""

    id: str
    path: str
    remarks: tuple[str, ...]
    alike: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does. `files` by path; `same` are cards that are there already, `changed` those of which the file says something
    else than what is there or was imported; `doubles` ask what a card of the tree asks; `unwritten` cannot be cards (what, why)."""

    files: Mapping[str, bytes] = field(repr=False)
    cards: tuple[Written, ...]
    same: tuple[str, ...]
    changed: tuple[str, ...]
    doubles: tuple[tuple[str, str], ...]
    unwritten: tuple[tuple[str, str], ...]
    unmapped: Mapping[str, int]
    remarks: tuple[str, ...]
    record: str = field(repr=False)
    record_path: str


def open_file(path: Path) -> ForeignFile:
    """The notes of a package or a text file, told by what is in it. UserError where it is neither, or not to be trusted."""
    try:
        if not path.exists():
            raise UserError("there is no such file", "give an .apkg, a .colpkg, or a text file")
        if not path.is_file():
            raise UserError("this is no regular file", "give an .apkg, a .colpkg, or a text file")
        with open(path, "rb") as file:
            first = file.read(16)
        if first.startswith(b"PK"):
            return apkg.read(path)
        if first.startswith(b"SQLite format 3"):
            raise UserError("this is a bare collection", "in Anki: File › Export, as .apkg")
        if path.suffix.lower() in (".apkg", ".colpkg", ".zip"):
            raise UserError(
                "the file is called a package and is none", "export it again, or download it again"
            )
        return text_files.read(path)
    except OSError as error:
        raise UserError(
            f"it cannot be read: {(error.strerror or str(error)).lower()}",
            "look at its path and permissions",
        ) from error


def wish(checked: Checked, to: str, topic: str, inside: str, name: str) -> Wish:
    """A wish from what was typed. UserError where it names what is not there. `inside` names a root; without it the first is meant,
    or the overlay's."""
    project, vocabulary = checked.project, checked.project.vocabulary
    first = project.root(
        project.releasing[0]
    )  # with an overlay its own: the project's cards are not somebody's to add to
    root = (
        next((r for r in project.roots if r.path == inside.rstrip("/")), None) if inside else first
    )
    if root is None:
        known = [r.path for r in project.roots]
        raise UserError(
            f"there is no root {inside}",
            nearest(inside, known) or "roots of decks/project.toml: " + ", ".join(known),
        )
    if not to and not topic:
        return Wish(root, None, "", slug(name) or "imported")
    folder, _, service = to.strip("/").partition("/")
    task = next((t for t in vocabulary.tasks.values() if folder in (t.slug, t.folder)), None)
    if task is None or service not in vocabulary.services:
        known = [f"{t.folder}/{s}" for t in vocabulary.tasks.values() for s in vocabulary.services]
        message = f"`{to}` is not a task and a service" if to else "--to is missing"
        raise UserError(
            message, nearest(to, known) or f"write --to TASK/SERVICE, as --to {known[0]}"
        )
    fitting = [t.slug for t in vocabulary.topics.values() if t.task == task.slug]
    if topic not in fitting:
        message = f"task {task.slug} has no topic `{topic}`" if topic else "--topic is missing"
        raise UserError(message, nearest(topic, fitting) or "its topics: " + ", ".join(fitting))
    return Wish(root, Home(task.folder, service), topic, slug(name) or "imported")


def plan(checked: Checked, file: ForeignFile, wanted: Wish, progress: Progress = SILENT) -> Plan:
    """What becomes of every note of a file. UserError where notes name no home and none was given."""
    project, namespace = checked.project, wanted.root.namespace
    tree = {raw.id.value: raw for source in checked.found.sources for raw in parse(source).values}
    record_path, record = _record(project.folder, wanted.root)
    paths = {
        posixpath.normpath(p)
        for p in (*(s.path for s in checked.found.sources), *(i.path for i in checked.found.images))
    }
    album = Album(file.media, {i.digest: i.path for i in checked.found.images}, paths, project.tag)
    notes = progress.over("reading notes", file.notes)
    drafts = [
        d
        for n in notes
        for d in transcribe(n, project, album, wanted.home, wanted.topic, wanted.root.path)
    ]
    homeless = sum(1 for d in drafts if d.sections and d.home is None)
    if homeless and wanted.home is None:
        noun = f"{homeless:,} cards name" if homeless > 1 else "a card names"
        raise UserError(
            f"{noun} neither task nor service nor topic",
            "write --to TASK/SERVICE --topic TOPIC for them",
        )
    same: list[str] = []
    changed: list[str] = []
    unwritten: list[tuple[str, str]] = []
    new: list[Draft] = []
    given: set[str] = set()
    ids = {*tree, *project.ledger(namespace).cards, *(name for name, _ in record.values())}
    for draft in drafts:
        known, digest = ("", "") if draft.own else record.get(_origin(draft.origin), ("", ""))
        name = draft.id or known
        if not draft.sections:
            unwritten.append((_short(draft.subject), draft.remarks[0]))
        elif name in tree:
            agrees = (
                draft.digest == digest if known else _agree(tree[name], replace(draft, id=name))
            )
            (same if agrees else changed).append(name)
        else:
            if not name or name in given:
                name = propose(
                    draft.subject,
                    (draft.home or wanted.home or Home("", "card")).service,
                    ids.__contains__,
                )
            ids.add(name)
            given.add(name)
            new.append(replace(draft, id=name))
    new = list(resolved(new))
    raws = {d.id: raw for d in progress.over("writing cards", new) if (raw := _raw(d))}
    unwritten += [(d.id, "its text cannot be written as a card") for d in new if d.id not in raws]
    with progress.during("looking for doubles"):
        doubles, alike = _compared(checked, raws)
    kept = [d for d in new if d.id in raws and d.id not in doubles]
    files, at = _files(checked, kept, raws, wanted, paths)
    shown = " ".join(data.decode() for data in files.values())
    pictures = {p: data for p, data in album.taken.items() if posixpath.basename(p) in shown}
    rows = record | {_origin(d.origin): (d.id, d.digest) for d in kept if not d.own}
    cards = tuple(Written(d.id, at[d.id], d.remarks, tuple(alike.get(d.id, ()))) for d in kept)
    unmapped = Counter(tag for d in kept for tag in d.unmapped)
    told = tuple(
        (d.subject if d.id not in tree else d.id, other)
        for d in new
        if (other := doubles.get(d.id))
    )
    return Plan(
        {**files, **pictures}, cards, tuple(same), tuple(changed), tuple((_short(a), b) for a, b in told), tuple(unwritten), unmapped,
        file.remarks, _written_record(rows), record_path,
    )  # fmt: skip


def carry_out(checked: Checked, found: Plan, progress: Progress = SILENT) -> None:
    """Writes the files and the record, or raises OSError and leaves nothing behind."""
    folder = checked.project.folder
    made: list[Path] = []
    folders: list[Path] = []
    try:
        for path, data in progress.over("writing files", found.files.items()):
            folders += [
                p for p in reversed((folder / path).parents) if not p.exists() and p not in folders
            ]
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with open(folder / path, "xb") as out:
                made.append(folder / path)
                out.write(data)
        record = folder / found.record_path
        folders += [] if record.parent.exists() else [record.parent]
        record.parent.mkdir(parents=True, exist_ok=True)
        replace_file(record, found.record)
    except BaseException:
        for one in made:
            one.unlink(missing_ok=True)
        for one in reversed(folders):
            if one.is_dir() and not os.listdir(one):
                one.rmdir()
        raise


def as_lines(found: Plan) -> list[str]:
    """The plan for people: files with their cards, what could not be said of each, and what is not written at all."""
    out: list[str] = []
    counts = Counter(card.path for card in found.cards)
    for path in found.files:
        if not path.endswith(".md"):
            out.append(f"{path}: a picture")
            continue
        out.append(f"{path}: {_count(counts[path])}")
        for card in (c for c in found.cards if c.path == path and (c.remarks or c.alike)):
            out.append(f"  {card.id}")
            out += [f"    {text}" for text in card.remarks]
            out += [f"    {how} {other}" for how, other in card.alike]
    out += [f"not written, {other} asks the same: {what}" for what, other in found.doubles]
    out += [f"not written, {why}: {what}" for what, why in found.unwritten]
    out += [
        f"left as it is, though the file says something else now: {name}" for name in found.changed
    ]
    if found.same:
        out.append(f"there already: {_count(len(found.same))}")
    if found.unmapped:
        listed = sorted(found.unmapped.items(), key=lambda pair: (-pair[1], pair[0]))
        out.append(
            "tags that mean nothing here: "
            + ", ".join(f"{tag} ({number})" for tag, number in listed)
        )
    return [*out, *found.remarks]


def summary(found: Plan, dry: bool) -> str:
    """The closing line."""
    said = sum(1 for card in found.cards if card.remarks)
    verb = "would be written" if dry else "written"
    return f"{_count(len(found.cards))} {verb}" + (
        f", {said} of them not with all that the note said" if said else ""
    )


def _count(number: int) -> str:
    return "1 card" if number == 1 else f"{number:,} cards"


def _short(text: str) -> str:
    text = " ".join("".join(c for c in text if c.isprintable()).split())
    return text if len(text) <= 70 else text[:69] + "…"


def _origin(origin: str) -> str:
    """A note's mark as the record keeps it: on one line, in one cell."""
    plain = origin.isprintable() and not re.search(r"\s", origin) and 0 < len(origin) <= 80
    return (
        origin
        if plain
        else "hash-" + hashlib.sha256(origin.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    )


def _record(folder: Path, root: Root) -> tuple[str, dict[str, tuple[str, str]]]:
    """Path and rows of the record: a card's id and the hash of what its note said, by the note's mark."""
    path = f"{root.base}decks/imported/{root.namespace}.tsv"
    rows: dict[str, tuple[str, str]] = {}
    if not (folder / path).exists():
        return path, rows
    outcome = read_source(folder, path)
    if not outcome.values:
        raise UserError(f"{path}: {outcome.diagnostics[0].message}", outcome.diagnostics[0].help)
    for number, line in enumerate(outcome.values[0].text.split("\n"), 1):
        if line and not line.startswith("#"):
            cells = line.split("\t")
            if len(cells) != 3 or not ID.fullmatch(cells[0]):
                raise UserError(
                    f"{path}:{number}: this line is none of card, note, hash",
                    "take it out, or put it back as it was",
                )
            rows[cells[1]] = (cells[0], cells[2])
    return path, rows


def _written_record(rows: Mapping[str, tuple[str, str]]) -> str:
    return _HEAD + "".join(
        f"{name}\t{origin}\t{digest}\n"
        for origin, (name, digest) in sorted(rows.items(), key=lambda row: (row[1], row[0]))
    )


def _card(draft: Draft) -> str:
    """A card's section of a file. A list right under the metadata has the other sign, or it would be part of it."""
    metadata = "\n".join(f"- {key}: {' '.join(value.split())}" for key, value in draft.metadata)
    sections = list(draft.sections)
    if sections[0].startswith("- "):
        end = re.search(r"\n(?![- \n])", sections[0])
        at = end.start() if end else len(sections[0])
        sections[0] = re.sub(r"(?m)^- ", "* ", sections[0][:at]) + sections[0][at:]
    return "\n\n".join([f"## {draft.id}", metadata, "\n\n---\n\n".join(sections)]) + "\n"


def _raw(draft: Draft) -> RawCard | None:
    """A draft as a card file's parser reads it, alone; None where it is not exactly one card."""
    found = parse(Source("card.md", _card(draft)))
    alone = (
        len(found.values) == 1
        and found.values[0].id.value == draft.id
        and not has_errors(found.diagnostics)
    )
    return (
        found.values[0] if alone and len(found.values[0].sections) == len(draft.sections) else None
    )


def _agree(raw: RawCard, draft: Draft) -> bool:
    """Whether a card of the tree says what a note says, metadata aside."""
    mine = _raw(draft)
    return mine is not None and meaning([mine])[0][2] == meaning([raw])[0][2]


def _compared(
    checked: Checked, raws: Mapping[str, RawCard]
) -> tuple[dict[str, str], dict[str, list[tuple[str, str]]]]:
    """Cards that certainly ask what another asks, with its id; and for the rest those that are like them."""
    names = [card.id for card in checked.cards]
    readings = [similarity.read(card.content) for card in checked.cards]
    for name, raw in raws.items():
        body, _ = content.read(raw, {})
        if body is not None and markdown.plain(raw.sections[0].blocks):
            names.append(name)
            readings.append(similarity.read(body))
    seen: dict[tuple[str, object], list[tuple[str, Reading]]] = {}
    doubles: dict[str, str] = {}
    alike: dict[str, list[tuple[str, str]]] = {}
    for name, reading in zip(names, readings, strict=True):
        signs = similarity.signatures(reading)
        near = [pair for sign in signs for pair in seen.get(sign, ())] if name in raws else []
        double = next((other for other, known in near if similarity.certain(reading, known)), "")
        if double:
            doubles[name] = double
            continue
        if against := next(
            (other for other, known in near if similarity.contradicts(reading, known)), ""
        ):
            alike.setdefault(name, []).append(("the same question with another answer:", against))
        for sign in signs:
            seen.setdefault(sign, []).append((name, reading))
    loose = [similarity.loosened(reading) for reading in readings]
    for i, j in candidates(loose):
        if names[j] in raws and not {names[i], names[j]} & doubles.keys():
            score = similarity.score(loose[i], loose[j])
            if similarity.tier_of(score) == similarity.LIKELY:
                alike.setdefault(names[j], []).append(("probably asks the same as", names[i]))
    return doubles, alike


def _files(
    checked: Checked,
    drafts: Iterable[Draft],
    raws: Mapping[str, RawCard],
    wanted: Wish,
    paths: set[str],
) -> tuple[dict[str, bytes], dict[str, str]]:
    """New card files, none too long, and the path of each card."""
    vocabulary, folder = checked.project.vocabulary, checked.project.folder
    homes: dict[Home, list[list[Draft]]] = {}
    length = 0
    for draft in drafts:
        home = draft.home or wanted.home
        assert home is not None, "a plan gives every card a home"
        runs = homes.setdefault(home, [[]])
        length = sum(_card(d).count("\n") + 1 for d in runs[-1])
        if runs[-1] and length + _card(draft).count("\n") > LONG:
            runs.append([])
        runs[-1].append(draft)
    files: dict[str, bytes] = {}
    at: dict[str, str] = {}
    for home, runs in homes.items():
        for run in runs:
            number, path = 1, ""
            while not path or path in paths or (folder / path).exists():
                path = f"{wanted.root.path}/{home.folder}/{home.service}/{wanted.name}{'' if number == 1 else f'-{number}'}.md"
                number += 1
            paths.add(path)
            at |= {d.id: path for d in run}
            text = f"# {vocabulary.services[home.service].title}\n\n" + "\n".join(map(_card, run))
            files[path] = _normal(
                Source(path, text), tuple(checked.project.card_schema.properties)
            ).encode()
    return files, at


def _normal(source: Source, keys: tuple[str, ...]) -> str:
    """A file's text in normal form, where that says the same."""
    before = parse(source)
    if has_errors(before.diagnostics):
        return source.text
    text = normal_form(source, before.values, keys)
    after = parse(Source(source.path, text))
    return (
        source.text
        if has_errors(after.diagnostics) or meaning(before.values) != meaning(after.values)
        else text
    )
