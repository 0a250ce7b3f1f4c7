"""What has to be known about a new card: options, questions, and what goes together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from deckwright.cards.new_card import TYPES
from deckwright.cards.workspace import Workspace, topic_of
from deckwright.cli.prompts import Question, chosen
from deckwright.core.errors import Mistakes, UserError
from deckwright.project.vocabulary import Vocabulary

OPTIONS = ("task", "topic", "service", "kind", "type", "level")


def from_options(words: Vocabulary, given: Mapping[str, str], mistakes: Mistakes) -> dict[str, str]:
    """The answers that options give, by the names of OPTIONS.

    Values may be shortened as answers may. `mistakes` notes options that name nothing, and
    two that do not go together.
    """
    folders = {task.folder: task.slug for task in words.tasks.values()}
    typed = {name: given[name] for name in OPTIONS if given[name]}
    if "task" in typed:
        typed["task"] = folders.get(typed["task"], typed["task"])
    names = _names(words)
    found = {}
    for name, text in typed.items():
        with mistakes.noted():
            found[name] = chosen(Question(name, names[name]), text)
    with mistakes.noted():
        _require_agreement(words, found)
    return found


def _require_agreement(words: Vocabulary, found: Mapping[str, str]) -> None:
    """Raise UserError if a topic is not in the task, or the type does not fit the kind."""
    task = words.topics[found["topic"]].task if "topic" in found else ""
    if task and found.get("task", task) != task:
        message = f"the topic {found['topic']} belongs to task {task}"
        raise UserError(message, f"write --task {task}, or leave out --task")
    sourced = "kind" in found and words.kinds[found["kind"]].needs_source
    if sourced and found.get("type", "cloze") != "cloze":
        message = f"cards of the kind `{found['kind']}` must be cloze cards"
        raise UserError(message, "write --type cloze, or leave out --type")


def _names(words: Vocabulary) -> dict[str, Mapping[str, str]]:
    """The names that each of OPTIONS can have, with their meanings."""
    return {
        "task": {task.slug: task.title for task in words.tasks.values()},
        "topic": {topic.slug: topic.title for topic in words.topics.values()},
        "service": {service.slug: service.title for service in words.services.values()},
        "kind": {kind.slug: kind.title for kind in words.kinds.values()},
        "type": TYPES,
        "level": {level.slug: level.title for level in words.levels.values()},
    }


def question(tree: Workspace, answers: Mapping[str, str]) -> Question | None:
    """The first question that `answers` leave open; None if they are enough."""
    words = tree.project.vocabulary
    names = _names(words)
    if "service" not in answers and "topic" not in answers:
        return Question("service", _with_decks(tree, names["service"], words.tasks))
    if "topic" not in answers:
        return _topic_question(tree, answers)
    if "service" not in answers:
        likely = _likely_service(tree, answers["topic"])
        known = _with_decks(tree, names["service"], [words.topics[answers["topic"]].task])
        return Question("service", known, likely)
    if "kind" not in answers:
        return Question("kind", names["kind"])
    if "type" not in answers and not words.kinds[answers["kind"]].needs_source:
        return Question("type", names["type"], "basic")
    return None


def _with_decks(
    tree: Workspace, services: Mapping[str, str], tasks: Iterable[str]
) -> dict[str, str]:
    """The services that have a deck in one of the tasks; an overlay's cards need none."""
    words, tasks = tree.project.vocabulary, tuple(tasks)
    return {
        slug: name
        for slug, name in services.items()
        if tree.project.overlay or any(has_deck(words, task, slug) for task in tasks)
    }


def _topic_question(tree: Workspace, answers: Mapping[str, str]) -> Question:
    """The question for the topic of a card on a service; the topic decides the task.

    It offers the topics that cards on the service have already, or all that fit.
    """
    words, service = tree.project.vocabulary, answers["service"]
    fitting = {
        topic.slug: topic.title
        for topic in words.topics.values()
        if topic.task == answers.get("task", topic.task)
        and (tree.project.overlay or has_deck(words, topic.task, service))
    }
    if not fitting:
        raise no_deck(words, service, answers.get("task", ""))
    homes = tree.homes()
    here = {path for path, (_, other) in homes.items() if other.slug == service}
    used = {topic_of(raw) for raw in tree.cards() if raw.span.path in here}
    return Question("topic", fitting, offered=tuple(slug for slug in fitting if slug in used))


def no_deck(words: Vocabulary, service: str, task: str) -> UserError:
    """Why a service cannot have a card in a task (in any, if `task` is empty)."""
    where = f"task {task} has" if task else "the tasks have"
    decks = words.deck_numbers.get(task) or {s for d in words.deck_numbers.values() for s in d}
    known = f"a service that has one ({', '.join(decks)})" if task else "another service"
    help_line = f"choose {known}, and add `- also: {service}` to the card"
    return UserError(f"{where} no deck for `{service}`", help_line)


def has_deck(words: Vocabulary, task: str, service: str) -> bool:
    """Whether a service has a deck in a task; all have if the task doesn't number decks."""
    numbers = words.deck_numbers.get(task)
    return not numbers or service in numbers


def require_options(tree: Workspace, given: Mapping[str, str], answers: Mapping[str, str]) -> None:
    """Raise UserError if an option is missing. `answers` are those of `given` that are right."""
    words = tree.project.vocabulary
    kind = words.kinds.get(answers.get("kind", ""))
    untyped = kind.needs_source if kind else bool(given["kind"])
    needed = ["topic", "service", "kind", *([] if untyped else ["type"])]
    missing = [name for name in needed if not given[name]]
    if not missing:
        return
    services: Iterable[str] = words.services
    if "topic" in answers:
        services = filter(None, [_likely_service(tree, answers["topic"])])
    names: dict[str, Iterable[str]] = {
        "topic": [t.slug for t in words.topics.values() if answers.get("task", t.task) == t.task],
        "service": services,
        "kind": words.kinds,
        "type": TYPES,
    }
    written = [f"--{name} {next(iter(names[name]), '…')}" for name in missing]
    *most, last = (f"--{name}" for name in missing)
    comma = "," * (len(most) > 1)
    named = f"{', '.join(most)}{comma} and {last} are missing" if most else f"{last} is missing"
    raise UserError(named, f"in a script, specify all of them, such as {' '.join(written)}")


def _likely_service(tree: Workspace, topic: str) -> str:
    """The service of most of a topic's cards.

    Without cards, the service whose name the topic's name begins with, or nothing.
    """
    homes = tree.homes()
    paths = [raw.span.path for raw in tree.cards() if topic_of(raw) == topic]
    counts = Counter(homes[path][1].slug for path in paths if path in homes)
    if counts:
        return counts.most_common(1)[0][0]
    names = [name for name in tree.project.vocabulary.services if topic.startswith(f"{name}-")]
    return max(names, key=len, default="")
