"""Gaps (Anki's cloze deletions) in running text: `{{c1::answer::hint}}`.

The inline rule that makes them, what can be wrong with them, and text that looks like a
gap and is none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from deckwright.markdown.inline_syntax import InlineMark, note

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

MAX_GAP = 500  # characters between the `::` of a gap and its `}}`; a longer gap is unclosed

GAP_OPEN = re.compile(r"\{\{c([1-9]\d{0,2})::")
_GAP_PART = re.compile(r"\\.|`+|\$(?!\s)(?:\\.|[^$\\])+?(?<!\s)\$(?!\d)|\}\}|::", re.DOTALL)
# A name with `::` in it, such as AWS::Region or arn:aws:iam::aws:policy/x, and not an answer
# with its hint.
_NAME_WITH_COLONS = re.compile(r"[A-Z]{2,}::[A-Z][A-Za-z0-9]+|[A-Za-z][^\s:]*:\S*::\S+")
_CODE_OR_MATH = re.compile(r"(`+).*?\1|\$[^$]*\$|\\.", re.DOTALL)
_HINT_MARKUP = re.compile(r"`|\*\*|(?<!\w)[*_]\S(?:.*\S)?[*_](?!\w)")
_GAP_LIKE = re.compile(
    r"\{\{\s*[cC]?\s*\d[\d\s,]*(?:::?|\|)"
    r"|\{\s*[cC]\s*\d+\s*::?"
    r"|\{\{\s*[cC]\s*::"
    r"|\{\{\s*[cC]\s*\d"
    r"|\{\{[^{}\n]{1,60}\}\}"
)
# The beginning of what is meant as a gap.
_LOOSE_OPEN = re.compile(r"(\{\{?)\s*([cC]?)\s*(?P<number>\d*)[\d\s,]*(?P<separator>::?|\||)")
_BAD_OPEN = (
    (r"\{(?!\{)", "a gap begins with two braces"),
    (r"\{\{\s*\d", "`c` is missing before the gap number"),
    (r"\{\{\s*C", "the `c` before the gap number must be lowercase"),
    (r"\{\{\s", "there is a space before `c`"),
    (r"\{\{c\s*:", "the gap has no number"),
    (r"\{\{c\s", "there is a space between `c` and the gap number"),
    (r"\{\{c0", "a gap number must begin with a digit from 1 to 9"),
    (r"\{\{c\d+\s*,[\d\s,]*(?:::?|\|)", "a gap can have only one number"),
    (r"\{\{c\d{4,}::", "a gap number can have up to three digits"),
    ("", "`::` must follow the gap number"),
)
_LOOSE_ANSWER = re.compile(r"\s*([^{}\n]{1,60}?)\s*\}")
_SIGNS = {"`": "backticks", "*": "asterisks", "_": "underscores"}


class _Gap(NamedTuple):
    """A gap in `src`. All other fields are offsets; `hint_at` is -1 without a hint."""

    src: str
    start: int
    end: int
    answer_at: int
    hint_at: int  # of the `::` before the hint
    close: int  # of the `}}`

    @property
    def answer(self) -> str:
        return self.src[self.answer_at : self.close if self.hint_at < 0 else self.hint_at]

    @property
    def hint(self) -> str:
        return "" if self.hint_at < 0 else self.src[self.hint_at + 2 : self.close]


def gap(state: StateInline, silent: bool) -> bool:
    """Inline rule: a gap, whose answer is running text and whose hint is plain text."""
    src, pos = state.src, state.pos
    if src[pos] != "{" or not src.startswith("{{c", pos):
        return False
    opened = GAP_OPEN.match(src, pos)
    if not opened or opened.end() > state.posMax:
        return False
    close, hint_at = _gap_end(src, opened.end(), state.posMax)
    if close < 0:
        return False
    if not silent:
        _push(state, _Gap(src, pos, close + 2, opened.end(), hint_at, close), int(opened[1]))
    state.pos = close + 2
    return True


def _push(state: StateInline, found: _Gap, number: int) -> None:
    """Note a gap and its problems; push its tokens: open, the answer's, close."""
    mark = InlineMark("gap", found.start, found.end, found.answer, found.hint, number)
    note(state, mark)
    for problem in _problems(found):
        note(state, problem)
    state.push("gap_open", "", 1).meta = {"gap": mark}
    first, end = len(state.tokens), state.posMax
    state.pos, state.posMax = found.answer_at, found.answer_at + len(found.answer)
    state.md.inline.tokenize(state)
    state.posMax = end
    for token in state.tokens[first:]:
        token.meta["in_gap"] = True
    state.push("gap_close", "", -1).meta = {"gap": mark}


def _gap_end(src: str, at: int, maximum: int) -> tuple[int, int]:
    """Return the offsets of a gap's `}}` and first `::` outside code and math.

    `at` is where the answer begins. An offset is -1 if there is none.
    """
    hint = -1
    maximum = min(maximum, at + MAX_GAP + len("}}"))
    while match := _GAP_PART.search(src, at, maximum):
        part = match[0]
        if part == "}}":
            return match.start(), hint
        if part == "::":
            hint = match.start() if hint < 0 else hint
        elif part[0] == "`":
            closing = src.find(part, match.end(), maximum)
            if closing >= 0:
                at = closing + len(part)
                continue
        at = match.end()
    return -1, hint


