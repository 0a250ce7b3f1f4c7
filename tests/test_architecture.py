"""The import rule, and one door per library, read off the syntax trees of the package."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from conftest import REPO

PACKAGE = REPO / "deckwright"

# A module imports only from lower layers, never from its own. Parts of a sub-package count by its own table below.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("model",),
    ("diagnostic", "foreign", "highlight", "identity", "jsonrpc", "mathml", "progress", "skeleton", "spelling", "templating", "wording"),
    ("archives", "cardfile", "content", "contract", "delimited", "documents", "files", "history", "ledger", "markdown", "markup", "words"),
    ("hypertext", "similarity", "stated"),
    ("evidence", "tables", "unmarkup"),
    ("notetypes", "overlay", "record", "retirement", "vocabulary"),
    ("datasets", "project", "rules"),
    ("card_template", "coverage", "metadata", "stamping"),
    ("discover", "extending", "parse", "validate", "dedupe", "guard", "render", "tombstones", "normal"),
    ("editing", "neighbours", "transcription", "verification"),
    ("package", "text_update", "catalog", "fact_report", "comparison", "changelog", "report", "publish", "pushing"),
    ("staleness",),
    ("pipeline",),
    ("site",),
    ("commands",),
    ("cli",),
)

INSIDE = {
    "markdown": (("output",), ("dialect",), ("blocks",), ("__init__",)),
    "rules": (
        ("__init__",),
        ("prose", "svg"),
        (
            "choice",
            "craft",
            "facts",
            "figures",
            "gaps",
            "giveaways",
            "language",
            "lifecycle",
            "phone",
            "pictures",
            "placeholders",
            "questions",
        ),
    ),
    "commands": (
        ("__init__",),
        (
            "completion",
            "coverage",
            "diff",
            "editor",
            "evidence",
            "explain",
            "find",
            "fmt",
            "fork",
            "merge_ledger",
            "preview",
            "push",
            "reproduce",
            "stale",
            "stats",
            "tree",
            "verify",
            "watch",
        ),
        ("desk", "importing", "mv", "new", "release", "retire", "shown"),
        ("split",),
        ("lsp", "serve"),
        ("lsp", "serve"),
    ),
    "site": (("edition",), ("cards", "home"), ("ages", "browser", "outline"), ("__init__",)),
}

DOORS = {
    "markdown_it": "markdown",
    "mdit_py_plugins": "markdown",
    "pygments": "highlight",
    "jsonschema": "contract",
    "genanki": "package",
    "jinja2": "templating",
    "latex2mathml": "mathml",
    "markupsafe": "templating",
    "click": "cli",
    "Stemmer": "words",
    "spellchecker": "spelling",
    "zstandard": "archives",
}

# Who may run a program: git has one door, editors have one, and `reproduce` builds in processes of their own.
RUNNERS = {("history", ""), ("commands", "editor"), ("commands", "reproduce")}

# Who may touch the disk, and how.
READERS = {
    "archives",
    "datasets",
    "delimited",
    "files",
    "history",
    "similarity",
    "templating",
    "words",
    "discover",
    "publish",
    "commands",
    "diagnostic",
}
WRITERS = {"publish", "commands"}


def modules() -> Iterator[tuple[str, str, ast.Module]]:
    """Every module as (room, name inside the room or empty, syntax tree)."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts == ("__init__",):
            continue
        yield parts[0], parts[1] if len(parts) > 1 else "", ast.parse(path.read_text("utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """Dotted names of everything that a module imports, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            yield module
            if module == "deckwright" or module in {f"deckwright.{room}" for room in INSIDE}:
                yield from (f"{module}.{alias.name}" for alias in node.names)


def layer(room: str) -> int:
    return next(n for n, rooms in enumerate(LAYERS) if room in rooms)


def test_every_module_has_its_layer() -> None:
    found = {room for room, _, _ in modules()}
    assert found == {room for rooms in LAYERS for room in rooms}
    for room, table in INSIDE.items():
        names = {name for r, name, _ in modules() if r == room}
        assert names == {name for layer in table for name in layer}


def test_a_module_imports_only_from_lower_layers() -> None:
    wrong = []
    for room, name, tree in modules():
        for imported in imports(tree):
            parts = imported.split(".")
            if parts[0] != "deckwright" or len(parts) < 2:
                continue
            if parts[1] != room:
                if layer(parts[1]) >= layer(room):
                    wrong.append(f"{room}.{name} imports {imported}")
            elif len(parts) > 2:
                table = INSIDE[room]
                height = {n: number for number, names in enumerate(table) for n in names}
                if parts[2] in height and height[parts[2]] >= height[name or "__init__"]:
                    wrong.append(f"{room}.{name} imports {imported}")
    assert wrong == []


def test_every_library_has_one_door() -> None:
    wrong = []
    standard = set(sys.stdlib_module_names)
    for room, name, tree in modules():
        for imported in imports(tree):
            library = imported.split(".")[0]
            if library in standard or library == "deckwright":
                continue
            if DOORS.get(library) != room:
                wrong.append(f"{library} has one door: {DOORS.get(library)}, not {room}.{name}")
    assert wrong == []


def calls(tree: ast.Module) -> Iterator[str]:
    """Names of everything called, with the module in front where it is written: `os.replace`, `echo`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            yield node.func.attr
            yield f"{owner}.{node.func.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def test_only_the_ends_touch_the_disk_the_clock_and_the_screen() -> None:
    read = {"open", "read_text", "read_bytes"}
    write = {"write_text", "write_bytes", "mkdir", "unlink", "rmtree", "os.rename", "os.replace", "mkstemp", "mkdtemp", "os.chmod"}
    clock = {"now", "today", "utcnow", "time.time", "monotonic"}
    wrong = []
    for room, name, tree in modules():
        for called in calls(tree):
            if called in read and room not in READERS | WRITERS:
                wrong.append(f"{room}.{name} reads: {called}")
            if called in write and room not in WRITERS:
                wrong.append(f"{room}.{name} writes: {called}")
            if called in clock and room != "cli":
                wrong.append(f"{room}.{name} looks at the clock: {called}")
            if called in {"print", "echo"} and room != "cli":
                wrong.append(f"{room}.{name} prints")
    assert wrong == []


def test_only_git_s_door_the_editors_and_reproduce_run_programs() -> None:
    assert {(room, name) for room, name, tree in modules() if "subprocess" in set(imports(tree))} == RUNNERS


def test_only_the_preview_s_server_and_push_open_a_socket() -> None:
    network = {"socket", "http", "urllib.request", "ssl", "asyncio", "ftplib", "smtplib", "xmlrpc", "webbrowser"}
    for room, name, tree in modules():
        if (room, name) in {("commands", "serve"), ("commands", "push")}:
            continue
        assert not [i for i in imports(tree) if i in network or i.split(".")[0] in network - {"urllib.request"}], (room, name)


def test_the_compiler_knows_nothing_of_its_subject() -> None:
    words = ("sagemaker", "polly", "bedrock", "mls-c01", "mla-c0")
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text("utf-8").lower()
        assert not [w for w in words if w in text.replace("polly-billed-characters", "").replace("polly.md", "")], path


def test_build_py_is_only_a_door() -> None:
    tree = ast.parse((REPO / "build.py").read_text("utf-8"))
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.For | ast.While)]
    assert {i for i in imports(tree) if i.startswith("deckwright")} == {"deckwright.cli"}


def test_schemas_describe_every_property() -> None:
    import json

    def undescribed(schema: dict, path: str) -> Iterator[str]:
        for name, prop in schema.get("properties", {}).items():
            if not prop.get("description"):
                yield f"{path}.{name}"
            yield from undescribed(prop, f"{path}.{name}")
        if isinstance(schema.get("items"), dict):
            yield from undescribed(schema["items"], path + "[]")

    files = sorted((REPO / "schema").glob("*.schema.json"))
    assert len(files) == 6
    for file in files:
        schema = json.loads(Path(file).read_text("utf-8"))
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert list(undescribed(schema, file.name)) == []


def test_build_py_looks_for_every_library_before_it_begins() -> None:
    tree = ast.parse((REPO / "build.py").read_text("utf-8"))
    (named,) = (ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "LIBRARIES")  # type: ignore[attr-defined]
    assert set(named) == set(DOORS) - {"markupsafe"}  # which comes with jinja2
