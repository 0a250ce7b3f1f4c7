"""What a card's `evidence` line says, and whether a published value is the value that the card states.

    [cN] DATA::PATH             a number, a word or a list: the card states just that
    [cN] DATA::PATH UNIT        a number that the data counts in UNIT (s, minutes, bytes, MB, %, …)
    [cN] DATA::PATH has NAME    a list with NAME in it: the card states NAME
    [cN] DATA::PATH~PHRASE      a text with PHRASE in it: the phrase holds what the card states

The value itself is never written down here: it is read from the card's gap N (the first where none is named), from its answer or
from its right options. DATA and PATH are those of `datasets`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deckwright import words
from deckwright.diagnostic import Diagnostic, Outcome
from deckwright.model import Field, Span
from deckwright.stated import Stated
from deckwright.wording import nearest

Value = str | int | float | bool | tuple[str, ...]  # what data says: a text, a number, or a list of names

_GAP = re.compile(r"c([1-9]\d{0,2}) +")
_DATA = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_STEP = re.compile(r"[^\s.~=]+")
_TAG = re.compile(r"</?(?:code|a|b|i|em|strong)\b[^>]*>|(<[^>]+>)")
_SEPARATORS = re.compile(r"\s*(?:[,;/]|\band\b|\bor\b|[–—])\s*")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line. `gap` is 0 where none is named; of `unit`, `member` and `phrase` at most one is not empty; `text` is the line as it
    is written, the gap left out; `path_span` is the place of the path."""

    gap: int
    data: str
    path: str
    unit: str
    member: str
    phrase: str
    text: str
    span: Span
    path_span: Span


