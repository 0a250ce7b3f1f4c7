"""Rehearse a release and the one after it: python tests/rehearse.py

Does in a scratch clone what a maintainer and the code host do, up to the files that would
be attached, and imports them into Anki as a learner does. This repository stays as it is.

Exits with 1 if two builds differ or the learner loses anything, and with 2 if no release
can be rehearsed here.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from anki_learner import NEVER, Learner, State
from reproduce import REPO, digests

SHOWN = 12  # lines of a command's output
SENTENCE = "This sentence stands for a correction."
# The second runner differs from the first as the code host's may.
RUNNERS: Mapping[str, Mapping[str, str]] = {
    "runner-1": {},
    "runner-2": {"PYTHONHASHSEED": "4711", "TZ": "Asia/Kathmandu", "LC_ALL": "C"},
}
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


def head(line: str) -> None:
    say(f"\n== {line}\n")


def sh(
    folder: Path,
    *command: str,
    env: Mapping[str, str] | None = None,
    shown: str = "",
    brief: bool = False,
) -> None:
    """Run a command, and print it (as `shown`) and what it says; if `brief`, only what it
    says to standard error.
    """
    here = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        command, cwd=folder, env={**here, **(env or {})}, capture_output=True, text=True
    )
    say(f"{folder.name}$ {shown or shlex.join(command)}")
    lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    if done.returncode:
        raise RehearsalError("\n".join([*lines, f"exited with {done.returncode}"]))
    if brief:
        lines = done.stderr.splitlines()
    left_out = len(lines) - SHOWN
    if left_out > 1:
        lines[SHOWN // 2 : -SHOWN // 2] = [f"… {left_out:,} more lines"]
    for line in lines:
        say(f"  {line}")


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

    rows = [ledger.last for ledger in load(project).values[0].ledgers.values()]
    last = max((version_key(row.version) for row in rows if row), default=(0, 0, 0))
    first = (last[0], last[1] + 1) if any(last) else (1, 0)
    return "{}.{}.0".format(*first), "{}.{}.1".format(*first)


def release(work: Path, version: str, later: bool = False) -> None:
    """What docs/releasing.md tells the maintainer to type."""
    from deckwright.cli.clock import now

    env = {"DECKWRIGHT_NOW": str(now() + 3600)} if later else {}
    clock = "  (with a clock that is an hour ahead)" if later else ""
    for options in (["--dry-run"], []):
        command = ["release", version, *options]
        shown = shlex.join(["./build.py", *command]) + clock
        sh(work, sys.executable, "build.py", *command, env=env, shown=shown, brief=not options)
    sh(work, "git", "push", "-q", "--follow-tags")


def publish(work: Path, version: str, listed: bool) -> Path:
    """What the code host does with the tag: two runners build it, and a third one compares
    the builds. Returns the folder of files that would be attached.
    """
    scratch, tag = work.parent, f"v{version}"
    builds = []
    for name, env in RUNNERS.items():
        runner = checkout(scratch, tag, f"{name}-{version}")
        make(runner, "decks", env={**env, "XDG_CACHE_HOME": str(runner / ".cache")})
        builds.append(runner / "dist")
    builds.append(from_archive(scratch, tag) / "dist")
    same(tag, work / "dist", *builds)
    runner = checkout(scratch, tag, f"publisher-{version}")
    first, second, _ = (os.path.relpath(build, runner) for build in builds)
    make(runner, "attachments", f"TAG={tag}", f"DIST={first}", f"SECOND={second}")
    again = checkout(scratch, tag, f"publisher-again-{version}")
    make(again, "attachments", f"TAG={tag}", f"DIST={second}", f"SECOND={first}")
    same("what is attached", runner / "build/release", again / "build/release")
    return downloaded(runner / "build/release", listed)


def checkout(scratch: Path, tag: str, name: str) -> Path:
    """A checkout of a tag as on the code host: one commit, and no branch."""
    address = (scratch / "host.git").as_uri()
    command = ["clone", "-q", "--depth", "1", "--branch", tag]
    shown = shlex.join(["git", *command, "HOST", name])
    sh(scratch, "git", "-c", "advice.detachedHead=false", *command, address, name, shown=shown)
    return scratch / name


def from_archive(scratch: Path, tag: str) -> Path:
    """A build of what the code host offers for download: the files of a tag, without git."""
    name = f"download-{tag.removeprefix('v')}"
    archive = ["git", "archive", f"--prefix={name}/", "-o", f"../{name}.zip", tag]
    sh(scratch / "host.git", *archive)
    shutil.unpack_archive(scratch / f"{name}.zip", scratch)
    make(scratch / name, "decks", env={"XDG_CACHE_HOME": str(scratch / name / ".cache")})
    return scratch / name


def make(folder: Path, *targets: str, env: Mapping[str, str] | None = None) -> None:
    """Runs a target with the environment of this Python, into which it installs nothing."""
    given = [f"VENV={sys.prefix}", f"PYTHON={sys.executable}"]
    installed = ["-o", f"{sys.prefix}/decks.ok"]
    command = ["make", "-s", *installed, *given, *targets]
    sh(folder, *command, env=env, shown=shlex.join(["make", *targets]))


def same(what: str, *folders: Path) -> None:
    """Compare every byte of some folders. Raises RehearsalError if they differ."""
    found = [digests(folder) for folder in folders]
    for other in found[1:]:
        names = sorted({*found[0], *other})
        if different := [name for name in names if found[0].get(name) != other.get(name)]:
            raise RehearsalError(f"{what}: these files differ: {', '.join(different)}")
    size = sum(path.stat().st_size for path in folders[0].rglob("*") if path.is_file())
    above = os.path.commonpath(folders)
    places = ", ".join(os.path.relpath(folder, above) for folder in folders)
    say(f"  same bytes ({what}): {len(found[0])} files, {size:,} bytes in {places}")


def downloaded(release: Path, listed: bool) -> Path:
    """Compare what is attached with its checksums, as a learner could, and print the text
    of the release and, if `listed`, the files.
    """
    files = release / "files"
    lines = (files / "SHA256SUMS").read_text("utf-8").splitlines()
    for line in lines:
        digest, name = line.split("  ", 1)
        if hashlib.sha256((files / name).read_bytes()).hexdigest() != digest:
            raise RehearsalError(f"{name} is not what SHA256SUMS says")
    if len(lines) + 1 != len(list(files.iterdir())):
        raise RehearsalError("SHA256SUMS does not list every file")
    say(f"  SHA256SUMS lists the {len(lines)} other files, with the right checksums")
    for path in sorted(files.iterdir()) if listed else ():
        say(f"  {path.stat().st_size:>11,}  {path.name}")
    say("  the text of the release:")
    for text in (release / "notes.md").read_text("utf-8").splitlines():
        say(f"  | {text}")
    return files


def correct(work: Path) -> dict[str, str]:
    """Correct two released cards, a basic one and one with gaps, and commit. Returns their
    guids by id.
    """
    rows = json.loads((work / "dist/cards.json").read_text("utf-8"))
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
    sh(work, "git", "show", "--stat", "--format=%s", "HEAD")
    return chosen


def live(learner: Learner, files: Path, corrected: Sequence[str]) -> State:
    """A learner's first weeks: everything that an update could cost."""
    learner.add(files / "all.apkg")
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
    say(
        f"  {len(state.notes):,} notes, {len(state.reviews)} reviews; 20 notes with a flag, "
        "an own tag, and a text in MyNotes, 10 suspended cards, 10 in another deck"
    )
    return state


