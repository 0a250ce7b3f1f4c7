"""Stage 6, beside the packages: Cards → `facts.json` and `facts.txt`, what a sceptical learner wants to see of every fact: the value,
where it was read, when, and which published data said the same when it was last asked (from the committed record)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from deckwright import markdown
from deckwright.core.card import Card, Cloze
from deckwright.core.note import Artifact
from deckwright.facts.stated_value import stated
from deckwright.facts.verify import facts_of
from deckwright.project.evidence_record import EvidenceRow
from deckwright.project.project import Project


@dataclass(frozen=True, slots=True)
class Reported:
    """One value that a card states, the sentence or question that it stands in, and what the record has of it."""

    card: Card
    gap: int
    states: str
    text: str
    said: tuple[EvidenceRow, ...]


def reported(cards: Iterable[Card], project: Project) -> tuple[Reported, ...]:
    """Every fact of the cards in their order. The record counts while the card states what it stated then, and every line of
    evidence of the fact is in it."""
    return tuple(fact for card in cards for fact in _facts(card, project))


def _facts(card: Card, project: Project) -> Iterator[Reported]:
    record = project.evidence_records.get(card.namespace, {})
    text = markdown.plain(card.prompt.blocks)
    for gap, lines in facts_of(card, project.vocabulary).items():
        value = stated(card, gap)
        if value is None:
            continue
        states = " ".join(value.text.split())
        rows = [
            row
            for line in lines
            if (row := record.get((card.id, line.span.text))) and row.said and row.stated == states
        ]
        yield Reported(card, gap, states, text, tuple(rows) if len(rows) == len(lines) else ())


def fact_report(cards: Iterable[Card], project: Project) -> tuple[Artifact, ...]:
    """The report for programs and for people."""
    facts = reported(cards, project)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    rows = ",\n".join(encode(_row(fact)) for fact in facts)
    return (
        Artifact("facts.json", f"[\n{rows}\n]\n".encode() if rows else b"[]\n"),
        Artifact("facts.txt", _text(facts, project).encode()),
    )


def _row(fact: Reported) -> dict[str, object]:
    card = fact.card
    return {
        "card": card.id,
        "gap": fact.gap,
        "states": fact.states,
        "text": fact.text,
        "kind": card.kind,
        "task": card.task,
        "service": card.service,
        "topic": card.topic,
        "status": card.status,
        "sources": list(card.sources),
        "checked": card.checked,
        "data": [
            {
                "evidence": row.evidence,
                "package": row.package,
                "version": row.version,
                "said": row.said,
            }
            for row in fact.said
        ],
    }


def _text(facts: tuple[Reported, ...], project: Project) -> str:
    by_machine = sum(1 for fact in facts if fact.said)
    out = [
        f"{len(facts):,} facts, {by_machine:,} of them held against published data by a machine.",
        "",
    ]
    for service in project.vocabulary.services.values():
        mine = [fact for fact in facts if fact.card.service == service.slug]
        if not mine:
            continue
        out += [service.title, "=" * len(service.title), ""]
        for fact in mine:
            whole = (
                fact.text if isinstance(fact.card.content, Cloze) else f"{fact.text} {fact.states}"
            )
            out += [
                f"{fact.card.id}: {fact.states}",
                *(f"    {line}" for line in whole.split("\n")),
                *(f"    read {fact.card.checked}: {source}" for source in fact.card.sources),
                *(
                    f"    {row.package} {row.version}, {row.evidence}: {row.said}"
                    for row in fact.said
                ),
                "",
            ]
    return "\n".join(out)
