"""What Anki itself reads in the HTML of a field: gaps, formulas, and sounds.

Each is replaced by a token before the HTML is parsed, because it may begin in one element and
end in another: gaps (`{{c1::answer::hint}}`) and formulas (`\\(x\\)`, `\\[x\\]`,
`[$]x[/$]`, `[latex]x[/latex]`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from typing import NamedTuple

from deckwright.markdown import tex

TOKEN = re.compile("\ufdd0(\\d+)\ufdd1")  # noncharacters of Unicode, which no text has
_SOUND = re.compile(r"\[(sound:[^\]\n]{0,300}|/?anki:(?:tts|play)[^\]\n]{0,300})\]", re.IGNORECASE)
_LONGEST_FORMULA = 3000  # characters of HTML; a beginning whose end is farther away is text
_FORMULA_BEGIN = re.compile(r"\\[(\[]|\[\${1,2}\]|\[latex\]", re.IGNORECASE)
_FORMULA_ENDS = {
    "\\(": "\\)", "\\[": "\\]", "[$]": "[/$]", "[$$]": "[/$$]", "[latex]": "[/latex]",
}  # fmt: skip
_GAP = re.compile(r"\{\{c(\d{1,4})::")
_GAP_PART = re.compile(r"<[A-Za-z/!][^<>]*>|\{\{c(\d{1,4})::|\}\}|::")


class Token(NamedTuple):
    """A gap's beginning or end, or a formula: as Markdown, and as HTML of a field shows it."""

    kind: str  # gap, end, math, or display
    markdown: str
    html: str


class _OpenGap(NamedTuple):
    """A gap without its end, and the places of its beginning and its hint (or -1)."""

    number: int
    place: int
    hint_at: int = -1


def line_of(html: str, open_gaps: bool = True) -> str:
    """The text of a field on one line, without what gaps hide if they are not open."""
    gap = r"\{\{c\d+::((?:(?!\{\{c|\}\}|::).)*)(?:::[^{}]*)?\}\}"
    return " ".join(_text(re.sub(gap, r"\1" if open_gaps else " ", html, flags=re.DOTALL)).split())


def _text(html: str) -> str:
    """HTML without tags; a line break is one character, and so is any other white space."""
    text = unescape(re.sub(r"<[A-Za-z/!][^<>]*>", " ", html)).strip()
    return re.sub(r"\s+", lambda match: "\n" if "\n" in match[0] else " ", text)


class AnkiSyntax:
    """Puts tokens into the HTML of a field, and knows what each stands for (`tokens`).

    `gaps` says whether braces mean gaps in it. What gets lost goes to `remark`.
    """

    def __init__(self, gaps: bool, remark: Callable[[str], None]) -> None:
        self._gaps, self._remark = gaps, remark
        self.tokens: list[Token] = []

    def replaced(self, html: str) -> str:
        """The HTML with a token for each gap's beginning and end, and for each formula."""
        html = _SOUND.sub(self._sound, self._with_formulas(html))
        return self._with_gaps(html) if self._gaps and "{{c" in html else html

    def _token(self, kind: str, markdown: str, html: str) -> str:
        self.tokens.append(Token(kind, markdown, html))
        return f"\ufdd0{len(self.tokens) - 1}\ufdd1"

    def _sound(self, match: re.Match[str]) -> str:
        name = match[1].removeprefix("sound:")
        if name.startswith("/"):
            return ""
        self._remark("sounds are left out; their names are in parentheses")
        return f"(sound: {name})"

    def _with_formulas(self, html: str) -> str:
        """HTML with a token for each formula. One pass finds all of them."""
        out, at = [], 0
        missing: set[str] = set()  # ends that do not come any more
        lower = html.lower()
        for begin in _FORMULA_BEGIN.finditer(html):
            end = _FORMULA_ENDS[begin[0].lower()]
            if begin.start() < at or end in missing:
                continue
            found = lower.find(end, begin.end() + 1, begin.end() + _LONGEST_FORMULA)
            if found < 0:
                missing |= {end} if lower.find(end, begin.end()) < 0 else set()
                continue
            formula = self._formula(html[begin.end() : found], begin[0].lower())
            out += [html[at : begin.start()], formula]
            at = found + len(end)
        return "".join([*out, html[at:]])

    def _formula(self, html: str, begin: str) -> str:
        """A formula as a token, or as code where cards cannot have it."""
        text = " ".join(_text(html).split())
        if begin == "[latex]":
            text = text.strip("$ ") if text.startswith("$") else text
            self._remark("LaTeX was turned into a formula: check it")
        before = after = ""
        if self._gaps and (gap := _GAP.search(text)):
            before, after = gap[0], "}}"
            if not re.fullmatch(r"\{\{c\d+::(?:(?!::|\}\}).)*\}\}", text):
                self._remark("a gap inside a formula now hides the whole formula")
            text = re.sub(r"(?:::(?:(?!::|\}\}).)*)?\}\}", "", _GAP.sub("", text))
        # Two braces would begin a gap; a space between them changes nothing in a formula.
        text = re.sub(r"\{(?=\{)", "{ ", text.strip())
        if not text:
            return ""
        if problem := next(tex.problems(text), None):
            self._remark(f"a formula is code now: {problem.message}")
            return f"{before}<code>{escape(text)}</code>{after}"
        dollars = re.sub(r"(?<!\\)\$", r"\\$", text)
        shown = f"\\({text}\\)"
        if begin in ("\\[", "[$$]") and not before:
            return f"<div>{self._token('display', dollars, shown)}</div>"
        token = self._token("math", dollars, shown)
        return before + token + after

    def _with_gaps(self, html: str) -> str:
        """HTML with tokens for gaps, numbered from 1. A gap inside another divides the outer."""
        numbers = sorted({int(match[1]) for match in _GAP.finditer(html)})
        new = {old: number for number, old in enumerate(numbers, 1)}
        if changed := [f"{old} is now {number}" for old, number in new.items() if old != number]:
            self._remark("its gaps are renumbered: " + ", ".join(changed))
        parts: list[str] = []
        opened: list[_OpenGap] = []
        at = 0
        for match in _GAP_PART.finditer(html):
            parts.append(html[at : match.start()])
            at = match.end()
            if match[1]:
                if opened:
                    self._remark("a gap inside another gap now divides the outer one")
                    self._end_gap(parts, opened[-1])
                opened.append(_OpenGap(new[int(match[1])], len(parts)))
            elif match[0] == "}}" and opened:
                self._end_gap(parts, opened.pop())
                if opened:
                    opened[-1] = _OpenGap(opened[-1].number, len(parts))
                    parts.append("")
                continue
            elif match[0] == "::" and opened and opened[-1].hint_at < 0:
                opened[-1] = opened[-1]._replace(hint_at=len(parts))
            parts.append(match[0])
        return "".join([*parts, html[at:]])

    def _end_gap(self, parts: list[str], gap: _OpenGap) -> None:
        """Replace a gap's beginning and its hint by tokens, and add its end."""
        hint = ""
        if gap.hint_at >= 0:
            hint = f"::{_text(''.join(parts[gap.hint_at + 1 :]))}"
            del parts[gap.hint_at :]
        inner = "".join(parts[gap.place + 1 :])
        if inner.strip() or hint or parts[gap.place].startswith("{{c"):
            begin = f"{{{{c{gap.number}::"
            parts[gap.place] = self._token("gap", begin, begin)
            parts.append(self._token("end", f"{hint}}}}}", f"{hint}}}}}"))
