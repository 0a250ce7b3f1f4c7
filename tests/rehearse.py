"""Rehearse a release and the one after it: python tests/rehearse.py

Does in a scratch clone what a maintainer does, builds the tags as the code host does, and imports
the packages into Anki as a learner does. This repository stays as it is.

Exits with 1 if two builds differ or the learner loses anything, and with 2 if no release
can be rehearsed here.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import anki.buildinfo
from anki_learner import IF_NEWER, NEVER, Learner, State
from reproduce import REPO, digests

SENTENCE = "This sentence stands for a correction."
# The code host's machine differs from the maintainer's.
OTHER = {"PYTHONHASHSEED": "4711", "TZ": "Asia/Kathmandu", "LC_ALL": "C"}
# Of git in the scratch clone, whatever the user's are.
SETTINGS = {
    "user.name": "Rehearsal",
    "user.email": "rehearsal@example.com",
    "commit.gpgSign": "false",
    "core.hooksPath": os.devnull,
}


class RehearsalError(Exception):
    """The rehearsal went wrong: the message says how."""


class CannotRehearseError(Exception):
    """There can be no rehearsal here: the message says why, and what to type."""


def say(line: str = "") -> None:
    print(line, flush=True)


def sh(folder: Path, *command: str, env: Mapping[str, str] | None = None) -> None:
    """Run a command, and print it. Raises RehearsalError if it fails."""
    say(f"{folder.name}$ {shlex.join(command)}")
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **(env or {})}, capture_output=True, text=True
    )
    if done.returncode:
        raise RehearsalError(f"{done.stdout}{done.stderr}exited with {done.returncode}")


def git(folder: Path, *arguments: str) -> str:
    """What git says, without a word about it."""
    try:
        return subprocess.run(
            ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
        ).stdout.strip()
    except subprocess.CalledProcessError as error:
        raise CannotRehearseError(error.stderr.strip().removeprefix("fatal: ")) from error
    except FileNotFoundError as error:
        raise CannotRehearseError("git is not installed") from error


def require_history(project: Path) -> None:
    """Raise CannotRehearseError if there is nothing that a release could be made of."""
    if not (project / ".git").exists():
        raise CannotRehearseError(
            f"{project} is not a git repository, so no release can be made in it.\n"
            "Clone the repository: git clone ADDRESS"
        )
    if git(project, "rev-parse", "--is-shallow-repository") == "true":
        raise CannotRehearseError(
            "This clone has only part of the history, and a release needs all of it.\n"
            "Fetch the rest: git fetch --tags --unshallow"
        )


def versions(project: Path) -> tuple[str, str]:
    """The versions to rehearse: after the last release, or 1.0.0 and 1.0.1."""
    from deckwright.project.ledger import version_key
    from deckwright.project.project import load

    rows = [ledger.last for ledger in load(project).value.ledgers.values()]
    last = max((version_key(row.version) for row in rows if row), default=(0, 0, 0))
    first = (last[0], last[1] + 1) if any(last) else (1, 0)
    return "{}.{}.0".format(*first), "{}.{}.1".format(*first)


def release(work: Path, version: str, hours: int) -> None:
    """What docs/releasing.md tells the maintainer to type, `hours` from now."""
    from deckwright.cli.clock import now

    for options in (["--dry-run"], []):
        env = {"DECKWRIGHT_NOW": str(now() + 3600 * hours)}
        sh(work, sys.executable, "build.py", "release", version, *options, env=env)
    sh(work, "git", "push", "-q", "--follow-tags")


def publish(work: Path, version: str) -> Path:
    """Build the tag as the code host does, and from a download of its files, without git;
    return the folder with the packages.
    """
    scratch, tag = work.parent, f"v{version}"
    clone, download = scratch / f"clone-{version}", scratch / f"download-{version}"
    address = (scratch / "host.git").as_uri()
    sh(scratch, "git", "clone", "-q", "--depth", "1", "--branch", tag, address, clone.name)
    archive = ["git", "archive", f"--prefix={download.name}/", "-o", f"../{tag}.zip", tag]
    sh(scratch / "host.git", *archive)
    shutil.unpack_archive(scratch / f"{tag}.zip", scratch)
    expected = digests(work / "dist")
    for folder, env in ((clone, OTHER), (download, {})):
        sh(folder, sys.executable, "build.py", "--no-cache", "decks", env=env)
        built = digests(folder / "dist")
        if different := sorted(name for name, _ in built.items() ^ expected.items()):
            raise RehearsalError(f"{tag}: these files differ: {', '.join(different)}")
    say(f"  same bytes: {len(expected)} files of {tag}")
    return clone / "dist"


def correct(work: Path) -> dict[str, str]:
    """Correct two released cards, a basic one and one with gaps, and commit. Returns their
    guids by id.
    """
    rows = json.loads((work / "dist/cards.json").read_text("utf-8"))["cards"]
    chosen = {}
    for kind in ("basic", "cloze"):
        row = next(r for r in rows if r["type"] == kind and r["fields"]["Extra"])
        file = work / row["path"]
        text = file.read_text("utf-8")
        start = text.index(f"\n## {row['id']}\n") + 1
        end = text.find("\n## ", start)
        end = len(text) if end < 0 else end
        card = text[start:end].rstrip("\n")
        file.write_text(f"{text[:start]}{card}\n\n{SENTENCE}\n{text[end:]}", "utf-8")
        chosen[row["id"]] = row["guid"]
    sh(work, "git", "commit", "-q", "-a", "-m", "Correct two cards")
    return chosen


def live(learner: Learner, files: Path, corrected: Sequence[str]) -> State:
    """A learner's first weeks: everything that an update could cost."""
    learner.add(files / "ml-on-aws-all.apkg")
    guids = [*corrected, *sorted(learner.guids() - set(corrected))[:98]]
    for number, guid in enumerate(guids):
        if number < 80:
            learner.study(guid, 1 + number % 4)
        if number < 20:
            learner.tag(guid, "my-tag")
            learner.write_my_notes(guid, f"My note {number}")
            learner.flag(guid, 1 + number % 7)
        if 30 <= number < 40:
            learner.suspend(guid)
        if 40 <= number < 50:
            learner.move(guid, "My deck")
    state = learner.state()
    say(f"  {len(state.notes):,} notes, {len(state.reviews)} reviews, flags, own tags, MyNotes,")
    say("  suspended cards, and cards in another deck")
    return state


