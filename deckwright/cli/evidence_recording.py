"""Write what data and pages said: the evidence record, and the table of pages."""

from __future__ import annotations

from collections.abc import Iterable

from deckwright.core.files import replace_file
from deckwright.core.wording import count
from deckwright.facts import page_table
from deckwright.facts.page_copies import PageCopies, pages_with_evidence
from deckwright.facts.page_table import PageRow
from deckwright.facts.verify import Fact, recorded
from deckwright.pipeline import Checked
from deckwright.project.evidence_record import EvidenceRow, record_path, write_record

_DATE = "at the top of each copy, write `copied: YYYY-MM` between two lines `---`"


def write(checked: Checked, facts: tuple[Fact, ...], pages: PageCopies) -> str:
    """Rewrite the records of every root that this project releases.

    Returns what it did, in words. Raises OSError. A fact that is not confirmed keeps
    what was recorded of it before, and so does a page that is not here or is older here.
    """
    project = checked.project
    texts: dict[str, str] = {}
    for namespace in project.releasing:
        base = project.root(namespace).base
        texts[base + record_path(namespace)] = write_record(_rows(checked, namespace, facts))
        texts[base + page_table.PATH] = page_table.text_of(_page_rows(checked, base, pages))
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


def _rows(checked: Checked, namespace: str, facts: Iterable[Fact]) -> list[EvidenceRow]:
    """The lines of one record: facts that are confirmed, then old lines of the others."""
    before = checked.project.evidence_records.get(namespace, {})
    out = []
    for fact in (fact for fact in facts if fact.card.namespace == namespace):
        for result in fact.results:
            row = recorded(fact, result)
            old = before.get((row.card, row.evidence))
            is_older = old is not None and result.line.is_page and row.version < old.version
            if fact.confirmed and row.version and not is_older:
                out.append(row)
            elif old:
                out.append(old)
    return out


def _page_rows(checked: Checked, base: str, pages: PageCopies) -> list[PageRow]:
    """The lines of the table in one base: a line for each page that its cards quote."""
    project = checked.project
    before = page_table.read(project, base)
    releasing = {name for name in project.releasing if project.root(name).base == base}
    cards = (card for card in checked.cards if card.namespace in releasing)
    out = []
    for url in sorted({url for card in cards for url in pages_with_evidence(card)}):
        copy, old = pages.read(url), before.get(url)
        if copy and copy.date and not (old and copy.date < old.date):
            digest = copy.page.digest if copy.whole else ""
            out.append(PageRow(url, copy.etag, copy.date, digest))
        elif old:
            out.append(old)
    return out
