"""What changed between two versions of published data and may concern a card.

`verify` compares values that have evidence. Cards also state numbers and limits without
evidence: here they are compared with what the data has lost or gained.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from deckwright import markdown
from deckwright.core import terms
from deckwright.core.card import Card
from deckwright.facts.datasets import Datasets, Value
from deckwright.facts.evidence import lines_of
from deckwright.facts.page_html import passages_in, sentences
from deckwright.facts.quantities import (
    Amount,
    amounts_in,
    content_terms,
    figure,
    name_parts,
    same_amount,
)
from deckwright.project.vocabulary import Service, Vocabulary

_SHARED = 2  # words that a sentence must have in common with what changed
_DENIAL = re.compile(
    r"\bcan(?:['’]t|not)\b|(?:n['’]t|\bnot) (?:be )?(?:support|possible|available)"
)

Leaves = Mapping[str, Value]


@dataclass(frozen=True, eq=False)
class Statement:
    """A sentence of a card, its content words, and its numbers that have a unit."""

    card: Card
    text: str
    terms: frozenset[str]
    amounts: tuple[Amount, ...]


Change = tuple[str, tuple[Statement, ...]]  # what changed, and the sentences that it may concern


def drift(
    cards: Sequence[Card], vocabulary: Vocabulary, old: Datasets, new: Datasets
) -> Iterator[Change]:
    """Yield numbers that are gone from the data but still on cards, and new operations.

    A new operation is listed with sentences that say something isn't possible.
    A sentence is compared with the data of the services that its card is about or names.
    """
    stated = []
    for card in cards:
        text = markdown.plain(card.blocks)
        stated.append((card, text, [_statement(card, one) for one in sentences(text)]))
    known = {*old.names()} & {*new.names()}
    for name, services in _datasets(vocabulary, cards).items():
        if name not in known:
            continue
        words = {word for service in services for word in (service.title, *service.names)}
        slugs = {service.slug for service in services}
        named = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
        about = [
            statement
            for card, text, statements in stated
            if slugs.intersection(card.services) or named.search(text)
            for statement in statements
        ]
        before, after = dict(old.leaves(name)), dict(new.leaves(name))
        ignored = content_terms(" ".join(words))
        yield from _gone_numbers(name, before, after, about, ignored)
        yield from _new_operations(name, before, after, about, ignored)


def _statement(card: Card, text: str) -> Statement:
    amounts = tuple(amount for amount in amounts_in(text) if amount[1])
    return Statement(card, text, content_terms(text), amounts)


def _datasets(vocabulary: Vocabulary, cards: Iterable[Card]) -> dict[str, set[Service]]:
    """Return the services of each dataset: it has their name, or their cards cite it."""
    services = {s.slug: s for s in vocabulary.services.values() if not s.theme}
    datasets: dict[str, set[Service]] = {}
    for slug, service in services.items():
        for name in (slug, slug.replace("-", "")):
            datasets.setdefault(name, set()).add(service)
    for card in cards:
        for line in lines_of(card) if card.service in services else ():
            datasets.setdefault(line.data, set()).add(services[card.service])
    return datasets


def _gone_numbers(
    name: str, before: Leaves, after: Leaves, about: list[Statement], ignored: frozenset[str]
) -> Iterator[Change]:
    changes: dict[str, tuple[str, dict[Statement, None]]] = {}
    for path in before:
        if path not in after or before[path] == after[path]:
            continue
        subject = content_terms(f"{name_parts(path.replace('.', ' '))} {before[path]}") - ignored
        for amount, what in _lost(path, before[path], after[path]):
            enough = _SHARED if amount[1] else 1  # a bound is rarer than a number in a text
            for one in about:
                alike = any(_same(amount, own) for own in one.amounts)
                if alike and len(one.terms & subject) >= enough:
                    changes.setdefault(what, (path, {}))[1][one] = None
    for what, (path, statements) in changes.items():
        yield f"{name}::{path} {what}", tuple(statements)


def _lost(path: str, before: Value, after: Value) -> Iterator[tuple[Amount, str]]:
    """Yield the numbers that a value no longer has, each with a description of the change."""
    was, now = _amounts(path, before), _amounts(path, after)
    new = ", ".join(dict.fromkeys(figure(*one) for one in now if one not in was))
    for amount in was:
        if not any(same_amount(amount, other) for other in now):
            yield amount, f"no longer says {figure(*amount)}" + (f"; new: {new}" if new else "")


def _amounts(path: str, value: Value) -> list[Amount]:
    """Return a bound, or the numbers with units in documentation."""
    kind = path.rpartition(".")[2]
    if isinstance(value, float) and kind in ("max", "min"):
        return [(value, "")]
    if isinstance(value, str) and kind == "documentation":
        text = " ".join(passage.text for passage in passages_in(value))
        return [amount for amount in amounts_in(text) if amount[1]]
    return []


def _same(said: Amount, stated: Amount) -> bool:
    """Return whether two amounts are the same; a bound counts seconds, bytes, and the like."""
    number, unit = said
    if unit or not terms.is_unit(stated[1]):
        return same_amount(said, stated)
    return any(number == other for other, _ in terms.amounts(*stated))


def _new_operations(
    name: str, before: Leaves, after: Leaves, about: list[Statement], ignored: frozenset[str]
) -> Iterator[Change]:
    denials = [one for one in about if _DENIAL.search(one.text)]
    operations: dict[tuple[Statement, ...], list[str]] = {}
    for path in sorted(after.keys() - before.keys()):
        kind, _, operation = path.removesuffix(".name").partition(".")
        if kind == "operations" and "." not in operation:
            thing = name_parts(operation).partition(" ")[2]  # without the verb
            subject = content_terms(thing) - ignored
            statements = tuple(one for one in denials if len(one.terms & subject) >= _SHARED)
            operations.setdefault(statements, []).append(operation)
    for statements, names in operations.items():
        if statements:
            yield f"{name} has new operations: {', '.join(names)}", statements
