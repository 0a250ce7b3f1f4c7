"""Language features for card files: completion, hover, go to definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from deckwright.core.source import Source, Span
from deckwright.core.wording import shortened
from deckwright.live.key_completion import KEY, KEYS, Completion, Snapshot, prompt
from deckwright.live.line_at_cursor import MetadataLine, metadata_line
from deckwright.project.toml_file import Table

_MAX_DETAIL = 120  # characters of a prompt next to a card's id
MOST = 200  # completions that are offered at once


@dataclass(frozen=True, slots=True)
class Offer:
    """Completions, the most likely first.

    `complete` is false if there are more than MOST. Then `items` are those that fit
    what is typed, and the editor has to ask again when more is typed.
    """

    items: tuple[Completion, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Explanation:
    """Markdown about the text in `span`."""

    text: str
    span: Span


def completions(source: Source, offset: int, snapshot: Snapshot) -> Offer:
    """Return what can be written at an offset."""
    line = metadata_line(source, offset)
    if line is None:
        return Offer()
    found = _keys(line, snapshot) if line.at_key else _values(line, snapshot)
    every = [one for one in found if one.span.start <= offset <= one.span.end]
    best = every if len(every) <= MOST else _fitting(every, offset)[:MOST]
    items = (
        replace(one, detail=shortened(prompt(one.card), _MAX_DETAIL)) if one.card else one
        for one in best
    )
    return Offer(tuple(items), len(best) == len(every))


def _fitting(every: Iterable[Completion], offset: int) -> list[Completion]:
    """Return those whose labels have the typed letters in order, as editors match.

    Labels that begin with what is typed come first.
    """
    prefixed, others = [], []
    for one in every:
        typed = one.span.source.text[one.span.start : offset].lower()
        label = one.label.lower()
        letters = iter(label)
        if label.startswith(typed):
            prefixed.append(one)
        elif all(letter in letters for letter in typed):
            others.append(one)
    return [*prefixed, *others]


def _keys(line: MetadataLine, snapshot: Snapshot) -> Iterator[Completion]:
    """Yield the metadata keys that the card can still have, in schema order."""
    schema, kinds = snapshot.project.card_schema, snapshot.project.vocabulary.kinds
    given = dict(line.others)
    kind = kinds.get(given.get("kind", ""))
    for key in schema.properties:
        repeatable = schema.repeatable(key)
        if (key in given and not repeatable) or (key == "hint" and kind and kind.needs_source):
            continue
        text = key if line.has_colon else f"{line.before_key}{key}: "
        detail = "can be repeated" if repeatable else ""
        yield Completion(key, text, line.key_span, KEY, detail, schema.description(key))


def _values(line: MetadataLine, snapshot: Snapshot) -> Iterator[Completion]:
    """Yield the values that the key can have, with the blank missing before them."""
    if line.key in KEYS:
        for one in KEYS[line.key].values(line, snapshot):
            yield replace(one, text=line.before_value + one.text)


def hover(source: Source, offset: int, snapshot: Snapshot) -> Explanation | None:
    """Explain the metadata key or value at an offset; None if it is unknown."""
    line = metadata_line(source, offset)
    if line is None:
        return None
    if line.at_key:
        about = snapshot.project.card_schema.description(line.key)
        return Explanation(f"**{line.key}**\n\n{about}", line.key_span) if about else None
    if line.key not in KEYS or not _in_value(line, offset):
        return None
    text = KEYS[line.key].about(line.value, snapshot)
    return Explanation(text, line.value_span) if text else None


def definition(
    source: Source, offset: int, snapshot: Snapshot, tables: Iterable[Table]
) -> Span | None:
    """Return where the card or the word of the vocabulary at an offset is defined.

    `tables` are the files of the vocabulary. None if there is no such definition.
    """
    line = metadata_line(source, offset)
    if line is None or line.at_key or line.key not in KEYS or not _in_value(line, offset):
        return None
    key = KEYS[line.key]
    if key.names_card:
        card = snapshot.card(line.value)
        return card.id.value_span if card else None
    slug = line.value.split("::")[0]
    for table in tables:
        entries = table.data.get(key.table, ())
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict) and entry.get("slug") == slug:
                return table.place(key.table, number, "slug")
    return None


def _in_value(line: MetadataLine, offset: int) -> bool:
    return line.value_span.start <= offset <= line.value_span.end
