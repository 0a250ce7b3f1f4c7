"""Stage 3: RawCards → Cards. The contract (schema/) first, then the vocabulary, then the shape, then the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import PurePosixPath

from deckwright.contract import Contract
from deckwright.diagnostic import Diagnostic, Outcome, has_errors
from deckwright.model import Block, Card, Choice, Concept, Content, Fact, Field, Image, Option, RawCard, Section, Source, Span, picture_path
from deckwright.project import Project
from deckwright.rules import Rule, Setting, choice, facts, gaps, phone, pictures
from deckwright.vocabulary import Service, Task, Vocabulary
from deckwright.wording import nearest

# By metadata key: the code of the complaint, the word for what is named, and what is known.
Tables = Mapping[str, tuple[str, str, Mapping[str, object]]]

RULES: tuple[Rule, ...] = (
    facts.is_cloze,
    facts.is_sourced,
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
)


def validate(raws: Iterable[RawCard], project: Project, images: Iterable[Image], today: date) -> Outcome[Card]:
    """The cards that keep every rule, in the order they came. `today` decides what lies in the future."""
    raws, images, tables = tuple(raws), tuple(images), _tables(project.vocabulary)
    setting = Setting(project.vocabulary, {image.path: image for image in images}, project.ledger.live)
    homes: dict[str, tuple[Task, Service] | None] = {}
    cards: list[Card] = []
    faults: list[Diagnostic] = []
    for raw in raws:
        source = raw.span.source
        if source.path not in homes:
            homes[source.path], found = home(source, project.vocabulary)
            faults.extend(found)
        card, found = _card(raw, project, tables, homes[source.path], setting, today)
        faults.extend(found)
        if card is not None and not has_errors(found):
            cards.append(card)
    faults.extend(_unused(raws, images))
    return Outcome(tuple(cards), tuple(faults))


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
            yield Diagnostic("R610", "no card shows this picture", Source(image.path, "").span(0, 0), "show it, or take the file out")


def home(source: Source, vocabulary: Vocabulary) -> tuple[tuple[Task, Service] | None, list[Diagnostic]]:
    """Task and service that a card file's path names: `<root>/<task folder>/<service>.md` or one folder deeper."""
    span = Source(source.path, "").span(0, 0)
    parts = PurePosixPath(source.path).relative_to(source.root).parts
    if len(parts) not in (2, 3):
        message = "the path does not say task and service"
        return None, [
            Diagnostic(
                "D103", message, span, f"move it to {source.root}/<task>/<service>.md, or to {source.root}/<task>/<service>/<name>.md"
            )
        ]
    task = vocabulary.task_of_folder(parts[0])
    slug = parts[1].removesuffix(".md") if len(parts) == 2 else parts[1]
    service = vocabulary.services.get(slug)
    faults = []
    if task is None:
        folders = [t.folder for t in vocabulary.tasks.values()]
        faults.append(
            Diagnostic(
                "D104", f"`{parts[0]}` is not the folder of a task", span, nearest(parts[0], folders) or "one of " + ", ".join(folders)
            )
        )
    if service is None:
        hint = nearest(slug, vocabulary.services) or "add it to schema/vocabulary/ as a [[service]]"
        faults.append(Diagnostic("D105", f"`{slug}` is not a service of the vocabulary", span, hint))
    return (task, service) if task and service else None, faults


def _card(
    raw: RawCard, project: Project, tables: Tables, where: tuple[Task, Service] | None, setting: Setting, today: date
) -> tuple[Card | None, list[Diagnostic]]:
    values, faults = _contract(raw, project, tables)
    faults.extend(_vocabulary(raw, project.vocabulary, tables, where))
    faults.extend(_dates(raw, today))
    content, found = _content(raw, values)
    faults.extend(found)
    kind = values.get("kind", ("",))[0]
    if content is None or where is None or kind not in project.vocabulary.kinds:
        return None, faults
    task, service = where
    topic = project.vocabulary.topics.get(values.get("topic", ("",))[0])
    exams = values.get("exam", ())
    card = Card(
        id=raw.id.value,
        namespace=raw.span.source.namespace,
        kind=kind,
        status=values.get("status", (project.vocabulary.default_status,))[0],
        task=task.slug,
        service=service.slug,
        also=values.get("also", ()),
        topic=topic.slug if topic else "",
        exams=tuple(e for e in exams if e != "none") if exams else topic.exams if topic else (),
        sources=values.get("source", ()),
        checked=values.get("checked", ("",))[0],
        content=content,
        span=raw.span,
        id_span=raw.id.value_span,
    )
    for rule in RULES:
        faults.extend(rule(card, setting))
    return card, faults


