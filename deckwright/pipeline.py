"""The stages, in order: load, discover; for each card file parse, validate; compare all cards
with each other and with the last release; make notes, package, and make the site.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from deckwright.cache import fingerprints
from deckwright.cards import released
from deckwright.cards.coverage import coverage
from deckwright.cards.discover import CardFiles, discover
from deckwright.cards.duplicates import relations, repeated
from deckwright.cards.language_hint import with_language_hints
from deckwright.cards.validate import validate_together
from deckwright.check_files import check_files
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic, Outcome, has_errors
from deckwright.core.files import read_source
from deckwright.core.identity import DRAFT_SECONDS
from deckwright.core.note import Artifact, Note, PackagedNote
from deckwright.core.progress import SILENT, Progress
from deckwright.core.source import Source
from deckwright.output.modification_times import Changes, changes, with_release, with_retired
from deckwright.output.notes import make_notes
from deckwright.output.overlay_extensions import extended, extended_tombstones
from deckwright.output.selections import selections
from deckwright.output.tombstones import tombstones
from deckwright.project import project as project_files
from deckwright.project.overlay import base_of
from deckwright.project.project import Project

if TYPE_CHECKING:
    from deckwright.cache.memo import Memo
    from deckwright.facts.datasets import Datasets
    from deckwright.facts.page_copies import PageCopies
    from deckwright.facts.verify import Fact
    from deckwright.output.site import Edition

CHANGELOG = "CHANGELOG.md"


@dataclass(frozen=True, slots=True)
class Checked:
    """A project with its checked cards.

    `count` is the number of cards in its files, `cards` are those without errors.
    """

    project: Project
    files: CardFiles
    count: int
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class ProjectNotes:
    """A project in Anki's terms: notes of its cards, tombstones of retired ones.

    `drafts` is everything in it that no release contains, `news` is what the next
    release of this project changes. They differ only if there is an overlay.
    """

    notes: tuple[Note, ...]
    tombstones: tuple[PackagedNote, ...]
    news: Changes
    drafts: Changes


@dataclass(frozen=True, slots=True)
class Built:
    """Everything that a build puts into dist/."""

    made: ProjectNotes
    artifacts: tuple[Artifact, ...]


def check(
    folder: Path,
    today: date,
    memo: Memo | None = None,
    overlay: Path | None = None,
    progress: Progress = SILENT,
) -> Outcome[Checked | None]:
    """Load a project and check its cards (see `check_cards`).

    No value if decks/ or schema/ cannot be used; then the cards are checked as far as that
    is possible without it. `overlay` is the folder of an overlay outside of the project.
    """
    loaded = load(folder, today, memo, overlay)
    usable = loaded.value or project_files.load(folder, overlay, to_check=True).value
    if usable is None:
        return Outcome(None, loaded.diagnostics)
    checked = check_cards(usable, today, memo, progress=progress)
    if memo:
        memo.save()
    diagnostics = (*loaded.diagnostics, *checked.diagnostics)
    return Outcome(checked.value if loaded.value else None, diagnostics)


def load(
    folder: Path, today: date, memo: Memo | None = None, overlay: Path | None = None
) -> Outcome[Project | None]:
    """Load a project without its cards, or return what is wrong with it."""
    key = _project_fingerprint(folder, overlay)
    make = partial(project_files.load, folder, overlay)
    loaded = memo.get(key, make, lambda made: made.value is not None) if memo and key else make()
    if loaded.value is None:
        return loaded
    project = replace(loaded.value, folder=folder, fingerprint=key)
    if project.epoch + DRAFT_SECONDS > datetime.combine(today, time(), UTC).timestamp():
        message = "the epoch is in the future, and so would be the timestamps of all drafts"
        help_line = "write a time in the past, in seconds since 1970"
        future = Diagnostic("V803", message, project.epoch_span, help_line)
        return Outcome(None, (*loaded.diagnostics, future))
    return Outcome(project, loaded.diagnostics)


def _project_fingerprint(folder: Path, overlay: Path | None) -> bytes:
    """Return a fingerprint of what a project depends on; empty if that is not known."""
    bases = (folder, overlay) if overlay else (folder,)
    settings = [fingerprints.of_files(base, ("decks", "schema")) for base in bases]
    if not all(settings):
        return b""
    return fingerprints.of_texts(fingerprints.of_compiler(), base_of(folder, overlay), *settings)


def check_cards(
    project: Project,
    today: date,
    memo: Memo | None = None,
    unsaved: Mapping[str, bytes] | None = None,
    progress: Progress = SILENT,
) -> Outcome[Checked]:
    """Check the cards of a project: each file, then duplicates, then the last release.

    `memo` has the results of earlier checks. `unsaved` is the content of card files, by
    path, that an editor has not saved yet.
    """
    discovered = discover(project, unsaved)
    files = discovered.value
    result = check_files(files, project, memo, progress)
    reading = (*discovered.diagnostics, *result.reading_diagnostics)
    together = validate_together(
        result.cards, files.images, frozenset(result.images), result.dates, today
    )
    with progress.during("looking for duplicates"):
        duplicates = (
            *relations.diagnose(result.cards, result.ids, project),
            *repeated.diagnose(result.cards, result.signatures, project),
        )
    broken: Iterable[Diagnostic] = ()
    # A card in a file that cannot be read is not gone.
    if (project.ledgers or project.retirements) and not has_errors(reading):
        places = {
            (one.value_span.source.namespace, one.value): one.value_span for one in result.ids
        }
        broken = released.diagnose(result.cards, places, project)
    checked = Checked(project, files, len(result.ids), result.cards)
    rules = with_language_hints((*result.rule_diagnostics, *duplicates), result.cards, project)
    return Outcome(checked, (*reading, *rules, *together, *broken))


def similar(checked: Checked, progress: Progress = SILENT) -> tuple[Diagnostic, ...]:
    """Compare all cards without errors for similar text, which takes some seconds."""
    from deckwright.cards.duplicates.similar import diagnose_similar

    cards = tuple(card for card in checked.cards if not checked.project.leaves_out(card))
    return diagnose_similar(cards, progress)


def verify(
    checked: Checked, data: Datasets, pages: PageCopies, progress: Progress = SILENT
) -> tuple[Fact, ...]:
    """Verify the facts of the cards without errors against published data and pages."""
    from deckwright.facts.verify import verify as verified

    cards = progress.over("comparing cards with data and pages", checked.cards)
    return tuple(verified(cards, checked.project, data, pages))


def notes_of(checked: Checked, progress: Progress = SILENT) -> ProjectNotes:
    """Make the notes and tombstones of a project without errors."""
    project = checked.project
    plain = make_notes(checked.cards, checked.files.images, project, progress)
    notes = extended(plain, project)
    retired = extended_tombstones(tombstones(project), project)
    news = changes(notes, retired, project, project.releasing)
    drafts = changes(notes, retired, project, project.namespaces) if project.overlay else news
    return ProjectNotes(notes, retired, news, drafts)


def input_fingerprint(checked: Checked) -> bytes:
    """Return a fingerprint of everything that a build depends on."""
    sources = (f"{one.path}\0{one.namespace}\0{one.text}" for one in checked.files.sources)
    images = (f"{one.path}\0{one.digest}" for one in checked.files.images)
    return fingerprints.of_texts(checked.project.fingerprint, *sources, *images)


def build(checked: Checked, progress: Progress = SILENT, memo: Memo | None = None) -> Built:
    """Render and package the cards, which must have no errors.

    `memo` has the packages of earlier builds.
    """
    from deckwright.output.ankiweb import ankiweb
    from deckwright.output.apkg import package, retired_package
    from deckwright.output.cards_json import catalog
    from deckwright.output.text_update import text_updates

    project = checked.project
    rows = notes_of(checked, progress)
    chosen = selections(rows.notes, project)
    packages = (
        *package(chosen, project, checked.files.images, progress, memo),
        *retired_package(rows.tombstones, project),
    )
    with progress.during("writing text updates"):
        texts = text_updates(chosen, project)
        listed = catalog(rows.notes, project, chosen, rows.drafts)
        shared = ankiweb(rows.notes, project)
    if memo:
        memo.save()
    return Built(rows, (*packages, *texts, *listed, *shared))


def release(checked: Checked, version: str, time: int) -> Checked:
    """Return the project with the ledgers of a release; building it makes its packages.

    Every row that differs from the ledgers gets the `mod` `time` (seconds since 1970).
    """
    project = with_retired(checked.project, version)
    rows = notes_of(replace(checked, project=project))
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
    checked: Checked, today: date, progress: Progress = SILENT, memo: Memo | None = None
) -> Preview:
    """Make packages and pages of a project without errors; `today` is for ages.

    `memo` has the packages of earlier builds.
    """
    from deckwright.output.site import site

    built = build(checked, progress, memo)
    packages = tuple(a for a in built.artifacts if a.path.endswith(".apkg"))
    pages = site(edition(checked, built.made, packages, today), progress)
    return Preview(built, pages, changelog(checked.project.folder).diagnostics)


def edition(
    checked: Checked, made: ProjectNotes, packages: tuple[Artifact, ...], today: date
) -> Edition:
    """Return what the site shows: cards without errors, `packages` to download."""
    from deckwright.output.site import Edition

    project = checked.project
    counted = coverage(checked.cards, project.vocabulary)
    changes = changelog(project.folder).value
    return Edition(
        project,
        made.notes,
        made.drafts,
        checked.files.images,
        counted,
        packages,
        changes.text if changes else "",
        today,
    )


def changelog(folder: Path) -> Outcome[Source | None]:
    """Read the project's changelog. No value if there is none or it cannot be read."""
    if not (folder / CHANGELOG).exists():
        return Outcome(None)
    return read_source(folder, CHANGELOG)
