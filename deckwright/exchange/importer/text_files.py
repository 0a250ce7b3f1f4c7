"""Anki's text exports, CSV, and lists of flashcard sites (a term, a tab, a definition).

Anki's header lines (`#separator:tab`, `#html:true`, `#columns:…`, `#tags column:3`, …)
are described in https://docs.ankiweb.net/importing/text-files.html. In a file without
them, the text itself shows what separates the columns, and whether HTML is in it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import NamedTuple

from deckwright.core.errors import UserError
from deckwright.core.wording import shortened
from deckwright.exchange.importer.foreign import (
    MAX_CARDS,
    MAX_FIELD,
    ForeignFile,
    ForeignNote,
    ForeignTemplate,
    field_name,
)

MAX_BYTES = 64_000_000
MAX_CELL = 1_000_000  # characters
MAX_CELLS = 2_000_000  # of all rows together; the tags of a header count in every row

_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|", "colon": ":"}
_HASH_LINE = re.compile(r"#[^\n]*(?:\n|$)")
_HEADER = re.compile(r"#([a-z ]+):(.*)")
_HEADERS = frozenset(
    ["separator", "html", "tags", "columns", "notetype", "deck", "notetype column", "deck column",
     "tags column", "guid column", "if matches"]
)  # fmt: skip
_SPECIAL = ("guid", "notetype", "deck", "tags")  # columns that are no fields
# Names of columns that say what is in them. Two of them in the first row name the columns.
_QUESTIONS = frozenset(["front", "question", "term", "word", "expression", "prompt", "text"])
_ANSWERS = frozenset(["back", "answer", "definition", "meaning", "translation", "response"])
_TAGS = frozenset(["tags", "tag", "labels"])
_TITLES = _QUESTIONS | _ANSWERS | _TAGS | {"guid", "notes", "extra", "reading", "example", "source"}
_HTML = re.compile(
    r"</?(?:a|b|br|code|div|em|font|i|img|li|ol|p|pre|ruby|span|strong|sub|sup|table|td|tr|u|ul)"
    r"\b[^<>]*>|&(?:nbsp|lt|gt|amp|quot);",
    re.IGNORECASE,
)
_GAP = re.compile(r"\{\{c\d+::")
_SPLIT = "split it into smaller files"

Headers = Mapping[str, str]


@dataclass(slots=True)
class _Row:
    """The cells of a note; `line` is the number of its first line in the file.

    `further` are lines below that belong to the last cell.
    """

    line: int
    cells: list[str]
    further: list[str] = field(default_factory=list)


class _Columns(NamedTuple):
    """The names of all columns, of special ones by what they are, and of question and answer.

    Question and answer are empty if there is none.
    """

    names: list[str]
    special: Mapping[str, str]
    question: str
    answer: str


def read(path: Path, header: bool | None, named: Iterable[str]) -> ForeignFile:
    """The notes of a text file. Raises UserError if it is not text with columns.

    `header` says whether the first row names the columns; None leaves that to the file.
    `named` are columns that the user has named.
    """
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UserError(f"the file is larger than {MAX_BYTES:,} bytes", _SPLIT)
    return notes(_decoded(data), path.suffix.lower() == ".csv", header, named)


def notes(
    text: str, commas: bool, header: bool | None = None, named: Iterable[str] = ()
) -> ForeignFile:
    """The notes of a text; `commas` if the name of its file says that it is CSV."""
    headers, body = _headers(text)
    separator = _separator(headers, body, commas)
    tags = headers.get("tags", "").split()
    first_line = text.count("\n") - body.count("\n") + 1
    rows, remarks = _rows(body, separator, bool(headers), first_line, len(tags))
    if header is None and not headers:
        header = _is_header(rows[0].cells, commas, named)
        if not header and commas:
            first = shortened(", ".join(rows[0].cells), 70)
            remarks.append(
                f"the first line is a card: {first}; if it names the columns, write --header"
            )
    columns = _columns(headers, rows, separator, bool(header))
    rows = rows[1:] if header else rows
    if not rows or not columns.question:
        raise UserError(
            "the file has no column for a question",
            "write one note per line: question, a tab or comma, answer",
        )
    html = headers.get("html", "").strip().lower()
    is_html = html == "true"
    if not html and any(_HTML.search(cell) for row in rows for cell in row.cells):
        is_html = True
        remarks.append("the cells contain HTML and were read as HTML")
    if "deck" in columns.special or "deck" in headers:
        remarks.append("the decks of the notes are not kept: --to says where the cards go")
    found = _notes(rows, columns, tags, is_html)
    return ForeignFile(tuple(found), {}, tuple(remarks))


def _notes(
    rows: Iterable[_Row], columns: _Columns, tags: Iterable[str], html: bool
) -> Iterator[ForeignNote]:
    """The notes of rows; the same question again is another note."""
    seen: Counter[str] = Counter()
    for row in rows:
        if note := _note(row, columns, tags, html):
            seen[note.origin] += 1
            number = seen[note.origin]
            yield note if number == 1 else replace(note, origin=f"{note.origin}.{number}")


def _empty() -> UserError:
    return UserError("the file contains no notes", "export it again, or check what is in it")


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UserError(
            "the file is neither a package nor text in UTF-8",
            "save it as UTF-8, or give the .apkg itself",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _headers(text: str) -> tuple[Headers, str]:
    """Anki's header lines and the text below. A question may begin with `#`, too."""
    headers: dict[str, str] = {}
    at = 0
    while match := _HASH_LINE.match(text, at):
        header = _HEADER.match(match[0].rstrip("\n"))
        if not headers and not (header and header[1] in _HEADERS):
            break
        if header and len(header[2]) > MAX_FIELD:
            raise UserError(
                f"the header `#{shortened(header[1], 40)}` has more than {MAX_FIELD:,} characters",
                "shorten this line at the top of the file",
            )
        if header:
            headers[header[1]] = header[2]
        at = match.end()
    if not text[at:].strip():
        raise _empty()
    return headers, text[at:]


