"""No update ever costs a learner anything: random histories of a deck and its learners,
played against real Anki.

An author edits and releases; learners skip releases, import what they like in any order,
study and edit. After each step everything that a learner has is compared with what was
promised. A failing history is printed a line a step.

What Anki itself does not give, and the promise therefore not either, is stated where it
is looked at: see `Student`.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import FULL
from history_story import History, Round, Step, publisher
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

HISTORIES = int(os.environ.get("DECKWRIGHT_HISTORIES") or (300 if FULL else 8))

EDITS = (
    *["text"] * 9,
    *["tag", "gap", "add", "retire", "draft", "forbidden"] * 4,
    *["move", "retire-gap", "look", "release"] * 3,
    *["recheck", "reason", "drop", "turn", "shuffle"],
)
ACTS = (
    *["import"] * 8,
    *["import-text", "import-always", "import-retired"] * 3,
    *["join", "study", "tag", "my-notes", "delete-retired"] * 2,
    *["edit", "flag", "suspend", "move", "delete", "restyle"],
)


def step(kinds: tuple[str, ...], number: int) -> Step:
    """A step out of one number, of which 0 does nothing. So a plan is a few numbers, which
    Hypothesis can take away.
    """
    if number == 0:
        return Step("nothing")
    choose = random.Random(number)
    return Step(choose.choice(kinds), choose.randrange(1000), choose.randrange(1000))


def steps(kinds: tuple[str, ...], low: int, high: int) -> st.SearchStrategy[tuple[Step, ...]]:
    numbers = st.lists(st.integers(0, 2**40), min_size=low, max_size=high)
    return numbers.map(lambda plan: tuple(step(kinds, number) for number in plan))


def rounds() -> st.SearchStrategy[list[Round]]:
    release = st.integers(0, 2**40).map(lambda number: step(("release",), number))
    one = st.builds(Round, steps(EDITS, 3, 15), release, steps(ACTS, 6, 9))
    return st.lists(one, min_size=3, max_size=5)


@pytest.fixture(autouse=True, scope="module")
def clean() -> Iterator[None]:
    yield
    if publisher.cache_info().currsize:
        shutil.rmtree(publisher().folder.parent)
        publisher.cache_clear()


@contextmanager
def history() -> Iterator[History]:
    """A history in its own folder; what fails in it is told with all of its steps."""
    folder = Path(tempfile.mkdtemp(prefix="history-"))
    story = History(folder)
    try:
        yield story
    except AssertionError as error:
        raise AssertionError(f"{error}\n\nAfter these steps:\n" + "\n".join(story.log)) from error
    finally:
        story.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("part", range(2))
def test_no_update_costs_a_learner_anything(part: int) -> None:
    """Random histories; two halves, for two cores. DECKWRIGHT_HISTORIES says how many."""
    counts: Counter[str] = Counter()

    @settings(
        max_examples=max(1, HISTORIES // 2),
        deadline=None,
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(rounds())
    def run(plan: list[Round]) -> None:
        with history() as story:
            for one in plan:
                for edit in one.edits:
                    story.edit(edit)
                story._edit_release(one.release)
                for action in one.actions:
                    story.action(action)
            story.end()
            assert story.count["learner actions"] >= 20
        counts.update(story.count)

    try:
        run()
    finally:
        print("\n".join(f"{count:7} {kind}" for kind, count in counts.most_common()))


def told(*acts: Callable[[History], object]) -> History:
    """A history step by step: what an author does, and the one learner."""
    with history() as story:
        for act in acts:
            act(story)
    return story


def author(what: str, b: int = 3, c: int = 1) -> Callable[[History], object]:
    return lambda story: story.edit(Step(what, b, c))


def takes_newest(story: History) -> None:
    """The learner imports all of what was published last, with Anki's defaults."""
    if not story.students:
        story._join()
    story._pass(1)
    edition = story.published[-1]
    story.students[0].add(edition.packages["all.apkg"], edition, story.now)


def test_no_card_comes_twice_when_a_template_changes_after_a_draft() -> None:
    """Found by a random history. Anki 25.9.2 and 26.9.3, once Check Database has run: two
    facts with two gaps each came with a draft; the release brings another template of
    theirs, and Anki makes a second card of two gaps.
    """
    facts = (author("add", 1, 3), author("add", 1, 6))
    newest = (author("release"), takes_newest)
    draft = (author("draft"), takes_newest)
    story = told(*newest, *facts, *draft, author("look", 1, 4), *newest)
    assert (story.students[0].scattered, story.students[0].doubled) == (0, 0)


@pytest.mark.parametrize("kind", [0, 2])
def test_a_renamed_spare_field_wakes_no_template(kind: int) -> None:
    """Found by a random history on Anki 23.10.1: when a field is renamed, it adds `{{ID}}`
    to a front that has no field outside a condition, and so makes a card of the
    sleeping template for every note.
    """
    newest = (author("release"), takes_newest)
    told(*newest, author("look", kind, 5), *newest)
