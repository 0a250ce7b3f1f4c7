"""A push as the command line sees it: its notes, its plan and its outcome."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from deckwright.core.errors import UserError
from deckwright.core.note import Image, Note
from deckwright.core.progress import SILENT, Progress
from deckwright.core.suggest import nearest
from deckwright.exchange.push import sync
from deckwright.exchange.push.ankiconnect import Anki
from deckwright.exchange.push.history import read_history, remember
from deckwright.exchange.push.plan import PushPlan, plan, unmet
from deckwright.exchange.push.report import as_lines, refusal
from deckwright.pipeline import Checked
from deckwright.project.project import Project
from deckwright.project.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a push ended: lines on notes not as planned, a closing line, the exit code.

    The exit code is 1 if a note was left alone, else 0.
    """

    message: str
    exit_code: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Push:
    """A planned push. `types` says whether to replace the look of note types.

    It ends with one of `skipped`, `needless` and `declined`, or with `carry_out` and
    `verified`.
    """

    anki: Anki
    project: Project
    images: tuple[Image, ...]
    plan: PushPlan
    types: bool

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return self.plan.empty and not (self.types and self.plan.types)

    def lines(self) -> list[str]:
        """The plan as text."""
        return as_lines(self.plan, self.types)

    def skipped(self) -> Outcome:
        """The outcome if only the plan was asked for."""
        return self._undone("nothing was done")

    def declined(self) -> Outcome:
        """The outcome if the user does not want what was planned."""
        return self._undone("nothing was done; to push without this question, use --yes")

    def needless(self) -> Outcome:
        """The outcome if there is nothing to do. Raises OSError."""
        remember(self.project, self.plan.same)
        return self._undone("there is nothing to do")

    def _undone(self, message: str) -> Outcome:
        return Outcome(message, 1 if self.plan.refused else 0)

    def carry_out(self, progress: Progress = SILENT) -> Iterator[str]:
        """Do what was planned; yields a line after each step.

        Raises UserError or OSError if something stops it; what was done stays done.
        """
        remember(self.project, self.plan.same)
        yield from sync.carry_out(
            self.anki, self.plan, self.project, self.images, self.types, progress
        )

    def verified(self, progress: Progress = SILENT) -> Outcome:
        """The outcome of `carry_out`, read back from Anki. Raises UserError."""
        missing = unmet(self.plan, sync.held(self.anki, self.project, progress), self.project)
        lines = tuple(line for refused in missing for line in refusal(refused))
        if missing:
            return Outcome("done, except for the notes above", 1, lines)
        return self._undone("done, and verified in Anki")


def selected(
    notes: Iterable[Note],
    vocabulary: Vocabulary,
    ids: Sequence[str],
    tasks: Sequence[str],
    services: Sequence[str],
) -> list[Note]:
    """The notes that are named, of one of the tasks, and of one of the services.

    None of a kind means all. Raises UserError if there is no card, task or service of a
    name.
    """
    notes = tuple(notes)
    _check_names("card", ids, {note.id for note in notes})
    _check_names("task", tasks, vocabulary.tasks)
    _check_names("service", services, vocabulary.services)
    return [
        note
        for note in notes
        if (not ids or note.id in ids)
        and (not tasks or note.card.task in tasks)
        and (not services or set(services) & set(note.card.services))
    ]


def _check_names(kind: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise UserError(
                f"there is no {kind} {name}",
                nearest(name, known) or "see `./build.py coverage` and cards/",
            )


def prepare(
    anki: Anki,
    checked: Checked,
    notes: Iterable[Note],
    wanted: Iterable[Note],
    types: bool,
    overwrite: bool,
    progress: Progress = SILENT,
) -> Push:
    """Plan a push of the notes that are `wanted`, of all `notes` of a project.

    Raises UserError if Anki cannot be read.
    """
    project = checked.project
    held = sync.held(anki, project, progress)
    guids = [note.guid for note in wanted]
    planned = plan(notes, guids, held, project, read_history(project), overwrite)
    return Push(anki, project, checked.files.images, planned, types)
