"""HTML of a field as Markdown, by markdownify, and the proof that it says the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from bs4.element import NavigableString, Tag
from markdownify import MarkdownConverter

from deckwright import markdown
from deckwright.cards import markdown_rules
from deckwright.cards.parse import MAX_CARD
from deckwright.core.source import Source
from deckwright.exchange.importer import simple_html
from deckwright.exchange.importer.anki_syntax import TOKEN, Remark
from deckwright.exchange.importer.foreign import NotWritableError

_BREAK = "\ufdd2"  # a line break until the field is written; no text has this noncharacter
_BREAKS = re.compile(f"[ \n]*{_BREAK}[ \n{_BREAK}]*")
_SPECIAL = re.compile(
    r"\\(?=[!-/:-@\[-`{-~\n]|$)|`|\$|\*(?!\s)|(?<!\s)\*|(?<![A-Za-z0-9\s])_|_(?![A-Za-z0-9\s])"
    r"|~(?=~)|(?<=~)~|\](?=\()|!(?=\[)|<(?=[A-Za-z/!?])|(?<=\s)_(?=\S)|(?<=\S)_(?=\s)|^_|_$"
    r"|&(?=#\d|#[xX][0-9a-fA-F]|[A-Za-z][A-Za-z0-9]*;)"
)
_LINE_START = re.compile(
    r"(?m)^(?:(?P<sign>#{1,6}(?=\s|$)|>|[-+](?=\s|$)|\||~{3,}|\[(?=[ xX]?\]))"
    r"|(?P<number>\d{1,9})(?P<after>[.)])(?=\s|$)|(?P<line>(?:=+|-{2,}|[—–])(?=\s*$)|-{3}))"
)
# Each may begin a link, for whose end Markdown searches; after a backslash it begins none.
_MANY_BRACKETS = re.compile(r"(?:\[[^\[]{0,4}){50}")
_LIST_OR_CODE = re.compile(r"\s*(?:[-*>|`]|\d+[.)] )")
_DELIMITERS = {"None": "---", "left": ":--", "center": ":-:", "right": "--:"}
_AnyConverter: Any = MarkdownConverter  # its types leave out what a subclass needs


def to_markdown(html: str, gaps: bool, address: simple_html.Address, remark: Remark) -> str:
    """A field as Markdown with as few backslashes as possible; at worst, as plain paragraphs.

    See `simplified` for the arguments. Raises NotWritableError if no card could hold the text, or
    if even plain paragraphs would not show it.
    """
    field = simple_html.simplified(html, gaps, address, remark)
    shown = field.shown()
    if not shown:
        return ""
    no_emphasis = "emphasis is left out, because it begins or ends inside a word"
    plain = "its formatting can't be kept; it is plain text now"
    for step, loss in enumerate(("", "", no_emphasis, plain)):
        if step == 2:
            field.unwrap_emphasis()
        elif step == 3:
            field.unwrap_all()
        text = _written(field, step > 0, remark)
        if _shows(text, shown):
            if loss:
                remark(loss)
            return text
    raise NotWritableError("its text can't be written as Markdown")


def _shows(text: str, shown: str) -> bool:
    """Whether compiled Markdown shows what it should, and is one section of a card."""
    if _MANY_BRACKETS.search(text):
        return False
    source = Source("card.md", text)
    blocks = markdown.parse(source)
    inner = [block for outer in blocks for block in outer.walk()]
    if any(block.kind in ("rule", "heading") or block.checked for block in inner):
        return False
    if any(markdown_rules.diagnose(source, blocks)):
        return False
    return simple_html.shown_by(markdown.field_html(blocks, str)) == shown


def _written(field: simple_html.SimpleHtml, escape_all: bool, remark: Remark) -> str:
    """A field as Markdown."""
    text = _lines(_Converter(escape_all).process_tag(field.root, parent_tags=set()))

    def formula(match: re.Match[str]) -> str:
        token = field.syntax.tokens[int(match[1])]
        before, after = text[: match.start()], text[match.end() :]
        if token.kind in ("gap", "picture"):
            return token.markdown
        if token.kind == "block" and {before[-2:], after[:2]} <= {"", "\n\n"}:
            return f"$$\n{token.markdown}\n$$"
        lead = " " * (before[-1:].isalnum() or before[-1:] == "$")
        tail = " " * after[:1].isalnum()
        if lead or tail:
            remark("a space was put between a formula and the letter next to it")
        return f"{lead}${token.markdown}${tail}"

    text = unicodedata.normalize("NFC", TOKEN.sub(formula, text))
    if len(text) > MAX_CARD:
        raise NotWritableError(f"its card would have more than {MAX_CARD:,} characters")
    return text


def _lines(text: str) -> str:
    """Text with line breaks as Markdown writes them: two in a row begin a paragraph."""

    def written(match: re.Match[str]) -> str:
        if "\n\n" in match[0] or match[0].count(_BREAK) > 1:
            return "\n\n"
        return "\n" if "\n" in match[0] else "\\\n"

    return _BREAKS.sub(written, text.strip(f" \n{_BREAK}"))


class _Converter(_AnyConverter):  # type: ignore[misc]
    """Writes SimpleHtml in this project's dialect."""

    def __init__(self, escape_all: bool) -> None:
        super().__init__(
            bullets="*",  # not that of the metadata, which a list right below would continue
            code_language_callback=lambda pre: pre.get("class"),
        )
        self._escape_all = escape_all

    def get_conv_fn(self, tag_name: str) -> Any:
        convert = super().get_conv_fn(tag_name)
        if tag_name not in ("blockquote", "div", "li", "p"):
            return convert
        return lambda el, text, parent_tags: convert(el, _lines(text), parent_tags)

    def escape(self, text: str, parent_tags: set[str]) -> str:
        return simple_html.escaped(text) if self._escape_all else _SPECIAL.sub(r"\\\g<0>", text)

    def process_text(self, el: NavigableString, parent_tags: set[str]) -> str:
        text: str = super().process_text(el, parent_tags)
        before, after = el.previous_sibling, el.next_sibling
        if parent_tags & {"_inline", "_noformat"}:
            return text
        if isinstance(before, Tag) and before.name == "br":
            text = text.lstrip()
        if isinstance(after, Tag) and after.name == "br":
            text = text.rstrip()
        return _LINE_START.sub(_escaped_line_start, text)

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return " " if "_inline" in parent_tags else _BREAK

    def convert_tr(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        cells = [_DELIMITERS[str(cell.get("align"))] for cell in el.find_all(["td", "th"])]
        is_first = el.find_previous_sibling("tr") is None
        return f"|{text}\n" + f"| {' | '.join(cells)} |\n" * is_first

    def convert_b(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        sign = {"b": "**", "del": "~~", "i": "_" if "b" in parent_tags or el.b else "*"}[el.name]
        return text if el.name in parent_tags else _emphasized(text, sign)

    convert_del = convert_i = convert_b

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> Any:
        return super().convert_td(el, re.sub(r"(?<!\\)\|", r"\|", text), parent_tags)

    convert_th = convert_td


def _escaped_line_start(match: re.Match[str]) -> str:
    """Escape what would begin a heading, quote, list, table, fence, box, or line across."""
    if match["number"]:
        return f"{match['number']}\\{match['after']}"
    if line := match["line"]:
        return f"&#{ord(line[0])};{line[1:]}"
    return "\\" + match[0]


def _emphasized(text: str, sign: str) -> str:
    """Emphasis around each paragraph; no emphasis around lists, code, and tables."""
    out = []
    for part in text.split("\n\n"):
        core = part.strip(f" \n{_BREAK}")
        if core and not (_LIST_OR_CODE.match(part) and "\n" in text):
            lead, tail = part.split(core, 1)
            core = re.sub(f"{_BREAK}[ {_BREAK}]*", _BREAK, core)
            part = f"{lead}{sign}{core}{sign}{tail}"
        out.append(part)
    return "\n\n".join(out)
