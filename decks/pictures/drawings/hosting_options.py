"""Which of the four inference options fits: three questions from the top down."""

from shapes import AMBER, BLUE, GREEN, INK, PLUM, arrow, box, sheet, text

QUESTIONS = (
    # top, question, answer, its tone
    (
        6,
        "Is all the data available\nup front, and is no\nendpoint needed?",
        "Batch\ntransform",
        PLUM,
    ),
    (
        96,
        "Requests larger than\n25 MB, or longer\nthan 60 s?",
        "Asynchronous\n1 GB, 1 hour",
        AMBER,
    ),
    (
        186,
        "Long pauses, requests\nup to 4 MB, and cold\nstarts acceptable?",
        "Serverless\n4 MB, 60 s",
        GREEN,
    ),
)


def draw() -> str:
    parts = []
    for top, question, answer, tone in QUESTIONS:
        parts += [
            box(6, top, 172, 62, question, INK),
            arrow([(178, top + 31), (212, top + 31)], tone),
            text(194, top + 24, "yes", tone, bold=True),
            box(212, top + 6, 102, 50, answer, tone, bold=False),
            arrow([(92, top + 62), (92, top + 90)]),
            text(100, top + 81, "no", at="start", bold=True),
        ]
    parts.append(box(6, 276, 172, 62, "Real-time\n25 MB, 60 s\n(streamed: 8 min)", BLUE))
    return sheet("Choosing an inference option", 344, parts)
