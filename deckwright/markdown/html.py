"""From tokens to HTML and plain text: what Anki gets of a card's Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from deckwright.core.blocks import Block
from deckwright.markdown.highlight import highlight

if TYPE_CHECKING:
    from markdown_it.token import Token

# What Anki would act on in a field: sounds, speech, LaTeX, a box to type in; and a gap that
# it would turn into an element with attributes.
_BRACKET = r"\[(?=(?:sound|anki):|\[type:|/?latex\]|/?\$\$?\])"
_ACTIVE = re.compile(rf"{_BRACKET}|::(?=image-occlusion:)", re.IGNORECASE)
# The same in attributes, and what Anki sees there, too: gaps and formulas.
_ACTIVE_IN_ATTRIBUTE = re.compile(
    rf"{_BRACKET}|:(?=:)|\{{(?=\{{)|\}}(?=\}})|\\(?=[(\[])", re.IGNORECASE
)
_BREAKS = ("softbreak", "hardbreak")
# Around the answer of a gap in a block's `plain`, and the address of an image in its `html`. No
# text has them: they are control characters, which are reported (P213).
_START, _END = "\x02", "\x03"
_BETWEEN = re.compile(f"{_START}([^{_END}]*){_END}")
# In a field: a gap, with its number, answer, and hint.
GAP = re.compile(r"\{\{c(\d+)::(.*?)(?:::(.*?))?\}\}", re.DOTALL)
_CODE = re.compile(r"<code[^>]*>(.*?)</code>", re.DOTALL)
_IMAGE = re.compile(r'<img [^>]* alt="([^"]*)"[^>]*>')
_MATH_BLOCK = re.compile(r'<div class="math">\\\[(.*?)\\\]</div>')
_TAG = re.compile(r"<[^>]*>")
_NOT_IN_LINE = re.compile(r"<(?!/?(?:code|b)>|!--)[^>]*>")


def _protect_field(field: str) -> str:
    """Return HTML in which Anki does not act on text such as `[sound:`."""
    if "[" not in field and "::image" not in field:  # much faster than the expression
        return field
    return _ACTIVE.sub(r"\g<0><!-- -->", field)


def _attribute(value: str) -> str:
    """Return text as the value of an attribute in which Anki finds nothing to act on.

    A word joiner, which has no width, separates the characters: comments have no effect
    in attributes, and Anki's editor writes `&#58;` back as a colon.
    """
    return '"' + _ACTIVE_IN_ATTRIBUTE.sub(r"\g<0>&#8288;", escape(value)) + '"'


def link_open(address: str, title: str = "") -> str:
    """Return the start tag of a link. Anki finds nothing to act on in its address."""
    href = _attribute(address.replace("::", ":%3A"))
    return f"<a href={href}{title}>"


def plain(blocks: Iterable[Block], blank: str | None = None) -> str:
    """Return the text of blocks without markup, with single spaces.

    `blank` replaces each gap; if it is None, the answers remain.
    """
    text = " ".join([block.plain for block in blocks if block.plain])
    if _START not in text:
        return text
    if blank is None:
        text = text.replace(_START, "").replace(_END, "")
    else:
        text = _BETWEEN.sub(blank, text)
    return " ".join(text.split())


def gap_answers(blocks: Iterable[Block]) -> tuple[str, ...]:
    """Return the answer of every gap without markup, in order."""
    return tuple(
        " ".join(gap[1].split()) for block in blocks for gap in _BETWEEN.finditer(block.plain)
    )


def plain_tokens(tokens: Iterable[Token]) -> str:
    """Return the text of tokens as a Block has it in `plain`: with signs around the gaps."""
    out: list[str] = []
    for token in tokens:
        if token.type == "inline":
            out.append(plain_inline(token, _START, _END))
        elif token.type in ("fence", "code_block", "math_block"):
            out.append(token.content)
    return " ".join(" ".join(out).split())


def plain_inline(inline: Token, gap_start: str = "", gap_end: str = "") -> str:
    """Return the text of an inline token without markup, with signs around its gaps."""
    others = dict.fromkeys(_BREAKS, " ") | {"gap_open": gap_start, "gap_close": gap_end}
    return "".join(others.get(token.type, token.content) for token in inline.children or ())


def field_html(blocks: Iterable[Block], address: Callable[[str], str]) -> str:
    """Return the HTML of blocks, with one line feed between them.

    `address` returns the media name for the address of an image.
    """
    text = "".join([block.html or _list_html(block) for block in blocks]).strip("\n")
    if _START in text:
        text = _BETWEEN.sub(lambda match: _attribute(address(match[1])), text)
    return _protect_field(text)


def _list_html(block: Block) -> str:
    """Return the HTML of a list with checkboxes, without the boxes."""
    items = ("".join([child.html for child in item.children]) for item in block.children)
    return f"<ul>\n{''.join(f'<li>{item}</li>' for item in items)}\n</ul>\n"


def inline_html(block: Block, address: Callable[[str], str]) -> str:
    """Return the HTML of a paragraph's text, without the `<p>` around it."""
    return field_html([block], address).removeprefix("<p>").removesuffix("</p>")


