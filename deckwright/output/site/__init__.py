"""The deck as a site of plain files: values of the pipeline → Artifacts below `site/`.

The site works from a file and from any host, and loads only its own files.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from deckwright.core.note import Artifact
from deckwright.core.progress import SILENT, Progress
from deckwright.output.card_html import media_name
from deckwright.output.site.ages import ages_page
from deckwright.output.site.browser import browser_page, browser_scripts
from deckwright.output.site.cards import broken_page, card_page, retired_page
from deckwright.output.site.edition import ASSETS, MEDIA, PACKAGES, Edition, card_path
from deckwright.output.site.exam import EXAM_ASSETS, exam_page, exam_scripts
from deckwright.output.site.home import home_page
from deckwright.output.site.numbers import numbers_page
from deckwright.output.site.outline import outline_page
from deckwright.output.site.practice import practice_page, practice_scripts
from deckwright.output.site.scripts import WORDS, words_script
from deckwright.output.site.templating import assets

__all__ = ["FOLDER", "Edition", "broken_page", "card_path", "pages", "site"]

FOLDER = "site"  # below dist/


def site(edition: Edition, progress: Progress = SILENT) -> tuple[Artifact, ...]:
    """Return all files of the site, sorted by path, each below `site/`."""
    made = progress.over("writing pages", sorted(pages(edition).items()))
    return tuple(Artifact(f"{FOLDER}/{path}", make()) for path, make in made)


def pages(edition: Edition) -> dict[str, Callable[[], bytes]]:
    """Return a function for each file of the site that makes it, by path."""
    made: dict[str, Callable[[], bytes]] = {
        "index.html": lambda: home_page("index.html", edition),
        "cards.html": lambda: browser_page("cards.html", edition),
        "outline.html": lambda: outline_page("outline.html", edition),
        "ages.html": lambda: ages_page("ages.html", edition),
        "practice.html": lambda: practice_page("practice.html", edition),
        f"{ASSETS}/notetypes.css": lambda: _styles(edition),
    }
    if edition.numbers:
        made["numbers.html"] = lambda: numbers_page("numbers.html", edition)
    if edition.questions.exams:
        made["exam.html"] = lambda: exam_page("exam.html", edition)
        made |= exam_scripts(edition)
    made |= browser_scripts(edition) | practice_scripts(edition)
    for path, number in edition.places.items():
        made[path] = partial(card_page, path, edition.notes[number], edition)
    for namespace, entries in edition.project.retirements.items():
        for entry in entries.cards.values():
            if (path := card_path(namespace, entry.id, edition.project)) not in made:
                made[path] = partial(retired_page, path, namespace, entry, edition)
    for text, path in edition.script_files.items():
        made[path] = _constant(text.encode())
    unused = () if edition.questions.exams else EXAM_ASSETS
    files = {name: data for name, data in assets().items() if name not in unused}
    files[WORDS] = words_script(edition.project.words, files.values()) + files[WORDS]
    for name, data in files.items():
        made[f"{ASSETS}/{name}"] = _constant(data)
    used = {media.name for note in edition.notes for media in note.media}
    for image in edition.images:
        if (name := media_name(image, edition.project.tag)) in used:
            made[f"{MEDIA}/{name}"] = _constant(image.data)
    for artifact in edition.packages:
        made[f"{PACKAGES}/{artifact.path}"] = _constant(artifact.data)
    return made


def _constant(data: bytes) -> Callable[[], bytes]:
    return lambda: data


def _styles(edition: Edition) -> bytes:
    """Return the CSS of all note types, each text once."""
    styles = dict.fromkeys(notetype.css for notetype in edition.project.notetypes.values())
    return "\n".join(styles).encode()
