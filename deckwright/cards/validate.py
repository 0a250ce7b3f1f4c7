"""Stage 3: RawCards → Cards, with all rules for single cards.

The order is: the metadata against schema and vocabulary, the shape of the body, the
rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from operator import is_
from pathlib import PurePosixPath
from typing import NamedTuple

from deckwright.cards import body, metadata
from deckwright.cards.duplicates.signature import Signature
from deckwright.cards.metadata import Home
from deckwright.cards.rules import Context, Rule, choice
from deckwright.cards.rules.lists import CRAFT, ENGLISH, RULES
from deckwright.core import terms
from deckwright.core.card import Card, Content, Field, RawCard
from deckwright.core.diagnostics import Diagnostic, Outcome, codes, find_code, has_errors
from deckwright.core.note import Image, picture_path
from deckwright.core.progress import SILENT, Progress
from deckwright.core.source import Source
from deckwright.core.suggest import nearest
from deckwright.project.project import Project
from deckwright.project.vocabulary import Service, Task, Vocabulary

# Errors that the craft rules would report again in other words: a gap that is not well written
# gives its own answer away, and a placeholder is not written yet.
_UNFINISHED = frozenset({"C407", "C409"})


class Verdict(NamedTuple):
    """What was found in the cards of a file.

    `images` are the paths of the images that they show. `signatures` are those that are
    known so far, by the offset of the card.
    """

    raws: tuple[RawCard, ...]
    outcome: Outcome[Card]
    images: frozenset[str]
    signatures: dict[int, Signature]


@dataclass(slots=True)
class Verdicts:
    """Cache of the outcomes for the cards of each file, between calls of `validate`.

    It is valid for the same project, pictures and day (`against`) and the same RawCard
    objects. `words` are known to be spelled well (see `Context`).
    """

    against: tuple[Project, tuple[Image, ...], date] | None = None
    files: dict[str, Verdict] = field(default_factory=dict)
    words: dict[bool, set[str]] = field(default_factory=lambda: {True: set(), False: set()})

    def start(self, project: Project, images: tuple[Image, ...], today: date) -> None:
        """Forget everything if project, pictures or day have changed."""
        known = self.against
        if known is None or known[0] is not project or known[1:] != (images, today):
            self.against = project, images, today
            self.files.clear()
            self.words = {True: set(), False: set()}

    def find(self, path: str, raws: tuple[RawCard, ...]) -> Verdict | None:
        """Return what was found in a file, if it has the same cards as last time."""
        known = self.files.get(path)
        if known and len(known.raws) == len(raws) and all(map(is_, known.raws, raws)):
            return known
        return None


@dataclass(frozen=True, slots=True)
class _Setting:
    """What the check of a card needs besides the card and its file."""

    project: Project
    slugs: metadata.SlugTable
    context: Context
    today: date


def validate(
    raws: Iterable[RawCard],
    project: Project,
    images: Iterable[Image],
    today: date,
    verdicts: Verdicts | None = None,
    progress: Progress = SILENT,
) -> Outcome[Card]:
    """Return the cards without errors, in the order they came.

    `today` decides which dates are in the future. `verdicts` is read and written.
    """
    images, verdicts = tuple(images), verdicts or Verdicts()
    judge = judge_of(project, images, today, verdicts)
    cards: list[Card] = []
    diagnostics: list[Diagnostic] = []
    shown: set[str] = set()
    for path, group in groupby(progress.over("checking cards", raws), lambda raw: raw.span.path):
        verdict = judge(path, tuple(group))
        cards.extend(verdict.outcome.values)
        diagnostics.extend(verdict.outcome.diagnostics)
        shown |= verdict.images
    diagnostics.extend(choice.mix_right_places(cards))
    diagnostics.extend(_unused_images(shown, images))
    return Outcome(tuple(cards), tuple(diagnostics))


def judge_of(
    project: Project, images: tuple[Image, ...], today: date, verdicts: Verdicts
) -> Callable[[str, tuple[RawCard, ...]], Verdict]:
    """Return a function that checks the cards of one file, or finds them in `verdicts`."""
    verdicts.start(project, images, today)
    by_path = {image.path: image for image in images}
    context = Context(project.vocabulary, by_path, _gaps(project), verdicts.words)
    setting = _Setting(project, metadata.slug_table(project.vocabulary), context, today)

    def judge(path: str, raws: tuple[RawCard, ...]) -> Verdict:
        verdict = verdicts.find(path, raws)
        if verdict is None:
            verdict = Verdict(raws, _validated_file(raws, setting), _images(raws), {})
            verdicts.files[path] = verdict
        return verdict

    return judge


def _gaps(project: Project) -> Mapping[tuple[str, str], frozenset[int]]:
    """Return the gap numbers of released cards, by namespace and id."""
    return {
        (namespace, row.id): row.numbers
        for namespace, ledger in project.ledgers.items()
        for row in ledger.cards.values()
        if row.live
    }


def _validated_file(raws: tuple[RawCard, ...], setting: _Setting) -> Outcome[Card]:
    """Return the cards of one file without errors."""
    source = raws[0].span.source
    where, diagnostics = home(source, setting.project.vocabulary)
    if where:
        diagnostics.extend(_unnumbered(source, *where, setting.project))
    cards: list[Card] = []
    for raw in raws:
        card, found = _validated_card(raw, where, setting)
        diagnostics.extend(found)
        if card is not None and not has_errors(found):
            cards.append(card)
    return Outcome(tuple(cards), tuple(diagnostics))


def _images(raws: Iterable[RawCard]) -> frozenset[str]:
    """Return the paths of the images that cards show."""
    return frozenset(
        picture_path(raw.span.path, mark.extra)
        for raw in raws
        for section in raw.sections
        for block in section.blocks
        for mark in block.marks
        if mark.kind == "image"
    )


def _unused_images(shown: Set[str], images: tuple[Image, ...]) -> Iterator[Diagnostic]:
    """R610: images that no card shows."""
    if shown - {image.path for image in images}:
        return  # a path is wrong, and may mean one of these pictures
    for image in images:
        if image.path not in shown:
            place = Source(image.path, "").span(0, 0)
            help_line = "show the image on a card, or delete the file"
            yield Diagnostic("R610", "no card shows this image", place, help_line)


def _unnumbered(
    source: Source, task: Task, service: Service, project: Project
) -> Iterator[Diagnostic]:
    """D109: the task numbers its decks, but not that of the service.

    An overlay's cards have decks of their own, and need no number.
    """
    numbers = project.vocabulary.deck_numbers.get(task.slug)
    own = project.overlay and project.overlay.namespace == source.namespace
    if numbers and service.slug not in numbers and not own:
        message = f"task {task.slug} has no deck for `{service.slug}`"
        help_line = (
            f"move the cards to a service that has a deck in this task "
            f"({', '.join(numbers)}), and add `- also: {service.slug}` to each; or, if the service "
            f"needs a deck, add `{service.slug}` to the task's `[[deck-order]]` in "
            "schema/vocabulary/"
        )
        yield Diagnostic("D109", message, Source(source.path, "").span(0, 0), help_line)


def home(source: Source, vocabulary: Vocabulary) -> tuple[Home | None, list[Diagnostic]]:
    """Return the task and service that a card file's path names, and D103 to D105.

    Paths are `<root>/<task folder>/<service>.md` or one folder deeper.
    """
    span = Source(source.path, "").span(0, 0)
    parts = PurePosixPath(source.path).relative_to(source.root).parts
    if len(parts) not in (2, 3):
        message = "the file is not in a task's folder"
        goal = f"{source.root}/TASK/{parts[-1]}"
        help_line = f"move it to `{goal}`, where TASK is the folder of the task"
        if len(parts) > 1:
            message = "the path of the file has too many folders"
            help_line = f"move it to `{'/'.join((source.root, *parts[:2], parts[-1]))}`"
        return None, [Diagnostic("D103", message, span, help_line)]
    task = vocabulary.task_of_folder(parts[0])
    slug = parts[1].removesuffix(".md") if len(parts) == 2 else parts[1]
    service = vocabulary.services.get(slug)
    diagnostics = []
    if task is None:
        folders = [t.folder for t in vocabulary.tasks.values()]
        message = f"no task has the folder `{parts[0]}`"
        help_line = nearest(parts[0], folders) or "the folders are " + ", ".join(folders)
        diagnostics.append(Diagnostic("D104", message, span, help_line))
    if service is None:
        message = f"there is no service `{slug}`"
        help_line = nearest(slug.lower(), vocabulary.services)
        help_line = help_line or "add it as a `[[service]]` to a file in schema/vocabulary/"
        diagnostics.append(Diagnostic("D105", message, span, help_line))
    return (task, service) if task and service else None, diagnostics


def _validated_card(
    raw: RawCard, where: Home | None, setting: _Setting
) -> tuple[Card | None, list[Diagnostic]]:
    """Return a card, or None if it cannot be made, and what is wrong with it."""
    project, context = setting.project, setting.context
    values, diagnostics = metadata.read(raw, project, setting.slugs, where, setting.today)
    content, found = body.read(raw, values)
    diagnostics.extend(found)
    if content is None:
        return None, diagnostics
    card = _made(raw, values, content, where, project)
    usable = raw.usable and where is not None and card.kind in project.vocabulary.kinds
    usable = usable and bool(card.topic)  # a line that cannot be read may have named it
    broken = _broken(RULES, card, context)
    right = usable and not has_errors([*diagnostics, *broken])
    if usable and not any(diagnostic.code in _UNFINISHED for diagnostic in broken):
        broken += _broken(CRAFT, card, context)
    root = project.root(card.namespace)
    broken = [diagnostic for diagnostic in broken if diagnostic.code not in root.off]
    left = _without_allowed(raw, broken, right)
    found = [replace(one, stops=True) if one.code in root.errors else one for one in left]
    return card if usable else None, [*diagnostics, *found]


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
    where: Home | None,
    project: Project,
) -> Card:
    """Return the card of metadata (`values`) and content, with errors or not."""
    vocabulary, namespace = project.vocabulary, raw.span.source.namespace

    def first(key: str, default: str = "") -> str:
        return values.get(key, (default,))[0]

    def fields(key: str) -> tuple[Field, ...]:
        return tuple(given for given in raw.metadata if given.name == key)

    task, service = (where[0].slug, where[1].slug) if where else ("", "")
    topic = vocabulary.topics.get(first("topic"))
    exams = values.get("exam", topic.exams if topic else ())
    return Card(
        id=raw.id.value,
        namespace=namespace,
        kind=first("kind"),
        level=first("level", vocabulary.default_level),
        status=first("status", vocabulary.default_status),
        task=task,
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
        distinct=fields("not-duplicate-of"),
        compare=fields("compare"),
        evidence=fields("evidence"),
        tags=tuple(first("tags").split(", ")) if "tags" in values else (),
        language=project.root(namespace).language,
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
                message = f"{code} is not a craft rule"
                help_line = "remove the line, and fix the problem; only craft rules can be allowed"
            yield Diagnostic("S313", message, given.value_span, help_line)
        elif right and code not in {diagnostic.code for diagnostic in broken}:
            message = f"the card does not break {code}"
            yield Diagnostic("S314", message, given.value_span, "remove the line")
