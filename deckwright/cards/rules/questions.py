"""How a card asks: for one decision, and clearly enough to be read weeks later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from deckwright import markdown
from deckwright.cards.rules import Context, prose
from deckwright.core import wording
from deckwright.core.card import Basic, Card, Cloze, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.project.vocabulary import Service, Vocabulary

_YES_OR_NO = re.compile(r"(?:yes|no|true|false)(?=\s*(?:[.,;:!–—(]|$))", re.IGNORECASE)
_ASKS_YES_OR_NO = re.compile(
    r"(?:(?:and|but|so|then|if so|in that case),?\s+)?"
    r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might"
    r"|must)(?:n't)?\s(?!.*\bor\b)",
    re.IGNORECASE,
)

_NO_GUESSING = "ask what, which, or why, so that the answer can't be guessed"

_MANY = r"(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|[3-9]|1\d)"
_SET = rf"(?:two|2|{_MANY})"
_LIST = re.compile(
    r"\b(?:name|list|give|state|recite|enumerate)\s+(?:me\s+)?"
    rf"(?:all|(?:all\s+|any\s+)?(?:of\s+)?(?:the\s+|its\s+|their\s+)?{_SET})\b(?!['’-])"
    r"|^(?:list|enumerate|recite)\s+(?:the|its|their)\b"
    r"|\b(?:what|which)\s+are\s+(?:all\s+)?(?:of\s+)?"
    rf"(?:the|its|their)\s+{_SET}\b(?!['’-])"
    rf"|^(?:what|which)\s+{_MANY}\b(?!['’-])"
)
_FOLLOWING = re.compile(
    r"\b(?:which|what)(?:\s+(?:one|two|three))?\s+of\s+"
    r"(?:the\s+following|these(?=\s*\?|\s+(?:options|answers|statements|choices)))",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"(?:It|They|He|She|Its|Their|Them"
    r"|(?:This|These|Those)(?!\s+(?:year|month|week|time|morning|days)\b)"
    r"|That(?=\s+(?:is|was|has|does|can|will|must)\b))\b"
)

# A name from an API, which says what the card is about: `CreateJob`, `logs:Unmask`.
_API_NAME = re.compile(r"`[^`\s]*[a-z][A-Z][^`]*`|`[a-z][a-z0-9-]*:[A-Z][^`]*`")


def asks_for_a_decision(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C455 to C458.

    No yes or no, no list to recite, no "which of the following", no pronoun without a
    noun.
    """
    text = markdown.plain(card.prompt.blocks)
    yield from _pronoun(card, text)
    if isinstance(card.content, Cloze):
        return
    questions = tuple(prose.questions(text))
    yield from _yes_or_no(card, questions)
    if isinstance(card.content, Basic):
        yield from _lists(card, questions or (text,))
    if match := _FOLLOWING.search(text) if " of the" in text else None:
        help_line = "ask for the thing itself: `Which service …?`, `Which two settings …?`"
        message = f"`{match[0]}` asks about the options"
        yield Diagnostic("C457", message, prose.place(card.prompt.blocks, match[0]), help_line)


def _pronoun(card: Card, text: str) -> Iterator[Diagnostic]:
    """C458: a pronoun at the start refers to nothing that the front shows."""
    start = _PRONOUN.match(text)
    if start and not prose.has_exhibit(card.prompt):
        message = f"`{start[0]}` at the start refers to nothing"
        help_line = "replace the pronoun with a noun, because learners see cards in mixed order"
        yield Diagnostic("C458", message, prose.place(card.prompt.blocks, start[0]), help_line)


def _yes_or_no(card: Card, questions: tuple[str, ...]) -> Iterator[Diagnostic]:
    """C455: the answer is yes or no, or the last question asks for it."""
    if isinstance(card.content, Basic):
        answer = card.content.answer
        if said := _YES_OR_NO.match(markdown.plain(answer.blocks)):
            place = prose.place(answer.blocks, said[0])
            message = f"the question can be answered with just `{said[0]}`"
            yield Diagnostic("C455", message, place, _NO_GUESSING)
            return
    if questions and _ASKS_YES_OR_NO.match(questions[-1]):
        place = prose.place(card.prompt.blocks, questions[-1])
        yield Diagnostic("C455", "this is a yes-or-no question", place, _NO_GUESSING)


def _lists(card: Card, sentences: tuple[str, ...]) -> Iterator[Diagnostic]:
    """C456: a question asks for a list to recite."""
    for sentence in sentences:
        if match := _LIST.search(sentence.lower()):
            place = prose.place(card.prompt.blocks, sentence[match.start() : match.end()])
            help_line = (
                "write a card for each item, or describe a situation and ask which item fits it"
            )
            yield Diagnostic("C456", "the question asks for a list", place, help_line)


def names_its_service(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C459: the front names a service of the card.

    It need not if the answer or an option names the service, or the front an API call.
    """
    known = context.vocabulary.services
    services = [known[slug] for slug in card.services if slug in known]
    home = services[0]
    if home.theme or not home.names:
        return
    if _API_NAME.search(card.prompt.span.text):
        return
    names = [_name_pattern(service) for service in services]
    texts = [text.lower() for text in _front_and_answers(card)]
    if not any(name.search(text) for text in texts for name in names):
        names_in_code = [f"`{name}`" for name in dict.fromkeys((home.title, *home.names))]
        forms = wording.joined(names_in_code, "or")
        message = "the front doesn't say which service it is about"
        help_line = f"name the service: {forms}"
        if other := _named_service(card, context.vocabulary):
            message = f"the front names {other.deck}, but the file is about {home.deck}"
            help_line = (
                f"if the card belongs to {other.deck}, move it to {other.slug}.md in the same "
                f"folder; if it is about both, add `- also: {other.slug}` to the metadata; "
                f"otherwise, name {forms}"
            )
        yield Diagnostic("C459", message, card.prompt.span, help_line)


def _named_service(card: Card, vocabulary: Vocabulary) -> Service | None:
    """Return the only service that the front names, if that is not one of the card's.

    Only services that have a deck in the card's part count, because the card can move there.
    """
    front = markdown.plain(card.prompt.blocks).lower()
    decks = vocabulary.parts[card.part].decks
    found = [
        service
        for service in vocabulary.services.values()
        if not service.theme and (not decks or service.slug in decks)
        if _name_pattern(service).search(front)
    ]
    return found[0] if len(found) == 1 else None


def _front_and_answers(card: Card) -> Iterator[str]:
    """Yield the text of the front, of the answer to a question, and of each option."""
    yield markdown.plain(card.prompt.blocks)
    if isinstance(card.content, Basic):
        yield markdown.plain(card.content.answer.blocks)
    elif isinstance(card.content, MultipleChoice):
        for option in card.content.options:
            yield markdown.plain([option.text])


@cache
def _name_pattern(service: Service) -> re.Pattern[str]:
    """Match a service's names in lowercase; only names of up to 4 letters as whole words."""
    forms = []
    for name in {service.title, service.deck, service.slug.replace("-", " "), *service.names}:
        form = re.escape(name.lower())
        if len(name) <= 4:
            form = rf"{form}(?<![a-z0-9]{form})(?![a-rt-z0-9])"
        forms.append(form)
    return re.compile("|".join(sorted(forms, key=len, reverse=True)))
