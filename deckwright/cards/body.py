"""The body of a card → its Content.

Gaps make a cloze card, a list with boxes a multiple-choice card, anything else a basic
card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from deckwright.cards.markdown_rules import first_line
from deckwright.core.blocks import Block, Mark
from deckwright.core.card import Basic, Cloze, Content, MultipleChoice, Option, RawCard, Section
from deckwright.core.diagnostics import Diagnostic

_MISWRITTEN_BOX = re.compile(r"[-*+]\s+\[\s*[xX]?\s*\]")


def read(
    raw: RawCard, values: Mapping[str, tuple[str, ...]]
) -> tuple[Content | None, list[Diagnostic]]:
    """Return the content of a card (None if it has none) and what is wrong with it.

    `values` is the metadata by key.
    """
    prompt, *rest = raw.sections
    if _is_empty(prompt):
        return None, list(_no_question(raw))
    gaps = tuple(mark for block in prompt.blocks for mark in block.marks if mark.kind == "gap")
    lists = [block for block in prompt.blocks if _has_boxes(block)]
    has_one_back = bool(gaps or lists)
    diagnostics = [
        *(_misplaced_hint(raw, gaps, bool(lists)) if has_one_back else ()),
        *_stray_boxes(raw, lists[0].children if lists else ()),
        *_surplus_sections(raw, 2 if has_one_back else 3),
    ]
    none = Section((), raw.span.source.span(raw.span.end, raw.span.end))
    second, third = [*rest, none, none][:2]
    if lists:
        content, problems = _multiple_choice(prompt, lists[0], second)
        return content, diagnostics + problems
    if gaps:
        return Cloze(prompt, gaps, second), diagnostics
    diagnostics.extend(_no_answer(raw, prompt, second))
    return Basic(prompt, second, third, values.get("hint", ("",))[0]), diagnostics


def _is_empty(section: Section) -> bool:
    """Return whether a reader would see nothing: no block, or only blank paragraphs."""
    return not any(
        block.kind != "paragraph" or block.text.replace("&nbsp;", "").strip("\u00a0 \n")
        for block in section.blocks
    )


def _has_boxes(block: Block) -> bool:
    return block.kind == "bullets" and any(item.checked for item in block.children)


def _no_question(raw: RawCard) -> Iterator[Diagnostic]:
    if raw.metadata_readable:  # else the question may be the line that the metadata list swallowed
        help_line = "write the question below the metadata, after a blank line"
        yield Diagnostic("C412", "the card has no question", raw.id.value_span, help_line)


def _misplaced_hint(
    raw: RawCard, gaps: tuple[Mark, ...], has_options: bool
) -> Iterator[Diagnostic]:
    hint = next((field for field in raw.metadata if field.name == "hint"), None)
    if hint:
        message = "only a basic card can have a `hint`"
        help_line = f"move the hint into its gap: `{{{{c1::answer::{hint.value}}}}}`"
        if len(gaps) == 1 and "`" not in gaps[0].text:
            gap = f"{{{{c{gaps[0].number}::{gaps[0].text}::{hint.value}}}}}"
            help_line = f"move the hint into the gap: `{gap}`"
        if has_options:
            help_line = "remove the line, because multiple-choice cards have no hints"
        yield Diagnostic("C411", message, hint.name_span, help_line)


def _stray_boxes(raw: RawCard, options: tuple[Block, ...]) -> Iterator[Diagnostic]:
    """C427: boxes outside of the options: in other lists, quotes and answers."""
    for section in raw.sections:
        for block in (inner for outer in section.blocks for inner in outer.walk()):
            if block.checked and not any(block is option for option in options):
                message = "only an option can have a checkbox"
                help_line = (
                    "write all options in one list below the question, or remove the checkbox"
                )
                yield Diagnostic("C427", message, first_line(block.span), help_line)


def _surplus_sections(raw: RawCard, most: int) -> Iterator[Diagnostic]:
    if len(raw.sections) > most:
        surplus = raw.sections[most]
        help_line = (
            "remove this line; a cloze or multiple-choice card can have only one, "
            "above its explanation"
        )
        if most > 2:
            help_line = (
                "remove this line; a basic card can have only two, "
                "one above the answer and one above the explanation"
            )
        place = surplus.opener or surplus.span
        yield Diagnostic("C410", "the card has too many `---` lines", place, help_line)


def _no_answer(raw: RawCard, prompt: Section, answer: Section) -> Iterator[Diagnostic]:
    """C401: there is neither an answer nor a gap, well written or not."""
    bad_gap = any(mark.kind == "bad-gap" for block in prompt.blocks for mark in block.marks)
    if _is_empty(answer) and not bad_gap:
        message = "the card has no answer, no gaps, and no options"
        help_line = (
            "add `---` and an answer below the question, mark a gap with `{{c1::…}}`, "
            "or list options with `- [ ]` and `- [x]`"
        )
        yield Diagnostic("C401", message, raw.id.value_span, help_line)


def _multiple_choice(
    prompt: Section, block: Block, extra: Section
) -> tuple[MultipleChoice | None, list[Diagnostic]]:
    """Return the content of a prompt that has `block` as its list of options."""
    at = prompt.blocks.index(block)
    after = prompt.blocks[at + 1 :]
    if after:
        return None, [_block_after_options(after)]
    diagnostics = []
    if at == 0:
        message = "there is no question above the options"
        help_line = (
            "write the question between the metadata and the options, "
            "with a blank line above and below it"
        )
        diagnostics.append(Diagnostic("C412", message, block.span, help_line))
    diagnostics.extend(problem for item in block.children if (problem := _bad_option(item)))
    if diagnostics:
        return None, diagnostics
    options = tuple(
        Option(item.children[0], item.children[1:], item.checked == "x", item.span)
        for item in block.children
    )
    return MultipleChoice(Section(prompt.blocks[:at], prompt.span), options, extra), []


def _block_after_options(after: tuple[Block, ...]) -> Diagnostic:
    message = "there is unindented text below the options"
    if after[0].kind == "bullets":
        message = "this list has a different marker (`-` or `*`) than the options above it"
    elif any(block.kind == "bullets" for block in after):
        message = "this line isn't indented, so it ends the list of options"
    help_line = (
        "if it is the reason for an option, indent it by two spaces; "
        "if it is an explanation, write `---` above it"
    )
    return Diagnostic("C428", message, after[0].span, help_line)


def _bad_option(item: Block) -> Diagnostic | None:
    if not item.checked:
        message = "this option has no checkbox"
        if _MISWRITTEN_BOX.match(first_line(item.span).text):
            message = "the checkbox of this option is malformed"
        help_line = "write `- [ ] text`, or `- [x] text` if it is correct"
        return Diagnostic("C427", message, item.span, help_line)
    if not item.children[0].text.strip():
        help_line = "write the text of the option on the same line as the checkbox"
        return Diagnostic("C427", "this option has no text", item.span, help_line)
    return None
