"""No update ever costs a learner anything: random histories of a deck and its learners,
played against real Anki.

An author edits, releases, branches and merges; learners skip releases, import what they
like in any order, study and edit. After each step everything that a learner has is
compared with what was promised. A failing history is printed a line a step.

What Anki itself does not give, and the promise therefore not either, is stated where it
is looked at: see `Student`.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import FULL
from history_story import History, Round, Step, publisher
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

HISTORIES = int(os.environ.get("DECKWRIGHT_HISTORIES") or (300 if FULL else 10))
SIZES = ((3, 5), (3, 15), (6, 9))  # of rounds, of edits before a release, of actions after it

EDITS = (
    *["text"] * 9,
    *["tag", "gap", "add", "retire", "draft", "forbidden"] * 4,
    *["branch", "cherry"] * 5,
    *["move", "retire-gap", "merge", "release"] * 3,
    *["recheck", "join", "spare", "reason"] * 2,
    *["recheck-all", "drop", "revive", "split", "turn", "style", "template", "shuffle"],
)
ACTS = (
    *["import"] * 8,
    *["import-text", "import-always", "import-retired"] * 3,
    *["join", "study", "tag", "my-notes", "bury-retired"] * 2,
    *["edit", "study-all", "flag", "suspend", "move", "delete", "restyle", "rename-deck"],
)


def step(kinds: tuple[str, ...], number: int) -> Step:
    """A step out of one number, of which 0 does nothing. So a plan is a few numbers, which
    Hypothesis can take away.
    """
    if number == 0:
        return Step("nothing")
    choose = random.Random(number)
    return Step(choose.choice(kinds), *(choose.randrange(1000) for _ in range(3)))


def plans() -> st.SearchStrategy[list[Round]]:
    number = st.integers(0, 2**40)
    edits, actions = (
        st.lists(number, min_size=low, max_size=high).map(
            lambda found, kinds=kinds: tuple(step(kinds, n) for n in found)
        )
        for kinds, (low, high) in ((EDITS, SIZES[1]), (ACTS, SIZES[2]))
    )
    release = number.map(lambda n: step(("release",), n))
    return st.lists(
        st.builds(Round, edits, release, actions), min_size=SIZES[0][0], max_size=SIZES[0][1]
    )


@pytest.fixture(autouse=True, scope="module")
def clean() -> Iterator[None]:
    yield
    if publisher.cache_info().currsize:
        shutil.rmtree(publisher().folder.parent)
        publisher.cache_clear()


@contextmanager
def history() -> Iterator[History]:
    """A history in a folder of its own; what fails in it is told with all of its steps."""
    folder = Path(tempfile.mkdtemp(prefix="history-"))
    found = History(folder)
    try:
        yield found
    except AssertionError as error:
        raise AssertionError(f"{error}\n\nAfter these steps:\n" + "\n".join(found.log)) from error
    finally:
        found.close()
        shutil.rmtree(folder, ignore_errors=True)


def play(story: History, plan: Iterable[Round]) -> None:
    for part in plan:
        for edit in part.edits:
            story.edit(edit)
        story.release(part.release)
        for action in part.actions:
            story.action(action)
    story.end()


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
    @given(plans())
    def run(plan: list[Round]) -> None:
        with history() as story:
            play(story, plan)
            assert len(story.published) >= 3
            assert story.count["learner actions"] >= 20
        counts.update(story.count)
        counts["histories"] += 1

    try:
        run()
    finally:
        print("\n".join(f"{count:7} {kind}" for kind, count in counts.most_common()))


def told(*steps: Callable[[History], object]) -> History:
    """A history step by step: what an author does to the one branch, and the one learner."""
    with history() as story:
        for each in steps:
            each(story)
    return story


def author(what: str, b: int = 0, c: int = 0) -> Callable[[History], object]:
    return lambda story: story.edit(Step(what, 0, b, c))


def publish(what: str) -> Callable[[History], object]:
    return author(what, 3, 1)


def takes_newest(story: History) -> None:
    """The learner imports all of what was published last, with Anki's defaults."""
    if not story.students:
        story._join(Step("join"))
    story._pass(1)
    edition = story.published[-1]
    story._did(story.students[0], "import release", f"imports all.apkg of {edition.name}")
    story.students[0].add(edition.packages["all.apkg"], edition, story.now)


def test_the_cards_of_a_note_have_neighbouring_ids_in_a_draft() -> None:
    story = told(author("add", 1, 3), author("add", 1, 6), publish("draft"), takes_newest)
    assert story.students[0].scattered == 0


def test_no_card_comes_twice_when_a_template_changes_after_a_draft() -> None:
    """Found by a random history. Anki 25.9.2 and 26.9.3, once Check Database has run: two
    facts with two gaps each came with a draft; the release brings another template of
    theirs, and Anki makes a second card of two gaps.
    """
    facts = (author("add", 1, 3), author("add", 1, 6))
    story = told(
        publish("release"),
        takes_newest,
        *facts,
        publish("draft"),
        takes_newest,
        author("template", 1, 1),
        publish("release"),
        takes_newest,
    )
    assert story.students[0].doubled == 0


@pytest.mark.parametrize("kind", [0, 2])
def test_a_renamed_spare_field_wakes_no_template(kind: int) -> None:
    """Found by a random history on Anki 23.10.1: when a field is renamed, it adds `{{ID}}`
    to a front that has no field outside a condition, and so makes a card of the
    sleeping template for every note.
    """
    told(
        publish("release"), takes_newest, author("spare", kind, 1), publish("release"), takes_newest
    )
