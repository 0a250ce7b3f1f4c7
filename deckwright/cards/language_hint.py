"""One question in place of hundreds of warnings: is `language` of a card folder set?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from deckwright.cards.rules.language import number_of_words
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.files import nowhere
from deckwright.project.project import CardFolder, Project

_HELP = (
    'set the language of the folder, such as `language = "es"` or `language = "ja"`; '
    'if it is English, write `language = "en"`, or add the words to schema/vocabulary/words.txt'
)
MANY = 10  # unknown words of a folder; if there are fewer, each of them is reported
MANY_FOREIGN = 5  # words of other scripts; without blanks, a whole sentence counts as one
# The share of such words. In Spanish or German, half of the words are unknown: short ones count as
# known.
SHARE = 0.25
# Words of other scripts. The spelling check does not look them up.
_NOT_LATIN = re.compile("[\u0370-\u1dff\u2e80-\ud7ff\uf900-\ufdff\ufe70-\uffdc]+")
# The codes of the rules in `ENGLISH` (rules/lists.py), and of duplicates that differ in letters
# that English does not have.
MISLED = frozenset(
    ["C425", "C426", "C452", "C454", "C455", "C456", "C457", "C458", "C460", "C461", "C463",
     "C466", "C467", "C469", "C470", "C471", "C472", "C473", "C474", "C475", "C476",
     "U503", "U507", "U509"]
)  # fmt: skip


def with_language_hints(
    diagnostics: Iterable[Diagnostic], cards: Collection[Card], project: Project
) -> tuple[Diagnostic, ...]:
    """Return diagnostics, with V810 in place of those of a folder that is hardly English.

    Such a folder has many words of other scripts in its questions, or else many unknown words. If
    its language is set to anything but the default, its author has answered the question.
    """
    diagnostics = tuple(diagnostics)
    for root in project.card_folders:
        if root.language != "en-US":
            continue
        misled = {one for one in diagnostics if _is_misled(one, root)}
        own = [card for card in cards if card.namespace == root.namespace]
        text = "\n".join(one.prompt.span.text for one in own)
        number, many = len(_NOT_LATIN.findall(text)), MANY_FOREIGN
        if number < many:
            places = (one.span.source.span(one.prompt.span.start, one.span.end) for one in own)
            text = "\n".join(place.text for place in places)
            number, many = sum(one.code == "C467" for one in misled), MANY
        if number >= many and number >= SHARE * number_of_words(text):
            words = f"{number:,} of its words aren't English"
            message = f"is `{root.path}` in another language? {words}"
            place = nowhere(project.settings_path(root))
            kept = (one for one in diagnostics if one not in misled)
            diagnostics = (*kept, Diagnostic("V810", message, place, _HELP))
    return diagnostics


def _is_misled(diagnostic: Diagnostic, root: CardFolder) -> bool:
    return diagnostic.code in MISLED and diagnostic.span.source.namespace == root.namespace
