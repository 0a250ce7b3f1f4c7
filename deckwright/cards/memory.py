"""What a check knows of card files that have not changed, from this run or an earlier one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from deckwright.cards.discover import Found
from deckwright.cards.duplicates.signature import Signature, signature
from deckwright.cards.kept_files import FileResult, KeptFiles, Right
from deckwright.cards.parse import parse
from deckwright.cards.validate import Verdict, Verdicts, judge_of
from deckwright.core import second_process
from deckwright.core.card import Card, RawCard
from deckwright.core.diagnostics import Outcome
from deckwright.core.progress import SILENT, Progress
from deckwright.core.source import Source
from deckwright.project.project import Project

_MUCH = 200_000  # characters, of some 200 cards, from which on a second process saves time
_NOTHING = Verdict((), Outcome(()), frozenset(), {})  # in a file without cards


@dataclass(frozen=True, slots=True)
class Memory:
    """A cache between checks.

    A file whose text is unchanged is not parsed again (`parsed`, by path), and its
    cards are not validated again as long as the project is the same.
    """

    parsed: dict[str, tuple[Source, Outcome[RawCard]]] = field(default_factory=dict)
    verdicts: Verdicts = field(default_factory=Verdicts)


def examine(
    memory: Memory,
    kept: KeptFiles,
    found: Found,
    project: Project,
    today: date,
    progress: Progress = SILENT,
) -> None:
    """Put into memory what an earlier run found in card files, or find it now.

    If much has changed, a second process does half of it, where that is possible. What is
    not in memory afterwards is for the caller to find.
    """
    memory.verdicts.start(project, found.images, today)
    _recall(memory, kept, found.sources, project)
    new = [source for source in found.sources if source.path not in memory.parsed]
    if sum(len(source.text) for source in new) < _MUCH:
        return
    judge = judge_of(project, found.images, today, memory.verdicts)

    def find_out(sources: Iterable[Source]) -> None:
        for source in sources:
            raws = parsed(source, memory).values
            verdict = judge(source.path, raws) if raws else _NOTHING
            for card in verdict.outcome.values:
                signature_of(card, memory)

    def work() -> bytes:
        find_out(new[1::2])
        _add(memory, kept, new[1::2], project)
        return kept.sent()

    find_out(new[:1])  # with this, both processes have what is loaded when it is used first
    _add(memory, kept, new[:1], project)
    # Help that is found only when it is printed cannot be sent; where cards have one such problem,
    # they have many.
    wait = second_process.start(work) if kept.find(new[0]) else None
    if wait:
        find_out(progress.over("checking cards", new[2::2]))
        if data := wait():
            kept.receive(data)
            _recall(memory, kept, new[1::2], project)


def _recall(memory: Memory, kept: KeptFiles, sources: Iterable[Source], project: Project) -> None:
    memory.verdicts.words[True].update(kept.right.us_words)
    memory.verdicts.words[False].update(kept.right.words)
    project.card_schema.know(kept.right.metadata)
    for source in sources:
        if result := kept.find(source):
            raws = result.parsed.values
            memory.parsed[source.path] = source, result.parsed
            verdict = Verdict(raws, result.checked, result.images, result.signatures)
            memory.verdicts.files[source.path] = verdict


def keep_results(memory: Memory, kept: KeptFiles, found: Found, project: Project) -> None:
    """Keep what was found in card files for the next run."""
    _add(memory, kept, found.sources, project)
    kept.save()


def _add(memory: Memory, kept: KeptFiles, sources: Iterable[Source], project: Project) -> None:
    for source in sources:
        verdict = memory.verdicts.files.get(source.path) or _NOTHING
        outcome = memory.parsed[source.path][1]
        kept.add(source, FileResult(outcome, *verdict[1:]))
    words, us_words = (frozenset(memory.verdicts.words[us]) for us in (False, True))
    kept.keep_right(Right(words, us_words, project.card_schema.allowed))


def parsed(source: Source, memory: Memory) -> Outcome[RawCard]:
    """Parse a card file, or take its cards from memory if the text is unchanged."""
    known = memory.parsed.get(source.path)
    if known is None or known[0] != source:
        known = memory.parsed[source.path] = (source, parse(source))
    return known[1]


def signature_of(card: Card, memory: Memory) -> Signature:
    """Return the signature of a card, from memory if its file is unchanged."""
    known = memory.verdicts.files[card.span.path].signatures
    if card.span.start not in known:
        known[card.span.start] = signature(card)
    return known[card.span.start]
