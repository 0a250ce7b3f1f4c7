"""The ROC curve and the precision-recall curve of one model, where one case in a hundred
is positive.
"""

from itertools import pairwise
from math import erf, sqrt

from plots import Plot
from shapes import BLUE, GREY, RED, Point, line, sheet, text

POSITIVE = 0.01  # share of the cases
LARGE = 16  # the type: two small charts have room for it
APART = 2.4  # between the means of the two classes' scores, in standard deviations


def above(threshold: float, mean: float) -> float:
    """Share of a class with scores above a threshold."""
    return (1 - erf((threshold - mean) / sqrt(2))) / 2


def curves() -> tuple[list[Point], list[Point]]:
    """ROC as (false positive rate, recall), and (recall, precision), from strict to lax thresholds."""  # noqa: E501
    roc, pr = [], []
    for n in range(401):
        threshold = 6.5 - n * 0.0275
        recall, false = above(threshold, APART), above(threshold, 0)
        roc.append((false, recall))
        pr.append((recall, POSITIVE * recall / (POSITIVE * recall + (1 - POSITIVE) * false)))
    return roc, pr


def surface(points: list[Point]) -> float:
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))


def draw() -> str:
    roc, pr = curves()
    left, right = Plot(14, 32, 132, 132, size=LARGE), Plot(174, 32, 132, 132, size=LARGE)
    return sheet(
        "ROC and precision-recall curve of one model",
        216,
        [
            left.axes("false positive rate", "recall"),
            right.axes("recall", "precision"),
            line([left.at(0, 0), left.at(1, 1)], GREY, dashed=True, thick=1.5),
            line([right.at(0, POSITIVE), right.at(1, POSITIVE)], GREY, dashed=True, thick=1.5),
            left.curve(roc, BLUE),
            right.curve(pr, RED),
            text(84, 207, f"ROC: area {surface(roc):.2f}", BLUE, bold=True, size=LARGE),
            text(238, 207, f"PR: area {surface(pr):.2f}", RED, bold=True, size=LARGE),
        ],
    )