def _separator(headers: Headers, body: str, commas: bool) -> str:
    """What separates columns: as a header says, or as most of the first lines do."""
    named = headers.get("separator", "")
    if named and named[0] != '"':
        return _SEPARATORS.get(named.strip().lower(), named[0])
    lines = [line for line in body.split("\n", 200)[:200] if line.strip()]
    counts = {sign: sum(sign in line for line in lines) for sign in ",;\t"}
    if counts["\t"] and not (commas and counts[","] + counts[";"]):
        return "\t"
    best = max(",;", key=lambda sign: counts[sign])
    if counts[best] < (1 if commas else len(lines)):
        raise UserError(
            "the file has no tabs between columns",
            "write one note per line: question, a tab, answer",
        )
    return best


def _rows(
    body: str, separator: str, has_headers: bool, first_line: int, tags: int
) -> tuple[list[_Row], list[str]]:
    """The rows that are notes, and remarks on other lines."""
    rows: list[_Row] = []
    continued: list[int] = []
    cells = 0
    for row in _csv_rows(body, separator, first_line):
        text = "".join(row.cells)
        if not text.strip():
            continue
        cells += len(row.cells) + tags
        if len(row.cells) == 1 and has_headers and text.startswith("#"):
            continue  # a comment
        if len(row.cells) == 1 and separator == "\t" and not has_headers and rows:
            rows[-1].further.append(text)
            continued.append(row.line)
        else:
            rows.append(row)
        if len(rows) > MAX_CARDS or cells > MAX_CELLS:
            message = f"the file contains more than {MAX_CARDS:,} notes"
            raise UserError(f"{message} or {MAX_CELLS:,} cells and tags", _SPLIT)
    if not rows:
        raise _empty()
    for row in rows:
        row.cells[-1] = "\n".join([row.cells[-1], *row.further])
    lines = ", ".join(map(str, continued[:10])) + " …" * (len(continued) > 10)
    return rows, [f"lines without a tab belong to the line above: {lines}"] if continued else []


def _csv_rows(body: str, separator: str, first_line: int) -> Iterable[_Row]:
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
            raise UserError(
                f"line {line} cannot be read: {error}",
                "close its quotation marks; a quotation mark in a cell is written twice",
            ) from error
        lines = body.split("\n")
        return [_Row(number, text.split("\t")) for number, text in enumerate(lines, first_line)]
    return rows


