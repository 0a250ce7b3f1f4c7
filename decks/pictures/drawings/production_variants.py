"""Two production variants with weights 3 and 1: three quarters of the calls and one
quarter; TargetVariant overrides.
"""

from shapes import BLUE, CALLER, GREEN, GREY, PLACE, area, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "Production variants",
        236,
        [
            box(10, 6, 142, 40, "calls without\nTargetVariant", CALLER),
            box(168, 6, 142, 40, "TargetVariant =\nVariant2", CALLER),
            area(4, 124, 312, 108, "", PLACE),
            box(14, 136, 136, 62, "Variant1\nweight 3\n3 / (3 + 1)", BLUE),
            box(170, 136, 136, 62, "Variant2\nweight 1\n1 / (3 + 1)", GREEN),
            text(160, 222, "one endpoint", GREY, bold=True),
            arrow([(66, 46), (66, 136)], BLUE, thick=6),
            arrow([(96, 46), (96, 76), (200, 106), (200, 136)], GREEN, thick=2),
            arrow([(262, 46), (262, 136)], GREEN, thick=2, dashed=True),
            text(58, 92, "75%", BLUE, at="end", bold=True),
            text(160, 84, "25%", GREEN, bold=True),
            text(270, 92, "all", GREEN, at="start", bold=True),
        ],
    )
