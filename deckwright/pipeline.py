"""The stages: discover, parse, validate, dedupe, guard, render, package, site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from deckwright.cache.place import store_path
from deckwright.cache.sound_texts import SoundTexts, sound_texts
from deckwright.cache.store import Store
from deckwright.cards import duplicates, released
from deckwright.cards.coverage import coverage
from deckwright.cards.discover import Found, discover
from deckwright.cards.kept_files import KeptFiles, kept_files
from deckwright.cards.memory import Memory, examine, keep_results, parsed, signature_of
from deckwright.cards.validate import validate
from deckwright.core import files
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic, Outcome, has_errors
from deckwright.core.identity import DRAFT_SECONDS
from deckwright.core.note import Artifact, Image, Note, Row
from deckwright.core.progress import SILENT, Progress
from deckwright.core.source import Source
from deckwright.output.modification_times import Changes, changes, with_release, with_retired
from deckwright.output.overlay_extensions import extended, extended_tombstones
from deckwright.output.render import render
from deckwright.output.selections import selections
from deckwright.output.tombstones import tombstones
from deckwright.project import project as project_files
from deckwright.project.project import Project

if TYPE_CHECKING:
    from deckwright.facts.datasets import Datasets
    from deckwright.facts.page_copies import PageCopies
    from deckwright.facts.verify import Fact
    from deckwright.output.site import Edition

CHANGELOG = "CHANGELOG.md"
FindKept = Callable[[tuple[Image, ...], date], KeptFiles | None]


@dataclass(frozen=True, slots=True)
class Checked:
    """A project with its checked cards.

    `written` is the number of cards in its files, `cards` are those without errors.
    """

    project: Project
    found: Found
    written: int
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A project in Anki's terms: notes of its cards, tombstones of retired ones.

    `drafts` is everything in it that no release contains, `news` is what the next
    release of this project changes. They differ only if there is an overlay.
    """

    notes: tuple[Note, ...]
    tombstones: tuple[Row, ...]
    news: Changes
    drafts: Changes


@dataclass(frozen=True, slots=True)
class Built:
    """Everything that a build puts into dist/."""

    rendered: Rendered
    artifacts: tuple[Artifact, ...]


def check(
    folder: Path,
    today: date,
    memory: Memory | None = None,
    overlay: Path | None = None,
    progress: Progress = SILENT,
    keep: bool = False,
) -> Outcome[Checked]:
    """Load a project and check its cards: discover → parse → validate → dedupe → guard.

    No value if decks/ or schema/ cannot be used; then the cards are checked as far as that
    is possible without it. `memory` is read and updated. `overlay` is the folder of an
    overlay outside of the project. With `keep`, results are kept between runs in the
    user's cache folder.
    """
    sound = sound_texts(folder, overlay) if keep else None
    loaded = load(folder, today, overlay, sound)
    if not loaded.values:
        substitute = project_files.load(folder, overlay, to_check=True).values
        found = [check_cards(project, today, progress=progress) for project in substitute]
        return Outcome((), (*loaded.diagnostics, *(d for one in found for d in one.diagnostics)))
    if sound:
        sound.save()
    kept = partial(kept_files, folder, overlay) if keep else None
    return check_loaded(loaded, today, memory, progress, kept)


def check_loaded(
    loaded: Outcome[Project],
    today: date,
    memory: Memory | None = None,
    progress: Progress = SILENT,
    find_kept: FindKept | None = None,
) -> Outcome[Checked]:
    """Check the cards of a loaded project, if it could be loaded (see `check_cards`)."""
    if not loaded.values:
        return Outcome((), loaded.diagnostics)
    checked = check_cards(loaded.values[0], today, memory, progress=progress, find_kept=find_kept)
    return Outcome(checked.values, (*loaded.diagnostics, *checked.diagnostics))


def load(
    folder: Path, today: date, overlay: Path | None = None, sound: SoundTexts | None = None
) -> Outcome[Project]:
    """Load a project without its cards, or return what is wrong with it.

    `sound` is what earlier runs have kept of its settings.
    """
    loaded = project_files.load(folder, overlay, sound)
    for project in loaded.values:
        if project.epoch + DRAFT_SECONDS > datetime.combine(today, time(), UTC).timestamp():
            message = "the epoch is in the future, and so would be the timestamps of all drafts"
            help_line = "write a time in the past, in seconds since 1970"
            future = Diagnostic("V803", message, project.epoch_span, help_line)
            return Outcome((), (*loaded.diagnostics, future))
    return loaded


def check_cards(
    project: Project,
    today: date,
    memory: Memory | None = None,
    unsaved: Mapping[str, bytes] | None = None,
    progress: Progress = SILENT,
    find_kept: FindKept | None = None,
) -> Outcome[Checked]:
    """Check the cards of a project.

    `unsaved` is the content of card files, by path, that an editor has not saved yet.
    `find_kept` returns what earlier runs have kept, given the project's images and the day.
    """
    discovered = discover(project, unsaved)
    found = discovered.values[0]
    memory = memory or Memory()
    kept = find_kept(found.images, today) if find_kept else None
    if kept:
        examine(memory, kept, found, project, today, progress)
    outcomes = [parsed(source, memory) for source in progress.over("reading cards", found.sources)]
    raws = [raw for outcome in outcomes for raw in outcome.values]
    reading = (*discovered.diagnostics, *(d for one in outcomes for d in one.diagnostics))
    validated = validate(raws, project, found.images, today, memory.verdicts, progress)
    with progress.during("looking for duplicates"):
        signatures = [signature_of(card, memory) for card in validated.values]
        ids = [raw.id for raw in raws]
        repeated = duplicates.diagnose(validated.values, signatures, ids, project)
    if kept:
        keep_results(memory, kept, found, project)
    broken: Iterable[Diagnostic] = ()
    # A card in a file that cannot be read is not gone.
    if (project.ledgers or project.retirements) and not has_errors(reading):
        written = {(raw.span.source.namespace, raw.id.value): raw.id.value_span for raw in raws}
        broken = released.diagnose(validated.values, written, project)
    checked = Checked(project, found, len(raws), validated.values)
    diagnostics = (*reading, *validated.diagnostics, *repeated, *broken)
    return Outcome((checked,), diagnostics)


