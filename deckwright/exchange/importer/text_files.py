"""Text exports of Anki, CSV and what flashcard sites give (a term, a tab, a definition) → ForeignFile.

Anki's headers (`#separator:tab`, `#html:true`, `#columns:…`, `#tags column:3`, …) are those of
https://docs.ankiweb.net/importing/text-files.html. Without them the file is looked at: what parts its columns, whether its first line
names them, whether HTML is in it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from deckwright.core.errors import UserError
from deckwright.exchange.importer.notes import Face, ForeignFile, ForeignNote

MAX_BYTES = 64_000_000
MAX_CELL = 1_000_000
_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|", "colon": ":"}
_HEADER = re.compile(r"#([a-z ]+):(.*)")
_KNOWN = {
    "separator",
    "html",
    "tags",
    "columns",
    "notetype",
    "deck",
    "notetype column",
    "deck column",
    "tags column",
    "guid column",
    "if matches",
}
_NAMES = {
    "front": "Front", "question": "Front", "term": "Front", "word": "Front", "prompt": "Front", "text": "Front",
    "back": "Back", "answer": "Back", "definition": "Back", "meaning": "Back", "response": "Back",
    "tags": "tags", "tag": "tags", "labels": "tags",
}  # fmt: skip
_HTML = re.compile(
    r"</?(?:a|b|br|code|div|em|font|i|img|li|ol|p|pre|span|strong|sub|sup|table|td|tr|u|ul)\b[^<>]*>|&(?:nbsp|lt|gt|amp|quot);",
    re.I,
)
_GAP = re.compile(r"\{\{c\d+::")


def read(path: Path) -> ForeignFile:
    """The notes of a text file. UserError where it is no text, or has no columns."""
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UserError(
            f"the file has more than {MAX_BYTES:,} bytes", "split it into smaller files"
        )
    return notes(_decoded(data), path.suffix.lower() == ".csv")


def notes(text: str, commas: bool) -> ForeignFile:
    """The notes of a text; `commas` where its name says that commas part the columns."""
    headers, body = _headers(text)
    if not body.strip():
        raise UserError("the file holds no notes", "export again, or look at the file")
    separator = _separator(headers, body, commas)
    rows, remarks = _rows(body, separator, bool(headers), text.count("\n") - body.count("\n"))
    special = {
        key: _number(headers[f"{key} column"])
        for key in ("guid", "notetype", "deck", "tags")
        if f"{key} column" in headers
    }
    width = max(len(row) for _, row in rows)
    columns, named = _columns(headers, rows[0][1], width, separator, special)
    if named:
        rows = rows[1:]
    if width - len(special) < 1 or not rows:
        raise UserError(
            "the file has no column for a question",
            "one note a line: question, a tab or comma, answer",
        )
    declared = headers.get("html", "").strip().lower()
    html = declared == "true" or (
        not declared and any(_HTML.search(cell) for _, row in rows for cell in row)
    )
    if html and not declared:
        remarks.append("HTML is in the cells, and was read as such")
    out, seen = [], dict[str, int]()
    for number, row in rows:
        note = _note(row, columns, special, headers, html)
        if note is None:
            remarks.append(f"line {number} is empty but for separators: left out")
            continue
        seen[note.origin] = seen.get(note.origin, 0) + 1
        if seen[note.origin] > 1:  # the same question again: two notes all the same
            note = ForeignNote(
                f"{note.origin}.{seen[note.origin]}",
                note.notetype,
                note.cloze,
                note.fields,
                note.tags,
                note.faces,
            )
        out.append(note)
    return ForeignFile(tuple(out), {}, tuple(remarks))


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


def _headers(text: str) -> tuple[dict[str, str], str]:
    """Anki's header lines and the text below them."""
    headers: dict[str, str] = {}
    while match := re.match(r"#[^\n]*(?:\n|$)", text):
        known = _HEADER.match(match[0].rstrip("\n"))
        if not (known and known[1] in _KNOWN) and not headers:
            break  # no header of Anki's: a question that begins with `#`
        if known:
            headers[known[1]] = known[2]
        text = text[match.end() :]
    return headers, text


def _separator(headers: Mapping[str, str], body: str, commas: bool) -> str:
    given = headers.get("separator", "")
    if given:
        return _SEPARATORS.get(given.strip().lower(), given[:1])
    first = [line for line in body.split("\n")[:200] if line.strip()]
    counts = {sign: sum(sign in line for line in first) for sign in ("\t", ",", ";")}
    if commas and counts[";"] > counts[","]:
        return ";"
    if commas and counts[","]:
        return ","
    if counts["\t"]:
        return "\t"
    best = max((";", ","), key=lambda sign: counts[sign])
    if counts[best] < len(first):
        raise UserError(
            "nothing parts the columns: there is no tab in the file",
            "one note a line: question, a tab, answer",
        )
    return best


