"""A managed spot training job waits and runs in turn: one limit counts the running, the
other both.
"""

from shapes import AMBER, BLUE, GREEN, RED, arrow, box, cross, sheet, text

HOUR = 60  # units of the sheet
LEFT = 10
PIECES = (
    # start and length in hours, what the job does, tone
    (0.0, 1.0, "waits", AMBER),
    (1.0, 1.3, "runs", BLUE),
    (2.3, 0.9, "waits", AMBER),
    (3.2, 1.5, "runs", BLUE),
)


def at(hour: float) -> float:
    return LEFT + hour * HOUR


def draw() -> str:
    return sheet(
        "Waiting time and running time of a managed spot job",
        256,
        [
            text(LEFT, 18, "the job", at="start", bold=True),
            *(
                box(at(start), 26, length * HOUR, 34, does, tone)
                for start, length, does, tone in PIECES
            ),
            arrow([(at(2.3), 78), (at(2.3), 60)], RED),
            text(at(2.3), 92, "interrupted", RED),
            text(LEFT, 122, "MaxRuntimeInSeconds: running only", BLUE, at="start"),
            box(at(0), 128, 3 * HOUR, 26, "10,800", BLUE),
            text(LEFT, 178, "MaxWaitTimeInSeconds: waiting and running", GREEN, at="start"),
            box(at(0), 184, 5 * HOUR, 26, "18,000 = 10,800 + 7,200 of waiting", GREEN, bold=True),
            box(at(0), 220, 1 * HOUR, 26, "3,600", RED, dashed=True),
            cross(at(1) + 20, 233),
            text(at(1) + 34, 238, "rejected: below 10,800", RED, at="start"),
        ],
    )
