"""What the site shows, as one value, and the path of each page."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from html import escape

from deckwright.cards.coverage import Coverage
from deckwright.core.note import Artifact, Image, Note
from deckwright.output.modification_times import Changes
from deckwright.output.selections import packages_by_guid, selections
from deckwright.output.site.card_sides import SCRIPT, CardSides, template_scripts
from deckwright.output.site.mathml import typeset
from deckwright.output.site.mock_exams import Questions, mock_exams
from deckwright.output.site.templating import fill, trusted
from deckwright.project.notetypes import NoteType
from deckwright.project.project import Project
from deckwright.project.words import of_language

PACKAGES = "packages"
MEDIA = "media"
ASSETS = "assets"

_PICTURE = re.compile(r'(<img src=")')


@dataclass(frozen=True)
class Edition:
    """One state of a deck.

    `notes` are in curriculum order. `packages` are the files to download; there are
    none while the deck has errors. `changelog` is the text of CHANGELOG.md. Ages are
    counted from `today`.
    """

    project: Project
    notes: tuple[Note, ...]
    news: Changes
    images: tuple[Image, ...]
    coverage: Coverage
    packages: tuple[Artifact, ...]
    changelog: str
    today: date

    @cached_property
    def places(self) -> dict[str, int]:
        """The index of each card in `notes` by the path of its page."""
        return {path: number for number, path in enumerate(self.paths.values())}

    @cached_property
    def paths(self) -> dict[tuple[str, str], str]:
        """The path of each card's page by namespace and id."""
        return {
            (note.card.namespace, note.id): card_path(note.card.namespace, note.id, self.project)
            for note in self.notes
        }

    @cached_property
    def questions(self) -> Questions:
        """What mock exams ask."""
        return mock_exams(
            self.notes, self.project.vocabulary, self.project.deck, self.project.words
        )

    @cached_property
    def exam_titles(self) -> Mapping[str, Mapping[str, str]]:
        """The titles of exams, domains, and tasks by slug, in the words of the site."""
        titles = self.project.vocabulary.exam_titles
        domains = {
            slug: self.project.words.say(
                "domain-title", exam=exam.slug.upper(), number=domain.number, title=domain.title
            )
            for exam in self.project.vocabulary.exams.values()
            for domain in exam.domains
            if (slug := f"{exam.slug}::{domain.number}") in titles["domain"]
        }
        return {**titles, "domain": domains}

    @cached_property
    def numbers(self) -> tuple[Note, ...]:
        """The cards of kinds that need a source: limits, prices, and the like."""
        kinds = self.project.vocabulary.kinds
        return tuple(note for note in self.notes if kinds[note.card.kind].needs_source)

    @cached_property
    def files(self) -> dict[str, list[str]]:
        """The paths of the packages that contain each card, by guid."""
        return packages_by_guid(selections(self.notes, self.project))

    @cached_property
    def made_sides(self) -> dict[str, tuple[Note, tuple[CardSides, ...]]]:
        """What frames.sides has made: it keeps the cards of each note here, by guid."""
        return {}

    @cached_property
    def script_files(self) -> dict[str, str]:
        """The path of each script in the templates of note types, by its text."""
        texts = template_scripts(self.project.notetypes.values())
        return {text: f"{ASSETS}/notetype-{n}.js" for n, text in enumerate(texts, start=1)}

    @cached_property
    def notetypes(self) -> dict[str, NoteType]:
        """The note types with templates that load their scripts from these files."""

        def with_files(template: str) -> str:
            return SCRIPT.sub(
                lambda match: f'<script src="{self.script_files[match[1]]}"></script>', template
            )

        return {
            slug: replace(
                kind,
                templates=tuple(
                    replace(t, front=with_files(t.front), back=with_files(t.back))
                    for t in kind.templates
                ),
            )
            for slug, kind in self.project.notetypes.items()
        }


def card_path(namespace: str, card_id: str, project: Project) -> str:
    """Return the permanent path of a card's page, by its id.

    Pages of namespaces other than the first are in a folder with the namespace's name.
    """
    first = namespace == project.namespaces[0]
    return f"card/{card_id}.html" if first else f"card/{namespace}/{card_id}.html"


def card_key(note: Note, edition: Edition) -> str:
    """Return the path of a card's page without what all such paths have in common."""
    path = edition.paths[note.card.namespace, note.id]
    return path.removeprefix("card/").removesuffix(".html")


def page(
    path: str, template: str, edition: Edition, handlers: Iterable[str] = (), **values: object
) -> bytes:
    """Return a page: a template filled with values and with what all pages need.

    `handlers` are what a click on the cards that the page shows may run. Only they and the
    site's own script files run.
    """
    up = "../" * path.count("/")
    project = edition.project
    return fill(
        template,
        project.words,
        **of_language(project.card_folders[0].language),
        policy=_content_policy(handlers),
        up=up,
        here=path,
        address=_address(path, project),
        deck=project.deck,
        overlay=project.overlay.deck if project.overlay else "",
        group=_group(project),
        repository=project.repository,
        guide=project.guide,
        draft=bool(edition.news),
        numbers=len(edition.numbers),
        mock=bool(edition.questions.exams),
        today=edition.today.isoformat(),
        **values,
    ).encode()


def _group(project: Project) -> str:
    """Return what the pages call a service; in a deck that has only themes, a group."""
    themes = all(service.theme for service in project.vocabulary.services.values())
    return "group" if themes else "service"


def _address(path: str, project: Project) -> str:
    """Return the address of a page of the published site; empty if it is not known.

    `site` is the address of the project's own site, which has no pages of an overlay.
    """
    if not project.site or project.overlay:
        return ""
    return f"{project.site}/{path.removesuffix('index.html')}"


def _content_policy(handlers: Iterable[str]) -> str:
    """Return what a page may load and run, as a Content Security Policy (level 3).

    `file:` is for pages that are opened from a folder, which have no origin. The
    handlers of cards are named by their hash. No inline script runs, whatever a card contains.
    """
    digests = (hashlib.sha256(handler.encode()).digest() for handler in handlers)
    hashes = [f"'sha256-{b64encode(digest).decode()}'" for digest in digests]
    allowed = " ".join(["'self' file:", *(["'unsafe-hashes'", *hashes] if hashes else [])])
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'self' file: 'unsafe-inline'; "
        "img-src 'self' file: data:; font-src 'self' file:; connect-src 'self'; "
        "frame-src 'self'; form-action 'self' file:; base-uri 'none'"
    )


def shown(field: str, up: str) -> str:
    """Return a field's HTML for a page, with MathML and images of the site.

    `up` leads from the page to the folder of the site.
    """
    return trusted(_PICTURE.sub(rf"\g<1>{escape(up + MEDIA)}/", typeset(field)))


def day(seconds: int) -> str:
    """Return the day (UTC) of a time in seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
