"""All rules, in the order in which their diagnostics are reported."""

from __future__ import annotations

from deckwright.cards.rules import (
    Rule,
    choice,
    facts,
    gaps,
    giveaways,
    images,
    language,
    lifecycle,
    placeholders,
    questions,
    size,
    style,
)

RULES: tuple[Rule, ...] = (
    facts.needs_gap,
    facts.is_sourced,
    facts.has_valid_evidence,
    gaps.written_well,
    gaps.numbered_well,
    gaps.placed_well,
    choice.has_right_and_wrong,
    choice.has_enough,
    choice.has_no_twins,
    choice.gives_reasons,
    choice.depends_on_no_order,
    size.tables_and_code_fit,
    images.can_be_shown,
    placeholders.are_replaced,
)

# The rules for good cards.
CRAFT: tuple[Rule, ...] = (
    size.has_short_answer,
    size.has_few_gaps,
    size.fits_one_screen,
    choice.has_options_of_similar_length,
    giveaways.shows_no_article,
    giveaways.hides_its_answer,
    giveaways.has_no_cues,
    questions.asks_for_a_decision,
    questions.names_its_service,
    gaps.has_unit,
    facts.is_qualified,
    language.uses_current_names,
    lifecycle.says_its_status,
    lifecycle.says_what_holds_today,
    language.is_spelled_well,
    style.follows_the_style,
)

# The rules that know English words and phrases. Other languages are not checked by them.
ENGLISH = frozenset(
    (
        choice.depends_on_no_order,
        giveaways.shows_no_article,
        giveaways.has_no_cues,
        questions.asks_for_a_decision,
        gaps.has_unit,
        facts.is_qualified,
        language.uses_current_names,
        lifecycle.says_what_holds_today,
        language.is_spelled_well,
        style.follows_the_style,
    )
)
