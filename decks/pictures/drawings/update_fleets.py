"""Instances that run while an endpoint of ten is updated: blue/green with linear shifting,
and rolling in batches of two.
"""

from plots import Plot, stairs
from shapes import BLUE, GREEN, GREY, Point, letter, shape, sheet, text

SIZE, BATCH = 10, 2


def linear() -> tuple[list[Point], list[Point]]:
    """Old instances and all instances from a time on: the whole new fleet comes first, the
    old one goes last.
    """
    return [(0, SIZE), (7, 0), (8, 0)], [(0, SIZE), (1, 2 * SIZE), (7, SIZE), (8, SIZE)]


def rolling() -> tuple[list[Point], list[Point]]:
    """The same when a batch comes, bakes, and as many old ones go."""
    old, total = [(0.0, float(SIZE))], [(0.0, float(SIZE))]
    for n in range(SIZE // BATCH):
        total += [(0.8 + 1.25 * n, SIZE + BATCH), (1.8 + 1.25 * n, SIZE)]
        old.append((1.8 + 1.25 * n, SIZE - BATCH * (n + 1)))
    return [*old, (8, 0)], [*total, (8, SIZE)]


def draw() -> str:
    parts = [
        text(20, 18, "instances:", GREY, at="start"),
        text(130, 18, "old model", BLUE, bold=True),
        text(240, 18, "new model", GREEN, bold=True),
    ]
    for name, left, (old, total) in (("A", 34, linear()), ("B", 184, rolling())):
        plot = Plot(left, 52, 122, 120, x=(0, 8), y=(0, 20))
        upper, lower = stairs(total), stairs(old)
        parts += [
            letter(left + 61, 44, name),
            shape([plot.at(*p) for p in [*upper, *reversed(lower)]], GREEN.tint),
            plot.under(lower, BLUE),
            plot.axes("time →", ticks_y=((0, "0"), (10, "10"), (20, "20"))),
            plot.curve(lower, BLUE, thick=2),
            plot.curve(upper, GREEN, thick=2),
        ]
    return sheet("Instances during an update", 200, parts)
