"""The text of HTML, without its markup."""

from __future__ import annotations

import re

# What Anki removes for `{{text:Field}}` and for the sort field.
_MARKUP = re.compile(r"(?is)<!--.*?-->|<style\b.*?</style>|<script\b.*?</script>|<[^>]*>")
_COMMENT = re.compile(r"(?s)<!--.*?-->")


def without_markup(html: str, replacement: str = "") -> str:
    """Return HTML with each tag, comment, style and script replaced; entities stay."""
    return _MARKUP.sub(replacement, html) if "<" in html else html


def without_comments(html: str) -> str:
    """Return HTML without its comments."""
    return _COMMENT.sub("", html)
