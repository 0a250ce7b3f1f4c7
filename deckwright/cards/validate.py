"""RawCards → Cards, with all rules for single cards.

The order is: the metadata against schema and vocabulary, the shape of the body, the
rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import PurePosixPath

from deckwright.cards import body, metadata
from deckwright.cards.metadata import FileSubject
from deckwright.cards.rules import Context, Rule, choice
from deckwright.cards.rules.lists import CRAFT, ENGLISH, RULES
from deckwright.core import terms
from deckwright.core.card import Card, Content, MetadataLine, RawCard
from deckwright.core.diagnostics import Diagnostic, Outcome, codes, find_code, has_errors
from deckwright.core.files import nowhere
from deckwright.core.note import Image, image_paths
from deckwright.core.source import Source
from deckwright.core.suggest import nearest
from deckwright.project.project import Project
from deckwright.project.vocabulary import Part, Service, Vocabulary

# Errors that the craft rules would report again in other words: a gap that is not well written
# gives its own answer away, and a placeholder is not written yet.
_UNFINISHED = frozenset({"C407", "C409"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the check of a card needs besides the card and its file."""

    project: Project
    slugs: metadata.SlugTable
    context: Context


def settings_of(
    project: Project, images: Iterable[Image], words: tuple[set[str], set[str]] | None = None
) -> Settings:
    """Return what the check of a card needs. `words` are as in `Context`."""
    by_path = {image.path: image for image in images}
    context = Context(project.vocabulary, by_path, _gaps(project), words or (set(), set()))
    return Settings(project, metadata.slug_table(project.vocabulary), context)


def _gaps(project: Project) -> Mapping[tuple[str, str], frozenset[int]]:
    """Return the gap numbers of released cards, by namespace and id."""
    return {
        (namespace, row.id): row.numbers
        for namespace, ledger in project.ledgers.items()
        for row in ledger.cards.values()
        if row.live
    }


def validate_file(
    source: Source, raws: tuple[RawCard, ...], settings: Settings
) -> Outcome[tuple[Card, ...]]:
    """Return the cards of one file that have no errors. `raws` are all cards of the file."""
    if not raws:
        return Outcome(())
    subject, diagnostics = file_subject(source, settings.project.vocabulary)
    if subject:
        diagnostics.extend(_without_deck(source, *subject, settings.project))
    cards: list[Card] = []
    for raw in raws:
        card, problems = _validated_card(raw, subject, settings)
        diagnostics.extend(problems)
        if card is not None and not has_errors(problems):
            cards.append(card)
    return Outcome(tuple(cards), tuple(diagnostics))


def validate_together(
    cards: tuple[Card, ...],
    images: tuple[Image, ...],
    shown: Set[str],
    dates: Iterable[MetadataLine],
    today: date,
) -> Iterator[Diagnostic]:
    """Yield what is wrong with the cards as a whole, and with their dates as of `today`.

    `shown` are the paths of the images that they show.
    """
    yield from choice.mix_right_places(cards)
    yield from _unused_images(shown, images)
    yield from _future_dates(dates, today)


def images_in(raws: Iterable[RawCard]) -> tuple[str, ...]:
    """Return the paths of the images that cards show."""
    return tuple(
        path for raw in raws for section in raw.sections for path in image_paths(section.blocks)
    )


def dates_in(raws: Iterable[RawCard]) -> tuple[MetadataLine, ...]:
    """Return the check dates of cards."""
    return tuple(given for raw in raws for given in raw.metadata if given.name == "checked")


def _future_dates(dates: Iterable[MetadataLine], today: date) -> Iterator[Diagnostic]:
    """S306: a date after tomorrow."""
    for given in dates:
        day = metadata.first_day(given.value)
        if day and day > today + timedelta(days=1):
            message = f"`{given.value}` is in the future"
            help_line = (
                "write the month (YYYY-MM) or day (YYYY-MM-DD) when you last read or copied the "
                "source page"
            )
            yield Diagnostic("S306", message, given.value_span, help_line)


def _unused_images(shown: Set[str], images: tuple[Image, ...]) -> Iterator[Diagnostic]:
    """R610: images that no card shows."""
    if shown - {image.path for image in images}:
        return  # a path is wrong, and may mean one of these images
    for image in images:
        if image.path not in shown:
            help_line = "show the image on a card, or delete the file"
            place = nowhere(image.path)
            yield Diagnostic("R610", "no card shows this image", place, help_line)


def _without_deck(
    source: Source, part: Part, service: Service, project: Project
) -> Iterator[Diagnostic]:
    """D109: the part lists its decks, but none for the service.

    An overlay's cards have their own decks.
    """
    decks = part.decks
    own = project.overlay and project.overlay.namespace == source.namespace
    if decks and service.slug not in decks and not own:
        message = f"the part `{part.slug}` has no deck for `{service.slug}`"
        help_line = (
            f"add `{service.slug}` to the part's `decks` in schema/vocabulary/, or move the cards "
            f"to a service that has a deck ({', '.join(decks)}) and add `- also: {service.slug}` "
            "to each"
        )
        yield Diagnostic("D109", message, nowhere(source.path), help_line)


