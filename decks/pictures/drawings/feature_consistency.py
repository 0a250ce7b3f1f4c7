"""The statistics of the training rows are saved with the model, and requests are transformed
with them.
"""

from shapes import AMBER, BLUE, CALLER, GREEN, GREY, RED, arrow, box, cross, line, sheet, text


def draw() -> str:
    return sheet(
        "The same transformation in training and serving",
        316,
        [
            text(66, 16, "training", GREY, bold=True),
            text(254, 16, "serving", GREY, bold=True),
            box(6, 26, 120, 32, "training rows", CALLER),
            box(194, 26, 120, 32, "requests", CALLER),
            arrow([(82, 58), (82, 86)], BLUE),
            box(38, 86, 88, 32, "fit", BLUE, bold=True),
            line([(238, 58), (238, 86)], RED),
            box(194, 86, 88, 32, "fit", RED.hollow, dashed=True),
            cross(238, 72),
            arrow([(82, 118), (82, 142)], AMBER),
            box(38, 142, 244, 44, "mean, standard deviation:\nsaved with the model", AMBER),
            arrow([(82, 186), (82, 214)], AMBER),
            arrow([(238, 186), (238, 214)], AMBER),
            arrow([(18, 58), (18, 214)]),
            arrow([(302, 58), (302, 214)]),
            box(6, 214, 120, 32, "transform", GREEN, bold=True),
            box(194, 214, 120, 32, "transform", GREEN, bold=True),
            line([(126, 230), (194, 230)], GREEN, dashed=True),
            text(160, 224, "same", GREEN),
            arrow([(66, 246), (66, 276)]),
            arrow([(254, 246), (254, 276)]),
            text(74, 265, "to train", at="start"),
            text(246, 265, "to predict", at="end"),
            box(6, 276, 308, 34, "model", BLUE, bold=True),
        ],
    )
