"""Markdown that a card must not have, because it would not reach the learner."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckwright.core.blocks import Block, Mark
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Source, Span

NEAR_HEADING = re.compile(r"#{2,6}[^#\s]|#{1,6}\s*\u00a0")

_LEFTOVER_HELP = {
    "**": (
        "write `**` before and after the words, both inside or both outside a gap; "
        "if you mean the characters, write `\\*\\*`"
    ),
    "~~": "write `~~` before and after the words; if you mean the characters, write `\\~\\~`",
    "](": (
        "write a link as `[text](https://…)`, with nothing between `]` and `(` "
        "and no space in the address"
    ),
    "![[": "write an image as `![What it shows](img/name.svg)`",
    "`": "write a second backtick where the code ends; if you mean the character, write `` \\` ``",
}
_IN_WORD_HELP = (
    "put the emphasis around the whole word; if you mean the characters, put them in backticks"
)
_METADATA = re.compile(r"(?m)^[-*+]\s+(kind|topic):\s")
_DASHES = re.compile(r"(?:\\?-{2,}|[—–])(?:$|\s*\n)|---")
_FENCED_CARD = re.compile(r"(?m)^## [a-z0-9-]+\n\n- \w+: ")
_FENCE_END = re.compile(r"[>\s]*(?:`{3,}|~{3,})\s*")
_FENCE = re.compile(r"[>\s]*(`{3,}|~{3,})")
_UNDERLINE = re.compile(r"\n[ ]{0,3}(=+|-+)[ \t]*(?:\n|$)")


def diagnose(source: Source, body: tuple[Block, ...]) -> Iterator[Diagnostic]:
    """Yield everything that is wrong with the blocks below a card's metadata."""
    yield from _hidden_cards(body)
    for block in body:
        yield from _block_diagnostics(source, block)


def first_line(span: Span) -> Span:
    """Return the part of a span on its first line."""
    line = span.text.split("\n", 1)[0]
    return Span(span.source, span.start, span.start + len(line))


def _hidden_cards(body: tuple[Block, ...]) -> Iterator[Diagnostic]:
    """P214: the next card is hidden by a bad heading, or has no heading."""
    reported = False
    for block in body:
        near = block.kind == "paragraph" and bool(NEAR_HEADING.match(block.text))
        if near:
            message = "this looks like a heading, but there is no space after the `#`"
            if "\u00a0" in block.text[:7]:
                message = "this looks like a heading, but the space after the `#` is nonbreaking"
            words = first_line(block.span).text.strip("# \t\u00a0") or "card-id"
            help_line = (
                f"write `## {words}`; if this isn't a heading, begin the line with a backslash"
            )
            yield Diagnostic("P214", message, first_line(block.span), help_line)
        elif not reported and _is_metadata(block):
            message = "this looks like the metadata of a card, but there is no heading above it"
            help_line = "write `## card-id` above it, with a blank line before and after"
            yield Diagnostic("P214", message, first_line(block.span), help_line)
        reported = near


def _is_metadata(block: Block) -> bool:
    if block.kind != "bullets":
        return False
    return {match[1] for match in _METADATA.finditer(block.span.text)} == {"kind", "topic"}


def _block_diagnostics(source: Source, block: Block, nested: bool = False) -> Iterator[Diagnostic]:
    """Yield what is wrong with a block and the blocks inside it."""
    match block.kind:
        case "heading":
            yield _heading(block)
        case "indented":
            message = "the indentation turns this text into a code block"
            what = "indent the text by two spaces" if nested else "remove the indentation"
            help_line = f"{what}; if the text is code, put it between ``` lines"
            yield Diagnostic("P208", message, first_line(block.span), help_line)
        case "rule":
            yield from _rule_diagnostics(source, block, nested)
        case "paragraph":
            yield from _paragraph_diagnostics(source, block)
        case "code":
            yield from _fence_diagnostics(block)
    if block.children:
        for child in block.children:
            yield from _block_diagnostics(source, child, nested=True)
    elif block.marks:
        yield from _mark_diagnostics(block.marks)


def _heading(block: Block) -> Diagnostic:
    help_line = "use bold text instead, or write `## card-id` if a new card begins here"
    if block.level == 1:
        help_line = "use bold text instead; a file can have only one `# title`, at the top"
    message = "a heading can't be inside a card"
    return Diagnostic("P207", message, first_line(block.span), help_line)


