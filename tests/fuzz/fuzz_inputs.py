"""Grammars of hostile input: for each target, texts that are nearly what it reads."""

from __future__ import annotations

from hypothesis import strategies as st

_MARKUP = [
    "{{c1::", "}}", "{{c2::a::b}}", "`", "``", "```", "$", "$$", "*", "**", "_", "~~", "[", "](",
    "![", ")", "<", ">", "<!--", "-->", "<?", "<![CDATA[", "]]>", "<b>", "</b>", "<script>",
    "<img src=x>", "&#", "&amp;", "\\", "\\(", "\\[", "|", "| a |", "|---|", "> ", "- ", "- [ ] ",
    "- [x] ", "1. ", "#", "## card-a", "---", "***", "javascript:alert(1)", "https://e.org/x",
    "data:text/html,x", "[sound:a.mp3]", "\\href{javascript:alert(1)}{x}", "\\class{a}{b}",
    "\\require{html}", "\\frac{1}{2}", "^", "{", "}", "\t", "    ", "\u200b", "\u202e", "\u00a0",
    "é", "日本", "😀", "\x00", "\x7f", "%", "'", '"', "a", "word ",
]  # fmt: skip
_METADATA = [
    "- kind: concept", "- kind: quota", "- kind:", "  - topic: voices", "- topic: voices",
    "- topic: x", "- source: https://e.org/`{{c1::x}}`", "- checked: 2026-09",
    "- checked: 0000-00", "- also: s3", "- hint: ", "- evidence: data::a.b.c",
    "- evidence: c9 data::a~", "- allow: C450", "- level: essential", "- exam: none",
    "- compare: card-a", "- not-duplicate-of: card-a", "- shared-value: x", "- status: legacy",
    "* kind: concept", "- kind : concept", "- " * 9, "-",
]  # fmt: skip


def _mixed(pieces: list[str]) -> st.SearchStrategy[str]:
    """Texts of these pieces, of any other characters, and of one piece many times."""
    part = st.one_of(
        st.sampled_from(pieces),
        st.text(max_size=6),
        st.builds(lambda piece, n: piece * n, st.sampled_from(pieces), st.integers(2, 400)),
    )
    return st.lists(part, max_size=12).map("".join)


