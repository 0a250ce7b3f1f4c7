"""The plan of a push as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deckwright.core.wording import count
from deckwright.exchange.push.plan import PushPlan, Refused, TypeUpdate, Update, search

_LIMIT = 12  # cards of each kind that are named


def as_lines(plan: PushPlan, types: bool, limit: int = _LIMIT) -> list[str]:
    """A plan as text. `types` says whether looks of note types will be replaced."""
    out = [f"new: {count(len(plan.added), 'note')}"]
    out += [f"  + {note.id}   ({note.deck})" for note in plan.added[:limit]]
    out += _more(plan.added, limit)
    out.append(f"changed: {count(len(plan.updates), 'note')}")
    out += [_update_line(update) for update in plan.updates[:limit]]
    out += _more(plan.updates, limit)
    out.append(f"unchanged: {count(len(plan.same), 'note')}")
    out += [_look_line(update, types) for update in plan.types]
    for refused in plan.refused:
        out += refusal(refused, limit)
    out += _left_alone("retired", plan.retired, " in Anki", limit)
    out += _left_alone("with this deck's tags, but without a card", plan.strangers, "", limit)
    return out


def refusal(refused: Refused, limit: int = _LIMIT) -> list[str]:
    """Why notes are left alone, as text."""
    names = ", ".join(refused.ids[:limit])
    if len(refused.ids) > limit:
        names += f", … ({len(refused.ids)})"
    return [f"not pushed: {names}: {refused.reason}", f"  help: {refused.help}"]


def _update_line(update: Update) -> str:
    tags = " ".join([*(f"+{tag}" for tag in update.added), *(f"-{tag}" for tag in update.removed)])
    parts = filter(None, (", ".join(update.fields), tags))
    return f"  ~ {update.note.id}: {'; '.join(parts)}"


def _look_line(update: TypeUpdate, types: bool) -> str:
    verb, them = ("differs", "it") if len(update.differs) == 1 else ("differ", "them")
    outcome = "and will be replaced" if types else f"in Anki; to replace {them}, use --types"
    return f"card design of `{update.name}`: {', '.join(update.differs)} {verb} {outcome}"


def _left_alone(what: str, ids: Sequence[str], where: str, limit: int) -> Iterator[str]:
    if ids:
        counted = count(len(ids), "note")
        found = search(ids[:limit])
        yield f"{what}: {counted}{where}, not changed; to find them, search for {found}"
        yield from _more(ids, limit)


def _more(values: Sequence[object], limit: int) -> list[str]:
    return [f"  … and {len(values) - limit} more"] if len(values) > limit else []
