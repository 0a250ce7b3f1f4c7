"""Text, addresses and code written so that Markdown shows them as they are."""

from __future__ import annotations

import re

# Stand-ins until a paragraph is complete: noncharacters, which no text has.
DOLLAR = "\ufdd9"  # a dollar sign of the text
BREAK = "\ufdda"  # a line break

_LINE_START = re.compile(
    r"(?m)^(?:#{1,6}|>|[-+](?=\s|$)|(?P<number>\d{1,9})(?P<after>[.)])(?=\s|$)|\||~{3,}"
    r"|(?P<line>(?:=+|-{2,}|[—–])(?=\s*$)|-{3}))"
)
_BOX = re.compile(r"^\[(?=[ xX]?\])")
# A run of white space is read once: the search does not begin again inside it.
_BREAKS = re.compile(rf"(?:(?<!\s)\s+)?{BREAK}\s*")
_AROUND_LINE_FEED = re.compile(r"(?:(?<![ \t])[ \t]+)?\n[ \t]*")


def light(text: str) -> str:
    """Escape only what Markdown would take for markup in this place.

    Dollar signs become DOLLAR, which `paragraph` resolves.
    """
    text = re.sub(r"\\(?=[!-/:-@\[-`{-~\n]|$)", r"\\\\", text)
    text = re.sub(
        r"`|\*(?!\s)|(?<!\s)\*|(?<![A-Za-z0-9\s])_|_(?![A-Za-z0-9\s])|~(?=~)|(?<=~)~|\](?=\()"
        r"|!(?=\[)|<(?=[A-Za-z/!?])",
        r"\\\g<0>",
        text,
    )
    text = re.sub(r"(?<=\s)_(?=\S)|(?<=\S)_(?=\s)|^_|_$", r"\\\g<0>", text)
    text = re.sub(r"&(?=#\d|#[xX][0-9a-fA-F]|[A-Za-z][A-Za-z0-9]*;)", r"\\&", text)
    return text.replace("\\\\_", "\\_").replace("$", DOLLAR)


def heavy(text: str) -> str:
    """Escape every character that Markdown could take for markup anywhere."""
    return re.sub(r"[\\`*_~\[\]<>&!|$#]", r"\\\g<0>", text)


def paragraph(text: str) -> str:
    """Finish a paragraph: its line breaks, the starts of its lines, its dollar signs.

    A dollar sign needs its backslash only where a second one could make a formula.
    """
    text = _AROUND_LINE_FEED.sub("\n", text).strip(f" \t\n{BREAK}")
    text = _LINE_START.sub(_escaped_line_start, _BREAKS.sub("\\\\\n", text))
    text = _BOX.sub(r"\\[", text)
    alone = text.count(DOLLAR) == 1 and "$" not in text.replace("\\$", "")
    return text.replace(DOLLAR, "$" if alone else "\\$")


def _escaped_line_start(match: re.Match[str]) -> str:
    """Escape what would begin a heading, quote, list, table, fence or line across."""
    if match["number"]:
        return f"{match['number']}\\{match['after']}"
    if line := match["line"]:
        return f"&#{ord(line[0])};{line[1:]}"
    return "\\" + match[0]


def code_span(text: str) -> str:
    """Put text between backticks, more of them if it has some (CommonMark 6.1)."""
    text = text.replace("\n", " ")
    if not text.strip():
        return text
    lengths = {len(run) for run in re.findall(r"`+", text)}
    fence = "`" * next(n for n in range(1, len(text) + 2) if n not in lengths)
    padded = text[0] == "`" or text[-1] == "`" or text[0] == text[-1] == " "
    return f"{fence} {text} {fence}" if padded else f"{fence}{text}{fence}"


def code_block(code: str, language: str) -> str:
    """Put code between fences that are longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"


def target(address: str) -> str:
    """The address of a link or picture, in angle brackets where it needs them."""
    address = address.replace("\n", "").replace("\\", "%5C")
    if address and not re.search(r"[\s()<>]", address):
        return address
    return f"<{address.replace('<', '%3C').replace('>', '%3E')}>"


def title(text: str) -> str:
    """The title of a link with the space before it; empty where there is none."""
    if not text.strip():
        return ""
    return ' "' + heavy(" ".join(text.split())).replace('"', '\\"') + '"'


def list_item(marker: str, text: str) -> str:
    """An item of a list: the marker, and all lines but the first indented below it."""
    first, *rest = text.split("\n")
    indent = " " * len(marker)
    return "\n".join([marker + first, *(indent + line if line else "" for line in rest)])


def quote(text: str) -> str:
    """Blocks as a block quote."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
