"""A Rekognition collection: indexing keeps a vector of each face and no picture; a search
compares vectors.
"""

from shapes import AMBER, BLUE, CALLER, GREEN, GREY, area, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "A collection of faces",
        292,
        [
            text(8, 18, "once", GREY, at="start"),
            *(
                box(6 + n * 10, 26 + n * 8, 82, 46, "badge\nphoto" if n == 2 else "", CALLER)
                for n in range(3)
            ),
            arrow([(108, 66), (196, 66)], BLUE),
            text(152, 58, "IndexFaces", BLUE, bold=True),
            text(152, 84, "no image\nis stored", GREY),
            area(196, 6, 120, 190, "collection", AMBER),
            *(
                box(204, 34 + n * 36, 104, 30, f"face vector {n + 1}", AMBER.hollow)
                for n in range(3)
            ),
            text(256, 160, "…", AMBER),
            text(8, 146, "for each person", GREY, at="start"),
            box(8, 154, 84, 46, "camera\nimage", CALLER),
            arrow([(92, 177), (196, 177)], BLUE),
            text(8, 222, "SearchFacesByImage", BLUE, at="start", bold=True),
            text(8, 242, "one call compares", GREY, at="start"),
            text(8, 259, "the face with all", GREY, at="start"),
            arrow([(256, 196), (256, 226)], GREEN),
            box(196, 226, 120, 58, "matches,\nwith similarity", GREEN),
        ],
    )
