"""What would let a learner answer without knowing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckwright import markdown
from deckwright.cards.rules import Setting, prose
from deckwright.core.card import Basic, Card, Cloze, MultipleChoice
from deckwright.core.diagnostics import Diagnostic

_ARTICLE = re.compile(r"(?<![\w'’.-])(an?)[\s*_]+$", re.IGNORECASE)
_ABSOLUTE = re.compile(r"\b(?:always|never|only|all(?!\s+at\s+once))\b", re.IGNORECASE)
_CUE = re.compile(r"\b(?:in)?correct(?:ly)?\b|\bbest\b(?!\s+(?:effort|practices?))", re.IGNORECASE)
_OR = re.compile(r"\bor\b")
_BLANK = "\x00"


def hides_its_gaps(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C452, C453: neither the article before a gap nor anything else on the front gives its word away."""
    content = card.content
    if not isinstance(content, Cloze):
        return
    for gap in content.gaps:
        source, at = gap.span.source, gap.span.start
        article = _ARTICLE.search(source.text, max(0, at - 8), at)
        if article and (gap.text.lstrip("`*_$")[:1].isalpha() or article[1].lower() == "an"):
            place = source.span(article.start(1), article.end(1))
            help_line = f"take it into the gap: `{{{{c{gap.number}::{article[1]} {gap.text}…`"
            yield Diagnostic(
                "C452", f"`{article[1]}` before the gap tells how its word begins", place, help_line
            )
    yield from _told_elsewhere(card, content, setting)


def _told_elsewhere(card: Card, content: Cloze, setting: Setting) -> Iterator[Diagnostic]:
    """The prompt as each of its cards shows it: the gaps of one number shut, those of the others open."""
    blocks = [block for block in content.text.blocks if block.kind not in prose.SHOWN]
    answers = markdown.gap_answers(blocks)
    between = markdown.plain(blocks, blank=_BLANK).split(_BLANK)
    gaps = content.gaps
    if len(answers) != len(gaps) or len(between) != len(gaps) + 1:
        return  # a gap stands in a table or was not read as one
    task = setting.vocabulary.tasks[card.task].label
    for gap, key in zip(gaps, answers, strict=True):
        if not _telling(key):
            continue
        shown = [task, between[0]]
        for other, answer, after in zip(gaps, answers, between[1:], strict=True):
            shown += ["" if other.number == gap.number else answer, after]
        if _holds("\n".join(shown), key):
            message = f"`{key}` can be read on the front outside its gap"
            yield Diagnostic(
                "C453",
                message,
                gap.span,
                "say it in other words there, or give both places the same gap number",
            )
        elif any(_holds(other.extra, key) for other in gaps if other.number == gap.number):
            yield Diagnostic(
                "C453",
                "the hint of the gap says the answer",
                gap.span,
                "hint at what kind of thing it is",
            )


def hides_its_answer(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C453: the answer of a question, or the right option, does not stand in the question or its hint."""
    content = card.content
    if isinstance(content, Basic):
        answer = markdown.plain(content.answer.blocks)
        if not _telling(answer):
            return
        text = prose.said(content.question.blocks)
        if _holds(text, answer) and not any(
            _OR.search(sentence) for sentence in prose.questions(text)
        ):
            yield Diagnostic(
                "C453",
                "the answer can be read in the question",
                content.answer.span,
                "say it in other words in the question",
            )
        elif content.hint and _holds(content.hint, answer):
            yield Diagnostic(
                "C453",
                "the hint says the answer",
                content.answer.span,
                "hint at what kind of thing it is",
            )
    elif isinstance(content, MultipleChoice):
        text = prose.said(content.question.blocks)
        found = [
            option
            for option in content.options
            if _telling(said := markdown.plain([option.text])) and _holds(text, said)
        ]
        if found and all(option.right for option in found):
            message = "the right option can be read in the question"
            yield Diagnostic(
                "C453", message, found[0].text.span, "say it in other words in the question"
            )


def _telling(answer: str) -> bool:
    """Whether an answer is long enough to be recognised: tiny words and small numbers stand in any sentence."""
    bare = answer.rstrip(".;")
    return len(bare) >= (3 if bare.replace(",", "").isdigit() else 4)


def _holds(text: str, answer: str) -> bool:
    """Whether an answer stands in a text, as whole words and without its full stop."""
    words, text = answer.casefold().rstrip(".;"), text.casefold()
    return (
        words in text
        and re.search(rf"(?<!\w)(?<!\d[.,]){re.escape(words)}(?!\w|[.,]\d)", text) is not None
    )


def has_no_cues(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C463: the question says neither "correct" nor "best"; absolute words do not stand in wrong options alone."""
    content = card.content
    if isinstance(content, Cloze):
        return
    for sentence in (
        prose.questions(markdown.plain(content.question.blocks))
        if _CUE.search(content.question.span.text)
        else ()
    ):
        if cue := _CUE.search(sentence):
            help_line = "say what the answer has to achieve: `Which service does …?`"
            yield Diagnostic(
                "C463",
                f"`{cue[0]}` says nothing about what is asked",
                prose.place(content.question, cue[0]),
                help_line,
            )
    if isinstance(content, MultipleChoice):
        absolute = [
            (option, _ABSOLUTE.search(markdown.plain([option.text]))) for option in content.options
        ]
        if not any(match and option.right for option, match in absolute):
            for option, match in absolute:
                if match:
                    message = f"`{match[0]}` stands in wrong options only, which gives them away"
                    yield Diagnostic(
                        "C463",
                        message,
                        option.text.span,
                        "say it without the word, or word a right option as firmly",
                    )
