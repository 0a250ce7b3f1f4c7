"""Foreign notes → Drafts of cards: what a note of another program is in our terms, and what of it we have no way to say.

A note of a type of this project comes back as the card that it was. Any other becomes a fact where it has gaps, and else a question
with its answer, one for each of its cards. What was written is read again: it has to say what the note said.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from deckwright import markdown
from deckwright.cards import markdown_rules
from deckwright.cards.ids import ID, MAX_ID, first_free, slug
from deckwright.core.source import Source
from deckwright.exchange.importer import anki_html, to_markdown
from deckwright.exchange.importer.anki_html import Element, Gap, GapEnd, Math, Sound
from deckwright.exchange.importer.notes import Face, ForeignNote
from deckwright.project.project import Project
from deckwright.project.vocabulary import Vocabulary

_KINDS = {b"\x89PNG\r\n\x1a\n": ".png", b"GIF8": ".gif", b"\xff\xd8\xff": ".jpg"}
_DATA = re.compile(r"data:image/[\w.+-]{1,30};base64,([A-Za-z0-9+/=\s]+)")
_MAX_FIELD = 50_000  # characters, pictures aside; a card has some 500, and the work grows faster than the field
_SOURCES = frozenset({"source", "sources", "url", "link", "reference"})


@dataclass(frozen=True, slots=True)
class Home:
    """Where a card lies: the folder of its task, and its service."""

    folder: str
    service: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A card to be written. `origin` tells it again at the next import, `id` is empty where one is to be proposed from `subject`;
    `home` is that of a card which names its own. `remarks`: what could not be said; `unmapped`: tags that mean nothing here. A draft without sections cannot be written at all, and its
    remarks say why."""

    origin: str
    digest: str
    id: str
    subject: str
    home: Home | None
    metadata: tuple[tuple[str, str], ...]
    sections: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    saying: str = ""

    @property
    def own(self) -> bool:
        """Whether the note was a card of this compiler: then its id is the one that it had."""
        return bool(self.saying)


class Album:
    """The pictures that cards show: finds those that the project has, and names the others. `taken` are their new paths and bytes."""

    def __init__(
        self, media: Mapping[str, bytes], known: Mapping[str, str], paths: Iterable[str], tag: str
    ) -> None:
        """`known`: the path of each picture of the project by its SHA-256; `paths`: all that must not be taken."""
        self.media, self.known, self.paths, self.tag = (
            media,
            dict(known),
            {path.casefold() for path in paths},
            tag,
        )
        self.taken: dict[str, bytes] = {}
        self.inline: dict[str, bytes] = {}

    def put_aside(self, match: re.Match[str]) -> str:
        """A name for a picture that stands in a field itself."""
        try:
            data = base64.b64decode(match[1])
        except (binascii.Error, ValueError):
            return "picture"
        name = f"picture-{hashlib.sha256(data).hexdigest()[:8]}"
        self.inline[name] = data
        return name

    def address(self, name: str, folder: str, remark: Callable[[str], None]) -> str:
        """The address that a card in `folder` writes for a picture; empty, after a remark, where it cannot be shown."""
        if re.match(r"(?i)https?:|//", name):
            return name
        data = self.inline.get(name) or self.media.get(name, self.media.get(unquote(name)))
        shown = name[:80]
        if data is None:
            remark(f"a picture is not in the file: {shown}")
            return ""
        ending = next((ending for first, ending in _KINDS.items() if data.startswith(first)), "")
        ending = ending or (
            ".svg"
            if re.match(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml|<!--|<svg)", data) and b"<svg" in data
            else ""
        )
        if not ending:
            remark(f"a picture is neither PNG, JPEG, GIF nor SVG: {shown}")
            return ""
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self.known:
            self.known[digest] = self._path(name, folder, ending)
            self.taken[self.known[digest]] = data
        return posixpath.relpath(self.known[digest], folder)

    def _path(self, name: str, folder: str, ending: str) -> str:
        own = re.fullmatch(
            rf"_{re.escape(self.tag)}-(.+)-[0-9a-f]{{12}}", posixpath.splitext(name)[0]
        )
        stem = slug(own[1] if own else posixpath.splitext(unquote(name))[0])[:40].strip("-")
        path = first_free(
            lambda n: f"{folder}/img/{stem or 'picture'}{n}{ending}",
            lambda p: p.casefold() in self.paths,
        )
        self.paths.add(path.casefold())
        return path


