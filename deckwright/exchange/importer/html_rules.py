"""What becomes of the elements of HTML in Markdown, and what of their looks gets lost."""

from __future__ import annotations

import re
from typing import NamedTuple

BLOCKS = frozenset(["blockquote", "div", "li", "ol", "p", "pre", "table", "td", "th", "tr", "ul"])
_UNDERLINE = "underlining is left out"
_LOOKS = "colors, fonts, and sizes are left out"
PLAYERS = ("audio", "video", "object", "embed", "iframe", "canvas")


class Rule(NamedTuple):
    """What an element becomes: its new name (without one, only its content is left), the
    two characters around its content, and what gets lost. `inside` is one more element inside it.
    """

    name: str = ""
    around: str = ""
    lost: str = ""
    inside: str = ""


RULES = {
    name: rule
    for names, rule in (
        ("b strong", Rule("b")),
        ("i em cite var dfn", Rule("i")),
        ("s strike del", Rule("del")),
        ("code tt kbd samp", Rule("code")),
        ("ul menu dir", Rule("ul")),
        *((name, Rule(name)) for name in ("a", "br", "img", *BLOCKS - {"ul"})),
        ("address article aside body caption center dd details dialog dl", Rule("div")),
        ("dt", Rule("div", inside="b")),
        ("fieldset figcaption figure footer form header hgroup html legend", Rule("div")),
        ("main nav section summary", Rule("div")),
        ("h1 h2 h3 h4 h5 h6", Rule("div", lost="a heading is now a line in bold", inside="b")),
        ("hr", Rule("br", lost="a horizontal line is left out")),
        ("q", Rule(around='""')),
        ("rt", Rule(around="()", lost="readings above characters are in parentheses now")),
        ("u ins", Rule(lost=_UNDERLINE)),
        ("mark font big small", Rule(lost=_LOOKS)),
        ("script style", Rule("none", lost="scripts and styles are left out")),
        ("template head title meta link base col rp", Rule("none")),
        ("input button select textarea", Rule(lost="form fields are left out")),
        *((name, Rule(lost="audio, video, and drawings are text now")) for name in PLAYERS),
    )
    for name in names.split()
}
STYLES = (
    (re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE), "b"),
    (re.compile(r"font-style\s*:\s*italic", re.IGNORECASE), "i"),
    (re.compile(r"text-decoration[^;]*line-through", re.IGNORECASE), "del"),
)
LOST_STYLES = (
    (re.compile(r"text-decoration[^;]*underline", re.IGNORECASE), _UNDERLINE),
    (re.compile(r"(?:^|[;\s])(?:color|background|font-(?:size|family))\b", re.I), _LOOKS),
)
