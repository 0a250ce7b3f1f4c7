"""The life of a model: a pipeline makes it, an approval deploys it, monitoring watches it,
and an alarm starts the pipeline again.
"""

from shapes import AMBER, BLUE, CALLER, GREEN, PLACE, RED, area, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "The lifecycle of a model",
        416,
        [
            area(4, 62, 158, 206, "", PLACE),
            text(154, 80, "pipeline", PLACE, at="end", bold=True),
            box(10, 6, 146, 32, "Raw data (S3)", AMBER),
            arrow([(40, 38), (40, 88)]),
            text(48, 55, "read", at="start"),
            box(10, 88, 146, 32, "Processing job", BLUE),
            arrow([(40, 120), (40, 152)]),
            text(48, 140, "training data", at="start"),
            box(10, 152, 146, 32, "Training job", BLUE),
            arrow([(40, 184), (40, 216)]),
            text(48, 204, "model.tar.gz", at="start"),
            box(10, 216, 146, 44, "Model Registry\npending → approved", AMBER),
            arrow([(40, 260), (40, 316)], GREEN),
            text(48, 286, "approval starts\nthe deployment", GREEN, at="start"),
            box(10, 316, 146, 34, "Endpoint", GREEN, bold=True),
            arrow([(22, 376), (22, 350)]),
            text(30, 368, "request", at="start"),
            arrow([(144, 350), (144, 376)]),
            text(152, 368, "prediction", at="start"),
            box(10, 376, 146, 34, "App", CALLER),
            arrow([(156, 333), (200, 333), (200, 260)], AMBER),
            box(172, 202, 112, 58, "Captured\nrequests and\npredictions (S3)", AMBER),
            arrow([(228, 202), (228, 176)], AMBER),
            box(226, 312, 90, 42, "True labels,\nlater", CALLER),
            arrow([(300, 312), (300, 176)]),
            box(196, 134, 120, 42, "Monitoring job\ncompares", BLUE),
            arrow([(269, 134), (269, 108)], RED),
            box(222, 66, 94, 42, "CloudWatch\nalarm", RED, bold=True),
            arrow([(222, 87), (162, 87)], RED, dashed=True),
            text(193, 79, "retrain", RED),
        ],
    )
