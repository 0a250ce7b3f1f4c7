"""Files of a project that are far too large, or not what they seem: each is reported, and
the work that it causes has a limit.
"""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest
from conftest import POLLY, SETTINGS, edit, run, write_release
from releases import LEDGER

from deckwright.cards.rules import spelling
from deckwright.core import suggest
from deckwright.core.diagnostics import SUGGESTIONS

HUGE = "9" * 5_000  # Python converts no text of more than 4,300 digits into an integer
NOTETYPE = "decks/notetypes/basic/notetype.toml"
VOCABULARY = "schema/vocabulary/mini.toml"
RETIRED = "decks/retired/mini.toml"


@pytest.mark.parametrize("number", [HUGE, f"-{HUGE}", "0x" + "f" * 5_000])
@pytest.mark.parametrize(
    ("path", "line"),
    [
        (SETTINGS, "epoch = {}"),
        (SETTINGS, "surprise = [1, {{ a = {} }}]"),
        (NOTETYPE, "id = {}"),
        (VOCABULARY, "[[service]]\nslug = {}"),
        (RETIRED, "[[card]]\nid = {}"),
    ],
)
def test_an_integer_that_is_too_long_is_a_problem_in_its_line(
    path: str, line: str, number: str, mini: Path
) -> None:
    file = mini / path
    file.parent.mkdir(exist_ok=True)
    before = file.read_text("utf-8") if file.exists() else ""
    head, body = line.format(number).rpartition("\n")[::2]
    name = body.split(" ")[0]
    kept = [row for row in before.split("\n") if head or not row.startswith(f"{name} =")]
    lines = [*kept, head, body] if head else [body, *kept]
    file.write_text("\n".join(lines), "utf-8")
    done = run(mini, "check")
    assert done.code == 1
    at = lines.index(body) + 1 if not head else len("\n".join(lines).split("\n"))
    assert f"{path}:{at}:" in done.out
    assert "error V802" in done.out
    assert len(done.out) < 2_000
    assert run(mini, "fmt", "--check").code in (0, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("release\t1.0.0\t", f"release\t{HUGE}.0.0\t"),
        ("\t1.0.0\t", f"\t1.{HUGE}.0\t"),
        (" 2:", f" {HUGE}:"),
        ("type\tbasic\t", f"type\tbasic\t{HUGE}"),
        ("\tlive\t", f"\t1.0.{HUGE}\t"),
    ],
)
def test_a_number_that_is_too_long_for_the_ledger_is_a_problem_in_its_line(
    old: str, new: str, mini: Path
) -> None:
    write_release(mini)
    text = (mini / LEDGER).read_text("utf-8")
    edit(mini, old, new, LEDGER)
    done = run(mini, "check")
    assert done.code == 1
    line = text[: text.index(old) + 1].count("\n") + 1
    assert f"{LEDGER}:{line}:1: error L001" in done.out


def test_a_schema_with_a_number_that_is_too_long_is_not_usable(mini: Path) -> None:
    (mini / "schema/card.schema.json").write_text(f'{{"maxProperties": {HUGE}}}')
    done = run(mini, "check")
    assert done.code == 1
    assert "schema/card.schema.json:1:1: error V802" in done.out


def test_an_image_is_not_read_beyond_the_largest_size(mini: Path) -> None:
    """A sparse file of 12 GB takes no space on the disk, and fits into no memory."""
    picture = mini / "cards/reliability/img/copies.svg"
    huge = {"copies.svg": picture.read_bytes(), "big.png": b"\x89PNG\r\n\x1a\n", "big.gif": b"GIF8"}
    for name, head in huge.items():
        with (picture.parent / name).open("wb") as file:
            file.write(head)
            file.truncate(12 << 30)
    done = run(mini, "check", "--all")
    assert done.code == 1
    assert re.findall(r"(\w+\.\w+):\d+:\d+: (?:error|warning) (R6\d\d)", done.out) == [
        ("big.gif", "R610"),
        ("big.png", "R610"),
        ("s3.md", "R602"),
    ]


@pytest.mark.parametrize("arguments", ["check", "check --all", "check --format github"])
def test_suggestions_are_found_only_for_the_first_of_many_problems(
    arguments: str, mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mini / "schema/vocabulary/words.txt").write_text("Polly\n")
    rng = random.Random(arguments)  # other words each time, as some are remembered
    words = ["".join(rng.choices("bcdfghjklmnpqrstvwxz", k=9)) for _ in range(9_000)]
    cards = [
        f"## polly-flood-{n}\n\n- kind: concept\n- topic: voices\n\nWhat?\n\n---\n\n"
        + " ".join(words[n * 1_000 : (n + 1) * 1_000])
        + "\n"
        for n in range(9)
    ]
    pictures = " ".join(f"![a](../img/{word}.png)" for word in words[:250])
    cards.append(
        cards[0].split("---")[0].replace("flood-0", "images") + pictures + "\n\n---\n\nA.\n"
    )
    asked: list[str] = []
    for module, name in ((spelling, "correction"), (suggest, "get_close_matches")):
        real = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda word, *a, real=real, **b: asked.append(word) or real(word, *a, **b)
        )
    (mini / POLLY.replace(".md", "/flood.md")).write_text("# Amazon Polly\n\n" + "\n".join(cards))
    done = run(mini, "--no-cache", *arguments.split())
    assert done.code == 1
    assert 3 <= len(asked) <= 2 * SUGGESTIONS + 10


@pytest.mark.parametrize("goal", [".git/config", ".env", "decks/.hidden/x.md", "cards/.secret.md"])
@pytest.mark.parametrize("link", ["cards/services/polly/x.md", "cards/services/x.svg"])
def test_a_link_to_a_hidden_file_is_not_followed(link: str, goal: str, mini: Path) -> None:
    secret = mini / goal
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.write_text("[remote] token = geheim\n")
    (mini / link).symlink_to(os.path.relpath(secret, (mini / link).parent))
    for arguments in ("check", "decks", "fmt", "check --format json"):
        done = run(mini, *arguments.split())
        assert done.code == 1
        assert "geheim" not in done.out + done.err
        assert f"{link}:1:1: error D106" in done.out or '"code": "D106"' in done.out
    assert secret.read_text() == "[remote] token = geheim\n"
