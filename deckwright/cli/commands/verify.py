"""verify: compare what the cards state with data and pages, and keep a record of it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from deckwright import pipeline
from deckwright.cli import evidence_recording, options, page_drift_report
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core import report
from deckwright.core.diagnostics import Diagnostic, has_errors
from deckwright.core.wording import count
from deckwright.facts.datasets import Datasets
from deckwright.facts.page_drift import page_drifts
from deckwright.facts.page_verdict import Pages
from deckwright.facts.verdict import (
    AGREES,
    DIFFERS,
    PAGE_AGREES,
    PARTLY,
    STATES,
    CheckedValue,
)
from deckwright.facts.verify import Drift, diagnose
from deckwright.facts.verify import drift as drifted
from deckwright.pipeline import Checked
from deckwright.project.evidence_record import EvidenceRecord

_LABELS = {AGREES: "agree with data", PARTLY: "partly confirmed", DIFFERS: "differ"}


@click.command(cls=Command)
@click.option("--record", is_flag=True, help="Save what data and pages say to decks/evidence/.")
@click.option(
    "--drift",
    is_flag=True,
    help="List the values that have changed since they were recorded.",
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

    With --record, it also saves what data and pages say. With --drift, it compares the data
    and pages with the last record instead of with the cards, and lists what changed.

    \b
    For each fact, the result is one of these (see docs/facts.md):
      agrees           data confirms the value
      page agrees      a page confirms the value, or a page and data together
      partly           only some of the numbers and names are confirmed
      differs          the data or the page states something else
      gone             the data or the page no longer contains the evidence
      not read here    there is no copy of the page, and nothing is recorded
      not checkable    the card has no `evidence` line for the value

    Exits with 1 if any result is `differs` or `gone` (with --drift, if a card is no longer
    confirmed), and with 2 if data that the cards need isn't installed.

    \b
    ./build.py verify                          compare the cards with data and pages
    ./build.py verify --record                 save what data and pages say
    ./build.py verify --drift                  show what changed since the last --record
    ./build.py verify --drift --data ../old    compare the saved values with data in ../old
    """
    if record and drift:
        message = "--record and --drift cannot be used together; use --drift first"
        raise click.UsageError(message)
    checked = session.sound()
    data, pages = session.datasets(checked, folder), Pages(session.page_copies(mirror))
    sys.exit(0 if _compare(session, checked, data, pages, form, record, drift) else 1)


def _compare(
    session: Session,
    checked: Checked,
    data: Datasets,
    pages: Pages,
    form: str,
    record: bool,
    drift: bool,
) -> bool:
    """Do what the command is for. Returns whether all facts agree, or all cards still hold."""
    facts = pipeline.verify(checked, data, pages, session.progress)
    records = checked.project.evidence_records
    if drift:
        return _show_drift(session, form, facts, records, pages)
    if record:
        session.say(evidence_recording.write(checked, facts, pages))
        records = session.sound().project.evidence_records
    diagnostics = diagnose(facts, records)
    _show(session, form, facts, checked, data, diagnostics)
    return not has_errors(diagnostics)


def _show_drift(
    session: Session,
    form: str,
    facts: tuple[CheckedValue, ...],
    records: Mapping[str, EvidenceRecord],
    pages: Pages,
) -> bool:
    """Print what data and pages say differently now. Returns whether all cards still hold."""
    found, on_pages = drifted(facts, records), page_drifts(facts, records, pages)
    if form == "json":
        rows = [*_drift_as_rows(found), *page_drift_report.as_rows(on_pages)]
        session.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    else:
        lists = [_drift_as_text(found), page_drift_report.as_text(on_pages)]
        session.write("\n".join(text for text in lists if text))
    session.say(_drift_summary(found, facts, records))
    session.say(page_drift_report.summary(on_pages))
    return all(change.holds for change in found) and not on_pages.failed


def _show(
    session: Session,
    form: str,
    facts: tuple[CheckedValue, ...],
    checked: Checked,
    data: Datasets,
    diagnostics: tuple[Diagnostic, ...],
) -> None:
    if form == "json":
        session.write(_as_json(facts, data, report.as_json(diagnostics, session.prefix)))
    else:
        session.report(diagnostics, form)
    if form == "text":
        session.write(_as_text(facts, checked, data))
    session.say(_summary(facts))


def _as_text(facts: Iterable[CheckedValue], checked: Checked, data: Datasets) -> str:
    """Two tables, by service and by kind, and the versions of the data."""
    facts = tuple(facts)
    words = checked.project.vocabulary
    versions = [f"{name} {found or '(not installed)'}" for name, found in data.versions().items()]
    out = [
        *_table("service", [(f.card.service, f.state) for f in facts], words.services),
        "",
        *_table("kind", [(f.card.kind, f.state) for f in facts], words.kinds),
        *(["", f"Data: {', '.join(versions)}"] if versions else []),
    ]
    return "\n".join(out) + "\n"


