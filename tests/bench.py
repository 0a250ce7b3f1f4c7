"""`make bench`: the real deck and synthetic ones beside their floor, in one run.

The floor is what no tool of this kind can avoid: a process that reads the same files,
renders the same text with markdown-it-py and Pygments, and lets genanki write the HTML
into one package. Ours does everything else as well: spans, schema, vocabulary, rules,
duplicates, tags, times, a reproducible container, cards.json. Both are whole processes,
start-up included, run in turn; the figures are medians.

    python tests/bench.py [--cards 10000] [--runs 5]
    python tests/bench.py --growth 1000,10000,100000    time and memory of whole commands
    python tests/bench.py --profile 1000,10000,100000   time and memory of each stage
    python tests/bench.py --similar 1000,10000,50000    the search for likely duplicates
    python tests/bench.py --site 1000,5000              the site, and its search
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
from collections.abc import Callable
from pathlib import Path
from typing import IO

REPO = Path(__file__).resolve().parent.parent
PER_FILE = 50

WORDS = [
    "endpoint",
    "instance",
    "model",
    "bucket",
    "policy",
    "role",
    "traffic",
    "variant",
    "metric",
    "alarm",
    "region",
    "zone",
    "volume",
    "snapshot",
    "request",
    "payload",
    "batch",
    "transform",
    "training",
    "container",
    "image",
    "registry",
    "pipeline",
    "feature",
    "store",
    "drift",
    "baseline",
    "capture",
    "schedule",
    "key",
    "encryption",
    "subnet",
    "gateway",
    "route",
    "table",
    "queue",
    "retry",
    "timeout",
    "latency",
    "throughput",
    "invocation",
]

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
    """Eight thousand made-up words, each as often as its rank says (Zipf), as in real
    text: for looking for likeness.
    """
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
    """One card: text and a list; half have code, a third a table, a fifth math; a fifth
    are cloze cards.
    """
    cloze = number % 5 == 0
    kind = "quota" if cloze else "concept"
    out = [
        f"## card-{number}",
        "",
        f"- kind: {kind}",
        "- topic: voices",
        f"- source: https://docs.example.com/{number}",
        "- checked: 2026-09",
        "",
    ]
    if cloze:
        out += [
            f"{sentence(rng, 9, words)} **{number}** takes {{{{c1::{number} {rng.choice(words)}::how many}}}} of `{rng.choice(words)}`.",  # noqa: E501
            "",
            "---",
        ]
    else:
        out += [
            f"{sentence(rng, 12, words)} in case {number}, with *{rng.choice(words)}* and `{rng.choice(words)}`?",  # noqa: E501
            "",
            "---",
            "",
            sentence(rng, 8, words) + ".",
        ]
        out += ["", "---"]
    out += [
        "",
        sentence(rng, 25, words) + ".",
        "",
        *(f"- {sentence(rng, 6, words)}" for _ in range(3)),
    ]
    if number % 2 == 0:
        out += [
            "",
            "```python",
            f"def {rng.choice(words)}(x: int) -> str:",
            f'    """{sentence(rng, 3, words)}."""',
            f"    return f'{{x}} {rng.choice(words)}' if x > {number} else None",
            "```",
        ]
    if number % 3 == 0:
        out += [
            "",
            "| Name | Value |",
            "| --- | --- |",
            *(f"| {rng.choice(words)} | {rng.randrange(1000)} |" for _ in range(3)),
        ]
    if number % 5 == 1:
        out += [
            "",
            f"So $x_{{{number}}} = \\frac{{a}}{{b}}$, and",
            "",
            "$$",
            f"\\sum_{{i=1}}^{{{number}}} x_i < {number}",
            "$$",
        ]
    return "\n".join(out) + "\n"


def make(folder: Path, cards: int, words: list[str] = WORDS) -> None:
    rng = random.Random(cards)
    shutil.copytree(REPO / "tests" / "projects" / "mini" / "schema", folder / "schema")
    for schema in (REPO / "schema").glob("*.json"):
        shutil.copy(schema, folder / "schema")
    shutil.copytree(REPO / "decks" / "notetypes", folder / "decks" / "notetypes")
    (folder / "decks" / "project.toml").write_text(PROJECT)
    home = folder / "cards" / "4.2-services" / "polly"
    home.mkdir(parents=True)
    for first in range(0, cards, PER_FILE):
        text = "# Polly\n\n" + "\n".join(
            card(rng, n, words) for n in range(first, min(first + PER_FILE, cards))
        )
        (home / f"part-{first:06}.md").write_text(text)


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


def timed(command: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--cards", default="10000")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--profile", default="", metavar="CARDS")
    arguments.add_argument("--similar", default="", metavar="CARDS")
    arguments.add_argument("--growth", default="", metavar="CARDS")
    arguments.add_argument("--site", default="", metavar="CARDS")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="deckwright-bench-") as place:
        if given.profile:
            profile(Path(place), [int(n) for n in given.profile.split(",")])
        elif given.similar:
            similar(Path(place), [int(n) for n in given.similar.split(",")], given.runs)
        elif given.growth:
            growth(Path(place), [int(n) for n in given.growth.split(",")])
        elif given.site:
            site(Path(place), [int(n) for n in given.site.split(",")], given.runs)
        else:
            compare(Path(place), [int(n) for n in given.cards.split(",")], given.runs)


# What we want, and of what: CPU seconds, wall seconds, or times the floor.
FLOOR_CPU, FLOOR_WALL, CPU, WALL = "times the floor's CPU", "times the floor's wall", "s CPU", "s"


def compare(place: Path, sizes: list[int], runs: int) -> None:
    """The real deck and synthetic ones beside the floor, cold and after an edit."""
    os.environ["XDG_CACHE_HOME"] = str(place / "cache")
    (place / "floor.py").write_text(FLOOR)
    print(f"medians of {runs} runs of whole processes, one after the other\n")
    print(f"{'':<44}{'ours':>8}  {'target':>8}  of what")
    real = place / "real"
    for name in ("cards", "decks", "schema"):
        shutil.copytree(REPO / name, real / name)
    cards = _cards(real)
    _cold(place, real, f"real deck, {cards:,} cards", 1.8, runs)
    _after_an_edit(real, runs)
    for what, words in (("--help", ["--help"]), ("check --help", ["check", "--help"])):
        _line(what, _median(lambda words=words: ours(real, *words)[0], runs), 0.12, WALL)
    _live(real, runs)
    foreign = place / "foreign"
    make(foreign, 200, _foreign())
    shutil.copy(REPO / "schema/vocabulary/words.txt", foreign / "schema/vocabulary")
    _line(
        "200 cards of unknown words, check",
        _median(lambda: cold(foreign, "check")[0], runs),
        0.6,
        WALL,
    )
    for size in sizes:
        make(place / str(size), size)
        _cold(place, place / str(size), f"{size:,} synthetic cards", 1.8, runs)


def ours(folder: Path, *words: str) -> tuple[float, float]:
    """Wall and CPU seconds of one command."""
    return timed([sys.executable, str(REPO / "build.py"), "--root", str(folder), *words])


def cold(folder: Path, command: str) -> tuple[float, float]:
    """Wall seconds of a command with an empty cache; CPU seconds of it without a cache.

    With an empty cache, two processes share the work, and the results are kept.
    """
    shutil.rmtree(os.environ["XDG_CACHE_HOME"], ignore_errors=True)
    return ours(folder, command)[0], ours(folder, "--no-cache", command)[1]


def _cards(folder: Path) -> int:
    """The number of cards; the README with the card format contains examples."""
    files = (path for path in folder.glob("cards/**/*.md") if path.name != "README.md")
    return sum(path.read_text("utf-8").count("\n## ") for path in files)


def _median(measure: Callable[[], float], runs: int) -> float:
    return statistics.median(measure() for _ in range(runs))


def _line(name: str, value: float, target: float, of: str) -> None:
    verdict = "met" if value <= target else "missed"
    print(f"{name:<44}{value:>8.2f}  {target:>8.2f}  {of}: {verdict}", flush=True)


def _cold(place: Path, folder: Path, name: str, target: float, runs: int) -> None:
    """Building and checking without kept results, beside the floor."""
    floor = [sys.executable, str(place / "floor.py"), str(folder / "cards"), str(place / "f.apkg")]
    rows = [(*cold(folder, "decks"), *timed(floor), *cold(folder, "check")) for _ in range(runs)]
    wall, cpu, floor_wall, floor_cpu, check_wall, check_cpu = map(
        statistics.median, zip(*rows, strict=True)
    )
    print(f"{name}: the floor takes {floor_cpu:.2f} s CPU, {floor_wall:.2f} s")
    _line("  decks, cold", cpu / floor_cpu, target, FLOOR_CPU)
    _line("  decks, cold", wall / floor_wall, 1.2, FLOOR_WALL)
    cards = _cards(folder)
    _line("  check, cold", check_cpu, 0.7 * cards / 1100, CPU)
    _line("  check, cold", check_wall, 0.5 * cards / 1100, WALL)


def _edit(folder: Path, number: int) -> None:
    """Add a sentence to a card in the middle of the deck."""
    path = sorted(folder.glob("cards/**/*.md"))[100]
    text = path.read_text("utf-8").rstrip("\n")
    path.write_text(f"{text} It takes {number} more minutes.\n", "utf-8")


def _after_an_edit(folder: Path, runs: int) -> None:
    """Check and build again after one card has changed; the bytes are those of a cold build."""
    ours(folder, "decks")
    checks, builds = [], []
    for number in range(runs):
        _edit(folder, number)
        checks.append(ours(folder, "check")[0])
        _edit(folder, number)
        builds.append(ours(folder, "decks")[0])
    warm = (folder / "dist/SHA256SUMS").read_bytes()
    ours(folder, "--no-cache", "decks")
    assert (folder / "dist/SHA256SUMS").read_bytes() == warm
    _line("  decks, one card edited", statistics.median(builds), 0.5, WALL)
    _line("  check, one card edited", statistics.median(checks), 0.35, WALL)


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
    _line("  editor, change to diagnostics", statistics.median(times), 0.1, WALL)
    command = [sys.executable, str(REPO / "build.py"), "--root", str(folder), "preview", "--watch"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
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
    _line("  preview --watch, save to new state", statistics.median(times), 0.3, WALL)


def _next_event(events: IO[bytes]) -> None:
    """Wait until an event of `preview --watch` has come whole."""
    while events.readline().strip():
        pass


def _foreign() -> list[str]:
    """Four thousand words that are not English."""
    rng = random.Random(5)
    syllables = [a + b for a in "kptsmnlrvh" for b in ("aa", "uo", "ie", "y", "ö", "ä", "au")]
    return ["".join(rng.choices(syllables, k=rng.randint(2, 5))) for _ in range(4000)]


def growth(place: Path, sizes: list[int]) -> None:
    """CPU seconds and memory of cold runs, one for each size."""
    os.environ["XDG_CACHE_HOME"] = str(place / "cache")
    print(
        f"{'cards':>8}  {'check':>8}  {'MB':>6}  {'decks':>8}  {'MB':>6}  {'similar':>8}  {'MB':>6}"
    )
    for size in sizes:
        folder = place / f"growth-{size}"
        make(folder, size, wide())
        cells = []
        for words in (["check"], ["decks"], ["check", "--similar"]):
            command = [sys.executable, str(REPO / "build.py"), "--root", str(folder), "--no-cache"]
            process = subprocess.Popen(
                [*command, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            _, _, usage = os.wait4(process.pid, 0)
            cells += [usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]
        print(
            f"{size:>8,}"
            + "".join(f"  {cells[n]:>8.1f}  {cells[n + 1]:>6,.0f}" for n in (0, 2, 4)),
            flush=True,
        )
        shutil.rmtree(folder)


def similar(place: Path, sizes: list[int], runs: int) -> None:
    """`check` and `check --similar` in turn, whole processes, on cards with words as rare
    and as common as in real text.
    """
    words = wide()
    print(
        f"{'cards':>7}  {'check':>8}  {'--similar':>9}  {'more':>7}  {'wall':>7}   median of {runs}, CPU seconds of whole processes"  # noqa: E501
    )
    for cards in sizes:
        folder = place / f"similar-{cards}"
        make(folder, cards, words)
        command = [
            sys.executable,
            str(REPO / "build.py"),
            "--root",
            str(folder),
            "check",
            "--format",
            "json",
        ]
        rows = []
        for _ in range(runs):
            _, plain = timed(command)
            wall, whole = timed([*command, "--similar"])
            rows.append((plain, whole, whole - plain, wall))
        plain, whole, more, wall = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{cards:>7,}  {plain:>8.2f}  {whole:>9.2f}  {more:>7.2f}  {wall:>7.2f}")


# Types a search letter by letter: milliseconds of the script for each letter, and until the next
# picture is painted after it.
TYPING = """async (queries) => {
  const box = document.getElementById("q"), script = [], painted = [];
  for (const query of queries) {
    for (let end = 1; end <= query.length; end++) {
      box.value = query.slice(0, end);
      const started = performance.now();
      box.dispatchEvent(new Event("input", { bubbles: true }));
      script.push(performance.now() - started);
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      painted.push(performance.now() - started);
    }
  }
  return [script, painted];
}"""
QUERIES = [
    "endpoint metric",
    "card-4",
    "zzz",
    "a",
    "the gateway takes",
    "alarm retry queue timeout",
]


def site(place: Path, sizes: list[int], runs: int) -> None:
    """`preview` as a whole process, then the browser of all cards in Chromium, opened from its file."""  # noqa: E501
    sys.path.insert(0, str(REPO / "tests"))
    from browser import FLAGS, find_chromium
    from playwright.sync_api import sync_playwright

    print(
        f"{'cards':>7}  {'preview':>8}  {'site':>8}  {'opened':>8}  {'letter → found':>15}  {'→ painted':>15}   {runs} runs; median (worst) in ms"  # noqa: E501
    )
    for cards in sizes:
        folder = place / f"site-{cards}"
        make(folder, cards)
        wall = statistics.median(
            timed([sys.executable, str(REPO / "build.py"), "--root", str(folder), "preview"])[0]
            for _ in range(runs)
        )
        home = folder / "dist" / "site"
        size = sum(p.stat().st_size for p in home.rglob("*") if p.is_file())
        opened, found, painted = [], [], []
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
            for _ in range(runs):
                page = chromium.new_page()
                page.goto((home / "cards.html").as_uri())
                opened.append(
                    page.evaluate(
                        "performance.timing.loadEventEnd - performance.timing.navigationStart"
                    )
                )
                script, paint = page.evaluate(TYPING, QUERIES)
                found += script
                painted += paint
                page.close()
            chromium.close()
        columns = [
            f"{statistics.median(times):.0f} ({max(times):.0f})"
            for times in (opened, found, painted)
        ]
        print(
            f"{cards:>7,}  {wall:>6.1f} s  {size / 1e6:>5.0f} MB  {columns[0]:>8}  {columns[1]:>15}  {columns[2]:>15}"  # noqa: E501
        )


def profile(place: Path, sizes: list[int]) -> None:
    """Seconds per stage of a check with `--similar` and a build, and the memory at its end.

    Each size has its own process, so that its memory is not that of another.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    context = get_context("fork")
    columns = []
    for size in sizes:
        make(place / str(size), size, wide())
        with ProcessPoolExecutor(1, context) as process:
            columns.append(process.submit(_stages, place / str(size)).result())
        shutil.rmtree(place / str(size))
    print(f"{'':<12}" + "".join(f"  {size:>9,} cards" for size in sizes))
    for rows in zip(*columns, strict=True):
        cells = (f"  {seconds:>6.2f} s {memory:>5,.0f} MB" for _, seconds, memory in rows)
        print(f"{rows[0][0]:<12}" + "".join(cells))


