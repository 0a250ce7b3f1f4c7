"""Anki's text exports, CSV, and lists of flashcard sites (a term, a tab, a definition).

Anki's header lines (`#separator:tab`, `#html:true`, `#columns:…`, `#tags column:3`, …)
are described in https://docs.ankiweb.net/importing/text-files.html. In a file without
them, the text itself shows what separates the columns, and whether HTML is in it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import zip_longest
from pathlib import Path

from deckwright.core.errors import UserError
from deckwright.exchange.importer.anki_syntax import FIELD_GAP, field_name
from deckwright.exchange.importer.foreign import MAX_CARDS, MAX_FIELD, ForeignFile, ForeignNote

MAX_BYTES = 64_000_000
MAX_CELL = 1_000_000  # characters
MAX_CELLS = 2_000_000  # rows by columns; the tags of a header count in every row

_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|", "colon": ":"}
_KEYS = "separator|html|tags|columns|notetype|deck|(?:notetype|deck|tags|guid) column|if matches"
_HEADERS = re.compile(rf"#(?:{_KEYS}):.*(?:\n#.*)*\n?")
# Names of columns that say what is in them. Two of them in the first row name the columns.
_QUESTIONS = frozenset(["front", "question", "term", "word", "expression", "prompt", "text"])
_ANSWERS = frozenset(["back", "answer", "definition", "meaning", "translation", "response"])
_COLUMNS = {"guid": "#guid", "notetype": "#notetype", "deck": "#deck", "tags": "#tags"}
_TAGS = frozenset(["tags", "tag", "labels"])
_TITLES = _QUESTIONS | _ANSWERS | _TAGS | {"guid", "notes", "extra", "reading", "example", "source"}
_HTML = re.compile(
    r"(?i)</?(?:a|b|br|code|div|em|font|i|img|li|ol|p|pre|ruby|span|strong|su[bp]|table|t[dr]|u|ul)"
    r"\b[^<>]*>|&(?:nbsp|lt|gt|amp|quot);"
)
_FORM = "write one note per line: question, a tab or comma, answer"

_Row = tuple[int, list[str]]  # the number of its first line in the file, and its cells


def read(path: Path, header: bool | None, named: Iterable[str]) -> ForeignFile:
    """The notes of a text file. Raises UserError if it is not text with columns.

    `header` says whether the first row names the columns; None leaves that to the file.
    `named` are columns that the user has named.
    """
    if path.stat().st_size > MAX_BYTES:
        help_line = "split it into smaller files"
        raise UserError(f"the file is larger than {MAX_BYTES:,} bytes", help_line)
    return notes(_decoded(path.read_bytes()), path.suffix.lower() == ".csv", header, named)


def notes(
    text: str, commas: bool, header: bool | None = None, named: Iterable[str] = ()
) -> ForeignFile:
    """The notes of a text; `commas` if the name of its file says that it is CSV."""
    headers, body = _headers(text)
    separator = _separator(headers, body, commas)
    tags = headers.get("tags", "").split()
    line = text.count("\n") - body.count("\n") + 1
    rows, remarks = _rows(body, separator, bool(headers), line, len(tags))
    titles = next(csv.reader([headers.get("columns", "")], delimiter=separator), [])
    if header is None and not headers:
        header = _is_header(rows[0][1], commas, named, remarks)
    if header:
        titles = rows.pop(0)[1]
    names = _names(headers, titles, max((len(cells) for _, cells in rows), default=0))
    html = headers.get("html", "").strip().lower()
    if not html and any(_HTML.search(cell) for _, cells in rows for cell in cells):
        html = "true"
        remarks.append("the cells contain HTML and were read as HTML")
    if "#deck" in names or "deck" in headers:
        remarks.append("the decks of the notes aren't kept")
    template = _template(names)
    made = (_note(row, names, template, tags, html == "true") for row in rows)
    filled = tuple(note for note in made if "".join(note.fields.values()).strip())
    return ForeignFile(filled, tuple(remarks), {})


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = data.decode(encoding, "replace")
    if "\0" in text or "\ufffd" in text:
        raise UserError("the file is neither a package nor text in UTF-8", "save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _headers(text: str) -> tuple[Mapping[str, str], str]:
    """Anki's header lines and the text below. A question may begin with `#`, too."""
    top = match[0] if (match := _HEADERS.match(text)) else ""
    if len(top) > MAX_FIELD:
        message = f"the lines with `#` at the top have more than {MAX_FIELD:,} characters"
        raise UserError(message, "shorten them")
    return dict(re.findall(r"(?m)^#([a-z ]+):(.*)", top)), text[len(top) :]


def _separator(headers: Mapping[str, str], body: str, commas: bool) -> str:
    """What separates columns: as a header says, or as most of the first lines do."""
    named = headers.get("separator", "")
    if named and named[0] != '"':
        return _SEPARATORS.get(named.strip().lower(), named[0])
    lines = [line for line in body.split("\n", 200)[:200] if line.strip()]
    counts = {sign: sum(sign in line for line in lines) for sign in ",;\t"}
    if counts["\t"] and not (commas and counts[","] + counts[";"]):
        return "\t"
    best = max(",;", key=lambda sign: counts[sign])
    if lines and counts[best] < (1 if commas else len(lines)):
        raise UserError("the file has no tabs between columns", _FORM)
    return best


