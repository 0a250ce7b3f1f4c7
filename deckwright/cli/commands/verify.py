"""verify: compare what the cards state with data and pages, and keep a record of it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from deckwright import pipeline
from deckwright.cli import evidence_recording, options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core import report
from deckwright.core.diagnostics import has_errors
from deckwright.core.report import printable
from deckwright.core.wording import count
from deckwright.facts.datasets import Datasets
from deckwright.facts.evidence import page_url
from deckwright.facts.verify import BY_DATA, BY_PAGE, STATES, Change, Fact, diagnose
from deckwright.facts.verify import drift as compare_with_record
from deckwright.pipeline import Checked


@click.command(cls=Command)
@click.option("--record", is_flag=True, help="Save what data and pages say to decks/evidence/.")
@click.option(
    "--drift",
    is_flag=True,
    help="List the recorded values that have changed or are gone.",
)
@options.data
@options.mirror
@options.form
@pass_session
def command(
    session: Session,
    record: bool,
    drift: bool,
    folder: Path | None,
    mirror: Path | None,
    form: str,
) -> None:
    """Compare the cards with published data and pages.

    Some publishers offer limits and names in machine-readable form, as AWS does in its SDKs.
    The `[[data]]` tables in schema/vocabulary/ name the packages with this data. To install
    it, run `make data`. An `evidence` line on a card says where the data, or one of the card's
    source pages, states the card's value. This command compares that value with the card,
    and counts the facts that have no evidence. It never fetches pages; it reads
    the copies that `pages` made.

    With --record, it also saves what data and pages say. With --drift, it lists the recorded
    values that data and pages no longer confirm, with what they said and what they say now.

    \b
    For each fact, the result is one of these (see docs/facts.md):
      by data            data confirms the value
      by page            a page confirms the value, or a page and data together
      partly             only some of the numbers and names are confirmed
      changed or gone    the data or the page does not confirm the value
      not read here      there is no copy of the page, and nothing is recorded
      not checkable      the card has no `evidence` line for the value

    Exits with 1 if any result is `changed or gone`, and with 2 if data that the cards need
    isn't installed.

    \b
    ./build.py verify                          compare the cards with data and pages
    ./build.py verify --record                 save what data and pages say
    ./build.py verify --drift                  show what changed since the last --record
    ./build.py verify --drift --data ../old    compare the saved values with data in ../old
    """
    if record and drift:
        message = "--record and --drift cannot be used together; use --drift first"
        raise click.UsageError(message)
    is_right = _drift if drift else _verify
    checked = session.valid()
    data, pages = session.datasets(checked, folder), session.page_copies(mirror)
    facts = pipeline.verify(checked, data, pages, session.progress)
    if record:
        session.say(evidence_recording.write(checked, facts, pages))
        checked = session.valid()
    sys.exit(0 if is_right(session, checked, form, facts, data) else 1)


def _verify(
    session: Session, checked: Checked, form: str, facts: tuple[Fact, ...], data: Datasets
) -> bool:
    """Print the states of all facts. Returns whether none has changed or is gone."""
    diagnostics = tuple(diagnose(facts, checked.project.evidence_records))
    if form == "json":
        session.write(_as_json(facts, data, report.as_json(diagnostics, session.prefix)))
    else:
        session.report(diagnostics, form)
    if form == "text":
        session.write(_as_text(facts, checked, data))
    session.say(_summary(facts))
    return not has_errors(diagnostics)


def _as_text(facts: tuple[Fact, ...], checked: Checked, data: Datasets) -> str:
    """Two tables, by service and by kind, and the versions of the data."""
    words = checked.project.vocabulary
    versions = [f"{name} {found or '(not installed)'}" for name, found in data.versions().items()]
    out = [
        *_table("service", [(f.card.service, f.state) for f in facts], words.services),
        "",
        *_table("kind", [(f.card.kind, f.state) for f in facts], words.kinds),
        *(["", f"Data: {', '.join(versions)}"] if versions else []),
    ]
    return "\n".join(out) + "\n"


def _table(head: str, facts: list[tuple[str, str]], order: Iterable[str]) -> list[str]:
    """Counts of facts by name and state; names without facts are left out."""
    counts, total = Counter(facts), Counter(state for _, state in facts)
    rows = {name: [counts[name, state] for state in STATES] for name in order}
    rows = {name: numbers for name, numbers in rows.items() if any(numbers)}
    rows["total"] = [total[state] for state in STATES]
    width = max(map(len, [head, *rows]))
    lines = [f"{head:<{width}}  {'  '.join(STATES)}"]
    for name, numbers in rows.items():
        cells = [f"{n or '':>{len(state)}}" for n, state in zip(numbers, STATES, strict=True)]
        lines.append(f"{name:<{width}}  {'  '.join(cells)}")
    return [line.rstrip() for line in lines]


def _as_json(facts: tuple[Fact, ...], data: Datasets, diagnostics: str) -> str:
    """Facts with their results, counts, versions of the data, and diagnostics."""
    counts = Counter(fact.state for fact in facts)
    body = {
        "data": data.versions(),
        "counts": {state: counts[state] for state in STATES},
        "diagnostics": json.loads(diagnostics)["diagnostics"],
        "facts": [_fact(fact) for fact in facts],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _fact(fact: Fact) -> dict[str, Any]:
    span = fact.value.span
    return {
        "card": fact.card.id,
        "gap": fact.gap,
        "kind": fact.card.kind,
        "service": fact.card.service,
        "states": fact.value.text,
        "state": fact.state,
        "path": span.path,
        "line": span.line,
        "evidence": [
            {
                "evidence": result.line.text,
                "state": result.state,
                "said": result.match.said,
                "package": result.package,
                "version": result.version,
                "why": result.match.why,
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
    confirmed = [fact.results for fact in facts if fact.state == BY_PAGE]
    known = [[one for one in results if one.from_record] for results in confirmed]
    months = sorted({result.version[:7] for results in known for result in results})
    if not months:
        return "confirmed by pages"
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    return f"confirmed by pages ({sum(map(bool, known)):,} as recorded in {span})"


def _drift(
    session: Session, checked: Checked, form: str, facts: tuple[Fact, ...], data: Datasets
) -> bool:
    """Print the recorded values that have changed or are gone. Returns whether there are none."""
    drift = compare_with_record(facts, checked.project.evidence_records)
    if form == "json":
        rows = [_change_as_row(change) for change in drift.changes]
        session.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    else:
        lines = [line for change in drift.changes for line in _change_as_text(change)]
        session.write("".join(f"{printable(line)}\n" for line in lines))
    compared = count(drift.compared, "recorded value")
    session.say(f"{compared} compared, {len(drift.changes):,} of them changed or gone")
    if drift.unread:
        why = f"no newer copy is here: {count(drift.unread, 'value')}"
        session.say(f"not compared, because {why}; to copy the pages, run ./build.py pages")
    if drift.unrecorded:
        why = f"not recorded yet: {count(drift.unrecorded, 'value')}"
        run = "to record them, run ./build.py verify --record"
        session.say(f"not compared, because {why}; {run}")
    return not drift.changes


def _change_as_text(change: Change) -> Iterator[str]:
    before, match, line = change.before, change.result.match, change.result.line
    now = match.said or (f"{match.nearest} (the closest match)" if match.nearest else "(nothing)")
    place = f"{line.span.path}:{line.span.line}: {change.fact.card.id}"
    yield f"{place}: the card says {before.stated}; {match.why}"
    if line.is_page:
        yield f"  {page_url(line.path)}"
    yield f"  {before.package} {before.version}: {before.said}"
    yield f"  {before.package} {change.result.version}: {now}"
    yield f"  - evidence: {line.span.text}"


def _change_as_row(change: Change) -> dict[str, Any]:
    before, match, line = change.before, change.result.match, change.result.line
    return {
        "card": change.fact.card.id,
        "path": line.span.path,
        "line": line.span.line,
        "states": before.stated,
        "evidence": line.text,
        "page": page_url(line.path) if line.is_page else "",
        "why": match.why,
        "before": {"version": before.version, "said": before.said},
        "now": {
            "version": change.result.version,
            "said": match.said,
            "nearest": match.nearest,
        },
    }
