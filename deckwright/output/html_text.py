"""The text of HTML, without its markup."""

from __future__ import annotations

import re
from html import unescape

# What Anki removes for `{{text:Field}}` and for the sort field.
_MARKUP = re.compile(r"(?is)<!--.*?-->|<style\b.*?</style>|<script\b.*?</script>|<[^>]*>")
_COMMENT = re.compile(r"(?s)<!--.*?-->")
_LINE_END = re.compile(r"(?i)<br>|</(?:p|li|tr|h\d|div|pre|blockquote)>")


def without_markup(html: str, replacement: str = "") -> str:
    """Return HTML with each tag, comment, style and script replaced; entities stay."""
    return _MARKUP.sub(replacement, html) if "<" in html else html


def without_comments(html: str) -> str:
    """Return HTML without its comments."""
    return _COMMENT.sub("", html)


def lines(html: str) -> list[str]:
    """Return the lines of text that HTML shows, without empty ones."""
    text = _LINE_END.sub("\n", without_comments(html))
    shown = (" ".join(line.split()) for line in unescape(without_markup(text, " ")).split("\n"))
    return [line for line in shown if line]
