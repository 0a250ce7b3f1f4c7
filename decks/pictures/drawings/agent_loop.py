"""The loop of an agent: its code sends the question and the results of tools to the model
until the model answers.
"""

from shapes import AMBER, BLUE, CALLER, GREEN, GREY, PLUM, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "The loop of an agent",
        322,
        [
            box(6, 6, 84, 32, "memory", AMBER),
            arrow([(48, 62), (48, 38)], AMBER),
            arrow([(48, 62), (48, 90)], AMBER),
            box(114, 6, 92, 32, "user", CALLER),
            arrow([(136, 38), (136, 90)]),
            text(130, 69, "question", at="end"),
            arrow([(184, 90), (184, 38)], thick=3),
            text(192, 60, "answer:", at="start", bold=True),
            text(192, 77, "stop", at="start", bold=True),
            box(230, 6, 84, 32, "trace", AMBER),
            arrow([(290, 90), (290, 38)], AMBER),
            box(6, 90, 308, 34, "agent's code", BLUE, bold=True),
            arrow([(20, 124), (20, 200)], BLUE),
            text(27, 150, "question,", BLUE, at="start"),
            text(27, 167, "results", BLUE, at="start"),
            arrow([(104, 200), (104, 124)], PLUM),
            text(111, 150, "tool request", PLUM, at="start"),
            text(111, 167, "or answer", PLUM, at="start"),
            box(6, 200, 120, 40, "model", PLUM, bold=True),
            arrow([(212, 124), (212, 200)], BLUE),
            text(219, 184, "call", BLUE, at="start"),
            arrow([(302, 200), (302, 124)]),
            text(295, 167, "result", at="end"),
            box(194, 200, 120, 44, "gateway, policy\n(optional)", GREEN),
            arrow([(212, 244), (212, 280)], GREEN),
            text(219, 266, "if allowed", GREEN, at="start"),
            arrow([(302, 280), (302, 244)]),
            box(194, 280, 120, 34, "tools", CALLER),
            text(66, 272, "repeat until the", GREY),
            text(66, 289, "model answers", GREY),
        ],
    )