def _bad(start: int, end: int, message: str, help_line: str) -> InlineMark:
    return InlineMark("bad-gap", start, end, message, help_line)


def _problems(gap: _Gap) -> Iterator[InlineMark]:
    """Yield what is wrong with a gap that has a beginning and an end."""
    if nested := _nested_gap(gap):
        yield nested
        return
    for problem in (
        _empty_answer(gap) or _cut_emphasis(gap),
        _empty_hint(gap),
        _uncertain_hint(gap) or _markup_in_hint(gap),
        _cut_link(gap),
        _third_brace(gap),
    ):
        if problem:
            yield problem


def _nested_gap(gap: _Gap) -> InlineMark | None:
    nested = GAP_OPEN.search(gap.src, gap.answer_at, gap.close)
    if not nested:
        return None
    brace = gap.src.find("}", gap.answer_at, nested.start())
    if brace >= 0:
        message = "a single brace doesn't close a gap"
        return _bad(brace, brace + 1, message, "write `}}` after the answer")
    help_line = "close the first gap before the second begins"
    return _bad(*nested.span(), "a gap can't be inside another gap", help_line)


def _empty_answer(gap: _Gap) -> InlineMark | None:
    if gap.answer.replace("&nbsp;", "").strip():
        return None
    help_line = "write the answer between `::` and `}}`"
    return _bad(gap.start, gap.end, "the gap is empty", help_line)


def _cut_emphasis(gap: _Gap) -> InlineMark | None:
    prose = _prose(gap).strip()
    edges = prose[:1], prose[-1:]
    if len(prose) == 2 or not any(prose.count(sign) % 2 and sign in edges for sign in "*_"):
        return None
    help_line = "begin and end the emphasis either inside or outside the gap"
    return _bad(gap.start, gap.end, "emphasis crosses the edge of the gap", help_line)


def _empty_hint(gap: _Gap) -> InlineMark | None:
    if gap.hint_at < 0 or gap.hint.strip():
        return None
    help_line = "write a hint, or remove the `::`"
    return _bad(gap.hint_at, gap.close, "the hint after `::` is empty", help_line)


def _uncertain_hint(gap: _Gap) -> InlineMark | None:
    """Return a mark if the `::` may belong to the answer, so that there is no hint."""
    if gap.hint_at < 0:
        return None
    second = gap.hint.find("::")
    name = _NAME_WITH_COLONS.fullmatch(f"{gap.answer}::{gap.hint}")
    if second < 0 and not name and not gap.hint.startswith(":"):
        return None
    at, code = gap.hint_at + 2 + second, "{{c1::`a::b`}}"
    otherwise = "keep only the `::` before the hint"
    if second < 0:
        at, otherwise = gap.hint_at, "reword the hint"
        code = f"{gap.src[gap.start : gap.answer_at]}`{gap.answer}::{gap.hint}`}}}}"
    help_line = (
        f"if the answer contains `::`, put it in backticks: ``{code}``; otherwise, {otherwise}"
    )
    return _bad(at, at + 2, "it is unclear where the hint begins", help_line)


def _markup_in_hint(gap: _Gap) -> InlineMark | None:
    markup = _HINT_MARKUP.search(gap.hint)
    if not markup:
        return None
    message = "a hint can't contain markup"
    return _bad(gap.hint_at + 2, gap.close, message, f"remove the {_SIGNS[markup[0][0]]}")


def _cut_link(gap: _Gap) -> InlineMark | None:
    prose = _prose(gap)
    address_begins = prose.count("](")
    begins_outside = address_begins and prose.count("]") > prose.count("[")
    ends_outside = address_begins > prose.count(")") or "<http" in prose.split(">")[-1]
    if not begins_outside and not ends_outside:
        return None
    help_line = "put the whole link inside the gap, or the gap inside the link's text"
    return _bad(gap.start, gap.end, "the gap contains only part of a link", help_line)


def _third_brace(gap: _Gap) -> InlineMark | None:
    if not gap.src.startswith("}", gap.end):
        return None
    message = "it is unclear which two of the three braces close the gap"
    help_line = "remove one of them; an answer with braces must be in backticks: ``{{c1::`{…}`}}``"
    if "{" in gap.answer and not {"`", "\n"} & {*gap.answer}:
        code = f"{gap.src[gap.start : gap.answer_at]}`{gap.answer}}}`}}}}"
        help_line = f"put the whole answer in backticks: ``{code}``"
    return _bad(gap.close, gap.close + 3, message, help_line)


def _prose(gap: _Gap) -> str:
    """The answer with a space for each piece of code, formula and escaped character."""
    return _CODE_OR_MATH.sub(" ", gap.answer)


