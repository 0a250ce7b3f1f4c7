"""When training starts in File mode, which first downloads all data, and in fast file
mode, which streams them.
"""

from shapes import AMBER, BLUE, GREEN, GREY, box, sheet, text

LEFT, END = 12, 308
LOADED = 150  # where the download ends


def draw() -> str:
    length = END - LOADED
    return sheet(
        "File mode and Fast file mode over time",
        246,
        [
            text(LEFT, 18, "File mode", at="start", bold=True),
            box(LEFT, 26, LOADED - LEFT, 34, "downloads all data", AMBER),
            box(LOADED, 62, length, 34, "training", BLUE, bold=True),
            text((LEFT + LOADED) / 2, 84, "nothing trains", GREY),
            text(LEFT, 134, "Fast file mode", at="start", bold=True),
            box(LEFT, 142, length, 34, "streams data", AMBER),
            box(LEFT, 178, length, 34, "training", GREEN, bold=True),
            text(LEFT + length + 70, 200, "no download first", GREY),
            text(160, 236, "time →", GREY),
        ],
    )
