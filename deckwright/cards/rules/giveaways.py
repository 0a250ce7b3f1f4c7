"""What would let a learner answer a card without knowing the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckwright import markdown
from deckwright.cards.rules import Context, prose
from deckwright.core.card import Basic, Card, Cloze, MultipleChoice
from deckwright.core.diagnostics import Diagnostic

_ARTICLE = re.compile(r"(?<![\w'’.-])(an?)[\s*_]+$", re.IGNORECASE)
_ABSOLUTE = re.compile(r"\b(?:always|never|only|all(?!\s+at\s+once))\b", re.IGNORECASE)
_CUE = re.compile(r"\b(?:in)?correct(?:ly)?\b|\bbest\b(?!\s+(?:effort|practices?))", re.IGNORECASE)
_OR = re.compile(r"\bor\b")
_BLANK = "\x00"

_GOAL = re.compile(r"best|correct", re.IGNORECASE)  # other cues: correctly, incorrect

_OTHER_WORDS = "reword the question so that it doesn't contain the answer"
_WEAKER_HINT = (
    "write a hint that says only what type of answer it is, as in `how many` or `which service`"
)


def shows_no_article(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C452: the article before a gap says whether its word begins with a vowel."""
    for gap in card.content.gaps if isinstance(card.content, Cloze) else ():
        source, at = gap.span.source, gap.span.start
        article = _ARTICLE.search(source.text, max(0, at - 8), at)
        if article and (gap.text.lstrip("`*_$")[:1].isalpha() or article[1].lower() == "an"):
            place = source.span(article.start(1), article.end(1))
            message = f"`{article[1]}` before the gap shows how the answer begins"
            hint = f"::{gap.extra}" if gap.extra else ""
            moved = f"{{{{c{gap.number}::{article[1]} {gap.text}{hint}}}}}"
            help_line = f"move the article into the gap: `{moved}`"
            yield Diagnostic("C452", message, place, help_line)


def hides_its_answer(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C453: no answer can be read on the front while it is asked for."""
    match card.content:
        case Cloze() as content:
            yield from _readable_gaps(content, context.vocabulary.parts[card.part].title)
        case Basic() as content:
            yield from _answer_in_question(content)
        case content:
            yield from _option_in_question(content)


def _readable_gaps(content: Cloze, part: str) -> Iterator[Diagnostic]:
    """C453: a front closes all gaps of one number and shows the answers of the others."""
    blocks = [block for block in content.text.blocks if block.kind not in prose.EXHIBITS]
    answers = markdown.gap_answers(blocks)
    between = markdown.plain(blocks, blank=_BLANK)
    if not len(answers) == len(content.gaps) == between.count(_BLANK):
        return  # a gap is in a table, or was not read as one
    gaps = tuple(zip(content.gaps, answers, strict=True))
    for gap, answer in gaps:
        if not _is_telling(answer):
            continue
        other = next((g for g, t in gaps if g.number != gap.number and _contains(t, answer)), None)
        hints = [g.extra for g, _ in gaps if g.number == gap.number and _contains(g.extra, answer)]
        if _contains(between.replace(_BLANK, "\n"), answer):
            message = f"`{answer}` appears on the front outside its gap"
            form = f"{{{{c{gap.number}::{gap.text}}}}}"
            help_line = f"remove the other `{answer}`, or make it a gap, too: `{form}`"
        elif _contains(part, answer):
            message = f"`{answer}` appears in the part above the text, `{part}`"
            help_line = "put other words in the gap, because every card of the part shows this line"
        elif other:
            message = (
                f"`{answer}` appears in gap {other.number}, "
                f"which is visible while gap {gap.number} is hidden"
            )
            help_line = "give both gaps the same number, or reword one of them"
        elif hints:
            message = f"the hint `{hints[0]}` contains the answer, `{answer}`"
            help_line = _WEAKER_HINT
        else:
            continue
        yield Diagnostic("C453", message, gap.span, help_line)


def _answer_in_question(content: Basic) -> Iterator[Diagnostic]:
    answer = markdown.plain(content.answer.blocks)
    if not _is_telling(answer):
        return
    text = prose.sentences(content.question.blocks)
    if _contains(text, answer) and not any(map(_OR.search, prose.questions(text))):
        message = f"the answer, `{_on_one_line(answer)}`, appears in the question"
        yield Diagnostic("C453", message, content.answer.span, _OTHER_WORDS)
    elif content.hint and _contains(content.hint, answer):
        message = f"the hint contains the answer, `{_on_one_line(answer)}`"
        yield Diagnostic("C453", message, content.answer.span, _WEAKER_HINT)


def _option_in_question(content: MultipleChoice) -> Iterator[Diagnostic]:
    text = prose.sentences(content.question.blocks)
    found = [
        (option, own)
        for option in content.options
        if _is_telling(own := markdown.plain([option.text])) and _contains(text, own)
    ]
    if found and all(option.right for option, _ in found):
        option, own = found[0]
        message = f"the correct option, `{_on_one_line(own)}`, appears in the question"
        yield Diagnostic("C453", message, option.text.span, _OTHER_WORDS)


def _on_one_line(answer: str) -> str:
    return " ".join(answer.rstrip(".;").split())


def _is_telling(answer: str) -> bool:
    """Return whether an answer is long enough: tiny words are in any sentence."""
    bare = answer.rstrip(".;")
    return len(bare) >= (3 if bare.replace(",", "").isdigit() else 4)


def _contains(text: str, answer: str) -> bool:
    """Return whether a text has an answer, in whole words, without final period."""
    words, text = answer.casefold().rstrip(".;"), text.casefold()
    if words not in text:
        return False
    return re.search(rf"(?<!\w)(?<!\d[.,]){re.escape(words)}(?!\w|[.,]\d)", text) is not None


def has_no_cues(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C463: no "correct" or "best"; no "always" or "never" in wrong options only."""
    content = card.content
    if isinstance(content, Cloze):
        return
    if _CUE.search(content.question.span.text):
        for sentence in prose.questions(markdown.plain(content.question.blocks)):
            if cue := _CUE.search(sentence):
                message = f"`{cue[0]}` doesn't say what is right or wrong"
                help_line = (
                    "say exactly what happens, as in `Which setting does the call ignore?`, "
                    "or remove the word"
                )
                if _GOAL.fullmatch(cue[0]):
                    message = f"`{cue[0]}` doesn't say what the answer must achieve"
                    help_line = (
                        "name the goal, as in `Which service costs the least?`, "
                        "or remove the word, as in `Which service should it use?`"
                    )
                place = prose.place(content.question.blocks, cue[0])
                yield Diagnostic("C463", message, place, help_line)
    if isinstance(content, MultipleChoice):
        yield from _absolute_words(content)


def _absolute_words(content: MultipleChoice) -> Iterator[Diagnostic]:
    found = [(o, _ABSOLUTE.search(markdown.plain([o.text]))) for o in content.options]
    if any(option.right and match for option, match in found):
        return
    for option, match in found:
        if match:
            message = f"`{match[0]}` appears only in wrong options, so learners can rule them out"
            help_line = (
                "remove the word, "
                "or use `always`, `never`, `all`, or `only` in a correct option, too"
            )
            yield Diagnostic("C463", message, option.text.span, help_line)
