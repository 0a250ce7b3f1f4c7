"""A learner with a real Anki collection: imports packages, studies, and tells what the collection holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from anki.collection import Collection
from anki.import_export_pb2 import ImportAnkiPackageOptions, ImportAnkiPackageRequest, ImportAnkiPackageUpdateCondition

ALWAYS = ImportAnkiPackageUpdateCondition.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_ALWAYS
IF_NEWER = ImportAnkiPackageUpdateCondition.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_IF_NEWER


class Learner:
    """One collection in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.col = Collection(str(folder / "collection.anki2"))

    def close(self) -> None:
        self.col.close()

    def add(self, package: Path, always: bool = False) -> Any:
        """Imports a package with Anki's default options, or with both updates set to Always; returns Anki's import log."""
        update = ALWAYS if always else IF_NEWER
        options = ImportAnkiPackageOptions(update_notes=update, update_notetypes=update)  # all else off, as by default
        result = self.col.import_anki_package(ImportAnkiPackageRequest(package_path=str(package), options=options))
        self.col.models._clear_cache()
        return result.log

    def guids(self) -> set[str]:
        return set(self.col.db.list("select guid from notes"))

    def decks(self) -> set[str]:
        """Names of the decks that hold cards."""
        return {self.col.decks.name(did) for did in self.col.db.list("select distinct did from cards")}

    def tags(self) -> set[str]:
        return set(self.col.tags.all())

    def snapshot(self, ids: bool = True) -> dict[str, Any]:
        """Everything that a learner has, so that two collections can be compared. Without `ids` notes go by guid alone, as
        Anki gives a note another id where its own is taken."""
        note_rows = self.col.db.all("select id, guid, mid, mod, tags, flds, sfld, csum from notes")
        guid_of = {row[0]: row[1] for row in note_rows}
        deck_of = {d.id: d.name for d in self.col.decks.all_names_and_ids()}
        cards = self.col.db.all("select nid, ord, did, mod, type, queue, due, ivl, reps, flags from cards")
        types = {mid: self._notetype(mid) for mid in self.col.db.list("select distinct mid from notes")}
        return {
            "notes": sorted((row if ids else row[1:]) for row in note_rows),
            "cards": sorted((guid_of[c[0]], c[1], deck_of[c[2]], *c[3:]) for c in cards),
            "decks": sorted(deck_of.values()),
            "types": types,
            "media": sorted(p.name for p in Path(self.col.media.dir()).iterdir()),
            "tags": sorted(self.tags()),
            "schema": self.col.db.scalar("select scm from col") if ids else 0,
            "reviews": self.col.db.all("select * from revlog order by id"),
        }

    def _notetype(self, number: int) -> str:
        data = dict(self.col.models.get(number))
        data.pop("usn", None)
        return json.dumps(data, sort_keys=True)
