"""One page of text with three topics, cut into chunks in three ways."""

from shapes import (
    AMBER,
    BLUE,
    CALLER,
    GREEN,
    GREY,
    INK,
    PLUM,
    Tone,
    arrow,
    box,
    line,
    sheet,
    text,
)

TOPICS = (("A", BLUE, 0, 3), ("B", PLUM, 3, 6), ("C", AMBER, 6, 8))  # first line, end
PITCH = 14
INSET = 26  # from the letters of a page to its lines
LENGTH = 74  # of a line
PAGE = 63  # from the left edge of a page to the middle of its lines
PARENTS = ((0, 4), (4, 8))


def page(x: float, top: float, cut: float = 0) -> list[str]:
    """The lines with the letters of their topics; `cut` moves the second half down."""
    parts = []
    for name, tone, first, end in TOPICS:
        low = cut * ((first >= PARENTS[1][0]) + (end > PARENTS[1][0])) / 2
        middle = top + (first + end) / 2 * PITCH + low
        parts.append(text(x + 5, middle + 5, name, tone, bold=True))
        for n in range(first, end):
            y = top + (n + 0.5) * PITCH + (cut if n >= PARENTS[1][0] else 0)
            # The last line of a topic is short, as in a paragraph.
            length = LENGTH * (0.6 if n == end - 1 else 1)
            parts.append(line([(x + INSET, y), (x + INSET + length, y)], tone, thick=4))
    return parts


def chunk(
    x: float,
    top: float,
    lines: tuple[int, int],
    tone: Tone = INK,
    *,
    wider: float = 0,
    higher: float = 0,
    thick: float = 2,
) -> str:
    """The outline of a chunk around lines, from the first one to the end."""
    left, right = x + INSET - 5 - wider, x + INSET + LENGTH + 5 + wider
    above, below = top + lines[0] * PITCH + 1.5 - higher, top + lines[1] * PITCH - 1.5 + higher
    corners = [(left, above), (right, above), (right, below), (left, below), (left, above)]
    return line(corners, tone, thick=thick)


def hierarchical(x: float, top: float) -> list[str]:
    cut = 12
    parts = page(x, top, cut)
    for parent, tone, thick in ((PARENTS[1], INK, 2.0), (PARENTS[0], GREEN, 3.0)):
        low = top + (cut if parent == PARENTS[1] else 0)
        parts += [chunk(x, low, (n, n + 2)) for n in range(parent[0], parent[1], 2)]
        parts.append(chunk(x, low, parent, tone, wider=4, higher=4, thick=thick))
    child = top + PITCH
    out = top + 4.8 * PITCH
    return [
        *parts,
        box(226, child - 16, 88, 32, "question", CALLER),
        arrow([(226, child), (x + INSET + LENGTH + 6, child)]),
        text(172, child - 7, "finds a child"),
        arrow([(x + INSET + LENGTH + 12, out), (226, out)], GREEN, thick=3),
        text(172, out + 19, "its parent", GREEN, bold=True),
        box(226, out - 16, 88, 32, "model", CALLER),
    ]


def draw() -> str:
    fixed, semantic, top, low = 8, 180, 28, 204
    parts = [
        text(fixed + PAGE, 16, "fixed-size", bold=True),
        *page(fixed, top),
        chunk(fixed, top, (0, 4)),
        chunk(fixed, top, (3, 7), wider=4),
        chunk(fixed, top, (6, 8)),
        text(fixed + PAGE, 158, "overlaps, cuts topics", GREY),
        text(semantic + PAGE, 16, "semantic", bold=True),
        *page(semantic, top),
        *[chunk(semantic, top, (first, end)) for _, _, first, end in TOPICS],
        text(semantic + PAGE, 158, "follows topics", GREY),
        text(fixed + PAGE, low - 14, "hierarchical", bold=True),
        *hierarchical(fixed, low),
    ]
    return sheet("Three ways to cut a page into chunks", 338, parts)
