"""`explain CODE`: what a complaint means, why the rule is there, and the examples that the tests use."""

from __future__ import annotations

from pathlib import Path

from deckwright.diagnostic import codes
from deckwright.wording import nearest


def explain(code: str, cases: Path) -> str | None:
    """The page for one code, or None if there is no such code. `cases` is the folder with the examples."""
    entry = codes().get(code.upper())
    if entry is None:
        return None
    out = [f"{entry.code} ({entry.severity}): {entry.title}", "", entry.why]
    for label, name in (("Wrong", "bad"), ("Right", "good")):
        for example in _examples(cases / entry.code, name):
            text = example.read_bytes().decode("utf-8", "backslashreplace").rstrip("\n")
            where = (
                f" ({example.relative_to(cases / entry.code / name).as_posix()})"
                if example.suffix != ".md" or example.parent.name != entry.code
                else ""
            )
            out += ["", f"{label}{where}:", "", *("    " + line if line else "" for line in text.splitlines())]
    return "\n".join(out) + "\n"


def _examples(case: Path, name: str) -> list[Path]:
    """The files of one example: a card file, or whatever is laid over a project."""
    if (case / name).is_dir():
        return sorted(p for p in (case / name).rglob("*") if p.is_file())
    return [case / f"{name}.md"]


def suggestion(code: str) -> str:
    return nearest(code.upper(), codes())


def listing() -> str:
    """All codes, a line each."""
    return "\n".join(f"{c.code}  {c.severity:<7}  {c.title}" for c in codes().values()) + "\n"
