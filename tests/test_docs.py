"""What the documents say is true: their examples compile, their commands exist, their
links lead somewhere.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from anki_learner import AGAIN, Learner
from conftest import REPO, catalog, run

from deckwright.cli.main import main
from deckwright.project import project

DOCUMENTS = [
    path
    for path in sorted((*REPO.glob("*.md"), *REPO.glob("*/*.md")))
    if path.name != "windows.md" and not path.parent.name.startswith(".")
]


def copy_of_the_project(folder: Path) -> Path:
    for name in ("schema", "decks"):
        shutil.copytree(REPO / name, folder / name, ignore=shutil.ignore_patterns("ledger"))
    (folder / "cards").mkdir()
    return folder


def test_the_example_cards_compile(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path / "p")
    text = (REPO / "cards" / "README.md").read_text("utf-8")
    cards = re.findall(r"(?ms)^```markdown\n(.*?)^```$", text)
    home = project / "cards" / "ai-services"
    home.mkdir()
    (home / "polly.md").write_text("\n".join(cards), "utf-8")
    result = run(project, "check")
    assert (result.code, result.out) == (0, "")
    assert run(project, "fmt", "--check").out == ""
    run(project, "decks")
    rows = catalog(project / "dist").values()
    assert sorted(row["type"] for row in rows) == ["basic", "cloze", "multiple-choice"]


def test_the_table_of_keys_is_the_schema() -> None:
    text = (REPO / "cards" / "README.md").read_text("utf-8")
    table = re.findall(r"(?m)^\| `([\w-]+)`(?: \*)? \|", text)
    assert table == list(
        json.loads((REPO / "schema" / "card.schema.json").read_text("utf-8"))["properties"]
    )


def test_the_problem_in_the_readme_is_what_the_compiler_says(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path / "p")
    home = project / "cards" / "ai-services"
    home.mkdir()
    (home / "polly.md").write_text(
        "# Amazon Polly\n\n\n\n## polly-a\n\n- kind: qouta\n- topic: polly-quotas\n\nq?\n\n---\n\na\n",  # noqa: E501
        "utf-8",
    )
    said = run(project, "check").out.strip()
    assert said in (REPO / "README.md").read_text("utf-8")


def test_commands_and_targets_exist() -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):.*##", (REPO / "Makefile").read_text("utf-8")))
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        called = r"(?:build\.py|(?<![\w`/.-])deckwright|`deckwright)"
        for name in re.findall(rf"{called} (?:--(?:root|overlay) \S+ )*([a-z][a-z-]*)", text):
            assert name in main.commands, (document, name)
        for name in re.findall(r"`make ([a-z-]+)`", text) + re.findall(
            r"(?m)^make ([a-z-]+)$", text
        ):
            assert name in targets, (document, name)


def test_the_packages_named_for_learners_and_authors_are_built(real_dist: Path) -> None:
    pages = [(REPO / page).read_text("utf-8") for page in ("README.md", "docs/first-card.md")]
    for name in re.findall(r"`(?:dist/)?((?:[a-z]+/)?[a-z0-9.-]+\.apkg)`", "".join(pages)):
        assert (real_dist / name).exists(), name


def test_the_readme_says_how_large_the_deck_is() -> None:
    readme = (REPO / "README.md").read_text("utf-8")
    cards = re.search(r"More than ([\d,]+) flashcards", readme)
    assert cards
    counted = json.loads(run(REPO, "coverage", "--format", "json").out)
    assert counted["missing"] == 0
    assert sum(topic["have"] for topic in counted["topics"]) > int(cards[1].replace(",", ""))


def test_the_readme_says_what_the_data_say_about_the_exam() -> None:
    vocabulary = project.load(REPO).value.vocabulary
    exam, readme = vocabulary.exams["mla-c02"], (REPO / "README.md").read_text("utf-8")
    words = " ".join(readme.split())
    skills = sum(skill.exam == exam.slug for skill in vocabulary.skills)
    assert f"{len(exam.domains)} domains, {len(exam.tasks)} tasks, and {skills} skills" in words
    assert " ".join(exam.about.split()) in words
    assert re.findall(r"(?m)^\| (\d): (.+) \| (\d+)% \| (.+) \|$", readme) == [
        (
            domain.number,
            domain.title,
            str(domain.weight),
            ", ".join(task for task in exam.tasks if task[0] == domain.number),
        )
        for domain in exam.domains
    ]
    assert sum(domain.weight for domain in exam.domains) == 100


def test_the_searches_to_copy_find_cards(real_dist: Path, learner: Learner) -> None:
    """In real Anki, after one answer with Again. The page names every sort of tag."""
    page = (REPO / "docs" / "searching.md").read_text("utf-8")
    learner.add(real_dist / "ml-on-aws-all.apkg")
    learner.study(learner.col.find_cards("")[0], AGAIN)
    searches, tags = page.split("## What the tags mean")
    copied = re.findall(r"(?m)^\| `(.+?)` \|", searches)
    found = {search: len(learner.col.find_cards(search)) for search in copied}
    assert len(found) >= 10
    assert [search for search, cards in found.items() if not cards] == []
    named = re.findall(r"(?m)^\| `(.+?)` \|", tags)
    assert [tag for tag in named if not learner.col.find_cards(f"tag:{tag}")] == []
    roots = {"::".join(tag.split("::")[:2]) for tag in learner.tags()}
    assert roots == {"::".join(tag.split("::")[:2]) for tag in named}


def test_links_inside_the_repository_lead_to_a_file_and_a_heading() -> None:
    for document in DOCUMENTS:
        text = re.sub(r"!\[What it shows\]\([./]*img/name\.svg\)", "", document.read_text("utf-8"))
        for target, heading in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)]*)\)", text):
            file = document.parent / target if target else document
            assert file.exists(), (document, target)
            if heading and file.suffix == ".md":
                assert heading in headings(file), (document, target, heading)


def headings(file: Path) -> set[str]:
    """The names that a code host gives to the headings of a document."""
    text = re.sub(r"(?ms)^```.*?^```$", "", file.read_text("utf-8"))
    lines = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}
