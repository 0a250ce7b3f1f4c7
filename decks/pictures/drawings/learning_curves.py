"""Training and validation error against the number of training examples, for a model with
high bias and one with high variance.
"""

from math import exp

from plots import Plot, sampled
from shapes import BLUE, RED, letter, sheet, text

PANELS = (
    # name, left edge, training and validation error at 0 to 1 of the examples
    ("A", 14, lambda n: 0.58 - 0.36 * exp(-5 * n), lambda n: 0.64 + 0.3 * exp(-6 * n)),
    ("B", 174, lambda n: 0.14 - 0.1 * exp(-3 * n), lambda n: 0.36 + 0.58 * exp(-1.8 * n)),
)


def draw() -> str:
    parts = []
    for name, left, training, validation in PANELS:
        plot = Plot(left, 40, 132, 130)
        parts += [
            plot.axes("examples →", "error"),
            letter(left + 66, 34, name),
            plot.curve(sampled(validation, 0, 1), RED),
            plot.curve(sampled(training, 0, 1), BLUE),
        ]
    parts += [
        text(80, 222, "training", BLUE, bold=True),
        text(240, 222, "validation", RED, bold=True),
    ]
    return sheet("Error against the number of training examples", 234, parts)