def compare(before: State, after: State, corrected: Mapping[str, str], text_update: bool) -> None:
    """Raise RehearsalError if the learner lost anything that docs/updating.md promises."""
    changed = {guid for guid in before.notes if after.notes.get(guid) != before.notes[guid]}
    others = changed ^ set(corrected.values()) or after.notes.keys() ^ before.notes.keys()
    problems = {
        "the reviews differ": after.reviews != before.reviews,
        "due dates, flags, suspended cards, or decks differ": after.cards != before.cards,
        "the next sync has to go one way": after.schema != before.schema,
        f"other notes changed than {', '.join(corrected)}": bool(others),
    }
    for name, guid in corrected.items():
        old, new = before.notes[guid], after.notes[guid]
        own = ("my-tag" in new.tags, new.fields[-1])
        expected = (True, old.fields[-1]) if text_update else (False, "")
        corrected_fields = [field for field in new.fields if SENTENCE in field]
        problems[f"{name} has not got its correction"] = not corrected_fields
        problems[f"the own tag and MyNotes of {name} are {own}"] = own != expected
    if any(problems.values()):
        raise RehearsalError("; ".join(text for text, is_true in problems.items() if is_true))
    own = "kept" if text_update else "overwritten, as docs/updating.md says"
    say(f"  reviews, due dates, and {len(after.notes) - 2:,} notes kept; own tags on two: {own}")


def learn(scratch: Path, first: Path, second: Path, corrected: Mapping[str, str]) -> None:
    """Import both releases into Anki, the second one in either way."""
    say(f"A learner imports both releases into Anki {anki.buildinfo.version}:")
    learner = Learner(scratch / "learner")
    before = live(learner, first, list(corrected.values()))
    learner.close()
    shutil.copytree(scratch / "learner", scratch / "learner-with-text")
    for folder, text_update in (("learner", False), ("learner-with-text", True)):
        learner = Learner(scratch / folder)
        learner.add(second / "ml-on-aws-all.apkg", notes=NEVER if text_update else IF_NEWER)
        if text_update:
            learner.add_text(second / "ml-on-aws-all.apkg")
        compare(before, learner.state(), corrected, text_update)
        if problems := learner.problems():
            raise RehearsalError(f"Check Database: {'; '.join(problems)}")
        learner.close()


def rehearse(project: Path, scratch: Path) -> None:
    first, second = versions(project)
    say(f"Rehearsal of the releases {first} and {second}, without uncommitted changes")
    host, work = scratch / "host.git", scratch / "work"
    git(scratch, "init", "-q", "--bare", "--initial-branch=main", host.name)
    git(host, "fetch", "-q", str(project), "HEAD:refs/heads/main", "refs/tags/*:refs/tags/*")
    git(scratch, "clone", "-q", host.name, work.name)
    for key, value in SETTINGS.items():
        git(work, "config", key, value)
    release(work, first, hours=0)
    published = publish(work, first)
    corrected = correct(work)
    release(work, second, hours=24)  # newer than all that the learner does
    learn(scratch, published, publish(work, second), corrected)


def main() -> int:
    project = REPO
    try:
        require_history(project)
        tags = git(project, "tag")
        with tempfile.TemporaryDirectory(prefix="deckwright-") as folder:
            scratch = Path(folder, "scratch")
            scratch.mkdir()
            rehearse(project, scratch)
        if git(project, "tag") != tags:
            raise RehearsalError("this repository has other tags than before")
    except CannotRehearseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except RehearsalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    say("\nBoth releases can be made. Nothing was released: all of this was in a scratch clone.")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(REPO))
    sys.exit(main())