@dataclass(slots=True)
class _Sheet:
    """One card in the making: its remarks, each once, and how its fields become Markdown."""

    album: Album
    folder: str
    remarks: dict[str, None] = field(default_factory=dict)

    def remark(self, text: str) -> None:
        self.remarks.setdefault(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text))

    def tree(self, html: str, gaps: bool) -> Element:
        html = _DATA.sub(self.album.put_aside, html)
        if len(html) > _MAX_FIELD:
            self.remark(
                f"a field has {len(html):,} characters: what is beyond {_MAX_FIELD:,} is left out"
            )
            html = html[:_MAX_FIELD]
        return anki_html.read(unicodedata.normalize("NFC", html), gaps, self.remark)

    def write(self, html: str, gaps: bool = False) -> str:
        """A field as Markdown, with as few backslashes as keep its meaning."""
        return self._written(self.tree(html, gaps), gaps, to_markdown.Writer.write)

    def line(self, tree: Element) -> str:
        """An option: running text on one line."""
        return self._written(tree, False, to_markdown.Writer.inline)

    def _written(
        self, tree: Element, gaps: bool, way: Callable[[to_markdown.Writer, Element], str]
    ) -> str:
        for escape in (to_markdown.light, to_markdown.heavy):
            found: dict[str, None] = {}
            writer = to_markdown.Writer(
                escape,
                lambda name: self.album.address(name, self.folder, self.remark),
                found.setdefault,
            )
            text = unicodedata.normalize("NFC", way(writer, tree))
            if _says(text, writer.said, gaps):
                for one in found:
                    self.remark(one)
                return text
        self.remark("its form could not be kept: it is plain text now")
        return _plain(tree)


def _says(text: str, said: list[str], gaps: bool) -> bool:
    """Whether Markdown, compiled, shows what it should, and keeps within one section of a card."""
    source = Source("card.md", text)
    blocks = markdown.parse(source)
    if any(
        b.kind in ("rule", "heading") or b.checked for outer in blocks for b in outer.walk()
    ) or any(markdown_rules.diagnose(source, blocks)):
        return False
    tree = anki_html.read(markdown.html(blocks, str), gaps, lambda _: None)
    return anki_html.seen(anki_html.visible(tree)) == anki_html.seen(
        unicodedata.normalize("NFC", part) for part in said
    )


def _plain(tree: Element) -> str:
    """The text of a tree, with its gaps and formulas, and nothing else."""
    out, hints = [], [""]
    for node in _leaves(tree):
        match node:
            case str():
                out.append(to_markdown.heavy(" ".join(node.split()) if node.strip() else " "))
            case Gap(number, hint):
                hints.append(f"::{hint}" if hint else "")
                out.append(f"{{{{c{number}::")
            case GapEnd():
                out.append(f"{hints.pop() if len(hints) > 1 else ''}}}}}")
            case Math(tex, _):
                out.append(f" ${tex}$ ")
            case Sound(name):
                out.append(f"(sound: {name})")
            case Element():
                out.append(to_markdown.heavy(f"(picture: {node.attributes.get('src', '')[:80]})"))
    return " ".join("".join(out).split())


def _leaves(tree: Element) -> Iterator[anki_html.Node]:
    """Everything but elements, pictures excepted; a blank stands at the end of a block and for a line break."""
    for child in tree.children:
        if isinstance(child, Element):
            if child.tag == "img":
                yield child
            yield from _leaves(child)
            if child.tag in anki_html.BLOCKS or child.tag == "br":
                yield " "
        else:
            yield child


