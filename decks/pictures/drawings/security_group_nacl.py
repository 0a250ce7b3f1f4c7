"""A request passes the network ACL of the subnet and the security group of the instance;
the reply needs a rule in the ACL only.
"""

from shapes import AMBER, BLUE, CALLER, INK, Tone, area, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "Network ACL and security group",
        262,
        [
            area(78, 4, 238, 208, "", Tone(AMBER.ink, "#fffaf0")),
            text(88, 22, "subnet: network ACL", AMBER, at="start", bold=True),
            area(196, 32, 112, 172, "", BLUE),
            text(252, 50, "security group", BLUE, bold=True),
            box(212, 62, 80, 130, "instance", INK),
            box(4, 62, 56, 130, "client", CALLER),
            arrow([(60, 84), (212, 84)], thick=2.5),
            arrow([(212, 170), (60, 170)], thick=2.5),
            text(136, 76, "request", bold=True),
            text(136, 162, "reply", bold=True),
            text(84, 104, "rule needed", AMBER, at="start"),
            text(84, 190, "rule needed", AMBER, at="start"),
            text(8, 234, "network ACL: a rule for each direction", AMBER, at="start"),
            text(8, 254, "security group: a rule for the request only", BLUE, at="start"),
        ],
    )
