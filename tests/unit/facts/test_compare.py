"""The state of a value for each kind of evidence: what is confirmed, and what is refused.

The pages in tests/pages, about a service that doesn't exist, have the Markdown form of AWS
documentation. The columns of the tables there:

- facts.tsv: page, card, evidence that confirms it
- lies.tsv: what is wrong, page, card, evidence
- new-values.tsv: page, card, evidence, old text, new text
- data.tsv: result, card, evidence in data
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from test_verify import MODEL, lay_data

from deckwright.facts.datasets import Datasets
from deckwright.facts.page_copies import PageCopies, PageCopy
from deckwright.facts.stated_value import stated_value
from deckwright.facts.suggestions import on_page
from deckwright.facts.verify import verify
from deckwright.project.project import Project
from deckwright.project.vocabulary import Data
from unit.examples import make_card

PAGES = Path(__file__).parents[2] / "pages"


def rows(name: str) -> list[list[str]]:
    """The lines of a table; `\\n` in a cell is a line feed."""
    lines = (PAGES / f"{name}.tsv").read_text("utf-8").splitlines()
    return [[cell.replace("\\n", "\n") for cell in line.split("\t")] for line in lines]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Datasets:
    """The dataset `polly`, with MODEL."""
    table = (Data("*", "Models", "example-data", "example_data/{name}.json"),)
    return Datasets(table, lay_data(tmp_path_factory.mktemp("data"), MODEL))


@pytest.mark.parametrize(("expected", "text", "evidence"), rows("data"))
def test_a_value_is_compared_with_data(
    expected: str, text: str, evidence: str, small: Project, data: Datasets
) -> None:
    lines = (line for line in evidence.split(" ; ") if line)
    card = make_card(text, metadata="".join(f"- evidence: {line}\n" for line in lines))
    facts = verify([card], small, data, PageCopies(Path("none")))
    assert ",".join(fact.state for fact in facts) == expected


@cache
def source(name: str) -> str:
    return (PAGES / f"{name}.md").read_text("utf-8")


class Copies(PageCopies):
    """One page, whatever its address."""

    def __init__(self, text: str) -> None:
        self.copy = PageCopy(text, "2026-07")

    def read(self, url: str) -> PageCopy:
        return self.copy


def state(text: str, tail: str, page: str, small: Project) -> str:
    """The state of a fact; `tail` ends its evidence line."""
    card = make_card(text, metadata=f"- evidence: page::parrot/latest/dg/limits~{tail}\n")
    facts = verify([card], small, Datasets((), PAGES), Copies(page))
    (results,) = (fact for fact in facts if fact.results)
    return results.state


@pytest.mark.parametrize(("name", "text", "tail"), rows("facts"))
def test_a_phrase_confirms_the_value(name: str, text: str, tail: str, small: Project) -> None:
    assert state(text, tail, source(name), small) == "by page"


@pytest.mark.parametrize(("kind", "name", "text", "tail"), rows("lies"))
def test_a_lie_is_refused(kind: str, name: str, text: str, tail: str, small: Project) -> None:
    assert state(text, tail, source(name), small) == "changed or gone", kind


@pytest.mark.parametrize(("name", "text", "tail", "old", "new"), rows("new-values"))
def test_a_new_value_on_the_page_is_noticed(
    name: str, text: str, tail: str, old: str, new: str, small: Project
) -> None:
    assert source(name).count(old) == 1
    assert state(text, tail, source(name).replace(old, new), small) == "changed or gone"


def test_a_phrase_is_on_the_page_only_once(small: Project) -> None:
    text = "Parrot bills {{c1::the characters outside SSML tags}}."
    tail = "SSML tags are not counted as billed characters means the characters outside SSML tags"
    assert state(text, tail, source("limits"), small) == "changed or gone"
    assert state(text, f"In long texts, {tail}", source("limits"), small) == "by page"


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        (
            "In {{c2::one}} Region, a Parrot glossary can be up to {{c1::40,000}} characters.",
            "Each glossary can be up to 40,000 characters in size",
        ),
        (
            "A speaker can have {{c1::100,000}} recordings in Parrot.",
            "Recordings per speaker | Each supported Region: 100,000",
        ),
    ],
)
def test_the_first_suggestion_has_most_words_of_the_card(
    text: str, phrase: str, small: Project
) -> None:
    card = make_card(text)
    value = stated_value(card, 0)
    assert value
    url = "https://docs.aws.amazon.com/parrot/latest/dg/limits.html"
    first = on_page(url, PageCopy(source("limits")), card, 1, value, 3)[0]
    assert first[0].endswith(f"~{phrase}")
    assert state(text, phrase, source("limits"), small) == "by page"
