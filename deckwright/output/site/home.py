"""The first page: what the deck is, what can be downloaded, what changed last."""

from __future__ import annotations

import re
from typing import Any

from deckwright import markdown
from deckwright.core.note import Artifact
from deckwright.core.source import Source
from deckwright.output.site.edition import Edition, day, page
from deckwright.output.site.templating import trusted
from deckwright.project.ledger import version_key
from deckwright.project.packages import RETIRED, PackageSpec
from deckwright.project.vocabulary import Vocabulary

_FOREIGN_LINK = re.compile(r'<a href="(?!https?:)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)


def home_page(path: str, edition: Edition) -> bytes:
    """The first page."""
    whole, others, tasks, services = _downloads(edition)
    version, released = _last_release(edition)
    return page(
        path,
        "home.html",
        edition,
        about=edition.project.about,
        cards=len(edition.notes),
        topics=sum(1 for row in edition.coverage.topics if row.have),
        sources=len({source for note in edition.notes for source in note.card.sources}),
        choices=sum(note.card.type == "multiple-choice" for note in edition.notes),
        whole=whole,
        others=others,
        tasks=tasks,
        services=services,
        version=version,
        released=released,
        changes=_section(edition.changelog, re.escape(version)) if version else "",
        coming=_section(edition.changelog, r"\[?unreleased\]?"),
    )


def _downloads(edition: Edition) -> tuple[Any, ...]:
    """The largest package that leaves nothing out, other selections, one list for tasks and one for services."""
    made = {artifact.path: artifact for artifact in edition.packages}
    vocabulary = edition.project.vocabulary
    whole, others, tasks, services = None, [], [], []
    for spec in edition.project.packages:
        slugs = {"task": vocabulary.tasks, "service": vocabulary.services}.get(
            spec.each, {"": None}
        )
        for slug in slugs:
            artifact = made.get(spec.path.replace("{slug}", slug))
            if artifact is None:
                continue
            entry = _entry(artifact, _title(spec, slug, vocabulary))
            if spec.each == "task":
                tasks.append(entry)
            elif spec.each == "service":
                services.append(entry)
            elif whole is None and spec == PackageSpec(spec.path):
                whole = entry
            else:
                others.append(entry)
    if RETIRED in made:
        others.append(_entry(made[RETIRED], "Cards taken back, for learners who have them"))
    return whole, others, tasks, sorted(services, key=lambda e: str(e["title"]).casefold())


def _entry(artifact: Artifact, title: str) -> dict[str, object]:
    return {
        "path": artifact.path,
        "title": title,
        "cards": artifact.cards,
        "notes": artifact.notes,
        "size": size(len(artifact.data)),
    }


def _title(spec: PackageSpec, slug: str, vocabulary: Vocabulary) -> str:
    """What a package holds, in words."""
    if spec.each == "task":
        return vocabulary.tasks[slug].label
    if spec.each == "service":
        return vocabulary.services[slug].title
    parts = [vocabulary.tasks[t].title for t in spec.task] + [
        vocabulary.services[s].title for s in spec.service
    ]
    parts += [f"What serves {vocabulary.exams[spec.exam].title}"] if spec.exam else []
    words = ", ".join(parts) or "Everything"
    return words + (
        f" but {', '.join(vocabulary.tasks[t].title for t in spec.without_task)}"
        if spec.without_task
        else ""
    )


def size(number: int) -> str:
    """Bytes in words."""
    return f"{number / 1e6:.1f} MB" if number >= 1_000_000 else f"{max(1, round(number / 1000))} kB"


def _last_release(edition: Edition) -> tuple[str, str]:
    """Version and day of the last release by the ledgers; empty before the first."""
    last = [book.last for book in edition.project.ledgers.values() if book.last]
    newest = max(last, key=lambda r: version_key(r.version), default=None)
    return (newest.version, day(newest.time)) if newest else ("", "")


def _section(changelog: str, heading: str) -> str:
    """What stands under a heading of the changelog, as HTML; empty where there is none. Links into the repository become words."""
    found = re.search(rf"(?im)^## *{heading}\b.*$\n?", changelog)
    if not found:
        return ""
    text = re.split(r"(?m)^## ", changelog[found.end() :], maxsplit=1)[0].strip()
    html = (
        markdown.html(markdown.parse(Source("CHANGELOG.md", text)), lambda address: address)
        if text
        else ""
    )
    return trusted(_FOREIGN_LINK.sub(r"\1", re.sub(r"<img\b[^>]*>", "", html)))
