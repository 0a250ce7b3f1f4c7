"""Facts against published data: the record, what changes in the data, and missing data."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import CASES, POLLY, REPO, run

from deckwright.facts.datasets import Datasets
from deckwright.facts.evidence import EvidenceError
from deckwright.project.vocabulary import Data

MODEL = {
    "shapes": {
        "Names": {"max": 5, "min": 1},
        "Age": {
            "max": 86400,
            "documentation": (
                "<p>Kept for <code>24 hours</code>. Then it goes away.</p><p>Read it in time.</p>"
            ),
        },
        "Body": {"max": 6291456},
        "Engine": {"enum": ["standard", "neural", "long-form"]},
        "Class": {"enum": ["STANDARD", "INFREQUENT_ACCESS"]},
        "Level": {"name": "Read", "on": True},
        "Note": {
            "documentation": (
                "At most two calls per second are taken; the default behavior of missing is used."
            )
        },
        "a.b": {"c": 7},
        "No": {"documentation": "They are not kept, but with SSE-S3 keys. Only in FastFile mode."},
        "Code": {"enum": ["a:b", "a:*"]},
        "Many": {"documentation": "Send 2, 3 or 4 of them."},
    },
    "rows": [{"Sid": "First", "n": 1}, {"Sid": "Second", "n": 2}],
}


def lay_data(folder: Path, model: object, version: str = "1.2") -> Path:
    """A package with data, as pip would unpack it."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "example_data").mkdir(parents=True)
    (folder / "example_data" / "polly.json").write_text(json.dumps(model), "utf-8")
    (folder / f"example_data-{version}.dist-info").mkdir()
    (folder / f"example_data-{version}.dist-info" / "METADATA").write_text(
        f"Name: example-data\nVersion: {version}\n", "utf-8"
    )
    return folder


@pytest.fixture
def project(bare: Path) -> Path:
    """A project with data of its own, and no card."""
    shutil.copy(
        CASES / "E101/bad/schema/vocabulary/evidence.toml", bare / "schema/vocabulary/evidence.toml"
    )
    lay_data(bare / "data", MODEL)
    return bare


def write_card(
    folder: Path, sentence: str, *evidence: str, source: str = "https://docs.example.com/"
) -> None:
    lines = f"- source: {source}\n- checked: 2026-08\n"
    lines += "".join(f"- evidence: {line}\n" for line in evidence)
    head = f"# Polly\n\n## polly-fact\n\n- kind: quota\n- topic: voices\n{lines}\n"
    (folder / "cards/services").mkdir(parents=True, exist_ok=True)
    (folder / POLLY).write_text(f"{head}{sentence}\n", "utf-8")


def states(folder: Path) -> list[str]:
    """The states of all facts; the exit code fits them."""
    found = run(folder, "verify", "--data", "data", "--format", "json")
    states = [fact["state"] for fact in json.loads(found.out)["facts"]]
    assert found.code == ("changed or gone" in states)
    return states


def test_answers_and_right_options_are_values_too(project: Path) -> None:
    asked = "# Polly\n\n## polly-asked\n\n- kind: concept\n- topic: voices\n"
    asked += "- evidence: polly::shapes.Names.max\n\n"
    (project / "cards/services").mkdir(parents=True)
    for answer, expected in (("Five.", "by data"), ("Four.", "changed or gone")):
        text = f"{asked}How many names does Polly take?\n\n---\n\n{answer}\n"
        (project / POLLY).write_text(text, "utf-8")
        assert states(project) == [expected]
    asked = asked.replace("concept", "scenario").replace("Names.max", "Engine.enum has neural")
    for right, expected in (("neural", "by data"), ("standard", "changed or gone")):
        options = "".join(
            f"- [{'x' if o == right else ' '}] {o}\n\n  It is so named.\n\n"
            for o in ("standard", "neural", "long-form")
        )
        (project / POLLY).write_text(f"{asked}Which engine of Polly is it?\n\n{options}", "utf-8")
        assert states(project) == [expected]


def test_a_changed_value_is_reported_with_what_was_recorded(project: Path) -> None:
    write_card(
        project,
        "Polly takes {{c1::5}} names (fixed) and keeps them {{c2::24 hours}} in {{c3::standard}}.",
        "polly::shapes.Names.max",
        "c2 polly::shapes.Age.documentation~for 24 hours",
        "c3 polly::shapes.Engine.enum has standard",
    )
    assert "warning E104" in run(project, "verify", "--data", "data").out
    run(project, "verify", "--data", "data", "--record")
    assert (
        "polly-fact\tc2 polly::shapes.Age.documentation~for 24 hours\texample-data\t1.2\t24 hours"
        "\tKept for 24 hours.\n" in (project / "decks/evidence/mini.tsv").read_text("utf-8")
    )
    assert run(project, "verify", "--data", "data").out == ""

    model = json.loads(json.dumps(MODEL))
    lay_data(project / "newer", model, "2.0")
    assert run(project, "verify", "--data", "newer").out == ""
    model["shapes"]["Names"]["max"] = 6
    model["shapes"]["Engine"]["enum"] = ["neural"]
    lay_data(project / "newer", model, "2.0")
    result = run(project, "verify", "--data", "newer")
    assert result.code == 1
    assert re.findall(r"error (E\d+): .*; .* example-data 1\.2: (.*)", result.out) == [
        ("E101", "5"),
        ("E102", "standard"),
    ]


