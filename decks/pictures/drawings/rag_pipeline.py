"""A knowledge base with its two ways to the vector store: ingestion and query."""

from shapes import BLUE, CALLER, GREEN, GREY, PLUM, Tone, arrow, box, line, sheet, text

ROWS = (26, 78, 130, 182, 234)  # tops of the rows
HIGH = 34
LEFT, RIGHT = 66, 254  # middles of the columns
WIDE = 120


def step(middle: float, row: int, words: str, tone: Tone) -> str:
    return box(middle - WIDE / 2, ROWS[row], WIDE, HIGH, words, tone)


def draw() -> str:
    embed, store, answer = (ROWS[row] + HIGH / 2 for row in (2, 3, 4))
    left, right = LEFT + WIDE / 2, RIGHT - WIDE / 2
    parts = [
        text(LEFT, 16, "at each sync", GREY, bold=True),
        step(LEFT, 0, "documents", CALLER),
        step(LEFT, 1, "parse, chunk", BLUE),
        step(LEFT, 2, "embed", PLUM),
        step(LEFT, 3, "vector store", BLUE),
        step(LEFT, 4, "answer", CALLER),
        text(RIGHT, 68, "at each question", GREY, bold=True),
        step(RIGHT, 1, "question", CALLER),
        step(RIGHT, 2, "embed", PLUM),
        step(RIGHT, 3, "search", GREEN),
        step(RIGHT, 4, "model", GREEN),
        *(
            arrow([(middle, ROWS[row] + HIGH), (middle, ROWS[row + 1])])
            for middle, row in ((LEFT, 0), (LEFT, 1), (LEFT, 2), (RIGHT, 1), (RIGHT, 2), (RIGHT, 3))
        ),
        line([(left, embed), (right, embed)], PLUM, dashed=True),
        text(160, embed - 7, "same", PLUM),
        text(160, embed + 17, "model", PLUM),
        arrow([(left, store), (right, store)]),
        text(160, store - 8, "chunks"),
        arrow([(right, answer), (left, answer)]),
    ]
    return sheet("Ingestion and query of a knowledge base", 274, parts)
