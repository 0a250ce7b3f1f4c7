"""The loop of Model Monitor: captured data are compared with a baseline on a schedule;
violations lead to a new model.
"""

from shapes import AMBER, BLUE, CALLER, GREY, RED, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "How Model Monitor worked",
        268,
        [
            box(6, 6, 120, 44, "endpoint", CALLER, bold=True),
            box(186, 6, 128, 44, "inputs and\noutputs in S3", BLUE),
            arrow([(126, 28), (186, 28)], BLUE),
            text(156, 20, "capture", BLUE),
            box(30, 92, 96, 44, "training\ndata", CALLER),
            box(186, 82, 104, 64, "baseline:\nstatistics,\nconstraints", AMBER),
            arrow([(126, 114), (186, 114)], AMBER),
            box(176, 188, 138, 46, "monitoring job\ncompares", BLUE, bold=True),
            arrow([(238, 146), (238, 188)], AMBER),
            arrow([(303, 50), (303, 188)], BLUE),
            text(245, 254, "on a schedule", GREY),
            box(6, 188, 120, 46, "CloudWatch\nalarm", RED, bold=True),
            arrow([(176, 211), (126, 211)], RED),
            text(151, 180, "violations", RED),
            arrow([(18, 188), (18, 50)], RED, dashed=True),
            text(26, 78, "retrain, deploy", RED, at="start"),
        ],
    )
