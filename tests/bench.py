"""`make bench`: the real deck, and 10,000 long cards, beside their floor, in one run.

The floor is what no tool of this kind can avoid: a process that reads the same files,
renders the same text with markdown-it-py and Pygments, and lets genanki write the HTML
into one package. Ours does everything else as well: spans, schema, vocabulary, rules,
duplicates, tags, times, a reproducible container, cards.json. Both are whole processes,
start-up included, run in turn; the figures are medians of CPU seconds.

    python tests/bench.py [--cards 10000] [--runs 5]
    python tests/bench.py --growth 1000,10000,100000    time and memory of cold commands
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import IO

REPO = Path(__file__).resolve().parent.parent
PER_FILE = 50

PROJECT = """deck = "Bench"
tag = "bench"
epoch = 1790000000

[[root]]
path = "cards"
namespace = "bench"

[[package]]
path = "all.apkg"
"""


def wide() -> list[str]:
    """Eight thousand made-up words, each as often as its rank says (Zipf), as in real text."""
    rng = random.Random(3)
    syllables = [a + b for a, b in zip("bcdfghjklmnpqrstvwxz", "aeiou" * 4, strict=True)]
    return [
        word
        for rank in range(8000)
        for word in ["".join(rng.choices(syllables, k=rng.randint(2, 4)))]
        * (1 + 4000 // (rank + 8))
    ]


def sentence(rng: random.Random, words: int, vocabulary: list[str]) -> str:
    return " ".join(rng.choice(vocabulary) for _ in range(words)).capitalize()


def card(rng: random.Random, number: int, words: list[str]) -> str:
    """One card: text and a list; half have code, a third a table; a fifth are cloze cards."""
    head = (
        f"## card-{number}\n\n- kind: {'concept' if number % 5 else 'quota'}\n- topic: voices\n"
        f"- source: https://docs.example.com/{number}\n- checked: 2026-09\n"
    )
    body = f"{sentence(rng, 12, words)} in case {number}, with `{rng.choice(words)}`?"
    if number % 5 == 0:
        gap = f"{{{{c1::{number} {rng.choice(words)}::how many}}}}"
        body = f"{sentence(rng, 9, words)} **{number}** takes {gap} of `{rng.choice(words)}`."
    answer = f"---\n\n{sentence(rng, 8, words)}.\n\n" if number % 5 else ""
    items = "\n".join(f"- {sentence(rng, 6, words)}" for _ in range(3))
    extra = f"---\n\n{sentence(rng, 25, words)}.\n\n{items}\n"
    if number % 2 == 0:
        extra += f"\n```python\ndef f(x: int) -> bool:\n    return x > {number}\n```\n"
    if number % 3 == 0:
        rows = "\n".join(f"| {rng.choice(words)} | {rng.randrange(1000)} |" for _ in range(3))
        extra += f"\n| Name | Value |\n| --- | --- |\n{rows}\n"
    return f"{head}\n{body}\n\n{answer}{extra}"


def make(folder: Path, cards: int) -> None:
    """A project of many cards in made-up words."""
    rng, words = random.Random(cards), wide()
    shutil.copytree(REPO / "tests" / "projects" / "mini" / "schema", folder / "schema")
    for schema in (REPO / "schema").glob("*.json"):
        shutil.copy(schema, folder / "schema")
    shutil.copytree(REPO / "decks" / "notetypes", folder / "decks" / "notetypes")
    (folder / "decks" / "project.toml").write_text(PROJECT)
    home = folder / "cards" / "services" / "polly"
    home.mkdir(parents=True)
    for first in range(0, cards, PER_FILE):
        numbers = range(first, min(first + PER_FILE, cards))
        text = "# Polly\n\n" + "\n".join(card(rng, n, words) for n in numbers)
        (home / f"part-{first:06}.md").write_text(text)


PLACES = ("kitchen", "bakery", "harbor", "theater", "village", "museum", "library")


def real_deck(folder: Path, cards: int = 0) -> None:
    """The real deck, and each of its cards again at other places, until there are `cards`."""
    for name in ("cards", "decks", "schema"):
        shutil.copytree(REPO / name, folder / name)
    files = [path for path in sorted(folder.glob("cards/*/**/*.md")) if path.name != "README.md"]
    number = _cards(folder)
    for place in PLACES:
        for path in files:
            if number < cards and (text := _elsewhere(path.read_text("utf-8"), place)):
                number += text.count("\n## ")
                is_only_file = path.parent.parent.name == "cards"
                name = f"{path.stem}/{place}.md" if is_only_file else f"{path.stem}-{place}.md"
                target = path.parent / name
                target.parent.mkdir(exist_ok=True)
                target.write_text(text, "utf-8")


def _elsewhere(text: str, place: str) -> str:
    """The cards of a file with other IDs and prompts; empty if none of them can be changed."""
    title, *cards = text.split("\n## ")
    out = [title]
    for one in cards:
        name, _, rest = one.partition("\n")
        metadata, _, body = rest.lstrip("\n").partition("\n\n")
        if "](" not in body and not body.startswith(("`", "$")) and len(name) < 52:
            out.append(f"{name}-{place}\n\n{metadata}\n\nIn the {place}, {body}")
    return "\n## ".join(out) if len(out) > 1 else ""


FLOOR = """
import sys, pathlib
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
import genanki

