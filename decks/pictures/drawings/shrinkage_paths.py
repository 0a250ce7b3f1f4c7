"""Five weights of a linear model against the strength of an L1 and of an L2 penalty, for
features that are uncorrelated.
"""

from functools import partial

from plots import Plot, sampled
from shapes import BLUE, GREY, PLUM, RED, dot, line, sheet, text

FREE = (1.0, 0.72, 0.46, 0.24, -0.36)  # weights without a penalty
END = 1.1
LARGE = 16  # the type: two small charts have room for it


def lasso(free: float, strength: float) -> float:
    """A weight that minimises (w - free)²/2 + strength · |w|."""
    size = max(0.0, abs(free) - strength)
    return size if free > 0 else -size


def ridge(free: float, strength: float) -> float:
    """A weight that minimises (w - free)²/2 + 3 · strength · w²/2; the 3 brings both
    panels to like sizes.
    """
    return free / (1 + 3 * strength)


def draw() -> str:
    parts = []
    for name, left, tone, shrink in (
        ("L1 (lasso)", 14, BLUE, lasso),
        ("L2 (ridge)", 174, PLUM, ridge),
    ):
        plot = Plot(left, 50, 132, 140, x=(0, END), y=(-0.45, 1.1), size=LARGE)
        parts += [
            text(left + 66, 18, name, tone, bold=True, size=LARGE),
            plot.axes("penalty →", "weights"),
            line([plot.at(0, 0), plot.at(END, 0)], GREY, thick=1.5),
            *(plot.curve(sampled(partial(shrink, free), 0, END, 110), tone) for free in FREE),
        ]
        if shrink is lasso:
            parts += [dot(*plot.at(abs(free), 0), RED, 4.5) for free in FREE]
    parts += [
        text(80, 232, "one after another", RED, size=LARGE),
        text(80, 251, "drops to zero", RED, bold=True, size=LARGE),
        text(240, 232, "all get smaller,", PLUM, size=LARGE),
        text(240, 251, "none reaches zero", PLUM, bold=True, size=LARGE),
    ]
    return sheet("Weights under an L1 and an L2 penalty", 260, parts)
