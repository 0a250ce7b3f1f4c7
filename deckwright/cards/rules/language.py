"""Words: names that are in use today, and spelling.

Both rules read the text of the file instead of the parsed card, so that they know the
place of every word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, partial

from deckwright.cards.rules import Context, prose, spelling
from deckwright.core.card import Basic, Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Span
from deckwright.project.overlay import CARDS
from deckwright.project.vocabulary import Renamed

# Code, paths of images, the beginnings of gaps, and escapes.
_NO_TEXT = prose.CODE + r"|\]\([^)\s]*\)|\{\{c\d+::|\\[\s\S]"
# Words that show that the author knows that the name is old.
_PAST = re.compile(
    r"\b(?:former(?:ly)?|renam\w+|older|old|earlier|once|was called|used to be|until \d{4}"
    r"|now|today|successor)\b",
    re.IGNORECASE,
)
_SENTENCE_ENDS = (". ", ".\n", "? ", "?\n", "\n\n")
_NOT_PROSE = re.compile(_NO_TEXT + r"|<[^<>\s]+>")
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_TOKEN = re.compile(rf"{_NOT_PROSE.pattern}|(?P<word>{_WORD.pattern})")
# Abbreviations, and names with digits or underscores in them.
_DIGIT = re.compile(r"\d")
_NAME = re.compile(r"[^a-z]+s?|.*[\d_].*")


def uses_current_names(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C466: a card that is not about the past uses current names."""
    renamed = context.vocabulary.renamed
    if card.status != context.vocabulary.default_status or not renamed:
        return
    start, end, source = card.prompt.span.start, card.span.end, card.span.source
    text = source.text[start:end].replace("\n", " ")
    if not any(entry.old in text for entry in renamed):
        return
    for match in _old_names(renamed).finditer(source.text, start, end):
        old = re.sub(r"\s+", " ", match["old"] or "")
        place = source.span(match.start("old"), match.end("old"))
        if old and not _PAST.search(_around(place)):
            new = next(entry.new for entry in renamed if entry.old == old)
            message = f"`{old}` is the old name of {new}"
            help_line = f"write `{new}`, or, to mention the old name, `{new} (formerly {old})`"
            yield Diagnostic("C466", message, place, help_line)


def _around(place: Span) -> str:
    """Return the sentence around a place, without the place itself."""
    text = place.source.text
    before = max(text.rfind(end, 0, place.start) for end in _SENTENCE_ENDS)
    found = [at for end in _SENTENCE_ENDS if (at := text.find(end, place.end)) >= 0]
    after = min(found, default=len(text))
    return text[before + 1 : place.start] + text[place.end : after]


@cache
def _old_names(renamed: tuple[Renamed, ...]) -> re.Pattern[str]:
    """Match old names (as group `old`) outside of code.

    An old name that begins a longer name which is still right does not match there.
    """
    forms = []
    for entry in sorted(renamed, key=lambda entry: -len(entry.old)):
        longer = [
            _with_any_space(name.removeprefix(entry.old))
            for name in (entry.new, *entry.kept)
            if name.startswith(entry.old) and name != entry.old
        ]
        but_not = rf"(?!\s*(?:{'|'.join(longer)})\b)" if longer else ""
        forms.append(_with_any_space(entry.old) + but_not)
    return re.compile(_NO_TEXT + rf"|(?<![\w-])(?P<old>{'|'.join(forms)})(?![\w-])")


def _with_any_space(name: str) -> str:
    return r"\s+".join(map(re.escape, name.split()))


def is_spelled_well(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C467: every word is English or listed in schema/vocabulary/words.txt.

    C470: in American English, no word has the British spelling. In a project without
    words.txt nothing is checked.
    """
    own = context.vocabulary.spelling_list
    if own is None:
        return
    source, start, end = card.span.source, card.prompt.span.start, card.span.end
    places = [source.span(start, end)]
    if isinstance(card.content, Basic) and card.content.hint:
        at = source.text.find(card.content.hint, card.span.start, end)
        places.append(source.span(at, at + len(card.content.hint)))
    for place in places:
        yield from _misspelled(place, own, card.language.endswith("US"), context)


def number_of_words(text: str) -> int:
    """Return how many words a text has that are looked up in the lists."""
    words = _WORD.findall(_NOT_PROSE.sub(" ", text))
    return sum(_DIGIT.search(word) is None for word in words)


def _misspelled(
    part: Span, own: frozenset[str], american: bool, context: Context
) -> Iterator[Diagnostic]:
    """Report the words of a part of a file, and remember those that are spelled well."""
    text, known = part.text, context.words[american]
    all_words = set(_WORD.findall(_NOT_PROSE.sub(" ", text)))
    words = {word for word in all_words - known if not _DIGIT.search(word)}  # these are names
    if not words:
        return
    english = spelling.english()
    unknown = {
        word for word in words - english if word.lower() not in english and not _known(word, own)
    }
    british = {word for word in words if american and spelling.american_form(word, own)}
    known |= words - unknown - british
    for match in _TOKEN.finditer(text) if unknown or british else ():
        word = match["word"]
        place = part.source.span(part.start + match.start(), part.start + match.end())
        if word in british:
            meant = spelling.american_form(word, own)
            message, help_line = f"`{word}` is British English", f"write `{meant}`"
            yield Diagnostic("C470", message, place, help_line, replacement=meant)
        elif word in unknown:
            yield _unknown_word(word, place, own, len(unknown) > len(all_words) / 3)


@cache
def _known(word: str, own: frozenset[str]) -> bool:
    """Return whether a word that is in no list is right all the same.

    That is a short word, one in capitals, a plural or possessive of a word in a list,
    or a British spelling.
    """
    bare = word.strip("_").replace("’", "'").removesuffix("'s")
    forms = (bare, bare.removesuffix("s"))
    return (
        len(bare) < 3
        or any(form in own or form.lower() in own for form in forms)
        or _NAME.fullmatch(bare) is not None
        or any(spelling.is_english(form) for form in forms)
    )


def _unknown_word(word: str, place: Span, own: frozenset[str], is_foreign: bool) -> Diagnostic:
    """`is_foreign` says whether the card seems to be in another language."""
    in_overlay = place.source.card_folder.endswith(CARDS)
    file = "`words` in schema/vocabulary/mine.toml" if in_overlay else "schema/vocabulary/words.txt"
    if is_foreign:
        file += "; if the cards are in another language, set `language` (see V810)"
    help_line = f"correct it, or add it to {file}"
    find_help = partial(_with_suggestion, word, own, help_line, file)
    return Diagnostic("C467", f"`{word}` isn't a known word", place, help_line, find_help=find_help)


@cache
def _with_suggestion(word: str, own: frozenset[str], help_line: str, file: str) -> str:
    meant = spelling.correction(re.sub(r"^_+|(?:['’]s)?_*$", "", word), own)
    return f"did you mean `{meant}`? if not, add the word to {file}" if meant else help_line
