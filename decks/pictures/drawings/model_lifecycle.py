"""The life of a model: a pipeline makes it, an approval deploys it, monitoring watches it,
and an alarm starts the pipeline again.
"""

from shapes import AMBER, BLUE, CALLER, GREEN, PLACE, RED, area, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "The lifecycle of a model",
        338,
        [
            area(4, 56, 154, 170, "pipeline", PLACE),
            box(14, 6, 134, 32, "Raw data in S3", AMBER),
            arrow([(100, 38), (100, 86)]),
            box(14, 86, 134, 32, "Processing job", BLUE),
            arrow([(81, 118), (81, 136)]),
            box(14, 136, 134, 32, "Training job", BLUE),
            arrow([(81, 168), (81, 186)]),
            box(14, 186, 134, 32, "Model Registry", AMBER),
            arrow([(81, 218), (81, 296)], GREEN),
            text(89, 254, "approval", GREEN, at="start"),
            box(14, 296, 134, 36, "Endpoint", GREEN, bold=True),
            arrow([(148, 314), (192, 314), (192, 272)], AMBER),
            box(170, 214, 112, 58, "Captured\nrequests and\npredictions", AMBER),
            arrow([(226, 214), (226, 196)], AMBER),
            box(216, 290, 98, 42, "True labels,\nlater", CALLER),
            arrow([(300, 290), (300, 196)]),
            box(174, 152, 140, 44, "Monitoring job\ncompares", BLUE),
            arrow([(244, 152), (244, 118)], RED),
            box(188, 74, 112, 44, "CloudWatch\nalarm", RED, bold=True),
            arrow([(188, 96), (158, 96)], RED, dashed=True),
            text(188, 64, "retrain", RED, at="start"),
        ],
    )
