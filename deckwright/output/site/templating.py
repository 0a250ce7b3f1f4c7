"""Templates and values → pages. The door of Jinja; everything that is filled in is escaped unless it says that it is HTML."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

_FOLDER = files("deckwright.output.site")


def fill(name: str, /, **values: object) -> str:
    """The text of a template; a name that it uses and that is not given is an error."""
    return _environment().get_template(name).render(values) + "\n"


def trusted(html: str) -> Markup:
    """Marks HTML that the compiler made itself, so that it goes into a page as it is."""
    return Markup(html)


def assets() -> dict[str, bytes]:
    """The styles and scripts of the pages by file name."""
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
