"""Who needs which permission when a person starts a job under a role: the caller to pass
it, the service to assume it.
"""

from shapes import AMBER, BLUE, CALLER, GREEN, GREY, PLUM, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "Passing an execution role",
        298,
        [
            box(6, 6, 118, 40, "data scientist", CALLER, bold=True),
            text(134, 22, "own policy:", GREY, at="start"),
            text(134, 40, "PassRole for that role", PLUM, at="start", bold=True),
            arrow([(64, 46), (64, 92)], PLUM),
            text(74, 74, "CreateTrainingJob with RoleArn", PLUM, at="start"),
            box(6, 92, 118, 40, "SageMaker AI", BLUE, bold=True),
            arrow([(64, 132), (64, 178)], BLUE),
            text(74, 160, "assumes the role", BLUE, at="start"),
            box(6, 178, 118, 40, "execution role", AMBER, bold=True),
            text(134, 194, "its trust policy:", GREY, at="start"),
            text(134, 212, "trusts SageMaker AI", BLUE, at="start", bold=True),
            arrow([(64, 218), (64, 252)], GREEN),
            box(6, 252, 118, 40, "data in S3", GREEN, bold=True),
            text(134, 250, "its permissions policy:", GREY, at="start"),
            text(134, 268, "allows reading data", GREEN, at="start", bold=True),
        ],
    )
