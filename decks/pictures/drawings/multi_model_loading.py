"""Three calls of a multi-model endpoint: the model is in memory, on the instance's volume,
or only in S3.
"""

from shapes import AMBER, BLUE, GREEN, GREY, PLACE, area, arrow, box, sheet, text

MEMORY, VOLUME, S3 = 66, 142, 236
LANES = ((76, "A"), (160, "B"), (244, "C"))
WIDE = 60


def draw() -> str:
    parts = [
        area(4, 36, 312, 164, "", PLACE),
        text(12, 54, "instance", GREY, at="start", bold=True),
        text(10, MEMORY + 26, "memory", GREY, at="start"),
        text(10, VOLUME + 26, "volume", GREY, at="start"),
        text(10, S3 + 26, "S3", GREY, at="start"),
    ]
    here = {"A": 3, "B": 2, "C": 1}
    for left, name in LANES:
        middle = left + WIDE / 2
        parts += [
            text(middle, 18, f"call to {name}", bold=True),
            arrow([(middle, 24), (middle, MEMORY)]),
            box(
                left,
                MEMORY,
                WIDE,
                40,
                name,
                GREEN if here[name] == 3 else GREY.hollow,
                dashed=here[name] < 3,
                bold=True,
            ),
            box(
                left,
                VOLUME,
                WIDE,
                40,
                name,
                BLUE if here[name] >= 2 else GREY.hollow,
                dashed=here[name] < 2,
                bold=True,
            ),
            box(left, S3, WIDE, 40, name, AMBER, bold=True),
        ]
    parts += [
        arrow([(190, VOLUME), (190, MEMORY + 40)], BLUE, thick=3),
        arrow([(274, VOLUME), (274, MEMORY + 40)], BLUE, thick=3),
        text(232, VOLUME - 13, "load", BLUE, bold=True),
        arrow([(274, S3), (274, VOLUME + 40)], AMBER, thick=3),
        text(265, S3 - 14, "download", AMBER, at="end", bold=True),
        text(106, 296, "fast", GREEN, bold=True),
        text(190, 296, "slower", BLUE, bold=True),
        text(274, 296, "slowest", AMBER, bold=True),
    ]
    return sheet("Where a multi-model endpoint finds a model", 306, parts)
