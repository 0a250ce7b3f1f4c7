"""The command line: the door of click, and the only module that prints. Exit 0 clean, 1 content has errors, 2 usage."""

from __future__ import annotations

import contextlib
import gc
import os
import posixpath
import shutil
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from deckwright.cli import completion as offers
from deckwright.cli.commands import decks as decks_words
from deckwright.core import files, report
from deckwright.core.diagnostics import WARNING, Diagnostic, Outcome, has_errors
from deckwright.core.errors import UserError
from deckwright.core.git import GitError
from deckwright.core.progress import SILENT, Bar, Progress
from deckwright.core.source import Span

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from deckwright import pipeline
    from deckwright.cards.workspace import Tree
    from deckwright.cli.commands.new import Question
    from deckwright.cli.commands.release import Refusal
    from deckwright.cli.completion import Suggestion
    from deckwright.facts.datasets import Datasets
    from deckwright.live.watch import Look

_PROGRESS = "deckwright.progress"
_FREE = "a-card-that-is-to-come"  # stands for an id that is not known yet
FEW = 7  # names that are told with what they mean before somebody asks
FORMATS = click.Choice(sorted(report.FORMATS), case_sensitive=False)


def _offer(
    completer: Callable[[Path, Path | None], Iterable[Suggestion]],
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]:
    """What click asks for the values of a parameter, from a completer of commands/completion.py. A value is not offered twice."""

    def complete(
        context: click.Context, parameter: click.Parameter, begun: str
    ) -> list[CompletionItem[str]]:
        given = context.params.get(parameter.name or "")
        return _fitting(
            completer(*_project(context)), begun, given if isinstance(given, tuple) else ()
        )

    return complete


def _topics(
    context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem[str]]:
    """Topics of the task that --to or --task names, or all."""
    task = str(context.params.get("to") or context.params.get("task") or "").partition("/")[0]
    return _fitting(offers.topics(*_project(context), task), begun)


def _data_names(
    context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem[str]]:
    """Names of published data."""
    return _fitting(
        offers.data(*_project(context), context.params.get("folder") or _packages()), begun
    )


def _fitting(
    found: Iterable[Suggestion], begun: str, given: tuple[str, ...] = ()
) -> list[CompletionItem[str]]:
    from click.shell_completion import CompletionItem

    fitting = {
        one.word: one.help for one in found if one.word.startswith(begun) and one.word not in given
    }
    return [CompletionItem(word, help=help_line or None) for word, help_line in fitting.items()]


def _project(context: click.Context) -> tuple[Path, Path | None]:
    """The folders of project and overlay in a command line that is still being typed."""
    typed = context.find_root().params
    return (typed.get("root") or Path()).expanduser(), typed["overlay"].expanduser() if typed.get(
        "overlay"
    ) else None


class _Door(click.Group):
    """All commands. Ctrl-C ends a run of any of them with one line, and with exit code 130 as a shell counts it; an output that takes
    nothing more (a full disk) ends it with one line and 2."""

    def main(self, *arguments: Any, **keywords: Any) -> Any:
        try:
            return super().main(*arguments, **keywords)
        except OSError as error:
            with contextlib.suppress(OSError):
                sys.stdout.close()  # what is left in it would be missed once more at the end
            _say(f"the output cannot be written: {(error.strerror or str(error)).lower()}")
            sys.exit(2)

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            _stop("stopped")
        except click.Abort as answer:  # a question's: click makes one of Ctrl-C and of Ctrl-D
            if isinstance(answer.__context__, KeyboardInterrupt):
                _stop("stopped")
            raise


@click.group(
    cls=_Door, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("."),
    help="The project's folder, with cards/, decks/ and schema/. Default: the current folder.",
)
@click.option(
    "--overlay",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="DECKWRIGHT_OVERLAY",
    help="A folder with cards of your own beside the project's, as `fork` makes it. Default: what is in the project itself.",
)
@click.pass_context
def main(context: click.Context, root: Path, overlay: Path | None) -> None:
    """Markdown cards in, Anki packages out.

    \b
    python build.py check               look at every card, say what is wrong and what to type
    python build.py decks               build all packages into dist/
    python build.py preview             the same, and a site of all cards in dist/site/
    python build.py new WORDS …         begin a card where it belongs, and open it in your editor
    python build.py mv CARDS … TO       cards into another file
    python build.py split CARD          two cards of one that asks for too much
    python build.py diff v1.3.0         what changed for a learner
    python build.py push                bring cards straight into Anki on this machine
    python build.py retire old-card …   take a released card back
    python build.py import my.apkg …    cards of another program, as card files
    python build.py fork "My cards"     a room for cards of your own
    python build.py release 1.4.0       stamp, commit, tag and build a release
    python build.py explain C407        what a complaint means, with examples
    python build.py completion bash     the script that makes Tab complete all of this

    Exit codes: 0 done; 1 the cards have errors, or what the command's own help says; 2 not done, for the command line is wrong or the
    disk, git or Anki refused; 130 stopped with Ctrl-C.
    """
    gc.disable()  # one batch, then the process ends: nothing is ever garbage, and looking for it doubles the time
    context.obj = root
    context.meta[_PROGRESS] = progress = _progress_here()
    context.call_on_close(progress.close)


_format_option = click.option(
    "--format", "form", type=FORMATS, default="text", help="How complaints are written."
)


@main.command()
@_format_option
@click.option(
    "--similar",
    is_flag=True,
    help="Look for likely and possible duplicates and for cards that are easily confused, too.",
)
@click.option("--strict", is_flag=True, help="Exit 1 on warnings as well.")
@click.option("--watch", is_flag=True, help="Look again whenever a file is saved, until Ctrl-C.")
@click.pass_obj
def check(root: Path, form: str, similar: bool, strict: bool, watch: bool) -> None:
    """Look at every card and every project file; write nothing. Exit 1 where something is wrong, with --strict on warnings, too.

    \b
    python build.py check
    python build.py check --watch              again at every saved file
    python build.py check --similar            what a learner might take for the same card
    python build.py check --format github      annotations for a code host
    python build.py --root ../other check      another project
    """
    if watch:
        _watch(root, form)
        return
    checked = _check(root)
    diagnostics = checked.diagnostics
    if similar and checked.values:
        from deckwright import pipeline

        diagnostics = (*diagnostics, *pipeline.similar(checked.values[0], _progress()).diagnostics)
    _report(diagnostics, root, form)
    if form == "text":
        value = checked.values[0] if checked.values else None
        _say(
            report.summary(
                diagnostics, value.written if value else 0, len(value.found.sources) if value else 0
            )
        )
    sys.exit(
        1
        if has_errors(diagnostics) or (strict and any(d.severity == WARNING for d in diagnostics))
        else 0
    )


