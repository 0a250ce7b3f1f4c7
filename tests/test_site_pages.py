"""The pages of the site above the cards: home, outline and checks, and what all pages have."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from conftest import run
from test_site import Page, dead_links, edit, html_pages, site

from deckwright.cards.coverage import TopicRow
from deckwright.output.site.outline import level


def text(page: Page) -> str:
    return " ".join(page.text.split())


def described(page: Page) -> dict[str, str]:
    """What a page says about itself to those that share or list it, by name."""
    metas = [given for tag, given in page.elements if tag == "meta"]
    return {
        name: given["content"]
        for given in metas
        for name in (given.get("property"), given.get("name"))
        if name
    }


def fork(project: Path, *lines: str) -> None:
    """Make the project a fork with its own card, and add lines to its settings."""
    assert run(project, "fork", "My cards").code == 0
    folder = project / "cards" / "mine" / "4.2-services"
    folder.mkdir(parents=True)
    (folder / "polly.md").write_text(
        "# Mine\n\n## our-voices\n\n- kind: concept\n- topic: voices\n\n"
        "Whose voice is ours?\n\n---\n\nNobody's.\n",
        "utf-8",
    )
    settings = project / "decks" / "mine.toml"
    settings.write_text(settings.read_text("utf-8") + "\n".join(lines) + "\n", "utf-8")


def test_every_page_has_a_title_and_a_description_of_its_own_to_share(mini: Path) -> None:
    pages = html_pages(site(mini))
    for name, page in pages.items():
        said = described(page)
        assert said["og:title"].endswith("· Mini"), name
        assert 20 < len(said["og:description"]) <= 203, name
        assert said["description"] == said["og:description"], name
        assert "og:url" not in said, "the project does not know its site's address"
        assert not [given for tag, given in page.elements if given.get("rel") == "canonical"]
    titles = [described(page)["og:title"] for page in pages.values()]
    assert len(set(titles)) == len(titles)
    assert "voice" in described(pages["card/polly-purpose.html"])["og:description"].lower()


def test_a_site_with_an_address_names_its_pages_in_full(mini: Path) -> None:
    edit(
        mini,
        'tag = "mini"\n',
        'tag = "mini"\nsite = "https://deck.example"\nrepository = "https://code.example/deck"\n',
        "decks/project.toml",
    )
    folder = site(mini)
    for path, address in (
        ("index.html", "https://deck.example/"),
        ("card/polly-purpose.html", "https://deck.example/card/polly-purpose.html"),
    ):
        page = Page((folder / path).read_text("utf-8"))
        assert described(page)["og:url"] == address
        canonical = [given["href"] for _, given in page.elements if given.get("rel") == "canonical"]
        assert canonical == [address]
        assert ("a", "href", "https://code.example/deck") in page.links()
    fork(mini)
    assert "og:url" not in described(Page((site(mini) / "index.html").read_text("utf-8")))


def test_a_card_is_headed_by_its_topic_and_its_id_is_below(mini: Path) -> None:
    page = (site(mini) / "card" / "polly-purpose.html").read_text("utf-8")
    (heading,) = re.findall("<h1>(.*?)</h1>", page)
    assert heading == "Voices"
    assert "<dt>ID</dt><dd><code>polly-purpose</code></dd>" in page


def test_a_card_names_exams_by_their_codes(mini: Path) -> None:
    page = text(Page((site(mini) / "card" / "polly-purpose.html").read_text("utf-8")))
    assert "OLD task 2.1" in page
    assert "NEXT task 2.1" in page
    assert "The old exam" not in page


def test_a_fork_is_named_in_the_header_and_its_packages_say_what_they_hold(mini: Path) -> None:
    assert "with My cards" not in text(Page((site(mini) / "index.html").read_text("utf-8")))
    fork(
        mini,
        '[[package]]\npath = "mine/few.apkg"\ncards = "mine"\nservice = ["polly"]',
        '[[package]]\npath = "mine/most.apkg"\nwithout-task = ["summary"]',
    )
    folder = site(mini)
    home = (folder / "index.html").read_text("utf-8")
    titles = dict(
        re.findall(r'href="packages/([^"]+)" download>\s*<span class="what">(.*?)<', home)
    )
    assert titles["mine.apkg"] == "My cards"
    assert titles["mine/few.apkg"] == "My cards: Amazon Polly"
    assert titles["mine/most.apkg"] == "All cards, without Summary"
    for page in html_pages(folder).values():
        assert "Mini with My cards" in text(page)


def test_nothing_on_the_first_page_points_into_the_repository(mini: Path) -> None:
    (mini / "CHANGELOG.md").write_text(
        "# Changes\n\n## Unreleased\n\n"
        "- Push keeps your tags ([docs/pushing.md](docs/pushing.md)).\n"
        "- See [the rules](docs/rules.md) and [Anki](https://example.com/anki).\n",
        "utf-8",
    )
    folder = site(mini)
    home = Page((folder / "index.html").read_text("utf-8"))
    assert "Push keeps your tags. See the rules and Anki." in text(home)
    assert ("a", "href", "https://example.com/anki") in home.links()
    assert dead_links(folder) == []


def test_the_first_page_has_one_card_to_try_and_few_open_lists(mini: Path) -> None:
    home = Page((site(mini) / "index.html").read_text("utf-8"))
    assert len(home.frames) == 2, "the front and the back of one card"
    assert "museum" in home.frames[0].text.lower(), "the one that can be answered by a click"
    links = [a for tag, _, a in home.links() if tag == "a" and a.startswith("card/")]
    assert links == ["card/polly-for-museum.html"]
    source = (mini / "dist/site/index.html").read_text("utf-8")
    folded = re.findall(r"(?s)<details class=.more-packages.>.*?</details>", source)
    assert "packages/service/s3.apkg" in "".join(folded)
    assert "packages/all.apkg" not in "".join(folded)


def test_the_first_page_says_for_whom_a_package_is_and_where_to_start(mini: Path) -> None:
    edit(
        mini,
        "[[package]]",
        '[[package]]\npath = "first.apkg"\ntask = ["4.2"]\ntitle = "First steps"\n'
        'about = "For a <quick> start"\n\n[[package]]',
        "decks/project.toml",
    )
    folder = site(mini)
    said = text(Page((folder / "index.html").read_text("utf-8")))
    assert re.search("First steps .*For a <quick> start", said)
    assert said.count("start here") == 1
    assert "Practice now Download First steps" in said
    assert re.search(r"\b9 cards .* 11 in Anki", said)


def test_the_first_page_tells_learners_only_what_concerns_them(mini: Path) -> None:
    changes = mini / "CHANGELOG.md"
    changes.write_text(
        "# Changes\n\n## Unreleased\n\nFor learners:\n\n- Better cards.\n\n"
        "For authors:\n\n- Better commands.\n",
        "utf-8",
    )
    home = Page((site(mini) / "index.html").read_text("utf-8"))
    assert "Better cards." in text(home)
    assert "commands" not in text(home)
    assert "For learners" not in text(home)
    assert "CHANGELOG.md" not in text(home), "there is no address to link to"
    edit(
        mini,
        'tag = "mini"\n',
        'tag = "mini"\nrepository = "https://code.example/deck"\n',
        "decks/project.toml",
    )
    assert "CHANGELOG.md" in text(Page((site(mini) / "index.html").read_text("utf-8")))


def topics(source: str) -> dict[str, str]:
    """What the tile of each topic says below its title, by title."""
    tiles = re.findall(
        r'(?s)<span class="topic">(.*?)</span>\s*<span class="counts">(.*?)</span>', source
    )
    return {unescape(title): re.sub("<[^>]*>", "", said) for title, said in tiles}


def details(source: str) -> dict[str, str]:
    """What the details of each topic with cards say about their number, by title."""
    said = re.compile(r'(?s)class="topic">(.*?)</span>.*?<p class="acts">.*?class="counts">(.*?)<')
    tiles = re.findall(r'(?s)<details class="tile.*?</details>', source)
    return {unescape(found[1]): found[2] for tile in tiles if (found := said.search(tile))}


def test_the_outline_says_how_many_cards_each_topic_has_and_misses(mini: Path) -> None:
    edit(mini, "core = 4", "core = 9", "schema/vocabulary/mini.toml")
    folder = site(mini)
    source = (folder / "outline.html").read_text("utf-8")
    page = Page(source)
    counts = json.loads(run(mini, "coverage", "--format", "json").out)
    assert re.search(rf"\b{counts['missing']} cards [a-z ]*missing", text(page))
    told = topics(source)
    assert list(told) == [row["title"] for row in counts["topics"]], "each once, in teaching order"
    for row in counts["topics"]:
        wanted = f"{row['have']} cards"
        if row["missing"]:
            wanted += f" · {row['missing']} missing"
        assert told[row["title"]].startswith(wanted)
        assert "needed" not in told[row["title"]]
        planned = details(source).get(row["title"])
        assert (planned is None) == (row["have"] >= row["core"])
        assert not row["missing"] or re.findall(r"\d+", planned or "") == ["9"]
    assert {a for t, _, a in page.links() if t == "a" and a.startswith("card/")} == {
        f"card/{p.name}" for p in (folder / "card").iterdir()
    }


def test_the_details_of_a_topic_say_how_many_cards_are_planned_until_it_has_them(
    mini: Path,
) -> None:
    edit(mini, "core = 4", "core = 1", "schema/vocabulary/mini.toml")
    source = (site(mini) / "outline.html").read_text("utf-8")
    (row, *_) = [
        row
        for row in json.loads(run(mini, "coverage", "--format", "json").out)["topics"]
        if row["have"] > row["core"] == 1
    ]
    assert topics(source)[row["title"]].startswith(f"{row['have']} cards")
    assert "missing" not in source
    assert row["title"] not in details(source), "the number is met"


def test_a_topic_can_be_practiced_and_its_cards_searched(mini: Path) -> None:
    page = Page((site(mini) / "outline.html").read_text("utf-8"))
    links = [address for tag, _, address in page.links() if tag == "a"]
    for topic in ("voices", "copies", "words"):
        assert f"practice.html#topic={topic}" in links
        assert f"cards.html#topic={topic}" in links


def test_a_deck_without_exams_speaks_of_none(mini: Path) -> None:
    settings = mini / "schema" / "vocabulary" / "mini.toml"
    text = settings.read_text("utf-8")
    settings.write_text(
        re.sub(r"(?s)\n\[\[outline\]\].*?(?=\n\[\[(?!outline)|\Z)", "", text), "utf-8"
    )
    source = (site(mini) / "outline.html").read_text("utf-8")
    assert " 3 topics" in source
    assert "exam" not in source


def test_a_deck_with_themes_only_has_groups(mini: Path) -> None:
    folder = site(mini)
    assert ">Service<select" in (folder / "cards.html").read_text("utf-8")
    for slug in ("polly", "s3"):
        deck = slug.capitalize() if slug == "polly" else "S3"
        edit(
            mini,
            f'deck = "{deck}"\n\n',
            f'deck = "{deck}"\ntheme = true\n\n',
            "schema/vocabulary/mini.toml",
        )
    folder = site(mini)
    assert ">Group<select" in (folder / "cards.html").read_text("utf-8")
    assert "<dt>Group</dt>" in (folder / "card" / "polly-purpose.html").read_text("utf-8")


def test_every_line_of_the_outline_names_its_topics(mini: Path) -> None:
    folder = site(mini)
    source = (folder / "outline.html").read_text("utf-8")
    counts = json.loads(run(mini, "coverage", "--format", "json").out)
    titles = {row["topic"]: row["title"] for row in counts["topics"]}
    for line in counts["outline"]:
        start = source.index(f"<p>{line['text']}</p>")
        end = source.index("</div>", start)
        assert all(titles[topic] in unescape(source[start:end]) for topic in line["topics"])
    assert dead_links(folder) == []


def test_a_heading_of_the_outline_does_not_repeat_its_part(mini: Path) -> None:
    settings = "schema/vocabulary/mini.toml"
    edit(mini, 'heading = "First"', 'heading = "Task 4.2"', settings)
    edit(mini, 'heading = "Second"', 'heading = "Task 4.1 · Copying"', settings)
    source = (site(mini) / "outline.html").read_text("utf-8")
    assert re.findall("<h3>(.*?)</h3>", source) == ["Copying"]


@pytest.mark.parametrize(
    ("have", "missing", "expected"),
    [(0, 4, 0), (1, 3, 1), (2, 2, 2), (3, 1, 2), (4, 0, 3), (0, 0, 3)],
)
def test_levels_of_topics(have: int, missing: int, expected: int) -> None:
    row = TopicRow("t", "T", "4.1", have, have + missing, missing, {})
    assert level(row) == expected


def checks_source(project: Path) -> str:
    return (site(project) / "ages.html").read_text("utf-8")


def checks_page(project: Path) -> Page:
    return Page(checks_source(project))


def due_cards(page: Page) -> int:
    """The number of cards that the page of checks calls due."""
    (number,) = re.findall(r"(\d+) cards are due", text(page))
    return int(number)


def test_what_is_due_for_another_check_comes_first(mini: Path) -> None:
    page = checks_page(mini)
    assert due_cards(page) == 3, "they have no date"
    edit(mini, 'title = "A limit"', 'title = "A limit"\nfresh = 1', "schema/vocabulary/mini.toml")
    edit(mini, "- checked: 2026-10\n", "- checked: 2026-03\n")
    page = checks_page(mini)
    stale = json.loads(run(mini, "stale", "--format", "json").out)
    due = [row["card"] for row in stale if row["urgency"] is None or row["urgency"] >= 1]
    assert 3 < len(due) < len(stale)
    assert due_cards(page) == len(due)
    links = [a for tag, _, a in page.links() if tag == "a" and a.startswith("card/")]
    assert links == [f"card/{name}.html" for name in due], "the most urgent first"
    assert "quota · checked 2026-03, 9 months ago · due after 1 month" in text(page)


def test_the_table_of_ages_has_every_dated_card_once(mini: Path) -> None:
    edit(mini, 'title = "A limit"', 'title = "A limit"\nfresh = 2', "schema/vocabulary/mini.toml")
    source = (site(mini) / "ages.html").read_text("utf-8")
    dated = [
        row for row in json.loads(run(mini, "stale", "--format", "json").out) if row["checked"]
    ]
    assert re.findall(r'<th scope="col" class="num">(.*?)</th>', source) == ["0–1", "2–11", "12+"]
    rows = re.findall(r'(?s)<th scope="row">(\w+) .*?</th>(.*?)</tr>', source)
    assert {kind for kind, _ in rows} == {row["kind"] for row in dated}
    for kind, cells in rows:
        *ages, _ = re.findall("<td[^>]*>(.*?)</td>", cells)
        among = sum(row["kind"] == kind for row in dated)
        assert sum(int(cell.split(" ")[0] or 0) for cell in ages) == among


def test_the_table_of_ages_shades_what_is_due_and_the_list_says_when(mini: Path) -> None:
    """A card with a number is due sooner than others of its kind."""
    edit(mini, 'title = "A limit"', 'title = "A limit"\nfresh = 12', "schema/vocabulary/mini.toml")
    edit(mini, "- checked: 2026-10\n", "- checked: 2026-03\n")
    stale = json.loads(run(mini, "stale", "--format", "json").out)
    (row,) = [row for row in stale if row["checked"] == "2026-03"]
    assert row["urgency"] == pytest.approx(9 / 12 * 1.5)
    page = checks_page(mini)
    said = text(page)
    assert "checked 2026-03, 9 months ago · due after 8 months · a number" in said
    source = checks_source(mini)
    (cells,) = re.findall(r'(?s)<th scope="row">quota .*?</th>(.*?)</tr>', source)
    shaded = re.findall(
        r'<td class="num" style="--due: (\d+)%">(\d+) .*?(\d+) due</span></td>', cells
    )
    assert [due for *_, due in shaded] == ["1"]
    assert cells.endswith('<td class="num">1</td>')
    assert source.index("<table") < source.index("<ol"), "on phones, the table first"
