from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


MAX_ID = 60


_FILLING = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "has",
        "have",
        "how",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "was",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "you",
        "your",
    ]
)


def first_free(name: Callable[[str], str], taken: Callable[[str], bool]) -> str:
    """The first of `name("")`, `name("-2")`, … that is not taken."""
    number, found = 1, name("")
    while taken(found):
        number += 1
        found = name(f"-{number}")
    return found


def slug(text: str) -> str:
    """Small letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def propose(subject: str, service: str, taken: Callable[[str], bool]) -> str:
    """An id for a card, of the words of its question and free of `taken`: `polly-billed-characters`. The same for the same question."""
    words = [word for word in slug(subject).split("-") if word]
    rest = [word for word in words if word not in service.split("-")]
    telling = (
        [word for word in rest if word not in _FILLING]
        or rest
        or [hashlib.sha256(subject.encode()).hexdigest()[:8]]
    )
    name = slug(service)
    for word in telling[:6]:
        if len(f"{name}-{word}") > MAX_ID - 8 and name != slug(service):
            break
        name = f"{name}-{word}"[: MAX_ID - 8].strip("-")
    name = name if ID.fullmatch(name) else f"card-{name}"
    return first_free(lambda n: name + n, taken)
