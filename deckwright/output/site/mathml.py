r"""Formulas in fields, `\(…\)` and `\[…\]`, → MathML, which browsers draw without a script. The door of latex2mathml.

What it makes is rebuilt from elements, texts and a few harmless attributes: no formula can bring markup of its own into a page.
"""

from __future__ import annotations

import re
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

_FORMULA = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)
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
    """The HTML of a field with its formulas drawn; one that is not understood stands there as TeX."""
    return _FORMULA.sub(_formula, field) if "\\(" in field or "\\[" in field else field


def _formula(match: re.Match[str]) -> str:
    tex, display = unescape(match[1] or match[2] or ""), "inline" if match[1] else "block"
    try:
        root = convert_to_element(tex, display=display)
        return _html(root)
    except Exception:  # the library has no common class for what it does not understand
        return f'<code class="tex">{escape(tex)}</code>'


def _html(element: Element) -> str:
    text = unescape(element.text or "")
    if (
        not _ELEMENT.fullmatch(element.tag)
        or text.startswith("\\")
        or (text == "&" and element.tag == "mi")
    ):
        raise ValueError(f"not understood: {element.tag} {text}")
    given = "".join(
        f' {name}="{escape(unescape(value))}"'
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES
    )
    return f"<{element.tag}{given}>{escape(text, quote=False)}{''.join(_html(child) for child in element)}</{element.tag}>"
