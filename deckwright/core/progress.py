"""How far a run is: what stages tell it, and the line that a terminal shows of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

DELAY = 1.0  # seconds before anything is shown: most runs have ended by then
PAUSE = 0.1  # seconds between two drawings
_BAR = 24  # signs


class Progress:
    """What stages tell how far they are. This one tells nobody."""

    def over(self, _stage: str, items: Iterable[T]) -> Iterable[T]:
        """`items` as they are, each counted when it is done."""
        return items

    def during(self, _stage: str) -> AbstractContextManager[None]:
        """For what cannot be counted."""
        return nullcontext()

    def close(self) -> None:
        """To be called before the run's last words."""


SILENT = Progress()


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done, and how much of it is; `total` is 0 where nobody knows."""

    name: str
    done: int = 0
    total: int = 0

    def line(self, width: int) -> str:
        """The stage on a line of at most `width` signs."""
        if not self.total:
            return f"{self.name} ..."[:width]
        full = _BAR * self.done // self.total
        counted = f"{self.name}: {self.done:,} of {self.total:,}"
        whole = f"[{'#' * full}{'-' * (_BAR - full)}] {counted}"
        return whole if len(whole) <= width else counted[:width]


class Bar(Progress):
    """Shows the stage that runs on a terminal's line, from DELAY after the first began, and takes it away when the stage ends, so that
    whoever writes next finds the line empty. `write` writes there; `width` is how many signs a line takes. It draws from a thread of
    its own: a stage only says where it is."""

    def __init__(self, write: Callable[[str], None], width: Callable[[], int]) -> None:
        self._write, self._width = write, width
        self._stage: Stage | None = None
        self._shown = False
        self._drawing = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def over(self, stage: str, items: Iterable[T]) -> Iterator[T]:
        total = len(items) if isinstance(items, Sized) else 0
        with self.during(stage):
            for done, item in enumerate(items):
                self._stage = Stage(stage, done, total)
                yield item

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        around, self._stage = self._stage, Stage(stage)
        if self._thread is None:
            self._thread = threading.Thread(target=self._draw, daemon=True)
            self._thread.start()
        try:
            yield
        finally:
            self._stage = around
            if around is None:
                self._wipe()

    def close(self) -> None:
        self._closed.set()
        self._stage = None
        self._wipe()

    def _wipe(self) -> None:
        with self._drawing:
            if self._shown:
                self._write("\r\x1b[K")
                self._shown = False

    def _draw(self) -> None:
        pause = DELAY
        while not self._closed.wait(pause):
            pause = PAUSE
            with self._drawing:
                stage = self._stage
                if stage is not None and not self._closed.is_set():
                    try:
                        self._write(f"\r{stage.line(self._width() - 1)}\x1b[K")
                    except OSError:  # the terminal is gone
                        return
                    self._shown = True
