"""The loop of an agent: its code sends the question and the results of tools to the model
until the model answers.
"""

from shapes import BLUE, CALLER, GREEN, GREY, PLUM, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "The loop of an agent",
        244,
        [
            box(100, 6, 120, 34, "user", CALLER),
            arrow([(126, 40), (126, 92)]),
            text(119, 71, "question", at="end"),
            arrow([(194, 92), (194, 40)], thick=3),
            text(203, 71, "answer: stop", at="start", bold=True),
            box(6, 92, 308, 38, "agent's code", BLUE, bold=True),
            arrow([(24, 130), (24, 202)], BLUE),
            text(31, 158, "question,", BLUE, at="start"),
            text(31, 175, "results", BLUE, at="start"),
            arrow([(110, 202), (110, 130)], PLUM),
            text(117, 158, "tool request", PLUM, at="start"),
            text(117, 175, "or answer", PLUM, at="start"),
            box(6, 202, 124, 36, "model", PLUM, bold=True),
            arrow([(224, 130), (224, 202)], BLUE),
            text(231, 166, "call", BLUE, at="start"),
            arrow([(302, 202), (302, 130)], GREEN),
            text(295, 184, "result", GREEN, at="end"),
            box(210, 202, 104, 36, "tools", GREEN, bold=True),
            text(170, 225, "repeat", GREY),
        ],
    )
