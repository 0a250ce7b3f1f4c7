"""Completion, hover and go to definition on the cards of the mini project."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from conftest import MINI, make_project

from deckwright.cards.parse import parse
from deckwright.core.diagnostics import codes
from deckwright.core.source import Source
from deckwright.live import language_features
from deckwright.live.key_completion import KEYS, Completion, Snapshot
from deckwright.live.language_features import MOST, Explanation, Offer
from deckwright.project import project
from deckwright.project.toml_file import Table

CURSOR = "‸"
POLLY = "cards/4.2-services/polly.md"
CHOOSING = "cards/4.2-services/polly/choosing.md"
S3 = "cards/4.1-reliability/s3.md"
IDEAS = "cards/summary/ideas.md"
VOCABULARY = "schema/vocabulary/mini.toml"


def text_of(path: str) -> str:
    return (MINI / path).read_text("utf-8")


def source(path: str, text: str) -> Source:
    return Source(path, text, "cards", "mini")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = make_project(tmp_path_factory.mktemp("features") / "p")
    cards = [
        card
        for path in (S3, POLLY, CHOOSING, IDEAS)
        for card in parse(source(path, text_of(path))).values
    ]
    return Snapshot(project.load(folder).values[0], tuple(cards))


def complete(snapshot: Snapshot, text: str, path: str = POLLY) -> Offer:
    """What is offered at the cursor."""
    found = source(path, text.replace(CURSOR, ""))
    return language_features.completions(found, text.index(CURSOR), snapshot)


def in_purpose(line: str) -> str:
    """The text of polly.md with a line in the place of the kind of `polly-purpose`."""
    return text_of(POLLY).replace("- kind: concept\n", f"{line}\n", 1)


def labels(offer: Offer) -> list[str]:
    return [one.label for one in offer.items]


def written(text: str, one: Completion) -> str:
    """The line at the cursor after the completion was put into it."""
    bare = text.replace(CURSOR, "")
    after = bare[: one.span.start] + one.text + bare[one.span.end :]
    return after[after.rindex("\n", 0, one.span.start) + 1 :].partition("\n")[0]


def test_keys_are_those_that_the_card_does_not_have_and_those_that_may_repeat(
    snapshot: Snapshot,
) -> None:
    offer = complete(snapshot, in_purpose("- ‸"))
    assert labels(offer) == [
        "kind", "level", "also", "exam", "tags", "status", "source", "evidence", "shared-value",
        "compare", "not-duplicate-of", "allow",
    ]  # fmt: skip
    schema = snapshot.project.card_schema
    assert [one.about for one in offer.items] == [schema.description(key) for key in labels(offer)]
    repeatable = {key for key in labels(offer) if schema.repeatable(key)}
    assert {one.label for one in offer.items if one.detail} == repeatable >= {"also", "source"}


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("- ‸", "- kind: "),
        ("- ki‸", "- kind: "),
        ("ki‸", "- kind: "),
        ("‸", "- kind: "),
        ("-‸", "- kind: "),
        ("- ki‸: concept", "- kind: concept"),
        ("* ki‸", "* kind: "),
        ("- kind:‸", "- kind: concept"),
        ("- kind: co‸xyz", "- kind: concept"),
        ("- allow: ‸", "- allow: C409 "),
        ("- allow: C4‸ because", "- allow: C409 because"),
        ("- shared-value: c2 ‸x", "- shared-value: c2 polly-input"),
    ],
)
def test_a_completion_leaves_a_well_formed_line(snapshot: Snapshot, line: str, after: str) -> None:
    text = in_purpose(line)
    cards = parse(source(S3, "## s3-x\n\n- shared-value: c1 polly-input\n")).values
    offer = complete(replace(snapshot, cards=cards), text)
    first_rule = next(code.code for code in codes().values() if code.craft)
    assert written(text, offer.items[0]) == after.replace("C409", first_rule)


def test_a_cloze_card_has_no_hint(snapshot: Snapshot) -> None:
    for kind, hint in (("quota", False), ("concept", True)):
        text = f"# S3\n\n## s3-x\n\n- kind: {kind}\n- ‸\n"
        assert ("hint" in labels(complete(snapshot, text, S3))) == hint


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("- kind: ‸", ["concept", "scenario", "quota"]),
        ("- status: ‸", ["legacy"]),  # not the default
        ("- also: ‸", ["s3", "ideas"]),  # not the service of the file
        ("- also: ideas\n- also: ‸", ["s3"]),
        ("- exam: ‸", ["old::2.1", "next::2.1", "old::3.1", "next::3.1", "none"]),
        ("- exam: old::2.1\n- exam: ‸", ["next::2.1", "old::3.1", "next::3.1"]),
        ("- topic: ‸", ["voices", "copies", "words"]),
        ("- checked: ‸", []),
        ("- hint: ‸", []),
        ("- allow: C450 beca‸", []),  # a reason is free text
        ("- nonsense: ‸", []),
    ],
)
def test_the_values_of_a_key(snapshot: Snapshot, line: str, values: list[str]) -> None:
    assert labels(complete(snapshot, in_purpose(line))) == values


def test_topics_of_the_task_of_the_file_come_first(snapshot: Snapshot) -> None:
    text = text_of(IDEAS).replace("- topic: words", "- topic: ‸", 1)
    offer = complete(snapshot, text, IDEAS)
    assert labels(offer) == ["words", "copies", "voices"]
    assert offer.items[0].detail == "Words"
    assert "Task summary" in offer.items[0].about


def test_pages_are_those_of_the_file_without_those_of_the_card(snapshot: Snapshot) -> None:
    assert set(labels(complete(snapshot, in_purpose("- source: ‸")))) == {
        "https://docs.example.com/polly/latest/dg/limits.html",
        "https://docs.example.com/s3/latest/userguide/names.html",
    }
    written_now = f"{text_of(POLLY)}\n## x\n\n- source: https://new.example\n- source: ‸\n"
    assert "https://new.example" not in labels(complete(snapshot, written_now))
    elsewhere = "## y\n\n- source: https://new.example\n\nQ?\n\n## x\n\n- source: ‸\n"
    assert labels(complete(snapshot, elsewhere))[0] == "https://new.example"


def test_rules_are_those_that_may_be_broken_and_are_not_named_yet(snapshot: Snapshot) -> None:
    rules = [code.code for code in codes().values() if code.craft]
    assert labels(complete(snapshot, in_purpose("- allow: ‸"))) == rules
    named = in_purpose(f"- allow: {rules[1]} because\n- allow: ‸")
    assert rules[1] not in labels(complete(snapshot, named))


def test_cards_of_the_file_come_first_and_then_those_of_the_service(snapshot: Snapshot) -> None:
    offer = complete(snapshot, in_purpose("- compare: ‸"))
    names = labels(offer)
    assert names[:2] == ["polly-input-length", "polly-task-names"]  # and not the card itself
    assert names.index("polly-two-of-four") < names.index("s3-copies")
    prompts = {one.label: one.detail for one in offer.items}
    assert prompts["s3-replication"] == "What copies objects to another Region?"
    given = in_purpose("- not-duplicate-of: s3-copies\n- not-duplicate-of: ‸")
    assert "s3-copies" not in labels(complete(snapshot, given))


def test_of_too_many_cards_those_that_fit_are_offered(snapshot: Snapshot) -> None:
    section = "## many-{0}\n\n- kind: concept\n- topic: voices\n\n{1}\n\n---\n\nThat.\n"
    many = "\n".join(section.format(number, "What? " * 40) for number in range(MOST + 100))
    full = replace(snapshot, cards=parse(source(CHOOSING, f"# P\n\n{many}")).values)
    assert len(complete(full, in_purpose("- compare: ‸")).items) == MOST
    exact = complete(full, in_purpose("- compare: many-299‸"))
    assert (labels(exact), exact.complete) == (["many-299"], False)
    loose = labels(complete(full, in_purpose("- compare: mn29‸9")))
    assert (loose[0], len(loose)) == ("many-29", 21)
    assert len(exact.items[0].detail) == 120
    assert exact.items[0].detail.endswith("…")


@pytest.mark.parametrize(
    "after",
    ["Polly, one call", "- 6,000", "Speech.", "# Amazon", "polly-purpose", "a museum", '"Engine"'],
)
def test_nothing_is_offered_outside_of_metadata(snapshot: Snapshot, after: str) -> None:
    text = text_of(POLLY).replace(after, after + CURSOR, 1)
    assert complete(snapshot, text) == Offer()


def explained(snapshot: Snapshot, text: str) -> Explanation | None:
    found = source(POLLY, text.replace(CURSOR, ""))
    return language_features.hover(found, text.index(CURSOR), snapshot)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("- to‸pic: voices", "Choose a topic of the card's task"),
        ("- topic: voi‸ces", "**Voices**\n\nvoices and their engines"),
        ("- also: ‸s3", "**Amazon S3**"),
        ("- kind: quota‸", "A cloze card"),
        ("- kind: conce‸pt", "**What it is**"),
        ("- exam: old‸::2.1", "**The old exam**"),
        ("- status: leg‸acy", "Gone & not coming back"),
        ("- allow: C450 as‸ a test", codes()["C450"].title),
        ("- compare: s3-repli‸cation", "What copies objects to another Region?"),
        ("- topic: no‸ne", None),
        ("- compare: no‸ne", None),
        ("- hint: so‸me", None),
        ("- non‸sense: x", None),
        ("What do‸es it do?", None),
    ],
)
def test_hover_explains_keys_and_values(snapshot: Snapshot, line: str, says: str | None) -> None:
    found = explained(snapshot, in_purpose(line))
    if says is None:
        assert found is None
    else:
        assert found is not None
        assert says in found.text


def defined(snapshot: Snapshot, line: str) -> str | None:
    """The line in which the value at the cursor is defined, with its path."""
    text = in_purpose(line)
    tables = [
        Table(Source(VOCABULARY, held), tomllib.loads(held)) for held in [text_of(VOCABULARY)]
    ]
    found = source(POLLY, text.replace(CURSOR, ""))
    span = language_features.definition(found, text.index(CURSOR), snapshot, tables)
    return span and f"{span.path}: {span.source.line(span.line - 1)}"


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("- compare: s3-repli‸cation", f"{S3}: ## s3-replication"),
        ("- topic: voi‸ces", f'{VOCABULARY}: slug = "voices"'),
        ("- also: ‸s3", f'{VOCABULARY}: slug = "s3"'),
        ("- kind: conc‸ept", f'{VOCABULARY}: slug = "concept"'),
        ("- exam: old‸::2.1", f'{VOCABULARY}: slug = "old"'),
        ("- status: leg‸acy", f'{VOCABULARY}: slug = "legacy"'),
        ("- compare: no‸ne", None),
        ("- topic: no‸ne", None),
        ("- to‸pic: voices", None),
        ("- allow: C45‸0 x", None),
        ("- checked: 2026‸-01", None),
        ("text‸ of a question", None),
    ],
)
def test_definitions_are_found(snapshot: Snapshot, line: str, place: str | None) -> None:
    assert defined(snapshot, line) == place


def test_a_vocabulary_file_of_another_shape_is_no_trouble(snapshot: Snapshot) -> None:
    text = in_purpose("- topic: voi‸ces")
    tables = [Table(Source("x", ""), data) for data in ({"topic": 3}, {"topic": [1]}, {})]
    found = source(POLLY, text.replace(CURSOR, ""))
    assert language_features.definition(found, text.index(CURSOR), snapshot, tables) is None


def test_every_key_of_the_table_is_in_the_schema(snapshot: Snapshot) -> None:
    assert KEYS.keys() <= snapshot.project.card_schema.properties.keys()
