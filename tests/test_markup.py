"""What looks odd and is fine, and what looks fine and would lose text."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest
from browser import ORIGIN, visit
from conftest import catalog, run
from playwright.sync_api import Browser
from reviewer import web_files

from deckwright import markdown
from deckwright.cards import markdown_rules
from deckwright.core.source import Source
from deckwright.markdown import tex

QUESTION = "# P\n\n## polly-x\n\n- kind: concept\n- topic: voices\n\nQ?\n\n---\n\n"


def put(project: Path, text: str) -> Path:
    file = project / "cards" / "services" / "polly.md"
    file.parent.mkdir(parents=True)
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            "`s3:*` and s3:* allow all; 2 * 3, a_b_c and [1].",
            "<code>s3:*</code> and s3:* allow all; 2 * 3, a_b_c and [1].",
        ),
        ("$5, $10/GB, 50 % and ${HOME}/$USER.", "$5, $10/GB, 50 % and ${HOME}/$USER."),
        ("The ratio $x^2$ is $n$ at most 3.", "\\(x^2\\) is \\(n\\)"),
        ("```console\n$ aws s3 ls\nbucket\n```", "bucket"),
        ("1. ```bash\n   ls\n   ```", "ls"),
        ("> ```json\n> {}\n> ```", "{}"),
        ("| A | B |\n|---|---|\n| `a\\|b` | second |", "<code>a|b</code></td>\n<td>second"),
        ("A map {1: 2} and <Code> stay text.", "{1: 2} and &lt;Code&gt;"),
        ("[Note]: it costs more.", "[Note]: it costs more."),
        ("#EC2 is a tag.", "#EC2 is a tag."),
        ("- a\n\n* c", "<li>c</li>"),
        ("glob `**/*.md` and `\\(`", "<code>**/*.md</code>"),
        ("これは**「重要。」**です", "これは<strong>「重要。」</strong>です"),
        ("**한국어(Korean)**를 *`x`*な ~~削（除）~~す", "<strong>한국어(Korean)</strong>를"),
        ("~one~ and ~~two~~", "<s>one</s> and <s>two</s>"),
        ("**中文**English", "<strong>中文</strong>English"),
    ],
)
def test_fine(body: str, shown: str, bare: Path) -> None:
    file = put(bare, QUESTION + body + "\n")
    assert run(bare, "check").out == ""
    run(bare, "decks")
    before = catalog(bare / "dist")["polly-x"]["fields"]
    assert shown in before["Answer"]
    assert run(bare, "fmt").out == ""
    once = file.read_text("utf-8")
    run(bare, "decks")
    assert catalog(bare / "dist")["polly-x"]["fields"] == before
    run(bare, "fmt")
    assert file.read_text("utf-8") == once


def found(text: str) -> list[tuple[str, int, int, str]]:
    """Codes, lines, columns and texts of what is wrong with a card's Markdown."""
    source = Source("card.md", text)
    return [
        (d.code, d.span.line, d.span.column, d.span.text)
        for d in markdown_rules.diagnose(source, markdown.parse(source))
    ]


@pytest.mark.parametrize(
    "formula",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\style{position: fixed; top: 0}{x}",
        r"\bbox[background: url(https://example.com/seen.png)]{x}",
        r"\class{note}{x}",
        r"\require{html}",
        r"\def\x{\href}",
        r"\unicode{x3c}",
        r"\begin{X}x\end{X}",
        r"\begin",
        r"\text{\href{javascript:alert(1)}{x}}",
        r"\rule{99em}{99em}",
        r"\HREF{x}{y}",
        r"\includegraphics{x}",
        r"\mmlToken{mi}[href=javascript:alert(1)]{x}",
        r"50% \frac{x}",
        r"#1",
        r"\begin{matrix} a \\[-99em] b \end{matrix}",
        r"\begin{matrix} a \\ [\href{x}{y}] b \end{matrix}",
        r"a \\*[4000pt] b",
        r"\begin{alignedat}{99999999999} a \end{alignedat}",
        "{" * 31 + "x" + "}" * 31,
    ],
)
def test_tex_that_does_more_than_draw_is_refused(formula: str) -> None:
    assert next(tex.problems(formula), None)
    assert {code for code, *_ in found(f"a ${formula}$ b\n")} == {"P219"}
    assert {code for code, *_ in found(f"$$\n{formula}\n$$\n")} == {"P219"}


