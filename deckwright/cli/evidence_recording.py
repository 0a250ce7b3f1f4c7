"""Write what data and pages said: the evidence record, and the table of pages."""

from __future__ import annotations

from collections.abc import Iterable

from deckwright.core.files import replace_file
from deckwright.core.wording import count
from deckwright.facts import evidence, page_table
from deckwright.facts.page_table import PageRow
from deckwright.facts.page_verdict import Pages
from deckwright.facts.verdict import CONFIRMED, CheckedValue
from deckwright.facts.verify import recorded
from deckwright.pipeline import Checked
from deckwright.project.evidence_record import EvidenceRow, record_path, write_record

_DATE = "at the top of each copy, write `copied: YYYY-MM` between two lines `---`"


def write(checked: Checked, facts: Iterable[CheckedValue], pages: Pages) -> str:
    """Rewrite the records of every root that this project releases.

    Returns what it did, in words. Raises OSError. A fact that is not confirmed keeps
    what was recorded of it before, and so does a page that is not here or is older here.
    """
    facts, project = tuple(facts), checked.project
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
    if lines := _undated(facts):
        done.append(f"not recorded: {count(lines, 'line')} on copies without a date; {_DATE}")
    return "\n".join(done)


def _undated(facts: Iterable[CheckedValue]) -> int:
    """Return how many lines are confirmed by copies without a date."""
    confirmed = (fact for fact in facts if fact.state in CONFIRMED)
    verdicts = (verdict for fact in confirmed for verdict in fact.verdicts)
    return sum(verdict.line.is_page and not verdict.version for verdict in verdicts)


def _rows(checked: Checked, namespace: str, facts: tuple[CheckedValue, ...]) -> list[EvidenceRow]:
    """The lines of one record: facts that are confirmed, then old lines of the others."""
    kept = checked.project.evidence_records.get(namespace, {})
    out = []
    for fact in (fact for fact in facts if fact.card.namespace == namespace):
        for verdict in fact.verdicts:
            row = recorded(fact, verdict)
            old = kept.get((row.card, row.evidence))
            is_older = old is not None and verdict.line.is_page and row.version < old.version
            if fact.state in CONFIRMED and row.version and not is_older:
                out.append(row)
            elif old:
                out.append(old)
    return out


def _page_rows(checked: Checked, base: str, pages: Pages) -> list[PageRow]:
    """The lines of the table in one base: a line for each page that its cards quote."""
    project = checked.project
    kept = page_table.read(project, base)
    inside = {root.namespace for root in project.roots if root.base == base}
    urls = {
        evidence.page_url(line.path)
        for card in checked.cards
        if card.namespace in inside & set(project.releasing)
        for given in card.evidence
        for line in evidence.read(given).values
        if line.is_page
    }
    out = []
    for url in sorted(urls):
        found, old = pages.read(url), kept.get(url)
        if found and found[0].date and not (old and found[0].date < old.date):
            copy, text = found
            out.append(PageRow(url, copy.etag, copy.date, text.digest if copy.whole else ""))
        elif old:
            out.append(old)
    return out
