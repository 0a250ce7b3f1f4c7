"""Draws every picture again: `python decks/pictures [FOLDER]` writes drawings/<name>.py as FOLDER/<name>.svg.

Without FOLDER, into cards/img/. A drawing is a module with a function `draw()` that returns the SVG text.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
CARDS = HERE.parent.parent / "cards" / "img"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for module in sorted((HERE / "drawings").glob("[!_]*.py")):
        drawn = import_module(f"drawings.{module.stem}").draw()
        (folder / f"{module.stem.replace('_', '-')}.svg").write_bytes(drawn.encode("utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else CARDS)
