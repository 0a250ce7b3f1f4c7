"""What an editor asks about a card file: completion, hover, definitions, fixes, formatting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import POLLY, make_project
from language_client import CHOOSING, S3, VOCABULARY, Client, client, labels, position_of

from deckwright.core.diagnostics import codes

CURSOR = "‸"
RULES = [code.code for code in codes().values() if code.craft]


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One server for many requests; polly.md is open, and s3.md with one more card."""
    with client(make_project(tmp_path_factory.mktemp("lsp") / "p")) as editor:
        editor.open(POLLY)
        editor.open(S3, f"{text_of(editor, S3)}\n## s3-x\n\n- shared-value: c1 polly-input\n")
        yield editor
        assert editor.end() == 0


def text_of(editor: Client, path: str = POLLY) -> str:
    return (editor.folder / path).read_text("utf-8")


def typed(editor: Client, lines: str) -> dict[str, int]:
    """Put lines with a cursor in the place of the kind of `polly-purpose`; return its place."""
    text = text_of(editor).replace("- kind: concept\n", f"{lines}\n", 1)
    editor.number += 1
    editor.change(POLLY, editor.number, text.replace(CURSOR, ""))
    return position_of(text, CURSOR)


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("- ‸", "- kind: "),
        ("- ki‸", "- kind: "),
        ("- ki‸: concept", "- kind: concept"),
        ("* ki‸", "* kind: "),
        ("- kind:‸", "- kind: concept"),
        ("- kind: co‸xyz", "- kind: concept"),
        ("- allow: C4‸ because 🦜", f"- allow: {RULES[0]} because 🦜"),
        ("- shared-value: c2 ‸x", "- shared-value: c2 polly-input"),
    ],
)
def test_a_completion_leaves_a_well_formed_line(editor: Client, line: str, after: str) -> None:
    place = typed(editor, line)
    first = editor.at("completion", POLLY, **place)["items"][0]
    begin, end = (first["textEdit"]["range"][side]["character"] for side in ("start", "end"))
    bare = line.replace(CURSOR, "")
    assert bare[:begin] + first["textEdit"]["newText"] + bare[end:] == after
    assert first["filterText"] == first["label"]


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        ("- kind: ‸", ["concept", "scenario", "quota"]),
        ("- status: ‸", ["legacy"]),  # not the default
        ("- also: polly\n- also: ‸", ["s3", "ideas"]),
        ("- topic: ‸", ["copies", "words"]),  # without that of the line below
        # Those of the file's part come first.
        ("- kind: x\n\nA?\n\n## b\n\n- topic: ‸\n\nQ?", ["voices", "copies", "words"]),
        ("- exam: old::2.1\n- exam: ‸", ["old::3.1", "next::2.1", "next::3.1", "none"]),
        ("- allow: ‸", RULES),
        (f"- allow: {RULES[0]} because\n- allow: ‸", RULES[1:]),
        ("- allow: C450 beca‸", []),  # a reason is free text
        ("- hint: ‸", []),
        ("- nonsense: ‸", []),
    ],
)
def test_the_values_of_a_key(editor: Client, lines: str, values: list[str]) -> None:
    place = typed(editor, lines)
    assert labels(editor.at("completion", POLLY, **place)) == values


def test_keys_are_those_that_the_card_does_not_have_and_those_that_may_repeat(
    editor: Client,
) -> None:
    found = editor.at("completion", POLLY, **typed(editor, "- level: x\n- also: s3\n- ‸"))
    assert {"level", "topic"}.isdisjoint(labels(found))  # topic is below
    assert labels(found)[:2] == ["kind", "also"]
    assert found["items"][0]["documentation"]["value"].startswith("Choose what the card asks for")


@pytest.mark.parametrize(
    "lines",
    [
        "-kind‸", "two words‸", "- two words‸", " ki‸", "kind: ba‸", "What is it?‸", "- [ ] a‸",
        "\nWhat?\n\n- kind: ‸", "\n```\n## card-a\n\n- kind: ‸\n```\n", "‸- kind: concept",
    ],
)  # fmt: skip
def test_nothing_is_offered_outside_of_metadata(editor: Client, lines: str) -> None:
    assert editor.at("completion", POLLY, **typed(editor, lines)) is None


def test_cards_of_the_file_come_first_and_those_of_unsaved_files_are_known(mini: Path) -> None:
    with client(mini) as editor:
        editor.open(POLLY)
        editor.open(
            CHOOSING, text_of(editor, CHOOSING).replace("polly-for-museum", "polly-in-museums")
        )
        found = editor.at("completion", POLLY, **typed(editor, "- compare: ‸"))
        names = labels(found)
        assert names[:2] == ["polly-input-length", "polly-task-names"]  # and not the card itself
        assert ("polly-in-museums" in names, "polly-for-museum" in names) == (True, False)
        details = {item["label"]: item["detail"] for item in found["items"]}
        assert details["s3-replication"] == "What copies objects to another Region?"