@pytest.mark.parametrize(
    "formula",
    [
        r"\text{RMSE} = \sqrt{\frac{1}{n} \sum_{i=1}^{n} (y_i - \hat{y}_i)^2}",
        r"\operatorname*{arg\,min}_{\theta \in \mathbb{R}^d} \mathcal{L} + \lambda \|\theta\|_2^2",
        r"D_{\mathrm{KL}}(p \,\|\, q) = \mathbb{E}_{x \sim p}\bigl[\log \tfrac{p(x)}{q(x)}\bigr]",
        r"\begin{bmatrix} 1 & \cdots & 0 \\ \vdots & \ddots & \vdots \\[2pt] 0 & 1 \end{bmatrix}",
        r"f(x) = \begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
        r"\begin{aligned} a &= b \\*[2pt] &\approx 5\% \end{aligned}",
        r"\$5 \times 10^{-3}\ \text{per \#}",
    ],
)
def test_tex_of_a_deck_on_machine_learning_is_fine(formula: str) -> None:
    assert list(tex.problems(formula)) == []
    assert found(f"a {{{{c1::${formula}$}}}} b\n") == []
    assert found(f"$$\n{formula}\n$$\n") == []


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a $x +\ny \\foo$ b", 2, 3),
        ("- a\n\n  $x \\foo$", 3, 6),
        ("| a | b |\n| --- | --- |\n| x | p\\|q $\\foo$ |", 3, 13),
        ("a {{c1::$\\foo$}} b", 1, 10),
        ("$$\nx\n  \\foo y\n$$", 3, 3),
        ("> - $$\n>   x \\foo $$", 2, 7),
    ],
)
def test_a_macro_is_found_in_its_place(text: str, line: int, column: int) -> None:
    assert found(text + "\n") == [("P219", line, column, "\\foo")]


def test_a_long_formula_is_refused_before_it_is_read() -> None:
    (problem,) = tex.problems(r"\foo" * 501)
    assert "2,004" in problem.message
    assert len(found(f"$$\n{'x' * 1_999}\n$$\n")) == 1
    assert found(f"$$\n{'x' * 1_998}\n$$\n") == []


# Macros that need arguments other than `{x}`, and environments with a first argument.
SAMPLES = {
    "frac": "{a}{b}", "dfrac": "{a}{b}", "tfrac": "{a}{b}", "cfrac": "{a}{b}", "binom": "{a}{b}",
    "dbinom": "{a}{b}", "tbinom": "{a}{b}", "stackrel": "{a}{b}", "overset": "{a}{b}",
    "underset": "{a}{b}", "sideset": r"{_1^2}{_3^4}\sum", "root": r"3 \of x", "left": r"( \right)",
    "not": "=", "array": "{c}", "subarray": "{c}",
}  # fmt: skip
INSIDE = {
    "right": r"\left( x \right)", "middle": r"\left( a \middle| b \right)", "of": r"\root 3 \of x",
    "limits": r"\sum\limits_a", "nolimits": r"\sum\nolimits_a",
    "cr": r"\begin{matrix}a \cr b\end{matrix}",
    "hline": r"\begin{array}{c} a \\ \hline b \end{array}",
    "hdashline": r"\begin{array}{c} a \\ \hdashline b \end{array}",
}  # fmt: skip


def sample(name: str) -> str:
    """A small formula with an allowed macro."""
    if re.fullmatch(r"[bB]igg?[lrm]?", name):
        return f"\\{name}( x"
    if not name.isalpha():
        return f"a\\{name} b"
    return INSIDE.get(name) or f"\\{name}{SAMPLES.get(name, '{x}')}"


def test_ankis_mathjax_draws_all_allowed_tex_without_another_file(browser: Browser) -> None:
    allowed = tex.allowed()
    formulas = {name: sample(name) for name in sorted(allowed.macros)}
    for name in sorted(allowed.environments):
        formulas[name] = f"\\begin{{{name}}}{SAMPLES.get(name, '')} a \\end{{{name}}}"
    scripts = ("/_anki/js/mathjax.js", "/_anki/js/vendor/mathjax/tex-chtml-full.js")
    page = "<!DOCTYPE html><meta charset='utf-8'>"
    page += "".join(f"<script src='{script}'></script>" for script in scripts)
    page += "".join(f"<p id='{name}'>\\[{escape(text)}\\]</p>" for name, text in formulas.items())
    served = []

    def serve(path: str) -> bytes | None:
        served.append(path)
        return page.encode() if path == "/math.html" else web_files(path)

    with visit(browser, serve) as shown:
        shown.page.goto(f"{ORIGIN}/math.html")
        shown.page.evaluate("MathJax.startup.promise.then(() => MathJax.typesetPromise())")
        refused = shown.page.evaluate(
            """() => [...document.querySelectorAll('p')].filter(
                p => !p.querySelector('mjx-container')
                  || p.querySelector('mjx-merror, [style*=red]')
                  || p.textContent.includes(String.fromCharCode(92))
            ).map(p => p.id)"""
        )
    assert refused == []
    assert {path for path in served if not path.endswith(".woff")} == {"/math.html", *scripts}
