"""What the site shows, as one value, and where each page lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from html import escape

from deckwright.cards.coverage import Coverage
from deckwright.core.note import Artifact, Image, Note
from deckwright.output.site.mathml import typeset
from deckwright.output.site.templating import fill, trusted
from deckwright.output.stamping import Changes
from deckwright.project.project import Project

PACKAGES = "packages"
MEDIA = "media"
ASSETS = "assets"

_PICTURE = re.compile(r'(<img src=")')


@dataclass(frozen=True)
class Edition:
    """One state of a deck. `notes` are those of all cards in curriculum order, `packages` the files to download (none while the
    deck has errors), `changelog` the text of CHANGELOG.md, `today` the day from which ages are counted."""

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
        """The place of each card in `notes` by the path of its page."""
        return {
            card_path(note.card.namespace, note.id, self.project): number
            for number, note in enumerate(self.notes)
        }

    @cached_property
    def paths(self) -> dict[tuple[str, str], str]:
        """The path of each card's page by namespace and id."""
        return {
            (note.card.namespace, note.id): card_path(note.card.namespace, note.id, self.project)
            for note in self.notes
        }

    @cached_property
    def files(self) -> dict[str, tuple[str, ...]]:
        """The packages that hold each card, by guid."""
        from deckwright.output.apkg import selections

        held: dict[str, list[str]] = {}
        for path, notes in sorted(selections(self.notes, self.project).items()):
            for note in notes:
                held.setdefault(note.guid, []).append(path)
        return {guid: tuple(paths) for guid, paths in held.items()}


def card_path(namespace: str, card_id: str, project: Project) -> str:
    """Where a card's page lies, for ever: by its id, in the cards of further roots below their namespace."""
    first = namespace == project.namespaces[0]
    return f"card/{card_id}.html" if first else f"card/{namespace}/{card_id}.html"


def page(path: str, template: str, edition: Edition, **values: object) -> bytes:
    """A page of the site: `template` filled with the values and with what all pages have."""
    up = "../" * path.count("/")
    return fill(
        template,
        up=up,
        here=path,
        deck=edition.project.deck,
        draft=bool(edition.news),
        today=edition.today.isoformat(),
        **values,
    ).encode()


def shown(field: str, up: str) -> str:
    """The HTML of a field as it stands in a page: formulas drawn, pictures from the folder of media, `up` being the way there."""
    return trusted(_PICTURE.sub(rf"\g<1>{escape(up + MEDIA)}/", typeset(field)))


def day(seconds: int) -> str:
    """The day (UTC) of a time in seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
