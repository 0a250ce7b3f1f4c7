"""coverage: count cards by skill of an exam, line of the outline, topic, and service."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby

import click

from deckwright.cards.coverage import Coverage, SkillRow, TopicRow, coverage
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.project.vocabulary import Vocabulary

_FEW = 3  # a skill with fewer cards is listed


@click.command(cls=Command)
@click.option(
    "--all", "everything", is_flag=True, help="List every topic, outline line, and exam skill."
)
@options.text_or_json("Print tables for people or JSON for programs. Default: text.")
@pass_session
def command(session: Session, everything: bool, form: str) -> None:
    """Count cards by topic and show what is missing.

    Prints the number of cards for each exam domain and each part, and lists what needs more
    cards:

    \b
    - exam skills that have fewer than three cards
    - lines of the exam outline whose topic has no cards yet
    - topics that have fewer cards than they need (the `core` number)

    The outline and the `core` numbers are set in schema/vocabulary/. The last table counts the
    facts of each service, such as quotas and prices. Exits with 1 if a topic has fewer cards
    than it needs, or if cards have errors.

    \b
    ./build.py coverage                  print the totals and what is missing
    ./build.py coverage --all            list every topic, outline line, and skill
    ./build.py coverage --format json    print all numbers as JSON
    """
    checked = session.valid()
    vocabulary = checked.project.vocabulary
    result = coverage(checked.cards, vocabulary)
    if form == "json":
        body = {"missing": result.missing, **asdict(result)}
        session.write(json.dumps(body, ensure_ascii=False, indent=1) + "\n")
    else:
        parts = (
            *_skills(result, vocabulary, everything),
            *_outline(result, everything),
            *_topics(result, vocabulary, everything),
            _services(result),
            [f"Total: {_sum(result.topics)}"],
        )
        session.write("\n\n".join("\n".join(lines) for lines in parts if lines) + "\n")
        if not everything:
            session.write("To list everything, run: ./build.py coverage --all\n")
    sys.exit(1 if result.missing else 0)


def _topics(result: Coverage, vocabulary: Vocabulary, everything: bool) -> Iterator[list[str]]:
    """Each part with the sum of its topics, and those that miss cards or may do so."""
    levels = [name for name, level in vocabulary.levels.items() if not level.default]
    width = max((len(row.topic) for row in result.topics), default=0)
    for part in vocabulary.parts.values():
        rows = [row for row in result.topics if row.part == part.slug]
        shown = [row for row in rows if everything or row.missing or row.shortfall is not None]
        if rows:
            yield [f"{part.title}: {_sum(rows)}"]
        if shown:
            head = f"  {'topic':<{width}}  have  core  missing  {'  '.join(levels)}  title"
            yield [head, *(_topic_line(row, width, levels) for row in shown)]


def _topic_line(row: TopicRow, width: int, levels: Iterable[str]) -> str:
    counts = "  ".join(f"{row.levels[name]:>{len(name)}}" for name in levels)
    line = (
        f"  {row.topic:<{width}}  {row.have:>4}  {row.core:>4}  {row.missing or '':>7}  {counts}  "
    )
    line += row.title
    if row.shortfall is not None:
        stale = row.have >= row.core or row.have > row.shortfall
        line += f"; {row.shortfall} are enough: {row.reason}"
        line += " (this entry is no longer needed)" * stale
    return line


def _outline(result: Coverage, everything: bool) -> Iterator[list[str]]:
    """The lines of the outline under their headings, or only those without cards."""
    shown = [line for line in result.outline if everything or line.empty]
    for heading, lines in groupby(shown, key=lambda line: line.heading):
        out = [f"Outline: {heading}"]
        for line in lines:
            gap = f"  no cards yet: {', '.join(line.empty)}" if line.empty else ""
            out.append(f"  {line.have:>4} of {line.core:<4} {line.text}{gap}")
        yield out


def _skills(result: Coverage, vocabulary: Vocabulary, everything: bool) -> Iterator[list[str]]:
    """Each exam with its domains and how many of their skills have cards, and those with few."""
    for exam, rows in groupby(result.skills, key=lambda row: row.exam):
        skills = list(rows)
        lines = [f"Skills of {exam.upper()}: {_served(skills)}"]
        for domain in vocabulary.exams[exam].domains:
            own = [row for row in skills if row.number.partition(".")[0] == domain.number]
            lines.append(f"  {domain.weight}% {domain.title}: {_served(own)}")
        shown = [row for row in skills if everything or row.have < _FEW]
        yield lines + [f"  {row.have:>4}  {row.number:<6}  {row.text}" for row in shown]


def _served(skills: Sequence[SkillRow]) -> str:
    return f"cards serve {sum(bool(row.have) for row in skills)} of {len(skills)}"


def _services(result: Coverage) -> list[str]:
    """Each service with its cards of the kinds that need a source, and their sums."""
    if not result.services:
        return []
    kinds = list(result.services[0].kinds)
    width = max(len(row.service) for row in result.services)
    lines = [f"  {'service':<{width}}  {'  '.join(kinds)}"]
    total = {kind: sum(row.kinds[kind] for row in result.services) for kind in kinds}
    for name, counts in [*((row.service, row.kinds) for row in result.services), ("all", total)]:
        cells = "  ".join(f"{counts[kind] or '':>{len(kind)}}" for kind in kinds)
        lines.append(f"  {name:<{width}}  {cells}".rstrip())
    return ["Numbers and rules by service", *lines]


def _sum(rows: Iterable[TopicRow]) -> str:
    rows = tuple(rows)
    have, core = sum(row.have for row in rows), sum(row.core for row in rows)
    missing = sum(row.missing for row in rows)
    complete = sum(not row.missing for row in rows)
    counted = f"{have} cards, core {core}, missing {missing}"
    return f"{counted}; {complete} of {len(rows)} topics complete"
