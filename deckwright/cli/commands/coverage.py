"""coverage: count cards by topic, by line of the outline, and by skill of an exam."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby

import click

from deckwright.cards.coverage import Coverage, TopicRow, coverage
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.card import TYPES
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

    Prints the totals for each task, and lists what needs more cards: topics that have fewer
    cards than they need, lines of the exam outline (see schema/vocabulary/) with a topic that
    has no cards, and exam skills that fewer than three cards cover. In the table of topics,
    "have" is how many cards a topic has, "core" is how many it needs, and "missing" is how
    many more it needs. Exits with 1 if any topic is missing cards, or if cards have
    errors.

    \b
    ./build.py coverage                  print the totals and what is missing
    ./build.py coverage --all            list every topic, outline line, and skill
    ./build.py coverage --format json    print all numbers as JSON
    """
    checked = session.sound()
    vocabulary = checked.project.vocabulary
    result = coverage(checked.cards, vocabulary)
    if form == "json":
        session.write(_as_json(result))
    else:
        session.write(_as_text(result, vocabulary, everything))
    sys.exit(1 if result.missing else 0)


def _as_json(result: Coverage) -> str:
    body = {"missing": result.missing, **asdict(result)}
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _as_text(result: Coverage, vocabulary: Vocabulary, everything: bool) -> str:
    """Two tables: topics by task, then the outline; complete rows only if asked for."""
    width = max((len(row.topic) for row in result.topics), default=10)
    out = []
    for task in vocabulary.tasks.values():
        rows = [row for row in result.topics if row.task == task.slug]
        if not rows:
            continue
        out.append(f"{task.label}: {_sum(rows)}")
        shown = [row for row in rows if everything or row.missing or row.shortfall is not None]
        if shown:
            names = "  ".join((*TYPES, *_levels(vocabulary)))
            out += ["", f"  {'topic':<{width}}  have  core  missing  {names}"]
            out += [*(_topic_line(row, width, vocabulary) for row in shown), ""]
    out += ["", *_outline(result, everything), *_skills(result, everything)]
    out.append(f"Total: {_sum(result.topics)}")
    if not everything:
        out.append("To list every topic, outline line, and skill, run: ./build.py coverage --all")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).lstrip("\n") + "\n"


def _outline(result: Coverage, everything: bool) -> list[str]:
    """The lines of the outline under their headings, or only those without cards."""
    out: list[str] = []
    heading = ""
    for line in result.outline:
        if not everything and not line.empty:
            continue
        if line.heading != heading:
            heading = line.heading
            out.append(f"  {heading}")
        gap = "" if not line.empty else f"  no cards yet: {', '.join(line.empty)}"
        out.append(f"    {line.have:>4} of {line.core:<4} {line.text}{gap}")
    return ["Outline", "", *out, ""] if out else []


def _skills(result: Coverage, everything: bool) -> list[str]:
    """Each exam with the number of its skills that cards serve, and those that few serve."""
    out: list[str] = []
    for exam, rows in groupby(result.skills, key=lambda row: row.exam):
        skills = list(rows)
        served = sum(bool(row.have) for row in skills)
        out += [f"Skills of {exam}: cards serve {served} of {len(skills)}", ""]
        shown = [row for row in skills if everything or row.have < _FEW]
        out += [f"  {row.have:>4}  {row.number:<6}  {row.text}" for row in shown]
        out += [""] if shown else []
    return out


def _levels(vocabulary: Vocabulary) -> tuple[str, ...]:
    """The levels other than the default one."""
    return tuple(name for name, level in vocabulary.levels.items() if not level.default)


def _topic_line(row: TopicRow, width: int, vocabulary: Vocabulary) -> str:
    numbers = {**row.types, **row.levels}
    counts = "  ".join(f"{numbers[name]:>{len(name)}}" for name in (*TYPES, *_levels(vocabulary)))
    line = f"  {row.topic:<{width}}  {row.have:>4}  {row.core:>4}  {row.missing or '':>7}  {counts}"
    if row.shortfall is not None:
        stale = row.have >= row.core or row.have > row.shortfall
        line += f"  {row.shortfall} are enough: {row.reason}"
        line += " (this entry is no longer needed)" * stale
    return line


def _sum(rows: Iterable[TopicRow]) -> str:
    rows = tuple(rows)
    have, core = sum(row.have for row in rows), sum(row.core for row in rows)
    missing = sum(row.missing for row in rows)
    complete = sum(not row.missing for row in rows)
    counted = f"{have} cards, core {core}, missing {missing}"
    return f"{counted}; {complete} of {len(rows)} topics complete"
