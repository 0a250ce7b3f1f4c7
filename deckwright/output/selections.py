"""Which notes are in which package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deckwright.core.card import Card
from deckwright.core.note import Note
from deckwright.project.packages import PackageSpec, paths
from deckwright.project.project import Project


def selections(notes: Iterable[Note], project: Project) -> dict[str, tuple[Note, ...]]:
    """Return the notes of each package by its path; notes keep their order.

    Themes have no package, and none has fewer cards than its `min_cards`
    unless a release contained it.
    """
    notes = tuple(notes)
    released = {name for ledger in project.ledgers.values() for name in ledger.names}
    out: dict[str, tuple[Note, ...]] = {}
    for spec in project.packages:
        chosen = tuple(note for note in notes if _is_wanted(note.card, spec))
        by_slug: dict[str, list[Note]] = {}
        for note in chosen:
            for slug in _slugs(note.card, spec):
                by_slug.setdefault(slug, []).append(note)
        for slug, path in paths(spec, project.vocabulary).items():
            inside = tuple(by_slug.get(slug, ()))
            if len(inside) >= spec.min_cards or (inside and path in released):
                out[path] = inside
    return out


def _slugs(card: Card, spec: PackageSpec) -> tuple[str, ...]:
    """Return the slugs of the packages of a `spec` that a card is in."""
    slugs = {"part": (card.part,), "service": card.services, "task": card.exams}
    return slugs.get(spec.each, ("",))


def _is_wanted(card: Card, spec: PackageSpec) -> bool:
    exams = {exam.partition("::")[0] for exam in card.exams}
    return (
        (not spec.part or card.part in spec.part)
        and card.part not in spec.without_part
        and (not spec.service or bool(set(spec.service) & set(card.services)))
        and set(spec.without_service).isdisjoint(card.services)
        and (not spec.namespaces or card.namespace in spec.namespaces)
        and (not spec.level or card.level in spec.level)
        and (not spec.exam or spec.exam in exams)
        and (not spec.without_exam or spec.without_exam not in exams)
    )


def packages_by_guid(packages: Mapping[str, tuple[Note, ...]]) -> dict[str, list[str]]:
    """Return the paths of the packages that contain each note, by guid."""
    paths: dict[str, list[str]] = {}
    for path, notes in sorted(packages.items()):
        for note in notes:
            paths.setdefault(note.guid, []).append(path)
    return paths
