"""How a card asks: for a decision, one at a time, and so that it can be read weeks later among other cards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from deckwright import markdown
from deckwright.cards.rules import Setting, prose
from deckwright.core.card import Basic, Card, Cloze, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.project.vocabulary import Service

_YES_OR_NO = re.compile(r"(?:yes|no|true|false)(?=\s*(?:[.,;:!–—(]|$))", re.IGNORECASE)
_ASKS_YES_OR_NO = re.compile(
    r"(?:(?:and|but|so|then|if so|in that case),?\s+)?"
    r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)(?:n't)?\s(?!.*\bor\b)",
    re.IGNORECASE,
)

_MANY = r"(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|[3-9]|1\d)"
_SET = rf"(?:two|2|{_MANY})"
_LIST = re.compile(
    rf"\b(?:name|list|give|state|recite|enumerate)\s+(?:me\s+)?(?:all|(?:all\s+|any\s+)?(?:of\s+)?(?:the\s+|its\s+|their\s+)?{_SET})\b(?!['’-])"
    rf"|^(?:list|enumerate|recite)\s+(?:the|its|their)\b"
    rf"|\b(?:what|which)\s+are\s+(?:all\s+)?(?:of\s+)?(?:the|its|their)\s+{_SET}\b(?!['’-])"
    rf"|^(?:what|which)\s+{_MANY}\b(?!['’-])"
)
_FOLLOWING = re.compile(
    r"\b(?:which|what)(?:\s+(?:one|two|three))?\s+of\s+(?:the\s+following|these(?=\s*\?|\s+(?:options|answers|statements|choices)))",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"(?:It|They|He|She|Its|Their|Them|(?:This|These|Those)(?!\s+(?:year|month|week|time|morning|days)\b)"
    r"|That(?=\s+(?:is|was|has|does|can|will|must)\b))\b"
)

# A name from an API, which says where a card is: `CreateJob`, `logs:Unmask`.
_API_NAME = re.compile(r"`[^`\s]*[a-z][A-Z][^`]*`|`[a-z][a-z0-9-]*:[A-Z][^`]*`")


def asks_for_a_decision(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C455 to C458: no yes or no, no list to recite, no "which of the following", no pronoun that points nowhere."""
    section = card.prompt
    text = markdown.plain(section.blocks)
    if (start := _PRONOUN.match(text)) and not prose.shows(section):
        message = f"`{start[0]}` at the start points to nothing"
        yield Diagnostic(
            "C458",
            message,
            prose.place(section, start[0]),
            "write the name of the thing: the card is read among others",
        )
    if isinstance(card.content, Cloze):
        return
    asked = tuple(prose.questions(text))
    if isinstance(card.content, Basic):
        answer = _YES_OR_NO.match(markdown.plain(card.content.answer.blocks))
        if answer is not None:
            help_line = "ask what, which or why; half of all guesses are right here"
            yield Diagnostic(
                "C455",
                f"the answer is `{answer[0]}`",
                prose.place(card.content.answer, answer[0]),
                help_line,
            )
        elif asked and _ASKS_YES_OR_NO.match(asked[-1]):
            yield Diagnostic(
                "C455",
                "this asks for yes or no",
                prose.place(section, asked[-1]),
                "ask what, which or why",
            )
        for sentence in asked or (text,):
            if match := _LIST.search(sentence.lower()):
                help_line = "write one card for each of them, or ask for the one that fits a case"
                yield Diagnostic(
                    "C456",
                    "this asks for a list to recite",
                    prose.place(section, sentence[match.start() : match.end()]),
                    help_line,
                )
    elif asked and _ASKS_YES_OR_NO.match(asked[-1]):
        yield Diagnostic(
            "C455",
            "this asks for yes or no",
            prose.place(section, asked[-1]),
            "ask what, which or why",
        )
    if match := _FOLLOWING.search(text) if " of the" in text else None:
        help_line = "ask for the thing: `Which service …?`, `Which two settings …?`"
        yield Diagnostic(
            "C457",
            f"`{match[0]}` asks about the options",
            prose.place(section, match[0]),
            help_line,
        )


def stands_alone(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C459: the front names a service of the card, unless the service is what it asks for or an API name says where we are."""
    services = [
        setting.vocabulary.services[slug]
        for slug in card.services
        if slug in setting.vocabulary.services
    ]
    home = services[0]
    if home.theme or not home.names:
        return
    names = [_named(service) for service in services]
    text = markdown.plain(card.prompt.blocks)
    if any(name.search(text) for name in names) or _API_NAME.search(card.prompt.span.text):
        return
    content = card.content
    if isinstance(content, MultipleChoice):
        answers = [markdown.plain([option.text]) for option in content.options]
    else:
        answers = [markdown.plain(content.answer.blocks)] if isinstance(content, Basic) else []
    if not any(name.search(answer) for name in names for answer in answers):
        known = " or ".join(f"`{name}`" for name in dict.fromkeys((home.deck, *home.names)))
        yield Diagnostic(
            "C459",
            "the front does not say which service this is about",
            card.prompt.span,
            f"name it: {known}",
        )


@cache
def _named(service: Service) -> re.Pattern[str]:
    """A service's name in a text: short ones as a word, longer ones within a word as well."""
    names = {service.title, service.deck, service.slug.replace("-", " "), *service.names}
    forms = (
        re.escape(name)
        if len(name) > 4
        else rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-RT-Za-rt-z0-9])"
        for name in names
    )
    return re.compile("|".join(sorted(forms, key=len, reverse=True)), re.IGNORECASE)
