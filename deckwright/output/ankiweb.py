"""`ankiweb.md`, the text for a shared deck on AnkiWeb.

Its form takes a title, tags, the address of a support page, and a description in
Markdown. The schema of decks/project.toml has the form's limits for the first two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urldefrag, urlsplit

from deckwright.core.note import Artifact, Note
from deckwright.core.wording import count, joined
from deckwright.project.project import Project

_TYPES = {
    "multiple-choice": "multiple-choice question",
    "basic": "question",
    "cloze": "sentence",  # with gaps, see _kinds
}
_MANY = 5  # sites that are listed with their number of pages


def ankiweb(notes: Iterable[Note], project: Project) -> tuple[Artifact, ...]:
    """Return `ankiweb.md`, if the project shares its deck.

    None for an overlay, which adds a user's own cards to the project's.
    """
    shared, notes = project.shared_deck, tuple(notes)
    if shared is None or project.overlay or not notes:
        return ()
    support = f"{project.repository}/issues" if project.repository else ""
    form = {"Title": shared.title, "Tags": shared.tags, "Support page": support}
    parts = [
        "# Shared deck on AnkiWeb",
        f"These are the fields of the form that shares the deck `{project.deck}`. The description "
        "is all text below its heading.",
        *(f"## {name}\n\n{value}" for name, value in form.items() if value),
        "## Description",
        *_description(notes, project, shared.license, shared.remark),
    ]
    return (Artifact("ankiweb.md", ("\n\n".join(parts) + "\n").encode(), len(notes)),)


def _description(
    notes: tuple[Note, ...], project: Project, terms: str, remark: str
) -> Iterable[str]:
    if about := project.about.strip():
        yield about
    yield f"The deck has {count(len(notes), 'card')}: {_kinds(notes)}."
    yield "**Contents**"
    yield "\n".join(_parts(notes, project))
    yield "**Sources**"
    yield _sources(notes)
    yield "**Updates**"
    yield (
        "To update the deck, download it again and import it. Your reviews and due dates stay as "
        "they are. Cards that haven't changed stay exactly as they are. On changed cards, Anki "
        "replaces your tags and clears *MyNotes*, the field for your own notes."
    )
    if links := list(_links(project)):
        yield "\n".join(links)
    yield "**License**"
    yield terms
    if remark:
        yield remark


def _kinds(notes: Iterable[Note]) -> str:
    """Return how many cards there are of each type, in words."""
    numbers = Counter(note.card.type for note in notes)
    return joined(
        [
            count(numbers[kind], noun) + " with gaps" * (kind == "cloze")
            for kind, noun in _TYPES.items()
            if numbers[kind]
        ],
        "and",
    )


def _parts(notes: Iterable[Note], project: Project) -> Iterable[str]:
    """Return a line for each part with its number of cards, in the order of their decks."""
    numbers = Counter(note.card.part for note in notes)
    parts = sorted((project.vocabulary.parts[slug] for slug in numbers), key=lambda t: t.deck)
    return (f"- {part.deck}: {count(numbers[part.slug], 'card')}" for part in parts)


def _sources(notes: tuple[Note, ...]) -> str:
    """Return a sentence on the sources: all sites, and how many pages of the largest."""
    pages = {urldefrag(source)[0] for note in notes for source in note.card.sources}
    cited = sum(1 for note in notes if note.card.sources)
    if not pages:
        return "The cards name no sources."
    sites = Counter(urlsplit(page).hostname or page for page in pages)
    ordered = sorted(sites, key=lambda site: (-sites[site], site))
    named = [f"{sites[site]:,} of {site}" for site in ordered[:_MANY]]
    named[0] = f"{count(sites[ordered[0]], 'page')} of {ordered[0]}"
    others = ordered[_MANY:]
    if others:
        listed = ", ".join(others)
        named.append(f"{sum(sites[site] for site in others):,} of other sites ({listed})")
    who = "Every card links" if cited == len(notes) else f"{count(cited, 'card')} link"
    return f"{who} to the pages that state the fact. These are {joined(named, 'and')}."


def _links(project: Project) -> Iterable[str]:
    """Return a line for each address of the project that exists."""
    if project.site:
        yield f"- [All cards, with search]({project.site})"
    if project.guide:
        yield f"- [Tags, and searches to copy]({project.guide})"
    if project.repository:
        yield (
            f"- [Smaller packages, and updates that keep your tags and MyNotes]"
            f"({project.repository}/releases)"
        )
        yield f"- [Report a mistake]({project.repository}/issues)"
