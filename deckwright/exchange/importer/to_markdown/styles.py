"""The emphasis that an element gives to its text."""

from __future__ import annotations

import re
from collections.abc import Callable

from deckwright.exchange.importer.anki_html import Element

_TAGS = {
    **dict.fromkeys(("b", "strong"), "strong"),
    **dict.fromkeys(("i", "em", "cite", "var", "dfn"), "em"),
    **dict.fromkeys(("s", "strike", "del"), "del"),
    **dict.fromkeys(("code", "tt", "kbd", "samp"), "code"),
}
_CSS = (
    (re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE), "strong"),
    (re.compile(r"font-style\s*:\s*italic", re.IGNORECASE), "em"),
    (re.compile(r"text-decoration[^;]*line-through", re.IGNORECASE), "del"),
)
_UNDERLINE = "underlining is left out"
_LOOKS = "colors, fonts, and sizes are left out"
_LOST_CSS = (
    (re.compile(r"text-decoration[^;]*underline", re.IGNORECASE), _UNDERLINE),
    (
        re.compile(
            r"(?:^|;|\s)(?:color|background(?:-color)?|font-(?:size|family))\s*:", re.IGNORECASE
        ),
        _LOOKS,
    ),
)
_LOST_TAGS = {
    **dict.fromkeys(("u", "ins"), _UNDERLINE),
    **dict.fromkeys(("mark", "font", "big", "small"), _LOOKS),
    **{tag: f"<{tag}> is left out" for tag in ("input", "button", "select", "textarea", "form")},
}


def emphasis(element: Element, remark: Callable[[str], None]) -> tuple[str, ...]:
    """The styles of an element, each once: strong, em, del, code.

    What gets lost of its looks goes to `remark`.
    """
    css = element.attributes.get("style", "")
    found = [_TAGS[element.tag]] if element.tag in _TAGS else []
    found += [style for pattern, style in _CSS if pattern.search(css)]
    for pattern, lost in _LOST_CSS:
        if pattern.search(css):
            remark(lost)
    if element.tag in _LOST_TAGS:
        remark(_LOST_TAGS[element.tag])
    return tuple(dict.fromkeys(found))
