"""What a guardrail in a model call checks, what it doesn't see, and the way of a tool
result through ApplyGuardrail.
"""

from shapes import BLUE, CALLER, GREEN, RED, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "What a guardrail checks",
        300,
        [
            box(6, 6, 308, 30, "user", CALLER),
            arrow([(68, 36), (68, 64)], BLUE),
            text(76, 55, "message", BLUE, at="start"),
            box(14, 64, 108, 32, "input check", BLUE, bold=True),
            arrow([(68, 96), (68, 124)], BLUE),
            text(160, 85, "guardrail", BLUE),
            box(6, 124, 308, 34, "model", CALLER, bold=True),
            arrow([(252, 124), (252, 96)], BLUE),
            box(198, 64, 108, 32, "output check", BLUE, bold=True),
            arrow([(252, 64), (252, 36)], BLUE),
            text(244, 55, "response", BLUE, at="end"),
            arrow([(18, 262), (18, 158)], RED, dashed=True),
            text(26, 190, "not checked", RED, at="start"),
            text(26, 207, "without", RED, at="start"),
            text(26, 224, "guardContent", RED, at="start"),
            box(6, 262, 108, 32, "system prompt", CALLER),
            box(122, 262, 192, 32, "tool result: web page", CALLER),
            arrow([(134, 262), (134, 158)], RED, dashed=True),
            text(141, 190, "not", RED, at="start"),
            text(141, 207, "checked", RED, at="start"),
            arrow([(258, 262), (258, 228)], GREEN, thick=3),
            box(204, 192, 110, 36, "ApplyGuardrail", GREEN),
            arrow([(258, 192), (258, 158)], GREEN, thick=3),
        ],
    )