def transcribe(
    note: ForeignNote, project: Project, album: Album, home: Home | None, topic: str, root: str
) -> tuple[Draft, ...]:
    """The cards of one note. `home` and `topic` are for notes that name none; without a home
    they give drafts without one, from which only the number of such notes can be told. `root` is the folder of the cards."""
    own = next(
        (
            s
            for s, t in project.notetypes.items()
            if tuple(f.name for f in t.fields) == tuple(note.fields)
        ),
        "",
    )
    if own and ID.fullmatch(note.fields["ID"].strip()) and len(note.fields["ID"].strip()) <= MAX_ID:
        return (_own(note, own, project, album, home, topic, root),)
    return tuple(_foreign(note, project, album, home, topic, root))


def resolved(drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """The same drafts; what a card is compared with is found again by what it says."""
    drafts = tuple(drafts)
    by_saying = {draft.saying: draft.id for draft in drafts if draft.saying}
    out = []
    for draft in drafts:
        if draft.compared:
            ids = [by_saying[said] for said in draft.compared if said in by_saying]
            lost = len(draft.compared) - len(ids)
            remark = (
                (f"{lost} of the cards that it is compared with cannot be told",) if lost else ()
            )
            metadata = (*draft.metadata, *(("compare", name) for name in ids))
            draft = replace(draft, metadata=metadata, remarks=(*draft.remarks, *remark))
        out.append(draft)
    return tuple(out)


def _digest(note: ForeignNote, face: int) -> str:
    """What a note says, as a hash. Its tags are no part of that: Anki adds and drops some by itself."""
    text = "\x1f".join([*note.fields.values(), str(face)]).rstrip("\x1f")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _default_kind(vocabulary: Vocabulary) -> str:
    """The first kind that asks for no source."""
    return next(
        (slug for slug, kind in vocabulary.kinds.items() if not kind.needs_source),
        next(iter(vocabulary.kinds)),
    )


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _shown(html: str, gaps: bool = False) -> str:
    """What a reader sees of a field, gaps as if open, and of a picture what it shows."""
    html = re.sub(r"<img\b[^>]*?alt=\"([^\"]*)\"[^>]*>", r" \1 ", html)
    return anki_html.seen(anki_html.visible(anki_html.read(html, gaps, lambda _: None)))[0]


def _own(
    note: ForeignNote,
    kind: str,
    project: Project,
    album: Album,
    home: Home | None,
    topic: str,
    root: str,
) -> Draft:
    """A note of one of the project's types: the card that it was compiled from."""
    vocabulary, fields = project.vocabulary, note.fields
    roots = tuple(dict.fromkeys(f"{root.tag}::" for root in project.roots))
    labels = [tag.split("::", 1)[1] for tag in note.tags if tag.startswith(roots)]
    by_key: dict[str, list[str]] = {}
    for label in labels:
        key, _, value = label.partition("::")
        by_key.setdefault("service" if key == "theme" else key, []).append(value)
    titles = _text(fields["Services"])
    services = sorted(
        (s for s in by_key.get("service", ()) if s in vocabulary.services),
        key=lambda s: _place(titles, vocabulary.services[s].title),
    )
    task = next(
        (vocabulary.tasks[t] for t in by_key.get("task", ()) if t in vocabulary.tasks), None
    )
    mine = next(
        (
            t
            for t in by_key.get("topic", ())
            if t in vocabulary.topics and task and vocabulary.topics[t].task == task.slug
        ),
        "",
    )
    placed = Home(task.folder, services[0]) if task and services and mine else None
    where = placed or home
    sheet = _Sheet(album, f"{root}/{where.folder}/{where.service}" if where else root)
    metadata = [
        (
            "kind",
            next(
                (k for k in by_key.get("kind", ()) if k in vocabulary.kinds),
                _default_kind(vocabulary),
            ),
        )
    ]
    metadata.append(("topic", mine if placed else topic))
    metadata += [("also", s) for s in services if placed is None or s != placed.service]
    exams = sorted(e for e in by_key.get("exam", ()) if e.split("::")[0] in vocabulary.exams)
    if placed and exams != sorted(vocabulary.topics[mine].exams):
        metadata += [("exam", e) for e in exams] or [("exam", "none")]
    metadata += [("status", s) for s in by_key.get("status", ()) if s in vocabulary.statuses]
    metadata += [("source", address) for address in re.findall(r'href="([^"]+)"', fields["Source"])]
    if re.fullmatch(r"20\d\d-\d\d", fields["AsOf"].strip()):
        metadata.append(("checked", fields["AsOf"].strip()))
    if kind == "basic":
        if hint := _text(fields["Hint"]):
            metadata.append(("hint", hint))
        body = [sheet.write(fields["Question"]), sheet.write(fields["Answer"])]
        saying = _letters(_shown(fields["Question"]) + _shown(fields["Answer"]))
    elif kind == "cloze":
        body = [sheet.write(fields["Text"], gaps=True)]
        saying = _letters(_shown(fields["Text"], gaps=True))
    else:
        options, right = _options(sheet, fields)
        body = [f"{sheet.write(fields['Question'])}\n\n{options}"]
        saying = _letters(_shown(fields["Question"]) + right)
    extra = [sheet.write(fields["Extra"])]
    for name in ("Spare1", "Spare2", "Spare3", "MyNotes"):
        if name in fields and (text := sheet.write(fields[name])):
            sheet.remark(f"{name} stands at the end of the explanation")
            extra.append(text)
    written = "\n\n".join(part for part in extra if part)
    compared = tuple(
        filter(None, (_letters("".join(anki_html.visible(e))) for e in _items(fields["Compare"])))
    )
    left = tuple(tag for tag in note.tags if not tag.startswith(roots))
    name = fields["ID"].strip()
    return Draft(
        note.origin, _digest(note, 0), name, name, placed, tuple(metadata), (*body, *([written] if written else [])), tuple(sheet.remarks),
        left, compared, saying,
    )  # fmt: skip


def _text(html: str, gaps: bool = False) -> str:
    """A field as one line of plain text, without its pictures and without what gaps hide."""
    out: list[str] = []
    hidden = 0
    for node in _leaves(anki_html.read(html, gaps, lambda _: None)):
        hidden += isinstance(node, Gap) - isinstance(node, GapEnd)
        if not hidden and not isinstance(node, Element | GapEnd):
            out.append(
                node if isinstance(node, str) else node.tex if isinstance(node, Math) else ""
            )
    return " ".join("".join(out).split())


def _place(titles: str, title: str) -> int:
    """Where a title stands in a list of them."""
    found = re.search(rf"(?:^|, ){re.escape(title)}(?=, |$)", titles)
    return found.start() if found else len(titles)


def _items(html: str) -> list[Element]:
    """The items of the list in a field."""
    tree = anki_html.read(html, False, lambda _: None)
    lists = [c for c in tree.children if isinstance(c, Element) and c.tag in ("ol", "ul")]
    return [
        c for found in lists[:1] for c in found.children if isinstance(c, Element) and c.tag == "li"
    ]


def _options(sheet: _Sheet, fields: Mapping[str, str]) -> tuple[str, str]:
    """The options of a choice card with their reasons, and the text of the right ones."""
    right = set(fields["Key"].split())
    whys = {item.attributes.get("data-n", ""): item for item in _items(fields["Why"])}
    out, said = [], ""
    for number, item in enumerate(_items(fields["Options"]), 1):
        key = item.attributes.get("data-n", str(number))
        out.append(f"- [{'x' if key in right else ' '}] {sheet.line(item)}")
        said += "".join(anki_html.visible(item)) if key in right else ""
        if key in whys and (reason := sheet._written(whys[key], False, to_markdown.Writer.write)):
            out.append("\n".join("  " + line if line else "" for line in reason.split("\n")))
    return "\n\n".join(out), said


def _foreign(
    note: ForeignNote, project: Project, album: Album, home: Home | None, topic: str, root: str
) -> Iterator[Draft]:
    full = {name: value for name, value in note.fields.items() if _shown(value)}
    if not full:
        yield _unwritten(note, "its fields are empty")
        return
    if any("image-occlusion:" in value for value in full.values()):
        yield _unwritten(note, "it hides parts of a picture, which no card here can")
        return
    vocabulary = project.vocabulary
    gaps = next((name for name in full if anki_html.numbers(full[name])), "") if note.cloze else ""
    faces: Mapping[int, Face] = note.faces
    if note.cloze or not any(set(face.question) & set(full) for face in faces.values()):
        first = gaps or next(iter(full))
        faces = {0: Face("", (first,), tuple(name for name in full if name != first))}
    begun = False
    for number, face in faces.items():
        question = [name for name in face.question if name in full]
        if not question:
            continue
        sheet = _Sheet(album, f"{root}/{home.folder}/{home.service}" if home else root)
        rest = [name for name in face.answer if name in full]
        elsewhere = [
            name
            for name in full
            if name not in face.question
            and name not in rest
            and not any(name in (*f.question, *f.answer) for f in faces.values())
        ]
        rest += elsewhere if not begun else []
        metadata = [("kind", _default_kind(vocabulary)), ("topic", topic)]
        for name in [
            name
            for name in rest
            if name.casefold() in _SOURCES and re.fullmatch(r"https://\S+", _text(full[name]))
        ]:
            metadata.append(("source", _text(full[name])))
            rest.remove(name)
        services, left = _mapped(note.tags, vocabulary, home)
        metadata[2:2] = [("also", slug) for slug in services]
        if gaps:
            text = full[gaps]
            body = [sheet.write(_renumbered(text, sheet.remark), gaps=True)]
            subject = _text(text, gaps=True)
        else:
            body = ["\n\n".join(sheet.write(full[name]) for name in question)]
            subject = " ".join(_text(full[name]) for name in question)
            if rest:
                body.append(sheet.write(full[rest.pop(0)]))
        labels = len(rest) > 1 or any(
            name.casefold() not in ("extra", "back extra", "notes") for name in rest
        )
        parts = [
            (f"**{to_markdown.heavy(name)}**\n\n" if labels else "") + text
            for name in rest
            if (text := sheet.write(full[name]))
        ]
        origin = note.origin if number == 0 else f"{note.origin}/{number}"
        subject += f" {face.name}" if number and len(faces) > 2 else " reversed" if number else ""
        sections = (*body, *(["\n\n".join(parts)] if parts else []))
        yield Draft(
            origin,
            _digest(note, number),
            "",
            subject,
            None,
            tuple(metadata),
            sections,
            tuple(sheet.remarks),
            left,
        )
        begun = True


def _unwritten(note: ForeignNote, why: str) -> Draft:
    subject = next((text for value in note.fields.values() if (text := _text(value))), note.origin)
    return Draft(note.origin, _digest(note, 0), "", subject, None, (), (), (why,), note.tags)


def _renumbered(text: str, remark: Callable[[str], None]) -> str:
    """Gaps numbered 1, 2, 3: the note is new here, and nobody's history hangs on its numbers."""
    numbers = anki_html.numbers(text)
    new = {old: place for place, old in enumerate(numbers, 1)}
    if all(old == place for old, place in new.items()):
        return text
    remark(
        "its gaps are numbered anew: "
        + ", ".join(f"{old} is {place}" for old, place in new.items() if old != place)
    )
    return re.sub(r"\{\{c(\d{1,4})::", lambda m: f"{{{{c{new[int(m[1])]}::", text)


def _mapped(
    tags: Iterable[str], vocabulary: Vocabulary, home: Home | None
) -> tuple[list[str], tuple[str, ...]]:
    """The services that tags name (by slug, title or another name), and the tags that name none."""
    names = {
        _letters(name): s.slug
        for s in vocabulary.services.values()
        for name in (s.slug, s.title, *s.names)
    }
    services, left = [], []
    for tag in tags:
        found = names.get(_letters(tag.rsplit("::", 1)[-1]))
        if found is None:
            left.append(tag)
        elif (home is None or found != home.service) and found not in services:
            services.append(found)
    return services, tuple(left)