def _table(head: str, found: list[tuple[str, str]], order: Iterable[str]) -> list[str]:
    """Counts of facts by name and state; names without facts are left out."""
    counts, total = Counter(found), Counter(state for _, state in found)
    rows = {name: [counts[name, state] for state in STATES] for name in order}
    rows = {name: numbers for name, numbers in rows.items() if any(numbers)}
    rows["total"] = [total[state] for state in STATES]
    width = max(map(len, [head, *rows]))
    columns = [max(7, len(state)) for state in STATES]
    lines = [f"{head:<{width}}  " + "  ".join(f"{state:>7}" for state in STATES)]
    for name, numbers in rows.items():
        cells = [f"{n or '':>{size}}" for n, size in zip(numbers, columns, strict=True)]
        lines.append(f"{name:<{width}}  " + "  ".join(cells))
    return [line.rstrip() for line in lines]


def _as_json(facts: Iterable[CheckedValue], data: Datasets, diagnostics: str) -> str:
    """Facts with their verdicts, counts, versions of the data, and diagnostics."""
    facts = tuple(facts)
    counts = Counter(fact.state for fact in facts)
    body = {
        "data": data.versions(),
        "counts": {state: counts[state] for state in STATES},
        "diagnostics": json.loads(diagnostics),
        "facts": [_fact(fact) for fact in facts],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _fact(fact: CheckedValue) -> dict[str, Any]:
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
                "evidence": verdict.line.text,
                "state": verdict.state,
                "said": verdict.said,
                "package": verdict.package,
                "version": verdict.version,
                "why": verdict.match.why,
                "from_record": verdict.from_record,
            }
            for verdict in fact.verdicts
        ],
    }


def _summary(facts: Iterable[CheckedValue]) -> str:
    """One line: how many facts there are, and how many of them a machine confirms."""
    facts = tuple(facts)
    counts = Counter(fact.state for fact in facts)
    labels = {**_LABELS, PAGE_AGREES: _pages_label(facts)}
    parts = [f"{counts[state]:,} {labels.get(state, state)}" for state in STATES if counts[state]]
    return f"{count(sum(counts.values()), 'fact')}: " + (", ".join(parts) or "none")


def _pages_label(facts: Iterable[CheckedValue]) -> str:
    """How many of the facts that pages confirm were read before, and when."""
    known = [f for f in facts if f.state == PAGE_AGREES and f.from_record]
    months = sorted({v.version[:7] for f in known for v in f.verdicts if v.from_record})
    if not known:
        return "agree with their pages"
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    return f"agree with their pages ({len(known):,} as recorded in {span})"


def _drift_as_text(found: Iterable[Drift]) -> str:
    """What the data says differently now; cards that are wrong come first."""

    def order(change: Drift) -> tuple[bool, str, int]:
        return change.holds, change.card.span.path, change.card.span.start

    lines = [line for change in sorted(found, key=order) for line in _drift_lines(change)]
    return "".join(f"{line}\n" for line in lines)


def _drift_lines(change: Drift) -> Iterable[str]:
    before, now, span = change.before, change.now, change.line.span
    nearest = f"{change.near} (the closest match)" if change.near else "(nothing)"
    word = "no longer confirmed" if now.said else "no longer in the data"
    if change.holds and change.line.phrase:
        word = "the wording in the data changed, so read it again"
    elif change.holds:
        word = "the data changed, but still contains the value"
    yield f"{span.path}:{span.line}: {change.card.id}: {word}; the card says {now.stated}"
    yield f"  {before.package} {before.version}: {before.said or '(nothing)'}"
    yield f"  {now.package or before.package} {now.version}: {now.said or nearest}"
    yield f"  {change.line.text}"


def _drift_as_rows(found: Iterable[Drift]) -> list[dict[str, Any]]:
    return [
        {
            "card": change.card.id,
            "path": change.line.span.path,
            "line": change.line.span.line,
            "states": change.now.stated,
            "evidence": change.line.text,
            "holds": change.holds,
            "before": {"version": change.before.version, "said": change.before.said},
            "now": {
                "version": change.now.version,
                "said": change.now.said,
                "nearest": change.near,
            },
        }
        for change in found
    ]


def _drift_summary(
    found: Iterable[Drift], facts: Iterable[CheckedValue], records: Mapping[str, EvidenceRecord]
) -> str:
    """How much of the record still holds, and how many lines it does not have."""
    found = tuple(found)
    lines = [
        (fact.card, verdict.line)
        for fact in facts
        for verdict in fact.verdicts
        if not verdict.line.is_page
    ]
    known = sum(
        (card.id, line.span.text) in records.get(card.namespace, {}) for card, line in lines
    )
    wrong = len({change.card.id for change in found if not change.holds})
    cards = "1 card is" if wrong == 1 else f"{wrong} cards are"
    text = (
        f"{count(known, 'recorded value')}, {len(found):,} of them changed; "
        f"{cards} no longer confirmed"
    )
    if missing := len(lines) - known:
        run = "to record them, run ./build.py verify --record"
        text += f"\nnot compared, because not recorded yet: {count(missing, 'value')}; {run}"
    return text
