"""A tree of HTML → Markdown of our dialect. What the dialect has no way to say is told to `remark`, once for each card.

The tree is walked once. Running text becomes events (text, the beginning and end of emphasis, links, code and gaps), of which each
paragraph makes nested Markdown; a block ends the paragraph, and what is open goes on in the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from deckwright.exchange.importer import anki_html
from deckwright.exchange.importer.anki_html import Element, Gap, GapEnd, Math, Node, Sound
from deckwright.markdown.inline_rules import HTML_ELEMENTS

_STYLES = {
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "cite": "em",
    "var": "em",
    "dfn": "em",
}
_STYLES |= {
    "s": "del",
    "strike": "del",
    "del": "del",
    "code": "code",
    "tt": "code",
    "kbd": "code",
    "samp": "code",
}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_UNSEEN = frozenset(
    {
        "script",
        "style",
        "template",
        "head",
        "title",
        "meta",
        "link",
        "base",
        "col",
        "colgroup",
        "wbr",
        "source",
        "track",
    }
)
_PLAYED = frozenset({"audio", "video", "object", "embed", "iframe", "canvas", "svg", "math"})
_SUP = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUB = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u200b\u2060\u00ad]"
)
_LOOKS = re.compile(
    r"(?:^|;|\s)(?:color|background(?:-color)?|font-(?:size|family))\s*:", re.IGNORECASE
)
_DOLLAR = (
    "\ufdd9"  # a dollar of the text, until its paragraph shows whether it could be taken for math
)
_BREAK = "\ufdda"  # a line break, until its paragraph shows whether anything follows
_LINE_START = re.compile(
    r"(?m)^(?:(#{1,6})(?=[\s#]|$|\S)|(>)|([-+])(?=\s|$)|(\d{1,9})([.)])(?=\s|$)|(\|)|(~{3,})|(={1,}|-{2,}|[—–])(?=\s*$)|(-{3}))"
)
_BOX = re.compile(r"^\[(?=[ xX]?\])")


class Event(NamedTuple):
    """`kind`: text, br, math, image, open, close (a gap), begin, end (of emphasis, code or a link). `name` is which, or the text."""

    kind: str
    name: str = ""
    extra: str = ""


@dataclass(slots=True)
class _Span:
    """Something around other things, or (kind text, br, math, image) a thing itself."""

    kind: str
    name: str = ""
    extra: str = ""
    inner: list[_Span] = field(default_factory=list)


def light(text: str) -> str:
    """Text with a backslash before what would be taken for Markdown, and nowhere else."""
    text = re.sub(r"\\(?=[!-/:-@\[-`{-~\n]|$)", r"\\\\", text)
    text = re.sub(
        r"`|\*(?!\s)|(?<!\s)\*|(?<![A-Za-z0-9\s])_|_(?![A-Za-z0-9\s])|~(?=~)|(?<=~)~|\](?=\()|!(?=\[)|<(?=[A-Za-z/!?])",
        r"\\\g<0>",
        text,
    )
    text = re.sub(r"(?<=\s)_(?=\S)|(?<=\S)_(?=\s)|^_|_$", r"\\\g<0>", text)
    text = re.sub(r"&(?=#\d|#[xX][0-9a-fA-F]|[A-Za-z][A-Za-z0-9]*;)", r"\\&", text)
    return text.replace("\\\\_", "\\_").replace("$", _DOLLAR)


def heavy(text: str) -> str:
    """Text with a backslash before every sign that Markdown could take for its own."""
    return re.sub(r"[\\`*_~\[\]<>&!|$#]", r"\\\g<0>", text)


class Writer:
    """Writes one field. `escape` is `light` or `heavy`; `address` gives the path to write for a picture's name, or nothing where it
    cannot be shown (and then says why itself). `said` is what a reader of the Markdown has to see, as `hypertext.visible`."""

    def __init__(
        self,
        escape: Callable[[str], str],
        address: Callable[[str], str],
        remark: Callable[[str], None],
    ) -> None:
        self.escape, self.address, self.remark = escape, address, remark
        self.said: list[str] = []

    def write(self, tree: Element) -> str:
        return "\n\n".join(self._blocks(tree.children, []))

    def inline(self, tree: Element) -> str:
        """A tree as running text on one line."""
        return _Walk(self, []).cell(tree)

    def _blocks(self, children: Iterable[Node], active: list[Event]) -> list[str]:
        """The Markdown blocks of some nodes. `active`: what is open around them."""
        walk = _Walk(self, active)
        walk.nodes(children)
        walk.flush()
        return walk.out

    def paragraph(self, events: list[Event]) -> str:
        """One paragraph's Markdown; empty where nothing is in it."""
        text = self._text(_nested(_uncrossed(events)), "", "", frozenset())
        text = re.sub(
            rf"\s*{_BREAK}\s*",
            "\\\\\n",
            re.sub(r"[ \t]*\n[ \t]*", "\n", text).strip(f" \t\n{_BREAK}"),
        )
        text = _BOX.sub(r"\\[", _LINE_START.sub(_at_line_start, text))
        lone = text.count(_DOLLAR) == 1 and "$" not in text.replace("\\$", "")
        return text.replace(_DOLLAR, "$" if lone else "\\$")

    def _text(self, spans: list[_Span], before: str, after: str, within: frozenset[str]) -> str:
        out = ""
        for number, span in enumerate(spans):
            last = (out or before)[-1:]
            following = _first(spans[number + 1 :]) or after
            out += self._one(span, last, following, within, number, spans)
        return out

    def _one(
        self,
        span: _Span,
        last: str,
        following: str,
        within: frozenset[str],
        number: int,
        spans: list[_Span],
    ) -> str:
        match span.kind:
            case "text":
                return self.escape(span.name)
            case "br":
                return _BREAK
            case "math":
                return self._math(span.name, last, following)
            case "image":
                return f"![{self.escape(span.extra)}]({_target(span.name)})"
            case "gap":
                hint = f"::{span.extra}" if span.extra else ""
                inner = self._text(span.inner, "", "", within)
                return f"{{{{c{span.name}::{inner}{hint}}}}}" if inner.strip() else inner
            case "code":
                return self._code(span, within)
            case "link":
                inner = self._text(span.inner, "", "", within)
                if inner.replace("\\", "") == span.name and re.match(
                    r"https?://[^\s<>]+$", span.name
                ):
                    return f"<{span.name}>"
                return (
                    f"[{inner}]({_target(span.name)}{_title(span.extra)})"
                    if inner.strip()
                    else inner
                )
        return self._emphasis(span, last, following, within)

    def _emphasis(self, span: _Span, last: str, following: str, within: frozenset[str]) -> str:
        if span.kind in within:
            return self._text(span.inner, last, following, within)
        twins = span.kind == "em" and (
            "strong" in within
            or any(s.kind == "strong" for s in (span.inner[:1] + span.inner[-1:]))
        )
        mark = {"strong": "**", "em": "_" if twins else "*", "del": "~~"}[span.kind]
        inner = self._text(span.inner, "", "", within | {span.kind})
        core = inner.strip(f" \t\n{_BREAK}")
        if not core:
            return inner
        lead = inner[: inner.index(core)]
        tail = inner[len(lead) + len(core) :]
        if (not lead and (last.isalnum() or last in ("/", ":", "*", "_"))) or (
            not tail and following.isalnum()
        ):
            self.remark("emphasis in the middle of a word is left out")
            return inner
        return f"{lead}{mark}{core}{mark}{tail}"

    def _code(self, span: _Span, within: frozenset[str]) -> str:
        """Code spans of what lies in a code element: gaps and line breaks cut it up."""
        out, run = "", ""

        def done() -> str:
            nonlocal run
            text, run = run, ""
            return _code_span(text)

        for inner in span.inner:
            if inner.kind == "text":
                run += inner.name
            elif inner.kind in ("strong", "em", "del", "code", "link"):
                run += _plain(inner)
            elif inner.kind == "gap":
                out += done() + self._one(
                    _Span("gap", inner.name, inner.extra, [_Span("code", inner=inner.inner)]),
                    "",
                    "",
                    within,
                    0,
                    [],
                )
            else:
                out += done() + self._one(inner, "", "", within, 0, [])
        return out + done()

    def _math(self, tex: str, last: str, following: str) -> str:
        tex = re.sub(r"(?<!\\)\$", r"\\$", tex.strip())
        lead = " " if last.isalnum() or last in ("$", _DOLLAR) else ""
        tail = " " if following.isalnum() else ""
        if lead or tail:
            self.remark("a blank stands between a formula and the letter beside it")
        return f"{lead}${tex}${tail}"


