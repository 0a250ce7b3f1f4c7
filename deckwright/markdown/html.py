"""Tokens → HTML and plain text: what Anki gets of a card's Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import Any

from markdown_it.token import Token

from deckwright.core.blocks import Block
from deckwright.markdown.highlight import highlight

# Openings that Anki itself would act on in a field: sounds, speech, LaTeX.
_ANKI_BRACKET = re.compile(r"\[(?=(?:sound|anki):|/?latex\]|/?\$\$?\])", re.IGNORECASE)


def without_comments(field: str) -> str:
    """HTML without the comments that keep Anki quiet: two texts are the same where this is."""
    return field.replace("<!-- -->", "")


def quiet(field: str) -> str:
    """Keeps Anki from taking text such as `[sound:` for one of its own marks."""
    return _ANKI_BRACKET.sub("[<!-- -->", field) if "[" in field else field


def plain(blocks: Iterable[Block], blank: str | None = None) -> str:
    """Text of blocks without markup, white space collapsed. `blank` stands for each gap; without it the answers do."""
    out: list[str] = []
    for block in blocks:
        for token in block.tokens:
            if token.type == "inline":
                out.append(plain_inline(token, blank))
            elif token.type in ("fence", "code_block", "math_block"):
                out.append(token.content)
    return " ".join(" ".join(out).split())


def plain_inline(inline: Token, blank: str | None = None) -> str:
    """Text of one run of inline tokens."""
    out: list[str] = []
    hidden = 0
    for token in inline.children or ():
        if token.type == "gap_open" and blank is not None:
            hidden += 1
            out.append(blank)
        elif token.type == "gap_close" and blank is not None:
            hidden -= 1
        elif not hidden:
            out.append(" " if token.type in ("softbreak", "hardbreak") else token.content)
    return "".join(out)


def line_html(blocks: Iterable[Block]) -> str:
    """The text of blocks as one line of HTML, as a list of other cards shows it: code and formulas stay what they are, gaps are open and
    bold, all other markup is gone."""
    return quiet(
        " ".join(
            " ".join(
                part for block in blocks for token in block.tokens for part in _line(token)
            ).split()
        )
    )


def _line(token: Token) -> Iterator[str]:
    if token.type in ("fence", "code_block"):
        yield f"<code>{_shield(escape(' '.join(token.content.split()), quote=False))}</code>"
    elif token.type == "math_block":
        yield f"\\({_tex(token.content)}\\)"
    elif token.type == "inline":
        yield "".join(map(_line_inline, token.children or ()))


def _line_inline(token: Token) -> str:
    match token.type:
        case "code_inline":
            return f"<code>{_shield(escape(token.content, quote=False))}</code>"
        case "math_inline":
            return f"\\({_tex(token.content)}\\)"
        case "gap_open":
            return "<b>"
        case "gap_close":
            return "</b>"
        case "softbreak" | "hardbreak":
            return " "
        case _:
            return _shield(escape(token.content, quote=False))


def opened(tokens: Iterable[Token]) -> list[Token]:
    """The tokens without gaps: every answer is text among text, and no hint is left."""
    return [
        token.copy(children=_open(token.children)) if token.children else token for token in tokens
    ]


def _open(children: Iterable[Token]) -> list[Token]:
    bare = (child for child in children if child.type not in ("gap_open", "gap_close"))
    return [
        child.copy(meta={key: value for key, value in child.meta.items() if key != "in_gap"})
        for child in bare
    ]


def gap_answers(blocks: Iterable[Block]) -> tuple[str, ...]:
    """The text of every gap, in order, without markup."""
    answers: list[str] = []
    for block in blocks:
        for token in block.tokens:
            within = False
            for child in token.children or () if token.type == "inline" else ():
                if child.type == "gap_open":
                    within = True
                    answers.append("")
                elif child.type == "gap_close":
                    within = False
                elif within:
                    answers[-1] += (
                        " " if child.type in ("softbreak", "hardbreak") else child.content
                    )
    return tuple(" ".join(answer.split()) for answer in answers)


def table_cells(block: Block) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Alignment of each column (left, center, right or empty) and the cells of each row, as Markdown."""
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
    """Whether a list's items stand without blank lines, so that their text is no paragraph of its own."""
    return all(
        token.hidden
        for token in block.tokens
        if token.type == "paragraph_open" and token.level == block.tokens[0].level + 2
    )


