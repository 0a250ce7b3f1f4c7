"""A pipeline that trains, evaluates, and registers the model only if a condition on the
evaluation holds.
"""

from shapes import AMBER, BLUE, CALLER, GREEN, RED, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "A pipeline with a condition",
        312,
        [
            box(14, 6, 140, 40, "Processing\nprepare the data", CALLER),
            arrow([(84, 46), (84, 74)]),
            box(14, 74, 140, 40, "Training", BLUE),
            arrow([(84, 114), (84, 142)]),
            box(14, 142, 140, 40, "Processing\nevaluate the model", BLUE),
            arrow([(84, 182), (84, 210)], AMBER),
            box(14, 210, 140, 40, "Condition\nerror under limit?", AMBER, bold=False),
            box(196, 142, 118, 58, "property file\n(JSON) with\nthe error", AMBER, dashed=True),
            arrow([(154, 162), (196, 162)], AMBER, dashed=True),
            arrow([(255, 200), (255, 230), (154, 230)], AMBER, dashed=True),
            text(204, 247, "JsonGet", AMBER),
            arrow([(50, 250), (50, 276)], GREEN),
            arrow([(118, 250), (118, 262), (240, 262), (240, 276)], RED),
            text(44, 268, "yes", GREEN, at="end", bold=True),
            text(248, 270, "no", RED, at="start", bold=True),
            box(14, 276, 140, 30, "register the model", GREEN),
            box(180, 276, 120, 30, "Fail step", RED),
        ],
    )
