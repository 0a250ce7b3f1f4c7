"""The metadata of a card: read it, and check it.

It is checked against the schema (schema/card.schema.json), the vocabulary and the
calendar; not against today, so that the result is the same on every day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from deckwright.cards.rules.placeholders import is_placeholder
from deckwright.core.card import MetadataLine, RawCard
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.suggest import closest, nearest
from deckwright.core.wording import as_help, listed
from deckwright.project.project import Project
from deckwright.project.schema import Schema
from deckwright.project.vocabulary import Part, Service, Vocabulary

_MANY = 12  # slugs; a help line lists no more
_DAY = re.compile(r"20\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_EXAM_TASK = re.compile(r".+::\d+\.\d+")


class FileSubject(NamedTuple):
    """What the cards of a file are about, as the path of the file says."""

    part: Part
    service: Service


class Slugs(NamedTuple):
    """What the vocabulary knows for a metadata key; `code` reports an unknown slug."""

    code: str
    word: str
    known: Mapping[str, object]


SlugTable = Mapping[str, Slugs]


def slug_table(vocabulary: Vocabulary) -> SlugTable:
    """Return the metadata keys whose values are slugs of the vocabulary."""
    return {
        "kind": Slugs("S307", "kind", vocabulary.kinds),
        "level": Slugs("S315", "level", vocabulary.levels),
        "status": Slugs("S308", "status", vocabulary.statuses),
        "topic": Slugs("S309", "topic", vocabulary.topics),
        "also": Slugs("S311", "service", vocabulary.services),
        "exam": Slugs("S312", "exam", {**vocabulary.exams, "none": None}),
    }


def read(
    raw: RawCard,
    project: Project,
    table: SlugTable,
    subject: FileSubject | None,
) -> tuple[dict[str, tuple[str, ...]], list[Diagnostic]]:
    """Return the metadata by key, and everything that is wrong with it.

    `subject` is that of the card's file, `table` the project's `slug_table`.
    """
    diagnostics: list[Diagnostic] = []
    values: dict[str, tuple[str, ...]] = {}
    first: dict[tuple[str, str], MetadataLine] = {}
    schema = project.card_schema
    for given in raw.metadata:
        problem = _unknown_key(given, schema) or _repeated(given, first, schema)
        if problem:
            diagnostics.append(problem)
            continue
        if not _is_unknown_slug(given, table) and not is_placeholder(given.value):
            diagnostics.extend(_malformed(given, schema))
        values[given.name] = (*values.get(given.name, ()), given.value)
    diagnostics.extend(_missing_keys(raw, values, project, subject))
    for given in raw.metadata:
        if given.name in table:
            diagnostics.extend(_slug_diagnostics(given, raw, project.vocabulary, table, subject))
    for given in raw.metadata:
        if given.name == "checked":
            diagnostics.extend(_date_diagnostics(given))
    return values, diagnostics


def _unknown_key(given: MetadataLine, schema: Schema) -> Diagnostic | None:
    if given.name in schema.properties:
        return None
    help_line = nearest(given.name.lower(), schema.properties)
    return Diagnostic(
        "S301",
        f"`{given.name}` isn't a metadata key",
        given.name_span,
        help_line or "the keys are " + ", ".join(schema.properties),
        replacement=closest(given.name.lower(), schema.properties),
    )


def _repeated(
    given: MetadataLine, first: dict[tuple[str, str], MetadataLine], schema: Schema
) -> Diagnostic | None:
    """S304: a key appears twice, or a key that can be repeated twice with one value.

    `first` has the first field of each key, or key and value, and gets this one if it
    is the first.
    """
    repeatable = schema.repeatable(given.name)
    earlier = first.setdefault((given.name, given.value if repeatable else ""), given)
    if earlier is given:
        return None
    what, here, there = f"`{given.name}`", given.name_span, earlier.name_span
    if repeatable:
        what, here, there = f"this {what}", given.value_span, earlier.value_span
    related = (("first used here", there),)
    return Diagnostic("S304", f"{what} appears twice", here, "keep one of the two", related)


def _is_unknown_slug(given: MetadataLine, table: SlugTable) -> bool:
    """Return whether `_unknown_slug` reports a value: its form is not checked then."""
    return given.name in table and given.value.split("::")[0] not in table[given.name].known


def _malformed(given: MetadataLine, schema: Schema) -> Iterator[Diagnostic]:
    """S303, S305: a value breaks the schema; the help line comes from the schema."""
    for violation in schema.value_violations(given.name, given.value):
        code, message = "S303", f"`{given.name}`: {violation.message}"
        if given.name == "checked":
            code, message = "S305", f"`{given.value}` isn't a valid date"
        yield Diagnostic(code, message, given.value_span, as_help(schema.description(given.name)))


def _missing_keys(
    raw: RawCard,
    values: Mapping[str, tuple[str, ...]],
    project: Project,
    subject: FileSubject | None,
) -> Iterator[Diagnostic]:
    """S302: a required key is missing, and none of the unknown keys is close to it."""
    schema = project.card_schema
    misspelled = {
        closest(given.name.lower(), schema.properties)
        for given in raw.metadata
        if given.name not in schema.properties
    }
    for violation in schema.key_violations(values):
        if (
            violation.rule == "missing"
            and raw.metadata_readable
            and violation.key not in misspelled
        ):
            message = f"`{violation.key}` is missing"
            help_line = f"add `- {violation.key}: …` to the metadata; {violation.help}"
            one, fitting = "", list[str]()
            if violation.key == "topic":
                one, fitting = "with one of the part's topics", _topics(project.vocabulary, subject)
                fitting.sort(key=lambda slug: not subject or subject.service.slug not in slug)
            elif violation.key == "kind":
                one, fitting = "to say what the card asks for", list(project.vocabulary.kinds)
            if fitting:
                line = f"add `- {violation.key}: …` to the metadata"
                help_line = f"{line} {one}: {listed(fitting, _MANY)}"
                if violation.key == "topic" and len(fitting) > _MANY:
                    help_line += "; to list all topics, run `./build.py coverage --all`"
            yield Diagnostic("S302", message, raw.id.value_span, help_line)


def _slug_diagnostics(
    given: MetadataLine,
    raw: RawCard,
    vocabulary: Vocabulary,
    table: SlugTable,
    subject: FileSubject | None,
) -> Iterator[Diagnostic]:
    """S307 to S312: a slug is not in the vocabulary, or does not fit the card."""
    slug, place = given.value.split("::")[0], given.value_span
    if slug not in table[given.name].known:
        yield _unknown_slug(given, vocabulary, table[given.name], subject)
    elif given.name == "topic" and subject and vocabulary.topics[slug].part != subject.part.slug:
        other = vocabulary.parts[vocabulary.topics[slug].part]
        message = f"the topic `{slug}` belongs to the part `{other.slug}`"
        fitting = _topics(vocabulary, subject)
        names = f" ({', '.join(fitting)})" if 0 < len(fitting) < _MANY else ""
        help_line = (
            f"choose a topic of the part `{subject.part.slug}`{names}, "
            f"or move the card to a file in {other.slug}/"
        )
        yield Diagnostic("S310", message, place, help_line)
    elif given.name == "exam" and slug == "none":
        if sum(field.name == "exam" for field in raw.metadata) > 1:
            message = "`none` can't be combined with other exams"
            yield Diagnostic("S312", message, place, "keep only `none`, or remove it")
    elif given.name == "exam" and _EXAM_TASK.fullmatch(given.value):
        task, tasks = given.value.split("::")[1], vocabulary.exams[slug].tasks
        if task not in tasks:
            message = f"the exam {slug} has no task `{task}`"
            yield Diagnostic("S312", message, place, "its tasks are " + ", ".join(tasks))
    elif given.name == "also" and subject and slug == subject.service.slug:
        message = f"`{slug}` is already the card's own service"
        help_line = "remove the line, because the path already names it"
        yield Diagnostic("S311", message, place, help_line)


def _topics(vocabulary: Vocabulary, subject: FileSubject | None) -> list[str]:
    """Return the topics of the part that a file's path names."""
    return [t.slug for t in vocabulary.topics.values() if subject and t.part == subject.part.slug]


