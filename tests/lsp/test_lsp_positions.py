"""Positions of diagnostics and edits in the units of the connection."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from language_client import HELIX, NEOVIM, POLLY, client, utf16

CARD = (
    "# Amazon Polly\n\n## polly-x\n\n- kind: concept\n- topic: voices\n\n"
    "{line}<b>x</b>?\n\n---\n\nThat.\n"
)


@pytest.mark.parametrize(
    ("capabilities", "encoding", "length"),
    [
        (NEOVIM, "utf-16", utf16),
        (HELIX, "utf-8", lambda text: len(text.encode())),
        ({"general": {"positionEncodings": ["utf-32"]}}, "utf-32", len),
        ({}, "utf-16", utf16),
    ],
)
def test_positions_count_in_the_units_of_the_connection(
    bare: Path, capabilities: dict[str, Any], encoding: str, length: Callable[[str], int]
) -> None:
    befores, ends = ["", "é 日本 ", "🦜 two 🦜", "e\u0301a\u0308 ", "\t"], ["\n", "\r\n", "\r"]
    with client(bare, capabilities=None) as editor:
        assert editor.initialize(capabilities)["capabilities"]["positionEncoding"] == encoding
        for version, (before, end) in enumerate(product(befores, ends)):
            line = f"Q {before}"
            start = {"line": 7, "character": length(line)}
            stop = {"line": 7, "character": length(f"{line}<b>")}
            editor.open(POLLY, CARD.format(line=line).replace("\n", end), 2 * version)
            found = [
                d["range"] for d in editor.diagnostics(POLLY, 2 * version) if d["code"] == "P211"
            ]
            assert found[0] == {"start": start, "end": stop}, (before, end)
            # In the other direction: an edit at a position that the editor sends.
            change = {"range": {"start": start, "end": stop}, "text": "🦜"}
            editor.change(POLLY, 2 * version + 1, change)
            rest = [
                d["range"]["start"]["character"]
                for d in editor.diagnostics(POLLY, 2 * version + 1)
                if d["code"] == "P211"
            ]
            assert rest == [length(f"{line}🦜x")], (before, end)


def test_a_text_with_a_byte_order_mark(bare: Path) -> None:
    with client(bare) as editor:
        editor.open(POLLY, "\ufeff<b>x</b>" + CARD.format(line="Q "))
        starts = [d["range"]["start"] for d in editor.diagnostics(POLLY, 1)]
        assert {"line": 0, "character": 1} in starts
