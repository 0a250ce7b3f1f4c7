"""Instances of a variant while its traffic falls: within the cooldown after a scale-in no
further instance is removed, although fewer would be enough.
"""

from plots import Plot, stairs
from shapes import AMBER, BLUE, GREY, line, sheet, text


def draw() -> str:
    traffic = Plot(14, 28, 292, 58, x=(0, 20), y=(0, 7))
    fleet = Plot(14, 128, 292, 122, x=(0, 20), y=(0, 9))
    falling = [(0, 6), (3, 6), (13, 2), (20, 2)]
    band = [fleet.at(x, y) for x, y in ((6, 0), (6, 9), (14, 9), (14, 0))]
    return sheet(
        "Cooldown after a scale-in",
        278,
        [
            traffic.under(falling, GREY),
            traffic.axes("", "traffic"),
            traffic.curve(falling, GREY),
            f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in band)}" fill="{AMBER.tint}"/>',  # noqa: E501
            fleet.axes("time →", "instances"),
            fleet.curve(falling, GREY, dashed=True, thick=1.5),
            fleet.curve(stairs([(0, 6), (6, 5), (14, 2), (20, 2)]), BLUE, thick=3),
            *(
                line([traffic.at(x, 0), fleet.at(x, 0)], AMBER, dashed=True, thick=1.5)
                for x in (6, 14)
            ),
            text(*fleet.at(10, 7.6), "cooldown\n300 s", AMBER, bold=True),
            text(*fleet.at(14.4, 4.2), "scale-in\nagain", BLUE, at="start"),
            text(*fleet.at(8.4, 1.6), "enough", GREY),
        ],
    )
