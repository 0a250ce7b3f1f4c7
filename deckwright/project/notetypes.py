"""`decks/notetypes/`: the note types as Anki gets them, made of real HTML, CSS and script files."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path

from deckwright.core.source import Source, Span
from deckwright.core.suggest import nearest
from deckwright.project.toml_file import Reader, Table


@dataclass(frozen=True, slots=True)
class NoteField:
    name: str
    id: int
    description: str


@dataclass(frozen=True, slots=True)
class Template:
    name: str
    id: int
    front: str
    back: str
    browser_front: str
    browser_back: str


@dataclass(frozen=True, slots=True)
class NoteType:
    """A note type as Anki gets it. `fingerprint` is the SHA-256 (hex) of everything that a learner receives of it."""

    slug: str
    name: str
    id: int
    cloze: bool
    sort_field: int
    fields: tuple[NoteField, ...]
    templates: tuple[Template, ...]
    css: str
    place: Span = field(compare=False, repr=False)
    fingerprint: str = ""

    @property
    def base(self) -> str:
        """basic, cloze or multiple-choice: whose fields it has."""
        return self.slug.removesuffix("-mine")


# The fields that belong to the compiler, by note type; a note type has all of them, and besides only Spare* and MyNotes.
# Compare is for look-alike cards and stays empty until they are found.
FIELDS = {
    "basic": ("ID", "Question", "Answer", "Hint", "Extra", "Compare", "Status", "Task", "Services", "Source", "AsOf"),
    "cloze": ("ID", "Text", "Extra", "Compare", "Status", "Task", "Services", "Source", "AsOf"),
    "multiple-choice": ("ID", "Question", "Pick", "Options", "Key", "Why", "Extra", "Compare", "Status", "Task", "Services", "Source", "AsOf"),
}  # fmt: skip

# What the front must show for Anki to make a card at all.
_NEEDED = {"basic": "{{Question}}", "cloze": "{{cloze:Text}}", "multiple-choice": "{{Question}}"}

_SPECIAL = {"FrontSide", "Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", ""}
_REPORT = re.compile(r"^.*\[\[report\]\].*\n?", re.MULTILINE)
_INCLUDE = re.compile(
    r"^[ \t]*<!-- include ((?:\.\./)?[\w-]+\.(?:html|js)) -->[ \t]*$", re.MULTILINE
)


def read(reader: Reader, report: str = "") -> dict[str, NoteType]:
    """The note types by slug; those that cannot be used are left out, with complaints in the reader. `report` is the address at
    which a mistake is told, with `{id}` for the card's id; empty where there is none."""
    style = reader.text("decks/notetypes/style.css")
    found: dict[str, NoteType] = {}
    ids: dict[int, str] = {}
    for slug in FIELDS:
        path = f"decks/notetypes/{slug}/notetype.toml"
        table = reader.table(path, "schema/notetype.schema.json")
        if table is None or style is None:
            continue
        _check_shape(reader, slug, table, ids)
        names = [f["name"] for f in table.data["fields"]]
        templates = tuple(
            _template(reader, slug, table, number, set(names), report)
            for number in range(len(table.data["template"]))
        )
        notetype = NoteType(
            slug=slug,
            name=table.data["name"],
            id=table.data["id"],
            cloze=table.data["kind"] == "cloze",
            sort_field=names.index(table.data["sort-field"])
            if table.data["sort-field"] in names
            else 0,
            fields=tuple(
                NoteField(f["name"], f["id"], f.get("description", ""))
                for f in table.data["fields"]
            ),
            templates=templates,
            css=style.text,
            place=table.place("id"),
        )
        found[slug] = _fingerprinted(notetype)
    return found


