"""Envelope encryption: KMS gives a data key twice; the plain copy encrypts the file and is
wiped, the encrypted one is kept.
"""

from shapes import AMBER, BLUE, GREY, INK, RED, area, arrow, box, sheet, text


def draw() -> str:
    return sheet(
        "Envelope encryption",
        312,
        [
            area(4, 4, 312, 52, "AWS KMS", AMBER),
            area(4, 222, 312, 86, "", GREY),
            box(174, 10, 134, 40, "KMS key,\nstays in KMS", AMBER.hollow),
            text(10, 80, "GenerateDataKey", INK, at="start", bold=True),
            arrow([(200, 50), (200, 88), (84, 88), (84, 104)], BLUE),
            arrow([(250, 50), (250, 104)], AMBER),
            box(14, 104, 134, 42, "data key,\nin plaintext", BLUE),
            box(174, 104, 134, 42, "data key,\nencrypted", AMBER),
            text(120, 172, "encrypts the file,", BLUE, at="start"),
            text(120, 192, "then is erased", RED, at="start", bold=True),
            box(14, 166, 60, 32, "file", INK),
            arrow([(108, 146), (108, 236)], BLUE),
            arrow([(44, 198), (44, 236)], INK),
            arrow([(250, 146), (250, 236)], AMBER),
            box(14, 236, 134, 42, "file,\nencrypted", BLUE),
            box(174, 236, 134, 42, "data key,\nencrypted", AMBER),
            text(160, 299, "stored together", GREY, bold=True),
        ],
    )
