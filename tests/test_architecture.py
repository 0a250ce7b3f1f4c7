"""The import rule and what only few files may do, read from the syntax trees of the package."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from conftest import REPO

PACKAGE = REPO / "deckwright"

# A file imports from its own folder or from a folder to the left; folders on one floor do not see
# each other.
FLOORS = (
    {"core"}, {"cache", "markdown"}, {"project"}, {"facts"}, {"cards"}, {"output"},
    {"check_files"}, {"pipeline"}, {"exchange", "live"}, {"cli"},
)  # fmt: skip

SOCKETS = (
    "exchange/pages/web", "exchange/push/ankiconnect",
    "live/language_server", "live/preview_server",
)  # fmt: skip
# The only files and folders that may import a module or what is below it.
IMPORTERS = {
    "subprocess": ("core/git", "cli/editor"),
    # The language server uses asyncio, but only to wait.
    **dict.fromkeys(("asyncio", "http", "socket", "ssl", "urllib.request"), SOCKETS),
    **dict.fromkeys(("ftplib", "smtplib", "webbrowser", "xmlrpc"), ()),
    "bs4": ("exchange/importer",),
    "click": ("cli",),
    "defusedxml": ("cards/rules/svg_content",),
    "genanki": ("output/apkg",),
    "jinja2": ("output/site/templating",),
    "jsonschema": ("project/schema",),
    "latex2mathml": ("output/site/mathml",),
    "lsprotocol": ("live/language_server",),
    "markdown_it": ("markdown",),
    "markdownify": ("exchange/importer/to_markdown",),
    "markupsafe": ("output/site/templating",),
    "mdit_py_plugins": ("markdown",),
    "pygls": ("live/language_server",),
    "pygments": ("markdown/highlight",),
    "spellchecker": ("cards/rules/spelling",),
    "Stemmer": ("core/terms",),
    "urllib3": ("exchange/pages/web",),
    "zstandard": ("exchange/importer/apkg",),
}

READERS = {
    "cards/discover", "cards/rules/svg_style", "core/diagnostics", "core/files", "core/terms",
    "facts/datasets", "markdown/tex", "output/publish",
    "output/site/templating",
    "project/new_project",  # the files of a new project, which are in the package
}  # fmt: skip
WRITERS = {"core/files", "output/publish"}
DISK = {"cache", "cli", "live", "exchange"}  # folders that may read and write


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every file of the package as (path without .py, syntax tree)."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield (
            path.relative_to(PACKAGE).with_suffix("").as_posix(),
            ast.parse(path.read_text("utf-8")),
        )


def imports(tree: ast.Module) -> Iterator[str]:
    """Dotted names of everything that a module imports, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            if node.module == "deckwright":
                yield from (f"deckwright.{alias.name}" for alias in node.names)


def floor(name: str) -> int:
    return next(n for n, names in enumerate(FLOORS) if name in names)


def test_a_file_imports_from_its_own_folder_or_from_folders_to_the_left() -> None:
    wrong = []
    for module, tree in modules():
        folder = module.split("/")[0]
        for name in imports(tree):
            other = name.split(".")[1] if name.startswith("deckwright.") else folder
            if other != folder and floor(other) >= floor(folder):
                wrong.append(f"{module} imports {name}")
    assert wrong == []


def test_no_import_goes_in_a_circle() -> None:
    names = {
        ("deckwright/" + m).removesuffix("/__init__").replace("/", "."): tree
        for m, tree in modules()
    }
    graph = {}
    for name, tree in names.items():
        found = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                found |= {f"{node.module}.{a.name}" for a in node.names} | {node.module}
        graph[name] = {other for other in found if other in names and other != name}
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_libraries_programs_and_sockets_have_few_importers() -> None:
    wrong = []
    for module, tree in modules():
        for name in imports(tree):
            library = name.split(".")[0]
            known = library in sys.stdlib_module_names or library == "deckwright"
            allowed = IMPORTERS.get(name, IMPORTERS.get(library, ("",) if known else ()))
            if not f"{module}/".startswith(tuple(f"{one}/" if one else "" for one in allowed)):
                wrong.append(f"{module} imports {name}: only {allowed} may")
    assert wrong == []


