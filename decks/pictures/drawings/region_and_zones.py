"""A Region with three zones: what is in one zone fails with it, and a new instance in another
loads the model from a bucket that spans all zones.
"""

from shapes import AMBER, GREEN, PLACE, RED, area, arrow, box, line, sheet, text

TOP, HIGH = 32, 214
ZONES = (
    # left edge, width, name, tone
    (12, 104, "Zone A", RED),
    (122, 90, "Zone B", PLACE),
    (218, 90, "Zone C", PLACE),
)


def draw() -> str:
    parts = [area(4, 4, 312, 250, "Region", PLACE.hollow)]
    for left, width, name, tone in ZONES:
        parts += [
            area(left, TOP, width, HIGH, "", tone),
            text(left + width / 2, TOP + 20, name, tone, bold=True),
        ]
    parts += [
        line([(18, 38), (110, 184)], RED, thick=3),
        line([(110, 38), (18, 184)], RED, thick=3),
        box(20, 64, 88, 28, "Instance", RED.hollow, dashed=True),
        box(20, 130, 88, 28, "EBS volume", RED.hollow, dashed=True),
        box(130, 64, 74, 44, "New\ninstance", GREEN),
        arrow([(156, 108), (156, 190)], GREEN, thick=3),
        text(164, 154, "loads", GREEN, at="start"),
        box(18, 190, 284, 44, "Model in an S3\ngeneral purpose bucket", AMBER),
    ]
    return sheet("A Region and its Availability Zones", 258, parts)
