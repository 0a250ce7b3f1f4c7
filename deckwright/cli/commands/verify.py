"""verify: compare what the cards state with data and pages, and keep a record of it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from deckwright import pipeline
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core import report
from deckwright.core.diagnostics import Diagnostic, has_errors
from deckwright.core.files import replace_file
from deckwright.core.wording import count
from deckwright.facts.datasets import Datasets
from deckwright.facts.drift import drift
from deckwright.facts.verify import BY_DATA, BY_PAGE, STATES, Fact, diagnose
from deckwright.pipeline import Checked
from deckwright.project.evidence_record import EvidenceRow, record_path, write_record

_DATE = "at the top of each copy, write `copied: YYYY-MM` between two lines `---`"


@click.command(cls=Command)
@click.option("--record", is_flag=True, help="Record in decks/evidence/ what data and pages say.")
@options.data
@click.option(
    "--since",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Compare the data with older data in this folder, and list what changed.",
)
@options.form
@pass_session
def command(
    session: Session, record: bool, folder: Path | None, since: Path | None, form: str
) -> None:
    """Compare the cards with published data and pages.

    Checks whether published data or copies of source pages confirm the value on each card. The
    card's `evidence` lines say where to look. If a value is no longer confirmed, the report also
    shows what the source said when `verify --record` was last run.

    To install the data (in .venv/data), run `make data`. To copy the pages, run `pages`. This
    command never downloads a page. If a page has no copy, the command uses its record in
    decks/evidence/.

    \b
    For each fact, the result is one of these (see docs/facts.md):
      by data            Published data confirms the value.
      by page            A page confirms the value, alone or together with data.
      changed or gone    A part of the value isn't confirmed: read the source.
      not read here      There is no copy and no record of the page: run `pages`.
      not checkable      The value has no `evidence` line: see `evidence`.

    With --since, compares two versions of the data with each other. Cards aren't checked. Lists
    removed numbers and new operations, with the sentences on cards that they might affect.

    Exits with 1 if any result is `changed or gone`, and with 2 if data that the cards need
    isn't installed.

    \b
    ./build.py verify                  compare the cards with data and pages
    ./build.py verify --record         save what data and pages say
    ./build.py verify --data ../new    compare the cards with the data in ../new
    ./build.py verify --data ../new --since ../old    list what changed
    """
    if since and (record or form != "text"):
        raise click.UsageError("--since lists changes as text: leave out --record and --format")
    checked = session.valid()
    data = session.datasets(checked, folder)
    if since:
        _list_changes(session, checked, session.datasets(checked, since), data)
        return
    facts = pipeline.verify(checked, data, session.page_copies(), session.progress)
    if record:
        session.say(_record(checked, facts))
    diagnostics = tuple(diagnose(facts, recording=record))
    if form == "json":
        session.write(_as_json(facts, diagnostics, session.prefix))
    else:
        session.report(diagnostics, form)
    session.say(_summary(facts))
    sys.exit(1 if has_errors(diagnostics) else 0)


def _list_changes(session: Session, checked: Checked, old: Datasets, new: Datasets) -> None:
    """Print each change of the data, with the cards and sentences that it may concern."""
    changes = listed = 0
    for what, statements in drift(checked.cards, checked.project.vocabulary, old, new):
        session.write(f"{what}\n")
        for statement in statements:
            span, card_id = statement.card.id_span, statement.card.id
            session.write(f"  {span.path}:{span.line}: {card_id}: {statement.text}\n")
        changes, listed = changes + 1, listed + len(statements)
    session.say(f"{count(changes, 'change')}, {count(listed, 'sentence')} to compare")


def _record(checked: Checked, facts: tuple[Fact, ...]) -> str:
    """Rewrite the records of every root that this project releases.

    Returns what it did, in words. Raises OSError. A value that is not confirmed keeps what
    was recorded of it before.
    """
    project = checked.project
    done = []
    for namespace in project.releasing:
        name = project.card_folder(namespace).base + record_path(namespace)
        rows = [row for fact in facts if fact.card.namespace == namespace for row in _rows(fact)]
        text = write_record(rows)
        path = project.folder / name
        before = path.read_text("utf-8") if path.exists() else write_record([])
        if text != before:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, text)
            done.append(f"written: {name}")
    if lines := sum(not r.row.version for fact in facts if fact.confirmed for r in fact.results):
        done.append(f"not recorded: {count(lines, 'line')} on copies without a date; {_DATE}")
    return "\n".join(done) or "the record is unchanged"


def _rows(fact: Fact) -> Iterator[EvidenceRow]:
    """The rows for a value: new if it is confirmed here, on copies with a date."""
    for result in fact.results:
        if fact.confirmed and result.row.version:
            yield result.row
        elif result.recorded:
            yield result.recorded


def _as_json(facts: tuple[Fact, ...], diagnostics: tuple[Diagnostic, ...], prefix: str) -> str:
    """Facts with their results, counts, and diagnostics."""
    counts = Counter(fact.state for fact in facts)
    body = {
        "format": 1,
        "counts": {state: counts[state] for state in STATES},
        "diagnostics": json.loads(report.as_json(diagnostics, prefix))["diagnostics"],
        "facts": [_fact(fact) for fact in facts],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _fact(fact: Fact) -> dict[str, Any]:
    card, span = fact.card, fact.value.span
    return {
        "card": card.id,
        "gap": fact.gap,
        "kind": card.kind,
        "service": card.service,
        "states": fact.value.text,
        "state": fact.state,
        "sources": list(card.sources),
        "checked": card.checked,
        "path": span.path,
        "line": span.line,
        "evidence": [
            {
                **asdict(result.row),
                "state": result.state,
                "why": result.why,
                "from_record": result.from_record,
            }
            for result in fact.results
        ],
    }


def _summary(facts: tuple[Fact, ...]) -> str:
    """One line: how many facts there are, and how many of them data and pages confirm."""
    counts = Counter(fact.state for fact in facts)
    labels = {BY_DATA: "confirmed by data", BY_PAGE: _pages_label(facts)}
    parts = [f"{counts[state]:,} {labels.get(state, state)}" for state in STATES if counts[state]]
    return f"{count(len(facts), 'fact')}: " + (", ".join(parts) or "none")


def _pages_label(facts: tuple[Fact, ...]) -> str:
    """How many of the facts that pages confirm were read before, and when."""
    months: set[str] = set()
    known = 0
    for fact in facts:
        read = {one.row.version[:7] for one in fact.results if one.from_record}
        if read and fact.state == BY_PAGE:
            months |= read
            known += 1
    if not months:
        return "confirmed by pages"
    span = " to ".join(dict.fromkeys([min(months), max(months)]))
    return f"confirmed by pages ({known:,} as recorded in {span})"
