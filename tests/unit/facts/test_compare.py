"""The state of a stated value, for every kind of evidence and many wrong values."""

from __future__ import annotations

import pytest
from test_verify import MODEL, lay_data

from deckwright.facts.datasets import Datasets
from deckwright.facts.verify import verify
from deckwright.project.project import Project
from deckwright.project.vocabulary import Data
from unit.examples import make_card

# What a card says, its evidence, and the state: values that agree and similar ones that do not.
STATED = (
    ("Polly, names in a call (fixed): {{c1::5}}.", ["polly::shapes.Names.max"], "agrees"),
    ("Polly, names in a call (fixed): {{c1::five}}.", ["polly::shapes.Names.max"], "agrees"),
    ("Polly, names in a call (fixed): {{c1::6}}.", ["polly::shapes.Names.max"], "differs"),
    (
        "Polly, names in a call (fixed): {{c1::1 to 5}}.",
        ["polly::shapes.Names.min", "polly::shapes.Names.max"],
        "agrees",
    ),
    ("Polly, names in a call (fixed): {{c1::1 to 5}}.", ["polly::shapes.Names.max"], "partly"),
    (
        "Polly, names in a call (fixed): {{c1::1 to 6}}.",
        ["polly::shapes.Names.min", "polly::shapes.Names.max"],
        "differs",
    ),
    ("Polly keeps it (fixed) {{c1::24 hours}}.", ["polly::shapes.Age.max s"], "agrees"),
    ("Polly keeps it (fixed) {{c1::24}} hours.", ["polly::shapes.Age.max s"], "agrees"),
    (
        "Polly keeps it (fixed) {{c1::one day::how long}}.",
        ["polly::shapes.Age.max seconds"],
        "agrees",
    ),
    ("Polly keeps it (fixed) {{c1::24::hours}}, then not.", ["polly::shapes.Age.max s"], "agrees"),
    ("Polly keeps it (fixed) {{c1::86,400}} s.", ["polly::shapes.Age.max s"], "agrees"),
    ("Polly keeps it (fixed) {{c1::86,400}} hours.", ["polly::shapes.Age.max s"], "differs"),
    ("Polly keeps it (fixed) {{c1::86,400}} hours.", ["polly::shapes.Age.max"], "differs"),
    ("Polly keeps it (fixed) {{c1::23 hours}}.", ["polly::shapes.Age.max s"], "differs"),
    (
        "Polly keeps it (fixed) {{c1::24 hours}}.",
        ["polly::shapes.Age.documentation~for 24 hours"],
        "agrees",
    ),
    (
        "Polly keeps it (fixed) {{c1::48 hours}}.",
        ["polly::shapes.Age.documentation~for 24 hours"],
        "differs",
    ),
    (
        "Polly keeps it (fixed) {{c1::48 hours}}.",
        ["polly::shapes.Age.documentation~for 48 hours"],
        "gone",
    ),
    (
        "Polly keeps it (fixed) {{c1::24 hours}}.",
        ["polly::shapes.Age.documentation~goes away"],
        "differs",
    ),
    ("Polly takes (fixed) {{c1::6 MB}}.", ["polly::shapes.Body.max bytes"], "agrees"),
    ("Polly takes (fixed) {{c1::6 MiB}}.", ["polly::shapes.Body.max bytes"], "agrees"),
    ("Polly takes (fixed) {{c1::6 GB}}.", ["polly::shapes.Body.max bytes"], "differs"),
    ("Polly takes (fixed) {{c1::25 MB}}.", ["polly::shapes.Body.max bytes"], "differs"),
    (
        "Polly, its engines: {{c1::neural, long-form and standard}}.",
        ["polly::shapes.Engine.enum"],
        "agrees",
    ),
    ("Polly, its engines: {{c1::neural and standard}}.", ["polly::shapes.Engine.enum"], "differs"),
    (
        "Polly, its engines: {{c1::neural and standard}}.",
        ["polly::shapes.Engine.enum has neural"],
        "partly",
    ),
    (
        "Polly, a class: {{c1::Infrequent Access}}.",
        ["polly::shapes.Class.enum has INFREQUENT_ACCESS"],
        "agrees",
    ),
    (
        "Polly, a class: {{c1::Frequent Access}}.",
        ["polly::shapes.Class.enum has INFREQUENT_ACCESS"],
        "differs",
    ),
    ("Polly, a class: {{c1::Archive}}.", ["polly::shapes.Class.enum has ARCHIVE"], "gone"),
    (
        "Polly, two: {{c1::standard}} or {{c2::neural}}.",
        ["c2 polly::shapes.Engine.enum has neural"],
        "not checkable,agrees",
    ),
    (
        "Polly, two: {{c1::standard}} or {{c2::generative}}.",
        ["c2 polly::shapes.Engine.enum has neural"],
        "not checkable,differs",
    ),
    ("Polly, access level: {{c1::Read}}.", ["polly::shapes.Level.name"], "agrees"),
    ("Polly, access level: {{c1::Write}}.", ["polly::shapes.Level.name"], "differs"),
    ("Polly, on: {{c1::true}}.", ["polly::shapes.Level.on"], "differs"),
    (
        "Polly, calls in a second: {{c1::2}}.",
        ["polly::shapes.Note.documentation~two calls per second"],
        "agrees",
    ),
    (
        "Polly, calls in a second: {{c1::3}}.",
        ["polly::shapes.Note.documentation~two calls per second"],
        "differs",
    ),
    (
        "Polly sends (fixed) {{c1::2}} of them.",
        ["polly::shapes.Many.documentation~2, 3 or 4 of them"],
        "differs",
    ),
    (
        "Polly takes {{c1::missing}} by default.",
        ["polly::shapes.Note.documentation~behavior of missing is used"],
        "agrees",
    ),
    (
        "Polly takes {{c1::ignore}} by default.",
        ["polly::shapes.Note.documentation~behavior of missing is used"],
        "differs",
    ),
    ("Polly, a name with points: {{c1::7}}.", ["polly::shapes.a.b.c"], "agrees"),
    ("Polly, the second row: {{c1::2}}.", ["polly::rows[Second].n"], "agrees"),
    ("Polly, the second row: {{c1::2}}.", ["polly::rows[0].n"], "differs"),
    ("Polly, the third row: {{c1::2}}.", ["polly::rows[2].n"], "gone"),
    ("Polly, a gone path: {{c1::2}}.", ["polly::shapes.Nothing.max"], "gone"),
    ("Polly, many values: {{c1::2}}.", ["polly::rows"], "gone"),
    ("Polly, other data: {{c1::2}}.", ["bolly::shapes.Names.max"], "gone"),
    ("Polly, nothing to check it by: {{c1::2}}.", [], "not checkable"),
    # Each of these once had another state.
    (
        "Polly keeps it (fixed) {{c1::4 hours}}.",
        ["polly::shapes.Age.documentation~4 hours"],
        "gone",
    ),
    (
        "Polly keeps it (fixed) {{c1::2}}4 hours.",
        ["polly::shapes.Age.documentation~Kept for 2"],
        "gone",
    ),
    (
        "Polly keeps it (fixed) {{c1::24 hours in a vault}}.",
        ["polly::shapes.Age.documentation~for 24 hours"],
        "partly",
    ),
    ("Polly keeps it (fixed) {{c1::at least 24 hours}}.", ["polly::shapes.Age.max s"], "partly"),
    ("Polly keeps it (fixed) {{c1::at most 24 hours}}.", ["polly::shapes.Age.max s"], "agrees"),
    ("Polly keeps it (fixed) {{c1::86,400 things}}.", ["polly::shapes.Age.max s"], "differs"),
    ("Polly keeps it (fixed) {{c1::86,400}} %.", ["polly::shapes.Age.max s"], "differs"),
    ("Polly keeps it (fixed) {{c1::-86,400}} s.", ["polly::shapes.Age.max s"], "differs"),
    ("Polly, names in a call (fixed): {{c1::5 MB}}.", ["polly::shapes.Names.max"], "differs"),
    ("Polly, names in a call (fixed): {{c1::5th}}.", ["polly::shapes.Names.max"], "partly"),
    ("Polly, names in a call (fixed): {{c1::5 names}}.", ["polly::shapes.Names.max"], "agrees"),
    ("Polly, names in a call (fixed): {{c1::5 engines}}.", ["polly::shapes.Names.max"], "partly"),
    ("Polly keeps it (fixed) {{c1::8,64,00}} s.", ["polly::shapes.Age.max s"], "differs"),
    (
        "Polly takes {{c1::two gigabytes}}.",
        ["polly::shapes.Note.documentation~At most two calls"],
        "differs",
    ),
    (
        "Polly, here {{c1::24}} hours and there {{c1::24}} days.",
        ["polly::shapes.Age.max s"],
        "differs",
    ),
    ("Polly: {{c1::kept}} in time.", ["polly::shapes.No.documentation~are not kept"], "differs"),
    ("Polly: {{c1::not kept}} in time.", ["polly::shapes.No.documentation~are not kept"], "agrees"),
    ("Polly: {{c1::a}} in time.", ["polly::shapes.No.documentation~are not kept"], "differs"),
    ("Polly: {{c1::…}} in time.", ["polly::shapes.No.documentation~are not kept"], "differs"),
    ("Polly: {{c1::SSE}} in time.", ["polly::shapes.No.documentation~with SSE-S3 keys"], "differs"),
    (
        "Polly: {{c1::SSE-S3}} in time.",
        ["polly::shapes.No.documentation~with SSE-S3 keys"],
        "agrees",
    ),
    ("Polly: {{c1::file}} mode.", ["polly::shapes.No.documentation~FastFile mode"], "differs"),
    ("Polly, a class: {{c1::`a-b`}}.", ["polly::shapes.Code.enum has a:b"], "differs"),
    ("Polly, a class: {{c1::`a:b`}}.", ["polly::shapes.Code.enum has a:b"], "agrees"),
    ("Polly, a class: {{c1::`a`}}.", ["polly::shapes.Code.enum has a:*"], "differs"),
    ("Polly, an action: {{c1::`shapes:Names`}}.", ["polly::shapes has Names"], "agrees"),
    (
        "Polly, an engine: {{c1::the long-form engine}}.",
        ["polly::shapes.Engine.enum has long-form"],
        "agrees",
    ),
    (
        "Polly, an engine: {{c1::the long-form camera}}.",
        ["polly::shapes.Engine.enum has long-form"],
        "differs",
    ),
    (
        "Polly, an engine: {{c1::set `neural` there}}.",
        ["polly::shapes.Engine.enum has neural"],
        "agrees",
    ),
    (
        "Polly, an engine: {{c1::`neural` or `standard`}}.",
        ["polly::shapes.Engine.enum has neural"],
        "partly",
    ),
    ("Polly keeps it (fixed) {{c1::24 hours}}.", ["polly::shapes.Age.documentation"], "differs"),
    ("Polly, names in a call (fixed): {{c1::more than 5}}.", ["polly::shapes.Names.max"], "partly"),
    ("Polly, names in a call (fixed): {{c1::about 5}}.", ["polly::shapes.Names.max"], "partly"),
    ("Polly, names in a call (fixed): {{c1::5 or more}}.", ["polly::shapes.Names.max"], "partly"),
    ("Polly, names in a call (fixed): {{c1::up to 5}}.", ["polly::shapes.Names.max"], "agrees"),
    ("Polly, names in a call (fixed): {{c1::up to 1}}.", ["polly::shapes.Names.min"], "partly"),
    ("Polly, names in a call (fixed): {{c1::5+}}.", ["polly::shapes.Names.max"], "differs"),
    ("Polly, names in a call (fixed): {{c1::$5}}.", ["polly::shapes.Names.max"], "differs"),
    (
        "Polly, names in a call (fixed): {{c1::1/5}}.",
        ["polly::shapes.Names.max", "polly::shapes.Names.min"],
        "differs",
    ),
    ("Polly, names in a call (fixed): {{c1::5}} million.", ["polly::shapes.Names.max"], "differs"),
    ("Polly, names in a call (fixed): at least {{c1::5}}.", ["polly::shapes.Names.max"], "differs"),
    ("Polly, names in a call (fixed): at most {{c1::5}}.", ["polly::shapes.Names.max"], "agrees"),
    ("Polly takes (fixed) {{c1::6}} Mb.", ["polly::shapes.Body.max bytes"], "differs"),
    ("Polly takes (fixed) {{c1::6}} (MB).", ["polly::shapes.Body.max bytes"], "agrees"),
    ("Polly takes (fixed) {{c1::6}} (GB).", ["polly::shapes.Body.max bytes"], "differs"),
    (
        "Polly, an engine: {{c1::anything but `neural`}}.",
        ["polly::shapes.Engine.enum has neural"],
        "differs",
    ),
    (
        "Polly, an engine: {{c1::not `neural`}}.",
        ["polly::shapes.Engine.enum has neural"],
        "differs",
    ),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Datasets:
    """The data set `polly`, with MODEL."""
    table = (Data("*", "Models", "example-data", "example_data/{name}.json"),)
    return Datasets(table, lay_data(tmp_path_factory.mktemp("data"), MODEL))


@pytest.mark.parametrize(("sentence", "evidence", "expected"), STATED, ids=range(len(STATED)))
def test_a_stated_value_is_compared_with_the_data(
    sentence: str, evidence: list[str], expected: str, small: Project, data: Datasets
) -> None:
    card = make_card(sentence, metadata="".join(f"- evidence: {line}\n" for line in evidence))
    found = verify([card], small.vocabulary, data)
    assert ",".join(value.state for value in found) == expected