def _unknown_slug(
    given: MetadataLine, vocabulary: Vocabulary, slugs: Slugs, subject: FileSubject | None
) -> Diagnostic:
    """Report an unknown slug; suggestions for a topic are of the card's part first."""
    slug = given.value.split("::")[0]
    fitting = list(slugs.known)
    if given.name == "topic" and subject:
        fitting = _topics(vocabulary, subject)
    suggestion = nearest(slug, fitting) or nearest(slug, slugs.known)
    if "," in slug:
        help_line = f"write a separate `- {given.name}:` line for each"
        if given.name not in ("also", "exam"):
            help_line = f"write only one {slugs.word}"
    elif suggestion:
        help_line = suggestion
    elif len(fitting) < _MANY:
        help_line = "choose from: " + ", ".join(fitting)
    else:
        article = "an" if slugs.word[0] in "aeiou" else "a"
        help_line = f"choose {article} {slugs.word} from schema/vocabulary/, or add it there"
    instead = None
    if "," not in slug and slug == given.value:
        instead = closest(slug, fitting) or closest(slug, slugs.known)
    message = f"there is no {slugs.word} `{slug}`"
    return Diagnostic(slugs.code, message, given.value_span, help_line, replacement=instead)


def _date_diagnostics(given: MetadataLine) -> Iterator[Diagnostic]:
    """S305: a day that the calendar does not have."""
    if _DAY.fullmatch(given.value) and first_day(given.value) is None:
        message = f"`{given.value}` doesn't exist in the calendar"
        help_line = f"correct the day, or write only the month: `{given.value[:7]}`"
        yield Diagnostic("S305", message, given.value_span, help_line)


def first_day(checked: str) -> date | None:
    """Return the day, or the first day of the month, that a check date names; None if none."""
    try:
        return date.fromisoformat(checked if len(checked) == 10 else f"{checked}-01")
    except ValueError:
        return None
