"""Stage 5, beside `render`: retired cards → Rows that tell a learner who has them what became of them.

Nothing in a package can delete or suspend a card (Anki never touches cards that exist). So a retired card's note is replaced
by one that says so, with a tag to find and delete all of them at once, in a package of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from deckwright import markdown
from deckwright.core.diagnostics import Outcome
from deckwright.core.identity import draft_mod, fingerprint
from deckwright.core.note import Row
from deckwright.project.ledger import CardRow
from deckwright.project.notetypes import in_order
from deckwright.project.project import Project
from deckwright.project.retirements import RetiredCard

DECK = (
    "Retired"  # below the project's deck: where a tombstone goes whose card the learner never had
)


def search(tag: str) -> str:
    """What a learner types into Anki's browser to find all retired cards; `tag` is the root of their tags."""
    return f"tag:{tag}::retired"


def tombstones(project: Project) -> Outcome[Row]:
    """One Row for each retired card of the ledgers, by namespace and id."""
    rows = [
        tombstone(row, entry, project, namespace)
        for namespace in project.namespaces
        for _, row in sorted(project.ledger(namespace).cards.items())
        if not row.live and (entry := _entry(project, namespace, row.id))
    ]
    return Outcome(tuple(rows))


def _entry(project: Project, namespace: str, card_id: str) -> RetiredCard | None:
    found = project.retirements.get(namespace)
    return found.cards.get(card_id) if found else None


def tombstone(row: CardRow, entry: RetiredCard, project: Project, namespace: str) -> Row:
    """The row of one retired card. It keeps the note's identity and, in a cloze note, every gap that it ever had, so that none
    of the learner's cards is left blank, whichever releases they skipped."""
    root, notetype = project.root(namespace), project.notetype(namespace, row.type)
    fields = in_order(notetype, _fields(row, entry, root.tag))
    labels = (f"{root.tag}::retired::{row.state}",)
    mark = fingerprint(notetype.id, fields, labels)
    same = mark == row.fingerprint
    stamp = row.mod if same else draft_mod(mark, row.mod, project.last_mod_of((namespace,)))
    return Row(
        row.id,
        row.guid,
        notetype.slug,
        fields,
        labels,
        f"{root.deck}::{DECK}",
        1,
        mark,
        stamp,
        row.note_id,
        not same,
    )


def _fields(row: CardRow, entry: RetiredCard, tag: str) -> Mapping[str, str]:
    said = f"<p>The card <code>{row.id}</code> was retired in release {row.state}. You may delete it; the back says how.</p>"
    reason = f"<p>{markdown.text_html(entry.reason)}</p>"
    if entry.successors:
        names = ", ".join(f"<code>ID:{name}</code>" for name in entry.successors)
        reason += f"<p>In its place (search for): {names}</p>"
    found = f"<i>Browse</i>, search for <code>{search(tag)}</code>"
    delete = f"<p>To delete all retired cards: {found}, click one of them, <i>Edit › Select All</i>, <i>Notes › Delete</i>.</p>"
    gaps = " ".join(f"{{{{c{number}::delete me}}}}" for number in sorted(row.numbers))
    bodies = {
        "basic": {"Question": said, "Answer": reason},
        "cloze": {"Text": f"{said}<p>{gaps}</p>", "Extra": reason},
        "multiple-choice": {
            "Question": said,
            "Pick": "1",
            "Options": '<ol class="options">\n<li data-n="1">Delete it</li>\n</ol>',
            "Key": "1",
            "Why": f'<ul class="why">\n<li data-n="1">{reason}</li>\n</ul>',
        },
    }
    body = bodies[row.type]
    return {"ID": row.id, **body, "Extra": body.get("Extra", "") + delete, "Status": "Retired"}
