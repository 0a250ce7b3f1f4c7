"""What the metadata of a card can say: its keys, and the values of each key."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from deckwright.core import files
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import codes
from deckwright.core.source import Span
from deckwright.live.live_project import LiveCheck, LiveProject
from deckwright.live.metadata_at_cursor import MetadataWord
from deckwright.project.toml_file import Table
from deckwright.project.vocabulary import Vocabulary
from deckwright.project.vocabulary_files import paths_of

_NAMING_CARDS = ("compare", "not-duplicate-of")  # keys whose values are ids of cards
_REUSED = ("source", "shared-value")  # keys that often have the same value on several cards


@dataclass(frozen=True, slots=True)
class Term:
    """A key, or a value of one. `title` and `about` explain it in Markdown."""

    name: str
    title: str = ""
    about: str = ""

    @property
    def explanation(self) -> str:
        """Everything that is known of the term."""
        return "\n\n".join(part for part in (f"**{self.name}**", self.title, self.about) if part)


def proposals(word: MetadataWord, check: LiveCheck) -> list[Term]:
    """Return what can be written in the place of a word, the most likely first."""
    if check.outcome.value is None:
        return []
    schema = check.outcome.value.project.card_schema
    if word.is_key:
        taken = {key for key, _ in word.others if not schema.repeatable(key)}
    elif word.before.strip() and word.key != "shared-value":
        return []  # free text, such as a reason
    else:
        taken = {part for key, value in word.others if key == word.key for part in value.split()}
        taken.add(word.card)
    return [term for term in terms(word, check) if term.name not in taken]


def terms(word: MetadataWord, check: LiveCheck) -> list[Term]:
    """Return all terms that the word can be."""
    if check.outcome.value is None:
        return []
    project = check.outcome.value.project
    schema, path = project.card_schema, word.span.path
    if word.is_key:
        return [Term(key, about=schema.description(key)) for key in schema.properties]
    cards = sorted(check.raw_cards, key=lambda card: card.span.path != path)
    if word.key in _NAMING_CARDS:
        return [Term(card.id.value, _prompt(card), card.span.path) for card in cards]
    if word.key in _REUSED:
        fields = (field for card in cards for field in card.metadata if field.name == word.key)
        values = dict.fromkeys(field.value.split(" ")[-1] for field in fields)
        return [Term(value) for value in values if value != word.span.text]
    return _vocabulary_terms(project.vocabulary, path).get(word.key, [])


def _prompt(card: RawCard) -> str:
    return card.sections[0].span.text if card.sections else ""


def _vocabulary_terms(vocabulary: Vocabulary, path: str) -> dict[str, list[Term]]:
    """Return the values of each key that the vocabulary defines, and of `allow`.

    Topics of the part whose folder `path` is in come first.
    """
    topics = sorted(vocabulary.topics.values(), key=lambda topic: topic.part not in path.split("/"))
    levels = [level for level in vocabulary.levels.values() if not level.default]
    statuses = [s for s in vocabulary.statuses.values() if s.slug != vocabulary.default_status]
    exams = [
        Term(f"{exam.slug}::{task}", exam.title)
        for exam in vocabulary.exams.values()
        for task in exam.tasks
    ]
    return {
        "kind": [Term(kind.slug, kind.title) for kind in vocabulary.kinds.values()],
        "topic": [
            Term(t.slug, t.title, f"{t.covers}\n\nPart: {vocabulary.parts[t.part].title}")
            for t in topics
        ],
        "level": [Term(level.slug, level.title) for level in levels],
        "status": [Term(s.slug, s.title, s.label) for s in statuses],
        "also": [Term(service.slug, service.title) for service in vocabulary.services.values()],
        "exam": [*exams, Term("none", "No exam")],
        "allow": [Term(code.code, code.title, code.why) for code in codes().values() if code.craft],
    }


def definition(word: MetadataWord, check: LiveCheck, project: LiveProject) -> Span | None:
    """Return where the card or the word of the vocabulary is defined, if it is."""
    name = word.span.text.split("::")[0]
    if word.key in _NAMING_CARDS:
        ids = (card.id for card in check.raw_cards)
        return next((field.value_span for field in ids if field.value == name), None)
    kind = "service" if word.key == "also" else word.key
    for path in paths_of(project.folder, project.base):
        source = files.read_source(project.folder, path).value
        if source is None:
            continue
        table = Table(source, tomllib.loads(source.text))
        for number, entry in enumerate(table.data.get(kind, ())):
            if entry.get("slug") == name:
                return table.place(kind, number, "slug")
    return None
