"""Questions on a terminal, and the answers that are accepted."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import click

from deckwright.cli.context import Session
from deckwright.core.errors import UserError
from deckwright.core.report import printable
from deckwright.core.suggest import nearest
from deckwright.project.names import deck_name

if TYPE_CHECKING:
    from deckwright.cards.workspace import Workspace

FEW = 7  # names that are shown with their meaning before the user asks for it


@dataclass(frozen=True, slots=True)
class Question:
    """Something that has to be known about a card.

    `known` are the names that can be the answer, each with its meaning; `default` is
    the most likely one, or empty. `offered` are those to show first, if not all.
    """

    name: str
    known: Mapping[str, str]
    default: str = ""
    offered: tuple[str, ...] = ()


def on_a_terminal() -> bool:
    """True if there is a user who can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(session: Session, question: Question) -> str:
    """Ask until the answer is a known name. `?` shows what the names mean."""
    _complete(question.known)
    first = {name: question.known[name] for name in question.offered} or question.known
    few = len(first) <= FEW
    if few or not question.default:
        session.say(_meanings(first) if few else _names(first))
    while True:
        text = _prompt(question.name, question.default)
        if text.strip() == "?":
            session.say(_meanings(question.known))
            continue
        try:
            name = chosen(question, text)
        except UserError as error:
            session.say(f"{printable(str(error))}; {printable(error.help)}")
            continue
        if name != text.strip():
            session.say(f"  {name}")
        return name


def ask_id(session: Session, tree: Workspace, proposal: str) -> str:
    """Ask for the id of a new card, which never changes."""
    from deckwright.cards.workspace import checked_id

    _complete(())
    while True:
        text = _prompt("ID (you can't change it after a release)", proposal)
        try:
            return checked_id(tree, text.strip(), proposal or "its-subject")
        except UserError as error:
            session.say(f"{printable(str(error))}; {printable(error.help)}")


def ask_title(session: Session, proposal: str) -> str:
    """Ask for the name of a new deck until it can be used."""
    _complete(())
    while True:
        try:
            return deck_name(_prompt("Title (you can't change it after a release)", proposal))
        except UserError as error:
            session.say(f"{printable(str(error))}; {printable(error.help)}")


def agreed(session: Session, question: str) -> bool:
    """Ask for a yes. Returns False if there is no answer."""
    try:
        return click.confirm(question, default=False, err=True)
    except click.Abort as abort:
        if isinstance(abort.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        session.say("")
        return False


def chosen(question: Question, text: str) -> str:
    """The name that an answer means: a known name, or the beginning of just one.

    Raises UserError with the names that are close.
    """
    text = text.strip()
    begins = [name for name in question.known if name.startswith(text)]
    if text in question.known:
        return text
    if text and len(begins) == 1:
        return begins[0]
    if text and begins:
        raise UserError(
            f"{len(begins)} names start with `{text}`", "choose one of " + ", ".join(begins)
        )
    within = [name for name in question.known if text and text in name]
    hint = nearest(text, question.known)
    if within:
        hint = "did you mean " + " or ".join(f"`{name}`" for name in within[:5]) + "?"
    help_line = hint or "choose one of " + ", ".join(question.known)
    raise UserError(f"there is no {question.name} `{text}`", help_line)


def _prompt(name: str, default: str) -> str:
    answer: str = click.prompt(name, default=default or None, err=not sys.stdout.isatty())
    return answer


def _complete(names: Iterable[str]) -> None:
    """Let Tab complete these names, if the terminal can."""
    try:
        import readline
    except ImportError:  # Windows
        return
    known = tuple(names)

    def fitting(begun: str, number: int) -> str | None:
        return next(islice((name for name in known if name.startswith(begun)), number, None), None)

    readline.set_completer_delims("")
    readline.set_completer(fitting)
    libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")


def _meanings(known: Mapping[str, str]) -> str:
    """The names with their meanings, one on a line."""
    width = max(map(len, known))
    return "\n".join(f"  {name:<{width}}  {title}" for name, title in known.items())


def _names(known: Mapping[str, str]) -> str:
    """The names alone, in lines as wide as the terminal."""
    return textwrap.fill(
        "   ".join(known),
        min(shutil.get_terminal_size().columns, 100),
        initial_indent="  ",
        subsequent_indent="  ",
        break_on_hyphens=False,
    )
