"""The visual language of the deck's pictures: one sheet, one palette, one size of type,
boxes and arrows.

Every function returns SVG text, and `sheet` puts it together. Lengths are units of the
sheet, which is 320 wide: on a phone of 360 pixels the narrowest place for a picture,
the box under an answer, shows it 285 pixels wide, so 14 units of type are 12.5 pixels
there. A picture has its own white ground, because no colour reaches 4.5:1 on a white
and a dark card alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, hypot
from xml.sax.saxutils import escape, quoteattr

Point = tuple[float, float]


class Misfit(ValueError):
    """Type that does not fit its box or the sheet; the text says which, and how wide it is."""


WIDTH = 320
SHOWN = 400  # pixels, where there is room
SIZE = 14  # of all type but the letters that name a part
LINE = 17  # from one line of type to the next
MARGIN = 4  # between type and the edge of its box or of the sheet

# Fonts of like width, so that what fits here fits on every system: Android, iOS and macOS, Windows,
# Linux.
FONTS = "Roboto, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'Noto Sans', sans-serif"


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour as type and line (`ink`, 4.5:1 or more on all tints and on white) and as
    the filling of a box (`tint`).
    """

    ink: str
    tint: str

    @property
    def hollow(self) -> Tone:
        """The same on the ground's white: what is only named, or not there."""
        return Tone(self.ink, GROUND)


GROUND = "#ffffff"
INK = Tone("#23262b", "#ffffff")
GREY = Tone("#5a5e65", "#efede6")  # the background: surroundings, axes, notes
BLUE = Tone("#1f549b", "#e4ecf8")  # what is there: the old fleet, the usual way
GREEN = Tone("#1c6639", "#e2f1e6")  # what is new, right or allowed
RED = Tone("#a12f28", "#fae7e4")  # what is wrong or barred
AMBER = Tone("#774a00", "#f9edd5")  # what is kept: keys, stores, waiting
PLUM = Tone("#84307c", "#f4e5f2")  # a second thing next to the blue one
CALLER = Tone(INK.ink, GREY.tint)  # who calls, and what is only acted upon
PLACE = Tone(GREY.ink, "#f7f5ef")  # what the things are in

# Advance widths of Arial in thousandths of the size; Helvetica and Liberation Sans have the same,
# Roboto is narrower.
_WIDTHS = {
    letter: width
    for width, letters in {
        222: "ijl",
        278: "ft !,./:;I",
        333: "r()-",
        500: "cksvxyzJ",
        584: "+<=>~",
        611: "FTZ",
        667: "ABEKPSVXY&",
        722: "wCDHNRU",
        778: "GOQ",
        833: "mM",
        889: "%",
        944: "W",
        1000: "→←↓↑…—",
    }.items()
    for letter in letters
}
_SLACK = 1.07  # Noto Sans is that much wider
_BOLD = 1.08


