"""Stage 2: Source → RawCards. Finds headings, metadata lists and `---` lines; knows nothing of what they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from deckwright import markdown
from deckwright.cards import markdown_rules
from deckwright.cards.ids import ID, MAX_ID
from deckwright.core.blocks import Block
from deckwright.core.card import Field, RawCard, Section
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.source import Source, Span

_FRONT_MATTER = re.compile(r"---\n(?:[\w-]+:.*\n|\s*\n)*---\n")
_OURS, _THEIRS = re.compile(r"(?m)^<{7} .*$"), re.compile(r"(?m)^>{7} ")
_BOX = re.compile(r"[-*+]\s+\[[ xX]?\](?:\s|$)")
_WORD = re.compile(r"\S{0,20}")
# What can only be a line of metadata, whatever stands in front of it.
_STRAY = re.compile(
    r"\s*(?:[-*+]|\d{1,3}[.)])?\s*(source(?=:\s+https?://)|checked(?=:\s+\d{4})"
    r"|(?:kind|topic|also|exam|status|hint|evidence|fact|compare|not-duplicate-of|allow)(?=:\s+\S)):"
)
_ITEM = re.compile(r"([-*+])(\s+)([^:\s]+)(\s*):(?:[ \t]+(.*))?$")
# Control characters (C0 but tab and line feed, DEL, C1) and the marks that turn the direction of text.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u200b\u2060\u00ad\u2028\u2029]"
)


def parse(source: Source) -> Outcome[RawCard]:
    """The cards of one file, in order, with complaints. A card whose options follow its heading cannot be cut out, and is left out."""
    diagnostics = list(_hidden(source))
    if _FRONT_MATTER.match(source.text):
        help_line = (
            "take it out: title, `## card-id`, and a list of `- key: value` lines say it all"
        )
        return Outcome(
            (),
            (
                *diagnostics,
                Diagnostic(
                    "P202", "cards have no front matter", source.lines_span(0, 1), help_line
                ),
            ),
        )
    conflicts = list(_OURS.finditer(source.text))
    if conflicts and _THEIRS.search(source.text, conflicts[0].end()):
        help_line = "keep what is right of the two sides, and take the lines of `<<<<<<<`, `=======` and `>>>>>>>` out"
        spans = (source.span(match.start(), match.end()) for match in conflicts)
        return Outcome(
            (),
            (
                *diagnostics,
                *(
                    Diagnostic("P218", "a merge left both sides here", span, help_line)
                    for span in spans
                ),
            ),
        )
    blocks = markdown.parse(source)
    starts = [n for n, b in enumerate(blocks) if b.kind == "heading" and b.level == 2]
    diagnostics.extend(
        _before_cards(source, blocks[: starts[0]] if starts else blocks, bool(starts))
    )
    cards: list[RawCard] = []
    for start, end in zip(starts, [*starts[1:], len(blocks)], strict=False):
        diagnostics.extend(_card(source, blocks[start], blocks[start + 1 : end], cards))
    return Outcome(tuple(cards), tuple(diagnostics))


def _hidden(source: Source) -> Iterator[Diagnostic]:
    for match in _HIDDEN.finditer(source.text):
        name = f"{unicodedata.name(match[0], 'control character').lower()}, U+{ord(match[0]):04X}"
        word = _WORD.match(source.text, match.end())
        help_line = f"delete it: it stands before `{word[0]}`" if word and word[0] else "delete it"
        yield Diagnostic(
            "P213",
            f"here is an invisible character ({name})",
            source.span(match.start(), match.end()),
            help_line,
            (),
            "",
        )


def _before_cards(
    source: Source, blocks: tuple[Block, ...], any_card: bool
) -> Iterator[Diagnostic]:
    if not any_card:
        near = next(
            (
                b
                for b in blocks
                if (b.kind == "heading" and (b.level != 1 or ID.fullmatch(b.text)))
                or markdown_rules.NEAR_HEADING.match(b.text)
            ),
            None,
        )
        span = near.span if near else source.lines_span(0, len(source.starts))
        yield Diagnostic(
            "P201",
            "the file holds no card",
            markdown_rules.first_line(span),
            "a card begins with two `#` and a blank: `## card-id`",
        )
        return
    for number, block in enumerate(blocks):
        if block.kind == "heading" and block.level == 1 and number == 0:
            continue
        yield Diagnostic(
            "P202",
            "this stands before the first card and would be lost",
            markdown_rules.first_line(block.span),
            "move it into a card, below a `## card-id`",
        )


def _card(
    source: Source, heading: Block, blocks: tuple[Block, ...], cards: list[RawCard]
) -> Iterator[Diagnostic]:
    identity = _identity(heading)
    end = blocks[-1].span.end if blocks else heading.span.end
    span = source.span(heading.span.start, end)
    nameless = list(_id_diagnostics(identity))
    yield from nameless
    body = blocks
    metadata: tuple[Field, ...] = ()
    whole, sound, cut = True, not nameless, True
    if blocks and blocks[0].kind == "bullets":
        metadata, diagnostics = _metadata(source, blocks[0])
        yield from diagnostics
        whole = not diagnostics
        cut = not any(_BOX.match(item.span.text) for item in blocks[0].children)
        body = blocks[1:]
    else:
        yield Diagnostic(
            "P205",
            "the card has no metadata list",
            identity.value_span,
            "write `- kind: …` and `- topic: …` right under the heading",
        )
        whole = sound = False
    yield from _strays(source, body, sound)
    yield from markdown_rules.diagnose(source, body)
    if cut:
        cards.append(RawCard(identity, metadata, _sections(source, body, end), span, whole, sound))


def _identity(heading: Block) -> Field:
    value = heading.text.strip()
    line = heading.span.text
    at = line.find(value) if value else len(line)
    span = Span(heading.span.source, heading.span.start + at, heading.span.start + at + len(value))
    return Field("id", value, heading.span, span)


def _id_diagnostics(identity: Field) -> Iterator[Diagnostic]:
    value = identity.value
    if not value:
        yield Diagnostic(
            "P203",
            "the card has no id",
            identity.name_span,
            "write `## service-subject`, as `## polly-billed-characters`",
        )
    elif not ID.fullmatch(value):
        plain = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
        plain = plain if ID.fullmatch(plain) else "card-" + plain if plain else "service-subject"
        yield Diagnostic(
            "P204",
            f"`{value}` is not a card id",
            identity.value_span,
            f"write `## {plain}`: small letters, digits and single hyphens, a letter first",
        )
    elif len(value) > MAX_ID:
        yield Diagnostic(
            "P204",
            f"the card id has {len(value)} characters, more than {MAX_ID}",
            identity.value_span,
            "shorten it",
        )


def _metadata(source: Source, block: Block) -> tuple[tuple[Field, ...], list[Diagnostic]]:
    fields: list[Field] = []
    diagnostics: list[Diagnostic] = []
    for item in block.children:
        line = item.span.text.split("\n", 1)[0]
        match = _ITEM.match(line)
        if not match:
            diagnostics.append(_bad_item(item, line))
            if _BOX.match(line):
                break
            continue
        if "\n" in item.span.text:
            diagnostics.append(_stray_line(item, len(line) + 1))
            if not match[5]:
                continue
        key, value = match[3], (match[5] or "").strip()
        at = item.span.start + match.start(3)
        name_span = source.span(at, at + len(key))
        if not value:
            diagnostics.append(
                Diagnostic(
                    "P206",
                    f"`{key}` has no value",
                    name_span,
                    f"write `- {key}: value`, or take the line out",
                )
            )
            continue
        begin = item.span.start + match.start(5) + len(match[5]) - len(match[5].lstrip())
        fields.append(Field(key, value, name_span, source.span(begin, begin + len(value))))
    return tuple(fields), diagnostics


def _bad_item(item: Block, line: str) -> Diagnostic:
    first = Span(item.span.source, item.span.start, item.span.start + len(line))
    if _BOX.match(line):
        return Diagnostic(
            "P206",
            "options cannot follow the metadata directly",
            first,
            "put the question between them",
        )
    if glued := re.match(r"[-*+]\s+([^:\s]+:)\S", line):
        return Diagnostic(
            "P206", f"a blank is missing after `{glued[1]}`", first, f"write `- {glued[1]} …`"
        )
    return Diagnostic(
        "P206",
        "the `:` of `- key: value` is missing",
        first,
        "write `- key: value`; a list of the card's own goes below its question",
    )


def _strays(source: Source, body: tuple[Block, ...], listed: bool) -> Iterator[Diagnostic]:
    """Lines of metadata that stand outside of the list, and would be text of the card. Where the card has no list (`listed`), that is said
    already; a list of kind and topic is another card's."""
    for block in body if listed else ():
        pieces = (
            block.children
            if block.kind in ("bullets", "numbers")
            else (block,)
            if block.kind == "paragraph"
            else ()
        )
        found = [(piece, match) for piece in pieces if (match := _STRAY.match(piece.span.text))]
        if {match[1] for _, match in found} >= {"kind", "topic"}:
            continue
        for piece, match in found:
            if len(found) == len(pieces) or match[1] in ("source", "checked"):
                at = piece.span.start + match.start(1)
                help_line = f"write it as `- {match[1]}: …` in the list right under the heading, with no blank line and no other sign before it"
                yield Diagnostic(
                    "P206",
                    f"this `{match[1]}` stands outside of the card's list",
                    source.span(at, at + len(match[1])),
                    help_line,
                )


