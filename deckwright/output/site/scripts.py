"""Scripts with data, because a page that was opened from a file can load nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from deckwright.project.words import SiteWords

WORDS = "words.js"  # the file with the words, which is on all pages

_SAID = re.compile(r'\b(?:s|deckS)ay\("([a-z-]+)"')

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def deck_script(name: str, deck: Mapping[str, object], rows: Iterable[object]) -> bytes:
    """Return a script that sets `window.<name>` to the deck, with a row for each card."""
    lines = ",\n".join(map(encode, rows))
    return f'window.{name} = {encode(deck)[:-1]},\n"cards": [\n{lines}\n]}};\n'.encode()


def words_script(words: SiteWords, scripts: Iterable[bytes]) -> bytes:
    """Return a script that sets `window.deckWords` to the words that these scripts say."""
    names = {"thousands"}.union(*(_SAID.findall(script.decode()) for script in scripts))
    said = {name: words.words[name] for name in sorted(names)}
    return f"window.deckWords = {encode(said)};\n".encode()
