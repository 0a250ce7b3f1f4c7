"""Source → RawCards, by headings, metadata lists and `---` lines.

What metadata and text mean is not checked here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from deckwright import markdown
from deckwright.cards import markdown_rules
from deckwright.cards.ids import ID, MAX_ID, slug
from deckwright.cards.markdown_rules import first_line
from deckwright.cards.sections import headings
from deckwright.core.blocks import Block
from deckwright.core.card import MetadataLine, RawCard, Section
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.source import Source, Span

MAX_CARD = 20_000  # characters; the longest card of a real deck has some 2,000

_FRONT_MATTER = re.compile(r"---\n(?:[\w-]+:.*\n|[^\S\n]*\n)*---\n")
_OURS, _THEIRS = re.compile(r"(?m)^<{7} .*$"), re.compile(r"(?m)^>{7} ")
_BOX = re.compile(r"[-*+]\s+\[[ xX]?\](?:\s|$)")
_WORD = re.compile(r"\S{0,20}")
_OTHER_KEYS = (  # of metadata, besides source and checked
    "kind|topic|level|also|exam|tags|status|hint|evidence|shared-value|compare"
    "|not-duplicate-of|allow"
)
# What can only be a line of metadata, whatever sign is before it.
_STRAY = re.compile(
    r"\s*(?:[-*+]|\d{1,3}[.)])?\s*(source(?=:\s+https?://)|checked(?=:\s+\d{4})"
    rf"|(?:{_OTHER_KEYS})(?=:\s+\S)):"
)
_NO_COLON = re.compile(rf"[-*+]\s+(source|checked|{_OTHER_KEYS})\s+(\S.*)")
_ITEM = re.compile(r"([-*+])(\s+)(?P<key>[^:\s]+)(\s*):(?:[ \t]+(?P<value>.*))?$")
_NO_BLANK = re.compile(r"[-*+]\s+([^:\s]+:)\S")
# Control characters (C0 except tab and line feed, DEL, C1) and marks that turn the direction of
# text or take no space.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ufeff\u200b\u2060\u00ad\u2028\u2029]"
)


def parse(source: Source) -> Outcome[tuple[RawCard, ...]]:
    """Return the cards of one file, in order, and what is wrong with their structure.

    A card whose options directly follow its heading is left out: where its metadata
    ends is not clear.
    """
    diagnostics = list(_hidden_characters(source))
    if unreadable := list(_unreadable(source)):
        return Outcome((), (*diagnostics, *unreadable))
    blocks = markdown.parse(source)
    starts = [n for n, b in enumerate(blocks) if b.kind == "heading" and b.level == 2]
    if starts:
        diagnostics.extend(_before_cards(blocks[: starts[0]]))
    else:
        diagnostics.append(_no_card(source, blocks))
    cards: list[RawCard] = []
    for start, end in zip(starts, [*starts[1:], len(blocks)], strict=False):
        card, problems = _parsed_card(source, blocks[start], blocks[start + 1 : end])
        diagnostics.extend(problems)
        if card:
            cards.append(card)
    return Outcome(tuple(cards), tuple(diagnostics))


def _hidden_characters(source: Source) -> Iterator[Diagnostic]:
    """P213: an invisible character."""
    for match in _HIDDEN.finditer(source.text):
        name = f"{unicodedata.name(match[0], 'control character').lower()}, U+{ord(match[0]):04X}"
        word = _WORD.match(source.text, match.end())
        help_line = "delete the character"
        if word and word[0]:
            help_line += f", which is right before `{word[0]}`"
        message = f"there is an invisible character here ({name})"
        place = source.span(match.start(), match.end())
        yield Diagnostic("P213", message, place, help_line, replacement="")


def _unreadable(source: Source) -> Iterator[Diagnostic]:
    """P202, P218, D101: front matter, both sides of a merge, or a card that is too large.

    Then no card of the file is read.
    """
    if _FRONT_MATTER.match(source.text):
        place = source.lines_span(0, 1)
        help_line = "remove the front matter; each card has its own list of `- key: value` lines"
        yield Diagnostic("P202", "a card file can't have front matter", place, help_line)
        return
    conflicts = list(_OURS.finditer(source.text))
    if conflicts and _THEIRS.search(source.text, conflicts[0].end()):
        help_line = (
            "keep the lines that are right, "
            "and remove the `<<<<<<<`, `=======`, and `>>>>>>>` lines"
        )
        for match in conflicts:
            place = source.span(match.start(), match.end())
            yield Diagnostic("P218", "there is an unresolved merge conflict here", place, help_line)
    yield from _too_large(source)


def _too_large(source: Source) -> Iterator[Diagnostic]:
    """D101: a card, or the text above the first, that would take long to parse.

    The parser looks for the end of a link or a gap from every beginning again, so its time
    grows faster than the length of a paragraph.
    """
    if len(source.text) <= MAX_CARD:
        return
    starts = [at for at, _ in headings(source.text)]
    for start, end in zip([0, *starts], [*starts, len(source.text)], strict=True):
        if end - start > MAX_CARD:
            what = "this card" if start in starts else "the text above the first card"
            message = f"{what} has {end - start:,} characters; the maximum is {MAX_CARD:,}"
            help_line = "shorten the card, or split it into several"
            if start not in starts:
                help_line = "remove the text; begin each card with `## card-id`"
            place = first_line(source.span(start, end))
            yield Diagnostic("D101", message, place, help_line)


def _no_card(source: Source, blocks: tuple[Block, ...]) -> Diagnostic:
    """P201: a file without a card; what looks like its heading is the place."""
    near = next((block for block in blocks if _is_near_card(block)), None)
    span = near.span if near else source.lines_span(0, len(source.starts))
    words = first_line(near.span).text.strip("# \t\u00a0") if near else ""
    heading = f"## {words}" if ID.fullmatch(words) else "## card-id"
    help_line = f"write `{heading}`: a card begins with two `#`, a space, and its ID"
    return Diagnostic("P201", "the file contains no card", first_line(span), help_line)


def _is_near_card(block: Block) -> bool:
    if block.kind == "heading" and (block.level != 1 or ID.fullmatch(block.text)):
        return True
    return markdown_rules.NEAR_HEADING.match(block.text) is not None


def _before_cards(blocks: tuple[Block, ...]) -> Iterator[Diagnostic]:
    """P202: anything but a title before the first card."""
    for number, block in enumerate(blocks):
        if not (number == 0 and block.kind == "heading" and block.level == 1):
            message = "this text is above the first card and would be lost"
            help_line = "move it into a card, below the heading `## card-id`"
            yield Diagnostic("P202", message, first_line(block.span), help_line)


def _parsed_card(
    source: Source, heading: Block, blocks: tuple[Block, ...]
) -> tuple[RawCard | None, list[Diagnostic]]:
    """Return the card of a heading and its blocks, and what is wrong with it."""
    end = blocks[-1].span.end if blocks else heading.span.end
    identity = _identity(heading)
    diagnostics = list(_id_diagnostics(identity))
    has_list = bool(blocks) and blocks[0].kind == "bullets"
    usable = has_list and not diagnostics
    metadata: tuple[MetadataLine, ...] = ()
    whole = can_be_cut = True
    if has_list:
        metadata, problems = _metadata(source, blocks[0])
        diagnostics.extend(problems)
        whole = not problems
        can_be_cut = not any(_BOX.match(item.span.text) for item in blocks[0].children)
        blocks = blocks[1:]
    else:
        message = "the card has no metadata list"
        help_line = "write `- kind: …` and `- topic: …` right under the heading"
        diagnostics.append(Diagnostic("P205", message, identity.value_span, help_line))
        whole = False
    if usable:
        diagnostics.extend(_stray_metadata(source, blocks))
    diagnostics.extend(markdown_rules.diagnose(source, blocks))
    if not can_be_cut:
        return None, diagnostics
    span = source.span(heading.span.start, end)
    card = RawCard(identity, metadata, _sections(source, blocks, end), span, whole, usable)
    return card, diagnostics


def _identity(heading: Block) -> MetadataLine:
    """Return the id, with the heading as the place of its name."""
    value = heading.text.strip()
    line = heading.span.text
    at = line.find(value) if value else len(line)
    start = heading.span.start + max(at, 0)  # Markdown replaces U+0000, so it may not be there
    end = min(start + len(value), heading.span.end)
    return MetadataLine("id", value, heading.span, Span(heading.span.source, start, end))


def _id_diagnostics(identity: MetadataLine) -> Iterator[Diagnostic]:
    """P203, P204: no id, or one that is not well formed."""
    value = identity.value
    if not value:
        help_line = "write `## service-subject`, such as `## polly-billed-characters`"
        yield Diagnostic("P203", "the card has no ID", identity.name_span, help_line)
    elif not ID.fullmatch(value):
        plain = slug(value)
        if not ID.fullmatch(plain):
            plain = f"card-{plain}" if plain else "service-subject"
        message = f"`{value}` isn't a valid card ID"
        form = "use lowercase letters, digits, and single hyphens, and start with a letter"
        yield Diagnostic("P204", message, identity.value_span, f"write `## {plain}`; {form}")
    elif len(value) > MAX_ID:
        message = f"the card ID has {len(value)} characters; the maximum is {MAX_ID}"
        yield Diagnostic(
            "P204", message, identity.value_span, f"shorten it to {MAX_ID} characters or fewer"
        )


def _metadata(source: Source, block: Block) -> tuple[tuple[MetadataLine, ...], list[Diagnostic]]:
    """Return the fields of a metadata list, and P206 for each line that is none."""
    fields: list[MetadataLine] = []
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
            diagnostics.append(_continued_item(item, len(line) + 1))
            if not match["value"]:
                continue
        key, value = match["key"], (match["value"] or "").strip()
        start = item.span.start + match.start("key")
        name_span = source.span(start, start + len(key))
        if not value:
            help_line = f"write `- {key}: value`, or remove the line"
            diagnostics.append(Diagnostic("P206", f"`{key}` has no value", name_span, help_line))
            continue
        start = item.span.start + line.index(value, match.start("value"))
        fields.append(MetadataLine(key, value, name_span, source.span(start, start + len(value))))
    return tuple(fields), diagnostics


def _bad_item(item: Block, line: str) -> Diagnostic:
    message = "there is no `:` in this metadata line"
    help_line = "write `- key: value`; a list that belongs to the text goes below the question"
    fixed = None
    if _BOX.match(line):
        message = "options can't follow the metadata directly"
        help_line = (
            "write the question between the metadata and the options, "
            "with a blank line above and below it"
        )
    elif known := _NO_COLON.match(line):
        message = f"there is no `:` after `{known[1]}`"
        help_line = f"write `- {known[1]}: {known[2]}`"
    elif key := _NO_BLANK.match(line):
        message = f"there is no space after `{key[1]}`"
        help_line = f"write `- {key[1]} …`"
        fixed = f"{line[: key.end(1)]} {line[key.end(1) :].lstrip()}"
    return Diagnostic("P206", message, first_line(item.span), help_line, replacement=fixed)


def _continued_item(item: Block, at: int) -> Diagnostic:
    """Report the line at offset `at` of an item, which Markdown counts to its entry.

    That is the next line, or an indented one after blank lines.
    """
    text = item.span.text
    line = text[at:].split("\n", 1)[0]
    after_blank_line = not line.strip()
    while not line.strip() and at + len(line) < len(text):
        at += len(line) + 1
        line = text[at:].split("\n", 1)[0]
    end = item.span.start + at + len(line)
    place = item.span.source.span(end - len(line.lstrip()), end)
    if after_blank_line:
        message = "this line is indented, so it continues the metadata entry above"
        return Diagnostic("P206", message, place, "remove the spaces at its start")
    help_line = (
        "put `- ` before it if it is an entry, or a blank line above it if it is the question; "
        "otherwise, join it to the line above"
    )
    return Diagnostic("P206", "this line continues the entry above", place, help_line)


def _stray_metadata(source: Source, body: tuple[Block, ...]) -> Iterator[Diagnostic]:
    """P206: metadata outside of the card's list, which would be text of the card.

    A list with kind and topic belongs to another card: P214.
    """
    for block in body:
        pieces: tuple[Block, ...] = ()
        if block.kind in ("bullets", "numbers"):
            pieces = block.children
        elif block.kind == "paragraph":
            pieces = (block,)
        found = [(piece, match) for piece in pieces if (match := _STRAY.match(piece.span.text))]
        if {match[1] for _, match in found} >= {"kind", "topic"}:
            continue
        for piece, match in found:
            if len(found) < len(pieces) and match[1] not in ("source", "checked"):
                continue
            start = piece.span.start + match.start(1)
            message = f"this `{match[1]}` is outside the metadata list"
            help_line = (
                f"move it, as `- {match[1]}: …`, to the list right under the heading, "
                "without a blank line above it"
            )
            yield Diagnostic("P206", message, source.span(start, start + len(match[1])), help_line)


def _sections(source: Source, blocks: tuple[Block, ...], end: int) -> tuple[Section, ...]:
    """Return the body cut at its `---` lines: always at least one section."""
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
