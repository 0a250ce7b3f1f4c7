"""Paraphrasing before and after a split: in the first case, versions of one text are in both
parts.
"""

from shapes import CALLER, GREEN, GREY, RED, Tone, arrow, box, line, sheet, text

CELL = 21
LEFT, RIGHT = 4, 168  # left edges of the two columns
WIDE = 148
CELLS = 66  # from the edge of a column to the first text of a part


def texts(x: float, top: float, names: str, tone: Tone, leaked: str = "") -> list[str]:
    """A row of texts: capital letters are originals, small ones their paraphrases."""
    return [
        box(x + n * CELL, top, CELL - 2, 26, name, RED if name in leaked else tone, bold=True)
        for n, name in enumerate(names)
    ]


def in_two(
    x: float, top: float, training: str, validation: str, tone: Tone, leaked: str = ""
) -> list[str]:
    return [
        text(x, top + 18, "training", GREY, at="start"),
        *texts(x + CELLS, top, training, tone, leaked),
        text(x, top + 48, "validation", GREY, at="start"),
        *texts(x + CELLS, top + 30, validation, tone, leaked),
    ]


def draw() -> str:
    parts = [line([(160, 8), (160, 308)], GREY, dashed=True, thick=1.5)]
    for x, first, second, tone in (
        (LEFT, "paraphrase", "split", RED),
        (RIGHT, "split", "paraphrase", GREEN),
    ):
        middle = x + WIDE / 2
        parts += [
            text(middle, 16, f"{first},", tone, bold=True),
            text(middle, 33, f"then {second}", tone, bold=True),
            *texts(middle - 1.5 * CELL, 44, "ABC", CALLER),
            arrow([(x + 40, 74), (x + 40, 102)]),
            text(x + 48, 93, first, at="start"),
            arrow([(x + 40, 168), (x + 40, 196)]),
            text(x + 48, 187, second, at="start"),
        ]
    parts += [
        *texts(LEFT + WIDE / 2 - 3 * CELL, 121, "AaBbCc", CALLER),
        *in_two(LEFT, 204, "ABbc", "aC", CALLER, leaked="AaCc"),
        text(LEFT + WIDE / 2, 284, "A and C in both:", RED),
        text(LEFT + WIDE / 2, 301, "score too high", RED),
        *in_two(RIGHT, 106, "AB", "C", CALLER),
        *in_two(RIGHT, 204, "AaBb", "C", GREEN),
        text(RIGHT + WIDE / 2, 284, "no text in both:", GREEN),
        text(RIGHT + WIDE / 2, 301, "realistic score", GREEN),
        text(160, 330, "a is a paraphrase of A", GREY),
    ]
    return sheet("Paraphrases before and after a split", 340, parts)