def test_files_and_functions_stay_small() -> None:
    large = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text("utf-8")
        if text.count("\n") > 350:
            large.append(f"{path.name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno
                if (lines := node.end_lineno - node.lineno + 1) > 50:
                    large.append(f"{path.name}: {node.name} has {lines} lines")
    assert large == []


def calls(tree: ast.Module) -> Iterator[str]:
    """Names of everything called, with the module in front where it is written:
    `os.replace`, `echo`.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            yield node.func.attr
            yield f"{owner}.{node.func.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def test_few_files_touch_the_disk_and_the_screen() -> None:
    read = {"open", "read_text", "read_bytes"}
    write = {
        "write_text",
        "write_bytes",
        "mkdir",
        "unlink",
        "rmtree",
        "os.rename",
        "os.replace",
        "mkstemp",
        "mkdtemp",
        "os.chmod",
    }
    wrong = []
    for module, tree in modules():
        folder = module.split("/")[0]
        for called in calls(tree):
            if called in read and folder not in DISK and module not in READERS | WRITERS:
                wrong.append(f"{module} reads: {called}")
            if called in write and folder not in DISK and module not in WRITERS:
                wrong.append(f"{module} writes: {called}")
            if called in {"print", "echo"} and folder != "cli":
                wrong.append(f"{module} prints")
    assert wrong == []


PRINTED = {"err", "help", "help_line", "message", "out", "stderr", "stdout"}
PHRASE = re.compile(r"[A-Za-z][a-z']+ [a-z][a-z']+ [a-z]")
NO_WORDING = re.compile(r"`[^`]*`|\./build\.py.*")  # values, and commands to type


def phrases(test: ast.FunctionDef) -> Iterator[str]:
    """Phrases of three or more words that a test compares with what the program prints."""
    given: dict[str, list[ast.AST]] = {}  # what the test is parametrized with
    for mark in test.decorator_list:
        match getattr(mark, "args", ()):
            case [ast.Tuple(names), ast.List(rows)]:
                for row in rows:
                    for name, value in zip(names, getattr(row, "elts", ()), strict=False):
                        given.setdefault(ast.literal_eval(name), []).extend(ast.walk(value))
    for check in (node.test for node in ast.walk(test) if isinstance(node, ast.Assert)):
        nodes = list(ast.walk(check))
        if any(isinstance(node, ast.Attribute) and node.attr in PRINTED for node in nodes):
            nodes += [n for node in nodes for n in given.get(getattr(node, "id", ""), ())]
            texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
            words = [NO_WORDING.sub("", text) for text in texts if isinstance(text, str)]
            yield from filter(PHRASE.search, words)


def test_no_test_compares_a_sentence_with_what_the_program_prints() -> None:
    """The wording is compared once, by the examples of the codes (test_cases.py)."""
    found: dict[str, list[str]] = {}
    for path in (REPO / "tests").rglob("test_*.py"):
        name = path.relative_to(REPO).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and (words := list(phrases(node))):
                found.setdefault(name, []).extend(words)
    assert found == {}


def test_ruff_reports_nothing() -> None:
    """Among its rules: only the clock of commands knows the time (pyproject.toml)."""
    assert (
        subprocess.run([sys.executable, "-m", "ruff", "check", "-q", "."], cwd=REPO).returncode == 0
    )


def test_the_compiler_knows_nothing_of_its_subject() -> None:
    words = ("sagemaker", "polly", "bedrock", "mls-c01", "mla-c0")
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text("utf-8").lower()
        assert not [
            w
            for w in words
            if w in text.replace("polly-billed-characters", "").replace("polly.md", "")
        ], path


def test_schemas_describe_every_property() -> None:
    def undescribed(schema: dict, path: str) -> Iterator[str]:
        for name, prop in schema.get("properties", {}).items():
            if not prop.get("description"):
                yield f"{path}.{name}"
            yield from undescribed(prop, f"{path}.{name}")
        if isinstance(schema.get("items"), dict):
            yield from undescribed(schema["items"], path + "[]")

    files = sorted((REPO / "schema").glob("*.schema.json"))
    assert len(files) == 7
    for file in files:
        schema = json.loads(Path(file).read_text("utf-8"))
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert list(undescribed(schema, file.name)) == []