def _is_header(cells: Sequence[str], commas: bool, named: Iterable[str]) -> bool:
    """Whether the first row names the columns. Raises UserError if that is unclear."""
    names = {cell.strip().casefold() for cell in cells}
    if len(names & _TITLES) > 1 or names & {name.casefold() for name in named}:
        return True
    if commas and len(cells) > 2:
        raise UserError(
            f"it is unclear whether the first line names the columns: {', '.join(cells)[:200]}",
            "write --header if it does, and --no-header if it is a card",
        )
    return False


def _special(headers: Headers, titles: Iterable[str]) -> dict[str, int]:
    """The places of columns that are no fields, as headers or their names say."""
    places = {
        key: _column_number(headers[f"{key} column"])
        for key in _SPECIAL
        if f"{key} column" in headers
    }
    for at, title in enumerate(title.strip().casefold() for title in titles):
        if title == "guid" or title in _TAGS:
            places.setdefault("guid" if title == "guid" else "tags", at)
    return places


def _columns(headers: Headers, rows: Sequence[_Row], separator: str, titled: bool) -> _Columns:
    """The columns, as headers or the first row name them; else Front and Back."""
    titles = rows[0].cells if titled else []
    if "columns" in headers:
        titles = next(csv.reader([headers["columns"]], delimiter=separator), [])
    special = _special(headers, titles)
    width = max(len(titles), *(len(row.cells) for row in rows))
    if not titles:
        fields = [at for at in range(width) if at not in special.values()]
        known = dict(zip(fields, ("Front", "Back"), strict=False))
        titles = [known.get(at, "") for at in range(width)]
    names = _distinct(titles, width)
    named = {key: names[at] for key, at in special.items() if at < width}
    others = [name for name in names if name not in named.values()]
    question = _first(others, _QUESTIONS)
    answer = _first([name for name in others if name != question], _ANSWERS)
    return _Columns(names, named, question, answer)


def _distinct(titles: Sequence[str], width: int) -> list[str]:
    """A name for each column, no two the same."""
    names: list[str] = []
    for at in range(width):
        title = field_name(titles[at]) if at < len(titles) else ""
        names.append(title if title and title not in names else f"Field {at + 1}")
    return names


def _first(names: Sequence[str], wanted: frozenset[str]) -> str:
    """The first name that is wanted, or the first of all; empty if there is none."""
    return next(iter([*(name for name in names if name.casefold() in wanted), *names]), "")


def _column_number(text: str) -> int:
    """The place of a column from 0, as a header gives it from 1."""
    if not re.fullmatch(r"\s*[1-9]\d{0,2}\s*", text):
        raise UserError(
            f"`{shortened(text, 40)}` is not the number of a column",
            "fix the header lines at the top of the file",
        )
    return int(text) - 1


def _note(row: _Row, columns: _Columns, tags: Iterable[str], html: bool) -> ForeignNote | None:
    """The note of a row; None where its fields are blank."""
    cells = dict(zip(columns.names, row.cells, strict=False))
    guid, own_tags = (cells.get(columns.special.get(key, ""), "") for key in ("guid", "tags"))
    fields = {
        name: cell if html else escape(cell.strip(), quote=False).replace("\n", "<br>")
        for name, cell in cells.items()
        if name not in columns.special.values()
    }
    first = next((text for text in fields.values() if text.strip()), None)
    if first is None:
        return None
    gap = next((name for name, text in fields.items() if _GAP.search(text)), "")
    front = f"{{{{cloze:{gap}}}}}" if gap else f"{{{{{columns.question}}}}}"
    back = f"{{{{{columns.answer}}}}}" if columns.answer else ""
    digest = hashlib.sha256(" ".join(first.split()).encode()).hexdigest()
    all_tags = dict.fromkeys([*tags, *re.split(r"[\s,;]+", own_tags)])
    return ForeignNote(
        origin=guid or f"text-{digest[:16]}",
        place=f"line {row.line}",
        fields=fields,
        tags=tuple(filter(None, all_tags)),
        templates={0: ForeignTemplate("", front, back)},
    )
