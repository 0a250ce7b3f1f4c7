"""One photo with two cars and three answers: a class for all of it, a box for each car, a
class for each pixel.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shapes import BLUE, GREEN, GREY, INK, PLUM, Point, Tone, box, dot, shape, sheet, text

LEFT, WIDTH, HEIGHT = 6, 150, 74
CARS = ((14, 28, 56.0), (84, 32, 52.0))  # left and top within the photo, length
ROAD = 56  # where it begins, from the top of the photo


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of the scene."""

    rest: str
    road: str
    car: str
    wheels: Tone


PHOTO = Look(BLUE.tint, "#d9d6cc", BLUE.ink, INK)
MASK = Look(
    "#e4e4e4", "#a0a0a0", "#404040", Tone("#404040", "#404040")
)  # one grey for each class, wheels with the car


def outline(left: float, top: float, length: float) -> list[Point]:
    """A car's body from the side."""
    return [
        (left + x * length, top + y * length)
        for x, y in (
            (0, 0.5),
            (0, 0.25),
            (0.22, 0.22),
            (0.36, 0),
            (0.7, 0),
            (0.84, 0.22),
            (1, 0.27),
            (1, 0.5),
        )
    ]


def photo(top: float, look: Look) -> Iterable[str]:
    bottom, right = top + HEIGHT - 1, LEFT + WIDTH - 1
    yield box(LEFT, top, WIDTH, HEIGHT, "", Tone(GREY.ink, look.rest))
    yield shape(
        [(LEFT + 1, top + ROAD), (right, top + ROAD), (right, bottom), (LEFT + 1, bottom)],
        look.road,
    )
    for x, y, length in CARS:
        yield shape(outline(LEFT + x, top + y, length), look.car)
        for wheel in (0.22, 0.78):
            yield dot(LEFT + x + wheel * length, top + y + 0.5 * length, look.wheels, length * 0.11)


def draw() -> str:
    rows = (
        ("Image Classification", "one result\nfor the photo", "car", BLUE),
        ("Object Detection", "a box and a class\nfor each object", "car, car", PLUM),
        (
            "Semantic Segmentation",
            "a class (shade of\ngray) per pixel",
            "car, road, sky",
            GREEN,
        ),
    )
    parts: list[str] = []
    for n, (name, what, answer, tone) in enumerate(rows):
        top = 26 + n * 106
        parts += photo(top, MASK if n == 2 else PHOTO)
        if n == 1:
            for x, y, length in CARS:
                parts.append(
                    box(
                        LEFT + x - 4,
                        top + y - 4,
                        length + 8,
                        length * 0.61 + 8,
                        "",
                        Tone(PLUM.ink, "none"),
                    )
                )
        parts += [
            text(LEFT, top - 8, name, tone, at="start", bold=True),
            text(166, top + 18, what, INK, at="start"),
            text(166, top + 62, answer, tone, at="start", bold=True),
        ]
    return sheet("Three tasks on one photo", 318, parts)
