"""What a gp2 and a gp3 volume of 100 GiB deliver at full use over an hour, and the burst
balance of the gp2 volume.
"""

from plots import Plot
from shapes import AMBER, BLUE, GREEN, line, sheet, text

SIZE = 100  # GiB
BASE, BURST = 3 * SIZE, 3000  # IOPS
CREDITS = 5_400_000  # operations in a full bucket
EMPTY = CREDITS / (BURST - BASE) / 60  # minutes


def draw() -> str:
    rate = Plot(50, 28, 252, 120, x=(0, 60), y=(0, 3700))
    balance = Plot(50, 184, 252, 60, x=(0, 60), y=(0, 110))
    gp2 = [(0, BURST), (EMPTY, BURST), (EMPTY, BASE), (60, BASE)]
    return sheet(
        "Burst credits of a gp2 volume",
        286,
        [
            rate.under(gp2, BLUE),
            rate.axes("", "IOPS, 100 GiB", ticks_y=((BASE, f"{BASE}"), (BURST, f"{BURST:,}"))),
            rate.curve(gp2, BLUE, thick=3),
            rate.curve([(0, BURST), (60, BURST)], GREEN, dashed=True, thick=3),
            text(*rate.at(59, 3180), "gp3 sustains it", GREEN, at="end", bold=True),
            text(*rate.at(14, 1100), "gp2 burst", BLUE, bold=True),
            text(*rate.at(59, 480), "gp2 baseline", BLUE, at="end", bold=True),
            line([rate.at(EMPTY, 0), balance.at(EMPTY, 0)], AMBER, dashed=True, thick=1.5),
            balance.axes(
                "minutes →",
                "BurstBalance (%)",
                ticks_x=((0, "0"), (30, "30"), (60, "60")),
                ticks_y=((0, "0"), (100, "100")),
            ),
            balance.curve([(0, 100), (EMPTY, 0), (60, 0)], AMBER, thick=3),
        ],
    )
