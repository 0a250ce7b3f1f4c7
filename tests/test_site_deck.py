"""The site of this deck: its links and formulas, and in a real browser that what a learner types
finds the card that answers it, and that on a phone nothing is cut and the first page is short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from browser import ORIGIN, visit
from built_site import ParsedPage, links_without_target, results
from conftest import FULL, LATER, REPO
from playwright.sync_api import Browser, expect

from deckwright import pipeline
from deckwright.core.note import Artifact
from deckwright.output.site import Edition, pages
from deckwright.output.site.mathml import typeset

# What learners type, also wrongly, and a card that answers it.
QUERIES = (
    ("cost of polly", "polly-ssml-request-bill"),
    ('"event history"', "cloudtrail-event-history-days"),
    ("spot training checkpints", "sagemaker-spot-checkpoints"),
    ("multi-model endpoint memory", "sagemaker-multi-model-memory-full"),
    ("data drift vs concept drift", "concept-drift-versus-data-drift"),
    ("how long can an async request run", "sagemaker-async-longest-request"),
    ("cold start serverless", "sagemaker-serverless-busy-cold-start"),
    ("a/b testing same user", "sagemaker-variant-same-user"),
    ("kinesis shrad limits", "kinesis-shard-writes"),
    ("encrypting a large file with kms", "kms-large-file"),
    ("chunk size rag", "bedrock-chunks-found-but-incomplete"),
    ("guardrails competitor names", "bedrock-guardrail-competitor-name"),
    ("xgboost overfits", "xgboost-overfitting-remedy"),
    ("recall confusion matrix", "metric-recall-from-confusion-matrix"),
    ("Polly pronounces a company's name wrong", "polly-lexicon-purpose"),
    ("api gateway timeout", "api-gateway-integration-timeout"),
    ("what is the maximum payload of a real-time endpoint", "sagemaker-realtime-payload"),
    ("minimum face size rekognition", "rekognition-smallest-face-4k"),
    ("spot interruption two minutes", "ec2-spot-interruption-notice"),
    ("scaling an endpoint to zero", "sagemaker-scale-to-zero"),
    ("convert csv to parquet", "firehose-csv-to-parquet"),
    ("weekend endpoint bill", "sagemaker-weekend-without-requests"),
    ("sagemaker-scale-to-zero", "sagemaker-scale-to-zero"),
)


# Elements whose content is wider than they are, in closed details too.
CUT = """() => {
  document.querySelectorAll("main details:not(.reveal)").forEach((one) => { one.open = true; });
  return Array.from(document.querySelectorAll("main, main *"))
    .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
    .filter((one) => getComputedStyle(one).display !== "inline")
    .map((one) => `${one.tagName}.${one.className}: ${one.scrollWidth} > ${one.clientWidth}`);
}"""


Files = dict[str, Callable[[], bytes]]


@pytest.fixture(scope="module")
def edition() -> Edition:
    """What the site of this deck shows, with packages of a usual size."""
    checked = pipeline.check(REPO, LATER).value
    edition = pipeline.edition(checked, pipeline.notes_of(checked), (), LATER)
    paths = dict.fromkeys(path for among in edition.files.values() for path in among)
    packages = tuple(Artifact(path, bytes(123_456), 1234, 1234) for path in paths)
    return replace(edition, packages=packages)


@pytest.fixture(scope="module")
def files(edition: Edition) -> Files:
    """The files of the site, each made when it is asked for."""
    return pages(edition)


def test_every_link_leads_somewhere_and_every_formula_is_drawn(
    edition: Edition, files: Files
) -> None:
    """By day, of every tenth card."""

    @cache
    def page_at(path: str) -> ParsedPage:
        return ParsedPage(files[path]().decode())

    cards = sorted(edition.places)[:: 1 if FULL else 10]
    others = (path for path in files if path.endswith(".html") and path not in edition.places)
    chosen = {path: page_at(path) for path in (*cards, *others)}
    assert links_without_target(chosen, page_at, files.__contains__) == []
    formulas = [
        field for n in edition.notes for field in n.fields if "\\(" in field or "\\[" in field
    ]
    assert formulas
    assert [field for field in formulas if 'class="tex"' in typeset(field)] == []


def test_a_learners_words_find_the_card_among_the_first_five(
    browser: Browser, files: Files
) -> None:
    loaded: list[bytes] = []

    def serve(path: str) -> bytes:
        loaded.append(files[path.lstrip("/")]())
        return loaded[-1]

    with visit(browser, serve) as tab:
        tab.page.goto(f"{ORIGIN}/cards.html")
        tab.page.wait_for_load_state("networkidle")
        assert sum(map(len, loaded)) < 200_000, "the first view"
        missed = {}
        for query, wanted in QUERIES:
            tab.page.locator("#q").fill(query)
            if wanted not in (shown := results(tab.page)[:5]):
                missed[query] = shown
        assert missed == {}
        tab.page.locator("#q").fill("scaling cooldown")  # its picture grows, and Escape closes it
        tab.page.locator(".results summary").first.click()
        tab.page.locator(".results img").first.press("Enter")
        expect(tab.page.locator("dialog button")).to_be_focused()
        tab.page.keyboard.press("Escape")
        expect(tab.page.locator("dialog")).to_have_count(0)
        expect(tab.page.locator("#q")).to_have_value("scaling cooldown")
        assert tab.heard() == []


def test_on_a_phone_nothing_is_cut_and_the_first_page_is_short(
    browser: Browser, files: Files
) -> None:
    with visit(browser, lambda path: files[path.lstrip("/")]()) as tab:
        for path in ("outline.html", "numbers.html", "ages.html", "index.html"):
            for width in (320, 390):
                tab.page.set_viewport_size({"width": width, "height": 844})
                tab.page.goto(f"{ORIGIN}/{path}")
                tab.page.wait_for_timeout(300)  # until the frame is as tall as its card
                height = tab.page.evaluate("document.documentElement.scrollHeight")
                assert tab.page.evaluate(CUT) == [], (path, width)
        assert height < 3000


DRAWS = """([draws, weights]) => {
  const rows = deckExam.cards, tasks = deckExam.exams[0].tasks, asked = {}, out = [];
  const pool = rows.map(([key, , right, apart, places]) => ({ key, right,
    apart: apart.map((other) => rows[other][0]), parts: places.map((task) => tasks[task][2]) }));
  for (let seed = 1; seed <= draws; seed++) {
    const before = seed % 2 ? {} : asked;
    const drawn = deckDraw.weighted(pool, weights, 65, before, deckDraw.random(seed));
    out.push(drawn.map(([card, part]) => [card.key, part]));
    if (seed % 2) { drawn.forEach(([card]) => { asked[card.key] = seed; }); }
  }
  return out;
}"""


def test_a_thousand_mock_exams_have_the_weights_and_no_two_questions_give_each_other_away(
    browser: Browser, files: Files, edition: Edition
) -> None:
    """Every second one comes after those before it, and asks what they did not."""
    questions, served = edition.questions, edition.project.vocabulary.served
    cards, exam = {note.id: note.card for note in questions.notes}, questions.exams[0]
    arguments = [1000, [part.weight for part in exam.parts]]
    with visit(browser, lambda path: files[path.lstrip("/")]()) as tab:
        tab.page.goto(f"{ORIGIN}/exam.html")
        exams = tab.page.evaluate(DRAWS, arguments)
        assert tab.page.evaluate(DRAWS, arguments) == exams, "the same seeds, the same draws"
    related = [(c.id, f.value) for c in cards.values() for f in (*c.compare, *c.not_duplicate_of)]
    asked = [{key for key, _ in drawn} for drawn in exams]
    for keys, drawn in zip(asked, exams, strict=True):
        assert len(keys) == 65
        assert Counter(part for _, part in drawn) == {0: 18, 1: 16, 2: 16, 3: 15}
        domains = [
            (exam.parts[part].slug, served(cards[key].exams)["domain"]) for key, part in drawn
        ]
        assert all(domain in among for domain, among in domains)
        assert not [pair for pair in related if keys.issuperset(pair)]
    assert not asked[0] & asked[1]
    several = {key for key, card in cards.items() if sum(card.right_options) > 1}
    pool = {n.id for n, tasks in zip(questions.notes, exam.asks, strict=True) if tasks}
    share = sum(len(keys & several) for keys in asked) / 65_000
    assert share == pytest.approx(len(pool & several) / len(pool), abs=0.002)
