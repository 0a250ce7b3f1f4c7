"""Stage 3: RawCards → Cards. The contract (schema/) first, then the vocabulary, then the shape, then the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import is_
from pathlib import PurePosixPath

from deckwright.cards import body as content
from deckwright.cards import metadata
from deckwright.cards.rules import (
    Rule,
    Setting,
    choice,
    craft,
    facts,
    figures,
    gaps,
    giveaways,
    language,
    lifecycle,
    phone,
    pictures,
    placeholders,
    questions,
)
from deckwright.core.card import Card, RawCard
from deckwright.core.diagnostics import Diagnostic, Outcome, codes, find_code, has_errors
from deckwright.core.note import Image, picture_path
from deckwright.core.progress import SILENT, Progress
from deckwright.core.source import Source
from deckwright.core.suggest import nearest
from deckwright.project.project import Project
from deckwright.project.vocabulary import Service, Task, Vocabulary

RULES: tuple[Rule, ...] = (
    facts.is_cloze,
    facts.is_sourced,
    facts.has_evidence_that_counts,
    gaps.written_well,
    gaps.numbered_well,
    gaps.placed_well,
    choice.has_right_and_wrong,
    choice.has_enough,
    choice.has_no_twins,
    choice.gives_reasons,
    choice.leans_on_no_order,
    phone.fits,
    pictures.can_be_shown,
    placeholders.are_written_over,
)

# Whether it is a good card is asked once it is a right one: a broken gap would give away whatever is in it.
CRAFT: tuple[Rule, ...] = (
    craft.answers_briefly,
    craft.hides_little,
    craft.fits_one_screen,
    craft.weighs_options_alike,
    giveaways.hides_its_gaps,
    giveaways.hides_its_answer,
    giveaways.has_no_cues,
    questions.asks_for_a_decision,
    questions.stands_alone,
    figures.says_what_it_counts,
    figures.says_how_firm_it_is,
    language.uses_names_of_today,
    lifecycle.says_its_status,
    lifecycle.says_what_holds_today,
    language.is_spelt_well,
)


@dataclass(slots=True)
class Verdicts:
    """What an earlier call found, by file: cards that are the same, held `against` the same project, pictures and day, are not judged
    again."""

    against: tuple[Project, tuple[Image, ...], date] | None = None
    files: dict[str, tuple[tuple[RawCard, ...], Outcome[Card]]] = field(default_factory=dict)


def validate(
    raws: Iterable[RawCard],
    project: Project,
    images: Iterable[Image],
    today: date,
    verdicts: Verdicts | None = None,
    progress: Progress = SILENT,
) -> Outcome[Card]:
    """The cards that keep every rule, in the order they came. `today` decides what lies in the future; `verdicts` are read and
    written."""
    raws, images, tables = tuple(raws), tuple(images), metadata.known(project.vocabulary)
    released = {
        (name, row.id): row.numbers
        for name, book in project.ledgers.items()
        for row in book.cards.values()
        if row.live
    }
    setting = Setting(project.vocabulary, {image.path: image for image in images}, released)
    verdicts = verdicts or Verdicts()
    against = verdicts.against
    if against is None or against[0] is not project or against[1:] != (images, today):
        verdicts.against = project, images, today
        verdicts.files.clear()
    cards: list[Card] = []
    diagnostics: list[Diagnostic] = []
    for path, group in groupby(progress.over("checking cards", raws), lambda raw: raw.span.path):
        here = tuple(group)
        known = verdicts.files.get(path)
        if known is None or len(known[0]) != len(here) or not all(map(is_, known[0], here)):
            known = verdicts.files[path] = (here, _file(here, project, tables, setting, today))
        cards.extend(known[1].values)
        diagnostics.extend(known[1].diagnostics)
    diagnostics.extend(craft.places_are_mixed(cards))
    diagnostics.extend(_unused(raws, images))
    return Outcome(tuple(cards), tuple(diagnostics))


def _file(
    raws: tuple[RawCard, ...],
    project: Project,
    tables: metadata.Tables,
    setting: Setting,
    today: date,
) -> Outcome[Card]:
    """The cards of one file that keep every rule for a card by itself."""
    where, diagnostics = home(raws[0].span.source, project.vocabulary)
    cards: list[Card] = []
    for raw in raws:
        card, found = _card(raw, project, tables, where, setting, today)
        diagnostics.extend(found)
        if card is not None and not has_errors(found):
            cards.append(card)
    return Outcome(tuple(cards), tuple(diagnostics))


def _unused(raws: Iterable[RawCard], images: Iterable[Image]) -> Iterator[Diagnostic]:
    """R610: pictures that no card shows, as far as the cards could be read."""
    shown = {
        picture_path(raw.span.path, mark.extra)
        for raw in raws
        for section in raw.sections
        for block in section.blocks
        for mark in block.marks
        if mark.kind == "image"
    }
    images = tuple(images)
    if shown - {image.path for image in images}:
        return  # a path is wrong, so that this picture may be the one that was meant
    for image in images:
        if image.path not in shown:
            yield Diagnostic(
                "R610",
                "no card shows this picture",
                Source(image.path, "").span(0, 0),
                "show it, or take the file out",
            )


def home(
    source: Source, vocabulary: Vocabulary
) -> tuple[tuple[Task, Service] | None, list[Diagnostic]]:
    """Task and service that a card file's path names: `<root>/<task folder>/<service>.md` or one folder deeper."""
    span = Source(source.path, "").span(0, 0)
    parts = PurePosixPath(source.path).relative_to(source.root).parts
    if len(parts) not in (2, 3):
        message = "the path does not say task and service"
        return None, [
            Diagnostic(
                "D103",
                message,
                span,
                f"move it to {source.root}/<task>/<service>.md, or to {source.root}/<task>/<service>/<name>.md",
            )
        ]
    task = vocabulary.task_of_folder(parts[0])
    slug = parts[1].removesuffix(".md") if len(parts) == 2 else parts[1]
    service = vocabulary.services.get(slug)
    diagnostics = []
    if task is None:
        folders = [t.folder for t in vocabulary.tasks.values()]
        diagnostics.append(
            Diagnostic(
                "D104",
                f"`{parts[0]}` is not the folder of a task",
                span,
                nearest(parts[0], folders) or "one of " + ", ".join(folders),
            )
        )
    if service is None:
        hint = nearest(slug, vocabulary.services) or "add it to schema/vocabulary/ as a [[service]]"
        diagnostics.append(
            Diagnostic("D105", f"`{slug}` is not a service of the vocabulary", span, hint)
        )
    return (task, service) if task and service else None, diagnostics