def line_html(blocks: Iterable[Block]) -> str:
    """Return the text of blocks as one line of HTML, as in a list of other cards.

    Code and formulas remain, gaps are open and bold, all other markup is dropped.
    """
    text = " ".join([block.html for block in blocks])
    text = _IMAGE.sub(r"\1", _MATH_BLOCK.sub(r"\(\1\)", GAP.sub(r"<b>\2</b>", text)))
    text = _CODE.sub(lambda match: f"<code>{_protect(_TAG.sub('', match[1]))}</code>", text)
    return _protect_field(" ".join(_NOT_IN_LINE.sub("", text).split()))


def text_html(content: str) -> str:
    """Return plain text as HTML in which Anki and MathJax find nothing to act on."""
    return _protect_field(_text(content))


def _text(content: str) -> str:
    return _protect(escape(content, quote=False))


def _protect(out: str) -> str:
    """Return HTML in which `{{c1::` begins no gap and `\\(`, `\\[` no formula.

    Anki looks for these even in code.
    """
    if "{{c" in out:
        out = out.replace("{{c", "{<!-- -->{c")
    if "\\(" in out or "\\[" in out:
        out = out.replace("\\(", "\\<!-- -->(").replace("\\[", "\\<!-- -->[")
    return out


def _in_gap(out: str) -> str:
    """Return HTML in which `}}` and `::` do not end a gap or begin its hint.

    A comment separates the two characters.
    """
    while "}}" in out:
        out = out.replace("}}", "}<!-- -->}")
    while "::" in out:
        out = out.replace("::", ":<!-- -->:")
    return out


def _text_in_gap(content: str) -> str:
    """Return the HTML of text in a gap, whatever follows it there."""
    out = _in_gap(_text(content))
    return out + "<!-- -->" if out.endswith(("}", ":")) else out


def _render_text(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    return _text_in_gap(token.content) if "in_gap" in token.meta else _text(token.content)


def _render_code(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    out = f"<code>{_text(tokens[index].content)}</code>"
    return _in_gap(out) if "in_gap" in tokens[index].meta else out


def _render_fence(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    language = code_language(token.info)
    body = _protect(highlight(token.content.rstrip("\n"), language))
    name = f" class={_attribute(f'language-{language}')}" if language else ""
    return f'<pre class="hl"><code{name}>{body}</code></pre>\n'


def code_language(info: str) -> str:
    """Return the language in the words after a fence, in lowercase; empty if none."""
    return info.split(maxsplit=1)[0].lower() if info.strip() else ""


def _render_math(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f"\\({_tex(tokens[index].content)}\\)"


def _render_math_block(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f'<div class="math">\\[{_tex(tokens[index].content)}\\]</div>\n'


def _tex(content: str) -> str:
    """Return TeX as HTML on one line.

    A space separates what Anki would act on, such as the braces of `}}`, which would end
    a gap; in math it has no effect. Anki removes comments from math.
    """
    out = re.sub(_BRACKET, "[ ", " ".join(content.split()), flags=re.IGNORECASE)
    while "}}" in out:
        out = out.replace("}}", "} }")
    while "{{" in out:
        out = out.replace("{{", "{ {")
    while "::" in out:
        out = out.replace("::", ": :")
    return escape(out, quote=False)


def _render_image(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    address = f"{_START}{token.attrs['src']}{_END}"
    alt = _attribute(" ".join(token.content.split("\n")))
    return f"<img src={address} alt={alt}{_title(token)}>"


def _render_link(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    return link_open(str(token.attrs["href"]), _title(token))


def _title(token: Token) -> str:
    return f" title={_attribute(str(token.attrs['title']))}" if token.attrs.get("title") else ""


def _render_cell(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    style = f' style="{token.attrs["style"]}"' if token.attrs.get("style") else ""
    return f'<th scope="col"{style}>' if token.tag == "th" else f"<td{style}>"


def _render_gap_open(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return "{{" + f"c{tokens[index].meta['gap'].number}::"


def _render_gap_close(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    hint = tokens[index].meta["gap"].extra.strip()
    if not hint:
        return "}}"
    return f"::{_text_in_gap(hint)}}}}}"


def _render_tag(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Do what the library does for all tags, faster: most tags are these."""
    token = tokens[index]
    if token.hidden:
        return ""
    return f"<{token.tag}>" if token.nesting == 1 else f"</{token.tag}>\n"


RENDER_RULES: dict[str, Callable[..., str]] = {
    "paragraph_open": _render_tag,
    "paragraph_close": _render_tag,
    "heading_open": _render_tag,
    "heading_close": _render_tag,
    "hr": lambda *_: "<hr>\n",
    "text": _render_text,
    "softbreak": lambda *_: " ",  # where a line of the source ends is no content
    "code_inline": _render_code,
    "fence": _render_fence,
    "code_block": _render_fence,
    "math_inline": _render_math,
    "math_block": _render_math_block,
    "image": _render_image,
    "link_open": _render_link,
    "gap_open": _render_gap_open,
    "gap_close": _render_gap_close,
    "table_open": lambda *_: (
        '<div class="tbl" role="region" aria-label="Table" tabindex="0"><table>\n'
    ),
    "table_close": lambda *_: "</table></div>\n",
    "th_open": _render_cell,
    "td_open": _render_cell,
}