def _check_shape(reader: Reader, slug: str, table: Table, ids: dict[int, str]) -> None:
    data = table.data
    names = [f["name"] for f in data["fields"]]
    for name in FIELDS[slug]:
        if name not in names:
            reader.error(
                "V806",
                f"the note type has no field `{name}`",
                table.place("fields"),
                "the compiler fills it: add it",
            )
    for name in names:
        if name not in FIELDS[slug] and not re.fullmatch(r"Spare\d|MyNotes", name):
            reader.error(
                "V806",
                f"nothing fills the field `{name}`",
                table.entry(name),
                "take it out, or name it Spare1 to Spare9 or MyNotes",
            )
    for name in {n for n in names if names.count(n) > 1}:
        reader.error(
            "V806",
            f"there are two fields `{name}`",
            table.entry(name),
            "every field has a name of its own",
        )
    if names[0] != "ID" or names[-1] != "MyNotes":
        message = "the first field must be `ID` and the last `MyNotes`"
        reader.error(
            "V806",
            message,
            table.place("fields"),
            "Anki knows a note by its first field, and text updates end before the last",
        )
    if data["sort-field"] != FIELDS[slug][1]:
        reader.error(
            "V806",
            f"the sort field must be `{FIELDS[slug][1]}`",
            table.place("sort-field"),
            f'write sort-field = "{FIELDS[slug][1]}"',
        )
    if (data["kind"] == "cloze") != (slug == "cloze"):
        reader.error(
            "V806",
            "the note type `cloze` is the cloze type, the others are normal",
            table.place("kind"),
            "mend the kind",
        )
    here = (
        [(data["id"], "id")]
        + [(f["id"], f["name"]) for f in data["fields"]]
        + [(t["id"], t["name"]) for t in data["template"]]
    )
    for number, name in here:
        if number in ids:
            reader.error(
                "V806",
                f"the id {number} of `{name}` is taken by {ids[number]}",
                table.entry(name),
                "every id is given once in all note types",
            )
        ids.setdefault(number, f"{slug} `{name}`")


def _template(
    reader: Reader, slug: str, table: Table, number: int, names: set[str], report: str
) -> Template:
    data = table.data["template"][number]

    def side(which: str) -> str:
        if f"{which}-text" in data:
            return str(data[f"{which}-text"])
        name = str(data.get(which, ""))
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", name):
            reader.error(
                "V806",
                f"the template has no {which}",
                table.place("template", number, "name"),
                f'write {which} = "{which}.html"',
            )
            return ""
        source = reader.text(f"decks/notetypes/{slug}/{name}")
        if source is None:
            return ""
        before = len(reader.diagnostics)
        _check_markers(reader, source, names)
        if (
            which == "front"
            and number == 0
            and _NEEDED[slug] not in source.text
            and len(reader.diagnostics) == before
        ):
            reader.error(
                "V806",
                f"the front does not show `{_NEEDED[slug]}`",
                source.lines_span(0, 1),
                "without it Anki makes no card",
            )
        whole = _INCLUDE.sub(lambda m: _included(reader, slug, m[1], names), source.text)
        return _with_report(whole, report).strip()

    return Template(
        data["name"],
        data["id"],
        side("front"),
        side("back"),
        data.get("browser-front", ""),
        data.get("browser-back", ""),
    )


def _check_markers(reader: Reader, source: Source, names: set[str]) -> None:
    """Every `{{…}}` of a template names a field, and every `{{#…}}` or `{{^…}}` has its `{{/…}}`."""
    opened: list[tuple[str, Span]] = []
    for match in re.finditer(r"\{\{\s*([#^/]?)([^{}]*)\}\}", source.text):
        place = source.span(match.start(), match.end())
        name = match[2].split(":")[-1].strip()
        if name not in names and name not in _SPECIAL:
            reader.error(
                "V806",
                f"there is no field `{name}`",
                place,
                nearest(name, names) or "fields: " + ", ".join(sorted(names)),
            )
        if match[1] in ("#", "^"):
            opened.append((name, place))
        elif match[1] == "/" and (not opened or opened.pop()[0] != name):
            reader.error(
                "V806",
                f"`{match[0]}` ends nothing that is open",
                place,
                "every `{{#Field}}` has its `{{/Field}}`, inside out",
            )
    for name, place in opened:
        reader.error(
            "V806",
            f"the part that begins here has no `{{{{/{name}}}}}`",
            place,
            f"write `{{{{/{name}}}}}` where it ends",
        )


