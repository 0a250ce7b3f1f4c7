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
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import LATER, REPO, make_project, run, run_process, write_release
from releases import retire

from deckwright import pipeline
from deckwright.output.site.home import size
from deckwright.output.site.mathml import typeset


class Page(HTMLParser):
    """The elements of a page as (tag, attributes), its ids, and the pages in its frames."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(text)
        self.ids = {given["id"] for _, given in self.elements if "id" in given}
        self.frames = [Page(given["srcdoc"]) for _, given in self.elements if "srcdoc" in given]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def links(self) -> list[tuple[str, str, str]]:
        """Return (tag, attribute, address) of everything that the page refers to."""
        names = ("href", "src", "action", "data", "poster", "srcset")
        return [
            (tag, name, given[name])
            for tag, given in self.elements
            for name in names
            if name in given
        ]


def site(project: Path) -> Path:
    result = run(project, "preview")
    assert result.code == 0, result.out + result.err
    return project / "dist" / "site"


def html_pages(folder: Path) -> dict[str, Page]:
    return {
        p.relative_to(folder).as_posix(): Page(p.read_text("utf-8"))
        for p in sorted(folder.rglob("*.html"))
    }


def browser_rows(folder: Path) -> dict[str, dict]:
    text = (folder / "assets" / "cards.js").read_text("utf-8")
    rows = json.loads(text[text.index("cards: ") + 7 : text.rindex("}")])
    return {row["id"]: row for row in rows}


def edit(project: Path, old: str, new: str, name: str = "cards/4.2-services/polly.md") -> None:
    file = project / name
    assert old in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(old, new, 1), "utf-8")


def dead_links(folder: Path) -> list[str]:
    """Return all links that lead nowhere on the site, and all outside addresses to load."""
    pages = html_pages(folder)
    found = []
    for name, page in pages.items():
        for part in (page, *page.frames):  # a frame's addresses begin where its page's do
            for tag, _, address in part.links():
                split = urlsplit(address)
                if split.scheme or address.startswith("//"):
                    if tag != "a":
                        found.append(f"{name} loads {address}")
                    continue
                if address == "#" and part is not page:
                    continue
                target = (
                    (folder / Path(name).parent / unquote(split.path)).resolve()
                    if split.path
                    else folder / name
                )
                if not target.is_file():
                    found.append(f"{name}: {address}")
                elif (
                    split.fragment
                    and "=" not in split.fragment
                    and split.fragment
                    not in pages[target.relative_to(folder.resolve()).as_posix()].ids
                ):
                    found.append(f"{name}: {address} (no such id)")
    return found


@pytest.mark.parametrize("project", ["real", "mini"])
def test_every_link_leads_somewhere_and_nothing_is_loaded_from_outside(
    project: str, tmp_path: Path, mini: Path
) -> None:
    if project == "real":
        assert run(REPO, "preview", "--out", str(tmp_path / "dist")).code == 0
        folder = tmp_path / "dist" / "site"
    else:
        folder = site(mini)
    assert dead_links(folder) == []
    for style in folder.rglob("*.css"):
        assert not re.search(r"url\(|@import", style.read_text("utf-8")), style


def test_dead_links_are_seen(mini: Path) -> None:
    folder = site(mini)
    page = folder / "card" / "polly-purpose.html"
    page.write_text(
        page.read_text("utf-8")
        .replace('href="../cards.html"', 'href="../gone.html"')
        .replace('src="../assets/card.js"', 'src="https://example.com/x.js"')
    )
    assert dead_links(folder) == [
        "card/polly-purpose.html: ../gone.html",
        "card/polly-purpose.html loads https://example.com/x.js",
    ]


def test_a_page_for_every_card_with_every_side(mini: Path) -> None:
    folder = site(mini)
    rows = json.loads((mini / "dist" / "cards.json").read_text("utf-8"))
    assert {p.stem for p in (folder / "card").iterdir()} == {row["id"] for row in rows}
    for row in rows:
        page = Page((folder / "card" / f"{row['id']}.html").read_text("utf-8"))
        gaps = len(set(re.findall(r"\{\{c(\d+)::", row["fields"].get("Text", "")))) or 1
        assert len(page.frames) == 2 * gaps, row["id"]
        assert all(source in page.text for source in row["sources"])
        assert f"{row['path']}:{row['line']}" in page.text
        assert "Not released" in page.text
        for frame in page.frames:
            body = next(given for tag, given in frame.elements if tag == "body")
            assert body["class"].split()[0] == "card"
            assert "qa" in frame.ids


def test_the_site_stands_beside_the_very_packages_it_offers_and_decks_leaves_it_out(
    mini: Path,
) -> None:
    folder = site(mini)
    dist = mini / "dist"
    packages = {
        p.relative_to(dist).as_posix(): p.read_bytes()
        for p in dist.rglob("*.apkg")
        if not p.is_relative_to(folder)
    }
    offered = {
        p.relative_to(folder / "packages").as_posix(): p.read_bytes()
        for p in (folder / "packages").rglob("*.apkg")
    }
    assert packages == offered
    assert len(packages) == 8
    sums = dict(line.split("  ")[::-1] for line in (dist / "SHA256SUMS").read_text().splitlines())
    assert (
        sums["site/index.html"] == hashlib.sha256((folder / "index.html").read_bytes()).hexdigest()
    )
    edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
    assert run(mini, "decks").code == 0
    assert not folder.exists()
    assert sorted(p.relative_to(dist).as_posix() for p in dist.rglob("*.apkg")) == sorted(packages)
    assert {
        p.relative_to(dist).as_posix(): p.read_bytes() for p in dist.rglob("*.apkg")
    } != packages
    site(mini)
    assert "Spoken words." in (folder / "card" / "polly-purpose.html").read_text("utf-8")


def test_the_first_page_says_what_each_package_holds(mini: Path) -> None:
    edit(
        mini,
        'tag = "mini"\n',
        'tag = "mini"\nabout = "A deck <for> tests & nobody."\n',
        "decks/project.toml",
    )
    page = Page((site(mini) / "index.html").read_text("utf-8"))
    for path, words, cards in (
        ("all.apkg", "All cards", 11),
        ("task/4.2.apkg", "Task 4.2 · Services & cost", 7),
        ("service/s3.apkg", "Amazon S3", 4),
    ):
        package = mini / "dist" / path
        told = f"{words} {cards} cards {size(package.stat().st_size)}"
        assert told in " ".join(page.text.split())
    assert "A deck <for> tests & nobody." in page.text
    assert "no release" in page.text
    assert "a draft" in page.text


def test_a_changelog_that_cannot_be_read_is_told(mini: Path) -> None:
    site(mini)
    before = (mini / "dist" / "SHA256SUMS").read_bytes()
    (mini / "CHANGELOG.md").write_bytes(b"# Changes\n\n\xff\n")
    done = run(mini, "preview")
    assert done.code == 1
    assert done.out.startswith("CHANGELOG.md:3:1: error D1")
    assert (mini / "dist" / "SHA256SUMS").read_bytes() == before


def test_sizes_in_words() -> None:
    assert [size(n) for n in (1, 1499, 1999, 74_321, 999_499, 1_250_000)] == [
        "1 kB",
        "1 kB",
        "2 kB",
        "74 kB",
        "999 kB",
        "1.2 MB",
    ]


def releases(card: Page) -> list[str]:
    """The versions with their days that the page of a card names."""
    return re.findall(r"\b\d\.\d\.\d, \d{4}-\d\d-\d\d", card.text)


def test_releases_are_told_on_the_first_page_and_on_the_cards(mini: Path) -> None:
    write_release(mini)
    (mini / "CHANGELOG.md").write_text(
        "# Changes\n\n## Unreleased\n\n- Soon.\n\n## 1.0.0, 2026-09-21\n\n"
        "- The *first* cards, see [how](docs/how.md).\n",
        "utf-8",
    )
    home = Page((site(mini) / "index.html").read_text("utf-8"))
    assert "1.0.0, 2026-09-21" in home.text
    assert "The first cards, see how." in home.text
    assert "Soon." not in home.text, "nothing is coming: all is as released"
    assert "draft" not in home.text
    card = Page((mini / "dist/site/card/polly-purpose.html").read_text("utf-8"))
    assert releases(card) == ["1.0.0, 2026-09-21"]
    assert "next release" not in card.text
    edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
    home = Page((site(mini) / "index.html").read_text("utf-8"))
    assert "Soon." in home.text
    card = Page((mini / "dist/site/card/polly-purpose.html").read_text("utf-8"))
    assert releases(card) == ["1.0.0, 2026-09-21"]
    assert "next release" in card.text
    write_release(mini, "1.0.1", 200_000)
    assert "1.0.1, 2026-09-23" in Page((site(mini) / "index.html").read_text("utf-8")).text
    card = Page((mini / "dist/site/card/polly-purpose.html").read_text("utf-8"))
    assert releases(card) == ["1.0.0, 2026-09-21", "1.0.1, 2026-09-23"]
    assert dead_links(mini / "dist" / "site") == []


def test_the_page_of_a_retired_card_says_what_became_of_it(mini: Path) -> None:
    write_release(mini)
    reason = "Speech is <not> all."
    retire(mini, "polly-purpose", "--successor", "polly-for-museum", reason=reason)
    page = Page((site(mini) / "card" / "polly-purpose.html").read_text("utf-8"))
    assert "next release" in page.text
    assert "Speech is <not> all." in page.text
    assert ("a", "href", "polly-for-museum.html") in page.links()
    write_release(mini, "1.1.0", 200_000)
    page = Page((site(mini) / "card" / "polly-purpose.html").read_text("utf-8"))
    assert "1.1.0" in page.text
    assert "next release" not in page.text
    assert dead_links(mini / "dist" / "site") == []
    assert "polly-purpose" not in browser_rows(mini / "dist" / "site")


def test_the_scripts_of_note_types_are_files_and_not_in_every_card(mini: Path) -> None:
    folder = site(mini)
    page = Page((folder / "card" / "polly-for-museum.html").read_text("utf-8"))
    for frame in page.frames:
        assert ("script", "src", "../assets/notetype-1.js") in frame.links()
    script = (mini / "decks/notetypes/multiple-choice/script.js").read_text("utf-8")
    assert script.strip() in (folder / "assets" / "notetype-1.js").read_text("utf-8")
    inside = "Shuffles the options"
    assert inside in script
    for file in folder.rglob("*.html"):
        assert inside not in file.read_text("utf-8"), file


HOSTILE = """
## polly-hostile

