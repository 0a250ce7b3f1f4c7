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
from pathlib import Path
from typing import NamedTuple

from deckwright.core.errors import UserError
from deckwright.exchange.importer.anki_syntax import FIELD_GAP, field_name
from deckwright.exchange.importer.foreign import MAX_CARDS, MAX_FIELD, ForeignFile, ForeignNote

MAX_BYTES = 64_000_000
MAX_CELL = 1_000_000  # characters
MAX_CELLS = 2_000_000  # of all rows together; the tags of a header count in every row

_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|", "colon": ":"}
_HASH_LINE = re.compile(r"#[^\n]*(?:\n|$)")
_HEADER = re.compile(r"#([a-z ]+):(.*)")
_HEADERS = "separator|html|tags|columns|notetype|deck|(notetype|deck|tags|guid) column|if matches"
# Names of columns that say what is in them. Two of them in the first row name the columns.
_QUESTIONS = frozenset(["front", "question", "term", "word", "expression", "prompt", "text"])
_ANSWERS = frozenset(["back", "answer", "definition", "meaning", "translation", "response"])
_TAGS = frozenset(["tags", "tag", "labels"])
_UNSHOWN = {"guid": "#guid", **dict.fromkeys(_TAGS, "#tags")}
_TITLES = _QUESTIONS | _ANSWERS | _TAGS | {"guid", "notes", "extra", "reading", "example", "source"}
_HTML = re.compile(
    r"</?(?:a|b|br|code|div|em|font|i|img|li|ol|p|pre|ruby|span|strong|sub|sup|table|td|tr|u|ul)"
    r"\b[^<>]*>|&(?:nbsp|lt|gt|amp|quot);",
    re.IGNORECASE,
)
_FORM = "write one note per line: question, a tab or comma, answer"


class _Row(NamedTuple):
    """The cells of a note, and the number of its first line in the file."""

    line: int
    cells: list[str]


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
        header = _is_header(rows[0].cells, commas, named, remarks)
    if header:
        titles = rows.pop(0).cells
    names = _names(headers, titles, max((len(row.cells) for row in rows), default=0))
    html = headers.get("html", "").strip().lower()
    if not html and any(_HTML.search(cell) for row in rows for cell in row.cells):
        html = "true"
        remarks.append("the cells contain HTML and were read as HTML")
    if "#deck" in names or "deck" in headers:
        remarks.append("the decks of the notes are not kept: --to says where the cards go")
    template = _template([name for name in names if not name.startswith("#")], remarks)
    made = (_note(row, names, template, tags, html == "true") for row in rows)
    filled = tuple(note for note in made if "".join(note.fields.values()).strip())
    return ForeignFile(filled, tuple(remarks), {})


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UserError("the file is neither a package nor text in UTF-8", "save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _headers(text: str) -> tuple[Mapping[str, str], str]:
    """Anki's header lines and the text below. A question may begin with `#`, too."""
    headers: dict[str, str] = {}
    at = 0
    while match := _HASH_LINE.match(text, at):
        header = _HEADER.match(match[0].rstrip("\n"))
        if not headers and not (header and re.fullmatch(_HEADERS, header[1])):
            break
        if header and len(header[2]) > MAX_FIELD:
            message = f"the header `#{header[1][:40]}` has more than {MAX_FIELD:,} characters"
            raise UserError(message, "shorten this line at the top of the file")
        if header:
            headers[header[1]] = header[2]
        at = match.end()
    return headers, text[at:]


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
    for row in _csv_rows(body, separator, first_line):
        text = "".join(row.cells)
        is_single = len(row.cells) == 1
        if not text.strip() or (is_single and has_headers and text.startswith("#")):
            continue  # a blank line or a comment
        if is_single and separator == "\t" and not has_headers and rows:
            continued.append(row.line)
            if len(rows[-1].cells[-1]) <= MAX_FIELD:  # a longer field is not written anyway
                rows[-1].cells[-1] += f"\n{text}"
        else:
            rows.append(row)
    if not rows:
        raise UserError("the file contains no notes", "export it again, or check what is in it")
    if len(rows) > MAX_CARDS or sum(len(row.cells) + tags for row in rows) > MAX_CELLS:
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
            rows.append(_Row(line, cells))
            line = first_line + reader.line_num
    except csv.Error as error:
        if separator != "\t" or "field larger" in str(error):
            help_line = "close its quotation marks; a quotation mark in a cell is written twice"
            raise UserError(f"line {line} cannot be read: {error}", help_line) from error
        lines = body.split("\n")
        return [_Row(number, text.split("\t")) for number, text in enumerate(lines, first_line)]
    return rows


def _is_header(
    cells: Sequence[str], commas: bool, named: Iterable[str], remarks: list[str]
) -> bool:
    """Whether the first row names the columns. Raises UserError if that is unclear."""
    names = {cell.strip().casefold() for cell in cells}
    if len(names & _TITLES) > 1 or names & {name.casefold() for name in named if name}:
        return True
    if commas and len(cells) > 2:
        message = f"it is unclear whether the first line names columns: {', '.join(cells)[:200]}"
        raise UserError(message, "write --header if it does, and --no-header if it is a card")
    if commas:
        remarks.append("the first line is a card; if it names the columns, write --header")
    return False


def _names(headers: Mapping[str, str], titles: Sequence[str], width: int) -> list[str]:
    """A name for each column, no two the same; those that are no fields begin with `#`."""
    names: list[str] = []
    for at in range(width):
        title = field_name(titles[at]) if at < len(titles) else ""
        title = _UNSHOWN.get(title.casefold(), title)
        names.append(title if title and title not in names else f"Field {at + 1}")
    for name in ("guid", "notetype", "deck", "tags"):
        if (number := headers.get(f"{name} column")) is None:
            continue
        if not re.fullmatch(r"\s*[1-9]\d{0,2}\s*", number):
            message = f"`{number[:40]}` is not the number of a column"
            raise UserError(message, "fix the header lines at the top of the file")
        if int(number) <= width:
            names[int(number) - 1] = f"#{name}"
    return names


def _template(fields: Sequence[str], remarks: list[str]) -> tuple[str, str]:
    """A template that asks the fields that are named like a question, or else the first ones."""
    if fields[2:] and fields[0] == "Field 1":
        options = "--question, --answer, --extra, and --tags"
        remarks.append(f"the columns have no names; {options} call them {', '.join(fields)}")
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
    cells = dict(zip(names, row.cells, strict=False))
    fields = {
        name: cell if html else escape(cell.strip(), quote=False).replace("\n", "<br>")
        for name, cell in cells.items()
        if not name.startswith("#")
    }
    if gap := next((name for name, text in fields.items() if FIELD_GAP.search(text)), ""):
        template = (f"{{{{cloze:{gap}}}}}", template[1])
    all_tags = dict.fromkeys([*tags, *re.split(r"[\s,;]+", cells.get("#tags", ""))])
    return ForeignNote(f"line {row.line}", fields, tuple(filter(None, all_tags)), (template,))