def _stray_line(item: Block, at: int) -> Diagnostic:
    """A line that Markdown counts to the entry above it: the next one, or an indented one behind a blank line."""
    apart = not item.span.text[at:].split("\n", 1)[0].strip()
    while not (line := item.span.text[at:].split("\n", 1)[0]).strip() and at + len(line) < len(
        item.span.text
    ):
        at += len(line) + 1
    start = item.span.start + at + len(line) - len(line.lstrip())
    if apart:
        span = item.span.source.span(start, item.span.start + at + len(line))
        return Diagnostic(
            "P206",
            "this line is indented, so it is part of the entry above",
            span,
            "take the blanks in front of it out",
        )
    help_line = "put `- ` before it if it is an entry; put a blank line above it if it is the question; else join it to the line above"
    return Diagnostic(
        "P206",
        "this line is part of the entry above",
        item.span.source.span(start, item.span.start + at + len(line)),
        help_line,
    )


def _sections(source: Source, blocks: tuple[Block, ...], end: int) -> tuple[Section, ...]:
    """The body cut at its `---` lines: always at least one section."""
    sections: list[Section] = []
    run: list[Block] = []
    start, opener = blocks[0].span.start if blocks else end, None
    for block in blocks:
        if block.kind == "rule":
            sections.append(_section(source, run, start, opener))
            run, start, opener = [], block.span.end, block.span
        else:
            run.append(block)
    sections.append(_section(source, run, start, opener))
    return tuple(sections)


def _section(source: Source, run: list[Block], start: int, opener: Span | None) -> Section:
    if run:
        return Section(tuple(run), source.span(run[0].span.start, run[-1].span.end), opener)
    return Section((), source.span(start, start), opener)