def similar(checked: Checked, progress: Progress = SILENT) -> Outcome[Card]:
    """Compare all cards without errors for similar text, which takes some seconds."""
    from deckwright.cards.duplicates.relations import is_left_out
    from deckwright.cards.duplicates.similar import diagnose_similar

    cards = tuple(card for card in checked.cards if not is_left_out(card, checked.project))
    return Outcome(cards, diagnose_similar(cards, progress))


def verify(
    checked: Checked, data: Datasets, pages: PageCopies, progress: Progress = SILENT
) -> tuple[Fact, ...]:
    """Verify the facts of the cards without errors against published data and pages.

    Raises NoPackageError if a package of data is not installed.
    """
    from deckwright.facts.verify import verify as verified

    project = checked.project
    cards = progress.over("comparing cards with data and pages", checked.cards)
    return verified(cards, project.vocabulary, data, pages, project.evidence_records)


def rendered(checked: Checked, progress: Progress = SILENT, store: Store | None = None) -> Rendered:
    """Render the notes and tombstones of a project without errors.

    `store` has what an earlier run has rendered.
    """
    project = checked.project
    plain = render(checked.cards, project, checked.found.images, progress, store).values
    notes = extended(plain, project)
    stones = extended_tombstones(tombstones(project).values, project)
    news = changes(notes, stones, project, project.releasing)
    drafts = changes(notes, stones, project, project.namespaces) if project.overlay else news
    return Rendered(notes, stones, news, drafts)


def build(checked: Checked, progress: Progress = SILENT, keep: bool = False) -> Built:
    """Render and package the cards, which must have no errors.

    With `keep`, results are kept between runs in the user's cache folder.
    """
    from deckwright.facts.report import fact_report
    from deckwright.output.ankiweb import ankiweb
    from deckwright.output.apkg import package, retired
    from deckwright.output.cards_json import catalog
    from deckwright.output.text_update import text_updates

    project = checked.project
    path = store_path("build", project.folder) if keep else None
    store = Store(path) if path else None
    rows = rendered(checked, progress, store)
    chosen = selections(rows.notes, project)
    packages = (
        package(chosen, project, checked.found.images, progress, store).values
        + retired(rows.tombstones, project).values
    )
    with progress.during("writing text updates"):
        texts = text_updates(chosen, project).values
        facts = fact_report((note.card for note in rows.notes), project)
        listed = catalog(rows.notes, project, chosen, rows.drafts)
        shared = ankiweb(rows.notes, project)
    if store:
        store.save()
    return Built(rows, (*packages, *texts, *facts, *listed, *shared))


def release(checked: Checked, version: str, time: int) -> Checked:
    """Return the project with the ledgers of a release; building it makes its packages.

    Every row that differs from the ledgers gets the `mod` `time` (seconds since 1970).
    """
    project = with_retired(checked.project, version)
    rows = rendered(replace(checked, project=project))
    return replace(
        checked, project=with_release(project, rows.notes, rows.tombstones, version, time)
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """The files of a build and of the site, made of the same cards.

    `diagnostics` are about what the site could not read.
    """

    built: Built
    pages: tuple[Artifact, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """All files, as they go into `dist/`."""
        return (*self.built.artifacts, *self.pages)


def preview(
    checked: Checked, today: date, progress: Progress = SILENT, keep: bool = False
) -> Preview:
    """Make packages and pages of a project without errors; `today` is for ages.

    With `keep`, results are kept between runs in the user's cache folder.
    """
    from deckwright.output.site import site

    built = build(checked, progress, keep)
    packages = tuple(a for a in built.artifacts if a.path.endswith(".apkg"))
    pages = site(edition(checked, built.rendered, packages, today), progress)
    return Preview(built, pages, changelog(checked.project.folder).diagnostics)


def edition(
    checked: Checked, rendered: Rendered, packages: tuple[Artifact, ...], today: date
) -> Edition:
    """Return what the site shows: cards without errors, `packages` to download."""
    from deckwright.output.site import Edition

    project = checked.project
    counted = coverage(checked.cards, project.vocabulary)
    text = "".join(source.text for source in changelog(project.folder).values)
    return Edition(
        project,
        rendered.notes,
        rendered.drafts,
        checked.found.images,
        counted,
        packages,
        text,
        today,
    )


def changelog(folder: Path) -> Outcome[Source]:
    """Read the project's changelog. No value if there is none or it cannot be read."""
    if not (folder / CHANGELOG).exists():
        return Outcome(())
    return files.read_source(folder, CHANGELOG)
