"""Curves: a frame with two axes, and what is drawn in it from numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, pi, sqrt

import shapes
from shapes import GREY, INK, Point, Tone


@dataclass(frozen=True, slots=True)
class Plot:
    """A rectangle of the sheet (left, top, width, height), and the values at its edges."""

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float] = (0, 1)
    y: tuple[float, float] = (0, 1)
    size: float = shapes.SIZE  # of the names of its axes

    def at(self, x: float, y: float) -> Point:
        """Where a pair of values lies on the sheet."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * self.width, self.top + self.height - up * self.height

    def axes(
        self,
        x: str = "",
        y: str = "",
        ticks_x: Sequence[tuple[float, str]] = (),
        ticks_y: Sequence[tuple[float, str]] = (),
    ) -> str:
        """Two lines with names: the one across below its right end, the one upwards above its top."""  # noqa: E501
        bottom = self.top + self.height
        out = [
            shapes.line(
                [(self.left, self.top), (self.left, bottom), (self.left + self.width, bottom)],
                GREY,
                thick=1.5,
            )
        ]
        for value, words in ticks_x:
            out.append(shapes.text(self.at(value, self.y[0])[0], bottom + 16, words, GREY))
        for value, words in ticks_y:
            out.append(
                shapes.text(self.left - 5, self.at(self.x[0], value)[1] + 5, words, GREY, at="end")
            )
        if x:
            below = 16 + (shapes.LINE if ticks_x else 0)
            out.append(
                shapes.text(self.left + self.width / 2, bottom + below, x, GREY, size=self.size)
            )
        if y:
            out.append(shapes.text(self.left, self.top - 8, y, GREY, at="start", size=self.size))
        return "\n".join(out)

    def curve(
        self, points: Sequence[Point], tone: Tone = INK, *, dashed: bool = False, thick: float = 2.5
    ) -> str:
        """A line through pairs of values; what leaves the plot is left out."""
        inside = [
            p
            for p in points
            if min(self.x) <= p[0] <= max(self.x) and min(self.y) <= p[1] <= max(self.y)
        ]
        return shapes.line([self.at(*p) for p in inside], tone, dashed=dashed, thick=thick)

    def under(self, points: Sequence[Point], tone: Tone) -> str:
        """The area between a line and the axis."""
        first, last = points[0][0], points[-1][0]
        return shapes.shape(
            [self.at(first, self.y[0]), *(self.at(*p) for p in points), self.at(last, self.y[0])],
            tone.tint,
        )

    def upright(self, x: float, tone: Tone = GREY) -> str:
        """A dashed line at a value of the axis across."""
        return shapes.line(
            [self.at(x, self.y[0]), self.at(x, self.y[1])], tone, dashed=True, thick=1.5
        )


def sampled(
    function: Callable[[float], float], first: float, last: float, steps: int = 60
) -> list[Point]:
    """Pairs of values of a function at even steps, both ends with it."""
    return [
        (x, function(x)) for x in (first + (last - first) * n / steps for n in range(steps + 1))
    ]


def stairs(points: Sequence[Point]) -> list[Point]:
    """The line of a value that holds until the next point."""
    out = [points[0]]
    for x, y in points[1:]:
        out += [(x, out[-1][1]), (x, y)]
    return out


def bell(mean: float, spread: float) -> Callable[[float], float]:
    """The density of a normal distribution."""
    return lambda x: exp(-(((x - mean) / spread) ** 2) / 2) / (spread * sqrt(2 * pi))
