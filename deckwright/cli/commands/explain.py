"""`explain CODE`: what a complaint means, why the rule is there, and the examples that the tests use."""

from __future__ import annotations

from pathlib import Path

from deckwright.core.diagnostics import CODES, codes
from deckwright.core.suggest import nearest


def explain(code: str) -> str | None:
    """The page for one code, or None if there is no such code."""
    entry = codes().get(code.upper())
    if entry is None:
        return None
    out = [f"{entry.code} ({entry.severity}): {entry.title}", "", entry.why]
    for label, name in (("Wrong", "bad"), ("Right", "good")):
        out += ["", f"{label}:"]
        for example in _examples(CODES / entry.code, name):
            where = example.relative_to(CODES / entry.code).parts[1:]
            out += [
                "",
                *([f"  {'/'.join(where)}", ""] if where else []),
                *("    " + line if line else "" for line in _shown(example)),
            ]
    return "\n".join(out) + "\n"


def _examples(case: Path, name: str) -> list[Path]:
    """The files of one example: a card file, or whatever is laid over a project."""
    if (case / name).is_dir():
        return sorted(p for p in (case / name).rglob("*") if p.is_symlink() or p.is_file())
    return [case / f"{name}.md"]


def _shown(example: Path) -> list[str]:
    """An example as lines: where a link leads, how large a picture is, or the text."""
    if example.is_symlink():
        return [f"(a link to {example.readlink()})"]
    data = example.read_bytes()
    if b"\0" in data:
        return [f"(a picture of {len(data)} bytes)"]
    return data.decode("utf-8", "backslashreplace").rstrip("\n").splitlines()


def suggestion(code: str) -> str:
    return nearest(code.upper(), codes())


def listing() -> str:
    """All codes, a line each."""
    return "\n".join(f"{c.code}  {c.severity:<7}  {c.title}" for c in codes().values()) + "\n"
