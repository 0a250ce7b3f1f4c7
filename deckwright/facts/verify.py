"""Stage 4, on demand: what the cards state against what published data says. Cards → Facts, each with a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from deckwright.core.card import Card, Cloze
from deckwright.core.diagnostics import Diagnostic
from deckwright.facts import evidence
from deckwright.facts.datasets import Datasets, Found, NoPackageError
from deckwright.facts.evidence import Evidence, Match
from deckwright.facts.stated_value import Stated, stated
from deckwright.project.evidence_record import EvidenceRecord, EvidenceRow
from deckwright.project.vocabulary import Vocabulary

AGREES, PARTLY, DIFFERS, GONE, UNCHECKED = "agrees", "partly", "differs", "gone", "not checkable"
STATES = (AGREES, PARTLY, DIFFERS, GONE, UNCHECKED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of evidence: what the data said, in which version, and whether the card's value is that. `near` is the sentence that
    comes nearest to a phrase that is not there."""

    line: Evidence
    state: str
    match: Match
    said: str
    package: str
    version: str
    near: str = ""


@dataclass(frozen=True, slots=True)
class StatedFact:
    """A value that a card states (`gap` is 0 for an answer), what was found of it, and the state of the whole: it agrees only
    where every number or name of the value is confirmed."""

    card: Card
    gap: int
    value: Stated
    verdicts: tuple[Verdict, ...]
    state: str


def verify(cards: Iterable[Card], vocabulary: Vocabulary, data: Datasets) -> tuple[StatedFact, ...]:
    """Every gap of a card whose kind is a fact, and every other value that has evidence. NoPackageError where evidence needs a
    package that is not installed. Evidence that `check` refuses is left out."""
    return tuple(fact for card in cards for fact in _facts(card, vocabulary, data))


def facts_of(card: Card, vocabulary: Vocabulary) -> dict[int, list[Evidence]]:
    """By gap (0: an answer), the evidence of what a card states."""
    lines = [line for given in card.evidence for line in evidence.read(given).values]
    out: dict[int, list[Evidence]] = {}
    if isinstance(card.content, Cloze):
        numbers = sorted({mark.number for mark in card.content.gaps})
        if vocabulary.kinds[card.kind].needs_source:
            out = {number: [] for number in numbers}
        for line in lines:
            out.setdefault(line.gap or numbers[0], []).append(line)
    else:
        for line in lines:
            out.setdefault(line.gap, []).append(line)
    return out


def _facts(card: Card, vocabulary: Vocabulary, data: Datasets) -> Iterator[StatedFact]:
    for gap, lines in facts_of(card, vocabulary).items():
        value = stated(card, gap)
        if value is None:
            continue
        verdicts = tuple(_verdict(line, value, data) for line in lines)
        yield StatedFact(card, gap, value, verdicts, _state(verdicts, value))


def _verdict(line: Evidence, value: Stated, data: Datasets) -> Verdict:
    found = data.resolve(line.data, line.path)
    if not isinstance(found, Found):
        return Verdict(
            line,
            GONE,
            Match(found.why, found.help or data.hint(line.data)),
            "",
            found.package,
            found.version,
        )
    match = evidence.compare(line, found.value, value)
    said = evidence.said(line, found.value)
    state = AGREES if not match.why else DIFFERS if said else GONE
    near = (
        evidence.nearest_sentence(found.value, line.phrase)
        if line.phrase and not said and isinstance(found.value, str)
        else ""
    )
    return Verdict(line, state, match, said, found.package, found.version, near)


def _state(verdicts: tuple[Verdict, ...], value: Stated) -> str:
    if not verdicts:
        return UNCHECKED
    worst = next(
        (state for state in (DIFFERS, GONE) if any(v.state == state for v in verdicts)), ""
    )
    if worst:
        return worst
    covered = frozenset(part for v in verdicts for part in v.match.covers)
    return AGREES if covered >= evidence.parts(value) else PARTLY


def diagnose(
    facts: Iterable[StatedFact], records: Mapping[str, EvidenceRecord]
) -> tuple[Diagnostic, ...]:
    """E101 differs, E102 gone, E103 confirmed in part, E104 not in the record as it is now (`records` by namespace)."""
    out = []
    unknown: list[Diagnostic] = []
    for fact in facts:
        for verdict in fact.verdicts:
            related = (("the card states it here", fact.value.span),)
            if verdict.state == DIFFERS:
                out.append(
                    Diagnostic(
                        "E101",
                        verdict.match.why,
                        verdict.line.span,
                        verdict.match.help or _AGAIN,
                        related,
                    )
                )
            elif verdict.state == GONE:
                help_line = (
                    f"it says: {verdict.near}" if verdict.near else verdict.match.help or _AGAIN
                )
                out.append(
                    Diagnostic(
                        "E102", verdict.match.why, verdict.line.path_span, help_line, related
                    )
                )
            elif fact.state == AGREES and records.get(fact.card.namespace, {}).get(
                (fact.card.id, verdict.line.span.text)
            ) != recorded(fact, verdict):
                unknown.append(
                    Diagnostic(
                        "E104",
                        "the record does not have this as it is now",
                        verdict.line.span,
                        "verify --record",
                    )
                )
        if fact.state == PARTLY:
            covered = {part for verdict in fact.verdicts for part in verdict.match.covers}
            open_parts = ", ".join(sorted(evidence.parts(fact.value) - covered))
            message = f"nothing confirms {open_parts} of what the card states"
            out.append(
                Diagnostic(
                    "E103",
                    message,
                    fact.verdicts[0].line.span,
                    "name the data that states the rest, too",
                    (),
                )
            )
    if unknown:
        more = f", nor {len(unknown) - 1} more lines of evidence" if len(unknown) > 1 else ""
        out.append(replace(unknown[0], message=unknown[0].message + more))
    return tuple(out)


_AGAIN = "read the page again: mend the card, or take the line out"


def recorded(fact: StatedFact, verdict: Verdict) -> EvidenceRow:
    """What is put on record of a verdict."""
    words = " ".join(fact.value.text.split())
    return EvidenceRow(
        fact.card.id, verdict.line.span.text, verdict.package, verdict.version, words, verdict.said
    )


@dataclass(frozen=True, slots=True)
class Drift:
    """What data says of a card's value now, and what it said when that was recorded. `holds`: the card is still right; `near` is what
    comes nearest to a phrase that is gone."""

    card: Card
    line: Evidence
    before: EvidenceRow
    now: EvidenceRow
    holds: bool
    near: str = ""


def drift(facts: Iterable[StatedFact], records: Mapping[str, EvidenceRecord]) -> tuple[Drift, ...]:
    """Every recorded line of evidence of which the data says something else today."""
    out = []
    for fact in facts:
        for verdict in fact.verdicts:
            before = records.get(fact.card.namespace, {}).get(
                (fact.card.id, verdict.line.span.text)
            )
            now = recorded(fact, verdict)
            if before and before.said != now.said:
                out.append(
                    Drift(
                        fact.card, verdict.line, before, now, verdict.state == AGREES, verdict.near
                    )
                )
    return tuple(out)


def needed(cards: Iterable[Card], data: Datasets) -> tuple[str, ...]:
    """The packages that evidence names and that are not installed."""
    names = {
        line.data
        for card in cards
        for given in card.evidence
        for line in evidence.read(given).values
    }
    missing = set()
    for name in names:
        try:
            data.resolve(name, "")
        except NoPackageError as error:
            missing.add(str(error))
    return tuple(sorted(missing))
