"""What a request takes from the token quota at its start, what it returns at its end, and
what is on the bill; the bars are to scale.
"""

from shapes import AMBER, BLUE, GREEN, GREY, Tone, line, shape, sheet, text

LEFT, WIDE = 8, 304
INPUT, OUTPUT, LIMIT = 1_000, 300, 32_000
TAKEN, USED = INPUT + LIMIT, INPUT + OUTPUT
HIGH = 30


def bar(top: float, first: int, end: int, tone: Tone, *, dashed: bool = False) -> str:
    left, right = (LEFT + WIDE * tokens / TAKEN for tokens in (first, end))
    corners = [(left, top), (right, top), (right, top + HIGH), (left, top + HIGH), (left, top)]
    return shape(corners, tone.tint) + "\n" + line(corners, tone, dashed=dashed, thick=1.5)


def filled(top: float, end: int, tone: Tone) -> str:
    right = LEFT + WIDE * end / TAKEN
    corners = [(LEFT, top), (right, top), (right, top + HIGH), (LEFT, top + HIGH)]
    return shape(corners, tone.ink)


def draw() -> str:
    middle = LEFT + WIDE / 2
    return sheet(
        "Tokens of a request in the quota and on the bill",
        272,
        [
            text(LEFT, 18, f"start: {TAKEN:,} taken from the quota", at="start", bold=True),
            bar(28, INPUT, TAKEN, AMBER),
            filled(28, INPUT, BLUE),
            text(middle, 48, f"maxTokens: {LIMIT:,}", AMBER, bold=True),
            text(LEFT, 76, f"↑ input: {INPUT:,}", BLUE, at="start"),
            text(LEFT, 112, "end: the unused part is returned", at="start", bold=True),
            bar(122, USED, TAKEN, GREEN.hollow, dashed=True),
            filled(122, USED, BLUE),
            text(middle, 142, f"returned: {TAKEN - USED:,}", GREEN, bold=True),
            text(LEFT, 170, f"↑ used: {INPUT:,} input + {OUTPUT} output", BLUE, at="start"),
            text(LEFT, 206, "bill: only what was used", at="start", bold=True),
            filled(216, USED, BLUE),
            text(LEFT + 22, 236, f"{USED:,} tokens", BLUE, at="start", bold=True),
            text(LEFT, 264, "The bars are to scale.", GREY, at="start"),
        ],
    )
