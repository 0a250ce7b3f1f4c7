"""Templates and values → pages. The only importer of Jinja.

Values are escaped unless they are marked as HTML.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from deckwright.core.wording import count

_FOLDER = files("deckwright.output.site")


def fill(name: str, /, **values: object) -> str:
    """Return a filled template. Raise jinja2.UndefinedError if a value is missing."""
    return _environment().get_template(name).render(values) + "\n"


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
    made = Environment(
        loader=DictLoader(texts),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["counted"] = count
    return made
