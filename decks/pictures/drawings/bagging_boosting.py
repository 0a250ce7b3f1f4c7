"""Bagging trains trees side by side and averages them; boosting trains each tree on the
errors of those before it.
"""

from shapes import BLUE, CALLER, GREEN, PLUM, RED, arrow, box, sheet, text


def draw() -> str:
    parts = [
        text(6, 18, "random forest: in parallel", BLUE, at="start", bold=True),
        box(6, 66, 62, 36, "rows", CALLER),
        box(250, 66, 64, 36, "average", GREEN),
    ]
    for n in range(3):
        top = 30 + n * 38
        parts += [
            arrow([(68, 84), (104, top + 16)]),
            box(104, top, 110, 32, f"sample, tree {n + 1}", BLUE),
            arrow([(214, top + 16), (250, 74 + n * 10)], BLUE),
        ]
    parts.append(text(6, 176, "boosting: in sequence", PLUM, at="start", bold=True))
    for n in range(3):
        left = 6 + n * 122
        parts.append(box(left, 192, 64, 36, f"tree {n + 1}", PLUM))
        parts.append(arrow([(left + 32, 228), (left + 32, 258)], PLUM))
        if n:
            parts += [
                arrow([(left - 58, 210), (left, 210)], RED),
                text(left - 30, 202, "errors", RED),
            ]
    parts.append(box(6, 258, 308, 30, "sum of all trees", GREEN))
    return sheet("Bagging and boosting", 294, parts)
