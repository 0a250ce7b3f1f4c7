"""The body of a card → its Content: gaps make a fact, a list with boxes a choice, anything else a question and its answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from deckwright.core.blocks import Block
from deckwright.core.card import Basic, Cloze, Content, MultipleChoice, Option, RawCard, Section
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Span


def read(
    raw: RawCard, values: Mapping[str, tuple[str, ...]]
) -> tuple[Content | None, list[Diagnostic]]:
    """What type of card the body makes, and what is missing for it."""
    prompt, *rest = raw.sections
    if not _says_something(prompt):
        missing = Diagnostic(
            "C412",
            "the card has no question",
            raw.id.value_span,
            "write it below the metadata, after a blank line",
        )
        return None, [
            missing
        ] if raw.metadata_readable else []  # else it may be the line that the metadata swallowed
    marks = tuple(mark for block in prompt.blocks for mark in block.marks if mark.kind == "gap")
    options = [
        b for b in prompt.blocks if b.kind == "bullets" and any(i.checked for i in b.children)
    ]
    none = Section((), raw.span.source.span(raw.span.end, raw.span.end))
    hint = next((f for f in raw.metadata if f.name == "hint"), None)
    diagnostics = []
    if hint and (marks or options):
        diagnostics.append(
            Diagnostic(
                "C411",
                "only a question-and-answer card has a hint of its own",
                hint.name_span,
                "take the line out; a gap has its hint after `::`",
            )
        )
    diagnostics.extend(_stray_boxes(raw, options[0] if options else None))
    most = 2 if marks or options else 3
    if len(raw.sections) > most:
        surplus = raw.sections[most]
        help_line = "a cloze or choice card has one, a question has at most two: question, answer, explanation"
        diagnostics.append(
            Diagnostic(
                "C410", "here is one `---` too many", surplus.opener or surplus.span, help_line
            )
        )
    if options:
        made, found = _choice(prompt, options, rest[0] if rest else none)
        return made, diagnostics + found
    if marks:
        return Cloze(prompt, marks, rest[0] if rest else none), diagnostics
    answer = rest[0] if rest else none
    if not _says_something(answer) and not any(
        m.kind == "bad-gap" for b in prompt.blocks for m in b.marks
    ):
        diagnostics.append(
            Diagnostic(
                "C401",
                "the card has neither an answer nor a gap nor options",
                raw.id.value_span,
                "write `---` and the answer below the question, or put `{{c1::…}}` around it",
            )
        )
    return Basic(
        prompt, answer, rest[1] if len(rest) > 1 else none, values.get("hint", ("",))[0]
    ), diagnostics


def _says_something(section: Section) -> bool:
    """Whether a reader would see anything: any block but a paragraph of blanks alone."""
    return any(
        block.kind != "paragraph" or block.text.replace("&nbsp;", "").strip("\u00a0 \n")
        for block in section.blocks
    )


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


def _choice(
    prompt: Section, lists: list[Block], extra: Section
) -> tuple[Content | None, list[Diagnostic]]:
    diagnostics: list[Diagnostic] = []
    block = lists[0]
    at = prompt.blocks.index(block)
    if at + 1 < len(prompt.blocks):
        stray = prompt.blocks[at + 1]
        followed = any(b.kind == "bullets" for b in prompt.blocks[at + 1 :])
        message = (
            "this ends the list of options"
            if followed
            else "nothing can stand between the options and the end of the question"
        )
        help_line = (
            "indent it by two to make it the reason of the option above, or put `---` before it"
        )
        return None, [Diagnostic("C428", message, stray.span, help_line)]
    if at == 0:
        diagnostics.append(
            Diagnostic(
                "C412",
                "the options have no question above them",
                block.span,
                "write the question, then the options",
            )
        )
    for item in block.children:
        line = item.span.text.split("\n", 1)[0]
        if not item.checked:
            form = "write `- [ ] text`, or `- [x] text` where it is right"
            message = (
                "the box of this option is not written well"
                if re.match(r"[-*+]\s+\[\s*[xX]?\s*\]", line)
                else "an option has no box"
            )
            diagnostics.append(Diagnostic("C427", message, item.span, form))
        elif not item.children[0].text.strip():
            diagnostics.append(
                Diagnostic(
                    "C427",
                    "an option has no text",
                    item.span,
                    "write the option on the line of its box",
                )
            )
    if diagnostics:
        return None, diagnostics
    options = tuple(
        Option(i.children[0], i.children[1:], i.checked == "x", i.span)
        for i in block.children
        if i.checked
    )
    question = Section(prompt.blocks[:at], prompt.span)
    return MultipleChoice(question, options, extra), diagnostics