def number(value: float) -> str:
    """A length as SVG wants it: one decimal at most, and no minus before zero."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def text_width(words: str, size: float = SIZE, bold: bool = False) -> float:
    """Units that a line of type takes at most."""
    return (
        sum(_WIDTHS.get(letter, 556) for letter in words)
        / 1000
        * size
        * _SLACK
        * (_BOLD if bold else 1)
    )


def text(
    x: float,
    y: float,
    words: str,
    tone: Tone = INK,
    *,
    at: str = "middle",
    bold: bool = False,
    size: float = SIZE,
) -> str:
    """Lines of type, parted by line feeds. `y` is the base of the first; `at` says which
    part of a line `x` is: start, middle, end.
    """
    out = []
    for n, line in enumerate(words.split("\n")):
        width = text_width(line, size, bold)
        left = x - {"start": 0, "middle": width / 2, "end": width}[at]
        if left < MARGIN - 1 or left + width > WIDTH - MARGIN + 1:
            raise Misfit(f"`{line}` does not fit the sheet: {left:.0f} to {left + width:.0f}")
        weight = ' font-weight="700"' if bold else ""
        big = f' font-size="{number(size)}"' if size != SIZE else ""
        anchor = f' text-anchor="{at}"' if at != "start" else ""
        place = f'x="{number(x)}" y="{number(y + n * LINE)}"'
        out.append(f'<text {place} fill="{tone.ink}"{anchor}{weight}{big}>{escape(line)}</text>')
    return "\n".join(out)


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    words: str = "",
    tone: Tone = INK,
    *,
    dashed: bool = False,
    bold: bool = False,
) -> str:
    """A box with type in its middle. A dashed box is a boundary or a thing that is not there yet."""  # noqa: E501
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    place = (
        f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" rx="6"'
    )
    out = [f'<rect {place} fill="{tone.tint}" stroke="{tone.ink}" stroke-width="1.5"{dash}/>']
    if words:
        lines = words.split("\n")
        widest = max(text_width(line, bold=bold) for line in lines)
        if widest > width - MARGIN or len(lines) * LINE > height:
            raise Misfit(
                f"`{words}` does not fit its box: {widest:.0f} wide, {len(lines) * LINE} high"
            )
        out.append(
            text(
                x + width / 2,
                y + height / 2 - (len(lines) - 1) * LINE / 2 + 5,
                words,
                tone,
                bold=bold,
            )
        )
    return "\n".join(out)


def area(
    x: float, y: float, width: float, height: float, words: str = "", tone: Tone = GREY
) -> str:
    """A dashed boundary, such as a network, with its name at the top left."""
    out = [box(x, y, width, height, "", tone, dashed=True)]
    if words:
        out.append(text(x + 8, y + 18, words, tone, at="start", bold=True))
    return "\n".join(out)


def line(
    points: Sequence[Point], tone: Tone = INK, *, dashed: bool = False, thick: float = 2
) -> str:
    """A line through points, without a head."""
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    corners = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return f'<polyline points="{corners}" fill="none" stroke="{tone.ink}" stroke-width="{number(thick)}" stroke-linejoin="round"{dash}/>'  # noqa: E501


def shape(points: Sequence[Point], fill: str) -> str:
    """A filled shape without an edge."""
    return f'<polygon points="{" ".join(f"{number(x)},{number(y)}" for x, y in points)}" fill="{fill}"/>'  # noqa: E501


def arrow(
    points: Sequence[Point], tone: Tone = INK, *, dashed: bool = False, thick: float = 2
) -> str:
    """A line with a head at its last point."""
    (fx, fy), (x, y) = points[-2:]
    length = hypot(x - fx, y - fy)
    ux, uy = (x - fx) / length, (y - fy) / length
    size = 5 + thick * 1.5
    back, side = (x - ux * size, y - uy * size), size / 2
    head = [
        (x, y),
        (back[0] - uy * side, back[1] + ux * side),
        (back[0] + uy * side, back[1] - ux * side),
    ]
    shaft = [*points[:-1], (x - ux * size * 0.8, y - uy * size * 0.8)]
    return line(shaft, tone, dashed=dashed, thick=thick) + "\n" + shape(head, tone.ink)


def cross(x: float, y: float, tone: Tone = RED, size: float = 7) -> str:
    """A cross over what is barred."""
    strokes = ((x - size, y - size, x + size, y + size), (x - size, y + size, x + size, y - size))
    return "\n".join(line([(a, b), (c, d)], tone, thick=3) for a, b, c, d in strokes)


def dot(x: float, y: float, tone: Tone = INK, radius: float = 4) -> str:
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{tone.ink}"/>'


def letter(x: float, y: float, name: str) -> str:
    """The large letter by which a card names a part of the picture."""
    return text(x, y, name, INK, bold=True, size=18)


def sheet(title: str, height: float, parts: Iterable[str]) -> str:
    """The whole picture. `title` is for people who open the file; what a learner hears is
    the card's own description.
    """
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {number(height)}" width="{SHOWN}" '  # noqa: E501
        f'height="{ceil(height * SHOWN / WIDTH)}" font-family={quoteattr(FONTS)} font-size="{SIZE}">'  # noqa: E501
    )
    ground = f'<rect width="{WIDTH}" height="{number(height)}" fill="{GROUND}"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", ground, *parts, "</svg>", ""])
