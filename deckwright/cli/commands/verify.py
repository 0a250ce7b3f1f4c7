"""`verify`: facts against published data, as text and JSON; the record of what was found; and what has changed since."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from deckwright.core.files import replace_file
from deckwright.facts.datasets import Datasets
from deckwright.facts.verify import AGREES, DIFFERS, PARTLY, STATES, Drift, StatedFact, recorded
from deckwright.pipeline import Checked
from deckwright.project.evidence_record import EvidenceRecord, record_path, write_record


def write(checked: Checked, facts: Iterable[StatedFact]) -> tuple[str, ...]:
    """Writes the record of each root anew that the project releases; returns the paths that changed. A fact that does not agree as a whole is not put on
    record: what was recorded of it before stays. OSError where the disk will not."""
    facts = tuple(facts)
    changed = []
    for namespace in checked.project.releasing:
        kept = checked.project.evidence_records.get(namespace, {})
        found = [
            (fact, recorded(fact, verdict))
            for fact in facts
            if fact.card.namespace == namespace
            for verdict in fact.verdicts
        ]
        rows = [row for fact, row in found if fact.state == AGREES]
        rows += [
            old
            for fact, row in found
            if fact.state != AGREES and (old := kept.get((row.card, row.evidence)))
        ]
        name = checked.project.root(namespace).base + record_path(namespace)
        path = checked.project.folder / name
        text = write_record(rows)
        if (not rows and not path.exists()) or (path.exists() and path.read_text("utf-8") == text):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text)
        changed.append(name)
    return tuple(changed)


def as_text(facts: Iterable[StatedFact], checked: Checked, data: Datasets) -> str:
    """Two tables, by service and by kind, and the versions of the data."""
    facts = tuple(facts)
    services = checked.project.vocabulary.services
    kinds = checked.project.vocabulary.kinds
    out = [
        *_table("service", [(fact.card.service, fact.state) for fact in facts], list(services)),
        "",
        *_table("kind", [(fact.card.kind, fact.state) for fact in facts], list(kinds)),
        "",
        "Data: "
        + ", ".join(
            f"{package} {version or '(not installed)'}"
            for package, version in data.versions().items()
        ),
    ]
    return "\n".join(out) + "\n"


def _table(head: str, rows: list[tuple[str, str]], order: list[str]) -> list[str]:
    counts = Counter(rows)
    names = [name for name in order if any(counts[name, state] for state in STATES)]
    width = max([len(head), 6, *(len(name) for name in names)])
    lines = [f"{head:<{width}}  " + "  ".join(f"{state:>7}" for state in STATES)]
    for name in [*names, "in all"]:
        numbers = [
            sum(n for (row, s), n in counts.items() if s == state and name in (row, "in all"))
            for state in STATES
        ]
        lines.append(
            f"{name:<{width}}  "
            + "  ".join(
                f"{n or '':>{max(7, len(state))}}" for n, state in zip(numbers, STATES, strict=True)
            )
        )
    return [line.rstrip() for line in lines]


def as_json(facts: Iterable[StatedFact], data: Datasets, diagnostics: str) -> str:
    """Every fact with its verdicts, the counts, the versions of the data, and `complaints`, a JSON array."""
    facts = tuple(facts)
    counts = Counter(fact.state for fact in facts)
    body = {
        "data": data.versions(),
        "counts": {state: counts[state] for state in STATES},
        "diagnostics": json.loads(diagnostics),
        "facts": [_fact(fact) for fact in facts],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _fact(fact: StatedFact) -> dict[str, Any]:
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
                "evidence": v.line.text,
                "state": v.state,
                "said": v.said,
                "package": v.package,
                "version": v.version,
                "why": v.match.why,
            }
            for v in fact.verdicts
        ],
    }


def drift_as_text(found: Iterable[Drift]) -> str:
    """What data says anew, card by card: the cards that are wrong now first."""
    out = []
    for change in sorted(
        found, key=lambda change: (change.holds, change.card.span.path, change.card.span.start)
    ):
        reworded = (
            "said in other words now, read them"
            if change.line.phrase
            else "the list or number moved, the value is in it"
        )
        word = reworded if change.holds else "WRONG NOW" if change.now.said else "GONE"
        span = change.line.span
        out += [
            f"{span.path}:{span.line}: {change.card.id}: {word}; the card says {change.now.stated}",
            f"  {change.before.package} {change.before.version}: {change.before.said or '(nothing)'}",
            f"  {change.now.package or change.before.package} {change.now.version}: {change.now.said or _nearest(change)}",
            f"  {change.line.text}",
        ]
    return "\n".join(out) + ("\n" if out else "")


def _nearest(change: Drift) -> str:
    return f"{change.near} (the nearest that it says)" if change.near else "(nothing)"


def drift_as_json(found: Iterable[Drift]) -> str:
    return (
        json.dumps(
            [
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
            ],
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
    )


def summary(facts: Iterable[StatedFact]) -> str:
    """One line: how many facts, and how many of them a machine confirms."""
    counts = Counter(fact.state for fact in facts)
    parts = [f"{counts[state]:,} {_WORDS.get(state, state)}" for state in STATES if counts[state]]
    return f"{sum(counts.values()):,} facts: " + (", ".join(parts) or "none")


_WORDS = {AGREES: "agree", PARTLY: "confirmed in part", DIFFERS: "differ"}


def drift_summary(
    found: Iterable[Drift], facts: Iterable[StatedFact], records: Mapping[str, EvidenceRecord]
) -> str:
    """How much of the record still holds, and how many lines of evidence it does not have."""
    found = tuple(found)
    wrong = len({change.card.id for change in found if not change.holds})
    lines = [(fact.card, verdict.line) for fact in facts for verdict in fact.verdicts]
    known = sum(
        (card.id, line.span.text) in records.get(card.namespace, {}) for card, line in lines
    )
    cards = "1 card is" if wrong == 1 else f"{wrong} cards are"
    text = f"{known:,} lines of evidence on record, {len(found)} of them read otherwise now: {cards} no longer confirmed"
    missing = len(lines) - known
    return text + (
        f"\n{missing:,} lines are on no record, and nothing can be said of them: verify --record"
        if missing
        else ""
    )