def _stages(folder: Path) -> list[tuple[str, float, float]]:
    """The stages of one project: name, seconds, and the peak of memory so far in MB."""
    import gc

    gc.disable()  # as the command line does
    sys.path.insert(0, str(REPO))
    from deckwright.cards import duplicates
    from deckwright.cards.discover import discover
    from deckwright.cards.duplicates.signature import signature
    from deckwright.cards.duplicates.similar import diagnose_similar
    from deckwright.cards.parse import parse
    from deckwright.cards.validate import validate
    from deckwright.cli.clock import today
    from deckwright.output.apkg import package
    from deckwright.output.cards_json import catalog
    from deckwright.output.modification_times import changes
    from deckwright.output.publish import publish
    from deckwright.output.render import render
    from deckwright.output.selections import selections
    from deckwright.project import project

    clock = time.perf_counter
    begun = last = clock()
    done = []

    def lap(name: str) -> None:
        nonlocal last
        now = clock()
        done.append((name, now - last, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
        last = now

    loaded = project.load(folder).values[0]
    lap("settings")
    found = discover(loaded).values[0]
    lap("discover")
    raws = [raw for source in found.sources for raw in parse(source).values]
    lap("parse")
    valid = validate(raws, loaded, found.images, today()).values
    lap("validate")
    signatures, ids = map(signature, valid), [raw.id for raw in raws]
    duplicates.diagnose(valid, tuple(signatures), ids, loaded)
    lap("duplicates")
    diagnose_similar(valid)
    lap("similar")
    notes = render(valid, loaded, found.images).values
    chosen = selections(notes, loaded)
    lap("render")
    artifacts = package(chosen, loaded, found.images).values
    lap("packages")
    listed = catalog(notes, loaded, chosen, changes(notes, (), loaded, loaded.namespaces))
    lap("catalog")
    publish((*artifacts, *listed), folder / "dist")
    lap("publish")
    done.append(("all", clock() - begun, done[-1][2]))
    return done


if __name__ == "__main__":
    main()
