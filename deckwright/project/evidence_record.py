"""What published data said when the evidence of cards was checked last, and in which version: a value, and its one text form.

`decks/evidence/<namespace>.tsv` has one line per line of evidence, sorted, the cells parted by tabs; lines that begin with `#` say
what the cells are. Only `verify --record` writes it. Builds read it for the report of facts, `verify --drift` compares with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.source import Source

_HEAD = """\
# What published data said when it was checked last: written by `python build.py verify --record`, compared by `verify --drift`.
# card, evidence (as on the card), package, version, what the card stated, what the data said (empty where there was nothing)
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of evidence as it was found. `said` is empty where the data had nothing."""

    card: str
    evidence: str
    package: str
    version: str
    stated: str
    said: str


Record = Mapping[tuple[str, str], Recorded]  # by card and evidence


def record_path(namespace: str) -> str:
    """Where a root's record lies in the project."""
    return f"decks/evidence/{namespace}.tsv"


def read_record(source: Source) -> Outcome[Record]:
    """The rows of a record. Of two for the same evidence, as a merge leaves them, the later line counts."""
    rows: dict[tuple[str, str], Recorded] = {}
    diagnostics = []
    for number, line in enumerate(source.text.split("\n")):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != len(fields(Recorded)):
            message = f"this line has {len(cells)} cells, not {len(fields(Recorded))}"
            diagnostics.append(
                Diagnostic(
                    "V807",
                    message,
                    source.lines_span(number, number + 1),
                    "write the file anew: verify --record",
                )
            )
            continue
        row = Recorded(*cells)
        rows[row.card, row.evidence] = row
    return Outcome((rows,), tuple(diagnostics))


def write_record(rows: Iterable[Recorded]) -> str:
    """The text form of a record."""
    lines = [
        "\t".join(" ".join(getattr(row, f.name).split()) for f in fields(Recorded)) for row in rows
    ]
    return _HEAD + "".join(f"{line}\n" for line in sorted(lines))
