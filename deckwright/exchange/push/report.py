"""The plan of a push in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deckwright.exchange.push.plan import PushPlan, Refused, TypeUpdate, Update, search

_LIMIT = 12  # cards of each kind that are named


def as_lines(plan: PushPlan, types: bool, limit: int = _LIMIT) -> list[str]:
    """A plan in words. `types` says whether looks of note types will be replaced."""
    out = [f"new: {_counted(len(plan.added))}"]
    out += [f"  + {note.id}   ({note.deck})" for note in plan.added[:limit]]
    out += _more(plan.added, limit)
    out.append(f"changed: {_counted(len(plan.updates))}")
    out += [_update_line(update) for update in plan.updates[:limit]]
    out += _more(plan.updates, limit)
    out.append(f"as it should be: {_counted(len(plan.same))}")
    out += [_look_line(update, types) for update in plan.types]
    for refused in plan.refused:
        out += refusal(refused, limit)
    out += _left_alone("retired", plan.retired, " in Anki", limit)
    out += _left_alone("under our tags, but no card here", plan.strangers, "", limit)
    return out


def refusal(refused: Refused, limit: int = _LIMIT) -> list[str]:
    """Why notes are left alone, in words."""
    names = ", ".join(refused.ids[:limit])
    if len(refused.ids) > limit:
        names += f", … ({len(refused.ids)})"
    return [f"left alone: {names}: {refused.reason}", f"  help: {refused.help}"]


def _update_line(update: Update) -> str:
    tags = " ".join([*(f"+{tag}" for tag in update.added), *(f"-{tag}" for tag in update.removed)])
    parts = filter(None, (", ".join(update.fields), tags))
    return f"  ~ {update.note.id}: {'; '.join(parts)}"


def _look_line(update: TypeUpdate, types: bool) -> str:
    one = len(update.differs) == 1
    if types:
        fate = "will be replaced"
    else:
        fate = "stays; --types replaces it" if one else "stay; --types replaces them"
    verb = "differs" if one else "differ"
    return f"look of `{update.name}`: {', '.join(update.differs)} {verb}, {fate}"


def _left_alone(what: str, ids: Sequence[str], where: str, limit: int) -> Iterator[str]:
    if ids:
        count = _counted(len(ids))
        yield f"{what}: {count}{where}, left alone; to find: {search(ids[:limit])}"
        yield from _more(ids, limit)


def _more(values: Sequence[object], limit: int) -> list[str]:
    return [f"  … and {len(values) - limit} more"] if len(values) > limit else []


def _counted(notes: int) -> str:
    return "1 note" if notes == 1 else f"{notes} notes"
