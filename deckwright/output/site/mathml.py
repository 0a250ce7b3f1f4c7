r"""Formulas in fields, `\(…\)` and `\[…\]` → MathML, which needs no JavaScript.

The only importer of latex2mathml. Its output is rebuilt from elements, texts and a few
harmless attributes, so no formula can add markup to a page.
"""

from __future__ import annotations

import re
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

# A tag, whose attributes stay as they are, or a formula. In a formula, `<` is `&lt;`.
_TAG_OR_FORMULA = re.compile(r"<[^>]*>|\\\(([^<]*?)\\\)|\\\[([^<]*?)\\\]")
_ELEMENT = re.compile(r"m[a-z]+")
_ATTRIBUTES = frozenset(
    [
        "accent",
        "columnalign",
        "columnlines",
        "columnspacing",
        "display",
        "displaystyle",
        "fence",
        "form",
        "height",
        "linebreak",
        "linethickness",
        "lspace",
        "mathvariant",
        "maxsize",
        "minsize",
        "movablelimits",
        "notation",
        "rowlines",
        "rowspacing",
        "rspace",
        "scriptlevel",
        "separator",
        "stretchy",
        "voffset",
        "width",
    ]
)


def typeset(field: str) -> str:
    """Return a field's HTML with MathML; formulas that cannot be converted stay TeX."""
    return _TAG_OR_FORMULA.sub(_formula, field) if "\\(" in field or "\\[" in field else field


def _formula(match: re.Match[str]) -> str:
    if match[0][0] == "<":
        return match[0]
    tex, display = unescape(match[1] or match[2] or ""), "inline" if match[1] else "block"
    try:
        root = convert_to_element(tex, display=display)
        return _html(root)
    except Exception:  # the library has no common class for its errors
        return f'<code class="tex">{escape(tex)}</code>'


def _html(element: Element) -> str:
    """Return an element as HTML. Raise ValueError if it is no known MathML."""
    text = unescape(element.text or "")
    if (
        not _ELEMENT.fullmatch(element.tag)
        or text.startswith("\\")
        or (text == "&" and element.tag == "mi")
    ):
        raise ValueError(f"not understood: {element.tag} {text}")
    attributes = "".join(
        f' {name}="{escape(unescape(value))}"'
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES
    )
    inner = escape(text, quote=False) + "".join(_html(child) for child in element)
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"