def _watch(root: Path, form: str) -> None:
    """Complaints about what was saved, and the closing line about everything, again and again."""
    from deckwright.live.watch import looks

    _existing(root)
    _follow(root, form, looks(root, datetime.now(UTC).date(), _overlay()))


def _follow(root: Path, form: str, seen: Iterable[Look]) -> None:
    """Says what each look found, until Ctrl-C."""
    try:
        for look in seen:
            if look.saved:
                _say(
                    "saved: "
                    + ", ".join(report.printable(path) for path in look.saved[:5])
                    + (" …" if len(look.saved) > 5 else "")
                )
            _report(look.here, root, form)
            value = look.outcome.values[0] if look.outcome.values else None
            _say(
                report.summary(
                    look.outcome.diagnostics,
                    value.written if value else 0,
                    len(value.found.sources) if value else 0,
                )
            )
            sys.stdout.flush()
            gc.collect()  # not while somebody waits for the look
    except KeyboardInterrupt:
        _say("")


@main.command()
@click.argument("words", nargs=-1)
@click.option(
    "--topic",
    default="",
    shell_complete=_topics,
    help="The topic of the card, which says its task, too.",
)
@click.option(
    "--kind",
    default="",
    shell_complete=_offer(offers.kinds),
    help="What the card is: concept, quota, …",
)
@click.option(
    "--type",
    "form",
    default="",
    metavar="basic|cloze|multiple-choice",
    shell_complete=_offer(offers.types),
    help="What the learner does. Kinds that are facts need none.",
)
@click.option(
    "--service", default="", shell_complete=_offer(offers.services), help="The service of the card."
)
@click.option(
    "--task",
    default="",
    shell_complete=_offer(offers.tasks),
    help="The task, where the topic is asked for.",
)
@click.option(
    "--id",
    "card_id",
    default="",
    help="The id of the card. Default: made of WORDS, or of the topic.",
)
@click.option(
    "--in",
    "inside",
    default="",
    metavar="FOLDER",
    shell_complete=_offer(offers.roots),
    help="A root of decks/project.toml. Default: your own cards, or the first.",
)
@click.option("--no-edit", is_flag=True, help="Do not open $VISUAL or $EDITOR.")
@click.pass_obj
def new(
    root: Path,
    words: tuple[str, ...],
    topic: str,
    kind: str,
    form: str,
    service: str,
    task: str,
    card_id: str,
    inside: str,
    no_edit: bool,
) -> None:
    """Begin a card: its metadata and a body to write over, in the file where its topic is. Asks for what no option says.

    WORDS say what the card is about: its id is made of them. Answers and options may be shortened as long as they mean one name.
    On a terminal the card is opened in $VISUAL or $EDITOR; afterwards you hear what `check` has to say about it.
    Exit 1 where that is an error or the card is not there any more, 2 where no card was begun.

    \b
    python build.py new who may use a key
    python build.py new rotation of keys --topic kms-key-policies-grants --service kms --kind security
    python build.py new --topic lex-core --service lex --kind scenario --type choice --id lex-sales-bot --no-edit
    """
    from deckwright.cards import workspace
    from deckwright.cli.commands import new as command

    _existing(root)
    try:
        tree = workspace.read(root, _overlay())
        workspace.root_named(tree.project, inside)
        options = {"task": task, "topic": topic, "service": service, "kind": kind, "type": form}
        answers = command.given(tree, options)
        proposal = ""
        if _on_a_terminal():
            if command.question(tree, answers):
                _say("Tab completes, the beginning of a name is enough, ? says what there is")
            while question := command.question(tree, answers):
                answers[question.name] = _ask(question)
            proposal = command.proposed(tree, answers, words)
            if not card_id and not words:
                card_id = _ask_id(tree, proposal)
            tree = workspace.read(root, _overlay())  # somebody may have thought for long
        elif missing := command.missing(tree, answers):
            *most, last = (f"--{name}" for name in missing)
            named = f"{', '.join(most)} and {last}" if most else last
            raise UserError(
                f"{named} {'is' if len(missing) == 1 else 'are'} missing",
                command.examples(tree, answers),
            )
        proposal = command.proposed(tree, answers, words)
        card_id = workspace.checked_id(tree, card_id or proposal, proposal)
        planned = command.plan(tree, answers, card_id, inside)
        command.carry_out(tree, planned)
    except UserError as error:
        raise _not_done(error, root) from error
    except OSError as error:
        raise _unwritten(error) from error
    click.echo(_place(root, planned.path, planned.line, planned.id))
    if not no_edit:
        _edit(root, planned.path, planned.line, [planned.id], planned.others)


