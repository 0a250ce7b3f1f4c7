"""The one exception that is meant for the user, and how to report several at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deckwright.core.diagnostics import Diagnostic


class UserError(Exception):
    """Why something was not done, and what to type instead.

    The command line prints `diagnostics`, the message, and the help, then those of `more`,
    and exits with 2.
    """

    def __init__(
        self,
        message: str,
        help: str = "",
        diagnostics: tuple[Diagnostic, ...] = (),
        more: tuple[UserError, ...] = (),
    ) -> None:
        super().__init__(message)
        self.help = help
        self.diagnostics = diagnostics
        self.more = more


class Mistakes:
    """Collects errors, so that a user sees all of them in one run."""

    def __init__(self) -> None:
        self._found: list[UserError] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Keep a UserError for later."""
        try:
            yield
        except UserError as error:
            self._found += (error, *error.more)

    def raise_all(self) -> None:
        """Raise one UserError with everything that was noted, if anything was."""
        if self._found:
            first, *more = self._found
            diagnostics = tuple(d for error in self._found for d in error.diagnostics)
            raise UserError(str(first), first.help, diagnostics, tuple(more))
