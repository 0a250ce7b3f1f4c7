"""The site as files: its links lead somewhere, everything is escaped, and its cards are those
of the packages next to it.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from html import escape
from pathlib import Path

import pytest
from built_site import HOSTILE, ParsedPage, dead_links, parsed, rows, site
from conftest import REPO, edit, make_project, run, run_process, write_release
from releases import retire

from deckwright.core.wording import size
from deckwright.output.site.mathml import typeset


def tree(folder: Path, pattern: str) -> dict[str, bytes]:
    """The files below a folder that fit a pattern, by their paths."""
    files = (path for path in folder.rglob(pattern) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_every_link_leads_somewhere_and_nothing_is_loaded_from_outside(mini: Path) -> None:
    folder = site(mini)
    assert dead_links(folder) == []
    for style in folder.rglob("*.css"):
        assert not re.search(r"url\(|@import", style.read_text("utf-8")), style
    page = folder / "card" / "polly-purpose.html"
    edit(folder, 'href="../cards.html"', 'href="../gone.html"', "card/polly-purpose.html")
    edit(folder, 'src="../assets/card.js"', 'src="https://example.com/x.js"', f"card/{page.name}")
    assert dead_links(folder) == [
        "card/polly-purpose.html: ../gone.html",
        "card/polly-purpose.html loads https://example.com/x.js",
    ]


def test_a_page_for_every_card_with_every_side(built: Path) -> None:
    deck = rows(built)
    assert {path.stem for path in (built / "card").iterdir()} == set(deck)
    scripts = {path.name: path.read_text("utf-8") for path in built.glob("assets/notetype-*.js")}
    every, choice = sorted(scripts, key=lambda name: "Shuffles the options" in scripts[name])
    for name, row in deck.items():
        source = (built / "card" / f"{name}.html").read_text("utf-8")
        page = ParsedPage(source)
        gaps = len(set(re.findall(r"\{\{c(\d+)::", row["fields"].get("Text", "")))) or 1
        assert len(page.frames) == 2 * gaps, name
        assert all(address in page.text for address in row["sources"])
        assert f"{row['path']}:{row['line']}" in page.text
        assert "Not released" in page.text
        for frame in page.frames:
            body = next(attributes for tag, attributes in frame.elements if tag == "body")
            assert body["class"].split()[0] == "card"
            assert "qa" in frame.ids
            found = {address[10:] for tag, _, address in frame.links() if tag == "script"}
            assert found == {every} | ({choice} if row["type"] == "multiple-choice" else set())
        assert "Shuffles the options" not in source, "scripts of note types are files"


def test_the_site_is_next_to_the_packages_it_offers_and_decks_leaves_it_out(mini: Path) -> None:
    folder, dist = site(mini), mini / "dist"
    packages = {name: data for name, data in tree(dist, "*.apkg").items() if "site/" not in name}
    assert packages == tree(folder / "packages", "*.apkg")
    assert len(packages) == 11
    sums = dict(line.split("  ")[::-1] for line in (dist / "SHA256SUMS").read_text().splitlines())
    home = (folder / "index.html").read_bytes()
    assert sums["site/index.html"] == hashlib.sha256(home).hexdigest()
    for path, words, cards in (
        ("all.apkg", "All cards", 9),
        ("part/services.apkg", "Services & cost", 5),
        ("service/s3.apkg", "Amazon S3", 3),
    ):
        about = f"{words} {cards} cards {size(len(packages[path]))}"
        assert about in parsed(folder / "index.html").words
    edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
    assert run(mini, "decks").code == 0
    assert not folder.exists()
    assert packages.keys() == (changed := tree(dist, "*.apkg")).keys()
    assert packages != changed
    site(mini)
    assert "Spoken words." in (folder / "card" / "polly-purpose.html").read_text("utf-8")


@pytest.mark.parametrize("broken", ["changelog", "card"])
def test_what_cannot_be_built_leaves_the_last_site(broken: str, mini: Path) -> None:
    site(mini)
    before = tree(mini / "dist", "*")
    if broken == "changelog":
        (mini / "CHANGELOG.md").write_bytes(b"# Changes\n\n\xff\n")
    else:
        edit(mini, "\nSpeech.\n", "\n<b>Speech</b>.\n")
    result = run(mini, "preview")
    assert (result.code, "error" in result.out) == (1, True)
    assert tree(mini / "dist", "*") == before


def test_sizes_in_words() -> None:
    sizes = [size(n) for n in (1, 1499, 1999, 74_321, 999_499, 1_250_000)]
    assert sizes == ["1 kB", "1 kB", "2 kB", "74 kB", "999 kB", "1.2 MB"]


def releases(card: ParsedPage) -> list[str]:
    """The versions with their days that the page of a card names."""
    return re.findall(r"\b\d\.\d\.\d, \d{4}-\d\d-\d\d", card.text)


def test_releases_and_retirements_are_on_the_pages(mini: Path) -> None:
    changes = (
        "# Changes\n\n## Unreleased\n\n- Soon.\n\n## 1.0.0, 2026-09-21\n\n- The *first* cards.\n"
    )
    home, card = mini / "dist/site/index.html", mini / "dist/site/card/polly-purpose.html"
    (mini / "CHANGELOG.md").write_text(changes, "utf-8")
    site(mini)
    assert "a draft" in parsed(home).text
    write_release(mini)
    site(mini)
    text = parsed(home).text
    assert "1.0.0, 2026-09-21" in text
    assert "The first cards." in text
    assert not re.search(r"Soon\.|draft", text), "nothing is coming: all is as released"
    assert releases(parsed(card)) == ["1.0.0, 2026-09-21"]
    assert "next release" not in parsed(card).text
    edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
    site(mini)
    assert "Soon." in parsed(home).text
    assert "next release" in parsed(card).text
    write_release(mini, "1.0.1", 200_000)
    reason = "Speech is <not> all."
    retire(mini, "polly-purpose", "--successor", "polly-for-museum", reason=reason)
    site(mini)
    assert "1.0.1, 2026-09-23" in parsed(home).text
    assert "next release" in parsed(card).text
    assert "Speech is <not> all." in parsed(card).text
    assert ("a", "href", "polly-for-museum.html") in parsed(card).links()
    write_release(mini, "1.1.0", 400_000)
    assert dead_links(site(mini)) == []
    assert "1.1.0" in parsed(card).text
    assert "next release" not in parsed(card).text
    assert "polly-purpose" not in (mini / "dist/site/assets/cards.js").read_text("utf-8")


def test_hostile_text_is_text_everywhere(mini: Path) -> None:
    """A card's text never becomes an element: in its page, its frames, or the browser's data."""

    def parts(folder: Path) -> list[ParsedPage]:
        pages = [parsed(path) for path in folder.rglob("*.html")]
        return [part for page in pages for part in (page, *page.frames)]

    plain = {tag for part in parts(site(mini)) for tag, _ in part.elements} | {"mstyle"}
    file = mini / "cards" / "services" / "polly.md"
    file.write_text(file.read_text("utf-8") + HOSTILE, "utf-8")
    folder = site(mini)
    page = parsed(folder / "card" / "polly-hostile.html")
    assert "</script><script>alert(1)</script>" in page.frames[0].text
    assert "{{ 7 * 7 }}" in page.frames[0].text.replace("{<!-- -->{", "{{")
    assert [tag for tag, _ in page.elements].count("script") == 3
    assert {[tag for tag, _ in frame.elements].count("script") for frame in page.frames} == {1}
    text = (folder / "assets" / "cards" / "0.js").read_text("utf-8")
    listed = json.loads(text[text.index("[") : text.rindex(")")])
    (row,) = [row for row in listed if row[0] == "polly-hostile"]
    for part in (*parts(folder), ParsedPage("".join(row[3:]))):
        for tag, attributes in part.elements:
            assert tag in plain, tag
            hint = "hint" in attributes.get("class", "")
            assert hint or not [name for name in attributes if name.startswith("on")], attributes
            assert not [v for v in attributes.values() if v.lower().startswith("javascript:")]


def test_formulas_are_drawn_and_what_is_not_understood_stays_tex() -> None:
    square = '<math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>'
    assert typeset(r"\(x^2\)") == square
    half = typeset(r"a \[\frac{1}{2} &lt; b\] c")
    assert half.startswith('a <math display="block"><mrow><mfrac>')
    assert "<mo>&lt;</mo>" in half
    for tex in (r"\frac{", r"\nonsense{x}", r"\begin{aligned}a&amp;=b\end{aligned}"):
        assert typeset(f"\\({tex}\\)") == f'<code class="tex">{tex}</code>'
    image = r'<img alt="\(x\) \[y\] \(" src="a.svg"> no formula (or [here]) '
    assert typeset(image + r"\(x^2\)") == image + square


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\style{background: url(//example.com)}{x}",
        r"\bbox[background: url(//example.com)]{x}",
        r"\class{wide}{x} \cssId{top}{y}",
        r"\color{red\" onclick=\"alert(1)}{x}",
        r"\hspace{1\" onclick=\"alert(1)}",
        r"\begin{array}{c\" onload=\"alert(1)}a\end{array}",
        r"\operatorname{<script>}",
        r"\unicode{x3c}script>",
        r"\text{&lt;b&gt;}",
    ],
)
def test_a_hostile_formula_becomes_mathml_or_stays_text(tex: str) -> None:
    for tag, attributes in ParsedPage(typeset(f"\\({escape(tex, quote=False)}\\)")).elements:
        assert tag == "code" or re.fullmatch("m[a-z]+", tag)
        assert set(attributes) <= {"class", "display", "mathvariant", "columnalign", "width"}
        assert not any(":" in value for value in attributes.values())


def test_evidence_is_shown_as_it_was_recorded(mini: Path) -> None:
    checked, phrase = "- checked: 2026-10\n", "polly::shapes.Text.max"
    evidence = f"- evidence: {phrase}\n- evidence: c2 polly::shapes.Kind\n"
    edit(mini, checked, checked + evidence)
    (mini / "decks" / "evidence").mkdir()
    record = ("polly-input-length", phrase, "example-data", "1.2", "3,000", "3000")
    (mini / "decks" / "evidence" / "mini.tsv").write_text("\t".join(record) + "\n", "utf-8")
    page = parsed(site(mini) / "card" / "polly-input-length.html")
    assert re.search(f"{phrase}: (.*)example-data 1.2 .*“3000”.*“3,000”", page.text)
    assert "c2 polly::shapes.Kind: not on" in page.text
    edit(mini, "{{c1::3,000", "{{c1::4,000")
    page = parsed(site(mini) / "card" / "polly-input-length.html")
    assert re.search(f"{phrase}: (.*)not on", page.text), "the record is of another value"


def test_each_card_has_its_own_page_and_a_link_to_edit_it(mini: Path) -> None:
    """Also two cards with one ID, in two card folders."""
    settings, place = "decks/project.toml", "https://code.example.com/edit/{path}#L{line}"
    edit(mini, 'tag = "mini"\n', f'tag = "mini"\nedit = "{place}"\n', settings)
    root = '[[root]]\npath = "cards/mine"\nnamespace = "mine"\n\n[[package]]'
    edit(mini, "[[package]]", root, settings)
    home = mini / "cards" / "mine" / "services"
    home.mkdir(parents=True)
    card = "## polly-purpose\n\n- kind: concept\n- topic: voices\n\nWhat is mine?\n\n---\n\nThis.\n"
    (home / "polly.md").write_text(f"# Mine\n\n{card}", "utf-8")
    folder = site(mini)
    for row in json.loads((mini / "dist" / "cards.json").read_text("utf-8"))["cards"]:
        mine = "mine/" if row["path"].startswith("cards/mine") else ""
        page = parsed(folder / "card" / f"{mine}{row['id']}.html")
        assert ("a", "href", place.format(**row)) in page.links()
        assert ("What is mine?" in page.frames[0].text) == bool(mine)
    assert dead_links(folder) == []
    edit(mini, "https://code.example.com/edit/{path}", "http://code.example.com/edit", settings)
    assert settings in run(mini, "check").out


def test_the_same_day_gives_the_same_bytes(tmp_path: Path) -> None:
    trees = []
    for name, seed, zone in (("one", "1", "UTC"), ("deep/er/two", "7", "Asia/Kathmandu")):
        project = make_project(tmp_path / name)
        env = {"PYTHONHASHSEED": seed, "TZ": zone}
        assert run_process(project, "preview", env=env).returncode == 0
        trees.append(tree(project / "dist", "*"))
    assert trees[0] == trees[1]


def test_pages_cost_nothing_where_there_are_none(mini: Path) -> None:
    """`check` and `decks` do not load the libraries that make pages."""
    for command in ("check", "decks"):
        script = (
            f"import sys; sys.path.insert(0, {str(REPO)!r}); from deckwright.cli.main import main\n"
            f"try: main(['--root', {str(mini)!r}, {command!r}])\n"
            "except SystemExit: pass\n"
            "print([m for m in ('jinja2', 'latex2mathml', 'http.server') if m in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.stdout.splitlines()[-1] == "[]", command


def test_what_belongs_only_to_the_watch(mini: Path) -> None:
    for options, named in ((("--port", "8000"), "--port"), (("--watch", "--out", "x"), "--out")):
        refused = run(mini, "preview", *options)
        assert (refused.code, named in refused.err, "--watch" in refused.err) == (2, True, True)
    assert not (mini / "x").exists()
