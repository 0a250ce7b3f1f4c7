"""Code to HTML with Pygments' short class names.

The only file that imports Pygments, which is slow to load: only the first code block
with a language loads it.
"""

from __future__ import annotations

from functools import cache, lru_cache
from html import escape
from typing import Any

PLAIN = frozenset({"", "text", "txt", "plain", "none"})


@cache
def known(language: str) -> bool:
    """Return whether `language`, the word after the fence, can be highlighted.

    The names for plain text count too.
    """
    if language in PLAIN:
        return True
    from pygments.lexers import find_lexer_class_by_name
    from pygments.util import ClassNotFound

    try:  # the class is enough: making a lexer compiles all of its expressions
        return find_lexer_class_by_name(language) is not None
    except ClassNotFound:
        return False


@lru_cache(maxsize=8192)  # a watched project renders the same code again and again
def highlight(code: str, language: str) -> str:
    """Return `code` as HTML: `<span class="k">…` for each token that has a class.

    Without spans if the language is unknown, or if its lexer would change the text.
    """
    lexer = None if language in PLAIN else _lexer(language)
    if lexer is None:
        return escape(code)
    classes = _classes()
    out: list[str] = []
    last, run, length = "", "", 0
    # The line feed: some lexers drop a last line without its end.
    for _, token, value in lexer.get_tokens_unprocessed(code + "\n"):
        length += len(value)
        name = classes(token)
        if name == last:
            run += value
            continue
        _flush(out, last, run)
        last, run = name, value
    _flush(out, last, run)
    if length != len(code) + 1:
        return escape(code)
    return "".join(out).removesuffix("\n")


def _flush(out: list[str], name: str, run: str) -> None:
    """Append a run of text of one class; a line feed at its end is not in the span."""
    text = run.removesuffix("\n")
    if name and not run.isspace():
        out.append(f'<span class="{name}">{escape(text)}</span>{run[len(text) :]}')
    else:
        out.append(escape(run))


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
    """Return a function from a Pygments token type to its CSS class.

    White space, plain text and punctuation have none.
    """
    from pygments.token import STANDARD_TYPES, Punctuation, Text

    @cache
    def name(token: Any) -> str:
        if token in Text or token in Punctuation:
            return ""
        while token not in STANDARD_TYPES:
            token = token.parent
        return str(STANDARD_TYPES[token])

    return name