def _rows(
    body: str, separator: str, has_headers: bool, first_line: int, tags: int
) -> tuple[list[_Row], list[str]]:
    """The rows that are notes, and remarks on other lines."""
    rows: list[_Row] = []
    continued: list[int] = []
    for number, cells in _csv_rows(body, separator, first_line):
        text = "".join(cells)
        is_single = len(cells) == 1
        if not text.strip() or (is_single and has_headers and text.startswith("#")):
            continue  # a blank line or a comment
        if is_single and separator == "\t" and not has_headers and rows:
            continued.append(number)
            if len(rows[-1][1][-1]) <= MAX_FIELD:  # a longer field is not written anyway
                rows[-1][1][-1] += f"\n{text}"
        else:
            rows.append((number, cells))
    if not rows:
        raise UserError("the file contains no notes", "export it again, or check what is in it")
    width = max(len(cells) for _, cells in rows) + tags
    if len(rows) > MAX_CARDS or len(rows) * width > MAX_CELLS:
        message = f"the file contains more than {MAX_CARDS:,} notes or {MAX_CELLS:,} cells and tags"
        raise UserError(message, "split it into smaller files")
    remark = f"lines without a tab belong to the line above: {', '.join(map(str, continued[:10]))}"
    return rows, [remark] if continued else []


def _csv_rows(body: str, separator: str, first_line: int) -> list[_Row]:
    """The text as CSV; lists with tabs in which quotes are only text are split at tabs.

    `first_line` is the number of the body's first line in the file.
    """
    csv.field_size_limit(MAX_CELL)
    rows: list[_Row] = []
    line = first_line
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            rows.append((line, cells))
            line = first_line + reader.line_num
    except csv.Error as error:
        if separator != "\t" or "field larger" in str(error):
            help_line = "close its quotation marks; a quotation mark in a cell is written twice"
            raise UserError(f"line {line} can't be read: {error}", help_line) from error
        lines = body.split("\n")
        return [(number, text.split("\t")) for number, text in enumerate(lines, first_line)]
    return rows


def _is_header(cells: list[str], commas: bool, named: Iterable[str], remarks: list[str]) -> bool:
    """Whether the first row names the columns. Raises UserError if that is unclear."""
    titles = {cell.strip().casefold() for cell in cells}
    if len(titles & _TITLES) > 1 or not all(re.fullmatch(r"(?i)(column )?\d+", n) for n in named):
        return True
    if commas and len(cells) > 2:
        message = f"it is unclear whether the first line names columns: {', '.join(cells)[:200]}"
        help_line = "name two of its columns with --question and --answer, or write --header"
        raise UserError(message, f"{help_line}; if it is a card, write --no-header")
    if commas:
        remarks.append("the first line is a card; if it names the columns, write --header")
    return False


def _names(headers: Mapping[str, str], titles: Sequence[str], width: int) -> list[str]:
    """A name for each column, no two the same; those that are no fields begin with `#`."""
    numbers = {headers.get(f"{key} column", "").strip(): name for key, name in _COLUMNS.items()}
    names: list[str] = []
    for number in map(str, range(1, width + 1)):
        title = field_name(titles[len(names)]) if len(names) < len(titles) else ""
        title = "#guid" if title.casefold() == "guid" else numbers.get(number, title)
        names.append(title if title and title not in names else f"column {number}")
    return names


def _template(names: Iterable[str]) -> tuple[str, str]:
    """A template that asks the fields that are named like a question, or else the first ones."""
    fields = [name for name in names if name[0] != "#" and name.casefold() not in _TAGS]
    if not fields:
        raise UserError("the file has no column for a question", _FORM)
    question = next((name for name in fields if name.casefold() in _QUESTIONS), fields[0])
    others = [name for name in fields if name != question]
    answers = [name for name in others if name.casefold() in _ANSWERS] or others or [""]
    return f"{{{{{question}}}}}", f"{{{{{answers[0]}}}}}"


def _note(
    row: _Row, names: Sequence[str], template: tuple[str, str], tags: Iterable[str], html: bool
) -> ForeignNote:
    """The note of a row; its first field with gaps is the text of a cloze note."""
    cells = dict(zip_longest(names, row[1], fillvalue=""))
    fields = {
        name: cell if html else escape(cell.strip(), quote=False).replace("\n", "<br>")
        for name, cell in cells.items()
        if not name.startswith("#")
    }
    if gap := next((name for name, text in fields.items() if FIELD_GAP.search(text)), ""):
        template = (f"{{{{cloze:{gap}}}}}", template[1])
    tagged = next((name for name in fields if name.casefold() in _TAGS), "")
    all_tags = (*tags, *cells.get("#tags", "").split())
    return ForeignNote(f"line {row[0]}", fields, all_tags, (template,), tagged)
