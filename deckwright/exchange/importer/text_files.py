"""Anki's text exports, CSV, and lists of flashcard sites (a term, a tab, a definition).

Anki's header lines (`#separator:tab`, `#html:true`, `#columns:…`, `#tags column:3`, …)
are described in https://docs.ankiweb.net/importing/text-files.html. In a file without
them, the text itself shows what separates the columns, whether its first line names
them, and whether HTML is in it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

from deckwright.core.errors import UserError
from deckwright.core.wording import shortened
from deckwright.exchange.importer.limits import MAX_CARDS, MAX_FIELD
from deckwright.exchange.importer.notes import ForeignFile, ForeignNote, ForeignTemplate

MAX_BYTES = 64_000_000
MAX_CELL = 1_000_000  # characters
MAX_CELLS = 2_000_000  # of all rows together; the tags of a header count in every row
MAX_LINES = 1_000_000

_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|", "colon": ":"}
_HASH_LINE = re.compile(r"#[^\n]*(?:\n|$)")
_HEADER = re.compile(r"#([a-z ]+):(.*)")
_HEADERS = frozenset(
    ["separator", "html", "tags", "columns", "notetype", "deck", "notetype column", "deck column",
     "tags column", "guid column", "if matches"]
)  # fmt: skip
_SPECIAL = ("guid", "notetype", "deck", "tags")  # columns that are no fields
# Names that the first line of a file gives to its columns.
_TITLES = {
    **dict.fromkeys(("front", "question", "term", "word", "prompt", "text"), "Front"),
    **dict.fromkeys(("back", "answer", "definition", "meaning", "response"), "Back"),
    **dict.fromkeys(("tags", "tag", "labels"), "tags"),
}
_HTML = re.compile(
    r"</?(?:a|b|br|code|div|em|font|i|img|li|ol|p|pre|span|strong|sub|sup|table|td|tr|u|ul)"
    r"\b[^<>]*>|&(?:nbsp|lt|gt|amp|quot);",
    re.IGNORECASE,
)
_GAP = re.compile(r"\{\{c\d+::")

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of a note; `line` is the number of its first line in the file."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class _Layout:
    """The names of all columns and the places of special ones.

    `titled` says whether the names are the first row. `tags` and `notetype` are those that
    headers give to all notes.
    """

    columns: list[str]
    special: Mapping[str, int]
    titled: bool = False
    tags: tuple[str, ...] = ()
    notetype: str = ""

    def cell(self, row: _Row, key: str) -> str:
        """The cell of a special column; empty where there is none."""
        at = self.special.get(key, len(row.cells))
        return row.cells[at] if at < len(row.cells) else ""

    def fields(self, row: _Row) -> dict[str, str]:
        """The other cells by the names of their columns: if titled, Front and Back first."""
        cells = {
            self.columns[number]: cell
            for number, cell in enumerate(row.cells)
            if number not in self.special.values()
        }
        first = [name for name in ("Front", "Back") if self.titled and name in cells]
        return {name: cells[name] for name in (*first, *cells)}


def read(path: Path) -> ForeignFile:
    """The notes of a text file. Raises UserError if it is not text with columns."""
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UserError(
            f"the file is larger than {MAX_BYTES:,} bytes", "split it into smaller files"
        )
    return notes(_decoded(data), path.suffix.lower() == ".csv")


def notes(text: str, commas: bool) -> ForeignFile:
    """The notes of a text; `commas` if the name of its file says that it is CSV."""
    if text.count("\n") > MAX_LINES:
        raise UserError(
            f"the file has more than {MAX_LINES:,} lines", "split it into smaller files"
        )
    headers, body = _headers(text)
    if not body.strip():
        raise _empty()
    separator = _separator(headers, body, commas)
    first_line = text.count("\n") - body.count("\n") + 1
    tags = tuple(headers.get("tags", "").split())
    rows, remarks = _rows(body, separator, bool(headers), first_line)
    if len(rows) > MAX_CARDS or sum(len(row.cells) + len(tags) for row in rows) > MAX_CELLS:
        raise UserError(
            f"the file contains more than {MAX_CARDS:,} notes or {MAX_CELLS:,} cells and tags",
            "split it into smaller files",
        )
    width = max(len(row.cells) for row in rows)
    layout = _layout(headers, rows, separator, width)
    layout = replace(layout, tags=tags, notetype=headers.get("notetype", "").strip())
    rows = rows[1:] if layout.titled else rows
    if width <= len(layout.special) or not rows:
        raise UserError(
            "the file has no column for a question",
            "write one note per line: question, a tab or comma, answer",
        )
    html = _is_html(headers, rows)
    if html and not headers.get("html", "").strip():
        remarks.append("the cells contain HTML and were read as HTML")
    out: list[ForeignNote] = []
    seen: Counter[str] = Counter()
    for row in rows:
        note = _note(row, layout, html)
        if note is None:
            remarks.append(f"line {row.line} has only separators: skipped")
            continue
        seen[note.origin] += 1
        if seen[note.origin] > 1:  # the same question again is another note
            note = replace(note, origin=f"{note.origin}.{seen[note.origin]}")
        out.append(note)
    return ForeignFile(tuple(out), {}, tuple(remarks))


def _empty() -> UserError:
    return UserError("the file contains no notes", "export it again, or check what is in it")


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UserError(
            "the file is neither a package nor text in UTF-8",
            "save it as UTF-8, or give the .apkg itself",
        ) from error
    if "\0" in text:
        raise UserError(
            "the file is neither a package nor text", "give an .apkg, a .colpkg, or a text file"
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
    return headers, text[at:]


def _separator(headers: Headers, body: str, commas: bool) -> str:
    """What separates columns: as a header says, or as most of the first lines do."""
    if given := headers.get("separator", ""):
        if given[:1] == '"':
            raise UserError(
                "a quotation mark cannot separate columns", "fix the line `#separator` at the top"
            )
        return _SEPARATORS.get(given.strip().lower(), given[:1])
    first = [line for line in body.split("\n", 200)[:200] if line.strip()]
    counts = {sign: sum(sign in line for line in first) for sign in ("\t", ";", ",")}
    if commas and (counts[";"] or counts[","]):
        return ";" if counts[";"] > counts[","] else ","
    if counts["\t"]:
        return "\t"
    best = max((";", ","), key=lambda sign: counts[sign])
    if counts[best] < len(first):
        raise UserError(
            "the file has no tabs between columns",
            "write one note per line: question, a tab, answer",
        )
    return best


def _rows(
    body: str, separator: str, has_headers: bool, first_line: int
) -> tuple[list[_Row], list[str]]:
    """The rows that are notes, and remarks on other lines."""
    rows: list[_Row] = []
    remarks: list[str] = []
    further: dict[int, list[str]] = {}  # lines that belong to the last cell of a row, by its place
    may_continue = separator == "\t" and not has_headers
    for row in _csv_rows(body, separator, first_line):
        if len(row.cells) > 1:
            rows.append(row)
            continue
        text = "".join(row.cells)
        if not text.strip():
            continue
        if has_headers and text.startswith("#"):
            remarks.append(f"line {row.line} is a comment: skipped")
        elif may_continue and rows and len(rows[-1].cells) > 1:
            remarks.append(f"line {row.line} has no tab: added to the line above")
            further.setdefault(len(rows) - 1, []).append(text)
        else:
            rows.append(row)
    if not rows:
        raise _empty()
    for place, lines in further.items():
        rows[place].cells[-1] = "\n".join([rows[place].cells[-1], *lines])
    return rows, remarks


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
        if "field larger" in str(error):
            raise UserError(
                f"a cell has more than {MAX_CELL:,} characters",
                "check for a quotation mark that is not closed",
            ) from error
        if separator != "\t":
            raise UserError(
                f"line {line} cannot be read: {error}",
                "close its quotation marks; a quotation mark in a cell is written twice",
            ) from error
        lines = body.split("\n")
        return [_Row(number, text.split("\t")) for number, text in enumerate(lines, first_line)]
    return rows


def _layout(headers: Headers, rows: Sequence[_Row], separator: str, width: int) -> _Layout:
    """The columns, as headers or the first row name them; else Front and Back.

    `width` is the greatest number of cells in a row.
    """
    special = {
        key: _column_number(headers[f"{key} column"])
        for key in _SPECIAL
        if f"{key} column" in headers
    }
    if "columns" in headers:
        given = next(csv.reader([headers["columns"]], delimiter=separator), [])
        return _named_layout([name.strip() for name in given], width, special)
    first = [cell.strip() for cell in rows[0].cells]
    titles = [_TITLES.get(name.lower(), "") for name in first]
    if not headers and "Front" in titles:
        names = [title or name for title, name in zip(titles, first, strict=True)]
        return replace(_named_layout(names, width, special), titled=True)
    fields = [number for number in range(width) if number not in special.values()]
    named = dict(zip(fields, ("Front", "Back"), strict=False))
    return _Layout(_distinct([named.get(n, "") for n in range(width)], width), special)


def _named_layout(names: Sequence[str], width: int, special: Mapping[str, int]) -> _Layout:
    """Columns with names, of which `tags` is special."""
    places = {name.lower(): place for place, name in reversed([*enumerate(names)])}
    tags = {"tags": places["tags"]} if "tags" in places else {}
    return _Layout(_distinct(names, width), {**tags, **special})


def _column_number(text: str) -> int:
    """The place of a column from 0, as a header gives it from 1."""
    if not re.fullmatch(r"\s*[1-9]\d{0,2}\s*", text):
        raise UserError(
            f"`{shortened(text, 40)}` is not the number of a column",
            "fix the header lines at the top of the file",
        )
    return int(text) - 1


def _distinct(names: Sequence[str], width: int) -> list[str]:
    """A name for each of at least `width` columns, no two the same."""
    out: list[str] = []
    used: set[str] = set()
    for number in range(max(width, len(names))):
        name = names[number] if number < len(names) else ""
        out.append(name if name and name not in used else f"Field {number + 1}")
        used.add(out[-1])
    return out


def _is_html(headers: Headers, rows: Iterable[_Row]) -> bool:
    """Whether cells are HTML: as a header says, or if tags or entities are in one."""
    declared = headers.get("html", "").strip().lower()
    if declared:
        return declared == "true"
    return any(_HTML.search(cell) for row in rows for cell in row.cells)


def _note(row: _Row, layout: _Layout, html: bool) -> ForeignNote | None:
    """The note of a row; None where its fields are blank."""
    fields = layout.fields(row)
    if not html:
        fields = {name: _as_html(cell) for name, cell in fields.items()}
    first = next((value for value in fields.values() if value.strip()), None)
    if first is None:
        return None
    question, *answers = fields
    cloze = any(_GAP.search(value) for value in fields.values())
    digest = hashlib.sha256(" ".join(first.split()).encode()).hexdigest()
    tags = [*layout.tags, *re.split(r"[\s,;]+", layout.cell(row, "tags").strip())]
    return ForeignNote(
        origin=layout.cell(row, "guid") or f"text-{digest[:16]}",
        notetype=layout.cell(row, "notetype") or layout.notetype,
        cloze=cloze,
        fields=fields,
        tags=tuple(dict.fromkeys(filter(None, tags))),
        templates={} if cloze else {0: ForeignTemplate("", (question,), tuple(answers))},
    )


def _as_html(text: str) -> str:
    return escape(text.strip(), quote=False).replace("\n", "<br>")
