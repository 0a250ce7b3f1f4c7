"""Data drift and concept drift: what moves is the distribution of the inputs, or the
relation of target and input.
"""

from math import exp

from plots import Plot, bell, sampled
from shapes import BLUE, RED, sheet, text


def slope(middle: float) -> list[tuple[float, float]]:
    return sampled(lambda x: 0.06 + 0.88 / (1 + exp(-14 * (x - middle))), 0, 1)


def draw() -> str:
    parts = []
    for left, name, live_inputs, live_target in (
        (14, "data drift", 0.64, 0.5),
        (174, "concept drift", 0.36, 0.68),
    ):
        inputs, target = Plot(left, 46, 132, 66, y=(0, 3.6)), Plot(left, 152, 132, 66)
        parts += [
            text(left + 66, 18, name, bold=True),
            inputs.axes("", "inputs"),
            inputs.curve(sampled(bell(0.36, 0.13), 0, 1), BLUE),
            inputs.curve(sampled(bell(live_inputs, 0.13), 0, 1), RED, dashed=True),
            target.axes("input →", "target for each input"),
            target.curve(slope(0.5), BLUE),
            target.curve(slope(live_target), RED, dashed=True),
        ]
    parts += [
        text(80, 264, "training", BLUE, bold=True),
        text(240, 264, "live (dashed)", RED, bold=True),
    ]
    return sheet("Data drift and concept drift", 274, parts)