# What Anki acts on, as Markdown that a card can have.
_ACTIVE = [
    "::", ":", "&#58;&#58;", "&colon;:", "{{", "}}", "}", "&#123;&#123;c2&#58;&#58;y",
    "{&#123;c2::y", "&lcub;&lcub;", "&#125;&#125;", "&rcub;&rcub;", "{{c1,2::y}}", "%7B%7B",
    "%3A%3A", "\\:", "\\{", "\\}", "image-occlusion:rect:left=1", "image-occlusion:", "\\\\(",
    "\\\\)", "\\\\[", "\\\\]", "\\(", "[sound:a.mp3]", "[latex]", "[/latex]", "[$]",
    "[[type:Text]]", "[anki:play:q:0]", "$a::b$", "$x_{a_{b}}$", "`}}`", "`::`", "`{{c2::y}}`",
    "**b**", "onload=alert(1)", '"', "&quot;", "'", "=", "<", ">", "&lt;", "<!--", "-->", "é",
    "\n", "\\\\*[4000pt]", "\\\\ [99pt]", "\\begin{alignat*}{9999999}a\\end{alignat*}",
]  # fmt: skip
_word = st.sampled_from(["a", "a", "a ", " a", "xy ", "1"])
_acts = st.one_of(
    st.just("a"),
    st.builds("{}{}{}".format, _word, st.sampled_from(_ACTIVE), _word),
    st.builds("a {} b".format, st.sampled_from(_ACTIVE)),
    st.sampled_from(_ACTIVE),
    st.lists(st.one_of(st.sampled_from(_ACTIVE), _word), max_size=4).map("".join),
)
_title = st.one_of(st.just(""), _acts.map(' "{}"'.format))
_piece = st.one_of(
    st.builds("![a{}](img/x.png{})".format, _acts, _title),
    st.builds("![{}](<img/x.png>{})".format, _acts, _title),
    st.builds("[a{}](https://b.c/x{}{})".format, _acts, _acts, _title),
    st.builds("[a{}](<https://b.c/x{}>{})".format, _acts, _acts, _title),
    st.builds("[a{}](https{}//b.c/x{})".format, _acts, st.sampled_from(["&#58;", ":"]), _title),
    st.builds("<https://b.c/{}>".format, _acts),
    st.builds("`{}`".format, _acts),
    st.builds("``{}``".format, _acts),
    st.builds("${}$".format, _acts),
    st.builds("**a{}b**".format, _acts),
    _acts,
)
_pieces = st.one_of(_piece, _piece, st.lists(_piece, max_size=3).map(" ".join))
_gap = st.one_of(
    _pieces, _pieces, st.builds("{}::{}".format, _pieces, st.one_of(st.just("hint"), _acts))
).map("{{{{c1::{}}}}}".format)
_fact = st.builds(
    lambda gaps, more: " and ".join(
        [gap.replace("c1", f"c{n}", 1) for n, gap in enumerate(gaps, 1)] + more
    ),
    st.lists(_gap, min_size=1, max_size=3),
    st.lists(_pieces, max_size=1),
)
_below = st.one_of(
    _pieces,
    _pieces.map("- {}".format),
    _pieces.map("> {}".format),
    st.builds("| {} | b |\n| --- | --: |\n| a | {} |".format, _pieces, _pieces),
    st.builds("```{}\n{}\n```".format, st.sampled_from(["json", "python", ""]), _acts),
    _acts.map("$$\n{}\n$$".format),
)
_OPTIONS = (
    "\nIs {} text?\n\n- [x] one {}\n\n  Because {}\n\n- [ ] two {}\n\n  No.\n\n- [ ] no\n\n  No.\n"
)
_nearly = st.builds(
    "# T\n\n## card-a\n\n- kind: {}\n- topic: voices\n- source: https://e.org/{}\n"
    "- checked: 2026-10\n{}\n".format,
    st.sampled_from(["concept", "concept", "concept", "scenario"]),
    st.sampled_from(["x", "x::y", "&#58;&#58;"]),
    st.one_of(
        st.builds("\nThe {} is text.".format, _fact),
        st.builds("\nThe {} is text.\n\n---\n\n{}".format, _fact, _below),
        st.builds(
            "{}\nIs {} text?\n\n---\n\n{}\n\n---\n\n{}".format,
            st.one_of(st.just(""), _acts.map("- hint: think {}\n".format)),
            _pieces,
            _below,
            _below,
        ),
        st.builds(_OPTIONS.format, _pieces, _pieces, _pieces, _pieces),
    ),
)

running = _mixed(_MARKUP)
_blocks = st.lists(st.one_of(running, st.sampled_from(["", "---"])), max_size=6).map("\n\n".join)
_cards = st.builds(
    lambda name, metadata, body: f"## {name}\n\n" + "\n".join(metadata) + f"\n\n{body}\n",
    st.one_of(st.sampled_from(["card-a", "card-b", "", "Card"]), st.text(max_size=8)),
    st.one_of(
        st.just(["- kind: concept", "- topic: voices"]),
        st.lists(st.sampled_from(_METADATA), max_size=6),
    ),
    _blocks,
)
_files = st.builds(
    lambda head, cards: head + "\n\n".join(cards),
    st.one_of(
        st.just("# T\n\n"),
        st.builds(lambda n: "---\n" + "\n" * n + "# T\n", st.integers(0, 60)),
        running,
    ),
    st.lists(_cards, max_size=3),
)


