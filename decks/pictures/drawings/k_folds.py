"""Five-fold cross-validation: five models, each validated on another fold and trained on
the rest; the test set stays apart.
"""

from shapes import AMBER, BLUE, GREY, arrow, box, sheet, text

FOLDS = 5
LEFT, CELL, TOP, ROW = 64, 36, 32, 38


def draw() -> str:
    parts = [text(LEFT + FOLDS * CELL / 2, 20, "the rows, in five folds", GREY)]
    for model in range(FOLDS):
        top = TOP + model * ROW
        parts.append(text(58, top + 21, f"model {model + 1}", at="end"))
        for fold in range(FOLDS):
            held = fold == model
            parts.append(
                box(
                    LEFT + fold * CELL,
                    top,
                    CELL - 3,
                    32,
                    "val." if held else "",
                    AMBER if held else BLUE,
                    bold=held,
                )
            )
    bottom = TOP + FOLDS * ROW
    middle = LEFT + FOLDS * CELL / 2
    parts += [
        box(254, TOP, 60, bottom - TOP - 6, "test,\nkept\nfor the\nend", GREY.hollow, dashed=True),
        arrow([(middle, bottom - 2), (middle, bottom + 18)], AMBER),
        text(middle, bottom + 36, "average of the five scores", AMBER, bold=True),
        text(middle, bottom + 58, "empty: training, val.: validation", GREY),
    ]
    return sheet("Five-fold cross-validation", bottom + 68, parts)
