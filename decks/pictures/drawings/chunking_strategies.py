"""One page of text with three topics, cut into chunks in four ways."""

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

TOPICS = (("A", BLUE, 0, 3), ("B", PLUM, 3, 9), ("C", AMBER, 9, 12))  # first line, end
LINES, PITCH = 12, 11
INSET = 26  # from the letters of a page to its lines
LENGTH = 58  # of a line
PAGE = 55  # from the left edge of a page to the middle of its lines
PARENTS = ((0, 6), (6, 12))


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
        text(160, child - 7, "finds a child"),
        arrow([(x + INSET + LENGTH + 12, out), (226, out)], GREEN, thick=3),
        text(160, out + 19, "its parent", GREEN, bold=True),
        box(226, out - 16, 88, 32, "model", CALLER),
    ]


def draw() -> str:
    fixed, semantic, none = 4, 112, 220
    top, low = 28, 241
    parts = [
        text(fixed + PAGE, 16, "fixed-size", bold=True),
        *page(fixed, top),
        chunk(fixed, top, (0, 5)),
        chunk(fixed, top, (4, 9), wider=4),
        chunk(fixed, top, (8, 12)),
        text(fixed + PAGE, 180, "overlaps, cuts\nthrough topics", GREY),
        text(semantic + PAGE, 16, "semantic", bold=True),
        *page(semantic, top),
        *[chunk(semantic, top, (first, end)) for _, _, first, end in TOPICS],
        text(semantic + PAGE, 180, "follows\ntopics", GREY),
        text(none + PAGE, 16, "none", bold=True),
        *page(none, top),
        chunk(none, top, (0, LINES)),
        text(none + PAGE, 180, "one file,\none chunk", GREY),
        text(fixed + PAGE, low - 14, "hierarchical", bold=True),
        *hierarchical(fixed, low),
        text(314, low + 140, "A, B, C: topics", GREY, at="end"),
    ]
    return sheet("Four ways to cut a page into chunks", 396, parts)
