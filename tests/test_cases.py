"""Every code has examples in deckwright/core/codes/<CODE>/: bad.* gives exactly bad.txt, which
has no other code, and good.* gives no problem.

`bad.md` is one card file (it stands in for cards/services/polly.md of the mini
project); a folder `bad/` is laid over that project as it is, with the symbolic links
that `bad.links` lists. `bad.command` holds the arguments where they are not `check`.
With DECKWRIGHT_ACCEPT=1, the tests rewrite the reports.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from statistics import median

import pytest
from conftest import ACCEPT, CASES, make_project, run

from deckwright.core.diagnostics import codes

VARIANTS = sorted(
    (case.name, variant) for case in CASES.iterdir() if case.is_dir() for variant in ("bad", "good")
)


def lay(case: Path, variant: str, folder: Path) -> list[str]:
    """Makes the project of one example in `folder`; returns the arguments to run."""
    make_project(folder, cards=False)
    if (case / variant).is_dir():
        shutil.copytree(case / variant, folder, dirs_exist_ok=True)
    else:
        target = folder / "cards" / "services" / "polly.md"
        target.parent.mkdir(parents=True)
        shutil.copy(case / f"{variant}.md", target)
    links = case / f"{variant}.links"
    for line in links.read_text("utf-8").splitlines() if links.exists() else ():
        path, _, goal = line.partition(" -> ")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(goal)
    command = case / f"{variant}.command"
    return command.read_text().split() if command.exists() else ["check"]


@pytest.mark.parametrize(("code", "variant"), VARIANTS)
def test_example(code: str, variant: str, tmp_path: Path) -> None:
    case = CASES / code
    arguments = lay(case, variant, tmp_path / "project")
    result = run(tmp_path / "project", *arguments)
    if variant == "good":
        assert result.code == 0
        assert not result.out
        return
    expected = case / "bad.txt"
    if ACCEPT:
        expected.write_text(result.out, "utf-8")
    assert result.out == expected.read_text("utf-8")
    harmless = codes()[code].severity != "error"
    assert result.code == (0 if harmless else 2 if code.startswith("K") else 1)
    reported = re.findall(r"(?m)^\S.*?: (error|warning|note) ([A-Z]\d{3}): (.*)$", result.out)
    assert {(severity, code) for severity, code, _ in reported} == {(codes()[code].severity, code)}
    assert [message for *_, message in reported if message.endswith(".")] == []


def test_every_code_has_an_example_and_a_short_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both examples show something, and nothing that they have in common but a line around it."""
    monkeypatch.setenv("COLUMNS", "80")
    assert {c.name for c in CASES.iterdir()} == set(codes())
    pages = {}
    for code in codes().values():
        assert code.title.endswith(".")
        assert len(code.why) > 40
        pages[code.code] = page = run(CASES, "explain", code.code)
        assert page.code == 0
        assert code.title in page.out.replace("\n", " ")
        assert re.search(r"\nWrong.*:\n\n +\S(?s:.*)\nRight.*:\n\n +\S", page.out)
    lines = [page.out.splitlines() for page in pages.values()]
    assert [line for page in lines for line in page if len(line) > 80] == []
    assert median(map(len, lines)) <= 30
    first = '{ deck = "01 Storage", services = ["s3"] }'
    second = '      { deck = "02 Polly", services = ["polly"] },\n'
    _, wrong, right = pages["D109"].out.split("order.toml\n")
    slug = '    slug = "speech"\n'
    assert wrong.startswith(f"    [[part]]\n    decks = [{first}]\n{slug}\nRight:")
    assert right == f"    [[part]]\n    decks = [\n      {first},\n{second}    ]\n{slug}"


def test_explain_lists_all_codes_and_helps_with_a_wrong_one() -> None:
    listing = run(CASES, "explain")
    assert [line.split()[0] for line in listing.out.splitlines()] == list(codes())
    wrong = run(CASES, "explain", "C40")
    assert wrong.code == 2
    assert "`./build.py explain`" in wrong.err


def test_explain_shows_commands_and_invisible_characters() -> None:
    assert (
        "Wrong, with `./build.py decks --out notes.txt/inside/dist`:\n"
        in run(CASES, "explain", "K701").out
    )
    assert "    <U+200E>Speech.\n" in run(CASES, "explain", "P213").out
