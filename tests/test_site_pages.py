"""The pages of the site above the cards: home, outline and checks, and what all pages have."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from built_site import ParsedPage, dead_links, parsed, site
from conftest import SETTINGS, TODAY, edit, run

from deckwright import pipeline
from deckwright.cards.staleness import Aged, aged

VOCABULARY = "schema/vocabulary/mini.toml"


def listed(mini: Path, command: str) -> dict | list:
    """What a command prints as JSON."""
    return json.loads(run(mini, command, "--format", "json").out)


def ranked(project: Path) -> tuple[Aged, ...]:
    """The cards of a project, the most urgent to check again first."""
    checked = pipeline.check(project, TODAY).value
    assert checked
    return aged(checked.cards, checked.project, TODAY)


def described(page: ParsedPage) -> dict[str, str]:
    """What a page says about itself to those that share or list it, by name."""
    metas = [attributes for tag, attributes in page.elements if tag == "meta"]
    names = ("property", "name")
    return {meta[name]: meta["content"] for meta in metas for name in names if name in meta}


def cards_linked(page: ParsedPage) -> list[str]:
    """The ids of the cards that a page links to, in order."""
    links = [a for tag, _, a in page.links() if tag == "a" and a.startswith("card/")]
    return [link.removeprefix("card/").removesuffix(".html") for link in links]


def test_every_page_has_a_title_and_a_description_of_its_own_to_share(built: Path) -> None:
    titles = set()
    for number, path in enumerate(built.rglob("*.html"), 1):
        page = parsed(path)
        about = described(page)
        assert about["og:title"].endswith("· Mini"), path
        assert 20 < len(about["og:description"]) <= 203, path
        assert about["description"] == about["og:description"], path
        assert "og:url" not in about, "the project does not know its site's address"
        assert not [names for _, names in page.elements if names.get("rel") == "canonical"]
        titles.add(about["og:title"])
        assert len(titles) == number
    source = (built / "card" / "polly-purpose.html").read_text("utf-8")
    assert "voice" in described(ParsedPage(source))["og:description"].lower()
    assert re.findall("<h1>(.*?)</h1>", source) == ["Voices"]
    assert "<dt>ID</dt><dd><code>polly-purpose</code></dd>" in source
    words = ParsedPage(source).words
    assert ("OLD 2.1: Use voices" in words, "The old exam" in words) == (True, False)
    assert ("a", "href", "../cards.html#task=next%3A%3A2.1") in ParsedPage(source).links()


def test_a_site_and_its_fork_name_their_addresses_and_packages(mini: Path) -> None:
    address = 'site = "https://deck.example"\nrepository = "https://code.example/deck"'
    edit(mini, 'tag = "mini"\n', f'tag = "mini"\n{address}\n', SETTINGS)
    folder = site(mini)
    for path, place in (("index.html", ""), ("card/polly-purpose.html", "card/polly-purpose.html")):
        page = parsed(folder / path)
        full = f"https://deck.example/{place}"
        assert described(page)["og:url"] == full
        assert full in [e["href"] for _, e in page.elements if e.get("rel") == "canonical"]
        assert ("a", "href", "https://code.example/deck") in page.links()
        assert "with My cards" not in page.words
    assert run(mini, "fork", "My cards").code == 0
    home = mini / "cards" / "mine" / "services"
    home.mkdir(parents=True)
    card = (
        "## ours\n\n- kind: concept\n- topic: voices\n\nWhose voice is ours?\n\n---\n\nNobody's.\n"
    )
    (home / "polly.md").write_text(f"# Mine\n\n{card}", "utf-8")
    with (mini / "decks" / "mine.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[[package]]\npath = "few.apkg"\ncards = "mine"\nservice = ["polly"]\n')
        settings.write('\n[[package]]\npath = "most.apkg"\nwithout-part = ["summary"]\n')
    for path in site(mini).rglob("*.html"):
        page = parsed(path)
        assert "Mini with My cards" in page.words
        assert "og:url" not in described(page)
    source = (folder / "index.html").read_text("utf-8")
    title = re.compile(r'href="packages/([^"]+)" download>\s*<span class="what">(.*?)<')
    titles = dict(title.findall(source))
    assert titles["mine.apkg"] == "My cards"
    assert titles["few.apkg"] == "My cards: Amazon Polly"
    assert titles["most.apkg"] == "All cards, without Summary"


def test_the_first_page_has_one_card_to_try_and_few_open_lists(built: Path) -> None:
    home = parsed(built / "index.html")
    assert len(home.frames) == 2, "the front and the back of one card"
    assert "museum" in home.frames[0].text.lower(), "the one that can be answered by a click"
    assert cards_linked(home) == ["polly-for-museum"]
    source = (built / "index.html").read_text("utf-8")
    folded = re.findall(r"(?s)<details class=.more-packages.>.*?</details>", source)
    assert "packages/service/s3.apkg" in "".join(folded)
    assert "packages/all.apkg" not in "".join(folded)


def test_the_first_page_says_what_the_deck_is_and_where_to_start(mini: Path) -> None:
    edit(mini, 'tag = "mini"\n', 'tag = "mini"\nabout = "A <deck> & more."\n', SETTINGS)
    first = (
        'path = "first.apkg"\npart = ["services"]\ntitle = "First steps"\nabout = "A <quick> start"'
    )
    edit(mini, "[[package]]", f"[[package]]\n{first}\n\n[[package]]", SETTINGS)
    words = parsed(site(mini) / "index.html").words
    assert "A <deck> & more." in words
    assert re.search("First steps .*A <quick> start", words)
    assert words.count("start here") == 1
    assert "Practice now Download First steps" in words
    assert re.search(r"\b9 cards .* 11 in Anki", words)


def test_the_first_page_has_only_the_changes_for_learners(mini: Path) -> None:
    (mini / "CHANGELOG.md").write_text(
        "# Changes\n\n## Unreleased\n\nFor learners:\n\n"
        "- Push keeps your tags ([docs/pushing.md](docs/pushing.md)).\n"
        "- See [the rules](docs/rules.md) and [Anki](https://example.com/anki).\n\n"
        "For authors:\n\n- Better commands.\n",
        "utf-8",
    )
    folder = site(mini)
    home = parsed(folder / "index.html")
    assert "Push keeps your tags. See the rules and Anki." in home.words
    assert ("a", "href", "https://example.com/anki") in home.links()
    assert not re.search("commands|For learners|CHANGELOG.md", home.words)
    assert dead_links(folder) == []
    repository = 'repository = "https://code.example/deck"'
    edit(mini, 'tag = "mini"\n', f'tag = "mini"\n{repository}\n', SETTINGS)
    assert "CHANGELOG.md" in parsed(site(mini) / "index.html").words


def topics(source: str) -> dict[str, tuple[str, str]]:
    """What the tile of each topic says below its title, and its details on the number planned."""
    out = {}
    for tile in source.split('<span class="topic">')[1:]:
        (counts,) = re.findall(r'(?s)^.*?<span class="counts">(.*?)</span>', tile)
        planned = re.findall(r'(?s)<p class="acts">.*?class="counts">(.*?)<', tile)
        title = unescape(tile.partition("</span>")[0])
        out[title] = re.sub("<[^>]*>", "", counts), "".join(planned)
    return out


@pytest.mark.parametrize("core", [9, 1])
def test_the_outline_says_how_many_cards_each_topic_has_and_misses(core: int, mini: Path) -> None:
    edit(mini, "core = 4", f"core = {core}", VOCABULARY)
    folder = site(mini)
    source = (folder / "outline.html").read_text("utf-8")
    page, counts = ParsedPage(source), listed(mini, "coverage")
    links = [address for tag, _, address in page.links() if tag == "a"]
    assert ("missing" in source) == (counts["missing"] > 0)
    shown = topics(source)
    assert list(shown) == [row["title"] for row in counts["topics"]], "each once, in teaching order"
    for row in counts["topics"]:
        tile, planned = shown[row["title"]]
        missing = f" · {row['missing']} missing" if row["missing"] else ""
        assert tile.startswith(f"{row['have']} cards{missing}")
        assert (str(row["core"]) in planned) == (row["have"] < row["core"]), row
        assert f"practice.html#topic={row['topic']}" in links
        assert f"cards.html#topic={row['topic']}" in links
    assert {*cards_linked(page)} == {path.stem for path in (folder / "card").iterdir()}
    titles = {row["topic"]: row["title"] for row in counts["topics"]}
    for line in counts["outline"]:
        start = source.index(f"<p>{line['text']}</p>")
        part = unescape(source[start : source.index("</div>\n</li>", start)])
        assert all(titles[topic] in part for topic in line["topics"])
    assert dead_links(folder) == []


def test_the_outline_is_by_domain_if_an_exam_has_domains(mini: Path) -> None:
    """Then other outlines, folded by exam. A part without skills is a section by itself."""
    domains = 'domains = [{ number = "2", title = "Sound & sense", weight = 60 }]\n'
    facts = 'about = "Ten questions."\nsources = ["https://docs.example.com/next"]\n'
    edit(mini, 'slug = "next"\n', f'slug = "next"\n{facts}{domains}', VOCABULARY)
    edit(mini, 'heading = "First"', 'heading = "OLD 2.1 · First"', VOCABULARY)
    folder = site(mini)
    source = (folder / "outline.html").read_text("utf-8")
    page = ParsedPage(source)
    heads = [unescape(head) for head in re.findall("<h2>(.*?)</h2>", source)]
    assert heads == ["NEXT domain 2: Sound & sense", "Summary", "For the exam OLD", "Second"]
    assert re.findall("<h3.*?>(.*?): Use voices", source) == ["NEXT 2.1", "OLD 2.1"]
    assert "1 domain, 2 tasks, and 2 skills of NEXT" in page.words
    assert "Ten questions. Source" in page.words
    assert "60% of the exam · 1 topic · 4 cards" in page.words
    assert "2.1.1 Choose a voice" in page.words
    assert list(topics(source)) == ["Voices", "Words", "Copies"]
    links = {address for tag, _, address in page.links() if tag == "a"}
    assert {"practice.html#task=next%3A%3A2.1", "https://docs.example.com/next"} <= links
    assert (source.count(" · 1 not in NEXT"), source.count(">not in NEXT<")) == (1, 1)
    assert "practice.html#topic=voices&exam=next" in links
    assert "60% Sound & sense: cards serve 1 of 1" in run(mini, "coverage").out
    assert dead_links(folder) == []


def test_a_deck_without_exams_and_services_speaks_of_none(mini: Path) -> None:
    file = mini / VOCABULARY
    text = re.sub(r"(?s)\n\[\[outline\]\].*?(?=\n\[\[(?!outline)|\Z)", "", file.read_text("utf-8"))
    file.write_text(re.sub(r'(deck = "(Polly|S3)"\n)', r"\1theme = true\n", text), "utf-8")
    folder = site(mini)
    source = (folder / "outline.html").read_text("utf-8")
    assert (" 3 topics" in source, "exam" in source) == (True, False)
    assert ">Group<select" in (folder / "cards.html").read_text("utf-8")
    assert "<dt>Group</dt>" in (folder / "card" / "polly-purpose.html").read_text("utf-8")


def test_the_numbers_of_each_service_are_on_one_page(mini: Path) -> None:
    edit(mini, "tags not counted.", "tags not counted (both fixed).")
    folder = site(mini)
    source = (folder / "numbers.html").read_text("utf-8")
    page, counts = ParsedPage(source), listed(mini, "coverage")
    tables = re.findall("(?s)<h2>(.*?)</h2>(.*?)</table>", source)
    assert [(unescape(name), rows.count("<tr>") - 1) for name, rows in tables] == [
        (row["title"], row["kinds"]["quota"]) for row in counts["services"]
    ]
    assert "polly-input-length" in cards_linked(page)
    assert '<mark class="gap">3,000</mark>' in source
    assert "tags not counted." in source, "what the next column says is not repeated"
    assert '<span class="counts">fixed</span> <span class="counts">OLD 2.1</span>' in source
    assert ("a", "href", "https://docs.example.com/polly/latest/dg/limits.html") in page.links()
    for path in ("index.html", "outline.html"):
        assert ("a", "href", "numbers.html") in parsed(folder / path).links()
    assert dead_links(folder) == []


def test_a_deck_whose_kinds_need_no_source_has_no_page_of_numbers(mini: Path) -> None:
    edit(mini, "needs-source = true\n", "", VOCABULARY)
    folder = site(mini)
    assert not (folder / "numbers.html").exists()
    assert dead_links(folder) == []
    assert listed(mini, "coverage")["services"] == []


def test_what_is_due_for_another_check_comes_first(mini: Path) -> None:
    assert "3 cards are due" in parsed(site(mini) / "ages.html").words, "they have no date"
    edit(mini, 'title = "A limit"', 'title = "A limit"\nfresh = 1', VOCABULARY)
    edit(mini, "- checked: 2026-10\n", "- checked: 2026-03\n")
    page, stale = parsed(site(mini) / "ages.html"), ranked(mini)
    due = [one.card.id for one in stale if one.undated or one.urgency >= 1]
    assert 3 < len(due) < len(stale)
    assert f"{len(due)} cards are due" in page.words
    assert cards_linked(page) == due, "the most urgent first"
    assert "Quota · checked 2026-03, 9 months ago · due after 1 month" in page.words