def test_without_the_data_the_way_out_is_said(project: Path) -> None:
    write_card(project, "Polly, names in a call (fixed): {{c1::5}}.", "polly::shapes.Names.max")
    shutil.rmtree(project / "data")
    found = run(project, "verify")
    assert found.code == 2
    assert "example-data" in found.err
    assert "make data" in found.err
    assert run(project, "check").code == 0
    assert run(project, "decks").code == 0


@pytest.mark.parametrize(
    "broken",
    [
        "[1, 2",
        "",
        "null",
        "\x00",
        "[" * 100_000,
        '{"shapes": {"Names": {"max": ' + "9" * 400 + "}}}",
    ],
)
def test_data_that_cannot_be_read_is_gone_and_no_trace(broken: str, project: Path) -> None:
    write_card(project, "Polly, names in a call (fixed): {{c1::5}}.", "polly::shapes.Names.max")
    (project / "data/example_data/polly.json").write_text(broken, "utf-8")
    assert states(project) == ["changed or gone"]


def test_lines_to_paste_agree_with_the_card_they_are_pasted_into(project: Path) -> None:
    found = run(project, "evidence", "polly", "kept", "24", "--data", "data")
    line = found.out.splitlines()[0].removeprefix("- evidence: ")
    write_card(project, "Polly keeps it (fixed) {{c1::24 hours}}.", line)
    assert states(project) == ["by data"]
    assert run(project, "evidence", "polly", "names", "--data", "data").out.startswith(
        "- evidence: polly::shapes.Names.max\n    5\n"
    )
    wrong = run(project, "evidence", "poly", "names", "--data", "data")
    assert (wrong.code, "`polly`" in wrong.err) == (2, True)
    assert run(project, "evidence", "polly", "nonsense", "--data", "data").code == 1


def test_the_real_deck_agrees_with_published_data_and_is_on_record() -> None:
    found = run(REPO, "verify", "--format", "json")
    body = json.loads(found.out)
    assert [c for c in body["diagnostics"] if c["severity"] != "note"] == []
    assert found.code == 0
    assert body["counts"]["by data"] > 0


def test_files_are_read_and_not_run(tmp_path: Path) -> None:
    package = tmp_path / "example_data"
    (package / "polly" / "2020-01-01").mkdir(parents=True)
    (package / "polly" / "2021-01-01").mkdir()
    (tmp_path / "example_data-3.dist-info").mkdir()
    (tmp_path / "example_data-3.dist-info" / "METADATA").write_text(
        "Name: example-data\nVersion: 3\n", "utf-8"
    )
    for year in ("2020", "2021"):
        (package / "polly" / f"{year}-01-01" / "m.json.gz").write_bytes(
            gzip.compress(json.dumps({"year": int(year)}).encode())
        )
    (package / "code.py").write_text("raise SystemExit", "utf-8")
    table = (
        Data("code", "", "example-data", "example_data/code.py"),
        Data("*", "", "example-data", "example_data/{name}/*/m.json.gz"),
    )
    data = Datasets(table, tmp_path)
    assert data.value("polly", "year") == 2021
    for name, path in (("polly", "month"), ("code", "year"), ("other", "year")):
        with pytest.raises(EvidenceError):
            data.value(name, path)
    assert data.names() == ("code", "polly")


def test_changes_of_the_data_are_listed_beside_the_sentences_they_may_concern(
    project: Path,
) -> None:
    write_card(project, "A {{c1::standard}} voice of Polly stops the job after 15 minutes.")
    with (project / POLLY).open("a", encoding="utf-8") as file:
        file.write("\n---\n\nIt waits one hour. Polly can't pause a voice job. It can't wait.\n")
    limit = "<p>How long a voice may speak before the job stops. At most {} seconds.</p>"
    hour = {"Wait": {"max": 3600}, "Break": {"max": 900}}
    for name, most, more, operations in (
        ("old", "900", hour, {}),
        ("new", "1,800", {"Wait": {"max": 7200}, "Break": {"max": 1800}}, ("PauseVoiceJob",)),
    ):
        model = {
            "shapes": {"Timeout": {"documentation": limit.format(most)}, **more},
            "operations": {one: {"name": one} for one in ("StartJob", *operations)},
        }
        lay_data(project / name, model)
    out = run(project, "verify", "--data", "new", "--since", "old").out.splitlines()
    assert out == [
        "polly::shapes.Timeout.documentation no longer says 900 seconds; new: 1,800 seconds",
        f"  {POLLY}:3: polly-fact: A standard voice of Polly stops the job after 15 minutes.",
        "polly::shapes.Wait.max no longer says 3,600; new: 7,200",
        f"  {POLLY}:3: polly-fact: It waits one hour.",
        "polly has new operations: PauseVoiceJob",
        f"  {POLLY}:3: polly-fact: Polly can't pause a voice job.",
    ]
    assert run(project, "verify", "--data", "new", "--since", "new").out == ""
