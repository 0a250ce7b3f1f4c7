"""Scores of two classes that overlap, cut by a threshold into four areas."""

from plots import Plot, bell, sampled
from shapes import AMBER, BLUE, INK, PLUM, RED, letter, line, sheet, text

HONEST = bell(0.35, 0.14)
FRAUD = bell(0.67, 0.14)
CUT = 0.54


def draw() -> str:
    plot = Plot(14, 52, 292, 130, y=(0, 3))
    return sheet(
        "Scores of two classes and a threshold",
        212,
        [
            plot.under(sampled(HONEST, 0, CUT), BLUE),
            plot.under(sampled(FRAUD, CUT, 1), AMBER),
            plot.under(sampled(FRAUD, 0, CUT), PLUM),
            plot.under(sampled(HONEST, CUT, 1), RED),
            plot.axes("score →"),
            plot.curve(sampled(HONEST, 0, 1), BLUE),
            plot.curve(sampled(FRAUD, 0, 1), AMBER),
            line([plot.at(CUT, 0), plot.at(CUT, 3.25)], INK, thick=2.5),
            text(plot.at(CUT, 0)[0], 32, "threshold", bold=True),
            text(56, 66, "legitimate", BLUE, bold=True),
            text(274, 66, "fraud", AMBER, bold=True),
            letter(*plot.at(0.31, 1.1), "A"),
            letter(*plot.at(0.487, 0.25), "B"),
            letter(*plot.at(0.585, 0.1), "C"),
            letter(*plot.at(0.73, 1.1), "D"),
        ],
    )