def text_html(content: str) -> str:
    """Plain text as HTML in which neither Anki nor MathJax finds a gap, a formula, a sound or LaTeX."""
    return quiet(_shield(escape(content, quote=False)))


def _shield(out: str) -> str:
    """Keeps `{{c1::` from becoming a gap, and `\\(` and `\\[` from beginning a formula: Anki looks for both even in code."""
    if "{{c" in out:
        out = out.replace("{{c", "{<!-- -->{c")
    if "\\(" in out or "\\[" in out:
        out = out.replace("\\(", "\\<!-- -->(").replace("\\[", "\\<!-- -->[")
    return out


def _in_gap(token: Token, out: str) -> str:
    """Inside a gap `}}` would end it and `::` start the hint: a comment between the two characters keeps both."""
    if "in_gap" not in token.meta:
        return out
    while "}}" in out:
        out = out.replace("}}", "}<!-- -->}")
    while "::" in out:
        out = out.replace("::", ":<!-- -->:")
    return out


def _render_text(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    out = _in_gap(tokens[index], _shield(escape(tokens[index].content, quote=False)))
    return out + "<!-- -->" if "in_gap" in tokens[index].meta and out.endswith(("}", ":")) else out


def _render_code(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f"<code>{_in_gap(tokens[index], _shield(escape(tokens[index].content, quote=False)))}</code>"


def _render_fence(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    language = code_language(token.info)
    body = _shield(highlight(token.content.rstrip("\n"), language))
    name = f' class="language-{escape(language)}"' if language else ""
    return f'<pre class="hl"><code{name}>{body}</code></pre>\n'


def code_language(info: str) -> str:
    """The language that the words after a fence name, in small letters; empty where there are none."""
    return info.split(maxsplit=1)[0].lower() if info.strip() else ""


def _render_math(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f"\\({_tex(tokens[index].content)}\\)"


def _render_math_block(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f'<div class="math">\\[{_tex(tokens[index].content)}\\]</div>\n'


def _tex(content: str) -> str:
    """TeX on one line, `}}` and `{{` kept apart (a space means nothing in math), HTML escaped."""
    out = " ".join(content.split())
    while "}}" in out:
        out = out.replace("}}", "} }")
    while "{{" in out:
        out = out.replace("{{", "{ {")
    return escape(out.replace("::", ": :"), quote=False)


def _render_image(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    return f'<img src="{escape(env["address"](str(token.attrs["src"])))}" alt="{escape(token.content)}"{_title(token)}>'


def _render_link(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    return f'<a href="{escape(str(token.attrs["href"]))}" target="_blank" rel="noopener"{_title(token)}>'


def _title(token: Token) -> str:
    return f' title="{escape(str(token.attrs["title"]))}"' if token.attrs.get("title") else ""


def _render_cell(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    style = f' style="{token.attrs["style"]}"' if token.attrs.get("style") else ""
    return f'<th scope="col"{style}>' if token.tag == "th" else f"<td{style}>"


def _render_gap_open(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f"{{{{c{tokens[index].meta['seen'].number}::"


def _render_gap_close(tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    hint = tokens[index].meta["seen"].extra.strip()
    return (
        "::" + _shield(escape(hint, quote=False)).replace("}}", "}<!-- -->}") if hint else ""
    ) + "}}"


RENDER_RULES: dict[str, Callable[..., str]] = {
    "text": _render_text,
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
