"""Work that a training job has done while it is interrupted three times: without
checkpoints, and with them.
"""

from plots import Plot
from shapes import BLUE, GREEN, GREY, RED, Point, line, sheet, text

RUNS = (
    (0.0, 2.2),
    (2.5, 5.1),
    (5.5, 7.2),
    (7.7, 10.0),
)  # from when until when the job has an instance
WORK = 6.6  # hours that the training takes
END = 10.0


def progress(every: float | None) -> list[Point]:
    """Hours of work that are done and not lost, over time; a checkpoint is saved each
    `every` hours of work, or never.
    """
    out: list[Point] = []
    saved = 0.0
    for start, stop in RUNS:
        done = min(WORK, saved + stop - start)
        out += [(start, saved), (start + done - saved, done)]
        if done == WORK:
            return [*out, (END, WORK)]
        saved = done // every * every if every else 0.0
        out.append((stop, saved))
    return out[:-1]


def draw() -> str:
    parts = []
    for top, name, tone, every in (
        (26, "without checkpoints", RED, None),
        (150, "with checkpoints", GREEN, 0.75),
    ):
        plot = Plot(14, top, 292, 92, x=(0, END), y=(0, WORK * 1.12))
        parts += [
            *(
                line([plot.at(x, 0), plot.at(x, WORK * 1.12)], GREY, dashed=True, thick=1.5)
                for _, x in RUNS[:-1]
            ),
            line([plot.at(0, WORK), plot.at(END, WORK)], BLUE, dashed=True, thick=1.5),
            text(plot.at(0.15, 0)[0], plot.at(0, WORK)[1] + 16, "done", BLUE, at="start"),
            plot.axes("time →" if every else "", f"work done, {name}"),
            plot.curve(progress(every), tone, thick=3),
        ]
    parts.append(text(160, 280, "dashed line: interruption", GREY))
    return sheet("A job that is interrupted, without and with checkpoints", 290, parts)
