"""How far a run is, as the stages report it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

T = TypeVar("T")


class Progress:
    """Takes the reports of the stages. This one shows nothing."""

    def over(self, _stage: str, items: Iterable[T]) -> Iterable[T]:
        """The same `items`, each of them counted when the next one is taken."""
        return items

    def during(self, _stage: str) -> AbstractContextManager[None]:
        """A context for work that cannot be counted."""
        return nullcontext()

    def clear(self) -> None:
        """Remove what is shown, so that the line is free for other text."""


SILENT = Progress()
