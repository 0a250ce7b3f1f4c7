"""From training data to an endpoint: what each step leaves behind."""

from shapes import AMBER, BLUE, CALLER, GREEN, GREY, PLUM, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "From training data to an endpoint",
        330,
        [
            box(10, 6, 130, 42, "training data\nin S3", CALLER),
            arrow([(75, 48), (75, 74)]),
            box(10, 74, 130, 42, "training job", BLUE, bold=True),
            text(150, 90, "image, execution role,", GREY, at="start"),
            text(150, 107, "instances only for the job", GREY, at="start"),
            arrow([(75, 116), (75, 142)]),
            box(10, 142, 130, 42, "model artifact\nin S3", AMBER),
            arrow([(75, 184), (75, 210)]),
            box(10, 210, 130, 42, "model", BLUE, bold=True),
            text(34, 272, "image + artifact", GREY, at="start"),
            arrow([(140, 222), (180, 222), (180, 188), (200, 188)]),
            box(200, 158, 114, 60, "endpoint\nconfiguration", BLUE),
            arrow([(257, 218), (257, 240)]),
            box(200, 240, 114, 34, "endpoint", GREEN, bold=True),
            box(200, 292, 114, 32, "application", CALLER),
            arrow([(257, 292), (257, 274)]),
            arrow([(24, 252), (24, 290)], PLUM, dashed=True),
            box(6, 290, 130, 34, "transform job", PLUM),
        ],
    )
