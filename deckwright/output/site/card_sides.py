"""A note's fields and its note type's templates → the HTML of its cards' two sides, as Anki fills them in.

Only what note types here may use: fields, `{{#Field}}` and `{{^Field}}`, the filters `cloze`, `text`, `hint` and `type`, and
`{{FrontSide}}`. What Anki makes of the same note is the measure (tests/test_card_template.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

from deckwright.core.note import Row
from deckwright.project.notetypes import NoteType

_MARK = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_GAP = re.compile(r"\{\{c(\d+)::(.*?)(?:::(.*?))?\}\}", re.DOTALL)
_EMPTY = re.compile(r"(?:\s|</?(?:br|div) ?/?>)*", re.IGNORECASE)
_HIDDEN = re.compile(r"(?is)<!--.*?-->|<style\b.*?</style>|<script\b.*?</script>|<[^>]*>")


@dataclass(frozen=True, slots=True)
class Face:
    """One card of a note: `ord` is its template's or gap's number from 0, `name` what tells it from its siblings (empty where
    there are none); front and back are what Anki puts into `#qa`."""

    ord: int
    name: str
    front: str
    back: str


def faces(note: Row, notetype: NoteType) -> tuple[Face, ...]:
    """The cards that Anki makes of a note, in their order."""
    fields = dict(zip((f.name for f in notetype.fields), note.fields, strict=True))
    if notetype.cloze:
        text = fields[notetype.fields[notetype.sort_field].name]
        numbers = sorted({int(number) for number in re.findall(r"\{\{c(\d+)::", text)})
        names = [f"gap {number}" for number in numbers] if len(numbers) > 1 else [""] * len(numbers)
        return tuple(
            _face(n - 1, name, notetype.templates[0].front, notetype.templates[0].back, fields, n)
            for n, name in zip(numbers, names, strict=True)
        )
    shown = [(n, t) for n, t in enumerate(notetype.templates) if _shows_something(t.front, fields)]
    return tuple(
        _face(n, t.name if len(shown) > 1 else "", t.front, t.back, fields, n + 1) for n, t in shown
    )


def _face(
    number: int, name: str, front: str, back: str, fields: Mapping[str, str], gap: int
) -> Face:
    filled = _fill(front, fields, gap, back=False)
    return Face(number, name, filled, _fill(back, {**fields, "FrontSide": filled}, gap, back=True))


def _shows_something(template: str, fields: Mapping[str, str]) -> bool:
    """Whether a field that is not empty stands in what the template shows; without one Anki makes no card."""
    return any(
        not _is_empty(fields.get(mark.split(":")[-1].strip(), ""))
        for mark in _MARK.findall(_kept(template, fields))
    )


def _fill(template: str, fields: Mapping[str, str], gap: int, back: bool) -> str:
    return _MARK.sub(
        lambda match: _value(match[1].strip(), fields, gap, back), _kept(template, fields)
    )


def _kept(template: str, fields: Mapping[str, str]) -> str:
    """The template without the parts whose condition does not hold."""
    condition = re.compile(
        r"\{\{\s*([#^])\s*([^{}]*?)\s*\}\}((?:(?!\{\{\s*[#^]).)*?)\{\{\s*/\s*\2\s*\}\}", re.DOTALL
    )
    while match := condition.search(template):  # the innermost first
        kept = match[3] if (match[1] == "^") == _is_empty(fields.get(match[2], "")) else ""
        template = template[: match.start()] + kept + template[match.end() :]
    return template


def _is_empty(value: str) -> bool:
    return _EMPTY.fullmatch(value) is not None


def _value(mark: str, fields: Mapping[str, str], gap: int, back: bool) -> str:
    """What a mark such as `text:ID` stands for. Filters work from the field outwards."""
    *filters, name = (part.strip() for part in mark.split(":"))
    value = fields.get(name, "")
    for kind in reversed(filters):
        if kind == "cloze":
            value = _cloze(value, gap, back)
        elif kind == "text":
            value = unescape(_HIDDEN.sub("", value))
        elif kind == "hint":
            value = _hint(value, name)
        elif kind == "type":
            value = f"[[type:{name}]]"
    return value


def _cloze(text: str, gap: int, back: bool) -> str:
    """The text with its gaps; nothing where it has none of this number, as in Anki."""
    if not any(int(match[1]) == gap for match in _GAP.finditer(text)):
        return ""

    def shown(match: re.Match[str]) -> str:
        number, answer, hint = int(match[1]), match[2], match[3]
        if number != gap:
            return f'<span class="cloze-inactive" data-ordinal="{number}">{answer}</span>'
        if back:
            return f'<span class="cloze" data-ordinal="{number}">{answer}</span>'
        return f'<span class="cloze" data-cloze="{_attribute(answer)}" data-ordinal="{number}">[{hint or "..."}]</span>'

    return _GAP.sub(shown, text)


def _attribute(text: str) -> str:
    """Everything but ASCII letters and digits (and characters above U+00FF) as a reference."""
    named = {'"': "&quot;", "&": "&amp;", "'": "&#x27;", "<": "&lt;", ">": "&gt;"}
    return "".join(
        c if (c.isascii() and c.isalnum()) or ord(c) > 255 else named.get(c) or f"&#x{ord(c):02X};"
        for c in text
    )


def _hint(value: str, name: str) -> str:
    if not value.strip():
        return ""
    mark = "hint" + hashlib.sha256(value.encode()).hexdigest()[:16]
    return (
        f'\n<a class=hint href="#"\nonclick="this.style.display=\'none\';\n'
        f"document.getElementById('{mark}').style.display='block';\nreturn false;\" draggable=false>\n{name}</a>\n"
        f'<div id="{mark}" class=hint style="display: none">{value}</div>\n'
    )
