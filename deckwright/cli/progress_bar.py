"""The progress of a long run on one line of a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager

import click

from deckwright.core.progress import SILENT, Progress, T

DELAY = 1.0  # seconds before anything is shown: most runs have ended by then
PAUSE = 0.1  # seconds between two drawings
SIZE = 24  # characters of the bar
WIPE = "\r\x1b[K"


class Bar(Progress):
    """Shows the current stage and removes it when the stage ends.

    `write` writes to the terminal; `width` returns its number of columns.
    """

    def __init__(self, write: Callable[[str], None], width: Callable[[], int]) -> None:
        self._write, self._width = write, width
        self._next = 0.0  # when the line may be drawn; set by the first stage
        self._shown = False

    def over(self, stage: str, items: Iterable[T]) -> Iterator[T]:
        total = len(items) if isinstance(items, Sized) else 0
        try:
            for done, item in enumerate(items):
                self._draw(stage, done, total)
                yield item
        finally:
            self.clear()

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        self._draw(stage, 0, 0)
        try:
            yield
        finally:
            self.clear()

    def clear(self) -> None:
        if self._shown:
            self._write(WIPE)
            self._shown = False

    def _draw(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        self._next = self._next or now + DELAY
        if now >= self._next:
            self._write(f"\r{line(stage, done, total, self._width() - 1)}\x1b[K")
            self._shown, self._next = True, now + PAUSE


def line(stage: str, done: int, total: int, width: int) -> str:
    """A stage on a line of at most `width` characters; `total` is 0 if unknown."""
    if not total:
        return f"{stage} ..."[:width]
    full = SIZE * done // total
    counted = f"{stage}: {done:,} of {total:,}"
    whole = f"[{'#' * full}{'-' * (SIZE - full)}] {counted}"
    return whole if len(whole) <= width else counted[:width]


def terminal_bar() -> Progress:
    """A bar if standard error is a terminal that can erase a line, else nothing."""
    if not sys.stderr.isatty() or os.environ.get("TERM", "dumb") in ("", "dumb"):
        return SILENT
    return Bar(
        lambda text: click.echo(text, err=True, nl=False),
        lambda: os.get_terminal_size(sys.stderr.fileno()).columns or 80,
    )
