"""The deck's own pictures are what their scripts draw and can be read; what the rules see
in any SVG.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import shapes
from browser import visit
from conftest import REPO, run
from playwright.sync_api import Browser

from deckwright.cards.raster import pixels
from deckwright.cards.rules import svg, svg_content, svg_style

COMMITTED = REPO / "cards" / "img"
DRAWINGS = sorted((REPO / "decks" / "pictures" / "drawings").glob("*.py"))
NAMES = [drawing.stem.replace("_", "-") for drawing in DRAWINGS]


def test_the_committed_pictures_are_what_the_scripts_draw(tmp_path: Path) -> None:
    surroundings = {**os.environ, "PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    command = [sys.executable, str(REPO / "decks" / "pictures"), str(tmp_path)]
    subprocess.run(command, check=True, env=surroundings)
    drawn = {path.stem: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert sorted(drawn) == sorted(NAMES)
    committed = {name: (COMMITTED / f"{name}.svg").read_text("utf-8") for name in drawn}
    stale = [name for name, text in drawn.items() if committed[name] != text]
    assert stale == [], "draw them again: make pictures"


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def covers(element: ElementTree.Element, x: float, y: float) -> bool:
    """Whether a filled shape lies under a point."""

    def value(name: str) -> float:
        return float(element.get(name, "0"))

    kind = svg.name(element)
    if element.get("fill", "none") == "none":
        return False
    if kind == "rect":
        return 0 <= x - value("x") <= value("width") and 0 <= y - value("y") <= value("height")
    if kind == "circle":
        return (value("cx") - x) ** 2 + (value("cy") - y) ** 2 <= value("r") ** 2
    return False


def grounds(root: ElementTree.Element) -> Iterator[tuple[str, str, str]]:
    """All type of a picture: its words, its color, and each color that lies under it."""
    painted: list[ElementTree.Element] = []
    for element in root:
        if svg.name(element) != "text":
            painted.append(element)
            continue
        words, size = element.text or "", float(element.get("font-size", shapes.SIZE))
        width = shapes.text_width(words, size, element.get("font-weight") is not None)
        x, y = float(element.attrib["x"]), float(element.attrib["y"])
        shift = {"start": 0, "middle": 0.5, "end": 1}[element.get("text-anchor", "start")]
        for part in (0.1, 0.3, 0.5, 0.7, 0.9):
            at = x + (part - shift) * width, y - size * 0.35
            under = [shape for shape in painted if covers(shape, *at)]
            yield words, element.attrib["fill"], under[-1].attrib["fill"]


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_only_draws_and_its_type_can_be_read(name: str) -> None:
    """It has 12 pixels or more on a phone, and stands out from whatever is under it."""
    data = (COMMITTED / f"{name}.svg").read_bytes()
    picture = svg.look(data)
    assert picture.refused is None
    assert picture.smallest is not None
    assert picture.smallest[0] >= 12
    found = list(grounds(ElementTree.fromstring(data)))
    assert found
    assert [pale for pale in found if contrast(*pale[1:]) < 4.5] == []


# Colors as a browser shows them with the filter that the stylesheet has for pictures at night.
AT_NIGHT = """([colors, filter]) => colors.map(color => {
    const paper = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    Object.assign(paper, { filter, fillStyle: color }).fillRect(0, 0, 1, 1);
    return "#" + Array.from(paper.getImageData(0, 0, 1, 1).data.slice(0, 3), c => c.toString(16).padStart(2, "0")).join("");
})"""  # noqa: E501


def test_the_type_of_pictures_can_be_read_at_night(browser: Browser) -> None:
    style = (REPO / "decks/notetypes/style.css").read_text("utf-8")
    filters = re.findall(r'svg"\] \{ filter: ([^;]+);', style)
    roots = [ElementTree.parse(COMMITTED / f"{name}.svg").getroot() for name in NAMES]
    pairs = {(ink, under) for root in roots for _, ink, under in grounds(root)}
    colors = sorted({color for pair in pairs for color in pair})
    with visit(browser) as tab:
        shown = dict(zip(colors, tab.page.evaluate(AT_NIGHT, [colors, *filters]), strict=True))
    assert luminance(shown[shapes.GROUND]) < 0.03
    assert [pair for pair in pairs if contrast(*(shown[c] for c in pair)) < 4.5] == []


@pytest.mark.parametrize(
    ("inside", "pixels"),
    [
        ('<text font-size="20">a</text>', 10),
        ('<g font-size="20"><text>a</text></g>', 10),
        ('<text style="fill:red; font-size: 30px">a</text>', 15),
        ('<text style="font-size:12pt">a</text>', 8),
        ("<text>a</text>", 8),
        ('<text font-size="40">a<tspan font-size="50%">b</tspan></text>', 10),
        ('<g transform="translate(4 4) scale(2)"><text font-size="12">a</text></g>', 12),
        ('<g transform="matrix(0 .5 -.5 0 3 3)"><text font-size="40">a</text></g>', 10),
        ('<text font-size="40">a</text><text font-size="small">kept as it is around it</text>', 8),
        ('<title>said, not shown</title><text font-size="2"> </text>', None),
    ],
)
def test_type_is_measured_as_a_phone_shows_it(inside: str, pixels: float | None) -> None:
    data = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 570 100">{inside}</svg>'
    smallest = svg.look(data.encode()).smallest
    assert (smallest and smallest[0]) == (pytest.approx(pixels) if pixels else None)


XMLNS = (
    'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:h="http://www.w3.org/1999/xhtml"'
    ' xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
)


def image(inside: str, attributes: str = "") -> bytes:
    return f'<svg {XMLNS} viewBox="0 0 100 100"{attributes}>{inside}</svg>'.encode()


def refused(data: bytes) -> svg_content.RefusedError:
    found = svg.look(data).refused
    assert found
    return found


PIXEL = (
    '<image width="9" height="9" href="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAA'
    'C1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="/>'
)


@pytest.mark.parametrize(
    "inside",
    [
        PIXEL,
        '<defs><path id="p" d="M0 0h1"/></defs><use href="#p" x="5"/><use xlink:href="#p"/>',
        '<rect fill="url(#g)"/><rect style="fill: url( \'#g\' ) !important; clip-path:url(#c)"/>',
        '<rect transform="translate(1 2) scale(.5), rotate(45 1 2)" fill="rgb(1, 2, 3)"/>',
        '<rect style="fill:url(#g)"/>'
        '<linearGradient id="g"><stop offset="0" stop-color="light-dark(#fff, #000)"/>'
        "</linearGradient>",
        "<text style=\"font-family: 'DejaVu Sans'; -inkscape-font-specification:Sans\">a</text>",
        '<g id="f(x)" class="a" data-cell-id="1" aria-label="f(x)" xml:space="preserve"/>',
        "<!-- <script/> --><title>a</title><desc>@import</desc>",
    ],
)
def test_what_draws_is_fine(inside: str) -> None:
    picture = svg.look(image(inside))
    assert picture.refused is None
    assert picture.box == (100, 100)


def test_what_matplotlib_and_inkscape_write_as_plain_svg_is_fine() -> None:
    for file in sorted((REPO / "tests" / "pictures").glob("*.svg")):
        assert svg.look(file.read_bytes()).refused is None, file.name


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (r'<rect style="fill:u\72l(https://example.com/a)"/>', r"\72l(https://example.com/a)"),
        (r'<style>@\69mport "https://example.com/a";</style>', "<style>"),
        ("""<rect style='fill:image-set("//a.b" 1x)'/>""", 'image-set("//a.b" 1x)'),
        ('<h:img src="https://example.com/a"/>', "<html:img>"),
        ("<g><x:g xmlns:x='https://example.com'/></g>", "<https://example.com:g>"),
        ("<g xmlns=''><path/></g>", "<g>"),
        ("<script>draw()</script>", "<script>"),
        ("<foreignObject/>", "<foreignObject>"),
        ("<filter><feImage href='#a'/></filter>", "<filter>"),
        ("<g filter='url(#a)'/>", 'filter="…"'),
        ("<g style='filter: blur(9px)'/>", "blur(9px)"),
        ("<g style='filter: url(#a)'/>", "filter"),
        ("<text style='text-shadow: 0 0 99px red'>a</text>", "text-shadow"),
        ("<a href='#b'><path/></a>", "<a>"),
        ("<g onclick='a()'/>", 'onclick="…"'),
        ("<g xml:base='https://example.com'/>", 'xml:base="…"'),
        ("<image href='https://example.com/a.png'/>", 'href="https://example.com/a.png"'),
        ("<image xlink:href='a.png'/>", 'href="a.png"'),
        ("<image href='data:image/svg+xml;base64,PA=='/>", 'href="data:image/svg+xml;base64,PA=="'),
        ("<image href='data:image/png;base64,PHN2Zz4='/>", 'href="data:image/png;base64,PHN2Zz4="'),
        ("<use href='data:image/png;base64,'/>", 'href="data:image/png;base64,"'),
        ("<use href='b.svg#a'/>", 'href="b.svg#a"'),
        ("<rect fill='url(https://example.com/a#b)'/>", "url(https://example.com/a#b)"),
        ("<rect fill='URL(a)'/>", "URL(a)"),
        ("<rect fill='url(#a b)'/>", "url(#a b)"),
        ("<rect style='position:fixed'/>", "position"),
        ("<rect style='fill: var(--a)'/>", "var(--a)"),
        ("<rect style='fill: red} * {fill: blue'/>", "fill: red} * {fill: blue"),
        ("<rect style='fill: red/* */'/>", "/* */"),
        ("<?xml-stylesheet href='a'?>", "<?xml-stylesheet …?>"),
        ("<!DOCTYPE svg>", "<!DOCTYPE …>"),
        ('<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', "<!DOCTYPE …>"),
        ('<?xml version="1.0" encoding="ISO-2022-JP"?>', 'encoding="ISO-2022-JP"'),
    ],
)
def test_what_does_more_than_draw_is_refused(text: str, what: str) -> None:
    before = text if text.startswith(("<!DOCTYPE", "<?xml version")) else ""
    error = refused(before.encode() + image(text.removeprefix(before)))
    assert (error.code, error.message.split("`")[1]) == ("R606", what)
    assert error.help


def nested(levels: int) -> bytes:
    return image("<g>" * levels + "</g>" * levels)


def repeated(levels: int, times: int) -> bytes:
    """A picture whose parts each show the next part `times` times."""
    parts = (f'<g id="a{n}">' + f'<use href="#a{n + 1}"/>' * times + "</g>" for n in range(levels))
    return image(f'{"".join(parts)}<g id="a{levels}"/>')


def masked(times: int) -> bytes:
    """A picture of 80 parts that each show a masked shape `times` times."""
    shapes = '<rect width="9" height="9" mask="url(#m)"/>' * times
    return image(f'<mask id="m"/><g id="a">{shapes}</g>' + '<use href="#a"/>' * 80)


@pytest.mark.parametrize(
    ("fine", "too_much", "named"),
    [
        (nested(59), nested(60), "60 levels"),
        (nested(59), nested(990), "60 levels"),
        (image("<g/>" * 19_999), image("<g/>" * 20_000), "20,000 elements"),
        (repeated(3, 10), repeated(5, 10), "20,000 elements"),
        (masked(60), masked(200), "20,000 elements"),  # more than 30 seconds in Chromium
        (repeated(20, 1), repeated(21, 1), "`#a21`"),
        (image(""), image('<g id="a"><use href="#b"/></g><g id="b" mask="url(#a)"/>'), "`#b`"),
        (image("").ljust(300_000), image("").ljust(300_001), "300,001 bytes"),
    ],
)
def test_a_picture_has_limits(fine: bytes, too_much: bytes, named: str) -> None:
    assert svg.look(fine).refused is None
    error = refused(too_much)
    assert (error.code, named in error.message) == ("R602", True), error.message


@pytest.mark.parametrize(
    ("inside", "pixels"),
    [
        ('<text style="' + "font-size " * 20_000 + '">a</text>', None),
        ('<text style="' + "font-size:10px;" * 10_000 + '">a</text>', 28.5),
        ('<text transform="' + "scale(" * 40_000 + '">a</text>', 45.6),
        ('<text font-size="1' + " " * 200_000 + 'x">a</text>', 45.6),
        ('<text class="' + "a " * 100_000 + '">a</text>', 45.6),
        ('<text fill="' + "(" * 200_000 + '">a</text>', None),
        ('<text fill="' + "a" * 200_000 + '">a</text>', 45.6),
    ],
)
def test_long_styles_are_read_from_start_to_end_once(inside: str, pixels: float | None) -> None:
    """Regular expressions that began again at each character took minutes for some."""
    picture = svg.look(image(inside))
    assert picture.smallest == ((pytest.approx(pixels), "a") if pixels else None)
    assert (picture.refused is None) == (pixels is not None)


def test_the_lists_allow_nothing_active() -> None:
    names = svg_style.listed("elements") | svg_style.listed("attributes")
    names |= svg_style.listed("properties")
    active = re.compile("on|script|style|foreign|audio|video|animate|set|filter|fe[A-Z]|src|a$")
    assert not {name for name in names if active.match(name)}


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xff\xc0\0\x11\x08\0\x07\0\x09\x03", (9, 7)),
        (b"\xff\xd8\xff\xc4\0\x02\xff\xc2\0\x11\x08\0\x07\0\x09\x03", (9, 7)),
        (b"\xff\xd8" + b"\xff" * 100, (0, 0)),
        (b"\xff\xd8\xff\xe0\0\0" * 10, (0, 0)),
        (b"GIF89a\x09\0\x07\0", (9, 7)),
        (b"GIF8", (0, 0)),
        (b"<svg/>", (0, 0)),
    ],
)
def test_the_size_of_an_image_is_in_its_head(data: bytes, size: tuple[int, int]) -> None:
    assert pixels(data) == size


@pytest.mark.parametrize(
    ("ending", "data", "code"),
    [
        (".png", b"GIF89a\x09\0\x07\0", "R609"),
        (".jpg", b"\x89PNG\r\n\x1a\n", "R609"),
        (".png", b"\x89PNG\r\n\x1a\n", "R609"),
        (".gif", b"GIF89a\0\0\x07\0", "R609"),
        (".svg", b"\x89PNG\r\n\x1a\n", "R609"),
        (".gif", b"GIF89a\x09\0\xff\xff", "R602"),
        (".gif", b"GIF89a\x09\0\x07\0", ""),
    ],
)
def test_an_image_is_what_its_ending_says(ending: str, data: bytes, code: str, bare: Path) -> None:
    folder = bare / "cards" / "services"
    folder.mkdir(parents=True)
    (folder / f"a{ending}").write_bytes(data)
    text = (
        f"# P\n\n## polly-x\n\n- kind: concept\n- topic: voices\n\nQ?\n\n---\n\n![A](a{ending})\n"
    )
    (folder / "polly.md").write_text(text, "utf-8")
    found = json.loads(run(bare, "check", "--format", "json").out)["diagnostics"]
    assert [d["code"] for d in found if d["code"].startswith("R6")] == ([code] if code else [])


def test_an_image_inside_the_image_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg_content, "MAX_PIXELS", 0)
    error = refused(image(PIXEL * 2))
    assert (error.code, "0 pixels" in error.help) == ("R602", True)


def test_reading_ends_at_the_first_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg_content, "MAX_ELEMENTS", 10)
    broken = image("<g/>" * 10).replace(b"</svg>", b"<not XML")
    assert "10 elements" in refused(broken).message