def file_subject(
    source: Source, vocabulary: Vocabulary
) -> tuple[FileSubject | None, list[Diagnostic]]:
    """Return the part and service that a card file's path names, and D103 to D105.

    Paths are `<card folder>/<part>/<service>.md` or one folder deeper.
    """
    span = nowhere(source.path)
    parts = PurePosixPath(source.path).relative_to(source.card_folder).parts
    if len(parts) not in (2, 3):
        message = "the file isn't in a part's folder"
        goal = f"{source.card_folder}/PART/{parts[-1]}"
        help_line = f"move it to `{goal}`, where PART is a part of the deck"
        if len(parts) > 1:
            message = "the path of the file has too many folders"
            help_line = f"move it to `{'/'.join((source.card_folder, *parts[:2], parts[-1]))}`"
        return None, [Diagnostic("D103", message, span, help_line)]
    part = vocabulary.parts.get(parts[0])
    slug = parts[1].removesuffix(".md") if len(parts) == 2 else parts[1]
    service = vocabulary.services.get(slug)
    diagnostics = []
    if part is None:
        message = f"there is no part `{parts[0]}`"
        known = ", ".join(vocabulary.parts)
        help_line = nearest(parts[0], vocabulary.parts) or f"the parts are {known}"
        diagnostics.append(Diagnostic("D104", message, span, help_line))
    if service is None:
        message = f"there is no service `{slug}`"
        help_line = nearest(slug.lower(), vocabulary.services)
        help_line = help_line or "add it as a `[[service]]` to a file in schema/vocabulary/"
        diagnostics.append(Diagnostic("D105", message, span, help_line))
    return FileSubject(part, service) if part and service else None, diagnostics


def _validated_card(
    raw: RawCard, subject: FileSubject | None, settings: Settings
) -> tuple[Card | None, list[Diagnostic]]:
    """Return a card, or None if it cannot be made, and what is wrong with it."""
    project, context = settings.project, settings.context
    values, diagnostics = metadata.read(raw, project, settings.slugs, subject)
    content, problems = body.read(raw, values)
    diagnostics.extend(problems)
    if content is None:
        return None, diagnostics
    card = _made(raw, values, content, subject, project)
    usable = raw.usable and subject is not None and card.kind in project.vocabulary.kinds
    usable = usable and bool(card.topic)  # a line that cannot be read may have named it
    broken = _broken(RULES, card, context)
    right = usable and not has_errors([*diagnostics, *broken])
    if usable and not any(diagnostic.code in _UNFINISHED for diagnostic in broken):
        broken += _broken(CRAFT, card, context)
    folder = project.card_folder(card.namespace)
    broken = [one for one in broken if one.code not in folder.off or one.stops]
    left = _without_allowed(raw, broken, right)
    problems = [replace(one, stops=True) if one.code in folder.errors else one for one in left]
    return card if usable else None, [*diagnostics, *problems]


def _broken(rules: tuple[Rule, ...], card: Card, context: Context) -> list[Diagnostic]:
    """Return what the rules find that apply to the card's language."""
    in_english = terms.is_english(card.language)
    return [
        diagnostic
        for rule in rules
        if in_english or rule not in ENGLISH
        for diagnostic in rule(card, context)
    ]


def _made(
    raw: RawCard,
    values: Mapping[str, tuple[str, ...]],
    content: Content,
    subject: FileSubject | None,
    project: Project,
) -> Card:
    """Return the card of metadata (`values`) and content, with errors or not."""
    vocabulary, namespace = project.vocabulary, raw.span.source.namespace

    def first(key: str, default: str = "") -> str:
        return values.get(key, (default,))[0]

    def fields(key: str) -> tuple[MetadataLine, ...]:
        return tuple(given for given in raw.metadata if given.name == key)

    part, service = (subject.part.slug, subject.service.slug) if subject else ("", "")
    topic = vocabulary.topics.get(first("topic"))
    of_topic = topic.exams if topic else ()
    exams = of_topic
    if "exam" in values:  # superseded exams, which have no tags, only the topic names
        old = (exam for exam in of_topic if exam not in vocabulary.exam_tasks)
        exams = (*values["exam"], *old)
    return Card(
        id=raw.id.value,
        namespace=namespace,
        kind=first("kind"),
        level=first("level", vocabulary.default_level),
        status=first("status", vocabulary.default_status),
        part=part,
        service=service,
        also=values.get("also", ()),
        topic=topic.slug if topic else "",
        exams=tuple(exam for exam in exams if exam != "none"),
        sources=values.get("source", ()),
        checked=first("checked"),
        content=content,
        span=raw.span,
        id_span=raw.id.value_span,
        shared_values=fields("shared-value"),
        not_duplicate_of=fields("not-duplicate-of"),
        compare=fields("compare"),
        evidence=fields("evidence"),
        tags=tuple(first("tags").split(", ")) if "tags" in values else (),
        language=project.card_folder(namespace).language,
    )


def _without_allowed(raw: RawCard, broken: list[Diagnostic], right: bool) -> Iterator[Diagnostic]:
    """Yield the diagnostics of rules, except those that the card allows with a reason.

    S313: an allowed code is no rule of craft. S314: the card does not break it;
    reported if the card is right, so that all rules have run.
    """
    allowed = {given.value.split(" ")[0]: given for given in raw.metadata if given.name == "allow"}
    for diagnostic in broken:
        if diagnostic.code not in allowed or not find_code(diagnostic.code).craft:
            yield diagnostic
    for code, given in allowed.items():
        if code not in codes() or not find_code(code).craft:
            message = f"there is no code {code}"
            craft = [name for name, known in codes().items() if known.craft]
            help_line = f"write the code of a craft rule ({craft[0]} to {craft[-1]})"
            if code in codes():
                message = f"{code} isn't a craft rule"
                help_line = "remove the line, and fix the problem; only craft rules can be allowed"
            yield Diagnostic("S313", message, given.value_span, help_line)
        elif right and code not in {diagnostic.code for diagnostic in broken}:
            message = f"the card doesn't break {code}"
            yield Diagnostic("S314", message, given.value_span, "remove the line")
