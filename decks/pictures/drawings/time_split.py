"""Days split for validation: at random, where each has its neighbors in training, and by
time, with a growing past.
"""

from shapes import AMBER, BLUE, GREY, RED, box, sheet, text

DAYS = 12
LEFT, CELL = 14, 24.4
SHUFFLED = (2, 5, 8, 10)  # days that a random split happened to pick for validation
SPLITS = ((3, 6), (6, 9), (9, 12))  # first day of the validation, and the first after it


def days(top: float, kinds: dict[int, bool]) -> list[str]:
    """A row of days, each in training (false) or validation (true); others are left out."""
    return [
        box(
            LEFT + day * CELL,
            top,
            CELL - 3,
            28,
            "v" if held else "",
            AMBER if held else BLUE,
            bold=held,
        )
        for day, held in kinds.items()
    ]


def draw() -> str:
    parts = [
        text(LEFT, 18, "shuffled", RED, at="start", bold=True),
        *days(28, {day: day in SHUFFLED for day in range(DAYS)}),
        text(LEFT, 78, "neighbors on both sides: too easy", RED, at="start"),
        text(LEFT, 118, "by time", BLUE, at="start", bold=True),
    ]
    for n, (first, end) in enumerate(SPLITS):
        parts += days(128 + n * 34, {day: day >= first for day in range(end)})
    parts += [
        text(160, 248, "days →", GREY),
        text(160, 270, "empty: training, v: validation", GREY),
    ]
    return sheet("Validation days, shuffled and by time", 280, parts)
