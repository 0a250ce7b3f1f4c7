"""Edits that a release must refuse, each with the code of its diagnostic."""

from __future__ import annotations

from dataclasses import replace

from history_model import (
    TYPES,
    CardText,
    Line,
    Publisher,
)
from history_steps import Step


def forbidden(
    line: Line, desk: Publisher, step: Step
) -> tuple[str, str, Line, dict[str, str]] | None:
    """An edit that a check has to refuse: its name, the code, the branch with it, and
    files instead of others.
    """
    new = line.copy(line.name)
    released = [card for _, card in sorted(line.cards.items()) if line.known(card)]
    gaps = (
        [c for c in released if len(line.numbers[c.id].keys() & c.numbers) > 1] if released else []
    )
    card = released[step.b % len(released)] if released else None
    fact = gaps[step.b % len(gaps)] if gaps else None
    settings_file, words = "decks/project.toml", "schema/vocabulary/mini.toml"
    slug = TYPES[step.b % 3]
    toml = f"decks/notetypes/{slug}/notetype.toml"
    text = desk._looks(line)[toml]
    match step.c % 12:
        case 0 if card:
            del new.cards[card.id]
            return "remove a released card", "L002", new, {}
        case 1 if card:
            new.cards[card.id] = replace(card, id=card.id + "-new")
            return "rename a released card", "L002", new, {}
        case 2 if fact:
            number = sorted(line.numbers[fact.id].keys() & fact.numbers)[step.b % 2]
            new.cards[fact.id] = replace(
                fact, gaps=tuple(gap for gap in fact.gaps if gap[0] != number)
            )
            return "drop a released gap", "L005", new, {}
        case 3 if fact:
            one, other = sorted(line.numbers[fact.id].keys() & fact.numbers)[:2]
            changed = (
                fact.markdown()
                .replace(f"c{one}::", "c0::")
                .replace(f"c{other}::", f"c{one}::")
                .replace("c0::", f"c{other}::")
            )
            if any(
                line.numbers[fact.id][number] != dict(fact.gaps)[number] for number in (one, other)
            ):
                return None  # with new answers nobody can see it
            file = {**desk.base, **line.files()}[fact.path]
            return (
                "swap two gap numbers",
                "L006",
                new,
                {fact.path: file.replace(fact.markdown(), changed)},
            )
        case 4 if line.stones:
            name = sorted(line.stones)[step.b % len(line.stones)]
            new.cards[name] = CardText(name, "basic", "4.1", "s3", topic="copies", question=9)
            return "use a retired id again", "U502", new, {}
        case 5 if [hole for hole in line.holes if hole[0] in line.cards]:
            name, number = sorted(hole for hole in line.holes if hole[0] in line.cards)[0]
            new.cards[name] = replace(
                line.cards[name], gaps=(*line.cards[name].gaps[:2], (number, 9))
            )
            return "use a retired gap number again", "L006", new, {}
        case 6 if card:
            if card.type == "basic":
                new.cards[card.id] = replace(card, type="multiple-choice")
            else:
                new.cards[card.id] = replace(card, type="basic", kind="concept", gaps=())
            return "make another type of a released card", "L004", new, {}
        case 7 if card:
            deck = next(iter(line.homes[card.guid])).split("::")[1]
            return (
                "rename a deck",
                "L007",
                new,
                {words: desk.base[words].replace(f'deck = "{deck}"', 'deck = "9 Other"')},
            )
        case 8 if line.book:
            first, second = (
                next(row for row in text.split("\n") if f'name = "{name}"' in row)
                for name in ("Status", "Task")
            )
            return (
                "turn two fields round",
                "L009",
                new,
                {toml: text.replace(first, "\0").replace(second, first).replace("\0", second)},
            )
        case 9 if line.book:
            return "give a field another id", "L009", new, {toml: _other_id(text)}
        case 10 if line.book:
            return (
                "change the namespace",
                "L008",
                new,
                {
                    settings_file: desk.base[settings_file].replace(
                        '"mini"\n\n[[package', '"other"\n\n[[package'
                    )
                },
            )
        case 11 if line.stones:
            del new.retired[sorted(line.stones)[step.b % len(line.stones)]]
            return "take out why a card was retired", "L003", new, {}
    return None


def _other_id(text: str) -> str:
    row = next(row for row in text.split("\n") if 'name = "Source"' in row)
    number = row.split("id = ")[1].split(",")[0]
    return text.replace(number, "123456789012345")
