"""What a training container reaches: by default, with VpcConfig, and with network
isolation; S3 data come and go next to it.
"""

from shapes import AMBER, CALLER, GREEN, GREY, INK, RED, arrow, box, cross, line, sheet, text

ROWS = (
    # top, setting, arrow to the internet, arrow to the VPC
    (0, "neither setting", "open", "barred"),
    (92, "VpcConfig", "routed", "open"),
    (184, "EnableNetworkIsolation", "barred", "barred"),
)


def path(y: float, kind: str) -> list[str]:
    start, end = (120, y), (212, y)
    if kind == "barred":
        return [line([start, (204, y)], RED), cross(166, y)]
    tone = GREEN if kind == "open" else AMBER
    out = [arrow([start, end], tone, dashed=kind == "routed")]
    return [*out, text(166, y - 6, "your routes", tone)] if kind == "routed" else out


def draw() -> str:
    parts = []
    for top, setting, internet, vpc in ROWS:
        parts += [
            text(8, top + 18, setting, bold=True, at="start"),
            box(8, top + 28, 112, 52, "training\ncontainer", CALLER),
            *path(top + 40, internet),
            *path(top + 70, vpc),
            box(212, top + 27, 100, 25, "internet", INK),
            box(212, top + 57, 100, 25, "your VPC", INK),
        ]
    parts.append(text(8, 290, "In all three, SageMaker AI moves the S3 data", GREY, at="start"))
    return sheet("Network of a training container", 300, parts)
