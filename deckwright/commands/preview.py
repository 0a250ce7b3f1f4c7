"""`preview`: the packages and, beside them in `site/`, the deck as a site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deckwright import files, pipeline
from deckwright.coverage import coverage
from deckwright.model import Artifact
from deckwright.pipeline import Built, Checked, Rendered
from deckwright.progress import SILENT, Progress
from deckwright.site import Edition, site

CHANGELOG = "CHANGELOG.md"


@dataclass(frozen=True, slots=True)
class Preview:
    """What `dist/` gets: the files of a build and those of the site, of the same cards."""

    built: Built
    pages: tuple[Artifact, ...]

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        return (*self.built.artifacts, *self.pages)


def preview(checked: Checked, today: date, progress: Progress = SILENT) -> Preview:
    """Packages and pages of a project without errors; `today` is the day from which ages are counted."""
    built = pipeline.build(checked, progress)
    packages = tuple(a for a in built.artifacts if a.path.endswith(".apkg"))
    return Preview(built, site(edition(checked, built.rendered, packages, today), progress))


def edition(checked: Checked, rendered: Rendered, packages: tuple[Artifact, ...], today: date) -> Edition:
    """What the site shows of a project: its cards without errors, with `packages` to download."""
    project = checked.project
    counted = coverage(checked.cards, project.vocabulary)
    text = changelog(project.folder)
    return Edition(project, rendered.notes, rendered.news, checked.found.images, counted, packages, text, today)


def changelog(folder: Path) -> str:
    """The text of the project's changelog; empty where there is none that can be read."""
    if not (folder / CHANGELOG).is_file():
        return ""
    return "".join(source.text for source in files.read_source(folder, CHANGELOG).values)
