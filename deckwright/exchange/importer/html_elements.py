"""Elements of HTML (WHATWG, living standard): which are empty or blocks, which end which."""

from __future__ import annotations

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
     "source", "track", "wbr"]
)  # fmt: skip
BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog",
     "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2",
     "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu",
     "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th",
     "thead", "tr", "ul", "caption"]
)  # fmt: skip
# What an element ends where it begins, if none of its parents begins between.
ENDS = {
    "li": {"li"},
    "tr": {"tr", "td", "th"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
}
PARENTS = {
    "li": {"ul", "ol", "menu", "dir"},
    "tr": {"table"},
    "td": {"tr", "table"},
    "th": {"tr", "table"},
    "dt": {"dl"},
    "dd": {"dl"},
}
TABLE_PARTS = ("tr", "tbody", "thead", "tfoot", "table")
