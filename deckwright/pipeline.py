"""The stages in their order: discover, parse, validate, duplicates, render, package, and the site of a preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from deckwright.cards import compatibility, duplicates
from deckwright.cards.coverage import coverage
from deckwright.cards.discover import Found, discover
from deckwright.cards.parse import parse
from deckwright.cards.validate import Verdicts, validate
from deckwright.core import files
from deckwright.core.card import Card, RawCard
from deckwright.core.diagnostics import Diagnostic, Outcome, has_errors
from deckwright.core.identity import DRAFT_SECONDS
from deckwright.core.note import Artifact, Note, Row
from deckwright.core.progress import SILENT, Progress
from deckwright.core.source import Source
from deckwright.output.overlay_extensions import extended, extended_tombstones
from deckwright.output.render import render
from deckwright.output.site import Edition, site
from deckwright.output.stamping import Changes, changes, stamped, with_retired
from deckwright.output.tombstones import tombstones
from deckwright.project import project as project_files
from deckwright.project.project import Project

if TYPE_CHECKING:
    from deckwright.facts.datasets import Datasets
    from deckwright.facts.verify import CheckedValue

CHANGELOG = "CHANGELOG.md"


@dataclass(frozen=True, slots=True)
class Checked:
    """A project whose cards were read and looked at: `written` is how many there are, `cards` are those without errors."""

    project: Project
    found: Found
    written: int
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A project in Anki's terms: the notes of its cards, the tombstones of retired ones, and what of this no release holds: `news` is
    what the project's next release changes (with an overlay: the overlay's part), `drafts` is all of it."""

    notes: tuple[Note, ...]
    tombstones: tuple[Row, ...]
    news: Changes
    drafts: Changes