class _Walk:
    """One run through some nodes, which ends a paragraph at every block."""

    def __init__(self, writer: Writer, active: list[Event]) -> None:
        self.writer = writer
        self.active = list(active)
        self.run: list[Event] = list(active)
        self.out: list[str] = []
        self.kinds: list[str] = []

    def add(self, kind: str, block: str) -> None:
        self.kinds.append(kind)
        self.out.append(block)

    def flush(self) -> None:
        """Ends the paragraph."""
        closing = [
            Event("close" if e.kind == "open" else "end", e.name) for e in reversed(self.active)
        ]
        if any(
            e.kind in ("image", "math") or (e.kind == "text" and e.name.strip()) for e in self.run
        ):
            parts = _at_double_breaks([*self.run, *closing])
            for part in parts:
                if text := self.writer.paragraph(part):
                    self.add("paragraph", text)
        self.run = list(self.active)

    def nodes(self, children: Iterable[Node]) -> None:
        for child in children:
            self.node(child)

    def node(self, node: Node) -> None:
        writer = self.writer
        match node:
            case str():
                self.text(node)
            case Gap(number, hint):
                self.begin(Event("open", str(number), hint), anki_html.mark(node))
            case GapEnd():
                self.end("open", Event("close"), anki_html.mark(node))
            case Math(tex, display):
                if not tex.strip() or len(tex) > 1900:
                    writer.remark("a formula is too long: it is text now")
                    self.text(tex)
                elif display and not self.active:
                    self.flush()
                    writer.said.append(anki_html.mark(node))
                    self.add("math", f"$$\n{tex.strip()}\n$$")
                else:
                    writer.said.append(anki_html.mark(node))
                    self.run.append(Event("math", tex))
            case Sound(name):
                writer.remark(f"a sound is left out: {name}")
                self.text(f"(sound: {name})")
            case Element():
                self.element(node)

    def text(self, text: str) -> None:
        if _HIDDEN.search(text):
            self.writer.remark("invisible characters are left out")
            text = _HIDDEN.sub("", text)
        text = re.sub("[\u2028\u2029]", "\n", text)
        text = re.sub(
            r"[ \t\r\n\f\u00a0]*\n[ \t\r\n\f\u00a0]*|[ \t\u00a0]{2,}|^\u00a0|\u00a0$|(?<=[ \t])\u00a0|\t",
            _blank,
            text,
        )
        self.writer.said.append(text)
        self.run.append(Event("text", text))

    def begin(self, event: Event, said: str = "") -> None:
        if said:
            self.writer.said.append(said)
        self.active.append(event)
        self.run.append(event)

    def end(self, kind: str, event: Event, said: str = "") -> None:
        """Ends the innermost thing of this kind that is open; what begins inside it and goes on is untangled later."""
        for place in range(len(self.active) - 1, -1, -1):
            if self.active[place].kind == kind and (
                kind == "open" or self.active[place].name == event.name
            ):
                number = self.active[place].name
                del self.active[place]
                self.run.append(event if kind != "open" else Event("close", number))
                if said:
                    self.writer.said.append(said)
                return

    def element(self, element: Element) -> None:
        tag, writer = element.tag, self.writer
        if tag not in HTML_ELEMENTS:
            writer.remark(f"<{tag[:40]}> is no HTML: it stands as text")
            self.text(f"<{tag}>")
            self.nodes(element.children)
        elif tag in _UNSEEN:
            if tag in ("script", "style"):
                writer.remark(f"a {tag} is left out")
        elif tag in _PLAYED:
            name = element.attributes.get("src") or element.attributes.get("data") or tag
            writer.remark(f"<{tag}> is left out: {name[:80]}")
            self.text(f"({name})")
            self.nodes(element.children)
        elif tag == "br":
            self.run.append(Event("br"))
        elif tag == "img":
            self.image(element)
        elif tag == "hr":
            self.flush()
            writer.remark("a line across is left out")
        elif tag in ("sub", "sup"):
            self.raised(element)
        elif tag in ("ul", "ol", "menu", "dir"):
            self.flush()
            self.list(element)
        elif tag == "table":
            self.flush()
            self.table(element)
        elif tag == "pre":
            self.pre(element)
        elif tag == "blockquote":
            self.flush()
            inner = "\n\n".join(writer._blocks(element.children, self.active))
            if inner:
                self.add("quote", "\n".join(f"> {line}".rstrip() for line in inner.split("\n")))
        elif tag in anki_html.BLOCKS:
            self.flush()
            if tag in _HEADINGS or tag == "dt":
                if tag in _HEADINGS:
                    writer.remark("a heading is a line in bold now")
                self.styled(element, ("strong",))
            else:
                self.styled(element, self.styles(element))
            self.flush()
        elif tag == "a":
            self.link(element)
        else:
            self.styled(element, self.styles(element))

    def styles(self, element: Element) -> tuple[str, ...]:
        """The emphasis that an element gives, by its tag or its style."""
        tag, style = element.tag, element.attributes.get("style", "")
        found = [_STYLES[tag]] if tag in _STYLES else []
        if style:
            if re.search(r"font-weight\s*:\s*(?:bold|[6-9]00)", style, re.IGNORECASE):
                found.append("strong")
            if re.search(r"font-style\s*:\s*italic", style, re.IGNORECASE):
                found.append("em")
            if re.search(r"text-decoration[^;]*line-through", style, re.IGNORECASE):
                found.append("del")
            if re.search(r"text-decoration[^;]*underline", style, re.IGNORECASE):
                self.writer.remark("underlining is left out")
            if _LOOKS.search(style):
                self.writer.remark("colours, fonts and sizes are left out")
        if tag in ("u", "ins"):
            self.writer.remark("underlining is left out")
        elif tag in ("mark", "font", "big", "small"):
            self.writer.remark("colours, fonts and sizes are left out")
        elif tag in ("input", "button", "select", "textarea", "form"):
            self.writer.remark(f"<{tag}> is left out")
        return tuple(dict.fromkeys(found))

    def styled(self, element: Element, styles: tuple[str, ...]) -> None:
        for style in styles:
            self.begin(Event("begin", style))
        self.nodes(element.children)
        for style in reversed(styles):
            self.end("begin", Event("end", style))

    def link(self, element: Element) -> None:
        href = element.attributes.get("href", "").strip()
        if not re.match(r"(?i)(?:https?:|mailto:)", href):
            if href:
                self.writer.remark(f"a link is left out: {href[:80]}")
            self.nodes(element.children)
            return
        self.begin(Event("begin", "link", href + "\0" + element.attributes.get("title", "")))
        self.nodes(element.children)
        self.end("begin", Event("end", "link"))

    def raised(self, element: Element) -> None:
        text = "".join(anki_html.visible(element))
        table = _SUP if element.tag == "sup" else _SUB
        if text.strip() and all(ord(c) in table for c in text.strip()):
            self.text(text.strip().translate(table))
            return
        self.writer.remark("raised or lowered text stands after ^ or _")
        self.text("^" if element.tag == "sup" else "_")
        self.nodes(element.children)

    def image(self, element: Element) -> None:
        name, writer = element.attributes.get("src", ""), self.writer
        path = writer.address(name)
        if not path:
            self.text(
                f"(picture: {name[:80] if not name.startswith('data:') else 'inside the card'})"
            )
            return
        if element.attributes.get("title"):
            writer.remark("the title of a picture is left out")
        writer.said.append("\ufffc")
        self.run.append(
            Event(
                "image", path, " ".join(_HIDDEN.sub("", element.attributes.get("alt", "")).split())
            )
        )

    def list(self, element: Element) -> None:
        items: list[list[Node]] = []
        loose = False
        for child in element.children:
            if isinstance(child, Element) and child.tag == "li":
                items.append(child.children)
                loose = loose or any(
                    isinstance(c, Element) and c.tag == "p" for c in child.children
                )
            elif not isinstance(child, str) or child.strip():
                if isinstance(child, Element) and child.tag in ("ul", "ol") and items:
                    items[-1] = [
                        *items[-1],
                        child,
                    ]  # a list directly in a list, as some editors write them
                else:
                    items.append([child])
        start = element.attributes.get("start", "1") if element.tag == "ol" else ""
        first = int(start) if re.fullmatch(r"\d{1,8}", start) else 1
        made = []
        for item in items:
            walk = _Walk(self.writer, self.active)
            walk.nodes(item)
            walk.flush()
            if walk.out:
                loose = loose or any(
                    a == b == "paragraph" for a, b in zip(walk.kinds, walk.kinds[1:], strict=False)
                )
                made.append(walk.out)
        kind = "numbers" if element.tag == "ol" else "bullets"
        other = bool(self.kinds) and self.kinds[-1] == kind
        out = []
        for number, blocks in enumerate(made, first):
            sign = f"{number}{'.)'[other]} " if element.tag == "ol" else "-*"[other] + " "
            lines = ("\n\n" if loose else "\n").join(blocks).split("\n")
            out.append(
                "\n".join(
                    [
                        sign + lines[0],
                        *(" " * len(sign) + line if line else "" for line in lines[1:]),
                    ]
                )
            )
        if out:
            self.add(kind + " again" if other else kind, ("\n\n" if loose else "\n").join(out))

    def table(self, element: Element) -> None:
        rows, captions = _rows(element)
        for caption in captions:
            self.styled(caption, ())
            self.flush()
        if not rows:
            return
        writer = self.writer
        if any(
            cell.attributes.get(span, "1") not in ("", "1")
            for row in rows
            for cell in row
            for span in ("colspan", "rowspan")
        ):
            writer.remark("a cell of a table went over several columns or rows: look at the table")
        if not any(cell.tag == "th" for cell in rows[0]):
            writer.remark("the first row of a table is its heading now")
        width = max(map(len, rows))
        lines = [[self.cell(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
        marks = {"left": ":--", "center": ":-:", "right": "--:"}
        aligned = [
            re.search(r"text-align\s*:\s*(left|center|right)", c.attributes.get("style", ""))
            for c in rows[0]
        ]
        lines.insert(
            1, [marks[a[1]] if a else "---" for a in [*aligned, *[None] * (width - len(aligned))]]
        )
        self.add("table", "\n".join("| " + " | ".join(line) + " |" for line in lines))

    def cell(self, cell: Element) -> str:
        """A cell on one line: what stood below each other stands side by side."""
        walk = _Walk(self.writer, self.active)
        walk.nodes(_flat(cell, self.writer.remark))
        closing = [
            Event("close" if e.kind == "open" else "end", e.name) for e in reversed(walk.active)
        ]
        text = " ".join(self.writer.paragraph([*walk.run, *closing]).split())
        return re.sub(r"(?<!\\)\|", r"\\|", text)

    def pre(self, element: Element) -> None:
        code = "".join(_code_text(element))
        held = list(_inside(element))
        if any(isinstance(node, Gap | GapEnd) for node in held) or self.active:
            self.writer.remark("a gap stood in a block of code: it is lines of code now")
            self.flush()
            self.begin(Event("begin", "code"))
            while held and isinstance(held[-1], str) and not held[-1].strip():
                held.pop()
            for node in held:
                if isinstance(node, str):
                    for number, line in enumerate(node.split("\n")):
                        if number:
                            self.run.append(Event("br"))
                        self.writer.said.append(line)
                        self.run.append(Event("text", line))
                else:
                    self.node(node)
            self.end("begin", Event("end", "code"))
            self.flush()
            return
        self.flush()
        if not code.strip():
            return
        language = next(
            (
                m[1]
                for e in _elements(element)
                if (m := re.search(r"language-([\w+#.-]+)", e.attributes.get("class", "")))
            ),
            "",
        )
        code = _HIDDEN.sub("", code).strip("\n").replace("\u00a0", " ")
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`{3,}", code)), default=2))
        self.writer.said.append(code)
        self.add("code", f"{fence}{language}\n{code}\n{fence}")


def _blank(match: re.Match[str]) -> str:
    return "\n" if "\n" in match[0] else " "


def _uncrossed(events: list[Event]) -> list[Event]:
    """The same events, but what begins inside a gap and ends outside (or the other way round) is cut at the gap's edge."""
    pairs = _pairs(events)
    gaps = [(i, j) for i, j in pairs if events[i].kind == "open"]
    cuts: dict[int, list[int]] = {}
    for i, j in gaps:
        for k, end in pairs:
            if events[k].kind == "begin" and (k < i < end < j):
                cuts.setdefault(i, []).append(k)
            elif events[k].kind == "begin" and (i < k < j < end):
                cuts.setdefault(j, []).append(k)
    out: list[Event] = []
    for place, event in enumerate(events):
        crossing = sorted(cuts.get(place, ()))
        out.extend(Event("end", events[k].name) for k in reversed(crossing))
        out.append(event)
        out.extend(events[k] for k in crossing)
    return out


def _pairs(events: list[Event]) -> list[tuple[int, int]]:
    """Places of beginnings and their ends."""
    opened: dict[tuple[str, str], list[int]] = {}
    pairs = []
    for place, event in enumerate(events):
        key = ("gap", event.name) if event.kind in ("open", "close") else ("style", event.name)
        if event.kind in ("open", "begin"):
            opened.setdefault(key, []).append(place)
        elif event.kind in ("close", "end") and opened.get(key):
            pairs.append((opened[key].pop(), place))
    return pairs


def _nested(events: list[Event]) -> list[_Span]:
    """Events as spans inside each other; an end without a beginning is passed over."""
    root = _Span("root")
    stack = [root]
    for event in events:
        if event.kind == "open":
            stack.append(_Span("gap", event.name, event.extra))
            stack[-2].inner.append(stack[-1])
        elif event.kind == "begin":
            address, _, title = event.extra.partition("\0")
            span = _Span(event.name, address, title)
            before = stack[-1].inner[-1] if stack[-1].inner else None
            if (
                before is not None
                and before.kind == event.name
                and event.name in ("strong", "em", "del")
            ):
                stack.append(before)  # two of the same side by side are one
            else:
                stack[-1].inner.append(span)
                stack.append(span)
        elif event.kind in ("close", "end"):
            kind = "gap" if event.kind == "close" else event.name
            if any(span.kind == kind for span in stack[1:]):
                while stack[-1].kind != kind:
                    stack.pop()
                stack.pop()
        else:
            stack[-1].inner.append(_Span(event.kind, event.name, event.extra))
    return root.inner


def _at_double_breaks(events: list[Event]) -> list[list[Event]]:
    """A paragraph cut where two line breaks follow each other and nothing is open there."""
    out: list[list[Event]] = [[]]
    depth = breaks = 0
    for event in events:
        depth += (event.kind in ("open", "begin")) - (event.kind in ("close", "end"))
        breaks = (
            breaks + 1
            if event.kind == "br"
            else breaks
            if event.kind == "text" and not event.name.strip()
            else 0
        )
        out[-1].append(event)
        if breaks >= 2 and depth == 0:
            out.append([])
            breaks = 0
    return out


def _first(spans: list[_Span]) -> str:
    """The first character that follows, as far as it is text."""
    for span in spans:
        if span.kind == "text":
            if span.name:
                return span.name[0]
        elif span.kind == "br":
            return "\n"
        elif span.kind in ("math", "image", "gap", "code"):
            return "{" if span.kind == "gap" else "$"
        elif found := _first(span.inner):
            return found
    return ""


def _plain(span: _Span) -> str:
    return span.name if span.kind == "text" else "".join(_plain(inner) for inner in span.inner)


def _code_span(text: str) -> str:
    """Text between backticks; more of them where it has some itself (CommonMark 6.1)."""
    text = text.replace("\n", " ")
    if not text.strip():
        return text
    fence = "`" * next(
        n for n in range(1, len(text) + 2) if not re.search(rf"(?<!`)`{{{n}}}(?!`)", text)
    )
    padded = text[0] == "`" or text[-1] == "`" or (text[0] == text[-1] == " ")
    return f"{fence} {text} {fence}" if padded else f"{fence}{text}{fence}"


def _target(address: str) -> str:
    address = address.replace("\n", "").replace("\\", "%5C")
    return (
        f"<{address.replace('<', '%3C').replace('>', '%3E')}>"
        if re.search(r"[\s()<>]", address) or not address
        else address
    )


def _title(title: str) -> str:
    return ' "' + heavy(" ".join(title.split())).replace('"', '\\"') + '"' if title.strip() else ""


def _at_line_start(match: re.Match[str]) -> str:
    """What would begin a heading, quote, list, table or line across."""
    if match[4]:
        return f"{match[4]}\\{match[5]}"
    if match[8] or match[9]:
        sign = match[8] or match[9]
        return f"&#{ord(sign[0])};{sign[1:]}"
    return "\\" + match[0]


def _rows(table: Element) -> tuple[list[list[Element]], list[Element]]:
    """The rows of a table, and its captions."""
    rows: list[list[Element]] = []
    captions: list[Element] = []
    for child in table.children:
        if isinstance(child, Element) and child.tag in ("thead", "tbody", "tfoot"):
            inner, more = _rows(child)
            rows, captions = rows + inner, captions + more
        elif isinstance(child, Element) and child.tag == "tr":
            cells = [c for c in child.children if isinstance(c, Element) and c.tag in ("td", "th")]
            loose = [
                c
                for c in child.children
                if c not in cells and not (isinstance(c, str) and not c.strip())
            ]
            rows.append([*cells, *([Element("td", {}, loose)] if loose else [])])
        elif isinstance(child, Element) and child.tag in ("td", "th"):
            rows = rows or [[]]
            rows[-1].append(child)
        elif not isinstance(child, str) or child.strip():
            captions.append(Element("div", {}, [child]))
    return [row for row in rows if row], captions


def _flat(cell: Element, remark: Callable[[str], None]) -> list[Node]:
    """What is in a cell without its blocks and line breaks; a stroke stands for each border between them."""
    out: list[Node] = []
    border = False

    def border_if(inside: bool) -> None:
        nonlocal border
        border = border or (inside and bool(out))

    for child in cell.children:
        if isinstance(child, Element) and child.tag == "br":
            border_if(True)
            continue
        blocky = isinstance(child, Element) and child.tag in anki_html.BLOCKS
        if isinstance(child, str) and not child.strip() and (border or not out):
            continue
        border_if(blocky)
        inner: list[Node] = [child]
        if isinstance(child, Element):
            flat = _flat(child, remark)
            tag = "code" if child.tag == "pre" else child.tag
            inner = flat if blocky and tag != "code" else [Element(tag, child.attributes, flat)]
            if not flat and blocky:
                continue
        elif isinstance(child, Math):
            inner = [Math(child.tex, False)]
        if border:
            remark("lines in a cell of a table stand side by side, with a stroke between")
            out.append(" / ")
        out.extend(inner)
        border = blocky
    return out


def _inside(element: Element) -> Iterable[Node]:
    """Text (a line feed for a break) and what is no text in an element, in order."""
    for child in element.children:
        if not isinstance(child, Element):
            yield child
        elif child.tag == "br":
            yield "\n"
        elif child.tag == "img":
            yield child
        else:
            yield from _inside(child)
            if child.tag in ("div", "p"):
                yield "\n"


def _code_text(element: Element) -> Iterable[str]:
    return (
        "".join(anki_html.visible(node)) if not isinstance(node, Math) else node.tex
        for node in _inside(element)
    )


def _elements(element: Element) -> Iterable[Element]:
    yield element
    for child in element.children:
        if isinstance(child, Element):
            yield from _elements(child)
