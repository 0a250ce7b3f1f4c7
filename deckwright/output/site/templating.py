"""Templates and values → pages. The only importer of Jinja.

Values are escaped unless they are marked as HTML.
"""

from __future__ import annotations

import re
from functools import cache, partial
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from deckwright.project.words import PLACE, TAG, SiteWords

_PLACE_OR_TAG = re.compile(rf"{PLACE.pattern}|{escape(TAG.pattern)}")  # in escaped text
_FOLDER = files("deckwright.output.site")


def fill(name: str, words: SiteWords, /, **values: object) -> str:
    """Return a filled template. Raise jinja2.UndefinedError if a value is missing.

    In it, `say` gives a word of the site, and `number` a number as the site writes it.
    """
    said = {"say": partial(_say, words), "number": words.number}
    return _environment().get_template(name).render(said | values) + "\n"


def _say(words: SiteWords, name: str, /, **values: object) -> Markup:
    """Return a word as HTML with a value in each place. Values of tags are their attributes.

    `say("see", n=3, a=trusted('href="x.html"'))` fills in `{n}`, and turns `<a>` into a link.
    """

    def filled(match: re.Match[str]) -> str:
        if match[1]:
            value = values[match[1]]
            return str(escape(words.number(value) if isinstance(value, int) else value))
        return f"<{match[2]} {values[match[2]]}>" if match[2] in values else f"<{match[2]}>"

    text = str(escape(words.text(name, values.get("n"))))
    return Markup(_PLACE_OR_TAG.sub(filled, text))


def trusted(html: str) -> Markup:
    """Mark HTML that the compiler made as safe, so that it is not escaped."""
    return Markup(html)


def assets() -> dict[str, bytes]:
    """Return the styles and scripts of the pages by file name."""
    folder = _FOLDER.joinpath("assets")
    return {
        entry.name: entry.read_bytes() for entry in sorted(folder.iterdir(), key=lambda e: e.name)
    }


@cache
def _environment() -> Environment:
    folder = _FOLDER.joinpath("templates")
    texts = {entry.name: entry.read_text("utf-8") for entry in folder.iterdir()}
    return Environment(
        loader=DictLoader(texts),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
