"""Write what data and pages said: the evidence record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from deckwright.core.files import replace_file
from deckwright.core.wording import count
from deckwright.facts.evidence import page_url
from deckwright.facts.page_copies import PageCopies
from deckwright.facts.verify import Fact, Result, recorded
from deckwright.pipeline import Checked
from deckwright.project.evidence_record import EvidenceRow, record_path, write_record

_DATE = "at the top of each copy, write `copied: YYYY-MM` between two lines `---`"


def write(checked: Checked, facts: tuple[Fact, ...], pages: PageCopies) -> str:
    """Rewrite the records of every root that this project releases.

    Returns what it did, in words. Raises OSError. A fact that is not confirmed keeps
    what was recorded of it before, and so does a line whose page is not here or is older here.
    """
    project = checked.project
    texts: dict[str, str] = {}
    for namespace in project.releasing:
        name = project.card_folder(namespace).base + record_path(namespace)
        texts[name] = write_record(_rows(checked, namespace, facts, pages))
    done = []
    for name, text in texts.items():
        path = project.folder / name
        before = path.read_text("utf-8") if path.exists() else None
        has_rows = any(not line.startswith("#") for line in text.splitlines())
        if text != before and (before is not None or has_rows):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, text)
            done.append(f"written: {name}")
    if not done:
        done.append("the record is unchanged")
    results = [result for fact in facts if fact.confirmed for result in fact.results]
    if lines := sum(not result.version for result in results):
        done.append(f"not recorded: {count(lines, 'line')} on copies without a date; {_DATE}")
    return "\n".join(done)


def _rows(
    checked: Checked, namespace: str, facts: Iterable[Fact], pages: PageCopies
) -> list[EvidenceRow]:
    """The lines of one record: facts that are confirmed, then old lines of the others."""
    before = checked.project.evidence_records.get(namespace, {})
    mine = (fact for fact in facts if fact.card.namespace == namespace)
    rows = (
        _row(fact, result, before.get((fact.card.id, result.line.span.text)), pages)
        for fact in mine
        for result in fact.results
    )
    return [row for row in rows if row]


def _row(
    fact: Fact, result: Result, old: EvidenceRow | None, pages: PageCopies
) -> EvidenceRow | None:
    """The line for a result: new if it is confirmed and not older than the old one."""
    row = recorded(fact, result)
    if result.from_record or not (fact.confirmed and row.version):
        return old
    if not result.line.is_page:
        return row
    if old and row.version < old.version:
        return old
    copy = pages.read(page_url(result.line.path))
    return replace(row, hash=copy.page.digest if copy and copy.whole else "")
