"""new: start a card, in the file where it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import click

from deckwright.cards import workspace
from deckwright.cards.ids import propose
from deckwright.cards.new_card import skeleton, unsourced
from deckwright.cards.parse import parse
from deckwright.cards.workspace import Workspace
from deckwright.cli import completers, options
from deckwright.cli.card_answers import (
    from_options,
    has_deck,
    no_deck,
    question,
    require_options,
)
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.editor import edit_cards
from deckwright.cli.options import complete
from deckwright.cli.prompts import ask, ask_id, on_a_terminal
from deckwright.core.errors import Mistakes
from deckwright.core.source import Source


@click.command(cls=Command)
@click.argument("words", nargs=-1)
@click.option(
    "--topic",
    default="",
    shell_complete=options.complete_topic,
    help="The topic of the card (see schema/vocabulary/). It determines the task.",
)
@click.option(
    "--kind",
    default="",
    shell_complete=complete(completers.kinds),
    help="The kind of card, such as concept or scenario (see schema/vocabulary/).",
)
@click.option(
    "--type",
    default="",
    metavar="basic|cloze|multiple-choice",
    shell_complete=complete(completers.types),
    help="The type of card. Leave it out for kinds that need a source, which are always cloze "
    "cards.",
)
@click.option(
    "--level",
    default="",
    shell_complete=complete(completers.levels),
    help="How soon learners see the card: essential, standard, or extended. Default: standard.",
)
@click.option(
    "--service",
    default="",
    shell_complete=complete(completers.services),
    help="The service that the card is about, or the group that it belongs to.",
)
@click.option(
    "--task",
    default="",
    shell_complete=complete(completers.tasks),
    help="The task (the part of the deck) of the card. Not needed with --topic.",
)
@click.option(
    "--id",
    "card_id",
    default="",
    help="The ID of the card. You can't change it after a release. "
    "Default: an ID made from WORDS or the topic.",
)
@options.inside
@options.no_edit
@pass_session
def command(
    session: Session,
    /,
    words: tuple[str, ...],
    card_id: str,
    inside: str,
    no_edit: bool,
    **given: str,
) -> None:
    """Start a card in the right file and open it in your editor.

    Adds a template (the metadata and TODO lines) to the file for the card's topic. WORDS
    describe the card, and its ID is made from them.

    In a terminal, the command asks for the service, topic, kind, and type if you leave them
    out. In a script, you must specify --topic, --service, and --kind, and also --type unless
    the kind needs a source. You can shorten option values as long as they stay unambiguous, as
    in `--kind sec` (except for --id and --in).

    In a terminal, the card opens in $VISUAL or $EDITOR and is checked when you close the
    editor. Exits with 1 if the check finds errors or if you deleted the card, and with 2 if
    no card was created.

    \b
    Start a card, and answer the prompts:
      ./build.py new who can use a key
    Start a card with a topic and a kind that you specify:
      ./build.py new key rotation --topic kms-key-policies-grants --kind security
    Start a card from a script:
      ./build.py new --topic lex-core --service lex --kind quota --no-edit
    """
    tree = session.workspace()
    answers = _checked_options(tree, words, card_id, inside, given)
    if on_a_terminal():
        _ask_for_the_rest(session, tree, answers)
        if not card_id and not words:
            card_id = ask_id(session, tree, proposed(tree, answers, words))
        tree = session.workspace()  # files may have changed during the questions
    proposal = proposed(tree, answers, words)
    card_id = workspace.checked_id(tree, card_id or proposal, proposal)
    planned = plan(tree, answers, card_id, inside)
    workspace.write(tree, {planned.path: planned.text})
    session.place(planned.path, planned.line, planned.id)
    if not no_edit:
        edit_cards(session, planned.path, planned.line, [planned.id], planned.others)


def _checked_options(
    tree: Workspace, words: tuple[str, ...], card_id: str, inside: str, given: Mapping[str, str]
) -> dict[str, str]:
    """The answers that options give. Raises UserError with all that is wrong with them."""
    mistakes = Mistakes()
    with mistakes.noted():
        workspace.root_named(tree.project, inside)
    answers = from_options(tree.project.vocabulary, given, mistakes)
    known = {"topic", "service"} <= answers.keys()
    if card_id:
        with mistakes.noted():
            example = proposed(tree, answers, words) if known else "its-subject"
            workspace.checked_id(tree, card_id, example)
    if not on_a_terminal():
        with mistakes.noted():
            require_options(tree, given, answers)
    mistakes.raise_all()
    return answers


@dataclass(frozen=True, slots=True)
class Planned:
    """A card that will be written.

    `text` is its file with the card in it, `line` the line of the card's heading, and
    `others` are the ids of the other cards there.
    """

    id: str
    path: str
    text: str
    line: int
    others: frozenset[str]


def _ask_for_the_rest(session: Session, tree: Workspace, answers: dict[str, str]) -> None:
    """Ask every question that `answers` leave open, and complete them."""
    if question(tree, answers):
        session.say(
            "Press Tab to complete a name, or type its first letters. Type ? for an explanation."
        )
    while asked := question(tree, answers):
        answers[asked.name] = ask(session, asked)


def proposed(tree: Workspace, answers: Mapping[str, str], words: Iterable[str]) -> str:
    """A free id: how ids of this service begin, then `words` or the topic's name.

    Numbers are left out, because they are values.
    """
    every = [word for part in words for word in part.split()]
    subject = " ".join(word for word in every if any(c.isalpha() for c in word))
    beginning = _id_beginning(tree, answers["service"])
    topic = answers["topic"].replace("-", " ")
    return propose(subject or topic, beginning, tree.taken().__contains__)


def plan(tree: Workspace, answers: Mapping[str, str], card_id: str, inside: str = "") -> Planned:
    """A card with all `answers` in its place; `inside` names a root.

    Raises UserError if the file cannot take it.
    """
    words = tree.project.vocabulary
    topic, service = words.topics[answers["topic"]], words.services[answers["service"]]
    root = workspace.root_named(tree.project, inside)
    if not tree.project.overlay and not has_deck(words, topic.task, service.slug):
        raise no_deck(words, service.slug, topic.task)
    where = workspace.place(tree, root, words.tasks[topic.task], service, topic.slug)
    level = answers.get("level", tree.project.vocabulary.default_level)
    levels = [("level", level)] if level != tree.project.vocabulary.default_level else []
    metadata = (("kind", answers["kind"]), ("topic", topic.slug), *levels, *unsourced())
    section = skeleton(answers.get("type", "cloze"), card_id, metadata)
    text = workspace.put(where, [section], [card_id])
    lines = {raw.id.value: raw.span.line for raw in parse(Source(where.path, text)).values}
    return Planned(card_id, where.path, text, lines[card_id], frozenset(lines) - {card_id})


def _id_beginning(tree: Workspace, service: str) -> str:
    """As many words of a service's name as most ids of its cards begin with.

    Without cards, the whole name of a service, and nothing for a theme.
    """
    homes = tree.homes()
    here = {path for path, (_, other) in homes.items() if other.slug == service}
    ids = [raw.id.value for raw in tree.cards() if raw.span.path in here]
    if not ids:
        return "" if tree.project.vocabulary.services[service].theme else service
    words = service.split("-")
    for number in range(len(words), 0, -1):
        beginning = "-".join(words[:number])
        if sum(name.startswith(f"{beginning}-") for name in ids) * 2 > len(ids):
            return beginning
    return ""
