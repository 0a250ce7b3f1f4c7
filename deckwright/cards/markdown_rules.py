"""What Markdown allows and a card does not: complaints about the blocks of a card's body, whatever they say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckwright.core.blocks import Block
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Source, Span

_LEFTOVER_HELP = "mend the Markdown (emphasis ends on the side of a gap where it began; a table needs its `| --- |` line), or use backticks"
NEAR_HEADING = re.compile(r"#{2,6}[^#\s]|#{1,6}\s*\u00a0")
_METADATA = re.compile(r"(?m)^[-*+]\s+(kind|topic):\s")
_DASHES = re.compile(r"(?:\\?-{2,}|[—–])(?:$|\s*\n)|---")
_FENCED_HEADING = re.compile(r"(?m)^## [a-z0-9-]+\n\n- \w+: ")
_UNDERLINE = re.compile(r"\n[ ]{0,3}(=+|-+)[ \t]*(?:\n|$)")


def diagnose(source: Source, body: tuple[Block, ...]) -> Iterator[Diagnostic]:
    """Everything about the blocks below a card's metadata that would not reach the learner as it was meant."""
    yield from _hidden_cards(body)
    for block in body:
        yield from _body_diagnostics(source, block)


def first_line(span: Span) -> Span:
    """The part of a span that stands on its first line."""
    line = span.text.split("\n", 1)[0]
    return Span(span.source, span.start, span.start + len(line))


def _hidden_cards(body: tuple[Block, ...]) -> Iterator[Diagnostic]:
    """Headings that are none, and metadata without a heading: the card after would be text of this one."""
    told = False
    for block in body:
        near = block.kind == "paragraph" and NEAR_HEADING.match(block.text)
        metadata = block.kind == "bullets" and {
            m[1] for m in _METADATA.finditer(block.span.text)
        } == {"kind", "topic"}
        if near:
            message = "this looks like a heading, but no blank follows the `#`"
            yield Diagnostic(
                "P214",
                message,
                first_line(block.span),
                "write `## card-id` with a blank after the `##`, or begin with another sign",
            )
        elif metadata and not told:
            message = "this looks like the metadata of a card, but no heading stands above it"
            yield Diagnostic(
                "P214",
                message,
                first_line(block.span),
                "write `## card-id` above it, with a blank line before and after",
            )
        told = bool(near)


def _body_diagnostics(source: Source, block: Block, nested: bool = False) -> Iterator[Diagnostic]:
    """What Markdown allows and a card does not, at any depth."""
    match block.kind:
        case "heading":
            again = "one `# title` at the top of the file is enough"
            help_line = (
                again if block.level == 1 else "make it bold, or `## card-id` if a card begins here"
            )
            yield Diagnostic(
                "P207", "a heading cannot stand inside a card", first_line(block.span), help_line
            )
        case "indented":
            message = "so many spaces in front make this a code block"
            yield Diagnostic(
                "P208", message, first_line(block.span), "indent by two, or fence code with ```"
            )
        case "rule":
            yield from _rule_diagnostics(source, block, nested)
        case "paragraph":
            yield from _paragraph_diagnostics(source, block)
        case "code":
            yield from _fence_diagnostics(block)
    if block.children:
        for child in block.children:
            yield from _body_diagnostics(source, child, nested=True)
    elif block.marks:
        yield from _mark_diagnostics(block)


def _paragraph_diagnostics(source: Source, block: Block) -> Iterator[Diagnostic]:
    if _DASHES.match(block.text):
        message = "this is not the line between question and answer"
        yield Diagnostic(
            "P209",
            message,
            first_line(block.span),
            "write `---`, three hyphens and nothing else, on a line of its own",
        )
    elif "\n" in block.text and (line := _UNDERLINE.search(block.span.text)):
        at = block.span.start + line.start(1)
        message = f"`{line[1]}` turns the text above into a heading on code hosts"
        yield Diagnostic(
            "P209",
            message,
            source.span(at, at + len(line[1])),
            "take it out, or put a blank line above it",
        )


def _fence_diagnostics(block: Block) -> Iterator[Diagnostic]:
    """A fence that nothing closes takes the rest of the file, cards and all."""
    lines = block.span.text.split("\n")
    closed = len(lines) > 1 and re.fullmatch(r"[>\s]*(?:`{3,}|~{3,})\s*", lines[-1])
    if not closed or _FENCED_HEADING.search(block.text):
        message = (
            "nothing closes this code block"
            if not closed
            else "a card stands inside this code block"
        )
        yield Diagnostic(
            "P215",
            message,
            first_line(block.span),
            "write ``` (or ~~~, as it began) on a line of its own where the code ends",
        )


def _rule_diagnostics(source: Source, block: Block, nested: bool) -> Iterator[Diagnostic]:
    if nested:
        message = "this `---` stands in a list or quote and divides nothing"
        yield Diagnostic(
            "P209",
            message,
            first_line(block.span),
            "write `---` at the beginning of a line of its own",
        )
    elif set(block.info) != {"-"}:
        message = f"`{block.span.text}` is not the line between question and answer"
        yield Diagnostic("P209", message, first_line(block.span), "write `---`")
    elif block.span.line > 1 and source.line(block.span.line - 2).strip():
        message = "without a blank line above, `---` turns the text into a heading on code hosts"
        yield Diagnostic("P209", message, first_line(block.span), "put a blank line above it")


def _mark_diagnostics(block: Block) -> Iterator[Diagnostic]:
    for mark in block.marks:
        if mark.kind == "reference":
            help_line = "write the address into the link: `[text](https://…)`"
            yield Diagnostic("P210", "link definitions are not used here", mark.span, help_line)
        elif mark.kind == "html":
            yield Diagnostic(
                "P211", f"`{mark.text}` is raw HTML", mark.span, _instead_of(mark.text)
            )
        elif mark.kind == "surplus":
            help_line = "make room in the heading, or write a pipe that belongs to the text as `\\|`, in code too"
            yield Diagnostic(
                "P217", "the row has more cells than the heading", mark.span, help_line
            )
    for kind, code in (("bad-math", "P212"), ("leftover", "P216")):
        first = next((mark for mark in block.marks if mark.kind == kind), None)
        if first and kind == "bad-math":
            yield Diagnostic(code, first.text, first.span, first.extra)
        elif first and not any(mark.kind in ("bad-gap", "surplus") for mark in block.marks):
            what = "a lone backtick" if first.text == "`" else f"`{first.text}`"
            yield Diagnostic(
                code,
                first.extra or f"{what} was not understood and would stand on the card",
                first.span,
                _LEFTOVER_HELP,
            )


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
