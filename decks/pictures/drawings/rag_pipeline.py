"""A knowledge base with its two ways to the vector store, ingestion and query, and where
each part is set.
"""

from shapes import BLUE, CALLER, GREEN, GREY, PLUM, Tone, arrow, box, line, sheet, text

ROWS = (24, 70, 116, 162, 208, 254)  # tops of the rows
HIGH = 30
LEFT, RIGHT = 60, 260  # middles of the columns

WHERE = (
    (BLUE, "per data source: parser, chunking"),
    (PLUM, "per knowledge base:\nembedding model, vector store"),
    (GREEN, "per request: search type, filter,\nnumber of results, reranking"),
)


def step(middle: float, row: int, words: str, tone: Tone, width: float = 108) -> str:
    return box(middle - width / 2, ROWS[row], width, HIGH, words, tone)


def down(x: float, row: int) -> str:
    return arrow([(x, ROWS[row] + HIGH), (x, ROWS[row + 1])])


def draw() -> str:
    embed = ROWS[2] + HIGH / 2
    store = ROWS[3] + HIGH / 2
    parts = [
        text(LEFT, 16, "at each sync", GREY, bold=True),
        step(LEFT, 0, "documents", CALLER),
        arrow([(30, ROWS[0] + HIGH), (30, ROWS[1])]),
        step(30, 1, "parse", BLUE, 48),
        arrow([(54, ROWS[1] + HIGH / 2), (66, ROWS[1] + HIGH / 2)]),
        step(90, 1, "chunk", BLUE, 48),
        arrow([(90, ROWS[1] + HIGH), (90, ROWS[2])]),
        step(LEFT, 2, "embed", PLUM),
        down(LEFT, 2),
        step(LEFT, 3, "vector store", PLUM),
        text(314, 62, "at each question", GREY, at="end", bold=True),
        step(RIGHT, 1, "question", CALLER),
        down(RIGHT, 1),
        step(RIGHT, 2, "embed", PLUM),
        down(RIGHT, 2),
        step(RIGHT, 3, "search", GREEN),
        down(RIGHT, 3),
        step(RIGHT, 4, "rerank", GREEN),
        text(200, ROWS[4] + 20, "optional", GREEN, at="end"),
        down(RIGHT, 4),
        step(RIGHT, 5, "model", CALLER),
        line([(114, embed), (206, embed)], PLUM, dashed=True),
        text(160, embed - 7, "same", PLUM),
        text(160, embed + 17, "model", PLUM),
        arrow([(114, store), (206, store)]),
        text(160, store + 17, "chunks"),
        arrow([(206, ROWS[5] + HIGH / 2), (114, ROWS[5] + HIGH / 2)]),
        step(LEFT, 5, "answer", CALLER),
    ]
    y = 318
    parts.append(text(8, y - 6, "Where each is set:", GREY, at="start", bold=True))
    for tone, words in WHERE:
        parts += [box(8, y + 4, 14, 14, "", tone), text(30, y + 16, words, tone, at="start")]
        y += 17 * (1 + words.count("\n")) + 5
    return sheet("Ingestion and query of a knowledge base", y + 10, parts)