def _rule_diagnostics(source: Source, block: Block, nested: bool) -> Iterator[Diagnostic]:
    """P209: a `---` separates no sections, or would make a heading on GitHub."""
    place = first_line(block.span)
    if nested:
        message = "a separator can't be inside a list or quote"
        help_line = "move it below the list or quote, without indentation"
        yield Diagnostic("P209", message, place, help_line)
    elif set(block.info) != {"-"}:
        message = f"`{block.span.text}` doesn't separate question and answer"
        yield Diagnostic("P209", message, place, "write `---`", replacement="---")
    elif block.span.line > 1 and source.line(block.span.line - 2).strip():
        message = "without a blank line above it, `---` turns the text into a heading on GitHub"
        fixed = "\n" + place.text
        yield Diagnostic("P209", message, place, "put a blank line above `---`", replacement=fixed)


def _paragraph_diagnostics(source: Source, block: Block) -> Iterator[Diagnostic]:
    """P209: a paragraph looks like `---`, or a line underlines the one above."""
    if _DASHES.match(block.text):
        message = "this line doesn't separate question and answer"
        help_line = "write `---`, three hyphens and nothing else, on a separate line"
        yield Diagnostic("P209", message, first_line(block.span), help_line)
    elif "\n" in block.text and (line := _UNDERLINE.search(block.span.text)):
        message = f"`{line[1]}` turns the text above it into a heading on GitHub"
        place = source.span(block.span.start + line.start(1), block.span.start + line.end(1))
        help_line = f"remove `{line[1]}`; if it is the separator, write `---` below a blank line"
        yield Diagnostic("P209", message, place, help_line)


def _fence_diagnostics(block: Block) -> Iterator[Diagnostic]:
    """P215: a code fence is not closed, and swallows the rest of the file."""
    lines = block.span.text.split("\n")
    closed = len(lines) > 1 and _FENCE_END.fullmatch(lines[-1])
    if closed and not _FENCED_CARD.search(block.text):
        return
    message = "there is a card inside this code block" if closed else "this code block isn't closed"
    fence = _FENCE.match(lines[0])
    help_line = f"write {fence[1] if fence else '```'} on a separate line where the code ends"
    yield Diagnostic("P215", message, first_line(block.span), help_line)


def _mark_diagnostics(marks: tuple[Mark, ...]) -> Iterator[Diagnostic]:
    """P210, P211, P217, P219; of P212 and P216 only the first of a block."""
    tex_messages: set[str] = set()  # each is reported once in a block
    for mark in marks:
        if mark.kind == "reference":
            help_line = "put the URL in the link itself: `[text](https://…)`"
            message = "a card can't contain a link definition"
            yield Diagnostic("P210", message, mark.span, help_line)
        elif mark.kind == "html":
            message = f"`{mark.text}` is raw HTML"
            yield Diagnostic("P211", message, mark.span, _markdown_for(mark.text))
        elif mark.kind == "surplus":
            message = "this table row has more cells than the header"
            help_line = (
                "write a pipe that belongs to the text as `\\|`, even in code, "
                "or add a column to the header and to the `| --- |` line below it"
            )
            yield Diagnostic("P217", message, mark.span, help_line)
        elif mark.kind == "bad-tex" and mark.text not in tex_messages:
            tex_messages.add(mark.text)
            yield Diagnostic("P219", mark.text, mark.span, mark.extra)
    first: dict[str, Mark] = {}
    for mark in marks:
        first.setdefault(mark.kind, mark)
    if bad_math := first.get("bad-math"):
        yield Diagnostic("P212", bad_math.text, bad_math.span, bad_math.extra)
    leftover = first.get("leftover")
    if leftover and "bad-gap" not in first and "surplus" not in first:
        what = "this unpaired backtick" if leftover.text == "`" else f"`{leftover.text}`"
        message = leftover.extra or f"{what} has no effect and would appear on the card as typed"
        yield Diagnostic("P216", message, leftover.span, _leftover_help(leftover))


def _leftover_help(leftover: Mark) -> str:
    """Return what to write instead of Markdown that has no effect."""
    if leftover.extra:
        return _IN_WORD_HELP
    if leftover.text.startswith("|"):
        columns = len(re.findall(r"(?<!\\)\|", leftover.text)) - 1
        return f"write `|{' --- |' * columns}` on the line below the header of the table"
    return _LEFTOVER_HELP[leftover.text]


def _markdown_for(tag: str) -> str:
    """Return what to type instead of an HTML tag."""
    words = tag.strip("</>").split()
    name = words[0].lower() if words else ""
    if tag.startswith("<!--"):
        return "remove the comment"
    if name in ("b", "strong"):
        return "for bold text, write `**text**`"
    if name in ("i", "em"):
        return "for italic text, write `*text*`"
    if name == "img":
        return "write `![What it shows](img/name.svg)`"
    if name in ("br", "br/"):
        return "end the line above with a backslash, or begin a new paragraph"
    if name in ("sub", "sup"):
        return "write a formula, as in `$H_2O$` or `$10^6$`"
    return f"remove the tag, or use Markdown instead; to show the tag, write `` `{tag}` ``"