@dataclass(frozen=True, slots=True)
class Built:
    """Everything that a build puts into dist/."""

    rendered: Rendered
    artifacts: tuple[Artifact, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """What an earlier check found, for who checks more than once: a file whose text is the same is not parsed again (`parsed`, by
    path), nor judged again as long as the project is the same."""

    parsed: dict[str, tuple[Source, Outcome[RawCard]]] = field(default_factory=dict)
    verdicts: Verdicts = field(default_factory=Verdicts)


def check(
    folder: Path,
    today: date,
    memory: Memory | None = None,
    overlay: Path | None = None,
    progress: Progress = SILENT,
) -> Outcome[Checked]:
    """load → discover → parse → validate → duplicates → compatibility. No value if decks/ or schema/ cannot be used. `memory` is read and written;
    `overlay` is the folder of an overlay that lies outside of the project's."""
    loaded = load(folder, today, overlay)
    if not loaded.values:
        return Outcome((), loaded.diagnostics)
    checked = check_cards(loaded.values[0], today, memory, progress=progress)
    return Outcome(checked.values, (*loaded.diagnostics, *checked.diagnostics))


def load(folder: Path, today: date, overlay: Path | None = None) -> Outcome[Project]:
    """The project without its cards, or everything that is wrong with its decks/ and schema/."""
    loaded = project_files.load(folder, overlay)
    if (
        loaded.values
        and loaded.values[0].epoch + DRAFT_SECONDS
        > datetime.combine(today, time(), UTC).timestamp()
    ):
        message = "the epoch lies in the future, and so would every draft's stamp"
        future = Diagnostic(
            "V803",
            message,
            loaded.values[0].epoch_span,
            "write a time in the past, in seconds since 1970",
        )
        return Outcome((), (*loaded.diagnostics, future))
    return loaded


def check_cards(
    project: Project,
    today: date,
    memory: Memory | None = None,
    unsaved: Mapping[str, bytes] | None = None,
    progress: Progress = SILENT,
) -> Outcome[Checked]:
    """The cards of a project that could be read, and everything that is wrong with them. `unsaved` has the content of card files, by
    path, as an editor has it and the disk does not."""
    discovered = discover(project, unsaved)
    found = discovered.values[0]
    outcomes = [parsed(source, memory) for source in progress.over("reading cards", found.sources)]
    raws = [raw for outcome in outcomes for raw in outcome.values]
    validated = validate(
        raws, project, found.images, today, memory.verdicts if memory else None, progress
    )
    with progress.during("looking for doubles"):
        doubles = duplicates.diagnose(validated.values, project)
    # A card in a file that could not be read is not gone, and a project without a ledger has nothing to break.
    readable = not has_errors(
        (*discovered.diagnostics, *(d for outcome in outcomes for d in outcome.diagnostics))
    )
    written = {(raw.span.source.namespace, raw.id.value): raw.id.value_span for raw in raws}
    broken = (
        compatibility.diagnose(validated.values, written, project)
        if readable and (project.ledgers or project.retirements)
        else ()
    )
    diagnostics = (
        *discovered.diagnostics,
        *(d for outcome in outcomes for d in outcome.diagnostics),
        *validated.diagnostics,
        *doubles,
        *broken,
    )
    return Outcome((Checked(project, found, len(raws), validated.values),), diagnostics)


def parsed(source: Source, memory: Memory | None) -> Outcome[RawCard]:
    """The cards of one file, from memory where its text is the same."""
    if memory is None:
        return parse(source)
    known = memory.parsed.get(source.path)
    if known is None or known[0] != source:
        known = memory.parsed[source.path] = (source, parse(source))
    return known[1]


def similar(checked: Checked, progress: Progress = SILENT) -> Outcome[Card]:
    """lookalikes: the tiers of likeness that take their time, on the cards without errors."""
    from deckwright.cards import lookalikes

    cards = duplicates.without_left_out(checked.cards, checked.project)
    found = lookalikes.find_lookalikes(cards, progress)
    return Outcome(cards, lookalikes.diagnose(found, cards))


def verify(
    checked: Checked, data: Datasets, progress: Progress = SILENT
) -> tuple[CheckedValue, ...]:
    """verification: the facts of the cards without errors against published data. NoPackageError where a package is missing."""
    from deckwright.facts.verify import verify as verified

    return verified(
        progress.over("holding cards against data", checked.cards), checked.project.vocabulary, data
    )


def rendered(checked: Checked, progress: Progress = SILENT) -> Rendered:
    """The rows of every package. To be called on a project without errors only, as `build`."""
    notes = extended(
        render(checked.cards, checked.project, checked.found.images, progress).values,
        checked.project,
    )
    stones = extended_tombstones(tombstones(checked.project).values, checked.project)
    project = checked.project
    news = changes(notes, stones, project, project.releasing)
    return Rendered(
        notes,
        stones,
        news,
        changes(notes, stones, project, project.namespaces) if project.overlay else news,
    )


def build(checked: Checked, progress: Progress = SILENT) -> Built:
    """render → package. To be called on a project without errors only: what can go wrong with cards has been said by then."""
    from deckwright.facts.report import fact_report
    from deckwright.output.apkg import package, retired, selections
    from deckwright.output.cards_json import catalog
    from deckwright.output.text_update import text_updates

    project = checked.project
    rows = rendered(checked, progress)
    chosen = selections(rows.notes, project)
    packages = (
        package(chosen, project, checked.found.images, progress).values
        + retired(rows.tombstones, project).values
    )
    with progress.during("writing texts"):
        texts = text_updates(chosen, project).values
        facts = fact_report((note.card for note in rows.notes), project)
        listed = catalog(rows.notes, project, chosen, rows.drafts)
    return Built(rows, (*packages, *texts, *facts, *listed))


def release(checked: Checked, version: str, time: int) -> Checked:
    """The project as `version` leaves it: every row that differs from the ledgers stamped `time` (seconds since 1970). Building
    it gives the packages of the release."""
    project = with_retired(checked.project, version)
    rows = rendered(replace(checked, project=project))
    return replace(checked, project=stamped(project, rows.notes, rows.tombstones, version, time))


@dataclass(frozen=True, slots=True)
class Preview:
    """What `dist/` gets: the files of a build and those of the site, of the same cards. `diagnostics` say what the site could not
    read."""

    built: Built
    pages: tuple[Artifact, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        return (*self.built.artifacts, *self.pages)


def preview(checked: Checked, today: date, progress: Progress = SILENT) -> Preview:
    """Packages and pages of a project without errors; `today` is the day from which ages are counted."""
    built = build(checked, progress)
    packages = tuple(a for a in built.artifacts if a.path.endswith(".apkg"))
    pages = site(edition(checked, built.rendered, packages, today), progress)
    return Preview(built, pages, changelog(checked.project.folder).diagnostics)


def edition(
    checked: Checked, rendered: Rendered, packages: tuple[Artifact, ...], today: date
) -> Edition:
    """What the site shows of a project: its cards without errors, with `packages` to download."""
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
    """The project's changelog; nothing where there is none, a complaint where it cannot be read."""
    if not (folder / CHANGELOG).exists():
        return Outcome(())
    return files.read_source(folder, CHANGELOG)
