"""The rules that a card must keep: each one a function `(card, context) → diagnostics`.

A rule sees a card whose structure is valid, and checks one thing only. `lists` has
all rules, in the order of their reports; no rule registers itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.note import Image
from deckwright.project.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule can use besides the card.

    `images` are by path, `released` has the gap numbers of released cards by namespace
    and id. `words` are words that are known to be spelled well, where British spellings
    are fine and where not; a rule adds to them.
    """

    vocabulary: Vocabulary
    images: Mapping[str, Image]
    released: Mapping[tuple[str, str], frozenset[int]]
    words: tuple[set[str], set[str]]


Rule = Callable[[Card, Context], Iterator[Diagnostic]]
