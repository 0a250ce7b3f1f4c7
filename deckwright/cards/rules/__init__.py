"""What a good card must not do: one rule a function, `(Card, Setting) → Diagnostics`.

A rule sees a Card whose structure holds; it decides nothing but its own question. `validate.RULES` is the whole list, in
the order they report: nothing registers itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.note import Image
from deckwright.project.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Setting:
    """What a rule may ask besides the card: the vocabulary, the project's pictures by path, and the gap
    numbers that are taken by namespace and id of released cards."""

    vocabulary: Vocabulary
    images: Mapping[str, Image]
    released: Mapping[tuple[str, str], frozenset[int]]


Rule = Callable[[Card, Setting], Iterator[Diagnostic]]
