"""Stage 2: Source → RawCards. Finds headings, metadata lists and `---` lines; knows nothing of what they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from deckwright import markdown
from deckwright.diagnostic import Diagnostic, Outcome
from deckwright.model import Block, Field, RawCard, Section, Source, Span

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MAX_ID = 60
_LEFTOVER_HELP = "mend the Markdown (emphasis ends on the side of a gap where it began; a table needs its `| --- |` line), or use backticks"
_FRONT_MATTER = re.compile(r"---\n(?:[\w-]+:.*\n|\s*\n)*---\n")
_NEAR_HEADING = re.compile(r"#{1,6}[^#\s]|#{1,6}\s*\u00a0")
_BOX = re.compile(r"[-*+]\s+\[[ xX]?\](?:\s|$)")
_METADATA = re.compile(r"[-*+]\s+(?:kind|topic):\s")
_FENCED_HEADING = re.compile(r"(?m)^## [a-z0-9-]+\n\n- \w+: ")
_WORD = re.compile(r"\S{0,20}")
_UNDERLINE = re.compile(r"\n[ ]{0,3}(=+|-+)[ \t]*(?:\n|$)")
_ITEM = re.compile(r"([-*+])(\s+)([^:\s]+)(\s*):(?:[ \t]+(.*))?$")
# Control characters (C0 but tab and line feed, DEL, C1) and the marks that turn the direction of text.
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u200b\u2060\u00ad\u2028\u2029]")


def parse(source: Source) -> Outcome[RawCard]:
    """The cards of one file, in order. A card that cannot be cut out is left out, with a complaint."""
    faults = list(_hidden(source))
    if _FRONT_MATTER.match(source.text):
        help_line = "take it out: title, `## card-id`, and a list of `- key: value` lines say it all"
        return Outcome((), (*faults, Diagnostic("P202", "cards have no front matter", source.lines_span(0, 1), help_line)))
    blocks = markdown.parse(source)
    starts = [n for n, b in enumerate(blocks) if b.kind == "heading" and b.level == 2]
    faults.extend(_before_cards(source, blocks[: starts[0]] if starts else blocks, bool(starts)))
    cards: list[RawCard] = []
    for start, end in zip(starts, [*starts[1:], len(blocks)], strict=False):
        faults.extend(_card(source, blocks[start], blocks[start + 1 : end], cards))
    return Outcome(tuple(cards), tuple(faults))


def _hidden(source: Source) -> Iterator[Diagnostic]:
    for match in _HIDDEN.finditer(source.text):
        name = f"{unicodedata.name(match[0], 'control character').lower()}, U+{ord(match[0]):04X}"
        word = _WORD.match(source.text, match.end())
        help_line = f"delete it: it stands before `{word[0]}`" if word and word[0] else "delete it"
        yield Diagnostic("P213", f"here is an invisible character ({name})", source.span(match.start(), match.end()), help_line)


def _before_cards(source: Source, blocks: tuple[Block, ...], any_card: bool) -> Iterator[Diagnostic]:
    if not any_card:
        near = next(
            (b for b in blocks if (b.kind == "heading" and (b.level != 1 or ID.fullmatch(b.text))) or _NEAR_HEADING.match(b.text)), None
        )
        span = near.span if near else source.lines_span(0, len(source.starts))
        yield Diagnostic("P201", "the file holds no card", _first_line(span), "a card begins with two `#` and a blank: `## card-id`")
        return
    for number, block in enumerate(blocks):
        if block.kind == "heading" and block.level == 1 and number == 0:
            continue
        yield Diagnostic(
            "P202",
            "this stands before the first card and would be lost",
            _first_line(block.span),
            "move it into a card, below a `## card-id`",
        )


def _card(source: Source, heading: Block, blocks: tuple[Block, ...], cards: list[RawCard]) -> Iterator[Diagnostic]:
    identity = _identity(heading)
    end = blocks[-1].span.end if blocks else heading.span.end
    span = source.span(heading.span.start, end)
    ok = True
    for fault in _id_faults(identity):
        ok = False
        yield fault
    body = blocks
    metadata: tuple[Field, ...] = ()
    whole = True
    if blocks and blocks[0].kind == "bullets":
        metadata, faults = _metadata(source, blocks[0])
        yield from faults
        whole = not faults
        ok = ok and not any(_BOX.match(item.span.text) for item in blocks[0].children)
        body = blocks[1:]
    else:
        yield Diagnostic(
            "P205", "the card has no metadata list", identity.value_span, "write `- kind: …` and `- topic: …` right under the heading"
        )
        ok = False
    yield from _hidden_cards(body)
    for block in body:
        yield from _body_faults(source, block)
    if ok:
        cards.append(RawCard(identity, metadata, _sections(source, body, end), span, whole))


def _identity(heading: Block) -> Field:
    value = heading.text.strip()
    line = heading.span.text
    at = line.find(value) if value else len(line)
    span = Span(heading.span.source, heading.span.start + at, heading.span.start + at + len(value))
    return Field("id", value, heading.span, span)


def _id_faults(identity: Field) -> Iterator[Diagnostic]:
    value = identity.value
    if not value:
        yield Diagnostic("P203", "the card has no id", identity.name_span, "write `## service-subject`, as `## polly-billed-characters`")
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
        yield Diagnostic("P204", f"the card id has {len(value)} characters, more than {MAX_ID}", identity.value_span, "shorten it")


def _metadata(source: Source, block: Block) -> tuple[tuple[Field, ...], list[Diagnostic]]:
    fields: list[Field] = []
    faults: list[Diagnostic] = []
    for item in block.children:
        line = item.span.text.split("\n", 1)[0]
        match = _ITEM.match(line)
        if not match:
            faults.append(_bad_item(item, line))
            if _BOX.match(line):
                break
            continue
        if "\n" in item.span.text:
            faults.append(_stray_line(item, len(line) + 1))
            if not match[5]:
                continue
        key, value = match[3], (match[5] or "").strip()
        at = item.span.start + match.start(3)
        name_span = source.span(at, at + len(key))
        if not value:
            faults.append(Diagnostic("P206", f"`{key}` has no value", name_span, f"write `- {key}: value`, or take the line out"))
            continue
        begin = item.span.start + match.start(5) + len(match[5]) - len(match[5].lstrip())
        fields.append(Field(key, value, name_span, source.span(begin, begin + len(value))))
    return tuple(fields), faults


def _bad_item(item: Block, line: str) -> Diagnostic:
    first = Span(item.span.source, item.span.start, item.span.start + len(line))
    if _BOX.match(line):
        return Diagnostic("P206", "options cannot follow the metadata directly", first, "put the question between them")
    if glued := re.match(r"[-*+]\s+([^:\s]+:)\S", line):
        return Diagnostic("P206", f"a blank is missing after `{glued[1]}`", first, f"write `- {glued[1]} …`")
    return Diagnostic(
        "P206", "the `:` of `- key: value` is missing", first, "write `- key: value`; a list of the card's own goes below its question"
    )


def _stray_line(item: Block, at: int) -> Diagnostic:
    """A line that Markdown counts to the entry above it."""
    line = item.span.text[at:].split("\n", 1)[0]
    start = item.span.start + at + len(line) - len(line.lstrip())
    help_line = "put `- ` before it if it is an entry; put a blank line above it if it is the question; else join it to the line above"
    return Diagnostic(
        "P206", "this line is part of the entry above", item.span.source.span(start, item.span.start + at + len(line)), help_line
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


def _hidden_cards(body: tuple[Block, ...]) -> Iterator[Diagnostic]:
    """Headings that are none, and metadata without a heading: the card after would be text of this one."""
    told = False
    for block in body:
        near = block.kind == "paragraph" and _NEAR_HEADING.match(block.text)
        metadata = block.kind == "bullets" and _METADATA.match(block.span.text)
        if near:
            message = "this looks like a heading, but no blank follows the `#`"
            yield Diagnostic(
                "P214", message, _first_line(block.span), "write `## card-id` with a blank after the `##`, or begin with another sign"
            )
        elif metadata and not told:
            message = "this looks like the metadata of a card, but no heading stands above it"
            yield Diagnostic("P214", message, _first_line(block.span), "write `## card-id` above it, with a blank line before and after")
        told = bool(near)


def _body_faults(source: Source, block: Block) -> Iterator[Diagnostic]:
    """What Markdown allows and a card does not, at any depth."""
    match block.kind:
        case "heading":
            again = "one `# title` at the top of the file is enough"
            help_line = again if block.level == 1 else "make it bold, or `## card-id` if a card begins here"
            yield Diagnostic("P207", "a heading cannot stand inside a card", _first_line(block.span), help_line)
        case "indented":
            message = "so many spaces in front make this a code block"
            yield Diagnostic("P208", message, _first_line(block.span), "indent by two, or fence code with ```")
        case "rule":
            yield from _rule_faults(source, block)
        case "paragraph":
            yield from _paragraph_faults(source, block)
        case "code":
            yield from _fence_faults(block)
    if block.children:
        for child in block.children:
            yield from _body_faults(source, child)
    elif block.marks:
        yield from _mark_faults(block)


def _paragraph_faults(source: Source, block: Block) -> Iterator[Diagnostic]:
    if "\n" in block.text and (line := _UNDERLINE.search(block.span.text)):
        at = block.span.start + line.start(1)
        message = f"`{line[1]}` turns the text above into a heading on code hosts"
        yield Diagnostic("P209", message, source.span(at, at + len(line[1])), "take it out, or put a blank line above it")


def _fence_faults(block: Block) -> Iterator[Diagnostic]:
    """A fence that nothing closes takes the rest of the file, cards and all."""
    lines = block.span.text.split("\n")
    fence = re.match(r"`{3,}|~{3,}", lines[0])
    last = lines[-1].strip().lstrip("> ")
    closed = fence and len(lines) > 1 and set(last) == {fence[0][0]} and len(last) >= len(fence[0])
    if not closed or _FENCED_HEADING.search(block.text):
        message = "nothing closes this code block" if not closed else "a card stands inside this code block"
        yield Diagnostic(
            "P215", message, _first_line(block.span), f"write {fence[0] if fence else '```'} on a line of its own where the code ends"
        )


def _rule_faults(source: Source, block: Block) -> Iterator[Diagnostic]:
    if set(block.info) != {"-"}:
        message = f"`{block.span.text}` is not the line between question and answer"
        yield Diagnostic("P209", message, _first_line(block.span), "write `---`")
    elif block.span.line > 1 and source.line(block.span.line - 2).strip():
        message = "without a blank line above, `---` turns the text into a heading on code hosts"
        yield Diagnostic("P209", message, _first_line(block.span), "put a blank line above it")


def _mark_faults(block: Block) -> Iterator[Diagnostic]:
    for mark in block.marks:
        if mark.kind == "reference":
            help_line = "write the address into the link: `[text](https://…)`"
            yield Diagnostic("P210", "link definitions are not used here", mark.span, help_line)
        elif mark.kind == "html":
            yield Diagnostic("P211", f"`{mark.text}` is raw HTML", mark.span, _instead_of(mark.text))
        elif mark.kind == "surplus":
            help_line = "make room in the heading, or write a pipe that belongs to the text as `\\|`, in code too"
            yield Diagnostic("P217", "the row has more cells than the heading", mark.span, help_line)
    for kind, code in (("bad-math", "P212"), ("leftover", "P216")):
        first = next((mark for mark in block.marks if mark.kind == kind), None)
        if first and kind == "bad-math":
            yield Diagnostic(code, first.text, first.span, first.extra)
        elif first and not any(mark.kind in ("bad-gap", "surplus") for mark in block.marks):
            yield Diagnostic(code, f"`{first.text}` was not understood and would stand on the card", first.span, _LEFTOVER_HELP)


def _instead_of(tag: str) -> str:
    """What to type instead of an HTML tag."""
    name = tag.strip("</>").split()[0].lower() if tag.strip("</>").split() else ""
    if tag.startswith("<!--"):
        return "take the comment out"
    if name in ("b", "strong"):
        return "write `**…**`"
    if name in ("i", "em"):
        return "write `*…*`"
    if name == "img":
        return "write `![What it shows](img/name.svg)`"
    if name in ("br", "br/"):
        return "end the line above with a backslash, or begin a new paragraph"
    return f"write Markdown; between backticks if readers should see it: `` `{tag}` ``"


def _first_line(span: Span) -> Span:
    line = span.text.split("\n", 1)[0]
    return Span(span.source, span.start, span.start + len(line))
