"""Words: names that are in use today, and spelling. Both read the file itself, so that every find has its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from deckwright.cards.rules import Setting, spelling
from deckwright.core.card import Basic, Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Source, Span
from deckwright.project.overlay import CARDS
from deckwright.project.vocabulary import Renamed

# Code, formulas, addresses, pictures' paths and escapes are no prose.
_CODE_AND_SUCH = r"```[\s\S]*?```|``[\s\S]*?``|`[^`]*`|\$\$[^$]*\$\$|\$[^$\s][^$\n]*\$|https?://\S+|\]\([^)\s]*\)|\{\{c\d+::|\\[\s\S]"
# Who writes so knows that the name is old.
_PAST = re.compile(
    r"\b(?:former(?:ly)?|renam\w+|older|old|earlier|once|was called|used to be|until \d{4}|now|today|successor)\b",
    re.IGNORECASE,
)
_NOT_PROSE = re.compile(_CODE_AND_SUCH + r"|<[^<>\s]+>")
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_TOKEN = re.compile(rf"{_NOT_PROSE.pattern}|(?P<word>{_WORD.pattern})")
# Abbreviations, and names with digits or underscores in them.
_NAME = re.compile(r"[^a-z]+s?|.*[\d_].*")


def uses_names_of_today(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C466: a card that is not about the past calls things by their present names."""
    if card.status != setting.vocabulary.default_status or not setting.vocabulary.renamed:
        return
    start, end, source = card.prompt.span.start, card.span.end, card.span.source
    text = source.text[start:end].replace("\n", " ")
    if not any(entry.old in text for entry in setting.vocabulary.renamed):
        return
    for match in _old_names(setting.vocabulary.renamed).finditer(source.text, start, end):
        old = re.sub(r"\s+", " ", match["old"] or "")
        if old and not _PAST.search(_sentence(source.text, match.start("old"), match.end("old"))):
            new = next(entry.new for entry in setting.vocabulary.renamed if entry.old == old)
            place = source.span(match.start("old"), match.end("old"))
            yield Diagnostic(
                "C466",
                f"`{old}` has another name today",
                place,
                f"write `{new}`, or say that it was called so",
            )


def _sentence(text: str, start: int, end: int) -> str:
    """What stands before and after a place, as far as the sentence goes."""
    before = max(text.rfind(mark, 0, start) for mark in (". ", ".\n", "? ", "?\n", "\n\n"))
    after = min(
        (at for mark in (". ", ".\n", "? ", "?\n", "\n\n") if (at := text.find(mark, end)) >= 0),
        default=len(text),
    )
    return text[before + 1 : start] + text[end:after]


@cache
def _old_names(renamed: tuple[Renamed, ...]) -> re.Pattern[str]:
    """Old names, each unless it is the beginning of a longer name that is still right; code is passed over."""

    def spaced(name: str) -> str:
        return r"\s+".join(re.escape(word) for word in name.split())

    forms = []
    for entry in sorted(renamed, key=lambda entry: -len(entry.old)):
        longer = [
            spaced(name[len(entry.old) :])
            for name in (entry.new, *entry.kept)
            if name.startswith(entry.old) and name != entry.old
        ]
        forms.append(spaced(entry.old) + (rf"(?!\s*(?:{'|'.join(longer)})\b)" if longer else ""))
    return re.compile(_CODE_AND_SUCH + rf"|(?<![\w-])(?P<old>{'|'.join(forms)})(?![\w-])")


def is_spelt_well(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C467: every word is English or one of schema/vocabulary/words.txt. Without that file nothing is checked."""
    own = setting.vocabulary.spelling_list
    if own is None:
        return
    source, start, end = card.span.source, card.prompt.span.start, card.span.end
    yield from _misspelt_words(source.text[start:end], source, start, own)
    if isinstance(card.content, Basic) and card.content.hint:
        yield from _misspelt_words(
            card.content.hint,
            source,
            source.text.find(card.content.hint, card.span.start, end),
            own,
        )


def _misspelt_words(
    text: str, source: Source, at: int, own: frozenset[str]
) -> Iterator[Diagnostic]:
    """Each unknown word where it stands; `at` is where `text` begins in the file."""
    english = spelling.english()
    words = set(_WORD.findall(_NOT_PROSE.sub(" ", text))) - english
    unknown = {word for word in words if word.lower() not in english and not _known(word, own)}
    if unknown:
        for match in _TOKEN.finditer(text):
            if match["word"] in unknown:
                yield _misspelt(
                    match["word"], source.span(at + match.start(), at + match.end()), own
                )


@cache
def _known(word: str, own: frozenset[str]) -> bool:
    """Whether a word that no list has as it stands is right: short, in capitals, a possessive, a plural, an own word."""
    bare = word.strip("_").replace("’", "'").removesuffix("'s")
    forms = (bare, bare.removesuffix("s"))
    return (
        len(bare) < 3
        or any(form in own or form.lower() in own for form in forms)
        or _NAME.fullmatch(bare) is not None
        or any(spelling.is_english(form) for form in forms)
    )


def _misspelt(word: str, place: Span, own: frozenset[str]) -> Diagnostic:
    bare = re.sub(r"^_+|(?:['’]s)?_*$", "", word)
    meant = spelling.correction(bare, own)
    own_room = place.source.root.endswith(CARDS)
    known = f"a word of the subject goes into {'`words` in schema/vocabulary/mine.toml' if own_room else 'schema/vocabulary/words.txt'}"
    return Diagnostic(
        "C467",
        f"`{word}` is in no list of words",
        place,
        f"did you mean `{meant}`? {known}" if meant else known,
    )
