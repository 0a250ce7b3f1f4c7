"""The stages in their order. The only module that sees them all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from deckwright import project as project_files
from deckwright.dedupe import dedupe
from deckwright.diagnostic import Diagnostic, Outcome
from deckwright.discover import Found, discover
from deckwright.identity import DRAFT_SECONDS
from deckwright.model import Artifact, Card, Note
from deckwright.parse import parse
from deckwright.project import Project
from deckwright.render import render
from deckwright.validate import validate


@dataclass(frozen=True, slots=True)
class Checked:
    """A project whose cards were read and looked at: `written` is how many there are, `cards` are those without errors."""

    project: Project
    found: Found
    written: int
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """Everything that a build puts into dist/."""

    notes: tuple[Note, ...]
    artifacts: tuple[Artifact, ...]


def check(folder: Path, today: date) -> Outcome[Checked]:
    """discover → parse → validate → dedupe. No value if decks/ or schema/ cannot be used."""
    loaded = project_files.load(folder)
    if not loaded.values:
        return Outcome((), loaded.diagnostics)
    project = loaded.values[0]
    if project.epoch + DRAFT_SECONDS > datetime.combine(today, time(), UTC).timestamp():
        message = "the epoch lies in the future, and so would every draft's stamp"
        future = Diagnostic("V803", message, project.epoch_span, "write a time in the past, in seconds since 1970")
        return Outcome((), (*loaded.diagnostics, future))
    discovered = discover(project)
    found = discovered.values[0]
    parsed = [parse(source) for source in found.sources]
    raws = [raw for outcome in parsed for raw in outcome.values]
    validated = validate(raws, project, found.images, today)
    deduped = dedupe(validated.values, project.ledger, project.roots[0].namespace)
    diagnostics = (
        *loaded.diagnostics,
        *discovered.diagnostics,
        *(d for outcome in parsed for d in outcome.diagnostics),
        *validated.diagnostics,
        *deduped.diagnostics,
    )
    return Outcome((Checked(project, found, len(raws), deduped.values),), diagnostics)


def build(checked: Checked) -> Built:
    """render → package. To be called on a project without errors only: what can go wrong with cards has been said by then."""
    from deckwright.catalog import catalog  # with genanki behind it, which `check` does not need
    from deckwright.package import package, selections

    notes = render(checked.cards, checked.project, checked.found.images).values
    chosen = selections(notes, checked.project)
    packages = package(chosen, checked.project, checked.found.images).values
    return Built(notes, (*packages, *catalog(notes, checked.project, chosen)))
