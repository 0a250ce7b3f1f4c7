"""A small AnkiConnect in this process, in front of a real Anki collection.

It answers the actions that `push` uses, in the words of API version 6, and acts on the
collection through the same calls as the add-on, so that what a push does to notes,
cards and note types is Anki's own doing. Failures can be planted: see `fail_at`. Its
answers to these actions, also errors, were compared with the add-on's own in Anki
26.9.3.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from anki.collection import Collection
from anki.errors import NotFoundError
from anki.import_export_pb2 import ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.notes import Note

# How the actions begin that change nothing by themselves.
READING = ("requestPermission", "model", "find", "notesInfo", "multi")


class Killed(BaseException):
    """Anki ends in the middle of a request."""


class FakeAnkiConnect:
    """The add-on.

    `open` says whether a profile is open, `key` is the API key that it asks for, `log`
    has every action that was asked for. `editor` is a note in an open editor of Anki:
    when the learner types there, Anki saves all of it as it was last drawn. Anki is
    killed after `fail_at` writing actions; if `late`, after one more, before it answers.
    `body` is sent instead of any answer.
    """

    def __init__(self, col: Collection) -> None:
        self.col = col
        self.open = True
        self.key = ""
        self.permission = "granted"
        self.editor: Note | None = None
        self.log: list[str] = []
        self.fail_at: int | None = None
        self.late = False
        self.body: bytes | None = None

    @property
    def written(self) -> list[str]:
        """What was asked of the add-on that changes a collection."""
        return [action for action in self.log if not action.startswith(READING)]

    def answer(self, request: dict[str, Any]) -> Any:
        """As the add-on's `handler` in API version 6."""
        action, params = request["action"], request["params"]
        killed = not action.startswith(READING) and len(self.written) == self.fail_at
        self.log.append(action)
        if killed and not self.late:
            raise Killed
        try:
            # No key where none is asked for.
            if request.get("key") != (self.key or None) and action != "requestPermission":
                raise RuntimeError("valid api key must be provided")
            if not self.open and action not in ("requestPermission", "multi"):
                raise RuntimeError("collection is not available")
            result = getattr(self, f"do_{action}")(**params)
        except Exception as error:
            return {"result": None, "error": str(error)}
        if killed:
            raise Killed
        return {"result": result, "error": None}

    def do_requestPermission(self) -> Any:
        if self.permission != "granted":
            return {"permission": self.permission}
        return {"permission": "granted", "requireApikey": bool(self.key), "version": 6}

    def do_multi(self, actions: list[Any]) -> Any:
        return [self.answer(action) for action in actions]

    def do_modelNamesAndIds(self) -> Any:
        return {one.name: one.id for one in self.col.models.all_names_and_ids()}

    def do_modelFieldNames(self, modelName: str) -> Any:
        return [f["name"] for f in self._model(modelName)["flds"]]

    def do_modelTemplates(self, modelName: str) -> Any:
        return {
            t["name"]: {"Front": t["qfmt"], "Back": t["afmt"]}
            for t in self._model(modelName)["tmpls"]
        }

    def do_modelStyling(self, modelName: str) -> Any:
        return {"css": self._model(modelName)["css"]}

    def do_updateModelStyling(self, model: dict[str, Any]) -> None:
        data = self._model(model["name"])
        data["css"] = model["css"]
        self.col.models.update_dict(data)

    def do_updateModelTemplates(self, model: dict[str, Any]) -> None:
        data = self._model(model["name"])
        for template in data["tmpls"]:
            sides = model["templates"].get(template["name"], {})
            template["qfmt"] = sides.get("Front") or template["qfmt"]
            template["afmt"] = sides.get("Back") or template["afmt"]
        self.col.models.update_dict(data)

    def do_findNotes(self, query: str) -> Any:
        return list(self.col.find_notes(query))

    def do_notesInfo(self, notes: list[int]) -> Any:
        """Empty for a note that is not there."""
        out: list[dict[str, Any]] = []
        for number in notes:
            try:
                note = self._note(number)
            except NotFoundError:
                out.append({})
                continue
            fields = {name: {"value": value} for name, value in note.items()}
            out.append({"noteId": number, "tags": note.tags, "fields": fields})
        return out

    def do_updateNoteFields(self, note: dict[str, Any]) -> None:
        found = self._note(note["id"])
        self._redraw()
        for name, value in note["fields"].items():
            if name in found:
                found[name] = value
        self.col.update_note(found)

    def do_addTags(self, notes: list[int], tags: str) -> None:
        self._redraw()
        self.col.tags.bulk_add(notes, tags)

    def do_removeTags(self, notes: list[int], tags: str) -> None:
        self._redraw()
        self.col.tags.bulk_remove(notes, tags)

    def do_storeMediaFile(self, filename: str, data: str, deleteExisting: bool) -> Any:
        assert not deleteExisting
        return self.col.media.write_data(os.path.basename(filename), base64.b64decode(data))

    def do_importPackage(self, path: str) -> Any:
        """Import as the add-on does: all settings on, updates if newer."""
        options = ImportAnkiPackageOptions(
            merge_notetypes=True, with_scheduling=True, with_deck_configs=True
        )
        self._redraw()
        path = os.path.join(self.col.media.dir(), path)
        self.col.import_anki_package(ImportAnkiPackageRequest(package_path=path, options=options))
        return True

    def _redraw(self) -> None:
        """Draw Anki's windows, as the add-on does before it writes notes, not after."""
        if self.editor is not None:
            self.editor.load()

    def _note(self, number: int) -> Note:
        try:
            return self.col.get_note(number)  # type: ignore[arg-type]
        except NotFoundError as error:
            raise NotFoundError(f"Note was not found: {number}", None, None, None) from error

    def _model(self, name: str) -> Any:
        self.col.models._clear_cache()
        found = self.col.models.by_name(name)
        if found is None:
            raise RuntimeError(f"model was not found: {name}")
        return found


@contextmanager
def serving(fake: FakeAnkiConnect) -> Iterator[int]:
    """The add-on at a port of this machine, for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                body = json.dumps(fake.answer(request)).encode() if fake.body is None else fake.body
            except Killed:
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