def _on_a_terminal() -> bool:
    """Whether somebody sits there who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask(question: Question) -> str:
    """Asks until the answer names something. `?` tells what the names mean."""
    from deckwright.cli.commands import new as command

    _complete(question.known)
    few = len(question.known) <= FEW
    if few or not question.default:
        _say(_names(question, told=few))
    while True:
        text = click.prompt(
            question.name, default=question.default or None, err=not sys.stdout.isatty()
        )
        if text.strip() == "?":
            _say(_names(question, told=True))
            continue
        try:
            name = command.chosen(question, text)
        except UserError as error:
            _say(f"{report.printable(str(error))}; {report.printable(error.help)}")
            continue
        if name != text.strip():
            _say(f"  {name}")
        return name


def _complete(names: Iterable[str]) -> None:
    """Has Tab complete these names, where the terminal can."""
    try:
        import readline
    except ImportError:  # Windows
        return
    known = tuple(names)
    readline.set_completer_delims("")
    readline.set_completer(
        lambda text, number: next(
            islice((name for name in known if name.startswith(text)), number, None), None
        )
    )
    readline.parse_and_bind(
        "bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete"
    )


def _ask_id(tree: Tree, proposal: str) -> str:
    """Asks for the id, which is for ever."""
    from deckwright.cards.workspace import checked_id

    _complete(())
    while True:
        text = click.prompt(
            "id, which never changes", default=proposal or None, err=not sys.stdout.isatty()
        )
        try:
            return checked_id(tree, text.strip(), proposal or "its-subject")
        except UserError as error:
            _say(f"{report.printable(str(error))}; {report.printable(error.help)}")


def _names(question: Question, told: bool) -> str:
    """The names of a question in lines as wide as the terminal; `told` says what each means, too."""
    if told:
        width = max(map(len, question.known))
        return "\n".join(f"  {name:<{width}}  {title}" for name, title in question.known.items())
    width = min(shutil.get_terminal_size().columns, 100)
    return textwrap.fill(
        "   ".join(question.known),
        width,
        initial_indent="  ",
        subsequent_indent="  ",
        break_on_hyphens=False,
    )


def _edit(root: Path, path: str, line: int, ids: Iterable[str], others: Iterable[str]) -> None:
    """Opens a file of the project in somebody's editor, if there is a terminal for it; then says what is wrong with its cards `ids`, and
    which are not there any more. Exit 1 where there are errors, or such a card is lost."""
    from deckwright.cli import editor
    from deckwright.cli.commands import new as command

    program = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    if not _on_a_terminal() or not sys.stdout.isatty():
        return
    if not program.strip():
        _say("no editor is opened: set $VISUAL or $EDITOR to yours")
        return
    try:
        code = editor.edit(program, Path(os.path.normpath(root / path)), line)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
        message = f"`{report.printable(program)}` cannot be run: {reason.lower()}\n  help: the card is written; mend $VISUAL or $EDITOR"
        raise click.UsageError(message) from error
    if code:
        _say(f"the editor ended with {code}")
    checked = _check(root)
    sources = checked.values[0].found.sources if checked.values else ()
    heard = (
        command.about(checked.diagnostics, sources, path, ids, others)
        if checked.values
        else command.Heard(checked.diagnostics)
    )
    _report(heard.diagnostics, root, "text")
    for name in heard.gone:
        _say(
            f"{name} does not stand in {report.printable(path)} any more"
            + f"; its heading is `## {name}`" * heard.lost
        )
    if heard.diagnostics or not heard.lost:
        _say(report.found(heard.diagnostics))
    sys.exit(1 if heard.lost or has_errors(heard.diagnostics) else 0)


@main.command()
@click.argument("cards", nargs=-1, required=True, shell_complete=_offer(offers.movable))
@click.argument("to", shell_complete=_offer(offers.movable))
@click.option("--dry-run", is_flag=True, help="Say what would be moved; write nothing.")
@click.pass_obj
def mv(root: Path, cards: tuple[str, ...], to: str, dry_run: bool) -> None:
    """Move cards to another file: ids, texts and gap numbers stay, and what learners have stays where it is.

    CARDS are ids, lines of `find`, or card files with all that is in them. TO is a card file, which need not be there yet, or TASK/SERVICE:
    then each card goes to the file that has its topic. A file without cards is deleted. Exit 2 where nothing was moved, with the reason.

    \b
    python build.py mv kms-key-rotation kms-grants cards/4.3-security/kms/rotation.md
    python build.py mv kms-key-rotation 4.3/kms --dry-run
    python build.py mv cards/4.3-security/kms.md cards/4.3-security/kms/keys.md
    """
    from deckwright.cards import workspace
    from deckwright.cli.commands import mv as command

    _existing(root)
    try:
        tree = workspace.read(root, _overlay())
        planned = command.plan(tree, cards, to, datetime.now(UTC).date(), _progress())
        if not dry_run:
            command.carry_out(tree, planned)
    except UserError as error:
        raise _not_done(error, root) from error
    except OSError as error:
        raise _unwritten(error) from error
    for card in planned.cards:
        click.echo(_place(root, card.path, card.line, card.id))
    _report(planned.warnings, root, "text")
    _say(command.summary(planned, dry_run))


@main.command()
@click.argument("card", shell_complete=_offer(offers.cards))
@click.option(
    "--gap",
    "gaps",
    multiple=True,
    type=click.IntRange(1, 500),
    help="A gap that goes to the new card; may be given again.",
)
@click.option("--to", "new_id", default="", metavar="ID", help="The id of the new card.")
@click.option(
    "--reason",
    default="",
    help="For gaps that learners have: why they end. Default: that they have a card of their own.",
)
@click.option("--no-edit", is_flag=True, help="Do not open $VISUAL or $EDITOR.")
@click.pass_obj
def split(
    root: Path, card: str, gaps: tuple[int, ...], new_id: str, reason: str, no_edit: bool
) -> None:
    """Make two cards of one that asks for too much. The old one keeps its id, and gaps that were released their numbers.

    Of a card with gaps those of --gap go to the new card, with the lines about them; on the old one their answers become plain text, and
    released gaps are retired. Beside a question or a choice stands a second one, to be written. Both are opened in $VISUAL or $EDITOR.
    Exit 1 where the two have errors then or one is not there any more, 2 where nothing was written.

    \b
    python build.py split kms-key-limits --gap 2 --to kms-grant-limit
    python build.py split kms-key-limits --gap 2 --gap 3 --to kms-grant-limit --no-edit
    python build.py split lex-what-it-does --to lex-when-it-asks-back
    """
    from deckwright.cards import workspace
    from deckwright.cli.commands import split as command

    _existing(root)
    try:
        tree = workspace.read(root, _overlay())
        raw = command.card(tree, card)
        command.plan(
            tree, raw, gaps, _FREE, reason
        )  # whether it can be split comes before the name
        if not new_id and not _on_a_terminal():
            raise UserError(
                "--to is missing", "write --to and an id for the new card, which never changes"
            )
        new_id = (
            workspace.checked_id(tree, new_id, f"{raw.id.value}-more")
            if new_id
            else _ask_id(tree, "")
        )
        planned = command.plan(tree, raw, gaps, new_id, reason)
        command.carry_out(tree, planned)
    except UserError as error:
        raise _not_done(error, root) from error
    except OSError as error:
        raise _unwritten(error) from error
    click.echo(_place(root, planned.path, planned.old_line, planned.old))
    click.echo(_place(root, planned.path, planned.new_line, planned.new))
    if said := command.summary(planned):
        _say(said)
    if not no_edit:
        _edit(root, planned.path, planned.new_line, [planned.old, planned.new], planned.others)


def _place(root: Path, path: str, line: int, card_id: str) -> str:
    """Where a card stands, as `find` says it."""
    return report.printable(
        f"{posixpath.normpath(posixpath.join(_prefix(root), path))}:{line}:{card_id}"
    )


def _not_done(error: UserError, root: Path) -> click.ClickException:
    """Why the card files stay as they are, without a trace."""
    _report(error.diagnostics, root, "text")
    return click.UsageError(
        f"{report.printable(str(error))}\n  help: {report.printable(error.help)}"
    )


@main.command()
@_format_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The folder to write. Default: dist/ in the project.",
)
@click.pass_obj
def decks(root: Path, form: str, out: Path | None) -> None:
    """Check everything, then build all packages and their text updates into dist/.

    The folder is replaced as a whole, or not touched at all: exit 1 where cards have errors, 2 where it cannot be written.

    \b
    python build.py decks
    python build.py decks --out ~/Desktop/cards
    """
    from deckwright import pipeline
    from deckwright.output.publish import publish

    started = time.perf_counter()
    checked = _check(root)
    if has_errors(checked.diagnostics) or not checked.values:
        _report(checked.diagnostics, root, form)
        _say(report.found(checked.diagnostics) + "; nothing was built")
        sys.exit(1)
    built = pipeline.build(checked.values[0], _progress())
    diagnostics = publish(built.artifacts, out or root / "dist", _progress())
    if diagnostics:
        diagnostics = tuple(replace(f, span=_from(root, f.span)) for f in diagnostics)
    _report((*checked.diagnostics, *diagnostics), root, form)
    if diagnostics:
        sys.exit(2)
    if form == "text":
        if checked.diagnostics:
            _say(report.found(checked.diagnostics))
        packages = [a for a in built.artifacts if a.path.endswith(".apkg")]
        seconds = time.perf_counter() - started
        _say(
            decks_words.built(
                packages,
                len(built.rendered.notes),
                built.rendered.drafts,
                (out or root / "dist").as_posix(),
                seconds,
            )
        )


@main.command()
@_format_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The folder to write. Default: dist/ in the project.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Write nothing: show the site on this machine and follow every saved file, until Ctrl-C.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="With --watch: the port on 127.0.0.1. Default: one that is free.",
)
@click.pass_obj
def preview(root: Path, form: str, out: Path | None, watch: bool, port: int | None) -> None:
    """Build all packages, and beside them in site/ a site with every card: a file to open, or a folder for any static host.

    The folder is replaced as a whole, as by `decks`, which leaves the site out: exit 1 where cards have errors, 2 where it cannot be
    written.

    \b
    python build.py preview                    then open dist/site/index.html
    python build.py preview --watch            write cards and see them
    """
    if not watch and port is not None:
        raise click.UsageError("--port belongs to --watch")
    if watch and out is not None:
        raise click.UsageError("--watch writes nothing: leave out --out")
    if watch:
        _show(root, form, port or 0)
        return
    from deckwright import pipeline as command
    from deckwright.output.publish import publish

    started = time.perf_counter()
    checked = _check(root)
    if has_errors(checked.diagnostics) or not checked.values:
        _report(checked.diagnostics, root, form)
        _say(report.found(checked.diagnostics) + "; nothing was built")
        sys.exit(1)
    made = command.preview(checked.values[0], datetime.now(UTC).date(), _progress())
    if has_errors(made.diagnostics):
        _report((*checked.diagnostics, *made.diagnostics), root, form)
        _say(report.found(made.diagnostics) + "; nothing was built")
        sys.exit(1)
    diagnostics = publish(made.artifacts, out or root / "dist", _progress())
    diagnostics = tuple(replace(f, span=_from(root, f.span)) for f in diagnostics)
    _report((*checked.diagnostics, *diagnostics), root, form)
    if diagnostics:
        sys.exit(2)
    if form == "text":
        packages = [a for a in made.built.artifacts if a.path.endswith(".apkg")]
        rendered, seconds, folder = (
            made.built.rendered,
            time.perf_counter() - started,
            (out or root / "dist").as_posix(),
        )
        _say(decks_words.built(packages, len(rendered.notes), rendered.drafts, folder, seconds))
        _say(f"{folder}/site/: {len(made.pages):,} files; open {folder}/site/index.html")


def _show(root: Path, form: str, port: int) -> None:
    """The site on 127.0.0.1, with what `check --watch` says."""
    from deckwright.live.preview_server import Server

    _existing(root)
    try:
        server = Server(port)
    except OSError as error:
        raise click.UsageError(
            f"port {port} cannot be used: {(error.strerror or str(error)).lower()}; name another, or none"
        ) from error
    with server:
        _say(f"{server.address} shows the cards; Ctrl-C ends it")
        _follow(root, form, server.looks(root, datetime.now(UTC).date(), _overlay()))


@main.command()
@click.pass_obj
def lsp(root: Path) -> None:
    """A language server for editors: speaks the Language Server Protocol on standard input and output (docs/editors.md).

    Exit 1 where the editor left without a word.

    \b
    python build.py lsp                        not by hand: an editor starts it
    python build.py --overlay ../my-cards lsp
    """
    from deckwright.live import language_server as command

    _existing(root)
    if sys.stdin.isatty():
        _say("this is for an editor, which starts it by itself (docs/editors.md); Ctrl-D ends it")
    # Streams of its own: nothing else may write between two messages, and a thread still reads when the process ends.
    incoming, outgoing = (
        os.fdopen(os.dup(sys.stdin.fileno()), "rb"),
        os.fdopen(os.dup(sys.stdout.fileno()), "wb"),
    )
    with contextlib.redirect_stdout(sys.stderr):
        try:
            code = command.serve(
                root, lambda: datetime.now(UTC).date(), _overlay(), incoming, outgoing
            )
        except KeyboardInterrupt:
            code = 130
    sys.exit(code)


@main.command()
@click.argument("code", required=False, shell_complete=_offer(offers.codes))
def explain(code: str | None) -> None:
    """Say what a complaint means, with an example of wrong and right. Without CODE: list them all. Exit 2 where there is no such code.

    \b
    python build.py explain C407
    python build.py explain                    all of them
    """
    from deckwright.cli.commands import explain as command

    if code is None:
        click.echo(command.listing(), nl=False)
        return
    page = command.explain(code)
    if page is None:
        raise click.UsageError(
            f"there is no code {code}; {command.suggestion(code) or 'explain alone lists them all'}"
        )
    click.echo(page, nl=False)


@main.command()
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Write nothing; exit 1 if a file is not in normal form.",
)
@_format_option
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.pass_obj
def fmt(root: Path, only_check: bool, form: str, paths: tuple[Path, ...]) -> None:
    """Bring card files to their one normal form, without changing what they say. A file with mistakes in its shape is left alone.

    Exit 1 where a file was left alone or, with --check, is not in normal form; 2 where PATHS name something that is no card file.

    \b
    python build.py fmt
    python build.py fmt cards/4.2-services/polly.md
    python build.py fmt --check                for a hook: say which files, write nothing
    """
    from deckwright.cli.commands import fmt as command

    result = command.fmt(root, paths, not only_check, _overlay())
    _report(result.diagnostics, root, form)
    if form == "text":
        _say(command.summary(result, only_check))
    sys.exit(2 if result.unknown else 1 if has_errors(result.diagnostics) else 0)


@main.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="A table, or JSON.",
)
@click.pass_obj
def coverage(root: Path, form: str) -> None:
    """Count cards by topic and by line of the outline: have, core, missing. Exit 1 while something is missing.

    \b
    python build.py coverage
    python build.py coverage --format json
    """
    from deckwright.cards.coverage import coverage as count
    from deckwright.cli.commands import coverage as command

    checked = _sound(root)
    vocabulary = checked.project.vocabulary
    result = count(checked.cards, vocabulary)
    click.echo(
        command.as_json(result) if form == "json" else command.as_text(result, vocabulary), nl=False
    )
    sys.exit(1 if result.missing else 0)


_data_option = click.option(
    "--data",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take the data packages from this folder (pip install --target). Default: where `make data` puts them, or what is installed.",
)


@main.command()
@click.option("--record", is_flag=True, help="Write what the data says into decks/evidence/.")
@click.option(
    "--drift",
    is_flag=True,
    help="List what the data says otherwise than the record has it. Exit 1 where a card is wrong now.",
)
@_data_option
@_format_option
@click.pass_obj
def verify(root: Path, record: bool, drift: bool, folder: Path | None, form: str) -> None:
    """Hold what the cards state against published data. Exit 1 where a card and the data do not agree.

    \b
    python build.py verify
    python build.py verify --record                after new evidence or new data
    python build.py verify --drift                 after an upgrade of the data: what AWS changed
    python build.py verify --drift --data ../old   against other data
    """
    from deckwright import pipeline
    from deckwright.cli.commands import verify as command
    from deckwright.facts.verify import diagnose
    from deckwright.facts.verify import drift as drifted

    if record and drift:
        raise click.UsageError(
            "give --record or --drift: first look at what changed, then record it"
        )
    checked = _sound(root)
    data = _datasets(checked, folder)
    facts = pipeline.verify(checked, data, _progress())
    records = checked.project.evidence_records
    if drift:
        found = drifted(facts, records)
        click.echo(
            command.drift_as_json(found) if form == "json" else command.drift_as_text(found),
            nl=False,
        )
        _say(command.drift_summary(found, facts, records))
        sys.exit(0 if all(change.holds for change in found) else 1)
    if record:
        try:
            written = command.write(checked, facts)
        except OSError as error:
            raise _unwritten(error) from error
        _say("\n".join(f"{path} is written" for path in written) or "the record is as it was")
        records = _sound(root).project.evidence_records
    diagnostics = diagnose(facts, records)
    if form == "json":
        click.echo(
            command.as_json(facts, data, report.as_json(diagnostics, _prefix(root))), nl=False
        )
    else:
        _report(diagnostics, root, form)
        if form == "text":
            click.echo(command.as_text(facts, checked, data), nl=False)
    _say(command.summary(facts))
    sys.exit(1 if has_errors(diagnostics) else 0)


@main.command()
@click.option(
    "--limit",
    type=click.IntRange(1, 100000),
    default=40,
    help="How many cards at most. Default: 40.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="A table, or JSON with all cards.",
)
@click.pass_obj
def stale(root: Path, limit: int, form: str) -> None:
    """Rank cards by the age of their check, by how fast their kind ages, and by what is at stake. Never fails.

    \b
    python build.py stale
    python build.py stale --limit 10
    """
    from deckwright.cards.staleness import aged
    from deckwright.cli.commands import stale as command

    checked = _sound(root)
    found = aged(checked.cards, checked.project, datetime.now(UTC).date())
    click.echo(
        command.as_json(found) if form == "json" else command.as_text(found, limit), nl=False
    )
    _say(command.summary(found))


@main.command()
@click.argument("service", shell_complete=_data_names)
@click.argument("words", nargs=-1)
@click.option(
    "--limit", type=click.IntRange(1, 500), default=12, help="How many lines at most. Default: 12."
)
@_data_option
@click.pass_obj
def evidence(
    root: Path, service: str, words: tuple[str, ...], limit: int, folder: Path | None
) -> None:
    """Find where published data may state a value, and print the line to paste into a card.

    SERVICE is what stands before the `::`; the words (numbers too) all have to be found in path or text. Exit 1 where nothing has
    them, 2 where the data is not known or not installed.

    \b
    python build.py evidence cloudwatch metrics 1,000
    python build.py evidence instance-types p5.48xlarge gpu
    """
    from deckwright.facts import search as command

    checked = _checked(root)
    data = _datasets(checked, folder)
    names = data.names()
    if service not in names:
        raise click.UsageError(
            f"there is no data {service}; {data.hint(service) or f'{len(names)} are known'}"
        )
    found = command.candidates(data, service, words, checked.project.vocabulary, limit)
    for one in found:
        click.echo(f"- evidence: {one.line}" + (f"   (no: {one.misleads})" if one.misleads else ""))
        click.echo(
            f"    {report.printable(one.says if len(one.says) <= 300 else one.says[:300] + '…')}"
        )
    _say(f"{len(found)} found" if found else f"nothing in {service} has all of: {' '.join(words)}")
    sys.exit(0 if found else 1)


def _datasets(checked: pipeline.Checked, folder: Path | None) -> Datasets:
    """The published data that the project names. Ends the run where a package is missing that its evidence needs."""
    from deckwright.facts.datasets import Datasets
    from deckwright.facts.verify import needed

    data = Datasets(checked.project.vocabulary.data, folder or _packages())
    missing = needed(checked.cards, data)
    if missing:
        where = (
            f"pip install --no-deps --target {folder} {' '.join(missing)}"
            if folder
            else "make data"
        )
        _say(f"the data of {' and '.join(missing)} is not installed; get it with: {where}")
        sys.exit(2)
    return data


def _packages() -> Path | None:
    """Where the Makefile puts the packages with data, if it did."""
    beside = Path(sys.prefix) / "data"
    return beside if beside.is_dir() else None


@main.command()
@click.argument("words", nargs=-1, required=True, shell_complete=_offer(offers.words))
@click.option(
    "--limit",
    type=click.IntRange(1, 100000),
    default=20,
    help="How many cards at most. Default: 20.",
)
@click.pass_obj
def find(root: Path, words: tuple[str, ...], limit: int) -> None:
    """Find the cards that have all WORDS in text, id, path, topic or another tag, the likeliest first. Exit 1 where there is none.

    \b
    python build.py find lexicon
    python build.py find kind::quota "at most" characters
    """
    from deckwright.cli.commands import find as command

    _existing(root)
    search = command.find(root, words, _overlay())
    _report(search.diagnostics, root, "text")
    click.echo(command.as_text(search.hits, _prefix(root), limit), nl=False)
    _say(command.summary(search, limit))
    sys.exit(0 if search.hits else 1)


@main.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people, or JSON.",
)
@click.pass_obj
def stats(root: Path, form: str) -> None:
    """The deck in numbers: cards by task, service, type, kind and status, checked facts, words on each side, the oldest check.

    \b
    python build.py stats
    python build.py stats --format json
    """
    from deckwright.cli.commands import stats as command

    found = command.stats(_checked(root))
    click.echo(command.as_json(found) if form == "json" else command.as_text(found), nl=False)


@main.command()
@click.argument("version")
@click.option("--dry-run", is_flag=True, help="Say what learners would see; write nothing.")
@click.option("--mass", is_flag=True, help="Rewrite more than 5 % of the released cards.")
@click.option(
    "--late", is_flag=True, help="The last commit is more than a day old, and that is right."
)
@click.option(
    "--apart",
    is_flag=True,
    help="Another branch has a release that is not merged, and both lines are to go on.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The folder for the packages. Default: dist/ in the project.",
)
@click.pass_obj
def release(
    root: Path, version: str, dry_run: bool, mass: bool, late: bool, apart: bool, out: Path | None
) -> None:
    """Stamp what changed, write ledger, changelog and packages, commit and tag. All of it or nothing; nothing is pushed.

    Exit 1 where cards have errors, 2 where there can be no release now; with --dry-run, too.

    \b
    python build.py release 1.4.0 --dry-run    what it would do
    python build.py release 1.4.0
    python build.py release 1.4.0 --out ../packages
    """
    from deckwright.cli.commands import release as command
    from deckwright.output import comparison

    checked = _sound(root)
    wanted = command.plan(
        checked, command.Wish(version, int(time.time()), mass, late, apart), _progress()
    )
    if dry_run or not wanted.refusals:
        click.echo(comparison.as_text(wanted.difference), nl=False)
        _say("\n".join([*command.as_lines(wanted), *([wanted.remark] if wanted.remark else [])]))
    if wanted.refusals:
        _refuse(wanted.refusals)
    if dry_run:
        return
    done = command.carry_out(wanted, out or root / "dist", _progress())
    _report(tuple(replace(f, span=_from(root, f.span)) for f in done.diagnostics), root, "text")
    _refuse(done.refusals)
    if done.diagnostics:
        sys.exit(2)
    _say(
        f"released {version}: packages in {(out or root / 'dist').as_posix()}/, committed and tagged {command.tag(version, checked.project)}; to publish: git push --follow-tags"
    )

    if done.remark:
        _say(done.remark)
        sys.exit(2)


@main.command()
@click.argument("revision", shell_complete=_offer(offers.releases))
@click.argument("other", required=False, default="", shell_complete=_offer(offers.releases))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people, or JSON.",
)
@click.pass_obj
def diff(root: Path, revision: str, other: str, form: str) -> None:
    """Say what a learner would see between two revisions of git, or between one and the files as they are now. Exit 2 where one of the
    two cannot be built.

    \b
    python build.py diff v1.3.0
    python build.py diff v1.2.0 v1.3.0
    python build.py diff HEAD --format json    what is not committed yet
    """
    from deckwright.cli.commands import diff as command
    from deckwright.output import comparison

    try:
        difference, remarks = command.diff(
            root, revision, other, datetime.now(UTC).date(), _overlay(), _progress()
        )
    except GitError as error:
        raise click.UsageError(f"git: {error}") from error
    except UserError as error:
        _report(error.diagnostics, root, "text")
        raise click.UsageError(str(error)) from error
    click.echo(
        comparison.as_json(difference) if form == "json" else comparison.as_text(difference),
        nl=False,
    )
    if form == "text":
        for remark in remarks:
            _say(remark)


@main.command()
@click.argument("card", shell_complete=_offer(offers.cards))
@click.option("--reason", required=True, help="A sentence for the learners who have the card.")
@click.option(
    "--successor",
    "successors",
    multiple=True,
    shell_complete=_offer(offers.cards),
    help="The id of a card that takes its place; may be given again.",
)
@click.option(
    "--gap", type=click.IntRange(1, 500), help="Retire this gap of the card, not the card."
)
@click.option(
    "--namespace",
    default="",
    help="Where two roots have a card of this id: the namespace of the one that is meant.",
)
@click.pass_obj
def retire(
    root: Path, card: str, reason: str, successors: tuple[str, ...], gap: int | None, namespace: str
) -> None:
    """Take a released card back: cut it out of its file and write down why. The next release tells learners.

    Exit 2 where nothing was retired: learners do not have the card, or it is retired already.

    \b
    python build.py retire old-card --reason "The limit was lifted." --successor new-card
    python build.py retire my-card --gap 2 --reason "There is one engine now."
    """
    from deckwright.cards import workspace
    from deckwright.cli.commands import retire as command

    if gap is not None and successors:
        raise click.UsageError("a gap has no successor: leave out --gap or --successor")
    _existing(root)
    try:
        tree = workspace.read(root, _overlay())
        if gap is not None:
            done = command.gap(tree, card, gap, reason, namespace)
        else:
            done = command.card(tree, card, reason, successors, namespace)
    except UserError as error:
        raise _not_done(error, root) from error
    except OSError as error:
        raise _unwritten(error) from error
    cut = (
        f"; the card was the last in {done.file}, which is gone"
        if done.emptied
        else f"; the card was cut out of {done.file}"
    )
    _say(
        f"written to {done.entry}"
        + (
            cut
            if done.file
            else "; now take the gap's braces out of the card"
            if gap is not None
            else ""
        )
    )


@main.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "to",
    default="",
    metavar="TASK/SERVICE",
    shell_complete=_offer(offers.homes),
    help="Where cards go that name no home: a task's folder and a service.",
)
@click.option(
    "--topic",
    default="",
    shell_complete=_topics,
    help="The topic of these cards, one of the task's.",
)
@click.option(
    "--in",
    "inside",
    default="",
    metavar="FOLDER",
    shell_complete=_offer(offers.roots),
    help="A root of decks/project.toml. Default: your own cards, or the first.",
)
@click.option("--name", default="", help="The name of the new card files. Default: that of FILE.")
@click.option("--dry-run", is_flag=True, help="Say what would be written; write nothing.")
@click.pass_obj
def import_(
    root: Path, file: Path, to: str, topic: str, inside: str, name: str, dry_run: bool
) -> None:
    """Turn an Anki package (.apkg, .colpkg), an Anki text export, CSV or TSV into card files.

    Nothing that is there is changed; a second import brings only what is new. Cards that this compiler made go home by themselves,
    without --to and --topic. Exit 2 where the file cannot be read, or does not say where its cards belong.

    \b
    python build.py import deck.apkg --to 4.3-security/kms --topic kms-key-policies-grants --dry-run
    python build.py import deck.apkg --to 4.3-security/kms --topic kms-key-policies-grants
    python build.py import words.csv --to 4.3-security/kms --topic kms-key-policies-grants --name kms-words
    """
    from deckwright.exchange.importer import plan as command

    checked = _checked(root)
    try:
        wanted = command.wish(checked, to, topic, inside, name or file.stem)
        with _progress().during("reading the file"):
            opened = command.open_file(file)
        found = command.plan(checked, opened, wanted, _progress())
        if found.cards and not dry_run:
            command.carry_out(checked, found, _progress())
    except OSError as error:
        raise _unwritten(error) from error
    except UserError as error:
        raise click.UsageError(
            f"{report.printable(file.name)}: {report.printable(str(error))}\n  help: {report.printable(error.help)}"
        ) from error
    for line in command.as_lines(found):
        click.echo(report.printable(line))
    _say(command.summary(found, dry_run))


@main.command()
@click.argument("name")
@click.pass_obj
def fork(root: Path, name: str) -> None:
    """Make a room for cards of your own: decks/mine.toml and cards/mine/, in the project or, with --overlay, in a folder of its own.

    NAME is what your deck will be called. The names are permanent from your first release on. Exit 2 where there is a room already, or
    NAME will not do.

    \b
    python build.py fork "Anna's cards"
    python build.py --overlay ../my-cards fork "Anna's cards"
    """
    from deckwright.cli.commands import fork as command

    if not root.is_dir():
        raise click.UsageError(f"there is no folder {root}")
    try:
        made = command.fork(root, _overlay(), name)
    except OSError as error:
        raise _unwritten(error) from error
    except UserError as error:
        _report(error.diagnostics, root, "text")
        raise click.UsageError(
            f"{report.printable(str(error))}\n  help: {report.printable(error.help)}"
        ) from error
    for path in made.paths:
        click.echo(f"written: {path.as_posix()}")
    _say(
        f"your cards: deck `{made.deck}`, tags below `{made.tag}`, namespace {made.namespace}; the first goes into cards/mine/"
    )


@main.command("merge-ledger")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--from",
    "revision",
    default="",
    shell_complete=_offer(offers.releases),
    help="Bring back what this release's ledgers have.",
)
@click.pass_obj
def merge_ledger(root: Path, files: tuple[Path, ...], revision: str) -> None:
    """Merge ledgers: after a merge that stopped, with those of a release, or (with BASE OURS THEIRS) as git's merge driver.

    No row is ever lost, and of two for one card the later stays. Exit 1 where something is left to people (it is said and written) or
    a ledger cannot be read, 2 where git or the disk refused.

    \b
    python build.py merge-ledger                   after `git merge` stopped on decks/ledger/
    python build.py merge-ledger --from v1.4.0     bring back what a release had
    git config merge.deckwright-ledger.driver ".venv/bin/python build.py merge-ledger %O %A %B"
    """
    from deckwright.cli.commands import merge_ledger as command

    if files and (len(files) != 3 or revision):
        raise click.UsageError("give no file, or three: BASE OURS THEIRS")
    try:
        if files:
            result = command.two(files[1], files[2])
        else:
            place = _overlay() or root
            result = command.released(place, revision) if revision else command.stopped(place)
    except GitError as error:
        raise click.UsageError(f"git: {error}") from error
    except OSError as error:
        raise _unwritten(error) from error
    _report(result.diagnostics, Path(), "text")
    for conflict in result.conflicts:
        _say(f"conflict: {conflict}")
    if not files:
        _say(
            "\n".join(
                f"{path} is merged; look at it, then: git add {path}" for path in result.written
            )
            or "no ledger waits for a merge"
        )
    sys.exit(1 if result.conflicts or has_errors(result.diagnostics) else 0)


@main.command()
@click.pass_obj
def reproduce(root: Path) -> None:
    """Build again in other folders, time zones, locales, orders, … and compare all bytes, with dist/ too. Exit 1 where a byte differs.

    \b
    python build.py reproduce
    python build.py --root ../other reproduce
    """
    from deckwright.cli.commands import reproduce as command

    checked = _sound(root)
    if _overlay():
        raise click.UsageError(
            "reproduce copies one folder: it needs an overlay inside of the project, or none"
        )
    parts = dict.fromkeys(
        ("decks", "schema", *(r.path.split("/")[0] for r in checked.project.roots))
    )
    found = command.reproduce(
        root, parts, Path(__file__).resolve().parent.parent.parent / "build.py", _progress()
    )
    if found.failed:
        raise click.ClickException(found.failed)
    click.echo("\n".join(command.as_lines(found)))
    sys.exit(1 if found.differ or found.existing else 0)


@main.command()
@click.argument("cards", nargs=-1, shell_complete=_offer(offers.cards))
@click.option(
    "--task",
    "tasks",
    multiple=True,
    shell_complete=_offer(offers.tasks),
    help="Only cards of this task; may be given again.",
)
@click.option(
    "--service",
    "services",
    multiple=True,
    shell_complete=_offer(offers.services),
    help="Only cards that name this service; may be given again.",
)
@click.option("--dry-run", is_flag=True, help="Show the plan; ask nothing, change nothing.")
@click.option("--yes", is_flag=True, help="Show the plan and carry it out without asking.")
@click.option(
    "--types",
    is_flag=True,
    help="Replace styling and templates of our note types where they differ.",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace texts, too, that neither the last release nor a push put into Anki.",
)
@click.option(
    "--url",
    default="",
    help="AnkiConnect's address on this machine. Default: http://127.0.0.1:8765",
)
@click.pass_obj
def push(
    root: Path,
    cards: tuple[str, ...],
    tasks: tuple[str, ...],
    services: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    types: bool,
    overwrite: bool,
    url: str,
) -> None:
    """Bring cards into the Anki that runs on this machine, through its add-on AnkiConnect. Shows a plan and asks first.

    CARDS are ids; none means all. Reviews, decks, flags, your own tags and MyNotes are never touched. Stopped or repeated, it
    does nothing twice. An API key is read from the environment variable ANKICONNECT_KEY. Exit 1 where something was left
    alone, 2 where there is no talking to Anki.

    \b
    python build.py push                          the plan, then a question
    python build.py push --dry-run                the plan alone
    python build.py push --task 4.2 --yes         one task, without a question
    python build.py push --service s3             what names a service
    python build.py push one-card another-card    two cards
    python build.py push --types                  the look of the cards, too
    """
    from deckwright import pipeline
    from deckwright.exchange.push import ankiconnect
    from deckwright.exchange.push import session as command

    if dry_run and yes:
        raise click.UsageError("give --dry-run or --yes")
    checked = _sound(root)
    notes = pipeline.rendered(checked, _progress()).notes
    try:
        wanted = command.selected(notes, checked.project.vocabulary, cards, tasks, services)
    except UserError as error:
        raise click.UsageError(f"{error}; {error.help}") from error
    try:
        anki = ankiconnect.connect(url or ankiconnect.URL, os.environ.get("ANKICONNECT_KEY", ""))
        planned = command.prepare(anki, checked, notes, wanted, types, overwrite, _progress())
        click.echo("\n".join(map(report.printable, planned.lines())))
        if dry_run:
            outcome = planned.skipped()
        elif planned.empty:
            outcome = planned.needless()
        elif not yes and not _agreed():
            outcome = planned.declined()
        else:
            for line in planned.carry_out(_progress()):
                _say(line)
            outcome = planned.verified(_progress())
    except UserError as error:
        _say(f"not pushed: {report.printable(str(error))}\n  help: {report.printable(error.help)}")
        sys.exit(2)
    except OSError as error:
        raise _unwritten(error) from error
    except KeyboardInterrupt:
        _stop("stopped; what was done stays, and another push does the rest")
    for line in outcome.lines:
        click.echo(report.printable(line))
    _say(outcome.message)
    sys.exit(outcome.exit_code)


@main.command()
@click.argument("shell", type=click.Choice(list(offers.SHELLS)))
def completion(shell: str) -> None:
    """Print the script that has SHELL complete commands, options, card ids, topics, services, … at Tab.

    Put it at the end of your shell's start-up file, once; a new shell then completes `python build.py` and `.venv/bin/python build.py`
    in every folder with this compiler, and whatever else you run with python as before.

    \b
    python build.py completion bash >> ~/.bashrc
    python build.py completion zsh >> ~/.zshrc
    python build.py completion fish > ~/.config/fish/conf.d/deckwright.fish
    """
    click.echo(offers.script(shell), nl=False)


def _agreed() -> bool:
    """Asks whether to go on; where nobody answers, no."""
    try:
        return click.confirm("Do this in Anki now?", default=False, err=True)
    except click.Abort as answer:
        if isinstance(answer.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        _say("")
        return False


def _checked(root: Path) -> pipeline.Checked:
    """The project, whatever its cards are like; ends the run where there is none."""
    checked = _check(root)
    if not checked.values:
        _report(checked.diagnostics, root, "text")
        sys.exit(1)
    return checked.values[0]


def _sound(root: Path) -> pipeline.Checked:
    """The project without errors; ends the run where there are any."""
    checked = _check(root)
    if has_errors(checked.diagnostics) or not checked.values:
        _report(checked.diagnostics, root, "text")
        _say(report.found(checked.diagnostics) + "; nothing was done")
        sys.exit(1)
    return checked.values[0]


def _unwritten(error: OSError) -> click.ClickException:
    """What the disk has against something, without a trace."""
    return click.UsageError(
        f"{error.filename or 'a file'} cannot be read or written: {(error.strerror or str(error)).lower()}"
    )


def _refuse(refusals: Sequence[Refusal]) -> None:
    """Says why a release cannot be, and ends the run."""
    for refusal in refusals:
        _say(
            f"not released: {report.printable(refusal.message)}\n  help: {report.printable(refusal.help)}"
        )
    if refusals:
        sys.exit(2)


def _from(root: Path, span: Span) -> Span:
    """A place outside the project as seen from it."""
    return files.nowhere(os.path.relpath(span.path, root))


def _check(root: Path) -> Outcome[pipeline.Checked]:
    from deckwright import pipeline

    _existing(root)
    return pipeline.check(root, datetime.now(UTC).date(), overlay=_overlay(), progress=_progress())


def _existing(root: Path) -> None:
    from deckwright.project.overlay import SETTINGS

    if not root.is_dir():
        raise click.UsageError(f"there is no folder {root}")
    if (overlay := _overlay()) and not (overlay / SETTINGS).is_file():
        raise click.UsageError(
            f'{overlay} has no {SETTINGS}; make it with: python build.py --overlay {overlay} fork "My cards"'
        )


def _overlay() -> Path | None:
    """The folder that --overlay names."""
    overlay: Path | None = click.get_current_context().find_root().params["overlay"]
    return overlay


def _progress() -> Progress:
    """What the stages of this run tell how far they are."""
    progress: Progress = click.get_current_context().meta[_PROGRESS]
    return progress


def _progress_here() -> Progress:
    """A bar where standard error is a terminal that can take a line back, else nothing. It has no colours."""
    if not sys.stderr.isatty() or os.environ.get("TERM", "dumb") in ("", "dumb"):
        return SILENT
    return Bar(
        lambda text: click.echo(text, err=True, nl=False),
        lambda: os.get_terminal_size(sys.stderr.fileno()).columns or 80,
    )


def _stop(said: str) -> NoReturn:
    """The last line of a run that Ctrl-C ended. Another Ctrl-C changes nothing any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    progress = click.get_current_context().meta.get(_PROGRESS, SILENT)
    progress.close()
    if sys.stderr.isatty():  # the terminal has written ^C on the line
        click.echo("\n" if progress is SILENT else "\r\x1b[K", err=True, nl=False)
    _say(said)
    sys.exit(130)


def _report(diagnostics: tuple[Diagnostic, ...], root: Path, form: str) -> None:
    """Complaints are the command's result: they go to standard output, the closing line to standard error."""
    text = report.FORMATS[form](diagnostics, _prefix(root))
    if text:
        click.echo(text, nl=form == "text")


def _prefix(root: Path) -> str:
    """What stands before a project path so that it leads there from the current folder."""
    return "" if os.path.abspath(root) == os.getcwd() else root.as_posix()


def _say(line: str) -> None:
    click.echo(line, err=True)
