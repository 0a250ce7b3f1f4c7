"""Instances of a variant while its traffic falls: within the cooldown after a scale-in no
further instance is removed.
"""

from plots import Plot, stairs
from shapes import AMBER, BLUE, GREY, line, sheet, text


def draw() -> str:
    traffic = Plot(14, 28, 292, 62, x=(0, 20), y=(0, 7))
    fleet = Plot(14, 132, 292, 110, x=(0, 20), y=(0, 7))
    falling = [(0, 6), (4, 6), (6, 4), (8, 4), (10, 2), (20, 2)]
    counts = stairs([(0, 6), (7, 4), (12, 2), (20, 2)])
    band = [fleet.at(x, y) for x, y in ((7, 0), (7, 7), (12, 7), (12, 0))]
    return sheet(
        "Cooldown after a scale-in",
        270,
        [
            traffic.under(falling, GREY),
            traffic.axes("", "requests per minute"),
            traffic.curve(falling, GREY),
            f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in band)}" fill="{AMBER.tint}"/>',  # noqa: E501
            fleet.axes("time →", "instances"),
            fleet.curve(counts, BLUE, thick=3),
            *(
                line([traffic.at(x, 0), fleet.at(x, 0)], AMBER, dashed=True, thick=1.5)
                for x in (7, 12)
            ),
            text(fleet.at(9.5, 0)[0], fleet.at(0, 5.6)[1], "cooldown", AMBER, bold=True),
            text(fleet.at(9.5, 0)[0], fleet.at(0, 4.55)[1], "300 s", AMBER, bold=True),
            text(*fleet.at(12.4, 4.6), "scale-in\nallowed again", BLUE, at="start"),
            text(fleet.at(9.5, 0)[0], fleet.at(0, 1.2)[1], "none", BLUE),
        ],
    )
