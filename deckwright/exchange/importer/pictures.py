"""The pictures that imported cards show."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from deckwright.cards.ids import file_stem, first_free
from deckwright.cards.raster import FIRST_BYTES, pixels
from deckwright.core.note import Image

_SVG = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<svg|<(?:\?xml|!--).*<svg)", re.DOTALL)
_NAME = re.compile(r"[a-z0-9-]+\.(?:png|gif|jpg|svg)")  # as `Album` gives them


class Album:
    """Finds the pictures that the project has, and gives names to the others.

    `taken` has new pictures by their paths.
    """

    def __init__(
        self, media: Mapping[str, bytes], images: Iterable[Image], paths: Iterable[str], tag: str
    ) -> None:
        """Begin with the pictures of a file (`media`, by name) and of the project.

        `paths` are all that are in use, `tag` is the project's, with which media names begin.
        """
        self.media, self.tag = dict(media), tag
        self.known = {image.digest: image.path for image in images}
        self.paths = {path.casefold() for path in paths}
        self.taken: dict[str, Image] = {}
        self.tried: dict[str, int] = {}

    def address(self, name: str, folder: str) -> str:
        """The address of a picture in a card below `folder`; empty where it cannot be shown."""
        data = self.media.get(name, self.media.get(unquote(name), b""))
        endings = (ending for ending, first in FIRST_BYTES.items() if data.startswith(first))
        if not (ending := next(endings, ".svg" if _SVG.match(data) else "")):
            return ""
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self.known:
            path = self.known[digest] = self._path(name, folder, ending)
            self.taken[path] = Image(path, data, digest, *pixels(data))
        return posixpath.relpath(self.known[digest], folder)

    def shown_in(self, text: str) -> dict[str, bytes]:
        """Paths and bytes of the new pictures whose names are in a text."""
        names = set(_NAME.findall(text))
        return {p: one.data for p, one in self.taken.items() if posixpath.basename(p) in names}

    def _path(self, name: str, folder: str, ending: str) -> str:
        """A free path for a picture, with the name that it had in a project's files."""
        stem = posixpath.splitext(name)[0]
        ours = re.fullmatch(rf"_{re.escape(self.tag)}-(.+)-[0-9a-f]{{12}}", stem)
        plain = file_stem(ours[1] if ours else posixpath.splitext(unquote(name))[0])
        path = first_free(
            lambda number: f"{folder}/img/{plain or 'picture'}{number}{ending}",
            lambda path: path.casefold() in self.paths,
            self.tried,
        )
        self.paths.add(path.casefold())
        return path
