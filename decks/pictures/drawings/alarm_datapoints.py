"""Datapoints of a metric, and the state of two alarms on them: three out of five breaching
values, and three in a row.
"""

from collections.abc import Sequence

from plots import Plot
from shapes import AMBER, BLUE, GREEN, GREY, RED, Tone, arrow, box, dot, line, sheet, text

VALUES = (3, 2, 8, 3, 2, 4, 3, 8.5, 7.5, 4, 8, 3, 7.5, 8.5)  # one a minute
THRESHOLD = 6
LANES = (
    # top, name, M, N
    (180, "3 out of 5", 3, 5),
    (226, "3 out of 3", 3, 3),
)


def alarms(breaching: int, periods: int) -> list[bool]:
    """Whether an "M out of N" alarm is in ALARM after each value."""
    return [
        sum(value > THRESHOLD for value in VALUES[max(0, n + 1 - periods) : n + 1]) >= breaching
        for n in range(len(VALUES))
    ]


def runs(states: Sequence[bool]) -> list[tuple[int, int, bool]]:
    """First value, one past the last, and state of each stretch with the same state."""
    starts = [n for n in range(len(states)) if n == 0 or states[n] != states[n - 1]]
    return [(a, b, states[a]) for a, b in zip(starts, [*starts[1:], len(states)], strict=True)]


def draw() -> str:
    plot = Plot(84, 28, 226, 112, x=(0, len(VALUES)), y=(0, 10))
    fired = alarms(3, 5).index(True)
    left, right = plot.at(fired - 4, 0)[0], plot.at(fired + 1, 0)[0]
    parts = [
        box(left + 1, 34, right - left - 2, 104, "", Tone(AMBER.ink, AMBER.tint), dashed=True),
        plot.axes("", ""),
        line(
            [plot.at(0, THRESHOLD), plot.at(len(VALUES), THRESHOLD)], GREY, dashed=True, thick=1.5
        ),
        text(80, plot.at(0, THRESHOLD)[1] + 5, "threshold", GREY, at="end"),
        text((left + right) / 2, 24, "5 values, 3 breach", AMBER, bold=True),
        text(plot.at(2.5, 0)[0], 24, "a spike", RED),
        *(
            dot(*plot.at(n + 0.5, value), RED if value > THRESHOLD else BLUE, 5)
            for n, value in enumerate(VALUES)
        ),
        arrow([(right - 8, 142), (right - 8, LANES[0][0])], AMBER),
    ]
    for top, name, breaching, periods in LANES:
        parts.append(text(78, top + 20, name, at="end", bold=True))
        for first, end, alarm in runs(alarms(breaching, periods)):
            a, b = plot.at(first, 0)[0], plot.at(end, 0)[0]
            parts.append(
                box(
                    a,
                    top,
                    b - a,
                    30,
                    "ALARM" if alarm else "OK",
                    RED if alarm else GREEN,
                    bold=alarm,
                )
            )
    parts.append(text(197, 276, "time →", GREY))
    return sheet("Alarms on M out of N datapoints", 286, parts)