def _contract(raw: RawCard, project: Project, tables: Tables) -> tuple[dict[str, tuple[str, ...]], list[Diagnostic]]:
    """The metadata by key, and what the schema has against it."""
    values: dict[str, tuple[str, ...]] = {}
    faults: list[Diagnostic] = []
    first: dict[tuple[str, str], Field] = {}
    contract = project.contract
    for given in raw.metadata:
        if given.name not in contract.properties:
            hint = nearest(given.name.lower(), contract.properties) or "keys: " + ", ".join(contract.properties)
            faults.append(Diagnostic("S301", f"`{given.name}` is not a metadata key", given.name_span, hint))
            continue
        if contract.repeatable(given.name):
            what, place, key = f"this `{given.name}`", given.value_span, (given.name, given.value)
        else:
            what, place, key = f"`{given.name}`", given.name_span, (given.name, "")
        if key in first:
            there = first[key].value_span if key[1] else first[key].name_span
            faults.append(Diagnostic("S304", f"{what} is given twice", place, "keep one of the two", (("first given here", there),)))
            continue
        first[key] = given
        if not _is_for_vocabulary(given, tables):
            faults.extend(_malformed(given, fault.message, contract) for fault in contract.value_faults(given.name, given.value))
        values[given.name] = (*values.get(given.name, ()), given.value)
    misspelt = {
        key
        for f in raw.metadata
        if f.name not in contract.properties
        for key in contract.properties
        if f"`{key}`" in nearest(f.name.lower(), contract.properties)
    }
    for fault in contract.key_faults(values):
        if fault.rule == "missing" and raw.whole and fault.key not in misspelt:
            faults.append(Diagnostic("S302", f"`{fault.key}` is missing", raw.id.value_span, f"write `- {fault.key}: …`. {fault.help}"))
    return values, faults


def _is_for_vocabulary(given: Field, tables: Tables) -> bool:
    """Whether the vocabulary will complain of this value, so that its form is not worth a second complaint."""
    return given.name in tables and given.value.split("::")[0] not in tables[given.name][2]


def _malformed(given: Field, message: str, contract: Contract) -> Diagnostic:
    """A value that breaks the schema; the schema's description of the key is the help line."""
    if given.name == "checked":
        return Diagnostic("S305", f"`{given.value}` is not a date as it is written here", given.value_span, contract.description("checked"))
    return Diagnostic("S303", f"{given.name}: {message}", given.value_span, contract.description(given.name))


def _tables(vocabulary: Vocabulary) -> Tables:
    """The metadata keys whose values are slugs of the vocabulary."""
    return {
        "kind": ("S307", "kind", vocabulary.kinds),
        "status": ("S308", "status", vocabulary.statuses),
        "topic": ("S309", "topic", vocabulary.topics),
        "also": ("S311", "service", vocabulary.services),
        "exam": ("S312", "exam", {**vocabulary.exams, "none": None}),
    }


def _vocabulary(raw: RawCard, vocabulary: Vocabulary, tables: Tables, where: tuple[Task, Service] | None) -> Iterator[Diagnostic]:
    """Every slug is one of the vocabulary, and the topic is one of the card's task."""
    for given in raw.metadata:
        if given.name not in tables:
            continue
        code, what, known = tables[given.name]
        slug = given.value.split("::")[0]
        if slug not in known:
            fitting = [k for k in known if vocabulary.topics[k].task == where[0].slug] if given.name == "topic" and where else list(known)
            article = "an" if what[0] in "aeiou" else "a"
            named = "one of " + ", ".join(fitting) if len(fitting) < 12 else f"name {article} {what} of schema/vocabulary/, or add it there"
            hint = "one line for each" if "," in slug else nearest(slug, fitting) or nearest(slug, known) or named
            yield Diagnostic(code, f"there is no {what} `{slug}`", given.value_span, hint)
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
        elif given.name == "exam" and slug == "none" and sum(f.name == "exam" for f in raw.metadata) > 1:
            yield Diagnostic("S312", "`none` stands beside other exams", given.value_span, "keep `none` alone, or take it out")
        elif given.name == "also" and where and slug == where[1].slug:
            yield Diagnostic("S311", f"`{slug}` is the card's home already", given.value_span, "take the line out: the path says it")


def _dates(raw: RawCard, today: date) -> Iterator[Diagnostic]:
    for given in raw.metadata:
        if given.name != "checked":
            continue
        text = given.value if len(given.value) == 10 else given.value + "-01"
        try:
            day = date.fromisoformat(text)
        except ValueError:
            if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", given.value):
                message = f"`{given.value}` is not a day of the calendar"
                yield Diagnostic("S305", message, given.value_span, "write a month as `2026-10` or a day as `2026-10-31`")
            continue
        if day > today + timedelta(days=1):
            yield Diagnostic("S306", f"`{given.value}` lies in the future", given.value_span, "write the date of the copy that was read")


