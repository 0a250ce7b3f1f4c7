"""Training and validation error against the complexity of a model: underfitting, good,
overfitting.
"""

from math import exp, pow

from plots import Plot, sampled
from shapes import BLUE, RED, letter, sheet, text


def training(complexity: float) -> float:
    return 0.08 + 0.8 * exp(-3.2 * complexity)


def validation(complexity: float) -> float:
    return training(complexity) + 0.07 + 0.55 * pow(complexity, 3.2)


def draw() -> str:
    plot = Plot(14, 42, 292, 160)
    return sheet(
        "Error against model complexity",
        230,
        [
            plot.axes("complexity of the model →", "error"),
            plot.upright(0.34),
            plot.upright(0.66),
            *(
                letter(plot.at(x, 0)[0], 36, name)
                for x, name in ((0.19, "A"), (0.5, "B"), (0.83, "C"))
            ),
            plot.curve(sampled(validation, 0, 1), RED),
            plot.curve(sampled(training, 0, 1), BLUE),
            text(*plot.at(0.99, 0.82), "validation", RED, at="end", bold=True),
            text(*plot.at(0.99, 0.17), "training", BLUE, at="end", bold=True),
        ],
    )
