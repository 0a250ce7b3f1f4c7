"""The examples of the CommonMark specification, each as the answer of a card.

`commonmark/expected.json` says by their numbers which are refused, with which codes, and which
are different on purpose. All others give the HTML of the specification. The examples come from
the source distribution of markdown-it-py: no text of the specification is in this repository.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

from conftest import ACCEPT

from deckwright import markdown
from deckwright.cards.parse import parse
from deckwright.cards.validate import settings_of, validate_file
from deckwright.core.source import Source
from deckwright.project.project import load

EXPECTED = Path(__file__).parent / "commonmark" / "expected.json"
FOLDER = Path(sys.prefix) / "spec"  # `make test` puts it there
CARD = "## polly-a\n\n- kind: concept\n- topic: voices\n\nQ?\n\n---\n\n"
DIFFERENT = "different"  # a `---` divides a card, and `<Warning>` and `<responsive-image>` are text
# What cards have in addition: attributes of links and code, colors of code, comments in it.
_OURS = re.compile(r'</?span[^>]*>|<!-- -->| class="hl"| /(?=>)')
_BLOCK = re.compile(r"\s*(</?(?:p|li|ul|ol|blockquote|pre|code|hr|h\d)\b[^>]*>)\s*")


def examples() -> list[dict]:
    """The examples in the source distribution of the installed version."""
    name = f"markdown_it_py-{version('markdown-it-py')}"
    with tarfile.open(FOLDER / f"{name}.tar.gz") as archive:
        file = archive.extractfile(f"{name}/tests/test_cmark_spec/commonmark.json")
        assert file
        return json.load(file)


def compared(html: str) -> str:
    html = _BLOCK.sub(r"\1", _OURS.sub("", html)).replace("&quot;", '"')
    return " ".join(html.split())


def test_every_example_is_as_in_the_specification_or_refused(bare: Path) -> None:
    project = load(bare).value
    assert project
    settings = settings_of(project, ())
    found: dict[str, list[int]] = {}
    for example in examples():
        source = Source("cards/services/polly.md", CARD + example["markdown"], "cards", "mini")
        parsed = parse(source)
        checked = validate_file(source, parsed.value, settings)
        diagnostics = (*parsed.diagnostics, *checked.diagnostics)
        codes = sorted({one.code for one in diagnostics if one.severity == "error"})
        if not codes:
            _, *answers = parsed.value[0].sections
            html = "".join(markdown.field_html(answer.blocks, str) for answer in answers)
            codes = [] if compared(html) == compared(example["html"]) else [DIFFERENT]
        if codes:
            found.setdefault(" ".join(codes), []).append(example["example"])
    if ACCEPT:
        lines = (f"  {json.dumps(key)}: {found[key]}" for key in sorted(found))
        EXPECTED.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    assert found == json.loads(EXPECTED.read_text("utf-8"))
