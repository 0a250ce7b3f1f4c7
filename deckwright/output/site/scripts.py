"""Scripts with data, because a page that was opened from a file can load nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def deck_script(name: str, deck: Mapping[str, object], rows: Iterable[object]) -> bytes:
    """Return a script that sets `window.<name>` to the deck, with a row for each card."""
    lines = ",\n".join(map(encode, rows))
    return f'window.{name} = {encode(deck)[:-1]},\n"cards": [\n{lines}\n]}};\n'.encode()
