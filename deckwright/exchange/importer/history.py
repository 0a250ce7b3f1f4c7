"""The history of imports: which foreign note became which card.

It is the file `decks/imported/<namespace>.tsv`, by which a later import of the same
notes brings only what is new, and gives the same ids.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from deckwright.cards.ids import ID
from deckwright.core.errors import UserError
from deckwright.core.files import read_source
from deckwright.exchange.importer.drafts import Draft
from deckwright.project.project import CardFolder

_HEAD = (
    "# Which imported note became which card. Written by `./build.py import` for later imports.\n"
    "# card, note (its guid, or a hash of its question), what the note said (a hash)\n"
)


class ImportedCard(NamedTuple):
    """The id of a card, and the digest of what its note said when it was imported."""

    id: str
    digest: str


@dataclass(frozen=True, slots=True)
class ImportHistory:
    """The imported cards of a root. `path` is relative to the project."""

    path: str
    cards: Mapping[str, ImportedCard] = field(default_factory=dict)

    def card(self, origin: str) -> ImportedCard | None:
        """The card that the note of an origin became."""
        return self.cards.get(_key(origin))

    def with_cards(self, drafts: Iterable[Draft]) -> ImportHistory:
        """The history after the import of more cards. Own notes need none."""
        new = {_key(d.origin): ImportedCard(d.id, d.digest) for d in drafts if not d.own}
        return ImportHistory(self.path, {**self.cards, **new})

    def text(self) -> str:
        """The text of the file."""
        rows = sorted((card.id, card.digest, key) for key, card in self.cards.items())
        return _HEAD + "".join(f"{name}\t{key}\t{digest}\n" for name, digest, key in rows)


def read_history(folder: Path, root: CardFolder) -> ImportHistory:
    """The history of a root in the project in `folder`; empty before its first import.

    Raises UserError if the file cannot be read.
    """
    path = f"{root.base}decks/imported/{root.namespace}.tsv"
    if not (folder / path).exists():
        return ImportHistory(path)
    outcome = read_source(folder, path)
    if outcome.value is None:
        raise UserError(f"{path}: {outcome.diagnostics[0].message}", outcome.diagnostics[0].help)
    cards = {}
    for number, line in enumerate(outcome.value.text.split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 3 or not ID.fullmatch(cells[0]):
            raise UserError(
                f"{path}:{number}: the line does not have the columns card, note, hash",
                "restore the line, or remove it",
            )
        name, key, digest = cells
        cards[key] = ImportedCard(name, digest)
    return ImportHistory(path, cards)


def _key(origin: str) -> str:
    """A note's origin as a cell of the file; a hash of it if it does not fit."""
    if re.fullmatch(r"\S{1,80}", origin) and origin.isprintable():
        return origin
    digest = hashlib.sha256(origin.encode("utf-8", "surrogatepass")).hexdigest()
    return f"hash-{digest[:16]}"
