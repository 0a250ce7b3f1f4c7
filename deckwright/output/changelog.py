"""CHANGELOG.md: the section of a release, made of what stands under *Unreleased* and of what the ledger says."""

from __future__ import annotations

import re
from collections.abc import Mapping

from deckwright.output.stamping import Changes
from deckwright.project.retirements import RetiredCard

_UNRELEASED = "## Unreleased"
_HEADING = r"(?im)^## *\[?unreleased\]?[ \t]*$"
_START = f"# Changes, as a learner sees them\n\n{_UNRELEASED}\n"


def released(
    text: str, heading: str, news: Changes, of: int, entries: Mapping[str, RetiredCard], search: str
) -> str:
    """The changelog with a section for a release under *Unreleased*, which is left empty. `of` is how many cards the release
    before had, `search` finds retired cards in Anki."""
    text = text or _START
    if not re.search(_HEADING, text):
        first = re.search(r"(?m)^## ", text)
        at = first.start() if first else len(text)
        text = f"{text[:at].rstrip()}\n\n{_UNRELEASED}\n\n{text[at:]}"
    here = re.search(_HEADING, text)
    assert here
    rest = text[here.end() :]
    following = re.search(r"(?m)^## ", rest)
    written, after = (
        (rest[: following.start()], rest[following.start() :]) if following else (rest, "")
    )
    written = written.strip()
    section = "\n".join(
        [
            f"## {heading}",
            "",
            *([written, ""] if written else []),
            *_facts(news, of, entries, search),
        ]
    )
    return f"{text[: here.end()].rstrip()}\n\n{section}\n\n{after}".rstrip() + "\n"


def _facts(news: Changes, of: int, entries: Mapping[str, RetiredCard], search: str) -> list[str]:
    out = [
        f"- Cards: {len(news.added):,} new, {len(news.changed):,} changed, {len(news.retired):,} retired."
    ]
    if of:
        out.append(
            f"- The update replaces {len(news.changed):,} of {of:,} notes; the others stay as you have them."
        )
    if news.changed:
        out.append("- Changed: " + ", ".join(f"`{name}`" for name in news.changed) + ".")
    for name in news.retired:
        entry = entries[name]
        instead = (
            f" In its place: {', '.join(f'`{n}`' for n in entry.successors)}."
            if entry.successors
            else ""
        )
        out.append(f"- Retired: `{name}`. {entry.reason.rstrip('.')}.{instead}")
    if news.retired:
        out.append(
            f"- To delete retired cards: import `retired.apkg`, search for `{search}` in the browser, delete what it finds."
        )
    for name, number in news.gaps:
        out.append(
            f"- Gap {number} of `{name}` is gone; *Tools › Empty Cards* takes its blank card away."
        )
    if news.types and of:
        out.append("- The look of the cards changed: " + ", ".join(news.types) + ".")
    return out