def _included(reader: Reader, slug: str, name: str, names: set[str]) -> str:
    """The text of a part that a template pulls in: markup as it is, a script in its element. `../` means the parts of all types."""
    source = reader.text(posixpath.normpath(f"decks/notetypes/{slug}/{name}"))
    if source is None:
        return ""
    if name.endswith(".js"):
        return f"<script>\n{source.text.strip()}\n</script>"
    _check_markers(reader, source, names)
    return source.text.strip()


def _with_report(template: str, report: str) -> str:
    """A template whose line with `[[report]]` holds the address for mistakes of the card; without an address that line is gone."""
    address = escape(report).replace("{id}", "{{text:ID}}")
    return _REPORT.sub(
        lambda line: line[0].replace("[[report]]", address) if report else "", template
    )


def own_slug(slug: str) -> str:
    """What an overlay's own note type of a shape is called among the project's."""
    return f"{slug}-mine"


def own(
    folder: Path, shared: Iterable[str], report: str, style: str, namespace: str, deck: str
) -> dict[str, NoteType]:
    """The note types of an overlay whose cards look otherwise: those of the project in `folder`, with `report` for an address and `style`
    after the CSS, under names and ids of their own, which are made of the namespace and so never move. `shared` are the slugs of
    the project's types that can be used."""
    made = {}
    for slug, notetype in read(Reader(folder), report).items():
        if slug in shared:
            fields = tuple(replace(f, id=_own_id(namespace, f.id)) for f in notetype.fields)
            templates = tuple(replace(t, id=_own_id(namespace, t.id)) for t in notetype.templates)
            changed = replace(
                notetype,
                slug=own_slug(slug),
                name=f"{deck} · {notetype.name}",
                id=_own_id(namespace, notetype.id),
                fields=fields,
                templates=templates,
                css=f"{notetype.css.rstrip()}\n\n{style.strip()}\n"
                if style.strip()
                else notetype.css,
            )
            made[changed.slug] = _fingerprinted(changed)
    return made


def _own_id(namespace: str, number: int) -> int:
    """An id as Anki gives them, a time in milliseconds (2017 to 2051), from the first 40 bits of SHA-256 over `namespace/number`."""
    return 1_500_000_000_000 + int.from_bytes(
        hashlib.sha256(f"{namespace}/{number}".encode()).digest()[:5], "big"
    )


def _fingerprinted(notetype: NoteType) -> NoteType:
    shape = [
        notetype.name,
        notetype.id,
        notetype.cloze,
        notetype.sort_field,
        [[f.name, f.id, f.description] for f in notetype.fields],
        [
            [t.name, t.id, t.front, t.back, t.browser_front, t.browser_back]
            for t in notetype.templates
        ],
        notetype.css,
    ]
    digest = hashlib.sha256(json.dumps(shape, ensure_ascii=False).encode()).hexdigest()
    return replace(notetype, fingerprint=digest)


def in_order(notetype: NoteType, values: Mapping[str, str]) -> tuple[str, ...]:
    """Fields by name as the note type orders them; those that are not given are empty."""
    return tuple(values.get(f.name, "") for f in notetype.fields)


def shape(notetype: NoteType) -> str:
    """What Anki never lets change without harm, in one line: kind; sort field; fields; templates, by ids and in order. Names are
    not part of it: with ids on both sides Anki follows a new name."""
    kind = "cloze" if notetype.cloze else "normal"
    ids = [str(f.id) for f in notetype.fields]
    return ";".join(
        (
            kind,
            ids[notetype.sort_field],
            ",".join(ids),
            ",".join(str(t.id) for t in notetype.templates),
        )
    )
