"""A shadow test: the production variant answers every request, the shadow variant gets a
copy and answers nobody.
"""

from shapes import BLUE, CALLER, GREY, PLACE, PLUM, area, arrow, box, dot, sheet, text


def draw() -> str:
    return sheet(
        "Shadow test",
        252,
        [
            area(4, 76, 312, 118, "", PLACE),
            text(160, 184, "one endpoint", GREY, bold=True),
            box(14, 6, 130, 36, "application", CALLER),
            box(14, 116, 130, 48, "production\nvariant", BLUE, bold=True),
            box(178, 116, 130, 48, "shadow\nvariant", PLUM, bold=True),
            arrow([(120, 42), (120, 116)], BLUE, thick=3),
            arrow([(44, 116), (44, 42)], BLUE, thick=3),
            text(51, 66, "response", BLUE, at="start", bold=True),
            text(128, 66, "every request", BLUE, at="start", bold=True),
            arrow([(120, 94), (243, 94), (243, 116)], PLUM, dashed=True),
            dot(120, 94, PLUM),
            text(182, 90, "copy", PLUM, bold=True),
            arrow([(243, 164), (243, 206)], PLUM, dashed=True),
            box(178, 206, 130, 42, "discarded\nor logged", PLUM.hollow, dashed=True),
        ],
    )
