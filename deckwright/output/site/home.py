"""The first page: what the deck is, a card to try, what can be downloaded, what changed last."""

from __future__ import annotations

import re
from typing import Any

from deckwright import markdown
from deckwright.core.card import Card, MultipleChoice
from deckwright.core.note import Artifact, Note
from deckwright.core.source import Source
from deckwright.core.wording import size
from deckwright.output.site.card_sides import handlers
from deckwright.output.site.edition import Edition, day, page
from deckwright.output.site.frames import faces
from deckwright.output.site.templating import trusted
from deckwright.project.ledger import version_key
from deckwright.project.packages import RETIRED, PackageSpec, paths, prefixed

# Links into the repository, which the site does not have; in parentheses nothing of them is left.
_FOREIGN_LINK = re.compile(r'<a href="(?!https?:)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
_ASIDE = re.compile(r'\s*\(<a href="(?!https?:)[^"]*"[^>]*>[^<]*</a>\)')

# What follows `For learners:`, up to the next such line.
_FOR_LEARNERS = re.compile(
    r"(?ims)^(?:#+ *)?For learners:? *$(.*?)(?=^(?:#+ *)?For [\w ]+:? *$|\Z)"
)

_SHORT = 300  # characters: a front that fits on a phone


def home_page(path: str, edition: Edition) -> bytes:
    """Return the first page."""
    main, whole, parts, tasks, services = _downloads(edition)
    version, released = _last_release(edition)
    tried = _tried(edition)
    return page(
        path,
        "home.html",
        edition,
        handlers(tried, edition.project.notetypes[tried.type]) if tried else (),
        about=edition.project.about,
        cards=len(edition.notes),
        topics=sum(1 for row in edition.coverage.topics if row.have),
        sources=len({source for note in edition.notes for source in note.card.sources}),
        choices=sum(note.card.type == "multiple-choice" for note in edition.notes),
        tried=tried
        and {
            "faces": faces(tried, edition, "")[:1],
            "path": edition.paths[tried.card.namespace, tried.id],
        },
        main=main,
        whole=whole,
        parts=parts,
        tasks=tasks,
        services=services,
        version=version,
        released=released,
        changes=_section(edition.changelog, re.escape(version)) if version else "",
        coming=_section(edition.changelog, r"\[?unreleased\]?"),
    )


def _tried(edition: Edition) -> Note | None:
    """Return a card to try: an early one of the first level that can be answered by a click."""
    levels = [*edition.project.vocabulary.levels, ""]
    return min(
        edition.notes,
        key=lambda note: (
            note.card.type != "multiple-choice",
            levels.index(note.card.level),
            not _is_plain(note.card),
            note.position,
        ),
        default=None,
    )


def _is_plain(card: Card) -> bool:
    """Return whether a front is short text, and one option of it is right."""
    content = card.content
    options = content.options if isinstance(content, MultipleChoice) else ()
    blocks = (*card.prompt.blocks, *(option.text for option in options))
    return (
        all(block.kind == "paragraph" for block in card.prompt.blocks)
        and sum(option.right for option in options) == 1
        and len(markdown.plain(blocks)) < _SHORT
    )


def _downloads(edition: Edition) -> tuple[Any, ...]:
    """Return the packages that the project names one by one, the one of them with everything,
    and the packages by part, by exam task, and by service.

    The package with everything and those listed before it come first, then those for an exam.
    """
    made = {artifact.path: artifact for artifact in edition.packages}
    vocabulary = edition.project.vocabulary
    first: list[dict[str, object]] = []
    exams: list[dict[str, object]] = []
    others: list[dict[str, object]] = []
    whole, parts, tasks, services = None, [], [], []
    for spec in edition.project.packages:
        for slug, package in paths(spec, vocabulary).items():
            artifact = made.get(package)
            if artifact is None:
                continue
            entry = _entry(artifact, package_title(spec, slug, edition), spec.about)
            if spec.each == "part":
                parts.append(entry)
            elif spec.each == "task":
                tasks.append(entry)
            elif spec.each == "service":
                services.append(entry)
            elif whole is None and spec == PackageSpec(
                spec.path, title=spec.title, about=spec.about
            ):
                whole = entry
                first, exams, others = [*exams, *others, whole], [], []
            else:
                (exams if spec.exam else others).append(entry)
    if retired := made.get(prefixed(RETIRED, edition.project.prefix)):
        others.append(_entry(retired, edition.project.words.say("retired-cards")))
    services.sort(key=lambda entry: str(entry["title"]).casefold())
    return [*first, *exams, *others], whole, parts, tasks, services


def _entry(artifact: Artifact, title: str, about: str = "") -> dict[str, object]:
    return {
        "path": artifact.path,
        "title": title,
        "about": about,
        "cards": artifact.notes,
        "in_anki": artifact.cards,
        "size": size(len(artifact.data)),
    }


def package_title(spec: PackageSpec, slug: str, edition: Edition) -> str:
    """Return the title of a package, or describe what it contains."""
    project, vocabulary = edition.project, edition.project.vocabulary
    if spec.title:
        return spec.title
    if spec.each == "part":
        return vocabulary.parts[slug].title
    if spec.each == "service":
        return vocabulary.services[slug].title
    if spec.each == "task":
        return vocabulary.exam_titles["task"][slug]
    parts = [vocabulary.parts[slug].title for slug in spec.part]
    parts += [vocabulary.services[slug].title for slug in spec.service]
    parts += [vocabulary.levels[slug].title for slug in spec.level]
    if spec.exam:
        parts.append(project.words.say("for-exam", exam=vocabulary.exams[spec.exam].title))
    own = dict.fromkeys(project.card_folder(name).deck for name in spec.namespaces)
    title = ", ".join(parts) or ("" if own else project.words.say("all-cards"))
    title = ": ".join(filter(None, (", ".join(own), title)))
    without = [vocabulary.parts[slug].title for slug in spec.without_part]
    without += [vocabulary.services[slug].title for slug in spec.without_service]
    if without:
        return project.words.say("without", package=title, others=", ".join(without))
    return title


def _last_release(edition: Edition) -> tuple[str, str]:
    """Return version and day of the last release; empty before the first."""
    last = [ledger.last for ledger in edition.project.ledgers.values() if ledger.last]
    newest = max(last, key=lambda r: version_key(r.version), default=None)
    return (newest.version, day(newest.mod)) if newest else ("", "")


def _section(changelog: str, heading: str) -> str:
    """Return the text under a heading of the changelog as HTML, without images.

    If a line says what is for learners, only that part. Of links into the repository only
    the text stays, unless it is in parentheses.
    """
    match = re.search(rf"(?im)^## *{heading}\b.*$\n?", changelog)
    if not match:
        return ""
    text = re.split(r"(?m)^## ", changelog[match.end() :], maxsplit=1)[0].strip()
    if learners := _FOR_LEARNERS.search(text):
        text = learners[1].strip()
    if not text:
        return ""
    html = markdown.field_html(
        markdown.parse(Source("CHANGELOG.md", text)), lambda address: address
    )
    html = _ASIDE.sub("", re.sub(r"<img\b[^>]*>", "", html))
    return trusted(_FOREIGN_LINK.sub(r"\1", html))
