"""Collects what the release of a tag attaches, and its text:
`python3 .ci/attachments.py v1.4.0`, after `make decks` at the tag.

Writes all files of the build into one folder, because the releases of a code host have no
folders, their checksums, and the release's section of CHANGELOG.md. Needs only Python.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

CHECKSUMS = "SHA256SUMS"
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:)([^)\s]+)\)")
_NEW_LINE = re.compile(r"\s*([-*+] |\d+\. |#|\|)|$")  # not the rest of a paragraph


def main() -> None:
    parser = argparse.ArgumentParser(description="Collect what a release attaches.")
    parser.add_argument("tag", help="the tag of the release, such as v1.4.0")
    parser.add_argument("--dist", type=Path, default=Path("dist"), help="the build of the tag")
    parser.add_argument("--second", type=Path, help="another build, which must be the same")
    parser.add_argument("--out", type=Path, default=Path("build/release"))
    given = parser.parse_args()
    built = read(given.dist)
    if given.second:
        compare(built, read(given.second))
    text = notes(Path.cwd(), given.tag)
    shutil.rmtree(given.out, ignore_errors=True)
    (given.out / "files").mkdir(parents=True)
    (given.out / "notes.md").write_text(text, "utf-8", newline="\n")
    for name, data in attached(built).items():
        (given.out / "files" / name).write_bytes(data)
    print(f"{given.out.as_posix()}/files/: {len(built)} files and {CHECKSUMS}")


def read(dist: Path) -> dict[str, bytes]:
    """Return the files of a build by path: a release, exactly as its checksums say."""
    if not (dist / CHECKSUMS).is_file():
        sys.exit(f"error: {dist} is not a build; run make decks")
    files = {p.relative_to(dist).as_posix(): p.read_bytes() for p in dist.rglob("*") if p.is_file()}
    sums = files.pop(CHECKSUMS).decode()
    if sums != checksums(files):
        sys.exit(f"error: the files in {dist} are not those of its {CHECKSUMS}; run make decks")
    if "DRAFT.md" in files:
        sys.exit(f"error: {dist} is a draft, not a release; check out the tag and run make decks")
    return {path: data for path, data in files.items() if not path.startswith("site/")}


def checksums(files: dict[str, bytes]) -> str:
    """Return the lines of sha256sum(1), sorted by path."""
    return "".join(f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))


def compare(first: dict[str, bytes], second: dict[str, bytes]) -> None:
    """End with an error if two builds differ."""
    paths = sorted(first.keys() | second.keys())
    different = [path for path in paths if first.get(path) != second.get(path)]
    if different:
        sys.exit(f"error: the two builds differ in {', '.join(different)}")


def attached(built: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files by the names that they have without folders, and their checksums."""
    flat = {path.rpartition("/")[2]: data for path, data in built.items()}
    if len(flat) < len(built):
        sys.exit("error: two files would have the same name without their folders")
    return {**flat, CHECKSUMS: checksums(flat).encode()}


def notes(root: Path, tag: str) -> str:
    """Return the tag's section of CHANGELOG.md as the text of a release.

    A code host breaks lines where the text does, so each paragraph becomes one line. It
    does not know where relative links lead, so they get the address of the repository.
    Without an address, only their text stays.
    """
    changelog = (root / "CHANGELOG.md").read_text("utf-8")
    heading = re.search(rf"(?m)^## {re.escape(tag.removeprefix('v'))}(,.*)?\n", changelog)
    if not tag.startswith("v") or not heading:
        sys.exit(f"error: CHANGELOG.md has no section for {tag}; name the tag of a release")
    section = re.split(r"(?m)^## ", changelog[heading.end() :], maxsplit=1)[0].strip()
    settings = tomllib.loads((root / "decks" / "project.toml").read_text("utf-8"))
    address = settings.get("repository", "")
    target = rf"[\1]({address}/blob/{tag}/\2)" if address else r"\1"
    return _LINK.sub(target, "\n".join(unwrapped(section)).rstrip()) + "\n"


def unwrapped(text: str) -> Iterator[str]:
    """Return the lines of a text, with each paragraph and each list item on one line."""
    paragraph = ""
    for line in (*text.split("\n"), ""):
        if paragraph and not _NEW_LINE.match(line):
            paragraph += " " + line.strip()
            continue
        if paragraph:
            yield paragraph
        if not line:
            yield ""
        paragraph = line


if __name__ == "__main__":
    main()
