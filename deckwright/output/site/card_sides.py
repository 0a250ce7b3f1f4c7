"""A note and its templates → the HTML of both sides of its cards, as in Anki.

It supports only what note types here may use: fields, `{{#Field}}` and `{{^Field}}`,
the filters `cloze`, `text`, `hint` and `type`, and `{{FrontSide}}`.
tests/test_card_template.py compares the result with Anki's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape

from deckwright.core.note import PackagedNote
from deckwright.markdown.html import GAP
from deckwright.output.html_text import without_markup
from deckwright.project.notetypes import NoteType, Template

SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)

_MARKER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_HINT_FILTER = re.compile(r"\{\{\s*hint:([^{}:]*?)\s*\}\}")
_CONDITION = re.compile(
    r"\{\{\s*([#^])\s*([^{}]*?)\s*\}\}((?:(?!\{\{\s*[#^]).)*?)\{\{\s*/\s*\2\s*\}\}", re.DOTALL
)
_EMPTY = re.compile(r"(?:\s|</?(?:br|div) ?/?>)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CardSides:
    """One card of a note: the HTML that Anki puts into `#qa` on both sides.

    `ord` is the number of its template or gap, from 0. `name` distinguishes it from the
    note's other cards; empty if there are none.
    """

    ord: int
    name: str
    front: str
    back: str


def card_sides(
    note: PackagedNote, notetype: NoteType, gap: str = "gap {number}"
) -> tuple[CardSides, ...]:
    """Return the cards that Anki makes of a note, in their order. `gap` names those of gaps."""
    fields = dict(zip((f.name for f in notetype.fields), note.fields, strict=True))
    if notetype.cloze:
        text = fields[notetype.fields[notetype.sort_field].name]
        numbers = sorted({int(number) for number in re.findall(r"\{\{c(\d+)::", text)})
        made = [(n - 1, gap.replace("{number}", str(n)), notetype.templates[0]) for n in numbers]
    else:
        templates = enumerate(notetype.templates)
        made = [(n, t.name, t) for n, t in templates if _shows_something(t.front, fields)]
    return tuple(
        _card(number, name if len(made) > 1 else "", template, fields)
        for number, name, template in made
    )


def template_scripts(notetypes: Iterable[NoteType]) -> tuple[str, ...]:
    """Return every script in the templates of note types, each text once."""
    sides = [side for kind in notetypes for t in kind.templates for side in (t.front, t.back)]
    return tuple(dict.fromkeys(script for side in sides for script in SCRIPT.findall(side)))


def handlers(note: PackagedNote, notetype: NoteType) -> tuple[str, ...]:
    """Return what a click on a note's cards may run, besides what scripts set up.

    This is what a click on a hint runs, and the empty handler by which Anki's apps know
    what can be tapped. Nothing that is in a field is among them.
    """
    values = dict(zip((f.name for f in notetype.fields), note.fields, strict=True))
    sides = [side for t in notetype.templates for side in (t.front, t.back)]
    hints = [values.get(name, "") for side in sides for name in _HINT_FILTER.findall(side)]
    return tuple(dict.fromkeys(("", *(_show_hint(hint) for hint in hints if hint.strip()))))


def _card(number: int, name: str, template: Template, fields: Mapping[str, str]) -> CardSides:
    front = _fill(template.front, fields, number + 1, back=False)
    back = _fill(template.back, {**fields, "FrontSide": front}, number + 1, back=True)
    return CardSides(number, name, front, back)


def _shows_something(template: str, fields: Mapping[str, str]) -> bool:
    """Return whether a template shows any text; if not, Anki makes no card."""
    return any(
        not _is_empty(fields.get(marker.split(":")[-1].strip(), ""))
        for marker in _MARKER.findall(_shown(template, fields))
    )


def _fill(template: str, fields: Mapping[str, str], gap: int, back: bool) -> str:
    """Return a side of a card; on the back, the gap with the number `gap` is open."""
    return _MARKER.sub(
        lambda match: _value(match[1].strip(), fields, gap, back),
        _shown(template, fields),
    )


def _shown(template: str, fields: Mapping[str, str]) -> str:
    """Return the template without the parts whose condition is false."""

    def part(match: re.Match[str]) -> str:
        return match[3] if (match[1] == "^") == _is_empty(fields.get(match[2], "")) else ""

    replaced = 1
    while replaced:  # the innermost first
        template, replaced = _CONDITION.subn(part, template)
    return template


def _is_empty(value: str) -> bool:
    return _EMPTY.fullmatch(value) is not None


def _value(marker: str, fields: Mapping[str, str], gap: int, back: bool) -> str:
    """Return the value of a marker such as `text:ID`. The last filter comes first."""
    *filters, name = (part.strip() for part in marker.split(":"))
    value = fields.get(name, "")
    for kind in reversed(filters):
        if kind == "cloze":
            value = _cloze(value, gap, back)
        elif kind == "text":
            value = unescape(without_markup(value))
        elif kind == "hint":
            value = _hint(value, name)
        elif kind == "type":
            value = f"[[type:{name}]]"
    return value


def _cloze(text: str, gap: int, back: bool) -> str:
    """Return the text with its gaps, or nothing if it has none of this number."""
    if not any(int(match[1]) == gap for match in GAP.finditer(text)):
        return ""

    def shown(match: re.Match[str]) -> str:
        number, answer, hint = int(match[1]), match[2], match[3]
        if number != gap:
            return f'<span class="cloze-inactive" data-ordinal="{number}">{answer}</span>'
        if back:
            return f'<span class="cloze" data-ordinal="{number}">{answer}</span>'
        cloze = f'class="cloze" data-cloze="{_attribute(answer)}" data-ordinal="{number}"'
        return f"<span {cloze}>[{hint or '...'}]</span>"

    return GAP.sub(shown, text)


def _attribute(text: str) -> str:
    """Escape everything but ASCII letters, digits and characters above U+00FF."""
    named = {'"': "&quot;", "&": "&amp;", "'": "&#x27;", "<": "&lt;", ">": "&gt;"}
    return "".join(
        c if (c.isascii() and c.isalnum()) or ord(c) > 255 else named.get(c) or f"&#x{ord(c):02X};"
        for c in text
    )


def _hint(value: str, name: str) -> str:
    if not value.strip():
        return ""
    return f"""
<a class=hint href="#"
onclick="{_show_hint(value)}" draggable=false>
{name}</a>
<div id="{_hint_element(value)}" class=hint style="display: none">{value}</div>
"""


def _hint_element(value: str) -> str:
    return "hint" + hashlib.sha256(value.encode()).hexdigest()[:16]


def _show_hint(value: str) -> str:
    return f"""this.style.display='none';
document.getElementById('{_hint_element(value)}').style.display='block';
return false;"""
