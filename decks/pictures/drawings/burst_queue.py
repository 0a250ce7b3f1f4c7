"""Requests of a sudden burst against a rate quota: sent as they come, and sent by workers
that read a queue.
"""

from plots import Plot, bell, sampled
from shapes import BLUE, GREEN, INK, RED, line, shape, sheet, text

QUOTA = 1.0
WORKERS = 0.8  # the rate at which the workers send
END = 10.0
STEPS = 400


def burst(time: float) -> float:
    """Requests per second, as a multiple of the quota."""
    return 0.08 + 4.4 * bell(2, 0.7)(time)


def queued() -> list[tuple[float, float]]:
    """The rate behind the queue: what arrives, or the workers' rate while something waits."""
    waiting, out, step = 0.0, [], END / STEPS
    for time, rate in sampled(burst, 0, END, STEPS):
        sent = min(WORKERS, rate + waiting / step)
        waiting += (rate - sent) * step
        out.append((time, sent))
    return out


def draw() -> str:
    parts = []
    for top, name, rates, tone in (
        (26, "without a queue", sampled(burst, 0, END, STEPS), BLUE),
        (158, "with a queue", queued(), GREEN),
    ):
        plot = Plot(14, top, 292, 94, x=(0, END), y=(0, 2.8))
        parts += [plot.under(rates, tone)]
        if tone is BLUE:
            over = [point for point in rates if point[1] > QUOTA]
            parts += [
                shape(
                    [
                        plot.at(over[0][0], QUOTA),
                        *(plot.at(*point) for point in over),
                        plot.at(over[-1][0], QUOTA),
                    ],
                    RED.tint,
                ),
                text(*plot.at(3.4, 1.9), "throttled", RED, at="start", bold=True),
            ]
        parts += [
            line([plot.at(0, QUOTA), plot.at(END, QUOTA)], INK, dashed=True, thick=1.5),
            text(*plot.at(9.9, QUOTA + 0.14), "quota", INK, at="end"),
            plot.axes("time →" if tone is GREEN else "", f"requests per second, {name}"),
            plot.curve(rates, tone),
        ]
    parts.append(
        text(
            *Plot(14, 158, 292, 94, x=(0, END), y=(0, 2.8)).at(3.75, 0.3),
            "later, none throttled",
            GREEN,
        )
    )
    return sheet("A burst of requests and a rate quota", 278, parts)
