"""Values as bytes, and back. The only importer of pickle.

Reading bytes can create values of the classes below, and nothing else: no function is
called, and no other module is imported.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

_CLASSES = {
    "deckwright.cards.similarity": {"Reading"},
    "deckwright.core.blocks": {"Block", "Mark"},
    "deckwright.core.card": {
        "Basic",
        "Card",
        "Cloze",
        "Field",
        "MultipleChoice",
        "Option",
        "RawCard",
        "Section",
    },
    "deckwright.core.diagnostics": {"Diagnostic", "Outcome"},
    "deckwright.core.note": {"Artifact", "Media"},
    "deckwright.core.source": {"Source", "Span"},
    "deckwright.markdown.inline_syntax": {"InlineMark"},
    "markdown_it.token": {"Token"},
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name not in _CLASSES.get(module, ()):
            raise pickle.UnpicklingError(f"{module}.{name} is not a class of kept results")
        return super().find_class(module, name)


def as_bytes(value: object) -> bytes:
    """Return a value as bytes. Raises an exception of any type if it cannot be kept."""
    return pickle.dumps(value, protocol=5)


def from_bytes(data: bytes | memoryview) -> Any:
    """Return the value that `as_bytes` made bytes of.

    Raises an exception of any type if the bytes are damaged or contain anything else.
    """
    return _Reader(io.BytesIO(data)).load()
