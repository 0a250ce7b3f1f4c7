"""A call from a private subnet to an endpoint: through an interface endpoint and
PrivateLink, not through the internet.
"""

from shapes import BLUE, GREEN, GREY, INK, RED, area, arrow, box, cross, line, sheet, text


def draw() -> str:
    return sheet(
        "Calling an endpoint privately",
        292,
        [
            area(4, 4, 312, 122, "", BLUE),
            text(12, 22, "your VPC, private subnet", BLUE, at="start", bold=True),
            box(14, 56, 96, 42, "application", INK),
            box(
                160, 40, 150, 76, "interface endpoint\nSageMaker Runtime\nprivate IP address", GREEN
            ),
            arrow([(110, 77), (160, 77)], GREEN, thick=3),
            text(135, 69, "call", GREEN, bold=True),
            arrow([(236, 116), (236, 182)], GREEN, thick=3),
            text(228, 156, "PrivateLink", GREEN, at="end", bold=True),
            line([(62, 98), (62, 182)], RED),
            cross(62, 140),
            text(12, 204, "no internet\ngateway, no NAT", RED, at="start"),
            area(152, 182, 164, 104, "AWS", GREY),
            box(160, 206, 150, 26, "SageMaker Runtime", INK),
            arrow([(236, 232), (236, 252)], GREEN),
            box(160, 252, 150, 26, "your endpoint", INK),
        ],
    )
