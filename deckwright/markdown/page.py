"""Pages of other people in Markdown: all of CommonMark, with tables and HTML."""

from __future__ import annotations


def page_html(text: str) -> str:
    """Return the HTML of a page in Markdown. It is not safe to show."""
    from markdown_it import MarkdownIt

    html: str = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    return html
