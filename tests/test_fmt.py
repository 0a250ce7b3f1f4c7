"""`fmt`: one normal form, and never another meaning."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import REPO, run

UGLY = """\ufeff#   Amazon Polly  #\r
\r
##   polly-a   \r
* checked: 2026-10\r
* topic:   voices\r
* source: https://docs.example.com/x\r
* kind: quota\r
\r
\r
Polly takes {{c1::3,000}}  \r
   characters.   \r
\r
---\r
\r
* one\r
* two\r
\r
| a|b |\r
|:-|--:|\r
|1|`x \\| y` |\r
\r
~~~json\r
{}\r
~~~\r
\r
$$x < 1$$\r
## polly-b\r
- kind: scenario\r
- topic: voices\r
\r
Which?\r
\r
- [X] one\r
\r
  Because.\r
- [ ] two\r
\r
    For other cases:\r
\r
    1) a\r
    2) b\r
- [ ] three\r
\r
  > quoted\r
  > reason\r
"""

TIDY = """# Amazon Polly

## polly-a

- kind: quota
- topic: voices
- source: https://docs.example.com/x
- checked: 2026-10

Polly takes {{c1::3,000}}\\
characters.

---

- one
- two

| a | b |
| :-- | --: |
| 1 | `x \\| y` |

```json
{}
```

$$
x < 1
$$

## polly-b

- kind: scenario
- topic: voices

Which?

- [x] one

  Because.

- [ ] two

  For other cases:

  1. a
  2. b

- [ ] three

  > quoted
  > reason
"""


def home(project: Path) -> Path:
    file = project / "cards" / "4.2-services" / "polly.md"
    file.parent.mkdir(parents=True)
    return file


def test_a_file_comes_into_its_normal_form_and_stays_there(bare: Path) -> None:
    file = home(bare)
    file.write_bytes(UGLY.encode())
    run(bare, "decks")
    before = (bare / "dist" / "all.apkg").read_bytes()
    result = run(bare, "fmt")
    assert (result.code, result.out) == (0, "")
    assert file.read_text("utf-8") == TIDY
    run(bare, "decks")
    assert (bare / "dist" / "all.apkg").read_bytes() == before
    assert "0 changed" in run(bare, "fmt").err


def test_check_writes_nothing(bare: Path) -> None:
    file = home(bare)
    file.write_bytes(UGLY.encode())
    result = run(bare, "fmt", "--check")
    assert result.code == 1
    assert "F902" in result.out
    assert file.read_bytes() == UGLY.encode()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(("characters.", "<b>characters</b>."), "P211", id="a file with errors"),
        pytest.param(
            ("characters.\n", "characters\n        - and more.\n"),
            "F901",
            id="a form that would change the meaning",
        ),
    ],
)
def test_is_left_alone(change: tuple[str, str], code: str, bare: Path) -> None:
    file = home(bare)
    text = TIDY.replace(*change)
    assert text != TIDY
    file.write_text(text)
    result = run(bare, "fmt")
    assert result.code == 1
    assert code in result.out
    assert file.read_text() == text


def test_single_files_and_folders(bare: Path) -> None:
    file = home(bare)
    file.write_bytes(UGLY.encode())
    assert run(bare, "fmt", "cards/4.2-services/polly.md").code == 0
    assert file.read_text("utf-8") == TIDY
    file.write_bytes(UGLY.encode())
    assert run(bare, "fmt", "cards/4.2-services").code == 0
    assert file.read_text("utf-8") == TIDY


def test_the_real_cards_are_in_normal_form() -> None:
    result = run(REPO, "fmt", "--check")
    assert (result.code, result.out) == (0, "")