def code(text, language, attrs):
    return highlight(text, get_lexer_by_name(language or "text"), HtmlFormatter(nowrap=True))

md = MarkdownIt("commonmark", {"highlight": code}).enable("table")
model = genanki.Model(1607392319, "Floor", fields=[{"name": "Id"}, {"name": "Text"}],
                      templates=[{"name": "Card", "qfmt": "{{Id}}", "afmt": "{{Text}}"}])
deck = genanki.Deck(2059400110, "Floor")
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.md")):
    for part in path.read_text("utf-8").split("\\n## ")[1:]:
        name, _, body = part.partition("\\n")
        deck.add_note(genanki.Note(model=model, fields=[name, md.render(body)]))
genanki.Package(deck).write_to_file(sys.argv[2], timestamp=1790000000)
"""


def cpu(command: list[str]) -> float:
    """CPU seconds of a whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--cards", type=int, default=10_000)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--growth", default="", metavar="CARDS")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="deckwright-bench-") as place:
        os.environ["XDG_CACHE_HOME"] = f"{place}/cache"
        if given.growth:
            growth(Path(place), [int(size) for size in given.growth.split(",")])
        else:
            compare(Path(place), given.cards, given.runs)


def compare(place: Path, cards: int, runs: int) -> None:
    """The real deck and a larger one beside the floor, cold; the real one after an edit."""
    (place / "floor.py").write_text(FLOOR)
    print(f"medians of {runs} runs of whole processes, one after the other\n")
    print(f"{'':<44}{'ours':>8}  {'target':>8}")
    real, large = place / "real", place / "large"
    real_deck(real)
    _cold(place, real, 3.3, runs)
    _warm(real, runs)
    _live(real, runs)
    real_deck(large, cards)
    _cold(place, large, 3.5, max(1, runs // 2))


def ours(folder: Path, *words: str) -> float:
    """CPU seconds of one command."""
    return cpu([sys.executable, str(REPO / "build.py"), "--root", str(folder), *words])


def _cards(folder: Path) -> int:
    """The number of cards; the README with the card format contains examples."""
    files = (path for path in folder.glob("cards/**/*.md") if path.name != "README.md")
    return sum(path.read_text("utf-8").count("\n## ") for path in files)


def _line(name: str, values: list[float], target: float, of: str = "s CPU") -> None:
    value = statistics.median(values)
    result = "met" if value <= target else "missed"
    print(f"{name:<44}{value:>8.2f}  {target:>8.2f}  {of}: {result}", flush=True)


def _cold(place: Path, folder: Path, target: float, runs: int) -> None:
    """Building with an empty cache, beside the floor."""
    floor = [sys.executable, str(place / "floor.py"), str(folder / "cards"), str(place / "f.apkg")]
    times, floors = [], []
    for _ in range(runs):
        shutil.rmtree(os.environ["XDG_CACHE_HOME"], ignore_errors=True)
        times.append(ours(folder, "decks"))
        floors.append(cpu(floor))
    name, least = f"{_cards(folder):,} cards: decks, cold", statistics.median(floors)
    _line(name, [time / least for time in times], target, f"times the floor of {least:.2f} s")


def _edit(folder: Path, number: int) -> None:
    """Add a sentence to a card in the middle of the deck."""
    path = sorted(folder.glob("cards/**/*.md"))[100]
    text = path.read_text("utf-8").rstrip("\n")
    path.write_text(f"{text} It takes {number} more minutes.\n", "utf-8")


def _warm(folder: Path, runs: int) -> None:
    """Commands after one card has changed, or none; the bytes are those of a cold build."""
    ours(folder, "decks")
    times: dict[str, list[float]] = {"check": [], "decks": [], "unchanged": []}
    for number in range(runs):
        for command in ("check", "decks"):
            _edit(folder, number)
            times[command].append(ours(folder, command))
        times["unchanged"].append(ours(folder, "decks"))
    warm = (folder / "dist/SHA256SUMS").read_bytes()
    shutil.rmtree(folder / "dist")
    ours(folder, "--no-cache", "decks")
    assert (folder / "dist/SHA256SUMS").read_bytes() == warm
    _line("  check, one card edited", times["check"], 0.35)
    _line("  decks, one card edited", times["decks"], 0.85)
    _line("  decks, unchanged", times["unchanged"], 0.35)
    _line("  check --help", [ours(folder, "check", "--help") for _ in range(runs)], 0.12)


def _live(folder: Path, runs: int) -> None:
    """From a change to diagnostics in an editor, and to the page of `preview --watch`."""
    sys.path[:0] = [str(REPO / "tests"), str(REPO / "tests/lsp")]
    from language_client import client

    path = sorted(folder.glob("cards/**/*.md"))[100].relative_to(folder).as_posix()
    with client(folder) as editor:
        text = (folder / path).read_text("utf-8")
        editor.open(path, text)
        editor.diagnostics(path, 1)
        times = []
        for version in range(2, runs + 2):
            started = time.perf_counter()
            editor.change(path, version, f"{text}More {version}.\n")
            editor.diagnostics(path, version)
            times.append(time.perf_counter() - started)
        editor.end()
    _line("  editor, change to diagnostics", times, 0.1, "s")
    command = [sys.executable, str(REPO / "build.py"), "--root", str(folder), "preview", "--watch"]
    with subprocess.Popen(command, stdout=DEVNULL, stderr=PIPE) as process:
        assert process.stderr
        address = re.findall(rb"http://127\.0\.0\.1:\d+/", process.stderr.readline())[0].decode()
        with urllib.request.urlopen(f"{address}live/events") as events:
            _next_event(events)
            times = []
            for number in range(runs):
                started = time.perf_counter()
                _edit(folder, number)
                _next_event(events)
                times.append(time.perf_counter() - started)
        process.terminate()
    _line("  preview --watch, save to new state", times, 0.3, "s")


def _next_event(events: IO[bytes]) -> None:
    """Wait until an event of `preview --watch` has come whole."""
    while events.readline().strip():
        pass


def growth(place: Path, sizes: list[int]) -> None:
    """CPU seconds and memory of cold commands, one for each size."""
    commands = (["check"], ["decks"], ["check", "--similar"])
    print("   cards" + "".join(f"  {' '.join(words):>18}" for words in commands))
    for size in sizes:
        folder = place / f"growth-{size}"
        make(folder, size)
        cells = []
        for words in commands:
            command = [sys.executable, str(REPO / "build.py"), "--root", str(folder), "--no-cache"]
            process = subprocess.Popen([*command, *words], stdout=DEVNULL, stderr=DEVNULL)
            _, _, usage = os.wait4(process.pid, 0)
            seconds, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
            cells.append(f"  {seconds:>7.1f} s {memory:>6,.0f} MB")
        print(f"{size:>8,}{''.join(cells)}", flush=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
