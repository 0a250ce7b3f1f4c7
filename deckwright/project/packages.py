"""The packages that a project or an overlay asks for, and their checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deckwright.project.toml_file import Reader, Table
from deckwright.project.vocabulary import Vocabulary

RETIRED = "retired.apkg"  # the package with the tombstones of retired cards


@dataclass(frozen=True, slots=True)
class PackageSpec:
    """A package below dist/, and the conditions for cards in it.

    An empty condition is met by all cards. `each` is empty, `part`, `service`, or `task`:
    then there is a package for each, with the slug in place of `{slug}` in `path`.
    A package with fewer than `min_cards` cards is not made. `title` is what the site
    calls it; empty if that follows from the conditions. `about` is what the site says
    below the title.
    """

    path: str
    each: str = ""
    part: tuple[str, ...] = ()
    without_part: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    without_service: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    exam: str = ""
    without_exam: str = ""
    title: str = ""
    about: str = ""
    min_cards: int = 1
    namespaces: tuple[str, ...] = ()


def prefixed(path: str, prefix: str) -> str:
    """Return a path with `prefix` at the start of its file name."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{prefix}{name}"


def package(
    entry: Mapping[str, Any], namespaces: tuple[str, ...] = (), prefix: str = ""
) -> PackageSpec:
    """Return the package of a `[[package]]` table, from these namespaces or all."""
    return PackageSpec(
        path=prefixed(entry["path"], prefix),
        each=entry.get("each", ""),
        part=tuple(entry.get("part", ())),
        without_part=tuple(entry.get("without-part", ())),
        service=tuple(entry.get("service", ())),
        without_service=tuple(entry.get("without-service", ())),
        level=tuple(entry.get("level", ())),
        exam=entry.get("exam", ""),
        without_exam=entry.get("without-exam", ""),
        title=entry.get("title", ""),
        about=entry.get("about", ""),
        min_cards=entry.get("min-cards", 1),
        namespaces=namespaces,
    )


def paths(spec: PackageSpec, vocabulary: Vocabulary) -> dict[str, str]:
    """Return the paths of a specification by slug; without `each`, by "". Themes have none."""
    slugs: Mapping[str, Iterable[str]] = {
        "part": vocabulary.parts,
        "service": [slug for slug, one in vocabulary.services.items() if not one.theme],
        "task": vocabulary.exam_tasks,
    }
    return {
        slug: spec.path.replace("{slug}", slug.replace("::", "-"))
        for slug in slugs.get(spec.each, ("",))
    }


def check_project_packages(reader: Reader, settings: Table, vocabulary: Vocabulary) -> None:
    """Check the packages of decks/project.toml.

    They name parts, services and exams that exist. `{slug}` is where `each` is, and no
    file name is given twice or reserved for retired cards.
    """
    seen: dict[str, int] = {}
    for number, entry in enumerate(settings.data["package"]):
        place = settings.place("package", number, "path")
        check_slugs(reader, settings, "package", number, vocabulary)
        _check_exam(reader, settings, number, vocabulary)
        if ("{slug}" in entry["path"]) != ("each" in entry):
            message = "a package needs both `each` and `{slug}` in its path, or neither"
            reader.error("V803", message, place, "add the other one, or remove this one")
        if entry["path"] == RETIRED:
            message = f"the name `{RETIRED}` is reserved for retired cards"
            reader.error("V804", message, place, "choose another name")
        for path in paths(package(entry), vocabulary).values():
            name = path.rpartition("/")[2]
            if seen.setdefault(name, number) != number:
                message = f"two packages have the file name `{name}`"
                first = settings.place("package", seen[name], "path")
                help_line = "give each file another name, because downloads have no folders"
                reader.repeated(message, place, first, help_line)


def check_overlay_packages(
    reader: Reader, table: Table, settings: Table, vocabulary: Vocabulary
) -> None:
    """Check the packages of decks/mine.toml; their paths must be new."""
    taken = {RETIRED, *(entry["path"] for entry in settings.data["package"])}
    for number, entry in enumerate(table.data.get("package", ())):
        path = entry["path"]
        check_slugs(reader, table, "package", number, vocabulary)
        _check_exam(reader, table, number, vocabulary)
        if path in taken:
            message = f"there is already a package `{path}`"
            place = table.place("package", number, "path")
            reader.error("V804", message, place, "choose another name, such as mine/all.apkg")
        taken.add(path)


def check_slugs(
    reader: Reader, table: Table, kind: str, number: int, vocabulary: Vocabulary
) -> None:
    """Check that a table names parts, services, topics, levels and statuses that exist.

    The table is number `number` (from 0) of the array of tables `kind`.
    """
    known: Mapping[str, Iterable[str]] = {
        "part": vocabulary.parts,
        "service": vocabulary.services,
        "topic": vocabulary.topics,
        "level": vocabulary.levels,
        "status": vocabulary.statuses,
        "without-part": vocabulary.parts,
        "without-service": vocabulary.services,
    }
    entry = table.data[kind][number]
    for key, slugs in known.items():
        for slug in entry.get(key, ()):
            if slug not in slugs:
                place = table.place(kind, number, key)
                reader.unknown(key.removeprefix("without-"), slug, slugs, place)


def _check_exam(reader: Reader, table: Table, number: int, vocabulary: Vocabulary) -> None:
    for key in ("exam", "without-exam"):
        exam = table.data["package"][number].get(key, "")
        if exam and exam not in vocabulary.exams:
            reader.unknown("exam", exam, vocabulary.exams, table.place("package", number, key))
