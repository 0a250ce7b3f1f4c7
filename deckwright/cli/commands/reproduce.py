"""`reproduce`: builds the project again in other surroundings and compares byte by byte."""

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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from deckwright.core.progress import SILENT, Progress
from deckwright.output.publish import CHECKSUMS
from deckwright.output.site import FOLDER

# What differs from one build to the next, besides the folder. `umask` and `order` of the files on disk are set by hand.
SURROUNDINGS: Mapping[str, Mapping[str, str]] = {
    "as here": {},
    "another hash seed": {"PYTHONHASHSEED": "4711"},
    "another time zone": {"TZ": "Asia/Kathmandu"},
    "another locale": {"LC_ALL": "C", "LANG": "C"},
    "another umask": {"umask": "077"},
    "another user's home": {"HOME": "/nonexistent", "USER": "nobody", "LOGNAME": "nobody"},
    "another order of files": {"order": "reversed"},
    "another source date": {"SOURCE_DATE_EPOCH": "1"},
}


@dataclass(frozen=True, slots=True)
class Reproduced:
    """Names of the surroundings that gave the same bytes, and for the others the files that differ. `existing` compares dist/:
    None where there is none, else the files that differ. `sums` are the checksums by file; `failed` says why a build failed."""

    same: tuple[str, ...]
    differ: Mapping[str, tuple[str, ...]]
    existing: tuple[str, ...] | None
    sums: Mapping[str, str]
    failed: str = ""


def reproduce(
    folder: Path, parts: Iterable[str], program: Path, progress: Progress = SILENT
) -> Reproduced:
    """Copies the project's `parts` (its top folders) for each of the surroundings, builds it with `program` (build.py) in a process of its own, and compares."""
    same: list[str] = []
    differ: dict[str, tuple[str, ...]] = {}
    first: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="deckwright-") as scratch:
        for number, (name, change) in enumerate(
            progress.over("building again", SURROUNDINGS.items())
        ):
            copy = Path(scratch, f"{'deeper/' * number}project {number}")
            _copy(folder, copy, parts, reverse="order" in change)
            done = _build(copy, program, change)
            if done.returncode:
                return Reproduced((), {}, None, {}, (done.stdout + done.stderr).strip())
            found = sums(copy / "dist")
            first = first or found
            unlike = _unlike(first, found)
            if unlike:
                differ[name] = unlike
            else:
                same.append(name)
    existing = (
        _unlike(*_without_site(first, sums(folder / "dist")))
        if (folder / "dist").is_dir()
        else None
    )
    return Reproduced(tuple(same), differ, existing, first)


def toolchain() -> Mapping[str, str]:
    """The versions that bytes may depend on."""
    libraries = ("genanki", "markdown-it-py", "mdit-py-plugins", "pygments")
    return {
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **{name: version(name) for name in libraries},
    }


def sums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below `folder`, hex, by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _unlike(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(name for name in {*one, *other} if one.get(name) != other.get(name)))


def _without_site(
    built: dict[str, str], here: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Both without the pages that `preview` puts beside the packages (they tell ages, which change with the day), and without the
    checksums that then list more."""
    if not any(name.startswith(f"{FOLDER}/") for name in here):
        return built, here
    left = {
        name: digest
        for name, digest in here.items()
        if not name.startswith(f"{FOLDER}/") and name != CHECKSUMS
    }
    return {name: digest for name, digest in built.items() if name != CHECKSUMS}, left


def _copy(folder: Path, copy: Path, parts: Iterable[str], reverse: bool) -> None:
    """The files that a build reads, made in the order of their names or against it."""
    files = sorted(p for part in parts for p in (folder / part).rglob("*") if p.is_file())
    for path in files[:: -1 if reverse else 1]:
        target = copy / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _build(
    copy: Path, program: Path, change: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(program), "--root", str(copy), "decks"]
    if "umask" in change:
        command = ["sh", "-c", f'umask {change["umask"]}; exec "$@"', "sh", *command]
    return subprocess.run(
        command, env={**os.environ, **change}, capture_output=True, text=True, cwd=copy.parent
    )


def as_lines(found: Reproduced) -> list[str]:
    """The result in words."""
    out = [f"same bytes: {name}" for name in found.same]
    out += [
        f"DIFFERENT: {name}: {', '.join(files[:5])}{' …' if len(files) > 5 else ''}"
        for name, files in found.differ.items()
    ]
    if found.existing is None:
        out.append("there is no dist/ to compare with")
    elif found.existing:
        out.append(
            f"DIFFERENT: dist/: {', '.join(found.existing[:5])}{' …' if len(found.existing) > 5 else ''}"
        )
        out.append(
            "dist/ was built from other files, or with other versions: build it anew (decks) and look again"
        )
    else:
        out.append("same bytes: dist/")
    out.append(
        "bytes may differ where these do: "
        + ", ".join(f"{name} {number}" for name, number in toolchain().items())
    )
    return out