def encoded(texts: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Texts as bytes, some of them damaged."""
    whole = texts.map(lambda text: text.encode("utf-8", "surrogatepass"))
    damaged = st.builds(
        lambda data, at, byte: data[: at % (len(data) + 1)] + byte + data[at % (len(data) + 1) :],
        whole,
        st.integers(0, 10_000),
        st.binary(max_size=3),
    )
    return st.one_of(whole, whole, whole, damaged)


cards = st.one_of(encoded(_files), encoded(_nearly))

_ELEMENTS = [
    "svg", "g", "path", "text", "tspan", "rect", "circle", "style", "defs", "use", "image", "a",
    "script", "foreignObject", "animate", "set", "title", "metadata", "h:img", "h:meta", "STYLE",
    "svg:g", "filter", "feImage", "linearGradient", "marker", "symbol", "clipPath", "switch",
    "textPath", "sodipodi:namedview",
]  # fmt: skip
_ATTRIBUTES = [
    'onload="alert(1)"', 'href="#a"', 'href="https://e.org/x"', 'xlink:href="javascript:alert(1)"',
    'id="a"', 'style="fill: url(#a)"', 'style="fill: u\\72l(https://e.org/x)"',
    'style="background: image-set(\'x\')"', 'fill="url(https://e.org/x)"', 'fill="url(#a)"',
    'class="a"', 'transform="scale(2)"', 'transform="' + "scale(" * 60 + '"', 'font-size="1e400"',
    'font-size="12"', 'width="1e9"', 'x="&#x41;"', 'viewBox="0 0 10 10"',
    'viewBox="0 0 1e400 nan"', 'xmlns="http://www.w3.org/1999/xhtml"', 'x="\x00"',
    'href="data:image/svg+xml,x"', 'href="data:image/png;base64,AAAA"', 'requiredExtensions="x"',
    'filter="url(#a)"', 'style="filter: blur(9px)"', 'style="text-shadow: 0 0 9px red"',
]  # fmt: skip
_STYLES = [
    ".a { font-size: 9px }", "@import 'x';", "@\\69mport 'x';", "a{", "/*", "*/", "{" * 50,
    ".a{fill:url(x)}", ".a{fill:u\\72l(x)}", "&lt;", "<![CDATA[", "]]>",
    "text{font-size:calc(1px*2)}", "@font-face{src:url(x)}", "@import url(http://e);",
    "*{stroke-linejoin: round; stroke-linecap: butt}",
]  # fmt: skip
_content = st.recursive(
    st.one_of(
        st.sampled_from([*_STYLES, "&a;", "&amp;", "<!-- x -->", "<?xml-stylesheet href='x'?>"]),
        st.text(alphabet="ab <&>\u0301日", max_size=6),
    ),
    lambda inner: st.builds(
        lambda name, attributes, parts, n: (
            (f"<{name} {' '.join(attributes)}>" * n) + "".join(parts) + f"</{name}>" * n
        ),
        st.sampled_from(_ELEMENTS),
        st.lists(st.sampled_from(_ATTRIBUTES), max_size=3),
        st.lists(inner, max_size=3),
        st.sampled_from([1, 1, 1, 1, 2, 40, 990]),
    ),
    max_leaves=8,
)
pictures = encoded(
    st.builds(
        lambda head, space, content: f"{head}<svg {space}>{content}</svg>",
        st.sampled_from(
            ["", "<?xml version='1.0'?>", "<!DOCTYPE svg [<!ENTITY a 'b'>]>", "\ufeff", "x"]
        ),
        st.sampled_from(
            [
                'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"',
                'xmlns="http://www.w3.org/2000/svg" xmlns:h="http://www.w3.org/1999/xhtml" '
                'xmlns:svg="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
                'xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"',
                "",
            ]
        ),
        st.one_of(_content, st.lists(_content, max_size=3).map("".join)),
    )
)

_HTML = [
    "<b>", "</b>", "<div>", "</div>", "<br>", "<img src=a.png>", "<img src=",
    "<a href='javascript:alert(1)'>x</a>", "<script>alert(1)</script>", "<style>",
    "<table><tr><td>", "</table>", "<ul><li>", "[latex]x[/latex]", "[$]", "[/$]", "[sound:a.mp3]",
    "\\(x\\)", "\\[", "\\(\\href{javascript:alert(1)}{x}\\)", "{{c1::a}}", "{{c1::", "}}",
    "{{c2::a::b}}", "&nbsp;", "&#0;", "&lt;", "<![CDATA[", "<!--", "-->", "`", "*", "_", "#", "- ",
    "1. ", "---", "\n", "|", "<svg onload=alert(1)>", "<math>", "<pre>", "<code>", "<sub>2</sub>",
    "\u200b", "\x00",
]  # fmt: skip
_field = _mixed(_HTML)


def _csv(rows: list[list[str]]) -> str:
    return "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)


fields = encoded(
    st.lists(st.lists(_field, min_size=1, max_size=4), min_size=1, max_size=3).map(_csv)
)

OF = {"cards": cards, "pictures": pictures, "import": fields}
