"""PNG, GIF and JPEG images: which one a file is, and its size."""

from __future__ import annotations

# The first bytes of a file by its ending.
FIRST_BYTES = {
    ".png": b"\x89PNG\r\n\x1a\n",
    ".gif": b"GIF8",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
}


def pixels(data: bytes) -> tuple[int, int]:
    """Return width and height of a PNG, GIF or JPEG, 0 and 0 of anything else.

    PNG: ISO/IEC 15948, IHDR. GIF: logical screen. JPEG: ITU T.81, frame header.
    """
    if data[:8] == FIRST_BYTES[".png"] and len(data) >= 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data[:3] == b"GIF" and len(data) >= 10:
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    return _frame(data) if data[:2] == b"\xff\xd8" else (0, 0)


def _frame(data: bytes) -> tuple[int, int]:
    """Return width and height in a JPEG's frame header, 0 and 0 without one.

    Any number of FF bytes can be in front of a marker (T.81, B.1.1.2).
    """
    frames = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xFF:
            at += 1
        elif data[at + 1] in frames:
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 0, 0
