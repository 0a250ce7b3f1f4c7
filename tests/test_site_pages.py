"""The pages of the site above the cards: home, outline and checks, and what all pages have."""

from __future__ import annotations

import re
from pathlib import Path

from conftest import run
from test_site import Page, dead_links, edit, html_pages, site


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
    """Make the project a fork with a card of its own, and add lines to its settings."""
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
