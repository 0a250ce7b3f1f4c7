"""Retired cards → tombstones.

A package cannot delete or suspend a card: an import never touches existing cards. So a
retired card's note is replaced by one that says so, with a tag to find and delete all
of them. These notes have their own package.
"""

from __future__ import annotations

from collections.abc import Mapping

from deckwright import markdown
from deckwright.core.note import PackagedNote
from deckwright.output.modification_times import modification_time
from deckwright.project.ledger import CardRow
from deckwright.project.notetypes import FIELDS, content_fingerprint, in_order, labels_fingerprint
from deckwright.project.project import Project
from deckwright.project.retirements import RetiredCard

DECK = "Retired"  # the deck, below the project's, of tombstones whose card a learner never had


def search(tag: str) -> str:
    """Return the search for all retired cards in Anki; `tag` is the tag root."""
    return f"tag:{tag}::retired"


def tombstones(project: Project) -> tuple[PackagedNote, ...]:
    """Return a tombstone for each retired card of the ledgers, by namespace and id.

    Not for note types that this version of the compiler does not have.
    """
    rows = [
        _tombstone(row, entry, project, namespace)
        for namespace in project.namespaces
        for _, row in sorted(project.ledger(namespace).cards.items())
        if not row.live
        and row.type in FIELDS
        and (entry := project.retired(namespace).cards.get(row.id))
    ]
    return tuple(rows)


def _tombstone(row: CardRow, entry: RetiredCard, project: Project, namespace: str) -> PackagedNote:
    """Return the tombstone of one retired card.

    It keeps the note's identity and, in a cloze note, every gap number that it ever
    had: none of a learner's cards becomes blank, whichever releases they skipped.
    """
    root, notetype = project.card_folder(namespace), project.notetype(namespace, row.type)
    fields = in_order(notetype, _fields(row, entry, root.tag))
    tags = (f"{root.tag}::retired::{row.state}",)
    content = content_fingerprint(notetype, fields)
    mod, draft = modification_time(content, row, project.last_mod_of((namespace,)))
    return PackagedNote(
        id=row.id,
        guid=row.guid,
        type=notetype.slug,
        fields=fields,
        tags=tags,
        deck=f"{root.deck}::{DECK}",
        position=1,
        content_fingerprint=content,
        labels_fingerprint=labels_fingerprint(notetype, fields, tags),
        mod=mod,
        note_id=row.note_id,
        draft=draft,
    )


def _fields(row: CardRow, entry: RetiredCard, tag: str) -> Mapping[str, str]:
    notice = (
        f"<p>This card (<code>{row.id}</code>) was retired in release {row.state}. "
        "You can delete it; the back explains how.</p>"
    )
    reason = f"<p>{markdown.text_html(entry.reason)}</p>"
    if entry.successors:
        names = ", ".join(f"<code>ID:{name}</code>" for name in entry.successors)
        reason += f"<p>Replaced by (search in <i>Browse</i>): {names}</p>"
    delete = (
        "<p>To delete all retired cards, open <i>Browse</i>, "
        f"search for <code>{search(tag)}</code>, click one of the cards, and choose "
        "<i>Edit › Select All</i> and <i>Notes › Delete</i>.</p>"
    )
    gaps = " ".join(f"{{{{c{number}::delete me}}}}" for number in sorted(row.numbers))
    bodies = {
        "basic": {"Question": notice, "Answer": reason},
        "cloze": {"Text": f"{notice}<p>{gaps}</p>", "Extra": reason},
        "multiple-choice": {
            "Question": notice,
            "Pick": "1",
            "Options": '<ol class="options">\n<li data-n="1">Delete it</li>\n</ol>',
            "Key": "1",
            "Why": f'<ul class="why">\n<li data-n="1">{reason}</li>\n</ul>',
        },
    }
    body = bodies[row.type]
    return {"ID": row.id, **body, "Extra": body.get("Extra", "") + delete, "Status": "Retired"}
