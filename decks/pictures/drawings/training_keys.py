"""A training job under a customer managed key: what the key protects, and what the
execution role needs for it.
"""

from shapes import AMBER, BLUE, CALLER, GREEN, PLUM, Tone, arrow, box, line, sheet, text

PARTS = (
    # left edge, what is encrypted, what the role needs, tone
    (6, "input\nin S3", "Decrypt", GREEN),
    (112, "training\nvolume", "CreateGrant", BLUE),
    (218, "artifacts\nin S3", "Encrypt", PLUM),
)


def part(left: float, thing: str, action: str, tone: Tone) -> list[str]:
    return [
        box(left, 6, 96, 46, thing, tone, bold=True),
        line([(left + 48, 52), (left + 48, 76)], tone),
        arrow([(left + 10, 110), (left + 10, 170)], tone),
        text(left + 17, 138, action, tone, at="start"),
    ]


def draw() -> str:
    parts = [shown for column in PARTS for shown in part(*column)]
    return sheet(
        "A training job and a KMS key",
        222,
        [
            *parts,
            box(6, 76, 308, 34, "execution role's KMS permissions", CALLER, bold=True),
            box(6, 170, 308, 46, "your KMS key\nits key policy must allow the role", AMBER),
        ],
    )
