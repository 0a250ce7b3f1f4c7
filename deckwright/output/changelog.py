"""The section of a release in CHANGELOG.md, from *Unreleased* and the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from deckwright.output.modification_times import Changes
from deckwright.project.retirements import RetiredCard

_UNRELEASED = "## Unreleased"
_UNRELEASED_HEADING = re.compile(r"(?im)^## *\[?unreleased\]?[ \t]*$")
_HEADING = re.compile(r"(?m)^## ")
_START = f"# Changelog\n\n{_UNRELEASED}\n"


def with_release(text: str, heading: str, facts: str) -> str:
    """Return the changelog with a section for a release, which ends with `facts`.

    The text under *Unreleased* moves into the section.
    """
    before, written, after = _around_unreleased(text or _START)
    parts = (before, f"## {heading}", written, facts, after)
    return "\n\n".join(part for part in parts if part).rstrip() + "\n"


def _around_unreleased(text: str) -> tuple[str, str, str]:
    """Split a changelog: to the heading *Unreleased*, the text under it, and the rest.

    The heading is added above the first release if there is none.
    """
    here = _UNRELEASED_HEADING.search(text)
    if here is None:
        first = _HEADING.search(text)
        at = first.start() if first else len(text)
        return f"{text[:at].rstrip()}\n\n{_UNRELEASED}", "", text[at:]
    following = _HEADING.search(text, here.end())
    end = following.start() if following else len(text)
    return text[: here.end()].rstrip(), text[here.end() : end].strip(), text[end:]


def facts(news: Changes, of: int, entries: Mapping[str, RetiredCard], search: str) -> str:
    """Return a list of what a release changes.

    `of` is the number of cards in the previous release, `entries` has the retired cards, and
    `search` finds them in Anki.
    """
    return "\n".join(_facts(news, of, entries, search))


def _facts(
    news: Changes, of: int, entries: Mapping[str, RetiredCard], search: str
) -> Iterator[str]:
    added, changed, retired = len(news.added), len(news.changed), len(news.retired)
    yield f"- Cards: {added:,} new, {changed:,} changed, {retired:,} retired."
    if of:
        yield f"- The update replaces {changed:,} of {of:,} notes; the others stay as they are."
    if news.changed:
        yield f"- Changed: {_names(news.changed)}."
    for name in news.retired:
        entry = entries[name]
        instead = f" Replaced by {_names(entry.successors)}." if entry.successors else ""
        yield f"- Retired: `{name}`. {entry.reason.rstrip('.')}.{instead}"
    if news.retired:
        yield (
            "- To delete retired cards, import the package of retired cards, search for "
            f"`{search}` in *Browse*, and delete the cards that you find."
        )
    for name, number in news.gaps:
        how = "to remove its blank card, choose *Tools › Empty Cards*"
        yield f"- Gap {number} of `{name}` is retired; {how}."
    if news.relabeled:
        yield (
            f"- Cards with new labels only, such as exam tasks: {len(news.relabeled):,}. Cards "
            "that you already have get them when their content changes or, except for tags, with "
            "the text update."
        )
    if news.types and of:
        yield f"- The card design changed for these note types: {', '.join(news.types)}."


def _names(ids: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in ids)
