"""The result for a line of evidence, and for a value that a card states."""

from __future__ import annotations

from dataclasses import dataclass

from deckwright.core.card import Card
from deckwright.facts.comparable import parts
from deckwright.facts.compare import Match
from deckwright.facts.evidence import Evidence
from deckwright.facts.stated_value import StatedValue

AGREES, PAGE_AGREES, PARTLY = "agrees", "page agrees", "partly"
DIFFERS, GONE, NOT_READ, UNCHECKED = "differs", "gone", "not read here", "not checkable"
STATES = (AGREES, PAGE_AGREES, PARTLY, DIFFERS, GONE, NOT_READ, UNCHECKED)
CONFIRMED = (AGREES, PAGE_AGREES)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result for one evidence line.

    `said` is what the data says (see `compare.quote`), in `version` of `package`; or the
    sentence or row of a page, in a copy of the month or day `version`. `digest` is the
    hash of that with its headings. `near` is the sentence most similar to a phrase that
    is not there. If `from_record`, there is no copy of the page here, and the rest is what
    was read and recorded before.
    """

    line: Evidence
    state: str
    match: Match
    said: str
    package: str
    version: str
    near: str = ""
    digest: str = ""
    from_record: bool = False


@dataclass(frozen=True, slots=True)
class CheckedValue:
    """A value that a card states, with the verdicts on it; `gap` is 0 for an answer.

    `state` is AGREES only if data confirms every number and name of the value, and
    PAGE_AGREES if one of the lines that confirm them cites a page.
    """

    card: Card
    gap: int
    value: StatedValue
    verdicts: tuple[Verdict, ...]
    state: str

    @property
    def from_record(self) -> bool:
        """Whether a page that confirms the value was read before, not now."""
        return any(verdict.from_record for verdict in self.verdicts)


def state_of(verdicts: tuple[Verdict, ...], value: StatedValue) -> str:
    """Return the state of a value, given the verdicts on it."""
    states = {verdict.state for verdict in verdicts}
    if not states:
        return UNCHECKED
    if broken := states & {DIFFERS, GONE}:
        return DIFFERS if DIFFERS in broken else GONE
    if NOT_READ in states:
        return NOT_READ
    if unconfirmed(verdicts, value):
        return PARTLY
    return PAGE_AGREES if PAGE_AGREES in states else AGREES


def unconfirmed(verdicts: tuple[Verdict, ...], value: StatedValue) -> frozenset[str]:
    """Return the parts of a value that no evidence confirms."""
    return parts(value).difference(*(verdict.match.covers for verdict in verdicts))
