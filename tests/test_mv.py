"""`mv`: cards keep ids, texts and images; failing disks and concurrent edits lose nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from authoring import (
    CHOOSING,
    POLLY,
    RANDOM,
    diagnostics,
    digest,
    notes,
    order,
)
from conftest import REPO, make_project, run, write_release
from hypothesis import given
from hypothesis import strategies as st

from deckwright.core.errors import UserError
from deckwright.project.ledger import gap_digests


def test_cards_move_to_a_file_behind_their_topic_and_the_rest_stays_to_the_letter(
    mini: Path,
) -> None:
    before, compiled = (mini / POLLY).read_text("utf-8"), notes(mini)
    result = run(
        mini, "mv", "polly-purpose", "polly-input-length", "cards/4.2-services/polly/limits.md"
    )
    assert (result.code, result.out) == (
        0,
        "cards/4.2-services/polly/limits.md:3:polly-purpose\ncards/4.2-services/polly/limits.md:33:polly-input-length\n",
    )
    assert order(mini, "cards/4.2-services/polly/limits.md") == [
        "polly-purpose",
        "polly-input-length",
    ]
    text = (mini / POLLY).read_text("utf-8")
    assert (
        text
        == "# Amazon Polly\n\n"
        + before[before.index("## polly-task-names") : before.index("\n## polly-purpose")]
    )
    assert (
        (mini / "cards/4.2-services/polly/limits.md")
        .read_text("utf-8")
        .startswith("# Amazon Polly\n\n## polly-purpose\n")
    )
    after = notes(mini)
    assert {name: (n.guid, n.deck, n.fields, n.tags) for name, n in after.items()} == {
        name: (n.guid, n.deck, n.fields, n.tags) for name, n in compiled.items()
    }
    assert run(mini, "fmt", "--check").code == 0


def test_a_file_that_has_no_card_left_is_deleted_and_its_title_goes_along(mini: Path) -> None:
    (mini / POLLY).write_text(
        (mini / POLLY).read_text("utf-8").replace("# Amazon Polly", "# Polly, first things"),
        "utf-8",
    )
    result = run(mini, "mv", POLLY, "cards/4.2-services/polly/first.md")
    assert result.err == f"{POLLY} has no cards left and was deleted\n3 cards moved\n"
    assert not (mini / POLLY).exists()
    assert (
        (mini / "cards/4.2-services/polly/first.md")
        .read_text("utf-8")
        .startswith("# Polly, first things\n\n## polly-input-length\n")
    )
    again = run(
        mini,
        "mv",
        "cards/4.2-services/polly/first.md",
        "cards/4.2-services/polly/choosing.md",
        POLLY,
    )
    assert again.code == 0
    assert not (mini / "cards/4.2-services/polly").exists()
    assert len(order(mini, POLLY)) == 5


def test_a_dry_run_says_the_same_and_writes_nothing(mini: Path) -> None:
    before = digest(mini)
    dry = run(mini, "mv", "polly-purpose", "4.2/s3", "--dry-run")
    assert digest(mini) == before
    wet = run(mini, "mv", "polly-purpose", "4.2/s3")
    assert dry.out == wet.out == "cards/4.2-services/s3.md:3:polly-purpose\n"
    assert (
        dry.err.replace("would be ", "")
        == wet.err
        == "polly-purpose: it moves to the deck Mini::2 Services::S3, because it was never released\n1 card moved\n"  # noqa: E501
    )


def test_a_released_card_keeps_its_deck_and_its_guid(mini: Path) -> None:
    write_release(mini)
    before = notes(mini)["polly-purpose"]
    result = run(mini, "mv", "polly-purpose", "4.2-services/s3")
    assert (
        "polly-purpose: it was released, so its deck stays Mini::2 Services::Polly; "
        "its tags change" in result.err
    )
    after = notes(mini)["polly-purpose"]
    assert (after.guid, after.deck, after.note_id) == (before.guid, before.deck, before.note_id)
    assert "mini::service::s3" in after.tags


def test_pictures_are_found_from_the_new_place(mini: Path) -> None:
    before = notes(mini)["s3-replication"]
    (mini / "cards/4.1-reliability/s3").mkdir()
    assert run(mini, "mv", "s3-replication", "cards/4.1-reliability/s3/pictures.md").code == 0
    assert "](../img/copies.svg)" in (mini / "cards/4.1-reliability/s3/pictures.md").read_text(
        "utf-8"
    )
    after = notes(mini)["s3-replication"]
    assert (after.fields, after.media) == (before.fields, before.media)
    assert run(mini, "mv", "s3-replication", "cards/4.1-reliability/s3.md").code == 0
    assert "](img/copies.svg)" in (mini / "cards/4.1-reliability/s3.md").read_text("utf-8")


def test_of_two_cards_with_one_id_the_line_says_which(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    card = text[text.index("## polly-purpose") :]
    (mini / POLLY).write_text(f"{text}\n{card.replace('Speech.', 'Talk.')}", "utf-8")
    which = run(mini, "mv", "polly-purpose", "4.2/s3")
    assert which.code == 2
    places = re.findall(rf"{POLLY}:\d+:polly-purpose", which.err)
    assert len(places) == 2
    assert run(mini, "mv", f"{POLLY}:1:polly-purpose", "4.2/s3").code == 2
    assert run(mini, "mv", places[1], "4.2/s3").out == "cards/4.2-services/s3.md:3:polly-purpose\n"
    assert "Talk." in (mini / "cards/4.2-services/s3.md").read_text("utf-8")
    assert (mini / POLLY).read_text("utf-8") == text


def test_a_picture_behind_many_pipes_of_a_cell_moves_along(mini: Path) -> None:
    cell = "\\|" * 20 + " ![Two buckets with an arrow between them](img/copies.svg)"
    file = mini / "cards/4.1-reliability/s3.md"
    file.write_text(
        file.read_text("utf-8").replace(
            "Replication:", f"| a | b |\n| --- | --- |\n| {cell} | z |\n\nReplication:"
        ),
        "utf-8",
    )
    assert run(mini, "mv", "s3-replication", "cards/4.1-reliability/s3/deep.md").code == 0
    assert cell.replace("](", "](../") in (mini / "cards/4.1-reliability/s3/deep.md").read_text(
        "utf-8"
    )


def test_cards_are_named_as_find_names_them_and_paths_as_they_lead_from_here(mini: Path) -> None:
    place = run(mini, "find", "polly-purpose").out.splitlines()[0]
    there = mini / "cards/4.2-services"
    assert (
        run(there, "--root", "../..", "mv", place, "s3.md").out
        == "../../cards/4.2-services/s3.md:3:polly-purpose\n"
    )
    assert run(there, "--root", "../..", "mv", "s3.md", "../../cards/4.2-services/polly").code == 0
    assert run(mini.parent, "--root", "mini", "mv", "polly-purpose", POLLY).code == 0
    assert (
        "polly-purpose is already in the right file\n0 cards moved"
        in run(mini, "mv", "polly-purpose", "4.2/polly").err
    )


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("polly-purpose", "4.1/polly"), "S310", "polly-purpose would have errors in the new file"),
        (
            ("polly-task-names", "polly-purpose", "4.2/s3"),
            "S311",
            "polly-task-names would have errors in the new file",
        ),
        (
            ("polly-purpos", "4.2/s3"),
            "",
            "there is no card polly-purpos\n  help: did you mean `polly-purpose`?",
        ),
        (
            ("polly-purpose", "4.2/s4"),
            "",
            "`4.2/s4` is not a task and a service\n  help: did you mean `4.2-services/s3`?",
        ),
        (("polly-purpose", "cards/README.md"), "", "cards/README.md is not a place for cards"),
        (
            ("polly-purpose", "notes/polly.md"),
            "",
            "notes/polly.md is not a place for cards\n  help: name a file in cards/",
        ),
        (("polly-purpose", "cards/4.2-services/pollly.md"), "D105", "is not a place for cards"),
        (("polly-purpose", "cards/4.2-services/polly/a b.md"), "D108", "is not a place for cards"),
        (
            ("polly-purpose", "cards/4.2-services/Polly.md"),
            "",
            "differs from cards/4.2-services/polly.md only in case",
        ),
        (
            ("polly-purpose", "cards/mine/4.2-services/polly.md"),
            "",
            "polly-purpose would become a new card for learners",
        ),
        (("", "4.2/s3"), "", "a name is empty\n  help: write IDs"),
        (("polly-purpose", ""), "", "a name is empty\n  help: write IDs"),
    ],
)
def test_what_cannot_be_moved_stays(
    arguments: tuple[str, ...], code: str, says: str, mini: Path
) -> None:
    assert run(mini, "fork", "My cards").code == 0
    before = digest(mini)
    result = run(mini, "mv", *arguments)
    assert result.code == 2
    assert says in result.err
    assert f"error {code}" in result.out if code else True
    assert digest(mini) == before


def test_an_error_of_the_new_place_is_told_where_the_card_stands_now(mini: Path) -> None:
    place = run(mini, "mv", "polly-purpose", "4.1/polly").out.splitlines()
    assert place[0].startswith(f"{POLLY}:")
    line = int(place[0].split(":")[1])
    assert (mini / POLLY).read_text("utf-8").splitlines()[line - 1] == "- topic: voices"
    assert "- topic: voices" in place[1]


def test_a_topic_that_was_changed_first_lets_its_card_move(mini: Path) -> None:
    (mini / POLLY).write_text(
        (mini / POLLY)
        .read_text("utf-8")
        .replace("- kind: concept\n- topic: voices", "- kind: concept\n- topic: copies"),
        "utf-8",
    )
    assert "S310" in run(mini, "check").out
    assert run(mini, "mv", "polly-purpose", "4.1/polly").code == 0
    assert run(mini, "check").code == 0


def test_files_that_cannot_be_taken_apart_are_left_alone(mini: Path) -> None:
    (mini / POLLY).write_text((mini / POLLY).read_text("utf-8") + "\n```text\nno end\n", "utf-8")
    before = digest(mini)
    leaving = run(mini, "mv", "polly-purpose", "4.2/s3")
    coming = run(mini, "mv", order(mini, CHOOSING)[0], POLLY)
    assert "cannot be moved or removed until these files are fixed" in leaving.err
    assert "no card can be added to" in coming.err
    assert "P215" in leaving.out
    assert "P215" in coming.out
    assert digest(mini) == before


@pytest.mark.parametrize("fails", [1, 2, 3])
def test_a_disk_that_fails_leaves_every_file_as_it_was(
    fails: int, mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest(mini)
    real, calls = os.replace, iter(range(1, 99))

    def replace(source: str, target: Path) -> None:
        if next(calls) == fails:
            raise OSError(28, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    result = run(
        mini, "mv", "polly-purpose", order(mini, CHOOSING)[0], "cards/4.2-services/s3/new.md"
    )
    assert result.code == 2
    assert "cannot be read or written: no space left on device" in result.err
    assert digest(mini) == before


def test_a_machine_that_stops_in_between_leaves_a_double_that_check_finds(mini: Path) -> None:
    """The file that gets the card is whole by then; the other still has it."""
    stopped = "import os, sys; from deckwright.cli.main import main; real = os.replace; calls = iter(range(9)); os.replace = lambda a, b: os._exit(9) if next(calls) else real(a, b); main(sys.argv[1:])"  # noqa: E501
    command = [
        sys.executable,
        "-c",
        stopped,
        "--root",
        str(mini),
        "mv",
        "polly-purpose",
        "cards/4.2-services/polly/limits.md",
    ]
    assert subprocess.run(command, cwd=REPO, check=False).returncode == 9
    assert [d["code"] for d in diagnostics(mini)] == ["U501"]
    twice = run(mini, "mv", "polly-purpose", "4.2/s3")
    assert "polly-purpose is in 2 places" in twice.err
    assert f"{POLLY}:" in twice.err


def test_somebody_who_saves_meanwhile_loses_nothing(mini: Path) -> None:
    from deckwright.cards import workspace
    from deckwright.cli.commands import mv

    before = workspace.read(mini)
    planned = mv.plan(before, ["polly-purpose"], "4.2/s3", date(2026, 11, 1))
    (mini / POLLY).write_text(
        (mini / POLLY).read_text("utf-8").replace("Speech.", "Spoken words."), "utf-8"
    )
    saved = digest(mini)
    with pytest.raises(UserError, match="was changed in the meantime"):
        mv.carry_out(before, planned)
    assert digest(mini) == saved


BODIES = (
    "What does number {n} do?\n\n---\n\nIt speaks {n} times.\n\n---\n\n- one\n- two\n",
    "Number {n} takes {{{{c1::{n},000::how many}}}} and {{{{c2::`x{n}`}}}}.\n\n---\n\n```text\n## no-card-{n}\n\n\n- no: list\n```\n",  # noqa: E501
    "Which is number {n}?\n\n- [ ] this {n}\n\n  No.\n\n- [x] that {n}\n\n  Yes.\n\n- [ ] {n} more\n\n  > Never.\n",  # noqa: E501
    "Number {n}?\n\n---\n\n![A way](../IMG/copies.svg)\n\n| a | b |\n| --- | --- |\n| {n} | $x^{n}$ |\n",  # noqa: E501
)


PLACES = (
    POLLY,
    "cards/4.2-services/polly/a.md",
    "cards/4.2-services/polly/b.md",
    "cards/4.2-services/s3.md",
)


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[str, list[int]], list[int], str]:
    """Cards by file, some of them to move, and where to."""
    numbers = list(range(draw(st.integers(1, 8))))
    files: dict[str, list[int]] = {}
    for number in draw(st.permutations(numbers)):
        files.setdefault(draw(st.sampled_from(PLACES)), []).append(number)
    moved = draw(st.lists(st.sampled_from(numbers), min_size=1, unique=True))
    return (
        files,
        moved,
        draw(st.sampled_from((*PLACES, "4.2/polly", "4.2/s3", "cards/4.2-services/s3/new.md"))),
    )


def write_tree(folder: Path, files: Mapping[str, list[int]], spaces: str) -> None:
    """The mini project with these cards in its 4.2-services/ instead of its own."""
    make_project(folder)
    shutil.rmtree(folder / "cards/4.2-services")
    (folder / "cards/img").mkdir()
    shutil.copy(folder / "cards/4.1-reliability/img/copies.svg", folder / "cards/img/copies.svg")
    for path, numbers in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        up = "../" * (path.count("/") - 1) + "img"
        cards = [
            f"## card-{n}\n\n- kind: {'quota' if n % 4 == 1 else 'scenario'}\n- topic: voices\n- source: https://docs.example.com/{n}\n- checked: 2026-08\n\n"  # noqa: E501
            + BODIES[n % 4].format(n=n).replace("../IMG", up)
            for n in numbers
        ]
        (folder / path).write_text(f"# Title of {path}\n\n" + f"\n{spaces}".join(cards), "utf-8")


@RANDOM
@given(tree=trees(), spaces=st.sampled_from(["", "\n\n", "   \n"]), released=st.booleans())
def test_random_moves_lose_nothing_and_change_nobody(
    tree: tuple[dict[str, list[int]], list[int], str],
    spaces: str,
    released: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    files, moved, to = tree
    folder = tmp_path_factory.mktemp("tree") / "p"
    write_tree(folder, files, spaces)
    if released:
        write_release(folder)
    before, lines = notes(folder), {path: order(folder, path) for path in files}
    result = run(folder, "mv", *(f"card-{n}" for n in moved), to)
    assert result.code == 0, result.err
    after = notes(folder)
    assert after.keys() == before.keys()
    new = {
        path.relative_to(folder).as_posix(): order(folder, path.relative_to(folder).as_posix())
        for path in folder.glob("cards/4.2-services/**/*.md")
    }
    going = [f"card-{n}" for n in moved]
    for path, ids in lines.items():
        assert [name for name in new.get(path, []) if name in ids and name not in going] == [
            name for name in ids if name not in going
        ]
    assert all(new.values())
    for name, note in after.items():
        assert (note.guid, note.type, note.note_id, note.media) == (
            before[name].guid,
            before[name].type,
            before[name].note_id,
            before[name].media,
        )
        assert gap_digests(note.card) == gap_digests(before[name].card)
        if note.card.service == before[name].card.service:
            assert (note.fields, note.tags, note.deck) == (
                before[name].fields,
                before[name].tags,
                before[name].deck,
            )
        else:
            assert name in going
            assert (note.deck == before[name].deck) == released
            assert [f for f in note.fields if f not in ("Amazon S3", "Amazon Polly")] == [
                f for f in before[name].fields if f not in ("Amazon S3", "Amazon Polly")
            ]
    if to.endswith(".md"):
        assert [name for name in new[to] if name in going and name not in lines.get(to, [])] == [
            n for n in going if n not in lines.get(to, [])
        ]
    assert not any(path.name.startswith(".") for path in folder.rglob("cards/**/*"))
