"""One learner with two devices and Anki's own sync server: no update forces a one-way
sync, nothing is lost, and in the end both devices and the server have the same.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import releases
from anki.collection import Collection
from anki_learner import NEVER, State
from conftest import POLLY, edit
from sync_server import Device, OneWaySyncError, contents, sync_server
from test_updates import LENGTH, NAMES, NEW, PURPOSE, VOICE, released

from deckwright.core.identity import guid

EPOCH = 1_790_000_000  # of the mini project
COPIES, IDEA = guid("mini", "s3-copies"), guid("mini", "idea-bias")
CLOZE = "Machine Learning on AWS Cloze"


class Devices:
    """A desktop and a phone, synced, with a note of the learner's own. The phone's clock is
    a minute ahead.
    """

    def __init__(self, folder: Path, address: str) -> None:
        self.desktop = Device(folder / "desktop", address, EPOCH + 20_000)
        self.phone = Device(folder / "phone", address, EPOCH + 20_060)
        self.desktop.write("mine", "Mine", "What is mine?", "This.")
        self.desktop.begin(upload=True)
        self.phone.begin(upload=False)
        self.agree()

    def later(self, seconds: int) -> None:
        self.desktop.now, self.phone.now = EPOCH + seconds, EPOCH + seconds + 60

    def sync(self) -> State:
        """Desktop, phone, and the desktop again, which then gets what the phone sent."""
        for device in (self.desktop, self.phone, self.desktop):
            device.sync()
        self.agree()
        return self.phone.state()

    def agree(self) -> None:
        one, other = contents(self.desktop.col), contents(self.phone.col)
        for part in one:
            assert one[part] == other[part], f"the devices differ: {part}"

    def close(self) -> None:
        self.desktop.close()
        self.phone.close()


@contextmanager
def synced(folder: Path) -> Iterator[Devices]:
    """Two devices while their server runs."""
    with sync_server(folder / "server") as address:
        found = Devices(folder, address)
        try:
            yield found
        finally:
            found.close()


@pytest.fixture
def devices(tmp_path: Path) -> Iterator[Devices]:
    with synced(tmp_path) as found:
        yield found


@pytest.fixture
def learning(devices: Devices, mini: Path) -> Devices:
    """Devices that have the first release."""
    devices.desktop.add(released(mini, "1.0.0", 10_000) / "all.apkg")
    devices.sync()
    return devices


Update = Callable[[Devices, Path], None]  # how the learner takes a release


def on_the_desktop(devices: Devices, packages: Path) -> None:
    devices.desktop.add(packages / "all.apkg")


def as_text(devices: Devices, packages: Path) -> None:
    devices.desktop.add(packages / "all.apkg", notes=NEVER)
    devices.desktop.add_text(packages / "all.apkg")


def on_both(devices: Devices, packages: Path) -> None:
    """Before either one syncs."""
    for device in (devices.desktop, devices.phone):
        device.add(packages / "all.apkg")


def lost(before: State, after: State, studied: Sequence[str] = ()) -> list[object]:
    """What the learner does not have anymore, or not as before: cards that were not
    `studied` keep their state, and every review stays.
    """
    changed = [
        key
        for key, card in before.cards.items()
        if key not in after.cards or (key[0] not in studied and after.cards[key] != card)
    ]
    reviews = [review for review in before.reviews if review not in after.reviews]
    return [*(before.notes.keys() - after.notes.keys()), *changed, *reviews]


@pytest.mark.parametrize("update", [on_the_desktop, as_text, on_both])
def test_a_life_with_two_devices(update: Update, mini: Path, tmp_path: Path) -> None:
    with synced(tmp_path) as devices:
        before = devices.phone.state()
        devices.desktop.add(released(mini, "1.0.0", 10_000) / "all.apkg")
        first = devices.sync()
        assert (lost(before, first), len(first.notes)) == ([], 10)
        studied = study_on_both(devices, first)
        corrected = correct(update, devices, mini, studied)
        restyled = restyle(update, devices, mini, corrected)
        retire(update, devices, mini, restyled)
        both = contents(devices.phone.col)
        assert (devices.desktop.problems(), devices.phone.problems()) == ([], [])
    server = Collection(str(tmp_path / "server" / "learner" / "collection.anki2"))
    kept = contents(server)
    server.close()
    for part in both.keys() - {"media"}:  # the server stores them in its own way
        assert kept[part] == both[part], f"the server differs: {part}"


def study_on_both(devices: Devices, before: State) -> State:
    """Reviews and marks on each device, not on the same card: there the later one wins."""
    devices.desktop.study(PURPOSE)
    devices.desktop.tag(LENGTH, "hard")
    devices.desktop.suspend(COPIES)
    devices.phone.study(LENGTH)
    devices.phone.study("mine")
    devices.phone.flag(NAMES, 3)
    devices.phone.write_my_notes(NAMES, "my own words")
    devices.phone.move(IDEA, "Mine::Later")
    after = devices.sync()
    assert lost(before, after, (PURPOSE, LENGTH, "mine", NAMES, COPIES, IDEA)) == []
    assert len(after.reviews) == 4
    assert (after.cards[NAMES, 0].flags, after.cards[COPIES, 0].queue) == (3, -1)
    assert after.cards[IDEA, 0].deck == "Mine::Later"
    return after


def correct(update: Update, devices: Devices, mini: Path, before: State) -> State:
    """A release corrects a card, which the learner studies meanwhile."""
    edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
    devices.later(50_000)
    devices.phone.study(PURPOSE)
    update(devices, released(mini, "1.0.1", 40_000))
    after = devices.sync()
    assert lost(before, after, [PURPOSE]) == []
    assert len(after.reviews) == len(before.reviews) + 1
    assert after.notes[PURPOSE].fields[2] == "<p>Spoken words.</p>"
    return after


def restyle(update: Update, devices: Devices, mini: Path, before: State) -> State:
    """A release changes only the look: the style of all note types, and a template."""
    with open(mini / "decks/notetypes/style.css", "a") as style:
        style.write("\n.new-look { color: red; }\n")
    with open(mini / "decks/notetypes/cloze/back.html", "a") as template:
        template.write("<!-- new look -->\n")
    devices.later(80_000)
    devices.phone.study(LENGTH)
    update(devices, released(mini, "1.0.2", 70_000))
    after = devices.sync()
    assert lost(before, after, [LENGTH]) == []
    assert after.notes == before.notes
    types = {texts.name: texts for texts, _ in devices.phone.types().values()}
    assert [".new-look" in texts.css for texts in types.values()] == [True] * 3
    assert "new look" in types[CLOZE].templates[0][2]
    return after


def retire(update: Update, devices: Devices, mini: Path, before: State) -> None:
    """A release adds a card and retires one, which the learner then deletes on the phone."""
    (mini / POLLY).write_text((mini / POLLY).read_text("utf-8") + NEW, "utf-8")
    releases.retire(mini, "polly-purpose", reason="Everybody knows.")
    packages = released(mini, "1.1.0", 100_000)
    devices.later(110_000)
    devices.phone.study(PURPOSE)
    update(devices, packages)
    devices.desktop.add(packages / "retired.apkg")
    retired = devices.sync()
    assert lost(before, retired, [PURPOSE]) == []
    assert "Everybody knows." in " ".join(retired.notes[PURPOSE].fields)
    assert retired.notes.keys() - before.notes.keys() == {VOICE}
    devices.phone.col.remove_notes(devices.phone.col.find_notes("tag:mini::retired"))
    after = devices.sync()
    assert retired.notes.keys() - after.notes.keys() == {PURPOSE}
    assert after.reviews == retired.reviews
    assert after.notes[NAMES].fields[-1] == "my own words"
    assert "hard" in after.notes[LENGTH].tags


@pytest.mark.parametrize("first", ["phone", "desktop"])
def test_a_note_that_was_edited_on_the_other_device_keeps_its_old_text(
    first: str, learning: Devices, mini: Path
) -> None:
    """A limit of Anki, and why a learner syncs before an import: the later time wins, and
    the package's is that of the release.
    """
    edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
    packages = released(mini, "1.0.1", 40_000)
    learning.later(50_000)
    learning.phone.write_my_notes(PURPOSE, "my own words")
    if first == "phone":
        learning.phone.sync()
    learning.desktop.add(packages / "all.apkg")
    note = learning.sync().notes[PURPOSE]
    assert (note.fields[2], note.fields[-1]) == ("<p>Speech.</p>", "my own words")


@pytest.mark.parametrize(
    ("having", "new"), [("devices", "Mini"), ("learning", "Mini::2 Services::S3")]
)
def test_new_decks_are_there_twice_if_both_devices_import_them_before_they_sync(
    having: str, new: str, mini: Path, request: pytest.FixtureRequest
) -> None:
    """A limit of Anki: each device gives a new deck its own ID. So a learner imports
    on one device.
    """
    devices = request.getfixturevalue(having)
    card = NEW.replace("new-voice", "new-bucket")
    (mini / "cards/services/s3.md").write_text(f"# S3\n{card}", "utf-8")
    devices.later(50_000)
    on_both(devices, released(mini, "1.1.0", 40_000))
    with pytest.raises(AssertionError, match="the devices differ"):
        devices.sync()
    names = {deck.name for deck in devices.phone.col.decks.all_names_and_ids()}
    assert {new, f"{new}+"} <= names


def test_a_note_type_with_other_fields_would_force_a_one_way_sync(
    learning: Devices, mini: Path
) -> None:
    """Why a release can't change the number of fields (L009), and that these tests notice
    when a sync goes one way. Here there is no ledger that could refuse the change.
    """
    file = mini / "decks/notetypes/cloze/notetype.toml"
    fewer = re.sub(r'  \{ name = "Spare3".*\n', "", file.read_text("utf-8"))
    file.write_text(fewer, "utf-8")
    shutil.rmtree(mini / "decks/ledger")
    packages = released(mini, "1.0.1", 40_000)
    learning.later(50_000)
    learning.desktop.add(packages / "all.apkg")
    learning.sync()
    assert learning.desktop.col.models.by_name(f"{CLOZE}+"), "a second note type"
    learning.desktop.add(packages / "all.apkg", always=True, merge=True)
    with pytest.raises(OneWaySyncError, match="FULL_SYNC"):
        learning.desktop.sync()
