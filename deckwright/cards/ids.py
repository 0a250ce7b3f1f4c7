"""Card ids: their form, and an id proposed for a new card."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, MutableMapping

from deckwright.core.files import DEVICE_NAME

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MAX_ID = 60  # characters

_PROPOSED = MAX_ID - 8  # characters of a proposed id: room for `card-` or a number
_WORDS = 6
_STEM = 40  # characters of a file's name: room for a number, an ending, and a long folder
_FILLING_WORDS = """
a an and are as at be by can do does for from has have how in is it its of on or that the this to
was what when where which who why will with you your
"""
_FILLING = frozenset(_FILLING_WORDS.split())


def first_free(
    name: Callable[[str], str],
    taken: Callable[[str], bool],
    tried: MutableMapping[str, int] | None = None,
) -> str:
    """Return the first of `name("")`, `name("-2")`, … that is not taken.

    `tried` remembers from call to call where to continue, by `name("")`: nothing taken becomes
    free in between.
    """
    stem = name("")
    number = 1 if tried is None else tried.get(stem, 1)
    candidate = stem if number == 1 else name(f"-{number}")
    while taken(candidate):
        number += 1
        candidate = name(f"-{number}")
    if tried is not None:
        tried[stem] = number
    return candidate


def slug(text: str) -> str:
    """Return a text in lowercase letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def file_stem(text: str) -> str:
    """Return the name of a file, without ending, that every file system takes.

    Empty if the text has no letter and no digit.
    """
    stem = slug(text)[:_STEM].strip("-")
    return f"the-{stem}" if DEVICE_NAME.match(stem) else stem


def propose(
    subject: str,
    service: str,
    taken: Callable[[str], bool],
    tried: MutableMapping[str, int] | None = None,
) -> str:
    """Return an id made of a card's service and question: `polly-billed-characters`.

    The same question gives the same id, unless that is taken. `tried` is that of
    `first_free`.
    """
    words = [word for word in slug(subject).split("-") if word]
    others = [word for word in words if word not in service.split("-")]
    telling = [word for word in others if word not in _FILLING] or others
    if not telling:
        telling = [hashlib.sha256(subject.encode()).hexdigest()[:8]]
    base = name = slug(service)
    for word in telling[:_WORDS]:
        if len(f"{name}-{word}") > _PROPOSED and name != base:
            break
        name = f"{name}-{word}"[:_PROPOSED].strip("-")
    if not ID.fullmatch(name):
        name = f"card-{name}"
    return first_free(lambda suffix: name + suffix, taken, tried)