- kind: concept
- topic: voices
- hint: </textarea><script>alert("hint")</script>
- source: https://docs.example.com/?a=1&quot;&lt;b=(2)
- checked: 2026-09

Does `</script><script>alert(1)</script>` or `"><img src=x onerror=alert(2)>` or `</iframe>`
or "]]>" do harm? And `{{ 7 * 7 }}` or `{% raw %}`?

---

No: `<!-- --><b onclick=alert(3)>`, $\\text{<script>alert(4)</script>}$ and
$\\text{javascript:alert(5)}$ neither.

---

`</style></textarea></title></noscript>` are words, and so are \\\\u2028 and `window.deckCards = 1`.
"""


def test_hostile_text_is_text_everywhere(mini: Path) -> None:
    """A card's text never becomes an element: in its page, its frames, or the browser's data."""
    before = site(mini)
    plain = {
        tag
        for page in html_pages(before).values()
        for part in (page, *page.frames)
        for tag, _ in part.elements
    }
    file = mini / "cards" / "4.2-services" / "polly.md"
    file.write_text(file.read_text("utf-8") + HOSTILE, "utf-8")
    folder = site(mini)
    page = Page((folder / "card" / "polly-hostile.html").read_text("utf-8"))
    assert "</script><script>alert(1)</script>" in page.frames[0].text
    assert "{{ 7 * 7 }}" in page.frames[0].text.replace("{<!-- -->{", "{{")
    rows = browser_rows(folder)
    row = Page(rows["polly-hostile"]["front"] + rows["polly-hostile"]["back"])
    for part in (*html_pages(folder).values(), *page.frames, row):
        for tag, given in part.elements:
            assert tag in plain | {"mstyle"}, tag
            assert not [
                name
                for name in given
                if name.startswith("on") and "hint" not in given.get("class", "")
            ], (tag, given)
            assert not [
                value for value in given.values() if value.lower().startswith("javascript:")
            ], (tag, given)
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert all("script" not in [tag for tag, _ in frame.elements] for frame in page.frames)


def test_formulas_are_drawn_and_what_is_not_understood_stays_tex() -> None:
    assert (
        typeset(r"\(x^2\)")
        == '<math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>'
    )
    assert typeset(r"a \[\frac{1}{2} &lt; b\] c").startswith(
        'a <math display="block"><mrow><mfrac>'
    )
    assert "<mo>&lt;</mo>" in typeset(r"\[\frac{1}{2} &lt; b\]")
    for tex in (r"\frac{", r"\nonsense{x}", r"\begin{aligned}a&amp;=b\end{aligned}"):
        assert typeset(f"\\({tex}\\)") == f'<code class="tex">{tex}</code>'
    assert typeset("no formula here (or [here])") == "no formula here (or [here])"


def test_text_in_an_attribute_is_no_formula() -> None:
    image = r'<img alt="\(x\) \[y\] \(" src="a.svg">'
    assert typeset(image + r"\(x\)") == image + typeset(r"\(x\)")


HOSTILE_TEX = [
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
]


@pytest.mark.parametrize("tex", HOSTILE_TEX)
def test_a_hostile_formula_becomes_mathml_or_stays_text(tex: str) -> None:
    shown = Page(typeset(f"\\({escape(tex, quote=False)}\\)"))
    for tag, attributes in shown.elements:
        assert tag == "code" or re.fullmatch("m[a-z]+", tag)
        assert set(attributes) <= {"class", "display", "mathvariant", "columnalign", "width"}
        assert not any(":" in value for value in attributes.values())


def test_all_formulas_of_the_real_deck_are_drawn(tmp_path: Path) -> None:
    checked = pipeline.check(REPO, LATER).values[0]
    fields = [
        field
        for note in pipeline.rendered(checked).notes
        for field in note.fields
        if "\\(" in field or "\\[" in field
    ]
    assert fields
    assert [field for field in fields if 'class="tex"' in typeset(field)] == []


def test_evidence_is_told_as_it_was_recorded(mini: Path) -> None:
    edit(
        mini,
        "- checked: 2026-10\n",
        "- checked: 2026-10\n- evidence: polly::shapes.Text.max\n"
        "- evidence: c2 polly::shapes.Kind\n",
    )
    (mini / "decks" / "evidence").mkdir()
    record = "\t".join(
        ("polly-input-length", "polly::shapes.Text.max", "example-data", "1.2", "3,000", "3000")
    )
    (mini / "decks" / "evidence" / "mini.tsv").write_text(record + "\n", "utf-8")
    page = Page((site(mini) / "card" / "polly-input-length.html").read_text("utf-8"))
    line = r"polly::shapes\.Text\.max: (.*)"
    assert re.search(f"{line}example-data 1.2 .*“3000”.*“3,000”", page.text)
    assert "c2 polly::shapes.Kind: not on" in page.text
    edit(mini, "{{c1::3,000", "{{c1::4,000")
    page = Page((site(mini) / "card" / "polly-input-length.html").read_text("utf-8"))
    assert re.search(f"{line}not on", page.text), "the record is of another value"


def test_the_line_to_edit_is_a_link_where_the_project_says_so(mini: Path) -> None:
    edit(
        mini,
        'tag = "mini"\n',
        'tag = "mini"\nedit = "https://code.example.com/edit/{path}#L{line}"\n',
        "decks/project.toml",
    )
    rows = json.loads((site(mini).parent / "cards.json").read_text("utf-8"))
    for row in rows:
        page = Page((mini / "dist/site/card" / f"{row['id']}.html").read_text("utf-8"))
        assert (
            "a",
            "href",
            f"https://code.example.com/edit/{row['path']}#L{row['line']}",
        ) in page.links()
    edit(
        mini,
        "https://code.example.com/edit/{path}",
        "http://code.example.com/edit",
        "decks/project.toml",
    )
    assert "decks/project.toml" in run(mini, "check").out


def test_cards_of_a_second_root_have_their_own_folder(mini: Path) -> None:
    edit(
        mini,
        "[[package]]",
        '[[root]]\npath = "cards/mine"\nnamespace = "mine"\n\n[[package]]',
        "decks/project.toml",
    )
    home = mini / "cards" / "mine" / "4.2-services"
    home.mkdir(parents=True)
    (home / "polly.md").write_text(
        "# Mine\n\n## polly-purpose\n\n- kind: concept\n- topic: voices\n\n"
        "What is mine?\n\n---\n\nThis.\n",
        "utf-8",
    )
    folder = site(mini)
    assert "What is mine?" in (folder / "card" / "mine" / "polly-purpose.html").read_text("utf-8")
    assert "What is mine?" not in (folder / "card" / "polly-purpose.html").read_text("utf-8")
    assert dead_links(folder) == []


def test_the_same_day_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for name, seed in (("one", "1"), ("deep/er/two", "7")):
        project = make_project(tmp_path / name)
        assert (
            run_process(
                project,
                "preview",
                env={"PYTHONHASHSEED": seed, "TZ": "Asia/Kathmandu" if seed == "7" else "UTC"},
            ).returncode
            == 0
        )
        digests.append(
            {
                p.relative_to(project).as_posix(): p.read_bytes()
                for p in (project / "dist").rglob("*")
                if p.is_file()
            }
        )
    assert digests[0] == digests[1]


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


def test_a_deck_with_errors_has_no_site(mini: Path) -> None:
    folder = site(mini)
    before = (folder / "index.html").read_bytes()
    edit(mini, "\nSpeech.\n", "\n<b>Speech</b>.\n")
    result = run(mini, "preview")
    assert result.code == 1
    assert "P211" in result.out
    assert (folder / "index.html").read_bytes() == before


def test_what_belongs_to_the_watch_alone(mini: Path) -> None:
    for given, named in ((("--port", "8000"), "--port"), (("--watch", "--out", "x"), "--out")):
        refused = run(mini, "preview", *given)
        assert (refused.code, named in refused.err, "--watch" in refused.err) == (2, True, True)
    assert not (mini / "x").exists()
