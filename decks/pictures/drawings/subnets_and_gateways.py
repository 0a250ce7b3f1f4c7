"""A VPC with a public and a private subnet: requests come in through a load balancer,
downloads go out through a NAT gateway, and users cannot come in through that.
"""

from shapes import BLUE, CALLER, GREEN, GREY, PLACE, RED, area, arrow, box, cross, line, sheet, text


def draw() -> str:
    return sheet(
        "Ways into a VPC and out of it",
        318,
        [
            area(4, 86, 312, 204, "", PLACE),
            text(14, 112, "VPC", PLACE, at="start", bold=True),
            area(10, 130, 300, 58, "", GREY.hollow),
            text(18, 154, "public\nsubnet", GREY, at="start"),
            area(10, 222, 300, 58, "", GREY.hollow),
            text(18, 246, "private\nsubnet", GREY, at="start"),
            box(74, 6, 156, 34, "Users", CALLER),
            box(240, 6, 76, 34, "Internet", CALLER),
            box(74, 70, 230, 32, "Internet gateway", CALLER),
            box(74, 140, 106, 38, "Load balancer", GREEN),
            box(198, 140, 106, 38, "NAT gateway", BLUE),
            box(74, 232, 230, 38, "Model server", CALLER, bold=True),
            arrow([(127, 40), (127, 70)], GREEN),
            arrow([(127, 102), (127, 140)], GREEN),
            arrow([(127, 178), (127, 232)], GREEN),
            text(135, 210, "request", GREEN, at="start"),
            arrow([(278, 232), (278, 178)], BLUE),
            arrow([(278, 140), (278, 102)], BLUE),
            arrow([(278, 70), (278, 40)], BLUE),
            text(270, 210, "download", BLUE, at="end"),
            line([(216, 40), (216, 70)], RED, dashed=True),
            line([(216, 102), (216, 140)], RED, dashed=True),
            cross(216, 118),
            text(160, 308, "Arrows show who connects to whom", GREY),
        ],
    )
