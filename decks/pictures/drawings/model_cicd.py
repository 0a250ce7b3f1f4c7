"""A pipeline for a model: five stages, the services that do their work, the artifacts in
S3, and the way back after an alarm.
"""

from shapes import AMBER, BLUE, PLACE, RED, area, arrow, box, line, sheet, text

STAGES = (
    ("source", "a change starts it"),
    ("build", "CodeBuild: image"),
    ("test", "CodeBuild: tests"),
    ("approve", "a person decides"),
    ("deploy", "CodeDeploy: traffic"),
)
FIRST, PITCH, HIGH = 32, 44, 30


def draw() -> str:
    parts = [area(4, 4, 312, 258, "", PLACE), text(14, 22, "CodePipeline", at="start", bold=True)]
    for n, (stage, what) in enumerate(STAGES):
        top = FIRST + n * PITCH
        parts += [
            box(44, top, 84, HIGH, stage, BLUE, bold=True),
            text(140, top + 20, what, at="start"),
        ]
        if n:
            parts.append(arrow([(86, top - PITCH + HIGH), (86, top)]))
    deploy = FIRST + 4 * PITCH + HIGH
    parts += [
        area(4, 282, 196, 66, "", AMBER.hollow),
        line([(44, FIRST + 15), (24, FIRST + 15), (24, FIRST + 59)], AMBER),
        arrow([(44, FIRST + 59), (24, FIRST + 59), (24, 292)], AMBER),
        box(12, 292, 76, 28, "new", AMBER),
        box(104, 292, 88, 28, "earlier", AMBER),
        text(102, 339, "artifacts in S3", AMBER),
        arrow([(66, 292), (66, deploy)], AMBER),
        arrow([(118, 292), (118, deploy)], RED, dashed=True),
        text(126, 278, "roll back", RED, at="start"),
        box(222, 284, 92, 44, "CloudWatch\nalarm", RED),
        arrow([(222, 306), (192, 306)], RED, dashed=True),
    ]
    return sheet("A pipeline from source to deployment", 354, parts)
