"""Write what data and pages said: the evidence record."""

from __future__ import annotations

from deckwright.core.files import replace_file
from deckwright.core.wording import count
from deckwright.facts.verify import Fact, Result, row_of
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
        mine = [fact for fact in facts if fact.card.namespace == namespace]
        rows = [_row(fact, result) for fact in mine for result in fact.results]
        text = write_record(row for row in rows if row)
        path = project.folder / name
        before = path.read_text("utf-8") if path.exists() else None
        if text != before and (before is not None or any(rows)):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, text)
            done.append(f"written: {name}")
    results = [result for fact in facts if fact.confirmed for result in fact.results]
    if lines := sum(not result.version for result in results):
        done.append(f"not recorded: {count(lines, 'line')} on copies without a date; {_DATE}")
    return "\n".join(done) or "the record is unchanged"


def _row(fact: Fact, result: Result) -> EvidenceRow | None:
    """The row for a result: new if the fact is confirmed here, on a copy with a date."""
    is_new = fact.confirmed and result.version and not result.from_record
    return row_of(fact, result) if is_new else result.recorded
