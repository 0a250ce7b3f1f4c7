"""`make bench`: cold builds of synthetic projects beside their floor, in one run.

The floor is what no tool of this kind can avoid: a process that reads the same files,
renders the same text with markdown-it-py and Pygments, and lets genanki write the ready
HTML into one package. Ours does everything else as well: places, schema, vocabulary,
rules, doubles, tags, stamps, reproducible container, cards.json. Both are whole
processes, start-up included, run in turn; the figures are medians.

python tests/bench.py [--cards 1000,10000] [--runs 5] python tests/bench.py --profile
10000      where the time goes python tests/bench.py --similar 1000,10000,50000    the
search for likely duplicates python tests/bench.py --site 1000,5000     the site: how
long it takes to make, and from a keystroke to the cards found
"""

from __future__ import annotations

import argparse
import itertools
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
PER_FILE = 25

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
    arguments.add_argument("--cards", default="1000,10000")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--profile", type=int, default=0, metavar="CARDS")
    arguments.add_argument("--similar", default="", metavar="CARDS")
    arguments.add_argument("--site", default="", metavar="CARDS")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="deckwright-bench-") as place:
        if given.profile:
            profile(Path(place), given.profile)
        elif given.similar:
            similar(Path(place), [int(n) for n in given.similar.split(",")], given.runs)
        elif given.site:
            site(Path(place), [int(n) for n in given.site.split(",")], given.runs)
        else:
            compare(Path(place), [int(n) for n in given.cards.split(",")], given.runs)


def compare(place: Path, sizes: list[int], runs: int) -> None:
    python = sys.executable
    floor_script = place / "floor.py"
    floor_script.write_text(FLOOR)
    empty = statistics.median(
        timed([python, "-c", "import deckwright.cli.main, deckwright.pipeline"])[1]
        for _ in range(runs)
    )
    real = statistics.median(
        timed([python, str(REPO / "build.py"), "--root", str(REPO), "check"])[1]
        for _ in range(runs)
    )
    print(
        f"start-up (imports) {empty:.2f} s CPU; check of the real deck {real:.2f} s CPU, {real - empty:.2f} s after start-up\n"  # noqa: E501
    )
    print(
        f"{'cards':>7}  {'build':>8}  {'floor':>8}  {'ratio':>6}  {'check':>8}   median of {runs}, wall seconds, cold, one package"  # noqa: E501
    )
    for cards in sizes:
        folder = place / str(cards)
        make(folder, cards)
        rows = []
        for _ in range(runs):
            ours, _ = timed([python, str(REPO / "build.py"), "--root", str(folder), "decks"])
            floor, _ = timed(
                [python, str(floor_script), str(folder / "cards"), str(place / "floor.apkg")]
            )
            check, _ = timed([python, str(REPO / "build.py"), "--root", str(folder), "check"])
            rows.append((ours, floor, ours / floor, check))
        ours, floor, ratio, check = (
            statistics.median(column) for column in zip(*rows, strict=True)
        )
        print(f"{cards:>7,}  {ours:>8.2f}  {floor:>8.2f}  {ratio:>6.2f}  {check:>8.2f}")


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


def profile(place: Path, cards: int) -> None:
    """Seconds per stage of one build, in this process."""
    import gc
    from datetime import date

    gc.disable()  # as the command line does
    sys.path.insert(0, str(REPO))
    from deckwright.cards import duplicates
    from deckwright.cards.discover import discover
    from deckwright.cards.parse import parse
    from deckwright.cards.validate import validate
    from deckwright.output.apkg import package
    from deckwright.output.cards_json import catalog
    from deckwright.output.modification_times import changes
    from deckwright.output.publish import publish
    from deckwright.output.render import render
    from deckwright.output.selections import selections
    from deckwright.project import project

    make(place / "p", cards)
    clock = time.perf_counter
    marks = [("", clock())]

    def lap(name: str) -> None:
        marks.append((name, clock()))

    loaded = project.load(place / "p").values[0]
    lap("project")
    found = discover(loaded).values[0]
    lap("discover")
    raws = [raw for source in found.sources for raw in parse(source).values]
    lap("parse")
    valid = validate(raws, loaded, found.images, date.today()).values
    lap("validate")
    duplicates.diagnose(valid, loaded)
    lap("duplicates")
    notes = render(valid, loaded, found.images).values
    chosen = selections(notes, loaded)
    lap("render")
    artifacts = package(chosen, loaded, found.images).values
    lap("package")
    listed = catalog(notes, loaded, chosen, changes(notes, (), loaded))
    lap("catalog")
    publish((*artifacts, *listed), place / "p" / "dist")
    lap("publish")
    whole = marks[-1][1] - marks[0][1]
    for (_, before), (name, after) in itertools.pairwise(marks):
        print(f"{name:<10} {after - before:>7.3f} s  {100 * (after - before) / whole:>5.1f} %")
    print(f"{'all':<10} {whole:>7.3f} s")


if __name__ == "__main__":
    main()