def updated(learner: Learner, files: Path, text_update: bool) -> State:
    if text_update:
        learner.add(files / "all.apkg", notes=NEVER)
        learner.add_text(files / "all.apkg")
    else:
        learner.add(files / "all.apkg")
    return learner.state()


def compare(before: State, after: State, corrected: Mapping[str, str], text_update: bool) -> None:
    """Raise RehearsalError if the learner lost anything that docs/updating.md promises."""
    problems: list[str] = []
    if after.reviews != before.reviews:
        problems.append("the reviews differ")
    if after.cards != before.cards:
        problems.append("due dates, flags, suspended cards, or decks differ")
    if after.schema != before.schema:
        problems.append("the next sync has to go one way")
    changed = {guid for guid in before.notes if after.notes.get(guid) != before.notes[guid]}
    if changed != set(corrected.values()) or after.notes.keys() != before.notes.keys():
        problems.append(f"other notes changed than {', '.join(corrected)}")
    for name, guid in corrected.items():
        old, new = before.notes[guid], after.notes[guid]
        if not any(SENTENCE in field for field in new.fields):
            problems.append(f"{name} has not got its correction")
        own = ("my-tag" in new.tags, new.fields[-1])
        if own != ((True, old.fields[-1]) if text_update else (False, "")):
            problems.append(f"the own tag and MyNotes of {name} are {own}")
    if problems:
        raise RehearsalError("; ".join(problems))
    say(f"  corrected: {', '.join(corrected)}; all other {len(after.notes) - 2:,} notes unchanged")
    say(f"  kept: {len(after.reviews)} reviews, and due dates, flags, and decks of all cards")
    own = "kept there, too" if text_update else "overwritten there, as docs/updating.md says"
    say(f"  own tags and MyNotes: kept on all cards that did not change; on the two: {own}")


def learn(scratch: Path, first: Path, second: Path, corrected: Mapping[str, str]) -> None:
    """Import both releases into Anki, the second one in either way."""
    import anki.buildinfo

    head(f"A learner imports both releases into Anki {anki.buildinfo.version}")
    learner = Learner(scratch / "learner")
    say("The learner imports all.apkg of the first release, and learns:")
    before = live(learner, first, list(corrected.values()))
    learner.close()
    shutil.copytree(scratch / "learner", scratch / "learner-with-text")
    for folder, text_update in (("learner", False), ("learner-with-text", True)):
        how = "all.apkg with Never, and its text files" if text_update else "all.apkg"
        say(f"The learner imports {how} of the second release:")
        learner = Learner(scratch / folder)
        compare(before, updated(learner, second, text_update), corrected, text_update)
        if problems := learner.problems():
            raise RehearsalError(f"Check Database: {'; '.join(problems)}")
        say("  Check Database finds nothing")
        learner.close()


def rehearse(project: Path, scratch: Path) -> None:
    first, second = versions(project)
    commit = git(project, "rev-parse", "HEAD")
    say(f"Rehearsal of the releases {first} and {second} of commit {commit[:12]}")
    if git(project, "status", "--porcelain"):
        say("Your uncommitted changes are not part of it.")
    head(f"The maintainer releases {first}")
    host, work = scratch / "host.git", scratch / "work"
    git(scratch, "init", "-q", "--bare", "--initial-branch=main", host.name)
    git(host, "fetch", "-q", str(project), "HEAD:refs/heads/main", "refs/tags/*:refs/tags/*")
    git(scratch, "clone", "-q", host.name, work.name)
    for key, value in SETTINGS.items():
        git(work, "config", key, value)
    release(work, first)
    head(f"The code host publishes {first}")
    attached = publish(work, first, listed=True)
    head(f"The maintainer corrects two cards and releases {second}")
    corrected = correct(work)
    release(work, second, later=True)
    head(f"The code host publishes {second}")
    attached_then = publish(work, second, listed=False)
    make(scratch / f"publisher-{second}", "preview")
    learn(scratch, attached, attached_then, corrected)


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
