"""`preview`: the packages and, beside them in `site/`, the deck as a site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deckwright import files, pipeline
from deckwright.coverage import coverage
from deckwright.diagnostic import Diagnostic, Outcome
from deckwright.model import Artifact, Source
from deckwright.pipeline import Built, Checked, Rendered
from deckwright.progress import SILENT, Progress
from deckwright.site import Edition, site

CHANGELOG = "CHANGELOG.md"


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
    built = pipeline.build(checked, progress)
    packages = tuple(a for a in built.artifacts if a.path.endswith(".apkg"))
    pages = site(edition(checked, built.rendered, packages, today), progress)
    return Preview(built, pages, changelog(checked.project.folder).diagnostics)


def edition(checked: Checked, rendered: Rendered, packages: tuple[Artifact, ...], today: date) -> Edition:
    """What the site shows of a project: its cards without errors, with `packages` to download."""
    project = checked.project
    counted = coverage(checked.cards, project.vocabulary)
    text = "".join(source.text for source in changelog(project.folder).values)
    return Edition(project, rendered.notes, rendered.drafts, checked.found.images, counted, packages, text, today)


def changelog(folder: Path) -> Outcome[Source]:
    """The project's changelog; nothing where there is none, a complaint where it cannot be read."""
    if not (folder / CHANGELOG).exists():
        return Outcome(())
    return files.read_source(folder, CHANGELOG)
