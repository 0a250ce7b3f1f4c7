"""From tokens to HTML and plain text: what Anki gets of a card's Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
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
# Around the answer of a gap in a block's `plain`. No text has them: they are control characters,
# which are reported (P213).
_GAP_START, _GAP_END = "\x02", "\x03"
_GAP = re.compile(f"{_GAP_START}([^{_GAP_END}]*){_GAP_END}")


def without_guards(field: str) -> str:
    """Return HTML without the comments that protect text from Anki.

    Two fields show the same if this is the same.
    """
    return field.replace("<!-- -->", "")


def protect_field(field: str) -> str:
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
    if _GAP_START not in text:
        return text
    if blank is None:
        text = text.replace(_GAP_START, "").replace(_GAP_END, "")
    else:
        text = _GAP.sub(blank, text)
    return " ".join(text.split())


def gap_answers(blocks: Iterable[Block]) -> tuple[str, ...]:
    """Return the answer of every gap without markup, in order."""
    return tuple(" ".join(gap[1].split()) for block in blocks for gap in _GAP.finditer(block.plain))


def plain_tokens(tokens: Iterable[Token]) -> str:
    """Return the text of tokens as a Block has it in `plain`: with signs around the gaps."""
    out: list[str] = []
    for token in tokens:
        if token.type == "inline":
            out.append(plain_inline(token, _GAP_START, _GAP_END))
        elif token.type in ("fence", "code_block", "math_block"):
            out.append(token.content)
    return " ".join(" ".join(out).split())


def plain_inline(inline: Token, gap_start: str = "", gap_end: str = "") -> str:
    """Return the text of an inline token without markup, with signs around its gaps."""
    others = dict.fromkeys(_BREAKS, " ") | {"gap_open": gap_start, "gap_close": gap_end}
    return "".join(others.get(token.type, token.content) for token in inline.children or ())


def tokens_of(block: Block) -> Sequence[Token]:
    """Return the tokens of a block. Raises ValueError if they are forgotten."""
    if block.tokens == []:  # a metadata list has an empty tuple
        raise ValueError(f"the tokens of this block are forgotten: {block.span.path}")
    tokens: Sequence[Token] = block.tokens
    return tokens


def line_html(blocks: Iterable[Block]) -> str:
    """Return the text of blocks as one line of HTML, as in a list of other cards.

    Code and formulas remain, gaps are open and bold, all other markup is dropped.
    """
    parts = (part for block in blocks for token in tokens_of(block) for part in _line(token))
    return protect_field(" ".join(" ".join(parts).split()))


def _line(token: Token) -> Iterator[str]:
    if token.type in ("fence", "code_block"):
        yield _code(" ".join(token.content.split()))
    elif token.type == "math_block":
        yield f"\\({_tex(token.content)}\\)"
    elif token.type == "inline":
        yield "".join(map(_line_inline, token.children or ()))


def _line_inline(token: Token) -> str:
    match token.type:
        case "code_inline":
            return _code(token.content)
        case "math_inline":
            return f"\\({_tex(token.content)}\\)"
        case "gap_open":
            return "<b>"
        case "gap_close":
            return "</b>"
        case "softbreak" | "hardbreak":
            return " "
        case _:
            return _text(token.content)


def _code(content: str) -> str:
    return f"<code>{_text(content)}</code>"


def without_gaps(tokens: Iterable[Token]) -> list[Token]:
    """Return tokens without gaps: the answers are text, the hints are dropped.

    The answers' HTML still has the comments that it needs in a gap.
    """
    out = []
    for token in tokens:
        children = token.children or []
        bare = [child for child in children if child.type not in ("gap_open", "gap_close")]
        out.append(token.copy(children=bare) if children else token)
    return out


def table_cells(block: Block) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the alignment of each column and the cells of each row, as Markdown.

    An alignment is left, center, right or empty.
    """
    rows: list[tuple[str, ...]] = []
    row: list[str] = []
    styles: list[str] = []
    for token in block.tokens:
        if token.type == "th_open":
            styles.append(str(token.attrs.get("style", "")).removeprefix("text-align:"))
        elif token.type == "inline":
            row.append(token.content)
        elif token.type == "tr_close":
            rows.append(tuple(row))
            row = []
    return tuple(styles), tuple(rows)


def is_tight(block: Block) -> bool:
    """Return whether a list is tight: its items are not separated by blank lines."""
    return all(
        token.hidden
        for token in block.tokens
        if token.type == "paragraph_open" and token.level == block.tokens[0].level + 2
    )


def text_html(content: str) -> str:
    """Return plain text as HTML in which Anki and MathJax find nothing to act on."""
    return protect_field(_text(content))


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
    out = _code(tokens[index].content)
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
    address = _attribute(env["address"](str(token.attrs["src"])))
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


RENDER_RULES: dict[str, Callable[..., str]] = {
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
