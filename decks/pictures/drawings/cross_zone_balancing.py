"""Share of the traffic of five targets in two zones: with cross-zone load balancing off,
and with it on.
"""

from shapes import BLUE, CALLER, PLACE, PLUM, RED, area, arrow, box, sheet, text

ZONES = (
    # name, left edge, width, targets
    ("zone A", 4, 92, 1),
    ("zone B", 102, 214, 4),
)
TARGETS = sum(zone[3] for zone in ZONES)
WIDTH, GAP = 48, 3


def share(percent: float) -> str:
    return f"{percent:.1f}".removesuffix(".0") + "%"


def panel(top: float, title: str, cross: bool) -> list[str]:
    out = [text(160, top + 16, title, bold=True)]
    nodes, targets = [], []
    for name, left, width, count in ZONES:
        middle = left + width / 2
        first = middle - (count * WIDTH + (count - 1) * GAP) / 2
        nodes.append(middle)
        own = [
            (
                first + n * (WIDTH + GAP) + WIDTH / 2,
                100 / TARGETS if cross else 100 / len(ZONES) / count,
            )
            for n in range(count)
        ]
        targets.append(own)
        out += [area(left, top + 26, width, 122, "", PLACE), text(middle, top + 142, name, PLACE)]
    for middle, own in zip(nodes, targets, strict=True):
        reached = [target for zone in targets for target in zone] if cross else own
        out += [
            arrow(
                [(middle, top + 62), (x, top + 96)], BLUE if middle == nodes[0] else PLUM, thick=1.5
            )
            for x, _ in reached
        ]
    for middle in nodes:
        out.append(box(middle - 40, top + 34, 80, 28, f"node {share(100 / len(ZONES))}", CALLER))
    for own in targets:
        for x, percent in own:
            high = percent > 100 / TARGETS
            out.append(
                box(
                    x - WIDTH / 2,
                    top + 96,
                    WIDTH,
                    28,
                    share(percent),
                    RED if high else BLUE,
                    bold=high,
                )
            )
    return out


def draw() -> str:
    return sheet(
        "Cross-zone load balancing",
        318,
        [*panel(0, "cross-zone off", False), *panel(164, "cross-zone on", True)],
    )
