"""Running text: events in the order of the HTML, and paragraphs made of them.

In HTML as Anki keeps it, gaps, emphasis, links and code may cross each other. Here they
are cut so that each is inside another or next to it, as Markdown needs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from deckwright.exchange.importer.to_markdown import escaping
from deckwright.exchange.importer.to_markdown.escaping import BREAK, DOLLAR

_EMPHASIS = frozenset({"strong", "em", "del"})
_TEXT_IN_CODE = _EMPHASIS | {"text", "code", "link"}


class Event(NamedTuple):
    """A piece of running text, or where something around other pieces begins or ends.

    | kind | value | extra | title |
    | --- | --- | --- | --- |
    | text, br | the text | | |
    | math | TeX | | |
    | image | path | alternative text | |
    | begin, end | gap | number | hint |
    | begin, end | strong, em, del, code | | |
    | begin, end | link | address | title |
    """

    kind: str
    value: str = ""
    extra: str = ""
    title: str = ""


@dataclass(slots=True)
class _Span:
    """An Event, or what begins with one and ends with another, with what is inside."""

    kind: str
    value: str = ""
    extra: str = ""
    inner: list[_Span] = field(default_factory=list)


def ends(active: Sequence[Event]) -> list[Event]:
    """The ends of everything that is open, the innermost first."""
    return [Event("end", event.value, event.extra) for event in reversed(active)]


def at_double_breaks(events: Iterable[Event]) -> list[list[Event]]:
    """Divide a paragraph at two line breaks in a row where nothing is open."""
    out: list[list[Event]] = [[]]
    depth = breaks = 0
    for event in events:
        depth += (event.kind == "begin") - (event.kind == "end")
        if event.kind == "br":
            breaks += 1
        elif event.kind != "text" or event.value.strip():
            breaks = 0
        out[-1].append(event)
        if breaks >= 2 and depth == 0:
            out.append([])
            breaks = 0
    return out


@dataclass(frozen=True, slots=True)
class InlineWriter:
    """Writes paragraphs. `escape` is `escaping.light` or `escaping.heavy`."""

    escape: Callable[[str], str]
    remark: Callable[[str], None]

    def paragraph(self, events: Sequence[Event]) -> str:
        """The Markdown of one paragraph; empty where it would show nothing."""
        spans = _nested(_uncrossed(self._without_stray_ends(events)))
        return escaping.paragraph(self._joined(spans, "", "", frozenset()))

    def _without_stray_ends(self, events: Sequence[Event]) -> Sequence[Event]:
        """The same events, with a space in each `}}` of a text with gaps that ends no gap."""
        if not any(event.kind == "begin" and event.value == "gap" for event in events):
            return events
        out: list[Event] = []
        in_code = 0
        for event in events:
            if event.value == "code":
                in_code += (event.kind == "begin") - (event.kind == "end")
            if event.kind == "text" and "}}" in event.value and not in_code:
                self.remark("`}}` does not end a gap: a space was put between its braces")
                event = event._replace(value=re.sub(r"\}(?=\})", "} ", event.value))
            out.append(event)
        return out

    def _joined(self, spans: list[_Span], before: str, after: str, within: frozenset[str]) -> str:
        """Spans in a row, with the text `before` and `after` them.

        `within` is the emphasis that is open.
        """
        following = after
        behind: list[str] = []  # what comes after each span, from the last one on
        for span in reversed(spans):
            behind.append(following)
            following = _first_character(span) or following
        out: list[str] = []
        last = before[-1:]
        for span in spans:
            out.append(self._written(span, last, behind.pop(), within))
            last = out[-1][-1:] or last
        return "".join(out)

    def _written(self, span: _Span, last: str, following: str, within: frozenset[str]) -> str:
        match span.kind:
            case "text":
                return self.escape(span.value)
            case "br":
                return BREAK
            case "math":
                return self._math(span.value, last, following)
            case "image":
                return f"![{self.escape(span.extra)}]({escaping.target(span.value)})"
            case "gap":
                return self._gap(span, within)
            case "code":
                return self._code(span, within)
            case "link":
                return self._link(span, within)
        return self._emphasis(span, last, following, within)

    def _math(self, tex: str, last: str, following: str) -> str:
        tex = re.sub(r"(?<!\\)\$", r"\\$", tex.strip())
        lead = " " if last.isalnum() or last in ("$", DOLLAR) else ""
        tail = " " if following.isalnum() else ""
        if lead or tail:
            self.remark("a space was put between a formula and the letter next to it")
        return f"{lead}${tex}${tail}"

    def _gap(self, span: _Span, within: frozenset[str]) -> str:
        inner = self._joined(span.inner, "", "", within)
        hint = f"::{span.extra}" if span.extra else ""
        return f"{{{{c{span.value}::{inner}{hint}}}}}" if inner.strip() else inner

    def _link(self, span: _Span, within: frozenset[str]) -> str:
        address = span.value
        inner = self._joined(span.inner, "", "", within)
        if not inner.strip():
            return inner
        if inner.replace("\\", "") == address and re.match(r"https?://[^\s<>]+$", address):
            return f"<{address}>"
        return f"[{inner}]({escaping.target(address)}{escaping.title(span.extra)})"

    def _emphasis(self, span: _Span, last: str, following: str, within: frozenset[str]) -> str:
        if span.kind in within:
            return self._joined(span.inner, last, following, within)
        inner = self._joined(span.inner, "", "", within | {span.kind})
        core = inner.strip(f" \t\n{BREAK}")
        if not core:
            return inner
        lead, tail = inner.split(core, 1)
        touches_before = not lead and (last.isalnum() or last in ("/", ":", "*", "_"))
        touches_after = not tail and following.isalnum()
        if touches_before or touches_after:
            self.remark("emphasis inside a word is left out")
            return inner
        sign = _sign(span, within)
        return f"{lead}{sign}{core}{sign}{tail}"

    def _code(self, span: _Span, within: frozenset[str]) -> str:
        """Code spans; gaps, line breaks, formulas and pictures inside divide them."""
        out = []
        for is_text, run in groupby(span.inner, lambda inner: inner.kind in _TEXT_IN_CODE):
            if is_text:
                out.append(escaping.code_span("".join(map(_plain, run))))
            else:
                out += [self._written(_code_inside(inner), "", "", within) for inner in run]
        return "".join(out)


def _sign(span: _Span, within: frozenset[str]) -> str:
    """The sign of an emphasis: `_` if `*` would run into that of bold text."""
    beside_strong = any(inner.kind == "strong" for inner in (*span.inner[:1], *span.inner[-1:]))
    if span.kind == "em":
        return "_" if beside_strong or "strong" in within else "*"
    return {"strong": "**", "del": "~~"}[span.kind]


def _code_inside(span: _Span) -> _Span:
    """A gap around code instead of code around a gap; anything else as it is."""
    if span.kind != "gap":
        return span
    return _Span("gap", span.value, span.extra, [_Span("code", inner=span.inner)])


def _uncrossed(events: Sequence[Event]) -> list[Event]:
    """The same events; what crosses the edge of a gap ends there and begins again."""
    ends_at = dict(_pairs(events))
    begins_at = {end: begin for begin, end in ends_at.items()}
    opened: dict[int, None] = {}  # the places where what is open began, gaps aside
    out: list[Event] = []
    for place, event in enumerate(events):
        crossing: list[int] = []
        if place in ends_at:
            if event.value == "gap":
                crossing = [begin for begin in opened if ends_at[begin] < ends_at[place]]
            else:
                opened[place] = None
        elif place in begins_at:
            if event.value == "gap":
                crossing = [begin for begin in opened if begin > begins_at[place]]
            else:
                del opened[begins_at[place]]
        begun = [events[begin] for begin in crossing]
        out += [*ends(begun), event, *begun]
    return out


def _pairs(events: Iterable[Event]) -> list[tuple[int, int]]:
    """The places of beginnings and their ends. Gaps belong together by their number."""
    opened: dict[tuple[str, str], list[int]] = {}
    pairs = []
    for place, event in enumerate(events):
        key = (event.value, event.extra if event.value == "gap" else "")
        if event.kind == "begin":
            opened.setdefault(key, []).append(place)
        elif event.kind == "end" and opened.get(key):
            pairs.append((opened[key].pop(), place))
    return pairs


def _nested(events: Iterable[Event]) -> list[_Span]:
    """Events as spans inside each other; an end without a beginning is ignored."""
    root = _Span("root")
    stack = [root]
    for event in events:
        if event.kind == "begin":
            stack.append(_begun(event, stack[-1].inner))
        elif event.kind != "end":
            stack[-1].inner.append(_Span(event.kind, event.value, event.extra))
        elif any(span.kind == event.value for span in stack[1:]):
            while stack.pop().kind != event.value:
                pass
    return root.inner


def _begun(event: Event, before: list[_Span]) -> _Span:
    """The span that an Event begins; emphasis right after its like continues it."""
    if before and before[-1].kind == event.value and event.value in _EMPHASIS:
        return before[-1]
    before.append(_Span(event.value, event.extra, event.title))
    return before[-1]


def _first_character(span: _Span) -> str:
    """The first character that a span will show, or the sign that it begins with."""
    if span.kind == "br":
        return "\n"
    if span.kind == "gap":
        return "{"
    if span.kind in ("math", "image", "code"):
        return "$"
    if span.kind == "text":
        return span.value[:1]
    return next(filter(None, map(_first_character, span.inner)), "")


def _plain(span: _Span) -> str:
    return span.value if span.kind == "text" else "".join(map(_plain, span.inner))
