"""What a command works with: its Session, and the class that reports errors."""

from __future__ import annotations

import os
import posixpath
import sys
import sysconfig
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deckwright.cli import clock
from deckwright.cli.program import as_called, help_as_called
from deckwright.core import files, report
from deckwright.core.diagnostics import Diagnostic, Outcome, has_errors
from deckwright.core.errors import UserError
from deckwright.core.progress import Progress
from deckwright.core.wording import reason

if TYPE_CHECKING:
    from deckwright.cache.memo import Memo
    from deckwright.cards.workspace import Workspace
    from deckwright.facts.datasets import Datasets
    from deckwright.facts.page_copies import PageCopies
    from deckwright.pipeline import Checked


class OutputError(OSError):
    """Standard output or standard error takes no more text."""


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command: the project's folders, the clock, and what prints.

    `overlay` is the folder that --overlay names. `cached` is false with --no-cache.
    """

    root: Path
    overlay: Path | None
    progress: Progress
    cached: bool = True

    @property
    def today(self) -> date:
        """The day in UTC."""
        return clock.today()

    @property
    def now(self) -> int:
        """Seconds since 1970."""
        return clock.now()

    @property
    def prefix(self) -> str:
        """The path from the current folder to the project; empty if they are one."""
        return "" if os.path.abspath(self.root) == os.getcwd() else self.root.as_posix()

    def require_project(self) -> None:
        """Raise UsageError or UserError if --root or --overlay names no folder of that kind."""
        from deckwright.project.overlay import SETTINGS

        self.require_folder()
        if self.overlay and not (self.overlay / SETTINGS).is_file():
            command = f'./build.py --overlay {self.overlay} fork "My cards"'
            raise UserError(f"{self.overlay} has no {SETTINGS}", f"create it with: {command}")

    def require_folder(self) -> None:
        """Raise UsageError if --root names no folder."""
        if not self.root.is_dir():
            raise click.UsageError(f"the folder {self.root} doesn't exist")

    def check(self) -> Outcome[Checked | None]:
        """Check the whole project, as the command `check` does."""
        from deckwright import pipeline

        self.require_project()
        memo = self.memo("check") if self.cached else None
        return pipeline.check(self.root, self.today, memo, self.overlay, self.progress)

    def memo(self, kind: str) -> Memo:
        """The results of earlier runs, of one kind; empty with --no-cache."""
        from deckwright.cache.memo import Memo
        from deckwright.cache.place import memo_path

        path = memo_path(kind, self.root, self.overlay) if self.cached else None
        return Memo(path)

    def readable(self) -> Checked:
        """The project, even if its cards have errors. Exits with 1 if there is none."""
        checked = self.check()
        if checked.value is None:
            self.report(checked.diagnostics)
            sys.exit(1)
        return checked.value

    def valid(self) -> Checked:
        """The project without errors. Exits with 1 if there are errors."""
        return self.buildable("text", "nothing was done")[0]

    def buildable(self, form: str, undone: str) -> tuple[Checked, tuple[Diagnostic, ...]]:
        """The project without errors, and its warnings.

        If there are errors, reports them in the format `form`, says what was `undone`,
        and exits with 1.
        """
        checked = self.check()
        if has_errors(checked.diagnostics) or checked.value is None:
            self.report(checked.diagnostics, form)
            self.say(f"{report.problems(checked.diagnostics)}; {undone}")
            sys.exit(1)
        return checked.value, checked.diagnostics

    def workspace(self) -> Workspace:
        """The card files. Raises UserError if decks/ or schema/ cannot be used."""
        from deckwright.cards import workspace

        self.require_project()
        return workspace.read(self.root, self.overlay)

    def datasets(self, checked: Checked, folder: Path | None) -> Datasets:
        """The published data that the project names, from `folder` or as installed.

        Exits with 2 if a package is missing that the cards' evidence needs.
        """
        from deckwright.facts.datasets import Datasets
        from deckwright.facts.evidence import lines_of

        data = Datasets(checked.project.vocabulary.data, folder or installed_data())
        lines = (line for card in checked.cards for line in lines_of(card))
        if missing := data.missing(line.data for line in lines if not line.is_page):
            pip = f"pip install --no-deps --target {folder} {' '.join(missing)}"
            how = pip if folder else "make data"
            names = " and ".join(missing)
            self.say(f"the data from {names} isn't installed; to install it, run: {how}")
            sys.exit(2)
        return data

    def page_copies(self) -> PageCopies:
        """The copies of pages that `pages` keeps."""
        from deckwright.facts import page_copies

        return page_copies.PageCopies(self.root / page_copies.FOLDER)

    def report(self, diagnostics: tuple[Diagnostic, ...], form: str = "text") -> None:
        """Print diagnostics to standard output: they are the result of a command."""
        if text := report.FORMATS[form](diagnostics, self.prefix):
            self._echo(
                text + "\n" * (form == "text"), to_stderr=False, annotations=form == "github"
            )

    def place(self, path: str, line: int, card_id: str) -> None:
        """Print where a card is, as `find` writes it."""
        shown = posixpath.normpath(posixpath.join(self.prefix, path))
        self.write(report.printable(f"{shown}:{line}:{card_id}") + "\n")

    def write(self, text: str) -> None:
        """Print a text to standard output as it is. Raises OutputError."""
        self._echo(text, to_stderr=False)

    def say(self, line: str) -> None:
        """Print a line to standard error. Raises OutputError."""
        self._echo(line + "\n", to_stderr=True)

    def _echo(self, text: str, to_stderr: bool, annotations: bool = False) -> None:
        self.progress.clear()
        try:
            click.echo(as_called(text, annotations=annotations), err=to_stderr, nl=False)
        except OSError as error:
            raise OutputError(error.errno, error.strerror) from error

    def as_seen_from_root(self, diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """Diagnostics about places outside the project, with paths relative to it."""
        return tuple(
            replace(d, span=files.nowhere(os.path.relpath(d.span.path, self.root)))
            for d in diagnostics
        )


pass_session = click.make_pass_decorator(Session)


class Command(click.Command):
    """A command that reports a UserError or an OSError as text and exits with 2.

    Without a context, click writes no line on usage, which would not help here.
    """

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except UserError as error:
            session: Session = context.obj
            session.report(error.diagnostics)
            raise click.UsageError(as_called(explained(error))) from error
        except OutputError:
            raise
        except OSError as error:
            file = error.filename or "a file"
            message = f"{file} can't be read or written: {reason(error)}"
            raise click.UsageError(as_called(message)) from error

    def get_help(self, context: click.Context) -> str:
        return help_as_called(super().get_help(context), context)


def explained(error: UserError) -> str:
    """The message and the help of an error for the user, and those of the others."""
    lines = [str(error), *([f"  help: {error.help}"] if error.help else [])]
    return "\n".join([*map(report.printable, lines), *map(explained, error.more)])


def installed_data() -> Path:
    """The folder into which `make data` installs published data, or that of all packages."""
    folder = Path(sys.prefix) / "data"
    return folder if folder.is_dir() else Path(sysconfig.get_path("purelib"))
