"""HTML for Anki's fields, and plain text."""

from __future__ import annotations

import pytest

from deckwright import markdown
from deckwright.core.blocks import Block
from deckwright.core.source import Source


def parse(text: str) -> tuple[Block, ...]:
    return markdown.parse(Source("x.md", text))


def html(text: str) -> str:
    return markdown.field_html(parse(text), lambda address: f"media/{address}")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("a & b < c", "<p>a &amp; b &lt; c</p>"),
        ("*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <s>c</s></p>"),
        ("{{c1::a::b}}", "<p>{{c1::a::b}}</p>"),
        ("{{c1::a:: b<c }}", "<p>{{c1::a::b&lt;c}}</p>"),
        ("`{{c1::a}}`", "<p><code>{<!-- -->{c1::a}}</code></p>"),
        ("{{c1::`a}}b`}}", "<p>{{c1::<code>a}<!-- -->}b</code>}}</p>"),
        ("{{c1::`a::b`}}", "<p>{{c1::<code>a:<!-- -->:b</code>}}</p>"),
        ("{{c1::`a:::b`}}", "<p>{{c1::<code>a:<!-- -->:<!-- -->:b</code>}}</p>"),
        ("{{c1::{1: 2} }}", "<p>{{c1::{1: 2} }}</p>"),
        ("{{c1::a:}}", "<p>{{c1::a:<!-- -->}}</p>"),
        ("\\\\(x)", "<p>\\<!-- -->(x)</p>"),
        ("[sound:a.mp3]", "<p>[<!-- -->sound:a.mp3]</p>"),
        ("[LaTeX] [$$] [/$]", "<p>[<!-- -->LaTeX] [<!-- -->$$] [<!-- -->/$]</p>"),
        ("[latexx] [sound]", "<p>[latexx] [sound]</p>"),
        ("$a<b$", "<p>\\(a&lt;b\\)</p>"),
        ("$x_{a_{b_{c}}}$", "<p>\\(x_{a_{b_{c} } }\\)</p>"),
        ("${{a}}::b$", "<p>\\({ {a} }: :b\\)</p>"),
        ("$$\na\nb\n$$", '<div class="math">\\[a b\\]</div>'),
        ("![a<b](c.png 'd')", '<p><img src="media/c.png" alt="a&lt;b" title="d"></p>'),
        (
            "![a\" b='](c.png 'd\" e=f')",
            '<p><img src="media/c.png" alt="a&quot; b=&#x27;" title="d&quot; e=f"></p>',
        ),
        ("[a](http://b?c&d)", '<p><a href="http://b?c&amp;d">a</a></p>'),
        (
            "![$a:::b$](c.png '}}')",
            '<p><img src="media/c.png" alt="$a:&#8288;:&#8288;:b$" title="}&#8288;}"></p>',
        ),
        (
            "[a](http://b::c '{&#123;[latex]\\\\(')",
            '<p><a href="http://b:%3Ac" title="{&#8288;{[&#8288;latex]\\&#8288;(">a</a></p>',
        ),
        ("$[sound:a] b:::c$", "<p>\\([ sound:a] b: : :c\\)</p>"),
        ("{{c1::image-occlusion:a}}", "<p>{{c1::<!-- -->image-occlusion:a}}</p>"),
        ("{{c1::a::\\}}}", "<p>{{c1::a::\\}<!-- -->}}</p>"),
        ("[[type:a]]", "<p>[<!-- -->[type:a]]</p>"),
        ("- [ ] a\n- [x] ![b](c)", '<ul>\n<li>a</li><li><img src="media/c" alt="b"></li>\n</ul>'),
        ("```text\na<b\n```", '<pre class="hl"><code class="language-text">a&lt;b</code></pre>'),
        ("    a", '<pre class="hl"><code>a</code></pre>'),
    ],
)
def test_fields(text: str, field: str) -> None:
    assert html(text) == field


def test_code_is_highlighted_by_its_language_and_no_character_is_lost() -> None:
    assert '<span class="nt">&quot;a&quot;</span>' in html('```JSON x\n{"a": 1}\n```')
    assert markdown.code_language("  Bash  x=1") == "bash"
    assert html("```nonsense\n<a>\n```") == (
        '<pre class="hl"><code class="language-nonsense">&lt;a&gt;</code></pre>'
    )
    assert html("```python\nx = 1\n\n\n```").count("\n") == 0


def test_plain_text_is_one_line_without_markup() -> None:
    blocks = parse(
        "# *a*\n\n- `b`\n  c\n\n```\nd\n  e\n```\n\n$$\nf\n$$\n\n{{c1::g *h*::i}} ![j](k)"
    )
    assert markdown.plain(blocks) == "a b c d e f g h j"
    assert markdown.plain(blocks, blank="…") == "a b c d e f … j"


def test_one_line_keeps_code_and_formulas_and_opens_gaps() -> None:
    blocks = parse("# a *b*\n\n{{c1::c::d}} `e<f`\n$g<h$\n\n```\n{{c1::\n  i\n```\n\n$$\nj\n$$")
    assert markdown.line_html(blocks) == (
        "a b <b>c</b> <code>e&lt;f</code> \\(g&lt;h\\) <code>{<!-- -->{c1:: i</code> \\(j\\)"
    )
