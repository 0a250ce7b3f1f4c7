"""Write what data and pages said: the evidence record."""

from __future__ import annotations

from collections.abc import Iterator

from deckwright.core.files import replace_file
from deckwright.core.wording import count
from deckwright.facts.verify import Fact, row_of
from deckwright.pipeline import Checked
from deckwright.project.evidence_record import EvidenceRow, record_path, write_record

_DATE = "at the top of each copy, write `copied: YYYY-MM` between two lines `---`"


def write(checked: Checked, facts: tuple[Fact, ...]) -> str:
    """Rewrite the records of every root that this project releases.

    Returns what it did, in words. Raises OSError. A value that is not confirmed keeps what
    was recorded of it before.
    """
    project = checked.project
    done = []
    for namespace in project.releasing:
        name = project.root(namespace).base + record_path(namespace)
        rows = [row for fact in facts if fact.card.namespace == namespace for row in _rows(fact)]
        text = write_record(rows)
        path = project.folder / name
        before = path.read_text("utf-8") if path.exists() else None
        if text != before and (before is not None or rows):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, text)
            done.append(f"written: {name}")
    if lines := sum(not one.version for fact in facts for one in fact.results if fact.confirmed):
        done.append(f"not recorded: {count(lines, 'line')} on copies without a date; {_DATE}")
    return "\n".join(done) or "the record is unchanged"


def _rows(fact: Fact) -> Iterator[EvidenceRow]:
    """The rows for a value: new if it is confirmed here, on copies with a date."""
    for result in fact.results:
        if fact.confirmed and result.version and not result.from_record:
            yield row_of(fact, result)
        elif result.recorded:
            yield result.recorded
