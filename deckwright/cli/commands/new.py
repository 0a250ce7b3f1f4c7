"""new: start a card, in the file where it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from deckwright.cards import workspace
from deckwright.cards.ids import ID, MAX_ID, propose
from deckwright.cards.new_card import skeleton, unsourced
from deckwright.cards.sections import fresh, headings, with_sections
from deckwright.cards.validate import file_subject
from deckwright.cards.workspace import Workspace
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.editor import edit
from deckwright.core.card import TYPES, RawCard
from deckwright.core.errors import Mistakes, UserError
from deckwright.core.suggest import nearest
from deckwright.project.project import CardFolder
from deckwright.project.vocabulary import Service, Topic

_MANY = 12  # topics; a message lists no more, except those of a service


@click.command(cls=Command)
@click.argument("words", nargs=-1)
@options.topic
@click.option("--service", default="", metavar="SERVICE", help="The service, or a theme.")
@click.option("--kind", default="", metavar="KIND", help="What the card asks for, such as concept.")
@click.option(
    "--type",
    "form",
    default="",
    metavar="|".join(TYPES),
    help="The type of card. Cards that state exact facts are always cloze cards.",
)
@click.option(
    "--id",
    "card_id",
    default="",
    metavar="ID",
    help="The ID of the card. You can't change it after a release. "
    "Default: an ID made from WORDS or the topic.",
)
@options.inside
@click.option("--no-edit", is_flag=True, help="Don't open an editor.")
@pass_session
def command(
    session: Session,
    words: tuple[str, ...],
    topic: str,
    service: str,
    kind: str,
    form: str,
    card_id: str,
    inside: str,
    no_edit: bool,
) -> None:
    """Start a card in the right file and open it in your editor.

    Adds a card with its metadata and TODO lines to the file for its topic. WORDS describe the
    card and become its ID. Specify --topic, --service, and --kind. For cards that belong to no
    single service, --service can be a theme. Also specify --type, unless cards of the kind state
    exact facts (such as quota). To list the values of an option, leave it out.

    In a terminal, the card opens in $VISUAL or $EDITOR, and its file is checked when you close
    the editor. Exits with 1 if the check finds errors, and with 2 if no card was created.

    \b
    Start a card:
      ./build.py new key rotation --topic kms-key-policies-grants --service kms \\
        --kind security
    Start a card from a script:
      ./build.py new --topic lex-core --service lex --kind quota --no-edit
    """
    tree = session.workspace()
    chosen = _chosen(tree, topic, service, kind, form, inside)
    proposal = _proposal(tree, chosen, words)
    card_id = _checked_id(tree, card_id or proposal, proposal)
    path, text = _with_card(tree, chosen, card_id)
    workspace.write(tree, {path: text})
    line = text[: text.index(f"\n## {card_id}\n")].count("\n") + 2
    session.place(path, line, card_id)
    if not no_edit:
        edit(session, path, line)


@dataclass(frozen=True, slots=True)
class _Choices:
    """What the options say about the new card. `form` is its type, one of TYPES."""

    topic: Topic
    service: Service
    kind: str
    form: str
    root: CardFolder


def _chosen(
    tree: Workspace, topic: str, service: str, kind: str, form: str, inside: str
) -> _Choices:
    """Look up all options. Raises UserError with everything that is missing or wrong."""
    words, mistakes = tree.project.vocabulary, Mistakes()
    with mistakes.noted():
        root = workspace.card_folder_named(tree.project, inside)
    with mistakes.noted():
        likely = _usual_topics(tree, service) or [*words.topics][:_MANY]
        more = "; to list all topics with their titles, run `./build.py coverage --all`"
        _require("topic", topic, words.topics, likely, more)
    with mistakes.noted():
        _require("service", service, _services(tree, topic))
    with mistakes.noted():
        _require("kind", kind, words.kinds)
    sourced = kind in words.kinds and words.kinds[kind].needs_source
    if sourced and not form:
        form = "cloze"
    with mistakes.noted():
        _require("type", form, ["cloze"] if sourced else TYPES)
    mistakes.raise_all()
    return _Choices(words.topics[topic], words.services[service], kind, form, root)


def _require(
    option: str, value: str, known: Iterable[str], likely: Iterable[str] = (), more: str = ""
) -> None:
    """Raise UserError unless `value` is known; its help lists the known or the likely values."""
    known = tuple(known)
    if value in known:
        return
    choices = f"choose one of {', '.join(likely or known)}{more}"
    if not value:
        raise UserError(f"--{option} is missing", choices)
    raise UserError(f"--{option} can't be `{value}`", nearest(value, known) or choices)


def _usual_topics(tree: Workspace, service: str) -> list[str]:
    """The topics that cards on a service have, by name; of 200 topics, these are a few."""
    where = {
        source.path: file_subject(source, tree.project.vocabulary)[0]
        for source in tree.files.sources
    }
    paths = [path for path, found in where.items() if found and found.service.slug == service]
    return sorted({_value(raw, "topic") for path in paths for raw in tree.parsed[path].value})


def _services(tree: Workspace, topic: str) -> Sequence[str]:
    """The services that have a deck in the topic's part; an overlay's cards need none."""
    words = tree.project.vocabulary
    decks = words.parts[words.topics[topic].part].decks if topic in words.topics else {}
    return tuple(words.services if tree.project.overlay or not decks else decks)


def _taken(tree: Workspace) -> frozenset[str]:
    """The ids that no new card may have: those that are in the files, and all released ones."""
    project = tree.project
    ids = {name for source in tree.files.sources for _, name in headings(source.text)}
    ids.update(*(ledger.cards for ledger in project.ledgers.values()))
    ids.update(*(retired.cards for retired in project.retirements.values()))
    return frozenset(ids)


def _proposal(tree: Workspace, chosen: _Choices, words: Iterable[str]) -> str:
    """A free id: the service, then `words` without numbers, which are values, or the topic."""
    telling = [word for word in " ".join(words).split() if not word[0].isdigit()]
    beginning = "" if chosen.service.theme else chosen.service.slug
    return propose(" ".join(telling) or chosen.topic.slug, beginning, _taken(tree).__contains__)


def _checked_id(tree: Workspace, name: str, example: str) -> str:
    """The id of a new card. Raises UserError if it is malformed or taken."""
    if not ID.fullmatch(name) or len(name) > MAX_ID:
        form = f"up to {MAX_ID} lowercase letters, digits, and single hyphens, first a letter"
        raise UserError(f"`{name}` isn't a card ID", f"use {form}, such as {example}")
    if name in _taken(tree):
        message = f"the ID {name} is in use or was released, and IDs are never reused"
        raise UserError(message, f"choose another, such as {example}")
    return name


def _with_card(tree: Workspace, chosen: _Choices, card_id: str) -> tuple[str, str]:
    """The path of the card's file, and its text with the new card.

    The card goes behind the topic's last card, in the file with most of its cards of the kind,
    or most of its cards; otherwise to the end of `<service>.md`. Raises UserError if the file
    has errors.
    """
    vocabulary = tree.project.vocabulary
    part, topic, root = vocabulary.parts[chosen.topic.part], chosen.topic.slug, chosen.root.path
    files = {
        source.path: source
        for source in tree.files.sources
        if source.card_folder == root
        and file_subject(source, vocabulary)[0] == (part, chosen.service)
    }
    cards = {
        path: [raw for raw in tree.parsed[path].value if _value(raw, "topic") == topic]
        for path in files
    }
    main = f"{root}/{part.slug}/{chosen.service.slug}.md"
    kinds = {path: [_value(raw, "kind") for raw in cards[path]] for path in cards}
    fit = {path: (kinds[path].count(chosen.kind), len(kinds[path])) for path in cards}
    path = max(fit, key=lambda path: fit[path], default=main)
    path = path if cards.get(path) else main
    metadata = (("kind", chosen.kind), ("topic", topic), *unsourced())
    section = skeleton(chosen.form, card_id, metadata)
    if path not in files:
        return path, fresh(chosen.service.title, [section])
    workspace.require_readable(tree, [path])
    after = cards[path][-1] if cards[path] else None
    return path, with_sections(files[path], [section], after)


def _value(raw: RawCard, key: str) -> str:
    return next((field.value for field in raw.metadata if field.name == key), "")
