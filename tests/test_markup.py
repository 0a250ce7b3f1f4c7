"""What looks odd and is fine, and what looks fine and would lose text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import run

QUESTION = "# P\n\n## polly-x\n\n- kind: concept\n- topic: voices\n\nQ?\n\n---\n\n"
FACT = (
    "# P\n\n## polly-x\n\n- kind: quota\n- topic: voices\n"
    "- source: https://docs.example.com/x\n- checked: 2026-09\n\n"
)


def put(project: Path, text: str) -> Path:
    file = project / "cards" / "4.2-services" / "polly.md"
    file.parent.mkdir(parents=True)
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            "`s3:*` and s3:* allow all; 2 * 3, a_b_c and [1].",
            "<code>s3:*</code> and s3:* allow all; 2 * 3, a_b_c and [1].",
        ),
        ("$5, $10/GB, 50 % and ${HOME}/$USER.", "$5, $10/GB, 50 % and ${HOME}/$USER."),
        ("The ratio $x^2$ is $n$ at most 3.", "\\(x^2\\) is \\(n\\)"),
        ("```console\n$ aws s3 ls\nbucket\n```", "bucket"),
        ("1. ```bash\n   ls\n   ```", "ls"),
        ("> ```json\n> {}\n> ```", "{}"),
        ("| A | B |\n|---|---|\n| `a\\|b` | second |", "<code>a|b</code></td>\n<td>second"),
        ("A map {1: 2} and <Code> stay text.", "{1: 2} and &lt;Code&gt;"),
        ("[Note]: it costs more.", "[Note]: it costs more."),
        ("#EC2 is a tag.", "#EC2 is a tag."),
        ("- a\n\n* c", "<li>c</li>"),
        ("glob `**/*.md` and `\\(`", "<code>**/*.md</code>"),
    ],
)
def test_fine(body: str, shown: str, bare: Path) -> None:
    file = put(bare, QUESTION + body + "\n")
    assert run(bare, "check").out == ""
    run(bare, "decks")
    before = json.loads((bare / "dist" / "cards.json").read_text("utf-8"))[0]["fields"]
    assert shown in before["Answer"]
    assert run(bare, "fmt").out == ""
    once = file.read_text("utf-8")
    run(bare, "decks")
    assert json.loads((bare / "dist" / "cards.json").read_text("utf-8"))[0]["fields"] == before
    run(bare, "fmt")
    assert file.read_text("utf-8") == once


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            QUESTION + "A.\n\n##polly-y\n\n- kind: concept\n- topic: voices\n\nQ2?\n\n---\n\nA2.",
            "P214",
        ),
        (QUESTION + "```json\n{}\n\n## polly-y\n\n- kind: concept\n", "P215"),
        (QUESTION + "| A | B |\n|---|---|\n| `a|b` | second |", "P217"),
        (QUESTION + "- [ ] a\n- [x] b", "C427"),
        (QUESTION + "1. [x] one\n2. [ ] two", "C427"),
        (QUESTION + "Allow ec2:*Tags and s3:* here.", "P216"),
        (QUESTION + "2*3*4 and 2**10.", "P216"),
        (QUESTION + "&nbsp;", "C401"),
        (QUESTION + "A $\\text{ \\) }$ B", "P212"),
        (FACT + "Polly has {{c1::3}} x.\n\n--\n\nExplain", "P209"),
        (FACT + "Polly has {{c1::3}} x.\n\n> ---\n\nExplain", "P209"),
        (FACT + "At most **{{c1::3,000** billed}} chars.", "P216"),
        (FACT + "At most {{c1::*3,000}} billed* chars.", "C407"),
        (FACT + "x {{c1::arn:aws:s3:::my-bucket}} y", "C407"),
        (FACT + "x {{c1::arn:aws:iam::aws:policy/ReadOnlyAccess}} y", "C407"),
        (FACT + "x {{c1::AWS::Region}} y", "C407"),
        (FACT + "x [{{c1::3,000](https://a.b)}} y", "C407"),
        ("---\nlayout: card\n---\n\n" + QUESTION + "A", "P202"),
    ],
)
def test_refused(text: str, code: str, bare: Path) -> None:
    put(bare, text + "\n")
    result = run(bare, "check", "--format", "json")
    assert {d["code"] for d in json.loads(result.out)} == {code}


@pytest.mark.parametrize(
    "options",
    [
        ("`a_b`", "`a-b`", "`a b`"),
        ("a != b", "a = b", "a == b"),
        ("→", "←", "↑"),
        ("None", "Both", "One"),
    ],
)
def test_options_that_differ_only_in_signs(options: tuple[str, ...], bare: Path) -> None:
    listed = "".join(
        f"- [{'x' if n == 0 else ' '}] {o}\n\n  Right for case {n}.\n\n"
        for n, o in enumerate(options)
    )
    put(bare, QUESTION.replace("concept", "scenario").replace("---\n\n", "") + listed)
    codes = {d["code"] for d in json.loads(run(bare, "check", "--format", "json").out)}
    assert codes == ({"C426"} if "Both" in options else set())


@pytest.mark.parametrize(
    "reason",
    [
        "Route 53 answers A records.",
        "DHCP option 6 sets DNS servers.",
        "The first answer in DNS wins.",
        "C is not memory-safe.",
        "Spot is the first choice here.",
    ],
)
def test_reasons_that_only_sound_like_letters(reason: str, bare: Path) -> None:
    listed = "".join(f"- [{'x' if n == 0 else ' '}] case {n}\n\n  {reason}\n\n" for n in range(3))
    put(bare, QUESTION.replace("concept", "scenario").replace("---\n\n", "") + listed)
    assert run(bare, "check").out == ""


def test_a_card_that_another_is_compared_with_keeps_its_code_and_formulas(bare: Path) -> None:
    first = FACT + "Polly, `a<b` and $x_{1}$: at most {{c1::`AWS::X`}} of **[sound:x.mp3]**.\n"
    metadata = "- kind: concept\n- topic: voices\n- compare: polly-x"
    put(bare, f"{first}\n## polly-y\n\n{metadata}\n\nQ?\n\n---\n\nA.\n")
    assert run(bare, "decks").code == 0
    shown = json.loads((bare / "dist" / "cards.json").read_text("utf-8"))
    compared = next(card["fields"]["Compare"] for card in shown if card["id"] == "polly-y")
    sound = "[<!-- -->sound:x.mp3]"
    formula, answer = "\\(x_{1}\\)", "<b><code>AWS::X</code></b>"
    item = f"<li>Polly, <code>a&lt;b</code> and {formula}: at most {answer} of {sound}.</li>"
    assert item in compared