def _content(raw: RawCard, values: Mapping[str, tuple[str, ...]]) -> tuple[Content | None, list[Diagnostic]]:
    """What type of card the body makes, and what is missing for it."""
    prompt, *rest = raw.sections
    if not _says_something(prompt):
        return None, [Diagnostic("C412", "the card has no question", raw.id.value_span, "write it below the metadata, after a blank line")]
    marks = tuple(mark for block in prompt.blocks for mark in block.marks if mark.kind == "gap")
    options = [b for b in prompt.blocks if b.kind == "bullets" and any(i.checked for i in b.children)]
    none = Section((), raw.span.source.span(raw.span.end, raw.span.end))
    hint = next((f for f in raw.metadata if f.name == "hint"), None)
    faults = []
    if hint and (marks or options):
        faults.append(
            Diagnostic(
                "C411",
                "only a question-and-answer card has a hint of its own",
                hint.name_span,
                "take the line out; a gap has its hint after `::`",
            )
        )
    faults.extend(_stray_boxes(raw, options[0] if options else None))
    most = 2 if marks or options else 3
    if len(raw.sections) > most:
        surplus = raw.sections[most]
        help_line = "a cloze or choice card has one, a question has at most two: question, answer, explanation"
        faults.append(Diagnostic("C410", "here is one `---` too many", surplus.opener or surplus.span, help_line))
    if options:
        made, found = _choice(prompt, options, rest[0] if rest else none)
        return made, faults + found
    if marks:
        return Fact(prompt, marks, rest[0] if rest else none), faults
    answer = rest[0] if rest else none
    if not _says_something(answer) and not any(m.kind == "bad-gap" for b in prompt.blocks for m in b.marks):
        faults.append(
            Diagnostic(
                "C401",
                "the card has neither an answer nor a gap nor options",
                raw.id.value_span,
                "write `---` and the answer below the question, or put `{{c1::…}}` around it",
            )
        )
    return Concept(prompt, answer, rest[1] if len(rest) > 1 else none, values.get("hint", ("",))[0]), faults


def _says_something(section: Section) -> bool:
    """Whether a reader would see anything: any block but a paragraph of blanks alone."""
    return any(block.kind != "paragraph" or block.text.replace("&nbsp;", "").strip("\u00a0 \n") for block in section.blocks)


def _stray_boxes(raw: RawCard, options: Block | None) -> Iterator[Diagnostic]:
    """Boxes that make no option: in numbered or nested lists, in quotes, in answers and explanations."""
    chosen = options.children if options else ()
    for section in raw.sections:
        for block in (inner for outer in section.blocks for inner in outer.walk()):
            if block.checked and not any(block is item for item in chosen):
                line = block.span.text.split("\n", 1)[0]
                span = Span(block.span.source, block.span.start, block.span.start + len(line))
                yield Diagnostic(
                    "C427",
                    "a box stands only before an option",
                    span,
                    "options are one list with `-` below the question; elsewhere take the box out",
                )


def _choice(prompt: Section, lists: list[Block], extra: Section) -> tuple[Content | None, list[Diagnostic]]:
    faults: list[Diagnostic] = []
    block = lists[0]
    at = prompt.blocks.index(block)
    if at + 1 < len(prompt.blocks):
        stray = prompt.blocks[at + 1]
        followed = any(b.kind == "bullets" for b in prompt.blocks[at + 1 :])
        message = "this ends the list of options" if followed else "nothing can stand between the options and the end of the question"
        help_line = "indent it by two to make it the reason of the option above, or put `---` before it"
        return None, [Diagnostic("C428", message, stray.span, help_line)]
    if at == 0:
        faults.append(Diagnostic("C412", "the options have no question above them", block.span, "write the question, then the options"))
    for item in block.children:
        line = item.span.text.split("\n", 1)[0]
        if not item.checked:
            form = "write `- [ ] text`, or `- [x] text` where it is right"
            message = "the box of this option is not written well" if re.match(r"[-*+]\s+\[\s*[xX]?\s*\]", line) else "an option has no box"
            faults.append(Diagnostic("C427", message, item.span, form))
        elif not item.children[0].text.strip():
            faults.append(Diagnostic("C427", "an option has no text", item.span, "write the option on the line of its box"))
    if faults:
        return None, faults
    options = tuple(Option(i.children[0], i.children[1:], i.checked == "x", i.span) for i in block.children if i.checked)
    question = Section(prompt.blocks[:at], prompt.span)
    return Choice(question, options, extra), faults