def not_gaps(inline: Token, known: Iterable[InlineMark]) -> Iterator[InlineMark]:
    """Yield what looks like a gap in a text and is none.

    `known` are the marks of the gaps that the parser found; nothing inside them counts.
    """
    known = tuple(known)
    code = _code_ranges(inline) if "`" in inline.content else []
    found = [*_no_beginnings(inline.content, known, code)]
    yield from found
    # A gap with another problem may end at another place than its author thinks.
    if known and not found and all(mark.kind == "gap" for mark in known):
        yield from _stray_end(inline, known, code)


def _no_beginnings(
    content: str, known: Iterable[InlineMark], code: list[tuple[int, int]]
) -> Iterator[InlineMark]:
    """Yield what looks like the beginning of a gap and is none."""
    taken = sorted((one.start, one.end) for one in known)
    end, number = -1, 0  # the end of those known gaps that begin before the match
    for match in _GAP_LIKE.finditer(content):
        while number < len(taken) and taken[number][0] <= match.start():
            end, number = max(end, taken[number][1]), number + 1
        if match.start() >= end:
            message, help_line = _why_not_gap(content, match.start(), code)
            if message:
                yield _bad(match.start(), match.end(), message, help_line)


def _stray_end(
    inline: Token, gaps: Iterable[InlineMark], code: list[tuple[int, int]]
) -> Iterator[InlineMark]:
    """Yield the first `}}` that ends no gap, outside of code and math."""
    rest = [*inline.content]
    math = _math_ranges(inline) if "$" in inline.content else []
    for start, end in (*((gap.start, gap.end) for gap in gaps), *code, *math):
        rest[start:end] = " " * (end - start)
    at = "".join(rest).find("}}")
    if at >= 0:
        help_line = "remove the braces; if they belong to the text, put them in backticks"
        yield _bad(at, at + 2, "this `}}` is outside the gap and doesn't end it", help_line)


def _code_ranges(inline: Token) -> list[tuple[int, int]]:
    """Return where the code spans of a text are, each after the one before."""
    ranges, at = [], 0
    content = inline.content.replace("\n", " ")  # as Markdown does in code
    for child in inline.children or ():
        if child.type == "code_inline":
            found = content.find(child.content, max(content.find("`", at), 0))
            if found >= 0:
                at = found + len(child.content) + len(child.markup)
                ranges.append((found, found + len(child.content)))
    return ranges


def _math_ranges(inline: Token) -> list[tuple[int, int]]:
    """Return where the formulas of a text are, each after the one before."""
    ranges, at = [], 0
    for child in inline.children or ():
        if child.type == "math_inline":
            formula = f"${child.content}$"
            found = inline.content.find(formula, at)
            if found >= 0:
                at = found + len(formula)
                ranges.append((found, at))
    return ranges


def _why_not_gap(content: str, at: int, code: list[tuple[int, int]]) -> tuple[str, str]:
    """Return why the text at `at` is no gap, and what to write; empty if it is code."""
    whole = GAP_OPEN.match(content, at)
    before = bisect_right(code, (at, len(content))) - 1
    if before >= 0 and at < code[before][1]:
        help_line = "put the gap around the code: ``{{c1::`code`}}``"
        return ("a gap can't be inside code", help_line) if whole else ("", "")
    if at and content[at - 1] == "\\":
        help_line = "remove the backslash if you want a gap, or the braces if you don't"
        return "a backslash doesn't hide a gap from Anki", help_line
    if content.rfind("![", 0, at) > content.rfind("]", 0, at):
        help_line = "put the gap in the text next to the image"
        return "a gap can't be in an image's description", help_line
    if content.rfind("](", 0, at) > content.rfind(")", 0, at):
        return "a gap can't be in a link's address", "put the gap in the link's text"
    if content.count("$", 0, at) % 2 and "$" in content[at:]:
        return "a gap can't be inside math", "put the gap around the formula: `{{c1::$x$}}`"
    if not whole:
        return _malformed(content, at)
    end = content.find("}}", whole.end())
    if end > whole.end() + MAX_GAP and "{{" not in content[whole.end() : end]:
        return f"the gap has more than {MAX_GAP} characters", "shorten the answer"
    return "the gap isn't closed", "write `}}` after the answer"


def _malformed(content: str, at: int) -> tuple[str, str]:
    """Return what is wrong with the beginning of a gap, and the right form of the gap."""
    opened = _LOOSE_OPEN.match(content, at)
    assert opened  # it begins with a brace
    braces, letter, number, separator = opened.groups()
    only_braces = not separator and not (letter and number)
    message = "`c1::` is missing after `{{`"
    begin = at + len(braces)
    if not only_braces:
        message = next(text for form, text in _BAD_OPEN if re.compile(form).match(content, at))
        begin = opened.end("separator") if separator else opened.end("number")
    used = {int(match[1]) for match in GAP_OPEN.finditer(content)}
    if only_braces or not 0 < int(number or 0) < 1000:
        number = str(next(n for n in range(1, len(used) + 2) if n not in used))
    answer = _LOOSE_ANSWER.match(content, begin)
    right = f"{{{{c{int(number)}::{answer[1] if answer else 'answer'}}}}}"
    help_line = f"write ``{right}``" if "`" in right else f"write `{right}`"
    if only_braces:
        help_line += "; if the braces belong to the text, put the whole expression in backticks"
    return message, help_line
