"""One step of a random history."""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    """One step of a history: what, and three numbers that choose among what is there."""

    what: str
    a: int = 0
    b: int = 0
    c: int = 0
