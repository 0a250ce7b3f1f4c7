"""coverage: count cards by topic and by line of the outline."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict

import click

from deckwright.cards.coverage import Coverage, TopicRow, coverage
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.card import TYPES
from deckwright.project.vocabulary import Vocabulary


@click.command(cls=Command)
@options.text_or_json("Print tables for people or JSON for programs. Default: text.")
@pass_session
def command(session: Session, form: str) -> None:
    """Count cards by topic and show what is missing.

    For each topic, shows the number of cards ("have"), the number that the topic needs
    ("core"), how many cards are missing, and how many cards there are of each type and level.
    A second table shows "have" and "core" for each line of the exam outline. Exits with 1 if
    any topic is missing cards, or if cards have errors.

    \b
    ./build.py coverage                  print the tables
    ./build.py coverage --format json    print the same numbers as JSON
    """
    checked = session.sound()
    vocabulary = checked.project.vocabulary
    result = coverage(checked.cards, vocabulary)
    session.write(_as_json(result) if form == "json" else _as_text(result, vocabulary))
    sys.exit(1 if result.missing else 0)


def _as_json(result: Coverage) -> str:
    body = {"missing": result.missing, **asdict(result)}
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _as_text(result: Coverage, vocabulary: Vocabulary) -> str:
    """Two tables: topics by task, then the outline."""
    width = max((len(row.topic) for row in result.topics), default=10)
    out = []
    for task in vocabulary.tasks.values():
        rows = [row for row in result.topics if row.task == task.slug]
        if rows:
            names = "  ".join((*TYPES, *_levels(vocabulary)))
            head = f"  {'topic':<{width}}  have  core  missing  {names}"
            out += ["", f"{task.label}: {_sum(rows)}", "", head]
            out += [_topic_line(row, width, vocabulary) for row in rows]
    if result.outline:
        out += ["", "Outline", ""]
    heading = ""
    for line in result.outline:
        if line.heading != heading:
            heading = line.heading
            out.append(f"  {heading}")
        gap = "" if not line.empty else f"  no cards yet: {', '.join(line.empty)}"
        out.append(f"    {line.have:>4} of {line.core:<4} {line.text}{gap}")
    out += ["", f"Total: {_sum(result.topics)}"]
    return "\n".join(out).lstrip("\n") + "\n"


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
