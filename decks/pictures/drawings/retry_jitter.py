"""Calls of 500 clients that failed together and retry with exponential backoff: without
jitter and with it.
"""

from plots import Plot, stairs
from shapes import GREEN, GREY, RED, Tone, line, shape, sheet, text

CLIENTS = 500
STEP = 0.1  # seconds in a bar
BACKOFFS = (1, 2, 4)  # seconds until the first, second, third retry
END = 8.0
FIRST = 0.7  # seconds in front of the calls that fail together


def fixed() -> list[float]:
    """Calls in each step when all wait for the whole backoff."""
    calls = [0.0] * round(END / STEP)
    at = 0.0
    for wait in (0, *BACKOFFS):
        at += wait
        calls[round(at / STEP)] += CLIENTS
    return calls


def jittered() -> list[float]:
    """Expected calls in each step when a wait is half of the backoff and a random part of
    the other half.
    """
    calls = [0.0] * round(END / STEP)
    wave = [1.0] + [0.0] * (len(calls) - 1)  # share of the clients that make this try in a step
    for n, wait in enumerate((0, *BACKOFFS)):
        if n:
            first, last = round(wait / 2 / STEP), round(wait / STEP)
            steps = range(first, last)
            wave = [
                sum(wave[i - step] for step in steps if i >= step) / len(steps)
                for i in range(len(wave))
            ]
        calls = [total + CLIENTS * share for total, share in zip(calls, wave, strict=True)]
    return calls


def panel(top: float, words: str, tone: Tone, calls: list[float], retries: list[str]) -> list[str]:
    plot = Plot(40, top + 28, 270, 84, x=(-FIRST, END), y=(0, CLIENTS * 1.08))
    ticks = [(0.0, "fail"), *zip((1, 3, 7), retries, strict=False)]
    outline = stairs([*((n * STEP, number) for n, number in enumerate(calls)), (END, 0)][1:])
    return [
        text(40, top + 16, words, tone, at="start", bold=True),
        plot.axes("", "", ticks, ((0, "0"), (CLIENTS, f"{CLIENTS}"))),
        line([plot.at(0, 0), plot.at(0, CLIENTS)], GREY, thick=3),
        shape([plot.at(STEP, 0), *(plot.at(*point) for point in outline)], tone.ink),
    ]


def draw() -> str:
    return sheet(
        "Retries with and without jitter",
        268,
        [
            *panel(0, "calls, backoff only", RED, fixed(), ["1st", "2nd", "3rd retry"]),
            *panel(136, "calls, backoff with jitter", GREEN, jittered(), []),
            text(195, 210, "retries spread out", GREEN),
        ],
    )
