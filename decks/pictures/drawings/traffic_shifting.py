"""Share of the traffic that goes to the new fleet of a blue/green update: canary, all at
once, linear.
"""

from plots import Plot, stairs
from shapes import GREEN, letter, sheet, text

PANELS = (
    # name, left edge, traffic on the green fleet from a time on
    ("A", 38, ((0, 0), (1, 10), (4, 100), (7, 100))),
    ("B", 134, ((0, 0), (1, 100), (7, 100))),
    ("C", 230, ((0, 0), (1, 20), (2, 40), (3, 60), (4, 80), (5, 100), (7, 100))),
)


def draw() -> str:
    parts = [text(160, 18, "traffic to the new fleet (%)", GREEN, bold=True)]
    for name, left, shares in PANELS:
        plot = Plot(left, 52, 80, 90, x=(0, 7), y=(0, 100))
        shown = stairs(shares)
        parts += [
            letter(left + 40, 44, name),
            plot.under(shown, GREEN),
            plot.axes("time →", ticks_y=((0, "0"), (100, "100")) if name == "A" else ()),
            plot.curve(shown, GREEN),
        ]
    return sheet("Traffic to the new fleet over time", 170, parts)
