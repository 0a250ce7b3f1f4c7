"""The confusion matrix of a fraud model: recall looks along a row, precision down a column."""

from shapes import BLUE, GREY, INK, PLUM, Tone, box, sheet, text


def draw() -> str:
    along, down = Tone(PLUM.ink, "none"), Tone(BLUE.ink, "none")
    return sheet(
        "Confusion matrix with recall and precision",
        246,
        [
            text(142, 20, "flagged", bold=True),
            text(250, 20, "not flagged", bold=True),
            text(80, 72, "fraud", at="end", bold=True),
            text(80, 150, "legitimate", at="end", bold=True),
            box(98, 38, 90, 56, "40\ntrue pos.", Tone(INK.ink, PLUM.tint)),
            box(206, 38, 90, 56, "10\nfalse neg.", Tone(INK.ink, PLUM.tint)),
            box(98, 116, 90, 56, "160\nfalse pos.", Tone(INK.ink, BLUE.tint)),
            box(206, 116, 90, 56, "9,790\ntrue neg.", GREY),
            box(90, 34, 212, 64, "", along, dashed=True),
            box(94, 30, 98, 150, "", down, dashed=True),
            text(160, 208, "recall, across the row: 40 / 50 = 0.8", PLUM, bold=True),
            text(160, 232, "precision, down the column: 40 / 200 = 0.2", BLUE, bold=True),
        ],
    )
