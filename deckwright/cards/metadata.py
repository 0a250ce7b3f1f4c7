"""The metadata of a card against the contract (schema/card.schema.json), the vocabulary and the calendar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from deckwright.cards.new_card import is_placeholder
from deckwright.core.card import Field, RawCard
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.suggest import closest, nearest
from deckwright.project.project import Project
from deckwright.project.schema import Schema
from deckwright.project.vocabulary import Service, Task, Vocabulary

# By metadata key: the code of the complaint, the word for what is named, and what is known.
Tables = Mapping[str, tuple[str, str, Mapping[str, object]]]


def read(
    raw: RawCard, project: Project, tables: Tables, where: tuple[Task, Service] | None, today: date
) -> tuple[dict[str, tuple[str, ...]], list[Diagnostic]]:
    """The metadata by key, and everything that is wrong with it. `where` is the card's home, `tables` are those of `known`."""
    values, diagnostics = _contract(raw, project, tables)
    diagnostics.extend(_vocabulary(raw, project.vocabulary, tables, where))
    diagnostics.extend(_dates(raw, today))
    return values, diagnostics


def _contract(
    raw: RawCard, project: Project, tables: Tables
) -> tuple[dict[str, tuple[str, ...]], list[Diagnostic]]:
    """The metadata by key, and what the schema has against it."""
    values: dict[str, tuple[str, ...]] = {}
    diagnostics: list[Diagnostic] = []
    first: dict[tuple[str, str], Field] = {}
    contract = project.card_schema
    for given in raw.metadata:
        if given.name not in contract.properties:
            hint = nearest(given.name.lower(), contract.properties) or "keys: " + ", ".join(
                contract.properties
            )
            instead = closest(given.name.lower(), contract.properties)
            diagnostics.append(
                Diagnostic(
                    "S301",
                    f"`{given.name}` is not a metadata key",
                    given.name_span,
                    hint,
                    (),
                    instead,
                )
            )
            continue
        if contract.repeatable(given.name):
            what, place, key = f"this `{given.name}`", given.value_span, (given.name, given.value)
        else:
            what, place, key = f"`{given.name}`", given.name_span, (given.name, "")
        if key in first:
            there = first[key].value_span if key[1] else first[key].name_span
            diagnostics.append(
                Diagnostic(
                    "S304",
                    f"{what} is given twice",
                    place,
                    "keep one of the two",
                    (("first given here", there),),
                )
            )
            continue
        first[key] = given
        if not _is_for_vocabulary(given, tables) and not is_placeholder(given.value):
            diagnostics.extend(
                _malformed(given, diagnostic.message, contract)
                for diagnostic in contract.value_violations(given.name, given.value)
            )
        values[given.name] = (*values.get(given.name, ()), given.value)
    misspelt = {
        key
        for f in raw.metadata
        if f.name not in contract.properties
        for key in contract.properties
        if f"`{key}`" in nearest(f.name.lower(), contract.properties)
    }
    for diagnostic in contract.key_violations(values):
        if (
            diagnostic.rule == "missing"
            and raw.metadata_readable
            and diagnostic.key not in misspelt
        ):
            diagnostics.append(
                Diagnostic(
                    "S302",
                    f"`{diagnostic.key}` is missing",
                    raw.id.value_span,
                    f"write `- {diagnostic.key}: …`. {diagnostic.help}",
                )
            )
    return values, diagnostics


def _is_for_vocabulary(given: Field, tables: Tables) -> bool:
    """Whether the vocabulary will complain of this value, so that its form is not worth a second complaint."""
    return given.name in tables and given.value.split("::")[0] not in tables[given.name][2]


def _malformed(given: Field, message: str, contract: Schema) -> Diagnostic:
    """A value that breaks the schema; the schema's description of the key is the help line."""
    if given.name == "checked":
        return Diagnostic(
            "S305",
            f"`{given.value}` is not a date as it is written here",
            given.value_span,
            contract.description("checked"),
        )
    return Diagnostic(
        "S303", f"{given.name}: {message}", given.value_span, contract.description(given.name)
    )


def known(vocabulary: Vocabulary) -> Tables:
    """The metadata keys whose values are slugs of the vocabulary."""
    return {
        "kind": ("S307", "kind", vocabulary.kinds),
        "status": ("S308", "status", vocabulary.statuses),
        "topic": ("S309", "topic", vocabulary.topics),
        "also": ("S311", "service", vocabulary.services),
        "exam": ("S312", "exam", {**vocabulary.exams, "none": None}),
    }


def _vocabulary(
    raw: RawCard, vocabulary: Vocabulary, tables: Tables, where: tuple[Task, Service] | None
) -> Iterator[Diagnostic]:
    """Every slug is one of the vocabulary, and the topic is one of the card's task."""
    for given in raw.metadata:
        if given.name not in tables:
            continue
        code, what, known = tables[given.name]
        slug = given.value.split("::")[0]
        if slug not in known:
            fitting = (
                [k for k in known if vocabulary.topics[k].task == where[0].slug]
                if given.name == "topic" and where
                else list(known)
            )
            article = "an" if what[0] in "aeiou" else "a"
            named = (
                "one of " + ", ".join(fitting)
                if len(fitting) < 12
                else f"name {article} {what} of schema/vocabulary/, or add it there"
            )
            hint = (
                "one line for each"
                if "," in slug
                else nearest(slug, fitting) or nearest(slug, known) or named
            )
            instead = (
                None
                if "," in slug or slug != given.value
                else closest(slug, fitting) or closest(slug, known)
            )
            yield Diagnostic(
                code, f"there is no {what} `{slug}`", given.value_span, hint, (), instead
            )
        elif given.name == "topic" and where and vocabulary.topics[slug].task != where[0].slug:
            other = vocabulary.tasks[vocabulary.topics[slug].task]
            yield Diagnostic(
                "S310",
                f"the topic `{slug}` belongs to task {other.slug}",
                given.value_span,
                f"name a topic of task {where[0].slug}, or move the card to {other.folder}/",
            )
        elif given.name == "exam" and slug != "none" and re.fullmatch(r".+::\d+\.\d+", given.value):
            task = given.value.split("::")[1]
            if task not in vocabulary.exams[slug].tasks:
                yield Diagnostic(
                    "S312",
                    f"the exam {slug} has no task `{task}`",
                    given.value_span,
                    "its tasks: " + ", ".join(vocabulary.exams[slug].tasks),
                )
        elif (
            given.name == "exam"
            and slug == "none"
            and sum(f.name == "exam" for f in raw.metadata) > 1
        ):
            yield Diagnostic(
                "S312",
                "`none` stands beside other exams",
                given.value_span,
                "keep `none` alone, or take it out",
            )
        elif given.name == "also" and where and slug == where[1].slug:
            yield Diagnostic(
                "S311",
                f"`{slug}` is the card's home already",
                given.value_span,
                "take the line out: the path says it",
            )


def _dates(raw: RawCard, today: date) -> Iterator[Diagnostic]:
    for given in raw.metadata:
        if given.name != "checked":
            continue
        text = given.value if len(given.value) == 10 else given.value + "-01"
        try:
            day = date.fromisoformat(text)
        except ValueError:
            if re.fullmatch(r"20\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", given.value):
                message = f"`{given.value}` is not a day of the calendar"
                yield Diagnostic(
                    "S305",
                    message,
                    given.value_span,
                    "write a month as `2026-10` or a day as `2026-10-31`",
                )
            continue
        if day > today + timedelta(days=1):
            yield Diagnostic(
                "S306",
                f"`{given.value}` lies in the future",
                given.value_span,
                "write the date of the copy that was read",
            )