def _rows(
    body: str, separator: str, anki: bool, above: int
) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Cells by line number (`above` lines stand before the body). Where quotes are only signs of the text, as in lists from the web, they are read as such."""
    csv.field_size_limit(MAX_CELL)
    remarks: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    try:
        reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True)
        before = 0
        for row in reader:
            rows.append((before + 1, row))
            before = reader.line_num
    except csv.Error as error:
        if "field larger" in str(error):
            raise UserError(
                f"a cell has more than {MAX_CELL:,} characters", "is a quote open somewhere?"
            ) from error
        if separator != "\t":
            raise UserError(
                f"line {before + above + 1} cannot be read: {error}",
                "close its quotes; a quote in a cell is written twice",
            ) from error
        rows = [(n, line.split("\t")) for n, line in enumerate(body.split("\n"), 1)]
    kept: list[tuple[int, list[str]]] = []
    for number, row in ((n + above, row) for n, row in rows):
        if not any(cell.strip() for cell in row) and len(row) < 2:
            continue
        if anki and row[0].startswith("#") and len(row) == 1:
            remarks.append(f"line {number} is a remark, for Anki too: left out")
        elif separator == "\t" and len(row) == 1 and kept and len(kept[-1][1]) > 1 and not anki:
            remarks.append(f"line {number} has no tab: it goes on the line above")
            kept[-1][1][-1] += "\n" + row[0]
        else:
            kept.append((number, row))
    if not kept:
        raise UserError("the file holds no notes", "export again, or look at the file")
    return kept, remarks


def _number(text: str) -> int:
    if not re.fullmatch(r"\s*[1-9]\d{0,2}\s*", text):
        raise UserError(
            f"`{text}` is not the number of a column",
            "mend the header lines at the top of the file",
        )
    return int(text) - 1


def _columns(
    headers: Mapping[str, str],
    first: list[str],
    width: int,
    separator: str,
    special: dict[str, int],
) -> tuple[list[str], bool]:
    """The name of each column, and whether the first row names them."""
    if "columns" in headers:
        given = next(csv.reader([headers["columns"]], delimiter=separator), [])
        for number, name in enumerate(given):
            if name.strip().lower() == "tags":
                special.setdefault("tags", number)
        return _filled([name.strip() for name in given], width), False
    names = [_NAMES.get(cell.strip().lower(), "") for cell in first]
    if not headers and "Front" in names:
        if "tags" in names:
            special["tags"] = names.index("tags")
        return _filled(
            [name or cell.strip() for name, cell in zip(names, first, strict=True)], width
        ), True
    plain = [n for n in range(width) if n not in special.values()]
    called = dict(zip(plain, ("Front", "Back"), strict=False))
    return _filled([called.get(n, "") for n in range(width)], width), False


def _filled(names: list[str], width: int) -> list[str]:
    """A name for each column, no two the same."""
    out: list[str] = []
    for number in range(max(width, len(names))):
        name = names[number] if number < len(names) else ""
        out.append(name if name and name not in out else f"Field {number + 1}")
    return out


def _note(
    row: list[str],
    columns: list[str],
    special: Mapping[str, int],
    headers: Mapping[str, str],
    html: bool,
) -> ForeignNote | None:
    def cell(key: str) -> str:
        return row[special[key]] if key in special and special[key] < len(row) else ""

    fields = {
        columns[n]: value if html else _as_html(value)
        for n, value in enumerate(row)
        if n not in special.values()
    }
    if not any(value.strip() for value in fields.values()):
        return None
    names = list(fields)
    tags = (*headers.get("tags", "").split(), *re.split(r"[\s,;]+", cell("tags").strip()))
    cloze = any(_GAP.search(value) for value in fields.values())
    notetype = cell("notetype") or headers.get("notetype", "").strip()
    first = next(value for value in fields.values() if value.strip())
    origin = (
        cell("guid") or "text-" + hashlib.sha256(" ".join(first.split()).encode()).hexdigest()[:16]
    )
    faces = {} if cloze else {0: Face("", tuple(names[:1]), tuple(names[1:]))}
    return ForeignNote(
        origin, notetype, cloze, fields, tuple(dict.fromkeys(tag for tag in tags if tag)), faces
    )


def _as_html(text: str) -> str:
    return escape(text.strip(), quote=False).replace("\n", "<br>")
