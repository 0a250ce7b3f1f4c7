"""What a check knows of card files that have not changed, from this run or an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from deckwright.cards.discover import Found
from deckwright.cards.kept_files import FileResult, KeptFiles
from deckwright.cards.parse import parse
from deckwright.cards.validate import Verdict, Verdicts
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import Outcome
from deckwright.core.source import Source
from deckwright.project.project import Project

_NOTHING = Verdict((), Outcome(()), frozenset(), {})  # in a file without cards


@dataclass(frozen=True, slots=True)
class Memory:
    """A cache between checks.

    A file whose text is unchanged is not parsed again (`parsed`, by path), and its
    cards are not validated again as long as the project is the same.
    """

    parsed: dict[str, tuple[Source, Outcome[RawCard]]] = field(default_factory=dict)
    verdicts: Verdicts = field(default_factory=Verdicts)


def recall(memory: Memory, kept: KeptFiles, found: Found, project: Project, today: date) -> None:
    """Put what an earlier run found in card files into memory."""
    memory.verdicts.start(project, found.images, today)
    memory.verdicts.words = kept.words
    project.card_schema.know(kept.values)
    for source in found.sources:
        if result := kept.find(source):
            raws = result.parsed.values
            memory.parsed[source.path] = source, result.parsed
            verdict = Verdict(raws, result.checked, result.images, result.readings)
            memory.verdicts.files[source.path] = verdict


def keep_results(memory: Memory, kept: KeptFiles, found: Found, project: Project) -> None:
    """Keep what was found in card files for the next run."""
    for source in found.sources:
        verdict = memory.verdicts.files.get(source.path) or _NOTHING
        parsed = memory.parsed[source.path][1]
        kept.add(source, FileResult(parsed, *verdict[1:]))
    kept.keep_right(memory.verdicts.words, project.card_schema.allowed)
    kept.save()


def parsed(source: Source, memory: Memory) -> Outcome[RawCard]:
    """Parse a card file, or take its cards from memory if the text is unchanged."""
    known = memory.parsed.get(source.path)
    if known is None or known[0] != source:
        known = memory.parsed[source.path] = (source, parse(source))
    return known[1]
