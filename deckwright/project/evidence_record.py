"""What data and pages said when evidence was last checked: a value, and its text form.

`decks/evidence/<namespace>.tsv` has one line per line of evidence, sorted, its cells
separated by tabs; lines that begin with `#` are comments. Only `verify --record` writes
it. The site shows it, and `verify` compares newer data and pages with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields

from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.source import Source
from deckwright.core.wording import count

_FORMAT = "format\t1"  # another number means a newer compiler
_HEAD = """\
# What published data and pages said when they were checked last: `./build.py verify \
--record` writes it, and `verify` compares newer data and pages with it.
# card, evidence (as on the card), package and version (or page and date of the copy), \
what the card stated, what the data or page said
"""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A line of evidence, and what a package of data or a page said about it.

    If the evidence is a page, `package` is "page", `version` the month or day of the copy
    that was read, and `said` a sentence or row of it.
    """

    card: str
    evidence: str
    package: str
    version: str
    stated: str
    said: str


EvidenceRecord = Mapping[tuple[str, str], EvidenceRow]  # by card and evidence
_CELLS = len(fields(EvidenceRow))


def record_path(namespace: str) -> str:
    """Return the path of a namespace's record in its project or overlay."""
    return f"decks/evidence/{namespace}.tsv"


def read_record(source: Source) -> Outcome[EvidenceRecord | None]:
    """Read a record, and return a diagnostic for each line that cannot be read.

    If two lines are about the same evidence, as a merge leaves them, the later one
    counts.
    """
    rows: dict[tuple[str, str], EvidenceRow] = {}
    diagnostics = []
    for number, line in enumerate(source.text.split("\n")):
        if not line or line.startswith("#") or line == _FORMAT:
            continue
        cells = line.split("\t")
        if len(cells) == _CELLS:
            row = EvidenceRow(*cells)
            rows[row.card, row.evidence] = row
        else:
            message = f"this line has {count(len(cells), 'cell')} instead of {_CELLS}"
            help_line = "run `./build.py verify --record` to rewrite the file"
            if cells[0] == "format":
                message = f"the record has the format {cells[-1]}, which this compiler can't read"
                help_line = "update the compiler: pull the project's newest version"
            place = source.lines_span(number, number + 1)
            diagnostics.append(Diagnostic("V807", message, place, help_line))
    return Outcome(rows, tuple(diagnostics))


def write_record(rows: Iterable[EvidenceRow]) -> str:
    """Return the text form of a record."""
    lines = ("\t".join(" ".join(cell.split()) for cell in astuple(row)) for row in rows)
    return f"{_HEAD}{_FORMAT}\n" + "".join(f"{line}\n" for line in sorted(lines))