def test_of_too_many_cards_those_that_fit_are_offered(mini: Path) -> None:
    section = "## many-{0}\n\n- kind: concept\n- topic: voices\n\nWhat is {0}?\n\n---\n\nThat.\n"
    many = "\n".join(section.format(number) for number in range(300))
    (mini / "cards/services/polly/many.md").write_text(f"# Amazon Polly\n\n{many}", "utf-8")
    with client(mini) as editor:
        editor.open(POLLY)
        found = editor.at("completion", POLLY, **typed(editor, "- compare: many-29‸"))
        assert (found["isIncomplete"], len(found["items"])) == (True, 11)
        found = editor.at("completion", POLLY, **typed(editor, "- compare: ‸"))
        assert (found["isIncomplete"], len(found["items"])) == (True, 200)
        assert not editor.at("completion", POLLY, **typed(editor, "- kind: ‸"))["isIncomplete"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("- to‸pic: voices", ("**topic**", "Choose a topic of the card's part")),
        ("- topic: voi‸ces", ("Voices", "voices and their engines", "Services & cost")),
        ("- also: ‸s3", ("Amazon S3",)),
        ("- kind: quota‸", ("**quota**",)),
        ("- exam: old‸::2.1", ("The old exam",)),
        ("- status: leg‸acy", ("Gone & not coming back",)),
        (f"- allow: {RULES[0][:2]}‸{RULES[0][2:]} a test", (codes()[RULES[0]].title,)),
        ("- compare: s3-repli‸cation", ("What copies objects to another Region?", S3)),
        ("- topic: no‸ne", None),
        ("- hint: so‸me", None),
        ("- non‸sense: x", None),
        ("What do‸es it do?", None),
    ],
)
def test_hover_explains_keys_and_values(
    editor: Client, line: str, says: tuple[str, ...] | None
) -> None:
    found = editor.at("hover", POLLY, **typed(editor, line))
    if says is None:
        assert found is None
    else:
        assert [part for part in says if part not in found["contents"]["value"]] == []
        assert found["range"]["end"]["character"] > found["range"]["start"]["character"]


@pytest.mark.parametrize(
    ("line", "path", "there"),
    [
        ("- compare: s3-repli‸cation", S3, "s3-replication"),
        ("- topic: voi‸ces", VOCABULARY, 'slug = "voices"'),
        ("- also: ‸s3", VOCABULARY, 'slug = "s3"'),
        ("- exam: old‸::2.1", VOCABULARY, 'slug = "old"'),
        ("- compare: no‸ne", "", ""),
        ("- to‸pic: voices", "", ""),
        ("- checked: 2026‸-01", "", ""),
        ("text‸ of a question", "", ""),
    ],
)
def test_definitions_of_cards_and_of_words_of_the_vocabulary(
    editor: Client, line: str, path: str, there: str
) -> None:
    found = editor.at("definition", POLLY, **typed(editor, line))
    if path:
        assert found["uri"] == editor.uri(path)
        line_there = text_of(editor, path).split("\n")[found["range"]["start"]["line"]]
        assert there in line_there
    else:
        assert found is None


def test_diagnostics_with_a_replacement_have_a_fix(mini: Path) -> None:
    right = (mini / POLLY).read_text("utf-8")
    wrong = right.replace("- kind: concept", "- kind: conecpt")
    wrong = wrong.replace("- also: s3", "- also: ideaz\n- comapre: s3-copie")
    wrong = wrong.replace("Speech.", "Speech\u200b.")
    first, last = ({"line": n, "character": 0} for n in (0, len(wrong.split("\n"))))

    def fixes(editor: Client, start: dict[str, int], end: dict[str, int], **only: Any) -> Any:
        return editor.ask(
            "textDocument/codeAction",
            textDocument=editor.document(POLLY),
            range={"start": start, "end": end},
            context={"diagnostics": [], **only},
        )

    with client(mini) as editor:
        editor.open(POLLY, wrong)
        found = fixes(editor, first, last)
        assert [fix["title"] for fix in found] == [
            "Replace with `ideas`",
            "Replace with `compare`",
            "Replace with `concept`",
            "Delete this",
        ]
        lines = wrong.split("\n")
        for fix in reversed(found):
            (edit,) = fix["edit"]["changes"][editor.uri(POLLY)]
            assert edit["range"] == fix["diagnostics"][0]["range"]
            start, end = edit["range"]["start"], edit["range"]["end"]
            line = lines[start["line"]]
            lines[start["line"]] = (
                line[: start["character"]] + edit["newText"] + line[end["character"] :]
            )
        editor.change(POLLY, 2, "\n".join(lines))
        found = fixes(editor, first, last)
        # The diagnostic that the misspelled key had hidden.
        titles = [(fix["title"], fix["isPreferred"]) for fix in found]
        assert titles == [("Replace with `s3-copies`", True)]
        end = found[0]["diagnostics"][0]["range"]["end"]
        assert fixes(editor, end, end) == found
        assert fixes(editor, first, {"line": 1, "character": 0}) == []
        assert fixes(editor, first, last, only=["source.organizeImports"]) == []
        assert fixes(editor, first, last, only=["quickfix"]) == found


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_formatting_keeps_the_line_ends(mini: Path, end: str) -> None:
    right = (mini / POLLY).read_text("utf-8")
    metadata = "- kind: concept\n- topic: voices\n"
    wrong = right.replace(metadata, "- topic:   voices\n- kind: concept\n")
    wrong = wrong.replace("Speech.\n", "Speech.  \n\n\n")

    def formatted(editor: Client) -> Any:
        options = {"tabSize": 2, "insertSpaces": True}
        document = editor.document(POLLY)
        return editor.ask("textDocument/formatting", textDocument=document, options=options)

    with client(mini) as editor:
        editor.open(POLLY, wrong.replace("\n", end))
        (edit,) = formatted(editor)
        assert edit["range"]["start"] == {"line": 0, "character": 0}
        assert edit["range"]["end"]["line"] >= wrong.count("\n")
        assert edit["newText"] == right.replace("\n", end)
        editor.change(POLLY, 2, right.replace("\n", end))
        assert formatted(editor) == []
        editor.change(POLLY, 3, right.replace("- kind: concept", "- kind"))
        assert formatted(editor) is None
        assert re.match(rf"{POLLY}:\d+: ", editor.until("window/logMessage")["message"])
