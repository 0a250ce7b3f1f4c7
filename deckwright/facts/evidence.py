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

from deckwright.core import terms
from deckwright.core.card import Field
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.source import Span
from deckwright.core.suggest import nearest
from deckwright.facts.stated_value import Place, Stated

Value = (
    str | int | float | bool | tuple[str, ...]
)  # what data says: a text, a number, or a list of names

_GAP = re.compile(r"c([1-9]\d{0,2}) +")
_DATA = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_STEP = re.compile(r"[^\s.~=]+")
_TAG = re.compile(r"</?(?:code|a|b|i|em|strong)\b[^>]*>|(<[^>]+>)")
_SEPARATORS = re.compile(r"\s*(?:[,;/|+&–—\n]|\b(?:and|or|then)\b|\bas well as\b)\s*")
# Words that make another bound, or an approximate one, of a number.
_BOUNDS = re.compile(
    r"\b(?:more|less|fewer|over|under|above|below|beyond|about|around|almost|nearly|roughly|some|up\s+to)\b",
    re.IGNORECASE,
)
# The parts of a name in code: Max, Items.
PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


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
        return wrong(
            "there is no `::` between data and path",
            at,
            len(value),
            "write it as `service::shapes.Name.max`",
        )
    if not _DATA.fullmatch(data):
        return wrong(
            f"`{data}` is no name of data",
            at,
            at + len(data),
            "small letters, digits and hyphens, as `my-service`",
        )
    begin = at + len(data) + 2
    end = next((begin + n for n, char in enumerate(rest) if char in " ~="), len(value))
    path, tail = value[begin:end], value[end:]
    if not path or not all(_STEP.fullmatch(step) for step in path.split(".")):
        return wrong(
            "this is no path", begin, end, "names with points between them, as `shapes.Name.max`"
        )
    if tail.lstrip().startswith("="):
        return wrong(
            "the value is read from the card", end, len(value), f"leave out `{tail.strip()}`"
        )
    unit = member = phrase = ""
    if tail.startswith("~"):
        phrase = " ".join(tail[1:].split())
        if not phrase:
            return wrong(
                "there is no phrase after `~`",
                end,
                len(value),
                "write the words of the text that hold the card's value",
            )
    elif tail.strip():
        word, _, name = tail.strip().partition(" ")
        if word == "has" and name:
            member = name.strip()
        elif name or not terms.is_unit(word):
            place = value.index(word, end)
            hint = "" if name or "/" in word else nearest(word.lower(), terms.units())
            message = "`has` names nothing" if word == "has" else f"`{tail.strip()}` is no unit"
            return wrong(
                message, place, len(value), hint or "a unit (`s`, `MB`), `has NAME`, or `~phrase`"
            )
        else:
            unit = word
    where = given.value_span.source.span(start + begin, start + end)
    line = Evidence(
        int(gap[1]) if gap else 0,
        data,
        path,
        unit,
        member,
        phrase,
        value[at:],
        given.value_span,
        where,
    )
    return Outcome((line,))


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a published value is what a card states: `why` says what is wrong, and is empty where it agrees; `covers` are the
    parts of the stated value that it confirms."""

    why: str
    help: str = ""
    covers: frozenset[str] = frozenset()


def compare(line: Evidence, found: Value, value: Stated) -> Match:
    """A published value against a stated one."""
    if line.phrase:
        return _phrase(line, found, value)
    if line.member:
        return _member(line, found, value)
    if isinstance(found, bool):
        return Match(
            "the data says only true or false", "choose a text that has the value in it: `~phrase`"
        )
    if isinstance(found, int | float):
        return _number(line, found, value)
    if line.unit:
        return Match("the data has no number here", f"leave out `{line.unit}`")
    if isinstance(found, str) and len(found.split()) > 6:
        return Match(
            "the data has a text here",
            "name a few words of it that have the value in them: `~phrase`",
        )
    return _names(line, (found,) if isinstance(found, str) else found, value)


def parts(value: Stated) -> frozenset[str]:
    """What evidence has to confirm of a stated value: its numbers, each with its unit, and its other words, by their stems."""
    out: set[str] = set()
    for place in value.places:
        out |= {_figure(number, unit) for number, unit in _numbers(place)}
        out |= _words(place.text)
    return frozenset(out)


def prose(text: str) -> str:
    """The text of a documentation string: without tags, white space as single spaces."""
    return " ".join(html.unescape(_TAG.sub(lambda m: " " if m[1] else "", text)).split())


def sentence(text: str, phrase: str) -> str:
    """The sentence of a documentation string that has the phrase; nothing where none has it."""
    whole = prose(text)
    found = _found(phrase, whole)
    if found is None:
        return ""
    at = found.start()
    begin = max(whole.rfind(". ", 0, at) + 2, 0) if ". " in whole[:at] else 0
    end = whole.find(". ", at + len(phrase) - 1)
    return whole[begin : end + 1 if end >= 0 else len(whole)].strip()


def nearest_sentence(text: str, phrase: str) -> str:
    """The sentence of a documentation string that shares most words with a phrase, where it shares half of them."""
    wanted = terms.loose(_words(phrase))
    every = re.split(r"(?<=[.!?:]) ", prose(text))
    best = max(every, key=lambda one: (len(wanted & terms.loose(_words(one))), -len(one)))
    return best if len(wanted & terms.loose(_words(best))) * 2 >= len(wanted) > 0 else ""


def said(line: Evidence, found: Value) -> str:
    """What data says where a line points, as it is put on record: a number, a list, the name or the sentence that was asked for.
    Nothing where the name or the phrase is not there."""
    if line.phrase:
        return sentence(found, line.phrase) if isinstance(found, str) else ""
    if line.member:
        return line.member if isinstance(found, tuple) and line.member in found else ""
    if isinstance(found, tuple):
        return ", ".join(found)
    return found if isinstance(found, str) else f"{found:.12g}"


def _figure(number: float, unit: str = "") -> str:
    return f"{number:,.12g} {unit}".strip()


def _words(text: str) -> frozenset[str]:
    """The words of a text but for its numbers and units; `not`, `only`, `least` and their like with a mark before them."""
    plain = re.sub(r"(?:can)?n['’]t\b|\bcannot\b", " not", text)
    bounds = {f"~{' '.join(word.lower().split())}" for word in _BOUNDS.findall(text)}
    return (
        frozenset(item for item in terms.items(terms.tokens(plain)) if not item.startswith("#"))
        | bounds
    )


def _named(name: str) -> frozenset[str]:
    """The words of a name in code, as it stands and taken apart: `MaxItems` is maxitems, max, items."""
    return (
        _words(name) | _words(" ".join(PARTS.findall(name))) | _words(re.sub(r"[\s_-]", "", name))
    )


def _numbers(place: Place) -> list[tuple[float, str]]:
    """The numbers of a stated value in their order, each with its unit. In a range the first takes the unit of the next."""
    out: list[tuple[float, str]] = []
    unit = place.unit
    for number, own in reversed(terms.quantities(terms.tokens(place.text))):
        unit = own or unit
        out.append((number, unit))
    return out[::-1]


_LOWER = re.compile(
    r"(?:at least|minimum(?: of)?|no (?:fewer|less) than|more than|from)$", re.IGNORECASE
)
_UPPER = re.compile(
    r"(?:at most|maximum(?: of)?|no more than|up to|fewer than|less than)$", re.IGNORECASE
)


def _number(line: Evidence, found: float, value: Stated) -> Match:
    unit, path = line.unit, _named(line.path)
    covers: set[str] = set()
    last = line.path.rpartition(".")[2].casefold()
    for place in value.places:
        if (last == "max" and _LOWER.search(place.before)) or (
            last == "min" and _UPPER.search(place.before)
        ):
            return Match(
                f"the card says {place.before.split()[-2]} {place.before.split()[-1]}, the data a {last}",
                "name the other bound",
            )
        numbers = _numbers(place)
        if not numbers:
            return Match(
                f"the data says {_figure(found)}, the card states no number",
                "tie it to the gap that has the number, as `c2 …`",
            )
        if not unit and any(own and number == found for number, own in numbers):
            return Match(
                f"the card says {value.text} with a unit, the data a bare number",
                "say in which unit the data counts, after the path",
            )
        if unit and any(not own and number == found for number, own in numbers):
            return Match(
                f"the data counts {unit}, the card's number has no unit",
                "write the unit behind the number, or behind the gap",
            )
        same = {_figure(number, own) for number, own in numbers if _equal(found, unit, number, own)}
        if not same or _odd(place.text):
            shown = value.text + (
                f" {place.unit}"
                if place.unit
                and not any(own for _, own in terms.quantities(terms.tokens(place.text)))
                else ""
            )
            return Match(f"the data says {_figure(found, unit)}, the card {shown}")
        covers |= same
    return Match("", covers=frozenset(covers) | path | _bound(line.path))


def _bound(path: str) -> frozenset[str]:
    """The words that go with a bound: `at most` with one that is called max, `at least` with a min."""
    last = path.rpartition(".")[2].casefold()
    return frozenset(
        {"!most", "!max", "!maximum", "~up to"}
        if last == "max"
        else {"!least", "!min", "!minimum"}
        if last == "min"
        else ()
    )


def _odd(text: str) -> bool:
    """Whether a number is none that data could confirm: below zero, with commas where no thousands are parted (1,85), in bits, or
    with a sign that makes another number of it."""
    return bool(
        re.search(
            r"\d,(?:\d{1,2}(?!\d)|\d{4})|(?<![\w)])[-−]\d|\d\s?[+²³^]|[$€£~^]\s?\d|\d/\d|\d\s?[KMGTk]?b(?:it)?s?\b",
            text,
        )
    )


def _equal(found: float, unit: str, number: float, own: str) -> bool:
    if not unit or not own:
        return found == number and not unit and not own
    if not terms.is_unit(own) or not terms.is_unit(unit):
        return False
    return bool(terms.amounts(found, unit) & terms.amounts(number, own))


def _plain(text: str) -> str:
    """A name without case, white space, hyphens and underscores: INFREQUENT_ACCESS is Infrequent Access. Other signs count."""
    return re.sub(r"[\s_-]", "", text.casefold()).strip(".,;!?…")


def _says(place: Place, name: str, steps: Sequence[str]) -> bool:
    """Whether a value is a name: it reads so, its one word in code is it, or it is the name behind one of the path's and a colon."""
    wanted = {_plain(name), *(_plain(f"{step}:{name}") for step in steps)} - {""}
    if (
        re.search(r"\b(?:but|except|instead|other than)\b", place.text, re.IGNORECASE)
        or _words(place.text) & _NEGATIONS
    ):
        return _plain(place.text) in wanted
    return _plain(place.text) in wanted or (bool(place.code) and _plain(place.code) in wanted)


