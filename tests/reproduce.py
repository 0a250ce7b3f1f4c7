"""Build a project again in other surroundings and compare all bytes: python
tests/reproduce.py [FOLDER [OVERLAY]]

Exits with 1 if a byte differs, from one build to the next or from dist/. A site in
dist/ is left out, because its pages tell ages, which change with the day.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent

# What differs from one build to the next, besides the folder: environment variables and, set by
# hand, the umask and the order in which the files are written to the disk.
SURROUNDINGS: Mapping[str, Mapping[str, str]] = {
    "as here": {},
    "another hash seed": {"PYTHONHASHSEED": "4711"},
    "another time zone": {"TZ": "Asia/Kathmandu"},
    "another locale": {"LC_ALL": "C", "LANG": "C"},
    "another umask": {"umask": "077"},
    "another user's home": {"HOME": "/nonexistent", "USER": "nobody", "LOGNAME": "nobody"},
    "another order of files": {"order": "backwards"},
    "another source date": {"SOURCE_DATE_EPOCH": "1"},
}
LIBRARIES = ("genanki", "markdown-it-py", "mdit-py-plugins", "pygments")  # that bytes depend on


def reproduce(folder: Path, overlay: Path | None = None) -> Iterator[tuple[str, list[str]]]:
    """The names of the surroundings and of dist/, each with the files that differ there.

    `overlay` is the folder of an overlay outside of the project. Raises CalledProcessError
    if a build fails.
    """
    first: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="deckwright-") as scratch:
        for number, (name, change) in enumerate(SURROUNDINGS.items()):
            # The overlay is where it is from the project, because cards.json has its paths.
            place = os.path.relpath(overlay, folder) if overlay else "."
            up = place.count("..")
            copy = Path(scratch, f"{'deeper/' * (number + up)}project {number}")
            _copy(folder, copy, backwards="order" in change)
            if overlay:
                shutil.copytree(overlay, copy / place, dirs_exist_ok=True)
            _build(copy, copy / place if overlay else None, change)
            found = digests(copy / "dist")
            first = first or found
            yield name, _different(first, found)
    if (folder / "dist").is_dir():
        yield "dist/", _different(*_without_site(first, digests(folder / "dist")))


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below `folder`, by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _different(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def _without_site(
    built: dict[str, str], here: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Both without the site's pages and, if there are any, without the checksums that list them."""
    pages = {name for name in here if name.startswith("site/")}
    left_out = pages | ({"SHA256SUMS"} if pages else set())
    return (
        {name: digest for name, digest in built.items() if name not in left_out},
        {name: digest for name, digest in here.items() if name not in left_out},
    )


def _copy(folder: Path, copy: Path, backwards: bool) -> None:
    """The files that a build reads, written in the order of their names or against it."""
    from deckwright.project.project import load

    roots = [root.path.split("/")[0] for root in load(folder).value.card_folders]
    parts = dict.fromkeys(("decks", "schema", *roots))
    files = sorted(p for part in parts for p in (folder / part).rglob("*") if p.is_file())
    for path in files[:: -1 if backwards else 1]:
        target = copy / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _build(copy: Path, overlay: Path | None, change: Mapping[str, str]) -> None:
    where = ["--root", str(copy), *(["--overlay", str(overlay)] if overlay else [])]
    command = [sys.executable, str(REPO / "build.py"), *where, "decks"]
    if "umask" in change:
        command = ["sh", "-c", f'umask {change["umask"]}; exec "$@"', "sh", *command]
    environment = {**os.environ, **change}
    subprocess.run(
        command, env=environment, cwd=copy.parent, capture_output=True, text=True, check=True
    )


def main() -> int:
    same = True
    try:
        for name, files in reproduce(*(map(Path, sys.argv[1:3]) if sys.argv[1:] else [REPO])):
            listed = ", ".join(files[:5]) + " …" * (len(files) > 5)
            print(f"DIFFERENT: {name}: {listed}" if files else f"same bytes: {name}", flush=True)
            same = same and not files
    except subprocess.CalledProcessError as error:
        print(error.stdout, error.stderr, sep="\n", file=sys.stderr)
        return 2
    tools = {
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **{name: version(name) for name in LIBRARIES},
    }
    versions = ", ".join(f"{name} {number}" for name, number in tools.items())
    print(f"bytes may differ with other versions than these: {versions}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.path.insert(0, str(REPO))
    sys.exit(main())
