"""Loss over the epochs of training at four learning rates: far too high, too high, too
low, good.
"""

from math import exp

from plots import Plot, sampled
from shapes import AMBER, BLUE, GREEN, RED, letter, sheet

CURVES = (
    # name, tone, loss at a time from 0 to 1, where the letter stands
    ("A", AMBER, lambda t: 0.42 + 0.28 * exp(-18 * t), (0.86, 0.46)),
    ("B", RED, lambda t: 0.7 + 1.6 * t**1.8, (0.2, 0.87)),
    ("C", GREEN, lambda t: 0.1 + 0.6 * exp(-6 * t), (0.86, 0.15)),
    ("D", BLUE, lambda t: 0.7 - 0.1 * t, (0.86, 0.66)),
)


def draw() -> str:
    plot = Plot(14, 28, 292, 172)
    parts = [plot.axes("epochs of training →", "training loss")]
    for name, tone, loss, at in CURVES:
        parts += [plot.curve(sampled(loss, 0, 0.95), tone, thick=3), letter(*plot.at(*at), name)]
    return sheet("Training loss at four learning rates", 228, parts)
