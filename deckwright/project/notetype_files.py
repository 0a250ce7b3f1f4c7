"""`decks/notetypes/` → note types, made of real HTML, CSS and script files."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from deckwright.core.files import nowhere
from deckwright.core.source import Source, Span
from deckwright.core.suggest import nearest
from deckwright.project import words
from deckwright.project.notetypes import (
    FIELDS,
    NoteField,
    NoteType,
    Template,
    fingerprinted,
    overlay_slug,
)
from deckwright.project.overlay import Overlay
from deckwright.project.toml_file import Reader, Table

# What the first template must show, or Anki makes no card.
_NEEDED = {"basic": "{{Question}}", "cloze": "{{cloze:Text}}", "multiple-choice": "{{Question}}"}

# Names that Anki fills in although they are no fields.
_SPECIAL = {"FrontSide", "Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", ""}
_REPORT = re.compile(r"^.*\[\[report\]\].*\n?", re.MULTILINE)
_INCLUDE = re.compile(
    r"^[ \t]*<!-- include ((?:\.\./)?[\w-]+\.(?:html|js)) -->[ \t]*$", re.MULTILINE
)


def read(
    reader: Reader, said: Mapping[str, str], language: str, report: str = ""
) -> dict[str, NoteType]:
    """Read the note types, by slug.

    A note type whose files cannot be used is left out; the reader has the diagnostics.
    `said` are the words on cards. `language` is that of the cards (BCP 47). `report` is the
    address where learners report mistakes, with `{id}` for the card's id; empty if there is
    none.
    """
    style = reader.text("decks/notetypes/style.css")
    values = {**said} | words.of_language(language) | {"report": report}
    tables = {}
    for slug in FIELDS:
        path = f"decks/notetypes/{slug}/notetype.toml"
        if table := reader.table(path, "schema/notetype.schema.json"):
            tables[slug] = table
    folder = reader.folder / "decks/notetypes"
    for unused in sorted(path.name for path in folder.glob("*/") if path.name not in FIELDS):
        place = nowhere(f"decks/notetypes/{unused}")
        help_line = nearest(unused, FIELDS) or "delete it; the note types are " + ", ".join(FIELDS)
        reader.error("V806", "no card uses the note type in this folder", place, help_line)
    if style is None:
        return {}
    _check_ids(reader, tables)
    words.check(reader, style)
    css = words.fill(style.text, values)
    return {slug: _notetype(reader, slug, table, css, values) for slug, table in tables.items()}


def read_own(folder: Path, overlay: Overlay, shared: Collection[str]) -> dict[str, NoteType]:
    """Read the note types of an overlay whose cards look different, by slug.

    They are the note types of the project in `folder` with the overlay's report address
    and CSS, and with their own names and ids. The ids derive from the overlay's
    namespace, so they never change. `shared` are the slugs of the project's usable note
    types.
    """
    reader = Reader(folder)
    notetypes = read(reader, words.read_words(reader)[0], overlay.language, overlay.report)
    own = (_own(notetype, overlay) for slug, notetype in notetypes.items() if slug in shared)
    return {notetype.slug: notetype for notetype in own}


def _own(notetype: NoteType, overlay: Overlay) -> NoteType:
    def own_id(number: int) -> int:
        return _own_id(overlay.namespace, number)

    css, style = notetype.css, overlay.style.strip()
    return fingerprinted(
        replace(
            notetype,
            slug=overlay_slug(notetype.slug),
            name=f"{overlay.deck} · {notetype.name}",
            id=own_id(notetype.id),
            fields=tuple(replace(f, id=own_id(f.id)) for f in notetype.fields),
            templates=tuple(replace(t, id=own_id(t.id)) for t in notetype.templates),
            css=f"{css.rstrip()}\n\n{style}\n" if style else css,
        )
    )


def _own_id(namespace: str, number: int) -> int:
    """Return an id of the kind that Anki gives, a time in milliseconds (2017 to 2051).

    It derives from the first 40 bits of the SHA-256 of `namespace/number`.
    """
    digest = hashlib.sha256(f"{namespace}/{number}".encode()).digest()
    return 1_500_000_000_000 + int.from_bytes(digest[:5], "big")


def _notetype(
    reader: Reader, slug: str, table: Table, css: str, values: Mapping[str, str]
) -> NoteType:
    """Return a note type. `values` are what `[[name]]` stands for in its templates."""
    data = table.data
    names = [f["name"] for f in data["fields"]]
    _check_fields(reader, slug, table, names)
    _check_kind(reader, slug, table)
    templates = tuple(
        _template(reader, slug, table, number, frozenset(names), values)
        for number in range(len(data["template"]))
    )
    sort_field = data["sort-field"]
    return fingerprinted(
        NoteType(
            slug=slug,
            name=data["name"],
            id=data["id"],
            cloze=data["kind"] == "cloze",
            sort_field=names.index(sort_field) if sort_field in names else 0,
            fields=tuple(map(_field, data["fields"])),
            templates=templates,
            css=css,
            place=table.place("id"),
        )
    )


def _field(entry: Mapping[str, Any]) -> NoteField:
    return NoteField(
        entry["name"],
        entry["id"],
        entry.get("description", ""),
        entry.get("collapsed", False),
        entry.get("exclude-from-search", False),
    )


def _check_fields(reader: Reader, slug: str, table: Table, names: list[str]) -> None:
    """Check that the fields are the compiler's and the learner's, each once."""
    fields = table.place("fields")
    for name in FIELDS[slug]:
        if name not in names:
            message = f"the note type has no field `{name}`"
            reader.error("V806", message, fields, "add the field, because the compiler fills it")
    for name in dict.fromkeys(names):
        if name not in FIELDS[slug] and not re.fullmatch(r"Spare\d|MyNotes", name):
            help_line = "remove the field, or rename it to an unused name from Spare1 to Spare9"
            message = f"the compiler doesn't fill the field `{name}`"
            reader.error("V806", message, table.entry(name), help_line)
        if names.count(name) > 1:
            message = f"there are two fields `{name}`"
            reader.error("V806", message, table.entry(name), "give each field a different name")
    if names[0] != "ID" or names[-1] != "MyNotes":
        message = "the first field must be `ID` and the last `MyNotes`"
        help_line = (
            "move these fields; Anki identifies a note by its first field, "
            "and text updates skip the last"
        )
        reader.error("V806", message, fields, help_line)


def _check_kind(reader: Reader, slug: str, table: Table) -> None:
    """Check the sort field, and that only the note type `cloze` is a cloze type."""
    prompt = FIELDS[slug][1]
    if table.data["sort-field"] != prompt:
        message = f"the sort field must be `{prompt}`"
        place = table.place("sort-field")
        reader.error("V806", message, place, f'write `sort-field = "{prompt}"`')
    kind = "cloze" if slug == "cloze" else "normal"
    if table.data["kind"] != kind:
        message = f"the kind of the note type `{slug}` must be `{kind}`"
        reader.error("V806", message, table.place("kind"), f'write `kind = "{kind}"`')


def _check_ids(reader: Reader, tables: Mapping[str, Table]) -> None:
    """Check that no two note types, fields or templates have the same id."""
    owners: dict[int, str] = {}
    for slug, table in tables.items():
        data = table.data
        for entry in ({"id": data["id"], "name": "id"}, *data["fields"], *data["template"]):
            number, name = entry["id"], entry["name"]
            if number in owners:
                message = f"the ID {number} of `{name}` is already used by {owners[number]}"
                help_line = "give each note type, field, and template a different ID"
                reader.error("V806", message, table.entry(name), help_line)
            owners.setdefault(number, f"{slug} `{name}`")


def _template(
    reader: Reader,
    slug: str,
    table: Table,
    number: int,
    names: Collection[str],
    values: Mapping[str, str],
) -> Template:
    data = table.data["template"][number]

    def side(which: str) -> str:
        if f"{which}-text" in data:
            return str(data[f"{which}-text"])
        source = _side_file(reader, slug, table, number, which)
        if source is None:
            return ""
        usable = _check_markers(reader, source, names)
        if usable and which == "front" and number == 0 and _NEEDED[slug] not in source.text:
            message = f"the front doesn't show `{_NEEDED[slug]}`"
            place = source.lines_span(0, 1)
            reader.error("V806", message, place, "show the field; without it, Anki creates no card")
        whole = _INCLUDE.sub(lambda m: _included(reader, slug, m, source, names), source.text)
        return words.fill(_with_report(whole, values["report"]), values).strip()

    return Template(
        data["name"],
        data["id"],
        side("front"),
        side("back"),
        data.get("browser-front", ""),
        data.get("browser-back", ""),
    )


def _side_file(reader: Reader, slug: str, table: Table, number: int, which: str) -> Source | None:
    """Return the file of one side of a template, or None and record why."""
    name = str(table.data["template"][number].get(which, ""))
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", name):
        message = f"the template has no {which}"
        place = table.place("template", number, "name")
        reader.error("V806", message, place, f'write `{which} = "{which}.html"`')
        return None
    place = table.place("template", number, which)
    return reader.text(f"decks/notetypes/{slug}/{name}", place)


def _check_markers(reader: Reader, source: Source, names: Collection[str]) -> bool:
    """Check that every `{{…}}` names a field, and every section has its end.

    Return whether all do.
    """
    before = len(reader.diagnostics)
    words.check(reader, source)
    opened: list[tuple[str, Span]] = []
    for match in re.finditer(r"\{\{\s*([#^/]?)([^{}]*)\}\}", source.text):
        place = source.span(match.start(), match.end())
        name = match[2].split(":")[-1].strip()
        if name not in names and name not in _SPECIAL:
            help_line = nearest(name, names) or "the fields are " + ", ".join(sorted(names))
            reader.error("V806", f"the note type has no field `{name}`", place, help_line)
        if match[1] in ("#", "^"):
            opened.append((name, place))
        elif match[1] == "/" and (not opened or opened.pop()[0] != name):
            message = f"`{match[0]}` closes a section that isn't open"
            help_line = "close each `{{#Field}}` with its `{{/Field}}`, the innermost first"
            reader.error("V806", message, place, help_line)
    for name, place in opened:
        message = f"this section has no `{{{{/{name}}}}}`"
        reader.error("V806", message, place, f"write `{{{{/{name}}}}}` where it ends")
    return len(reader.diagnostics) == before


def _included(
    reader: Reader, slug: str, include: re.Match[str], includer: Source, names: Collection[str]
) -> str:
    """Return the text of an included file: HTML as it is, a script in a script element.

    A name that begins with `../` is a file that all note types share.
    """
    name, place = include[1], includer.span(include.start(), include.end())
    source = reader.text(posixpath.normpath(f"decks/notetypes/{slug}/{name}"), place)
    if source is None:
        return ""
    if name.endswith(".js"):
        words.check(reader, source)
        return f"<script>\n{source.text.strip()}\n</script>"
    _check_markers(reader, source, names)
    return source.text.strip()


def _with_report(template: str, report: str) -> str:
    """Fill the report address into the line with `[[report]]`, or remove the line."""
    address = escape(report).replace("{id}", "{{text:ID}}")
    return _REPORT.sub(
        lambda line: line[0].replace("[[report]]", address) if report else "", template
    )
