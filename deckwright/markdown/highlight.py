"""Code to HTML with Pygments' short class names: the door of Pygments, which is loaded when the first code block asks for it."""

from __future__ import annotations

from functools import cache, lru_cache
from html import escape
from typing import Any

PLAIN = frozenset({"", "text", "txt", "plain", "none"})


@cache
def known(language: str) -> bool:
    """Whether `language`, the word after the fence, names a lexer or plain text."""
    if language in PLAIN:
        return True
    from pygments.lexers import (
        find_lexer_class_by_name,
    )  # the class alone: a lexer compiles all of its expressions
    from pygments.util import ClassNotFound

    try:
        return find_lexer_class_by_name(language) is not None
    except ClassNotFound:
        return False


@lru_cache(maxsize=8192)  # who watches cards renders the same code again and again
def highlight(code: str, language: str) -> str:
    """`code` as HTML: `<span class="k">…` for each token that has a class. Unknown languages come out plain, and so does what
    a lexer would lengthen or shorten."""
    lexer = None if language in PLAIN else _lexer(language)
    if lexer is None:
        return escape(code)
    classes = _classes()
    out: list[str] = []
    last, run, seen = "", "", 0
    for _, token, value in lexer.get_tokens_unprocessed(
        code + "\n"
    ):  # some lexers drop a last line without its end
        seen += len(value)
        name = classes(token)
        if name == last:
            run += value
            continue
        _flush(out, last, run)
        last, run = name, value
    _flush(out, last, run)
    if seen != len(code) + 1:
        return escape(code)
    return "".join(out).removesuffix("\n")


def _flush(out: list[str], name: str, run: str) -> None:
    if run:
        text, end = (run[:-1], "\n") if run.endswith("\n") else (run, "")
        out.append(
            (
                f'<span class="{name}">{escape(text)}</span>'
                if name and not run.isspace()
                else escape(text)
            )
            + end
        )


@cache
def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@cache
def _classes() -> Any:
    """Function from a Pygments token type to its CSS class; the types of white space, text and punctuation have none."""
    from pygments.token import STANDARD_TYPES, Punctuation, Text

    @cache
    def name(token: Any) -> str:
        if token in Text or token in Punctuation:
            return ""
        while token not in STANDARD_TYPES:
            token = token.parent
        return str(STANDARD_TYPES[token])

    return name
