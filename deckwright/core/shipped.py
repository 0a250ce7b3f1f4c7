"""Where the files are that a project can get from the compiler.

In a checkout, these are the checkout's own `schema/*.schema.json` and `decks/notetypes/`. The
wheel has copies of them (see pyproject.toml), because they are outside the package.
"""

from __future__ import annotations

from pathlib import Path

_IN_A_WHEEL = Path(__file__).parent / "shipped_files"

# Has the same paths as a project.
FOLDER = _IN_A_WHEEL if _IN_A_WHEEL.is_dir() else Path(__file__).parent.parent.parent
