"""The stages in their order. The only module that sees them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deckwright import project as project_files
from deckwright.dedupe import dedupe
from deckwright.diagnostic import Diagnostic, Outcome, has_errors
from deckwright.discover import Found, discover
from deckwright.model import Artifact, Card, Note
from deckwright.parse import parse
from deckwright.project import Project
from deckwright.render import render
from deckwright.validate import validate


@dataclass(frozen=True, slots=True)
class Checked:
    """A project whose cards were read and looked at; `cards` are those without errors."""

    project: Project
    found: Found
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
    discovered = discover(project)
    found = discovered.values[0]
    parsed = [parse(source) for source in found.sources]
    raws = [raw for outcome in parsed for raw in outcome.values]
    validated = validate(raws, project, found.images, today)
    deduped = dedupe(validated.values, project.ledger)
    diagnostics = (
        *loaded.diagnostics,
        *discovered.diagnostics,
        *(d for outcome in parsed for d in outcome.diagnostics),
        *validated.diagnostics,
        *deduped.diagnostics,
    )
    return Outcome((Checked(project, found, deduped.values),), diagnostics)


def build(checked: Checked) -> Outcome[Built]:
    """render → package. To be called on a project without errors only."""
    from deckwright.catalog import catalog
    from deckwright.package import package, selections

    notes = render(checked.cards, checked.project, checked.found.images).values
    packages = package(notes, checked.project, checked.found.images)
    listed = catalog(notes, checked.project, selections(notes, checked.project))
    return Outcome((Built(notes, (*packages.values, *listed)),), packages.diagnostics)


def notes(checked: Checked) -> tuple[Note, ...]:
    """The cards as Anki would get them, without packing."""
    return render(checked.cards, checked.project, checked.found.images).values


def errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return has_errors(diagnostics)
