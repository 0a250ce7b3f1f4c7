"""`coverage`: the counts of cards by topic and outline line, as JSON and as tables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from deckwright.cards.coverage import Coverage, TopicRow
from deckwright.core.card import TYPES
from deckwright.project.vocabulary import Vocabulary


def as_json(result: Coverage) -> str:
    return (
        json.dumps({"missing": result.missing, **asdict(result)}, ensure_ascii=False, indent=1)
        + "\n"
    )


def as_text(result: Coverage, vocabulary: Vocabulary) -> str:
    """Two tables: topics by task, then the outline."""
    width = max((len(row.topic) for row in result.topics), default=10)
    out = []
    for task in vocabulary.tasks.values():
        rows = [row for row in result.topics if row.task == task.slug]
        if rows:
            out += [
                "",
                f"{task.label}: {_sum(rows)}",
                "",
                f"  {'topic':<{width}}  have  core  missing  {'  '.join(TYPES)}",
            ]
            out += [_topic_line(row, width) for row in rows]
    if result.outline:
        out += ["", "Outline", ""]
    heading = ""
    for line in result.outline:
        if line.heading != heading:
            heading = line.heading
            out.append(f"  {heading}")
        gap = "" if not line.empty else f"  no card yet: {', '.join(line.empty)}"
        out.append(f"    {line.have:>4} of {line.core:<4} {line.text}{gap}")
    out += ["", f"In all: {_sum(result.topics)}"]
    return "\n".join(out).lstrip("\n") + "\n"


def _topic_line(row: TopicRow, width: int) -> str:
    counts = "  ".join(f"{row.types[name]:>{len(name)}}" for name in TYPES)
    line = f"  {row.topic:<{width}}  {row.have:>4}  {row.core:>4}  {row.missing or '':>7}  {counts}"
    if row.shortfall is not None:
        stale = row.have >= row.core or row.have > row.shortfall
        line += f"  {row.shortfall} are enough: {row.reason}" + (
            " (the entry is not needed any more)" if stale else ""
        )
    return line


def _sum(rows: Iterable[TopicRow]) -> str:
    rows = tuple(rows)
    met = sum(1 for row in rows if not row.missing)
    missing = sum(row.missing for row in rows)
    return f"{sum(r.have for r in rows)} cards, core {sum(r.core for r in rows)}, missing {missing}; {met} of {len(rows)} topics complete"
