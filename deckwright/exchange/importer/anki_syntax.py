"""What Anki itself reads in names of fields and in their HTML: gaps, formulas, and sounds.

In HTML, each is replaced by a token before the HTML is parsed, because it may begin in one
element and end in another: gaps (`{{c1::answer::hint}}`) and formulas (`\\(x\\)`, `\\[x\\]`,
`[$]x[/$]`, `[latex]x[/latex]`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from typing import NamedTuple

from deckwright.exchange.importer.foreign import NotWritableError
from deckwright.markdown import tex

Remark = Callable[[str], None]  # takes what gets lost, in words

TOKEN = re.compile("\ufdd0(\\d+)\ufdd1")  # noncharacters of Unicode, which no text has
_SOUND = re.compile(r"\[(sound:[^\]\n]{0,300}|/?anki:(?:tts|play)[^\]\n]{0,300})\]", re.IGNORECASE)
_FORMULA = re.compile(
    r"\\\((?P<line>.{1,3000}?)\\\)|\\\[(?P<block>.{1,3000}?)\\\]"
    r"|\[\$\](?P<anki_line>.{1,3000}?)\[/\$\]|\[\$\$\](?P<anki_block>.{1,3000}?)\[/\$\$\]"
    r"|\[latex\](?P<latex>.{1,3000}?)\[/latex\]",
    re.IGNORECASE | re.DOTALL,
)
# As markdown.html.GAP, but with limits, so that a search for the end is short.
FIELD_GAP = re.compile(
    r"\{\{c(\d{1,4})::((?:(?!\}\}|::).){0,3000})(?:::((?:(?!\}\}).){0,500}))?\}\}", re.DOTALL
)
# What one gap can hold in Markdown: text, whole elements in its line, and a line break.
_ONE_LINE = re.compile(
    r"(?:[^<]|<(a|b|code|em|font|i|span|strong|sub|sup|u)\b[^<>]*>[^<]*</\1>|<img\b[^<>]*>"
    r"|<br[^<>]*>(?!\s*<br))*",
    re.IGNORECASE,
)


class Token(NamedTuple):
    """A gap's beginning or end, a formula, or a picture: as Markdown, and as a field shows it."""

    kind: str  # gap, line, block, or picture
    markdown: str
    html: str


def field_name(text: str) -> str:
    """A name without what has a meaning in a template, as Anki's names of fields are."""
    return " ".join(re.sub(r"[{}:#^/]", " ", text).split())


def line_of(html: str, open_gaps: bool = True) -> str:
    """The text of a field on one line, without what gaps hide if they are not open."""
    return " ".join(_text(FIELD_GAP.sub(r"\2" if open_gaps else " ", html)).split())


def _text(html: str) -> str:
    """HTML without tags; a line break is one character, and so is any other white space."""
    text = unescape(re.sub(r"<[A-Za-z/!][^<>]*>", " ", html)).strip()
    return re.sub(r"\s+", lambda match: "\n" if "\n" in match[0] else " ", text)


class AnkiSyntax:
    """Puts tokens into the HTML of a field, and knows what each stands for (`tokens`).

    `gaps` says whether braces mean gaps in it. What gets lost goes to `remark`.
    """

    def __init__(self, gaps: bool, remark: Remark) -> None:
        self._gaps, self.remark = gaps, remark
        self.tokens: list[Token] = []

    def replaced(self, html: str) -> str:
        """The HTML with a token for each gap's beginning and end, and for each formula.

        Raises NotWritableError for a gap inside another.
        """
        html = _SOUND.sub(self._sound, _FORMULA.sub(self._formula, html))
        if not self._gaps:
            return html
        numbers = sorted({int(match[1]) for match in FIELD_GAP.finditer(html)})
        new = {old: number for number, old in enumerate(numbers, 1)}
        if numbers and numbers[-1] != len(numbers):
            self.remark("its gaps are renumbered from 1 without a break")

        def gap(match: re.Match[str]) -> str:
            if "{{c" in match[2]:
                raise NotWritableError("a gap is inside another gap; put them side by side")
            hint = _text(match[3] or "")
            sides = f"{{{{c{new[int(match[1])]}::", f"::{hint}}}}}" if hint else "}}"
            begin, end = (self.token("gap", side, side) for side in sides)
            content = re.sub(r"<!--(?:(?!--).)*-->", "", match[2])
            pieces = re.split(r"(<(?!img)[^<>]*>)", content)
            shown = [piece.strip() and not piece.startswith("<") for piece in pieces]
            if _ONE_LINE.fullmatch(content) or not any(shown):
                return begin + content + end
            return "".join(
                begin + piece + end if is_shown else piece
                for piece, is_shown in zip(pieces, shown, strict=True)
            )

        return FIELD_GAP.sub(gap, html)

    def html_of(self, text: str) -> str:
        """Text with what its tokens stand for, as a field shows it."""
        return TOKEN.sub(lambda match: self.tokens[int(match[1])].html, text)

    def token(self, kind: str, markdown: str, html: str) -> str:
        """A new token."""
        self.tokens.append(Token(kind, markdown, html))
        return f"\ufdd0{len(self.tokens) - 1}\ufdd1"

    def _sound(self, match: re.Match[str]) -> str:
        name = match[1].removeprefix("sound:")
        if name.startswith("/"):
            return ""
        self.remark("sounds are left out; their names are in parentheses")
        return f"(sound: {name})"

    def _formula(self, match: re.Match[str]) -> str:
        """A formula as a token, or as code where cards cannot have it. A gap goes around it."""
        kind = str(match.lastgroup)
        text = " ".join(_text(match[kind]).split())
        if kind == "latex":
            text = text.strip("$ ") if text.startswith("$") else text
            self.remark("LaTeX was turned into a formula: check it")
        before = after = ""
        if self._gaps and (gap := FIELD_GAP.search(text)):
            before, after = f"{{{{c{gap[1]}::", f"::{gap[3]}}}}}" if gap[3] else "}}"
            if gap[0] != text:
                self.remark("a gap inside a formula now hides the whole formula")
            text = FIELD_GAP.sub(r"\2", text)
        # Two braces would begin a gap; a space between them changes nothing in a formula.
        text = re.sub(r"\{(?=\{)", "{ ", text.strip())
        if not text:
            return ""
        if problem := next(tex.problems(text), None):
            self.remark(f"a formula is code now: {problem.message}")
            return f"{before}<code>{escape(text)}</code>{after}"
        dollars = re.sub(r"(?<!\\)\$", r"\\$", text)
        if kind.endswith("block") and not before:
            return f"<div>{self.token('block', dollars, f'({text})')}</div>"
        return before + self.token("line", dollars, f"({text})") + after
