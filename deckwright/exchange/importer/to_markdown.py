"""HTML of a field as Markdown, by markdownify, and the proof that it says the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from bs4.element import NavigableString, Tag
from markdownify import MarkdownConverter

from deckwright import markdown
from deckwright.cards import markdown_rules
from deckwright.cards.parse import MAX_CARD
from deckwright.core.source import Source
from deckwright.exchange.importer.anki_syntax import TOKEN
from deckwright.exchange.importer.foreign import NotWritableError, check_length
from deckwright.exchange.importer.html_rules import BLOCKS
from deckwright.exchange.importer.simple_html import SimpleHtml, Simplifier, shown_by

# Noncharacters of Unicode, which no text has, until the whole field is written.
_BREAK = "\ufdd2"  # a line break
_DOLLAR = "\ufdd3"  # a dollar sign of the text
_BEGIN, _END = "\ufdd4", "\ufdd5"  # where emphasis begins and ends, with its sign in between
_EMPHASIS = re.compile(f"({_BEGIN}|{_END})(\\*\\*|\\*|_|~~)\ufdd6")
_BREAKS = re.compile(f"[ \n]*{_BREAK}[ \n{_BREAK}]*")
_LINE_START = re.compile(
    r"(?m)^(?:(?P<sign>#{1,6}(?=\s|$)|>|[-+](?=\s|$)|\||~{3,}|\[(?=[ xX]?\]))"
    r"|(?P<number>\d{1,9})(?P<after>[.)])(?=\s|$)|(?P<line>(?:=+|-{2,}|[—–])(?=\s*$)|-{3}))"
)
# Each may begin a link, for whose end Markdown searches; after a backslash it begins none.
_MANY_BRACKETS = re.compile(r"(?:\[[^\[]{0,4}){50}")
_DELIMITERS = {"None": "---", "left": ":--", "center": ":-:", "right": "--:"}
_AnyConverter: Any = MarkdownConverter  # its types leave out what a subclass needs
_LIST_OR_CODE = re.compile(r"\s*(?:[-*>|`]|\d+[.)] )")


def to_markdown(
    html: str, gaps: bool, address: Callable[[str], str], remark: Callable[[str], None]
) -> str:
    """A field as Markdown with as few backslashes as possible; at worst, as plain paragraphs.

    See Simplifier for the arguments. Raises NotWritableError if no card could hold the text, or
    if even plain paragraphs would not show it.
    """
    field = Simplifier(gaps, address, remark).simplified(html)
    shown = field.shown()
    if not shown:
        return ""
    for escape_all, in_words in ((False, True), (False, False), (True, False)):
        text = _written(field, _Converter(escape_all), in_words, remark)
        if (escape_all or not _MANY_BRACKETS.search(text)) and _shows(text, shown):
            return text
    remark("its formatting cannot be kept; it is plain text now")
    for element in field.root.find_all(True):
        if element.name in BLOCKS:
            element.name = "div"
        elif element.name not in ("img", "br"):
            element.unwrap()
    text = _written(field, _Converter(escape_all=True), False, remark)
    if not _shows(text, shown):
        raise NotWritableError("its text cannot be written as Markdown")
    return text


def escaped(text: str) -> str:
    """Text with a backslash before every character that could be Markdown anywhere."""
    return re.sub(r"[\\`*_~\[\]<>&!|$#+-]", r"\\\g<0>", text)


def _shows(text: str, shown: str) -> bool:
    """Whether compiled Markdown shows what it should, and is one section of a card."""
    source = Source("card.md", text)
    blocks = markdown.parse(source)
    inner = [block for outer in blocks for block in outer.walk()]
    if any(block.kind in ("rule", "heading") or block.checked for block in inner):
        return False
    if any(markdown_rules.diagnose(source, blocks)):
        return False
    return shown_by(markdown.html(blocks, str)) == shown


def _written(
    field: SimpleHtml, converter: _Converter, in_words: bool, remark: Callable[[str], None]
) -> str:
    """A field as Markdown. `in_words` says whether emphasis stays inside words."""
    text = _lines(converter.process_tag(field.root, parent_tags=set()))
    text = re.sub(f"{_END}([*_~]+)\ufdd6{_BEGIN}\\1\ufdd6", "", text)
    text = _with_emphasis(text, in_words, remark)
    text = text.replace(_DOLLAR, "\\$" if text.count(_DOLLAR) > 1 or TOKEN.search(text) else "$")

    def formula(match: re.Match[str]) -> str:
        token = field.tokens[int(match[1])]
        before, after = text[: match.start()], text[match.end() :]
        if token.kind in ("gap", "end"):
            return token.markdown
        if token.kind == "block" and {before[-2:], after[:2]} <= {"", "\n\n"}:
            return f"$$\n{token.markdown}\n$$"
        lead = " " * (before[-1:].isalnum() or before[-1:] == "$")
        tail = " " * after[:1].isalnum()
        if lead or tail:
            remark("a space was put between a formula and the letter next to it")
        return f"{lead}${token.markdown}${tail}"

    text = unicodedata.normalize("NFC", TOKEN.sub(formula, text))
    check_length("its card", len(text), MAX_CARD)
    return text


def _lines(text: str) -> str:
    """Text with line breaks as Markdown writes them: two in a row begin a paragraph."""

    def written(match: re.Match[str]) -> str:
        if "\n\n" in match[0] or match[0].count(_BREAK) > 1:
            return "\n\n"
        return "\n" if "\n" in match[0] else "\\\n"

    return _BREAKS.sub(written, text.strip(f" \n{_BREAK}"))


def _with_emphasis(text: str, in_words: bool, remark: Callable[[str], None]) -> str:
    """Text with the signs of emphasis, without those that are inside a word if so wanted."""
    marks = list(_EMPHASIS.finditer(text))
    opened: list[re.Match[str]] = []
    dropped = set()
    for mark in marks if not in_words else ():
        if mark[1] == _BEGIN:
            opened.append(mark)
        elif opened:
            begin = opened.pop()
            before, after = text[: begin.start()][-1:], text[mark.end() :][:1]
            if before.isalnum() or before in ("/", ":") or after.isalnum():
                dropped |= {begin.start(), mark.start()}
    if dropped:
        remark("emphasis inside a word is left out")
    return _EMPHASIS.sub(lambda m: "" if m.start() in dropped else m[2], text)


class _Converter(_AnyConverter):  # type: ignore[misc]
    """Writes SimpleHtml in this project's dialect."""

    def __init__(self, escape_all: bool) -> None:
        super().__init__(bullets="-")
        self._escape_all = escape_all

    def escape(self, text: str, parent_tags: set[str]) -> str:
        if self._escape_all:
            return escaped(text)
        text = re.sub(r"\\(?=[!-/:-@\[-`{-~\n]|$)", r"\\\\", text)
        text = re.sub(
            r"`|\*(?!\s)|(?<!\s)\*|(?<![A-Za-z0-9\s])_|_(?![A-Za-z0-9\s])|~(?=~)|(?<=~)~|\](?=\()"
            r"|!(?=\[)|<(?=[A-Za-z/!?])|(?<=\s)_(?=\S)|(?<=\S)_(?=\s)|^_|_$",
            r"\\\g<0>",
            text,
        )
        text = re.sub(r"&(?=#\d|#[xX][0-9a-fA-F]|[A-Za-z][A-Za-z0-9]*;)", r"\\&", text)
        return text.replace("$", _DOLLAR)

    def process_text(self, el: NavigableString, parent_tags: set[str]) -> str:
        text: str = super().process_text(el, parent_tags)
        if "_noformat" in parent_tags:
            return text
        if "_inline" in parent_tags:
            return re.sub(r"(?<!\\)\|", r"\|", text)
        if isinstance(el.next_sibling, Tag) and el.next_sibling.name == "br":
            text = text.rstrip()
        if _begins(el):
            return _LINE_START.sub(_escaped_line_start, text.lstrip())
        first, feed, others = text.partition("\n")
        return first + feed + _LINE_START.sub(_escaped_line_start, others)

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _BREAK

    def convert_div(self, el: Tag, text: str, parent_tags: set[str]) -> Any:
        return super().convert_div(el, _lines(text), parent_tags)

    def convert_p(self, el: Tag, text: str, parent_tags: set[str]) -> Any:
        return super().convert_p(el, _lines(text), parent_tags)

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> Any:
        return super().convert_li(el, _lines(text), parent_tags)

    def convert_blockquote(self, el: Tag, text: str, parent_tags: set[str]) -> Any:
        return super().convert_blockquote(el, _lines(text), parent_tags)

    def convert_tr(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if el.find_previous_sibling("tr"):
            return f"|{text}\n"
        cells = (_DELIMITERS[str(cell.get("align"))] for cell in el.find_all(["td", "th"]))
        return f"|{text}\n| {' | '.join(cells)} |\n"

    def convert_b(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _emphasized(el, text, parent_tags, "**")

    def convert_i(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _emphasized(el, text, parent_tags, "_" if "b" in parent_tags or el.b else "*")

    def convert_del(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _emphasized(el, text, parent_tags, "~~")

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Code between backticks, more of them if it has some (CommonMark 6.1)."""
        if not text.strip():
            return text
        lengths = {len(run) for run in re.findall(r"`+", text)}
        fence = "`" * next(n for n in range(1, len(text) + 2) if n not in lengths)
        padded = text[0] == "`" or text[-1] == "`" or text[0] == text[-1] == " "
        code = f"{fence} {text} {fence}" if padded else f"{fence}{text}{fence}"
        return re.sub(r"(?<!\\)\|", r"\|", code) if "_inline" in parent_tags else code

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Code between fences that are longer than any run of backticks in it."""
        if not text.strip():
            return ""
        longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
        fence = "`" * (longest + 1)
        return f"\n\n{fence}{el.get('class') or ''}\n{text}\n{fence}\n\n"

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        address = str(el.get("href") or "")
        if not address or not text.strip() or "\n\n" in text:
            return text
        return f"<{address}>" if el.get_text() == address else f"[{text}]({_target(address)})"

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        alt = self.escape(str(el["alt"]), parent_tags)
        return f"![{alt}]({_target(str(el['src']))})"


def _escaped_line_start(match: re.Match[str]) -> str:
    """Escape what would begin a heading, quote, list, table, fence, box, or line across."""
    if match["number"]:
        return f"{match['number']}\\{match['after']}"
    if line := match["line"]:
        return f"&#{ord(line[0])};{line[1:]}"
    return "\\" + match[0]


def _begins(text: NavigableString) -> bool:
    """Whether a text begins a line."""
    node: NavigableString | Tag = text
    while node.parent and node.previous_sibling is None and node.parent.name not in BLOCKS:
        node = node.parent
    before = node.previous_sibling
    while isinstance(before, NavigableString) and not before.strip():
        before = before.previous_sibling
    return before is None or (isinstance(before, Tag) and before.name in ("br", *BLOCKS))


def _emphasized(el: Tag, text: str, parent_tags: set[str], sign: str) -> str:
    """Emphasis around each paragraph; no emphasis around lists, code, and tables."""
    if el.name in parent_tags:
        return text
    out = []
    for part in text.split("\n\n"):
        core = part.strip(f" \n{_BREAK}")
        if not core or (_LIST_OR_CODE.match(part) and "\n" in text):
            out.append(part)
            continue
        lead, tail = part.split(core, 1)
        core = re.sub(f"{_BREAK}[ {_BREAK}]*", _BREAK, core)
        out.append(f"{lead}{_BEGIN}{sign}\ufdd6{core}{_END}{sign}\ufdd6{tail}")
    return "\n\n".join(out)


def _target(address: str) -> str:
    """The address of a link or picture, in angle brackets where it needs them."""
    return f"<{address}>" if re.search(r"[\s()]", address) else address
