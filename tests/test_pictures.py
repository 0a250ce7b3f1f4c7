"""The deck's own pictures are what their scripts draw and can be read; what the rules see
in any SVG.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import plots
import pytest
import shapes
from conftest import REPO

from deckwright.cards.rules import svg

COMMITTED = REPO / "cards" / "img"
DRAWINGS = sorted((REPO / "decks" / "pictures" / "drawings").glob("*.py"))
NAMES = [drawing.stem.replace("_", "-") for drawing in DRAWINGS]


def test_the_committed_pictures_are_what_the_scripts_draw(tmp_path: Path) -> None:
    surroundings = {**os.environ, "PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    subprocess.run(
        [sys.executable, str(REPO / "decks" / "pictures"), str(tmp_path)],
        check=True,
        env=surroundings,
    )
    drawn = {path.stem: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert sorted(drawn) == sorted(NAMES)
    stale = [
        name
        for name, text in drawn.items()
        if (COMMITTED / f"{name}.svg").read_text("utf-8") != text
    ]
    assert stale == [], "draw them again: make pictures"


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def at_night(colour: str) -> str:
    """A colour as the style dims it at night."""
    style = (REPO / "decks" / "notetypes" / "style.css").read_text("utf-8")
    match = re.search(r"\.nightMode \.note img[^}]*brightness\(([.\d]+)\)", style)
    assert match, "pictures are not dimmed at night any more: take this function out"
    return "#" + "".join(
        f"{round(int(colour[n : n + 2], 16) * float(match[1])):02x}" for n in (1, 3, 5)
    )


def covers(element: ElementTree.Element, x: float, y: float) -> bool:
    """Whether a filled shape lies under a point."""

    def value(name: str) -> float:
        return float(element.get(name, "0"))

    kind = svg.name(element)
    if element.get("fill", "none") == "none":
        return False
    if kind == "rect":
        return value("x") <= x <= value("x") + value("width") and value("y") <= y <= value(
            "y"
        ) + value("height")
    if kind == "circle":
        return (value("cx") - x) ** 2 + (value("cy") - y) ** 2 <= value("r") ** 2
    if kind == "polygon":
        corners = [tuple(map(float, pair.split(","))) for pair in element.get("points", "").split()]
        sides = zip(corners, corners[1:] + corners[:1], strict=True)
        return (
            sum(
                (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax
                for (ax, ay), (bx, by) in sides
            )
            % 2
            == 1
        )
    return False


def grounds(root: ElementTree.Element) -> Iterator[tuple[str, str, str]]:
    """All type of a picture: its words, its colour, and each colour that lies under it."""
    painted: list[ElementTree.Element] = []
    for element in root:
        if svg.name(element) != "text":
            painted.append(element)
            continue
        words, size = element.text or "", float(element.get("font-size", shapes.SIZE))
        width = shapes.text_width(words, size, element.get("font-weight") is not None)
        x, y = float(element.attrib["x"]), float(element.attrib["y"])
        left = (
            x - {"start": 0, "middle": width / 2, "end": width}[element.get("text-anchor", "start")]
        )
        for part in (0.1, 0.3, 0.5, 0.7, 0.9):
            under = [
                shape for shape in painted if covers(shape, left + part * width, y - size * 0.35)
            ]
            yield words, element.attrib["fill"], under[-1].attrib["fill"]


@pytest.mark.parametrize("name", NAMES)
def test_type_stands_out_from_whatever_is_under_it(name: str) -> None:
    root = ElementTree.parse(COMMITTED / f"{name}.svg").getroot()
    found = list(grounds(root))
    assert found
    assert [
        (words, ink, ground) for words, ink, ground in found if contrast(ink, ground) < 4.5
    ] == []
    assert [
        (words, ink, ground)
        for words, ink, ground in found
        if contrast(at_night(ink), at_night(ground)) < 4.5
    ] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_only_draws_and_shows_type_of_twelve_pixels_or_more(name: str) -> None:
    root = svg.parse((COMMITTED / f"{name}.svg").read_bytes())
    assert root is not None
    box = svg.view_box(root)
    assert box is not None
    smallest = svg.smallest_type(root, box[0])
    assert smallest is not None
    assert smallest[0] >= 12
    assert {svg.name(element) for element in root.iter()} <= {
        "svg",
        "title",
        "rect",
        "polyline",
        "polygon",
        "circle",
        "text",
    }


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_what_does_not_fit_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="does not fit the sheet"):
        shapes.text(300, 20, "far too long", at="start")
    with pytest.raises(ValueError, match="does not fit its box"):
        shapes.box(0, 0, 60, 40, "far too long")
    with pytest.raises(ValueError, match="does not fit its box"):
        shapes.box(0, 0, 200, 40, "one\ntwo\nthree")


def test_lengths_are_short_and_never_minus_zero() -> None:
    assert [shapes.number(value) for value in (2.0, -0.04, 1 / 3, -1.25, 320)] == [
        "2",
        "0",
        "0.3",
        "-1.2",
        "320",
    ]


def test_stairs_hold_a_value_until_the_next() -> None:
    assert plots.stairs([(0, 1), (2, 5)]) == [(0, 1), (2, 1), (2, 5)]


@pytest.mark.parametrize(
    ("inside", "pixels"),
    [
        ('<text font-size="20">a</text>', 10),
        ('<g font-size="20"><text>a</text></g>', 10),
        ('<text style="fill:red; font-size: 30px">a</text>', 15),
        ('<text style="font-size:12pt">a</text>', 8),
        ("<text>a</text>", 8),
        ('<text font-size="40">a<tspan font-size="50%">b</tspan></text>', 10),
        (
            '<style>.s, b { font-size: 18px } text { font-size: 40px }</style><text class="s">a</text>',  # noqa: E501
            9,
        ),
        ("<style>text { font-size: 1.5em }</style><text>a</text>", 12),
        ('<g transform="translate(4 4) scale(2)"><text font-size="12">a</text></g>', 12),
        ('<g transform="matrix(0 .5 -.5 0 3 3)"><text font-size="40">a</text></g>', 10),
        ('<text font-size="40">a</text><text font-size="small">kept as it is around it</text>', 8),
        ('<title>said, not shown</title><text font-size="2"> </text>', None),
    ],
)
def test_type_is_measured_as_a_phone_shows_it(inside: str, pixels: float | None) -> None:
    root = svg.parse(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 570 100">{inside}</svg>'.encode()
    )
    assert root is not None
    smallest = svg.smallest_type(root, 570)
    assert (smallest and smallest[0]) == (pytest.approx(pixels) if pixels else None)


def test_a_picture_that_is_small_by_itself_is_not_blown_up() -> None:
    root = svg.parse(
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 20" width="100"><text font-size="10">a</text></svg>'  # noqa: E501
    )
    assert root is not None
    assert svg.smallest_type(root, 100) == (10, "a")


@pytest.mark.parametrize(
    "box", ["", "0 0 100", "0 0 x 10", "0 0 0 10", "0 0 10 -1", "0 0 e 10", "a b c d", "0 0 1 2 3"]
)
def test_a_view_box_that_says_nothing_counts_as_none(box: str) -> None:
    root = svg.parse(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"/>'.encode())
    assert root is not None
    assert svg.view_box(root) is None
