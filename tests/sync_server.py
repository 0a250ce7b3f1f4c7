"""Anki's own sync server, and a learner's device that syncs with it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from anki.collection import Collection
from anki.sync_pb2 import SyncCollectionResponse
from anki_learner import Learner

NAME, PASSWORD = "learner", "secret"
# What devices must agree on. Left out are `usn`, with which each collection counts its own syncs,
# and the settings of the program.
TABLES = {
    "notes": "id, guid, mid, mod, tags, flds, sfld, csum, flags, data",
    "cards": "id, nid, did, ord, mod, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, "  # noqa: E501
    "flags, data",
    "revlog": "id, cid, ease, ivl, lastIvl, factor, time, type",
    "tags": "tag",
    "col": "crt, scm",
}


class OneWaySyncError(Exception):
    """Anki can't merge the two collections: one of them has to replace the other."""


@contextmanager
def sync_server(folder: Path) -> Iterator[str]:
    """A server with one account that keeps its files in `folder`; gives its address. The
    system chooses the port, and the server tells it once it listens.
    """
    settings = {
        "SYNC_USER1": f"{NAME}:{PASSWORD}",
        "SYNC_BASE": str(folder),
        "SYNC_HOST": "127.0.0.1",
        "SYNC_PORT": "0",
        "RUST_LOG": "anki=info",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "anki.syncserver"],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert server.stdout is not None
    said: list[str] = []
    reader = Thread(target=said.extend, args=(server.stdout,))
    try:
        for line in server.stdout:
            said.append(line)
            if found := re.search(r"127\.0\.0\.1:(\d+)", line):
                break
        else:
            raise AssertionError(f"the sync server ended: {''.join(said)}")
        reader.start()  # so that the server never waits for someone to read what it says
        yield f"http://127.0.0.1:{found[1]}/"
    finally:
        server.terminate()
        server.wait(timeout=60)
        if reader.ident:
            reader.join()
        server.stdout.close()


class Device(Learner):
    """A device of a learner who has an account on the server at `address`."""

    def __init__(self, folder: Path, address: str, start: int) -> None:
        super().__init__(folder, start)
        # Anki's own note types may be made in the second in which the learner begins to act.
        self.col.db.execute("update notetypes set mtime_secs = ?", start)
        self.auth = self.col.sync_login(NAME, PASSWORD, address)
        self.auth.endpoint = address  # Anki 23.10 leaves it out

    def sync(self) -> None:
        """Syncs cards, then media. Raises OneWaySyncError if Anki would ask which side to keep."""
        answer = self.col.sync_collection(self.auth, sync_media=False)
        if answer.required != SyncCollectionResponse.NO_CHANGES:
            required = SyncCollectionResponse.ChangesRequired.Name(answer.required)
            raise OneWaySyncError(required)
        self.col.models._clear_cache()
        self._sync_media()

    def begin(self, upload: bool) -> None:
        """The first sync of a device, which always goes one way."""
        answer = self.col.sync_collection(self.auth, sync_media=False)
        self.col.close_for_full_sync()
        self.col.full_upload_or_download(
            auth=self.auth, server_usn=answer.server_media_usn, upload=upload
        )
        self.col.reopen(after_full_sync=True)
        self._sync_media()

    def _sync_media(self) -> None:
        self.col.sync_media(self.auth)
        end = time.monotonic() + 120
        while self.col.media_sync_status().active:
            assert time.monotonic() < end, "media are still being synced"
            time.sleep(0.01)


def contents(col: Collection) -> dict[str, Any]:
    """Everything that devices must agree on. Note types, decks, and their options come as
    Anki writes them, because it stores the same in more than one way.
    """
    assert col.db is not None
    found: dict[str, Any] = {
        table: sorted(map(tuple, col.db.all(f"select {columns} from {table}")))
        for table, columns in TABLES.items()
    }
    found["note types"] = _by_id(col.models.all())
    found["decks"] = _by_id(col.decks.all())
    found["options"] = _by_id(col.decks.all_config())
    found["media"] = {p.name: p.read_bytes() for p in sorted(Path(col.media.dir()).iterdir())}
    return found


def _by_id(rows: Iterable[Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    return {row["id"]: {key: row[key] for key in row if key != "usn"} for row in rows}