def _listed(text: str) -> list[str]:
    return [piece for piece in _SEPARATORS.split(text.strip(" .")) if _plain(piece)]


def _names(line: Evidence, found: Sequence[str], value: Stated) -> Match:
    """A whole list, or one word."""
    steps = line.path.split(".")
    wanted = {_plain(name) for name in found}
    listed = [piece for place in value.places for piece in _listed(place.text)]
    if (len(found) == 1 and any(_says(place, found[0], steps) for place in value.places)) or {
        _plain(piece) for piece in listed
    } == wanted:
        return Match("", covers=parts(value))
    return Match(f"the data says {_few(found)}, the card {value.text}")


def _member(line: Evidence, found: Value, value: Stated) -> Match:
    member = line.member
    if not isinstance(found, tuple):
        return Match("the data has no list here", f"leave out ` has {member}`")
    if member not in found:
        return Match(f"`{member}` is not in the list: {_few(found)}", nearest(member, found))
    for place in value.places:
        if _says(place, member, line.path.split(".")):
            return Match("", covers=parts(Stated((place,), value.span)))
    name, context = _named(member), _named(line.path)
    pieces = [piece for place in value.places for piece in _listed(place.text)]
    if any(
        _plain(piece) == _plain(member)
        or (_words(piece) & name and _words(piece) <= name | context)
        for piece in pieces
    ):
        return Match("", covers=name | context)
    return Match(
        f"the card says {value.text}, not `{member}`",
        "tie it to the gap that has the name, as `c2 …`",
    )


