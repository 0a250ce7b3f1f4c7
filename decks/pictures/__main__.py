"""Draws every picture again: `python decks/pictures [FOLDER]` writes drawings/<name>.py as
FOLDER/<name>.svg.

Without FOLDER, into cards/img/. A drawing is a module with a function `draw()` that
returns the SVG text. Exit 1 where type does not fit; then nothing is written.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from shapes import Misfit

HERE = Path(__file__).resolve().parent
CARDS = HERE.parent.parent / "cards" / "img"


def main(folder: Path) -> int:
    drawn: dict[str, str] = {}
    misfits = []
    for module in sorted((HERE / "drawings").glob("[!_]*.py")):
        try:
            drawn[module.stem.replace("_", "-")] = import_module(f"drawings.{module.stem}").draw()
        except Misfit as misfit:
            misfits.append(f"decks/pictures/drawings/{module.name}: {misfit}")
    if misfits:
        print("\n".join(misfits), file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in drawn.items():
        (folder / f"{name}.svg").write_bytes(text.encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else CARDS))
