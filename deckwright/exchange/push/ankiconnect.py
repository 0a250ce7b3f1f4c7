"""`push`: brings cards straight into the Anki on this machine, through its add-on AnkiConnect (API version 6).

The only module that talks over a socket. What is to be done is decided in `pushing`; here it is asked and carried out in small
steps, each of which leaves a sound collection, so that a push may be stopped anywhere and run again.
"""

from __future__ import annotations

import base64
import http.client
import json
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deckwright.core.errors import UserError
from deckwright.core.files import replace_file
from deckwright.core.note import Image, Note
from deckwright.core.progress import SILENT, Progress
from deckwright.exchange.push.plan import (
    Held,
    HeldNote,
    HeldType,
    Plan,
    Record,
    Refused,
    Update,
    remembered,
    unmet,
)
from deckwright.output.apkg import addition
from deckwright.project.project import Project

URL = "http://127.0.0.1:8765"
RECORD = ".pushed.json"  # in the project's folder, not in git
_BATCH = 50  # notes in one request
_SECONDS = 120  # for one request: an import of thousands of notes takes a while
_ADDON = "2055492159"


class AnkiRefusedError(UserError):
    """What Anki, or its add-on, answered instead of doing what was asked."""


@dataclass(frozen=True, slots=True)
class Anki:
    """AnkiConnect at an address of this machine; `key` is its API key, if it has one."""

    url: str
    key: str = field(default="", repr=False)

    def ask(self, action: str, **params: Any) -> Any:
        """The result of one action. UserError where there is no talking, AnkiRefusedError where the action failed."""
        return self._result(self._send(self._request(action, params)))

    def each(self, action: str, params: Sequence[Mapping[str, Any]]) -> None:
        """One action several times in one request. AnkiRefusedError with the first complaint, after all were tried."""
        if not params:
            return
        answers = self.ask("multi", actions=[self._request(action, one) for one in params])
        if not isinstance(answers, list) or len(answers) != len(params):
            raise self.stranger()
        for answer in answers:
            self._result(answer)

    def _request(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return {"action": action, "version": 6, "params": dict(params)} | (
            {"key": self.key} if self.key else {}
        )

    def _result(self, answer: Any) -> Any:
        if not isinstance(answer, dict) or set(answer) != {"result", "error"}:
            raise self.stranger()
        if answer["error"] is not None:
            raise _refused(str(answer["error"]), bool(self.key))
        return answer["result"]

    def stranger(self) -> UserError:
        """For answers that AnkiConnect never gives."""
        help_line = f"see what listens there, or give AnkiConnect's own address (webBindPort in its configuration) with --url; usually {URL}"
        return UserError(f"what answers at {self.url} is not AnkiConnect", help_line)

    def _send(self, body: Mapping[str, Any]) -> Any:
        request = urllib.request.Request(
            self.url, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        # No proxy: what is asked stays on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
        try:
            with opener.open(request, timeout=_SECONDS) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 403:
                message = "AnkiConnect does not let this program in"
                raise UserError(
                    message, 'add "http://localhost" to webCorsOriginList in its configuration'
                ) from error
            raise self.stranger() from error
        except (http.client.HTTPException, ValueError) as error:
            raise self.stranger() from error
        except TimeoutError as error:
            raise self._silent() from error
        except OSError as error:  # URLError is one
            if isinstance(getattr(error, "reason", None), TimeoutError):
                raise self._silent() from error
            if isinstance(getattr(error, "reason", error), ConnectionResetError | BrokenPipeError):
                raise UserError(
                    "Anki hung up", "was it closed? open it and push again: nothing is done twice"
                ) from error
            help_line = f"open Anki; if it is open, install the add-on AnkiConnect (Tools › Add-ons › Get Add-ons, code {_ADDON}) and start Anki again"
            raise UserError(
                f"nothing answers at {self.url}: Anki is closed, or has no AnkiConnect", help_line
            ) from error

    def _silent(self) -> UserError:
        return UserError(
            "Anki does not answer",
            "look whether it waits for you in a window, then push again: nothing is done twice",
        )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None: an answer that sends us elsewhere is no answer of AnkiConnect's."""


def _refused(error: str, keyed: bool) -> UserError:
    if "api key" in error.lower():
        message = (
            "AnkiConnect does not take this API key" if keyed else "AnkiConnect asks for an API key"
        )
        return UserError(
            message,
            "put the apiKey of its configuration into the environment variable ANKICONNECT_KEY",
        )
    if "collection is not available" in error:
        return UserError(
            "no profile is open in Anki", "choose one in Anki's window, then push again"
        )
    if "unsupported action" in error:
        return UserError(
            f"this AnkiConnect is too old: {error}",
            "bring it up to date: Tools › Add-ons › Check for Updates",
        )
    return AnkiRefusedError(
        f"Anki says: {error}", "mend that in Anki, then push again: nothing is done twice"
    )


def connect(url: str, key: str) -> Anki:
    """AnkiConnect, after it said who it is and let us in. UserError where it does not, or where `url` is of another machine."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise UserError(
            f"{url} is no address of this machine",
            f"push talks to the Anki that runs here, as in {URL}",
        )
    anki = Anki(url, key)
    answer = anki.ask("requestPermission")
    if not isinstance(answer, dict) or "permission" not in answer:
        raise anki.stranger()
    if answer["permission"] != "granted":
        raise UserError(
            "AnkiConnect does not let this program in", "say Yes when Anki asks, and push again"
        )
    version = answer.get("version", 0)
    if not isinstance(version, int) or version < 6:
        raise UserError(
            "this AnkiConnect is too old",
            "bring it up to date: Tools › Add-ons › Check for Updates",
        )
    # An add-on without a key refuses every key, so it gets none. Where the answer does not say, the first action does.
    return anki if answer.get("requireApikey", True) else Anki(url)


def held(anki: Anki, project: Project, progress: Progress = SILENT) -> Held:
    """What Anki has of the project: note types by their ids, and every note of these types."""
    try:
        return _held(anki, project, progress)
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # an answer of another shape
        raise anki.stranger() from error


def _held(anki: Anki, project: Project, progress: Progress) -> Held:
    known = anki.ask("modelNamesAndIds")
    names = {int(number): str(name) for name, number in known.items()}
    types, taken = {}, set()
    for slug, notetype in project.notetypes.items():
        name = names.get(notetype.id)
        if name is None:
            if notetype.name in known:
                taken.add(slug)
            continue
        templates = anki.ask("modelTemplates", modelName=name)
        types[slug] = HeldType(
            slug,
            name,
            tuple(anki.ask("modelFieldNames", modelName=name)),
            {template: (sides["Front"], sides["Back"]) for template, sides in templates.items()},
            anki.ask("modelStyling", modelName=name)["css"],
        )
    with progress.during("reading Anki's notes"):
        notes = [
            n
            for slug in types
            for n in _notes(
                anki, slug, anki.ask("findNotes", query=f"mid:{project.notetypes[slug].id}")
            )
        ]
    return Held(types, tuple(notes), frozenset(taken))


def _notes(anki: Anki, slug: str, numbers: Sequence[int]) -> Iterator[HeldNote]:
    for batch in _batches(numbers, 500):
        for info in anki.ask("notesInfo", notes=batch):
            if info:  # empty for a note that was deleted in between
                fields = {name: cell["value"] for name, cell in info["fields"].items()}
                yield HeldNote(int(info["noteId"]), slug, fields, tuple(info["tags"]))


def carry_out(
    anki: Anki,
    plan: Plan,
    project: Project,
    images: Iterable[Image],
    types: bool,
    progress: Progress = SILENT,
) -> Iterator[str]:
    """Does what was planned, step by step; yields a line after each. What stops it is a UserError; what was done stays done."""
    images = tuple(images)
    data = {image.path: image.data for image in images}
    if types:
        for look in plan.types:
            css = {"name": look.name, "css": look.notetype.css}
            sides = {t.name: {"Front": t.front, "Back": t.back} for t in look.notetype.templates}
            anki.ask("updateModelStyling", model=css)
            anki.ask("updateModelTemplates", model={"name": look.name, "templates": sides})
            yield f"the look of `{look.name}` is replaced"
    if plan.added:
        keep_record(project, plan.added)
        with progress.during("bringing new notes into Anki"):
            _import(anki, plan, project, images)
        yield f"{len(plan.added)} new in Anki"
    pictures = {
        m.name: data[m.path] for update in plan.updates if update.fields for m in update.note.media
    }
    there = set(anki.ask("getMediaFilesNames", pattern=f"_{project.tag}-*")) if pictures else set()
    for name in progress.over(
        "bringing pictures into Anki", sorted(set(pictures) - there)
    ):  # before the fields that show them; a name stands for one content
        anki.ask("storeMediaFile", filename=name, data=base64.b64encode(pictures[name]).decode())
    done = 0
    for batch in _batches(plan.updates, _BATCH):
        with progress.during("changing notes in Anki"):
            keep_record(project, [update.note for update in batch if update.fields])
            _update(anki, batch)
        done += len(batch)
        yield f"{done} of {len(plan.updates)} changed"
    _redraw(anki)


def _redraw(anki: Anki) -> None:
    """Anki's windows as the collection is. The add-on draws them before it writes, not after: an editor that is open would still
    have the text from before, and save all of it when the learner types there. Tags for no note draw once more, and do nothing else."""
    anki.ask("addTags", notes=[], tags="")


def _update(anki: Anki, batch: Sequence[Update]) -> None:
    anki.each(
        "updateNoteFields",
        [{"note": {"id": u.number, "fields": dict(u.fields)}} for u in batch if u.fields],
    )
    # Added before the old ones go, so that a note never is without a tag of ours, by which it is known.
    anki.each(
        "addTags", [{"notes": [u.number], "tags": " ".join(u.added)} for u in batch if u.added]
    )
    anki.each(
        "removeTags",
        [{"notes": [u.number], "tags": " ".join(u.removed)} for u in batch if u.removed],
    )


def _import(anki: Anki, plan: Plan, project: Project, images: tuple[Image, ...]) -> None:
    """New notes as a package of their own, so that they have our guids and a later package finds them."""
    with tempfile.TemporaryDirectory(prefix="deckwright-") as folder:
        path = Path(folder) / "new.apkg"
        path.write_bytes(addition(plan.added, project, images, plan.present).data)
        try:
            done = anki.ask("importPackage", path=path.as_posix())
        except AnkiRefusedError as error:
            help_line = f"can Anki read {path.parent.parent}? One in a sandbox cannot: set TMPDIR to a folder in its reach, and push again"
            raise AnkiRefusedError(
                f"the new notes were not imported; {error}", help_line
            ) from error
        if done is not True:
            raise AnkiRefusedError(
                "the new notes were not imported", "look at Anki for a message, then push again"
            )


def verified(
    anki: Anki, plan: Plan, project: Project, progress: Progress = SILENT
) -> tuple[Refused, ...]:
    """What a push left otherwise than planned, read back from Anki."""
    return unmet(plan, held(anki, project, progress), project)


def read_record(project: Project) -> Record:
    """What earlier pushes put into Anki; empty where there is no record, or none that can be read."""
    try:
        found = json.loads((project.folder / RECORD).read_text("utf-8"))
        return {str(guid): tuple(map(str, marks)) for guid, marks in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def keep_record(project: Project, notes: Iterable[Note]) -> None:
    """Adds the texts of `notes` to the record: before they are sent, so that a push that is stopped knows its own. Raises OSError."""
    before = read_record(project)
    after = remembered(before, notes, project)
    if after != before:
        lines = [
            f"{json.dumps(guid)}: {json.dumps(marks)}" for guid, marks in sorted(after.items())
        ]
        replace_file(project.folder / RECORD, "{\n" + ",\n".join(lines) + "\n}\n")


def selected(
    notes: Iterable[Note], ids: Sequence[str], tasks: Sequence[str], services: Sequence[str]
) -> tuple[Note, ...]:
    """Notes that are named, or belong to one of the tasks and one of the services (all, where none is given)."""
    return tuple(
        n
        for n in notes
        if (not ids or n.id in ids)
        and (not tasks or n.card.task in tasks)
        and (not services or set(services) & set(n.card.services))
    )


def _batches(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