def _few(names: Iterable[str]) -> str:
    names = tuple(names)
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _found(phrase: str, text: str) -> re.Match[str] | None:
    """Where a text has a phrase, in any case, not beginning or ending within a word or a number."""
    form = re.escape(phrase)
    before, after = (
        (r"(?<!\w)(?<!\d[.,])" if phrase[0].isalnum() else ""),
        (r"(?!\w)(?![.,]\d)" if phrase[-1].isalnum() else ""),
    )
    return re.search(before + form + after, text, re.IGNORECASE)


_NEGATIONS = frozenset({"!not", "!nor", "!never", "!without"})


def _phrase(line: Evidence, found: Value, value: Stated) -> Match:
    phrase = line.phrase
    if not isinstance(found, str):
        return Match("the data has no text here", "leave the phrase out")
    if _found(phrase, prose(found)) is None:
        return Match(
            f"the text does not say `{phrase}`", "take whole words of the text, as they stand there"
        )
    said, had = terms.quantities(terms.tokens(phrase)), _words(phrase)
    covers: set[str] = set()
    for place in value.places:
        numbers, named = _numbers(place), _words(place.text)
        again = "choose words of the text that have the card's value in them"
        for number, own in numbers:
            if _odd(place.text) or not any(
                _equal(other, unit, number, own)
                or (other == number and (not own or (not unit and own == place.unit)))
                for other, unit in said
            ):
                return Match(
                    f"the phrase has no {_figure(number, own)} in it, which the card states", again
                )
        others = [
            n
            for n in said
            if not any(
                _equal(*n, *own) or (n[0] == own[0] and not (n[1] and own[1])) for own in numbers
            )
        ]
        if numbers and len(others) > 1:  # one more may be the other end of a range
            return Match(
                "the phrase has several numbers beside the card's",
                "choose fewer words, without them",
            )
        if not numbers and not named:
            return Match(
                f"no word of `{place.text}` could be found anywhere",
                "tie it to a gap with a number or a name",
            )
        if not numbers and named & _NEGATIONS != _words(phrase) & _NEGATIONS:
            return Match("one of card and phrase says not, the other does not", again)
        run = _plain(place.text) in _runs(phrase)
        if not numbers and not named <= had and not run:
            return Match(f"the phrase does not hold what the card states: {value.text}", again)
        covers |= {_figure(number, own) for number, own in numbers} | (
            named if run else named & had
        )
    return Match("", covers=frozenset(covers) | _named(line.path))


def _runs(phrase: str) -> frozenset[str]:
    """Every run of words of a phrase in the form of `_plain`."""
    every = phrase.split()
    return frozenset(
        _plain(" ".join(every[i:j])).strip("()")
        for i in range(len(every))
        for j in range(i + 1, len(every) + 1)
    )
