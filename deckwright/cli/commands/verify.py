"""verify: compare what the cards state with published data, and keep a record of it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
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
from deckwright.facts.verify import (
    AGREES,
    DIFFERS,
    PARTLY,
    STATES,
    CheckedValue,
    Drift,
    diagnose,
    recorded,
)
from deckwright.facts.verify import drift as drifted
from deckwright.pipeline import Checked
from deckwright.project.evidence_record import (
    EvidenceRecord,
    EvidenceRow,
    record_path,
    write_record,
)

_LABELS = {AGREES: "agree", PARTLY: "partly confirmed", DIFFERS: "differ"}


@click.command(cls=Command)
@click.option(
    "--record", is_flag=True, help="Save the values found in the data to decks/evidence/."
)
@click.option(
    "--drift",
    is_flag=True,
    help="List the values that have changed since they were recorded.",
)
@options.data
@options.form
@pass_session
def command(session: Session, record: bool, drift: bool, folder: Path | None, form: str) -> None:
    """Compare the cards with published data.

    Some publishers offer limits and names in machine-readable form, as AWS does in its SDKs.
    The `[[data]]` tables in schema/vocabulary/ name the packages with this data. To install
    it, run `make data`. An `evidence` line on a card says where the data states the card's
    value. This command compares each such value with the data, and counts the facts that have
    no evidence.

    With --record, it also saves the values found in the data. With --drift, it instead
    compares the data with the values saved by the last --record and lists what changed.

    For each fact, the result is one of these: agrees; partly (the data states only some of
    the numbers and names); differs; gone (the data no longer contains the evidence); or not
    checkable (the card has no `evidence` line). See docs/facts.md.

    Exits with 1 if any result is differs or gone (with --drift, if a card is no longer
    confirmed), and with 2 if data that the cards need isn't installed.

    \b
    ./build.py verify                          compare the cards with the data
    ./build.py verify --record                 save the values found in the data
    ./build.py verify --drift                  show what changed since the last --record
    ./build.py verify --drift --data ../old    compare the saved values with data in ../old
    """
    if record and drift:
        message = "--record and --drift cannot be used together; use --drift first"
        raise click.UsageError(message)
    checked = session.sound()
    data = session.datasets(checked, folder)
    facts = pipeline.verify(checked, data, session.progress)
    if drift:
        found = drifted(facts, checked.project.evidence_records)
        session.write(_drift_as_json(found) if form == "json" else _drift_as_text(found))
        session.say(_drift_summary(found, facts, checked.project.evidence_records))
        sys.exit(0 if all(change.holds for change in found) else 1)
    records = checked.project.evidence_records
    if record:
        written = [f"written: {path}" for path in write(checked, facts)]
        session.say("\n".join(written) or "the record is unchanged")
        records = session.sound().project.evidence_records
    diagnostics = diagnose(facts, records)
    _show(session, form, facts, checked, data, diagnostics)
    sys.exit(1 if has_errors(diagnostics) else 0)


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


def write(checked: Checked, facts: Iterable[CheckedValue]) -> tuple[str, ...]:
    """Rewrite the evidence record of every root that this project releases.

    Returns the paths that changed. Raises OSError. A fact that does not agree with the
    data keeps what was recorded of it before.
    """
    facts = tuple(facts)
    changed = []
    for namespace in checked.project.releasing:
        name = checked.project.root(namespace).base + record_path(namespace)
        path = checked.project.folder / name
        rows = _rows(checked, namespace, facts)
        text = write_record(rows)
        before = path.read_text("utf-8") if path.exists() else None
        if text == before or (before is None and not rows):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text)
        changed.append(name)
    return tuple(changed)


def _rows(checked: Checked, namespace: str, facts: tuple[CheckedValue, ...]) -> list[EvidenceRow]:
    """The lines of one record: facts that agree, then old lines of the others."""
    kept = checked.project.evidence_records.get(namespace, {})
    found = [
        (fact, recorded(fact, verdict))
        for fact in facts
        if fact.card.namespace == namespace
        for verdict in fact.verdicts
    ]
    agreed = [row for fact, row in found if fact.state == AGREES]
    others = [row for fact, row in found if fact.state != AGREES]
    old = [kept.get((row.card, row.evidence)) for row in others]
    return [*agreed, *(row for row in old if row)]


def _as_text(facts: Iterable[CheckedValue], checked: Checked, data: Datasets) -> str:
    """Two tables, by service and by kind, and the versions of the data."""
    facts = tuple(facts)
    words = checked.project.vocabulary
    versions = [f"{name} {found or '(not installed)'}" for name, found in data.versions().items()]
    out = [
        *_table("service", [(f.card.service, f.state) for f in facts], words.services),
        "",
        *_table("kind", [(f.card.kind, f.state) for f in facts], words.kinds),
        "",
        f"Data: {', '.join(versions)}",
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
            }
            for verdict in fact.verdicts
        ],
    }


def _summary(facts: Iterable[CheckedValue]) -> str:
    """One line: how many facts there are, and how many of them a machine confirms."""
    counts = Counter(fact.state for fact in facts)
    parts = [f"{counts[state]:,} {_LABELS.get(state, state)}" for state in STATES if counts[state]]
    return f"{count(sum(counts.values()), 'fact')}: " + (", ".join(parts) or "none")


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


def _drift_as_json(found: Iterable[Drift]) -> str:
    rows = [
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
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _drift_summary(
    found: Iterable[Drift], facts: Iterable[CheckedValue], records: Mapping[str, EvidenceRecord]
) -> str:
    """How much of the record still holds, and how many lines it does not have."""
    found = tuple(found)
    lines = [(fact.card, verdict.line) for fact in facts for verdict in fact.verdicts]
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
