"""The one exception that is meant for the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deckwright.core.diagnostics import Diagnostic


class UserError(Exception):
    """Why something was not done, and what to type instead.

    The command line prints `diagnostics`, the message, and the help, and exits with 2.
    """

    def __init__(
        self, message: str, help: str = "", diagnostics: tuple[Diagnostic, ...] = ()
    ) -> None:
        super().__init__(message)
        self.help = help
        self.diagnostics = diagnostics