def read(given: Field) -> Outcome[Evidence]:
    """The line's parts, or E001 with a caret under the part that is wrong."""
    value, start = given.value, given.value_span.start

    def wrong(message: str, begin: int, end: int, help_line: str) -> Outcome[Evidence]:
        place = given.value_span.source.span(start + begin, start + max(end, begin + 1))
        return Outcome((), (Diagnostic("E001", message, place, help_line),))

    gap = _GAP.match(value)
    at = gap.end() if gap else 0
    data, mark, rest = value[at:].partition("::")
    if not mark:
        return wrong("there is no `::` between data and path", at, len(value), "write it as `service::shapes.Name.max`")
    if not _DATA.fullmatch(data):
        return wrong(f"`{data}` is no name of data", at, at + len(data), "small letters, digits and hyphens, as `my-service`")
    begin = at + len(data) + 2
    end = next((begin + n for n, char in enumerate(rest) if char in " ~="), len(value))
    path, tail = value[begin:end], value[end:]
    if not path or not all(_STEP.fullmatch(step) for step in path.split(".")):
        return wrong("this is no path", begin, end, "names with points between them, as `shapes.Name.max`")
    if tail.lstrip().startswith("="):
        return wrong("the value is read from the card", end, len(value), f"leave out `{tail.strip()}`")
    unit = member = phrase = ""
    if tail.startswith("~"):
        phrase = " ".join(tail[1:].split())
        if not phrase:
            return wrong("there is no phrase after `~`", end, len(value), "write the words of the text that hold the card's value")
    elif tail.strip():
        word, _, name = tail.strip().partition(" ")
        if word == "has" and name:
            member = name.strip()
        elif name or not words.is_unit(word):
            place = value.index(word, end)
            hint = nearest(word.lower(), words.units()) or "a unit (`s`, `MB`), `has NAME`, or `~phrase`"
            return wrong(f"`{tail.strip()}` is no unit", place, len(value), hint)
        else:
            unit = word
    where = given.value_span.source.span(start + begin, start + end)
    line = Evidence(int(gap[1]) if gap else 0, data, path, unit, member, phrase, value[at:], given.value_span, where)
    return Outcome((line,))


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a published value is what a card states: `why` says what is wrong, and is empty where it agrees; `covers` are the
    numbers and names of the stated value that it confirms."""

    why: str
    help: str = ""
    covers: frozenset[str] = frozenset()


def compare(line: Evidence, found: Value, value: Stated) -> Match:
    """A published value against a stated one."""
    if line.phrase:
        return _phrase(line.phrase, found, value)
    if line.member:
        return _member(line.member, found, value)
    if isinstance(found, bool):
        return Match("the data says only true or false", "choose a text that has the value in it: `~phrase`")
    if isinstance(found, int | float):
        return _number(found, line.unit, value)
    if line.unit:
        return Match("the data has no number here", f"leave out `{line.unit}`")
    return _names((found,) if isinstance(found, str) else found, value)


def parts(value: Stated) -> frozenset[str]:
    """What evidence has to confirm of a stated value: its numbers, or where it has none its names."""
    numbers = _numbers(value)
    return frozenset(numbers) if numbers else frozenset(_listed(value))


def prose(text: str) -> str:
    """The text of a documentation string: without tags, white space as single spaces."""
    return " ".join(html.unescape(_TAG.sub(lambda m: " " if m[1] else "", text)).split())


def sentence(text: str, phrase: str) -> str:
    """The sentence of a documentation string that has the phrase; nothing where none has it."""
    whole = prose(text)
    at = whole.casefold().find(phrase.casefold())
    if at < 0:
        return ""
    begin = max(whole.rfind(". ", 0, at) + 2, 0) if ". " in whole[:at] else 0
    end = whole.find(". ", at + len(phrase) - 1)
    return whole[begin : end + 1 if end >= 0 else len(whole)].strip()


def said(line: Evidence, found: Value) -> str:
    """What data says where a line points, as it is put on record: a number, a list, the name or the sentence that was asked for.
    Nothing where the name or the phrase is not there."""
    if line.phrase:
        return sentence(found, line.phrase) if isinstance(found, str) else ""
    if line.member:
        return line.member if isinstance(found, tuple) and line.member in found else ""
    if isinstance(found, tuple):
        return ", ".join(found)
    return found if isinstance(found, str) else str(found)


def _numbers(value: Stated) -> dict[str, tuple[float, str]]:
    """The numbers of a stated value by how they are written, each with its unit. In a range the first takes the unit of the next."""
    out: dict[str, tuple[float, str]] = {}
    for part in value.parts:
        unit = value.unit
        for number, own in reversed(words.quantities(words.tokens(part))):
            unit = own or unit
            out[f"{number:.12g} {unit}".strip()] = (number, unit)
    return out


def _number(found: float, unit: str, value: Stated) -> Match:
    numbers = _numbers(value)
    if not numbers:
        return Match(f"the data says {_figure(found)}, the card states no number", "tie it to the gap that has the number, as `c2 …`")
    if not unit and (named := next((own for number, own in numbers.values() if own and number == found and own != "%"), "")):
        counted = sorted(base for _, base in words.amounts(1, named))[0]
        return Match(
            f"the card says {value.text} {named}".rstrip() + ", the data a bare number", f"say what the data counts in: ` {counted}`"
        )
    same = {written for written, (number, own) in numbers.items() if _equal(found, unit, number, own)}
    if same:
        return Match("", covers=frozenset(same))
    return Match(
        f"the data says {_figure(found)}{' ' + unit if unit else ''}, the card {value.text}{' ' + value.unit if value.unit else ''}"
    )


def _equal(found: float, unit: str, number: float, own: str) -> bool:
    if not unit or not own:
        return found == number
    return bool(words.amounts(found, unit) & words.amounts(number, own))


def _figure(number: float) -> str:
    return f"{number:,.12g}"


def _squashed(text: str) -> str:
    """Letters and digits alone: INFREQUENT_ACCESS is infrequent access."""
    return "".join(char for char in text.casefold() if char.isalnum())


def _listed(value: Stated) -> dict[str, str]:
    """The names that a stated value lists, squashed, each as it is written."""
    pieces = [piece for part in value.parts for piece in _SEPARATORS.split(part)]
    return {squashed: piece for piece in pieces if (squashed := _squashed(piece))}


def _names(found: Sequence[str], value: Stated) -> Match:
    """A whole list, or one word."""
    wanted = {_squashed(name): name for name in found}
    if {_squashed(value.text)} == set(wanted) or set(_listed(value)) == set(wanted):
        return Match("", covers=parts(value))
    return Match(f"the data says {_few(found)}, the card {value.text}")


def _member(member: str, found: Value, value: Stated) -> Match:
    if not isinstance(found, tuple):
        return Match("the data has no list here", f"leave out ` has {member}`")
    if member not in found:
        return Match(f"`{member}` is not in the list: {_few(found)}", nearest(member, found))
    name = _squashed(member)
    named = {squashed for squashed in _listed(value) if squashed == name}
    if named or name == _squashed(value.text):
        return Match("", covers=frozenset(named) or parts(value))
    return Match(f"the card says {value.text}, not `{member}`", "tie it to the gap that has the name, as `c2 …`")


def _few(names: Iterable[str]) -> str:
    names = tuple(names)
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _phrase(phrase: str, found: Value, value: Stated) -> Match:
    if not isinstance(found, str):
        return Match("the data has no text here", "leave the phrase out")
    if phrase.casefold() not in prose(found).casefold():
        return Match(f"the text does not say `{phrase}` (any more)", "read it again: the fact may have changed")
    numbers, said = _numbers(value), words.quantities(words.tokens(phrase))
    if numbers:
        missing = [n for n, (number, own) in numbers.items() if not any(_equal(other, unit, number, own) for other, unit in said)]
        message = f"the phrase has no {missing[0]} in it, which the card states" if missing else ""
    else:
        items = words.items(words.tokens(value.text))
        inside = items <= words.items(words.tokens(phrase)) if items else value.text.casefold() in phrase.casefold()
        message = (
            "" if inside or _squashed(value.text) in _squashed(phrase) else f"the phrase does not hold what the card states: {value.text}"
        )
    if message:
        return Match(message, "choose words of the text that have the card's value in them")
    return Match("", covers=parts(value))