def _card(
    raw: RawCard,
    project: Project,
    tables: metadata.Tables,
    where: tuple[Task, Service] | None,
    setting: Setting,
    today: date,
) -> tuple[Card | None, list[Diagnostic]]:
    values, diagnostics = metadata.read(raw, project, tables, where, today)
    body, found = content.read(raw, values)
    diagnostics.extend(found)
    kind = values.get("kind", ("",))[0]
    if body is None:
        return None, diagnostics
    usable = raw.usable and where is not None and kind in project.vocabulary.kinds
    task, service = (where[0].slug, where[1].slug) if where else ("", "")
    topic = project.vocabulary.topics.get(values.get("topic", ("",))[0])
    exams = values.get("exam", ())
    card = Card(
        id=raw.id.value,
        namespace=raw.span.source.namespace,
        kind=kind,
        status=values.get("status", (project.vocabulary.default_status,))[0],
        task=task,
        service=service,
        also=values.get("also", ()),
        topic=topic.slug if topic else "",
        exams=tuple(e for e in exams if e != "none") if exams else topic.exams if topic else (),
        sources=values.get("source", ()),
        checked=values.get("checked", ("",))[0],
        content=body,
        span=raw.span,
        id_span=raw.id.value_span,
        shared_values=tuple(given for given in raw.metadata if given.name == "shared-value"),
        distinct=tuple(given for given in raw.metadata if given.name == "not-duplicate-of"),
        compare=tuple(given for given in raw.metadata if given.name == "compare"),
        evidence=tuple(given for given in raw.metadata if given.name == "evidence"),
    )
    broken = [diagnostic for rule in RULES for diagnostic in rule(card, setting)]
    right = usable and not has_errors([*diagnostics, *broken])
    if right:
        broken += [diagnostic for rule in CRAFT for diagnostic in rule(card, setting)]
    return card if usable else None, [*diagnostics, *_allowed(raw, broken, right)]


def _allowed(raw: RawCard, broken: list[Diagnostic], right: bool) -> Iterator[Diagnostic]:
    """What the rules have against a card, but for what its author allows with a reason; and allowances that allow nothing,
    where the card is right in itself, so that all rules were asked."""
    allowances = {
        given.value.split(" ")[0]: given for given in raw.metadata if given.name == "allow"
    }
    for diagnostic in broken:
        if diagnostic.code not in allowances or not find_code(diagnostic.code).craft:
            yield diagnostic
    for code, given in allowances.items():
        if code not in codes() or not find_code(code).craft:
            message = (
                f"{code} is no rule of craft" if code in codes() else f"there is no code {code}"
            )
            yield Diagnostic(
                "S313",
                message,
                given.value_span,
                "mend what the complaint says; only rules of craft can be allowed",
            )
        elif right and code not in {diagnostic.code for diagnostic in broken}:
            yield Diagnostic(
                "S314", f"the card does not break {code}", given.value_span, "take the line out"
            )
