"""The site of this deck, in a real browser: what a learner types finds the card that answers it,
and on a phone nothing is cut and the first page is short.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from browser import ORIGIN, visit
from conftest import LATER, REPO
from playwright.sync_api import Browser

from deckwright import pipeline
from deckwright.core.note import Artifact
from deckwright.output.site import pages

# What learners type, and a card that answers it.
QUERIES = (
    ("cost of polly", "polly-ssml-billing"),
    ('"event history"', "cloudtrail-event-history-days"),
    ("spot training checkpoints", "sagemaker-spot-checkpoints"),
    ("multi-model endpoint memory", "sagemaker-multi-model-memory-full"),
    ("data drift vs concept drift", "concept-drift-versus-data-drift"),
    ("how long can an async request run", "sagemaker-async-processing-time"),
    ("cold start serverless", "sagemaker-serverless-busy-cold-start"),
    ("a/b testing same user", "sagemaker-variant-same-user"),
    ("kinesis shard limits", "kinesis-shard-writes"),
    ("encrypting a large file with kms", "kms-large-file"),
    ("chunk size rag", "bedrock-chunks-found-but-incomplete"),
    ("guardrails competitor names", "bedrock-guardrail-competitor-name"),
    ("xgboost overfits", "xgboost-overfitting-remedy"),
    ("recall confusion matrix", "metric-recall-from-confusion-matrix"),
    ("Polly pronounces a company's name wrong", "polly-lexicon-purpose"),
    ("api gateway timeout", "api-gateway-integration-timeout"),
    ("what is the maximum payload of a real-time endpoint", "sagemaker-realtime-payload"),
    ("minimum face size rekognition", "rekognition-smallest-face"),
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


@pytest.fixture(scope="module")
def serve() -> Callable[[str], bytes | None]:
    """The pages of this deck, each made when it is asked for, with packages of a usual size."""
    checked = pipeline.check(REPO, LATER).values[0]
    edition = pipeline.edition(checked, pipeline.rendered(checked), (), LATER)
    paths = dict.fromkeys(path for among in edition.files.values() for path in among)
    packages = tuple(Artifact(path, bytes(123_456), 1234, 1234) for path in paths)
    made = pages(replace(edition, packages=packages))

    def answer(path: str) -> bytes | None:
        make = made.get(path.lstrip("/"))
        return make() if make else None

    return answer


def test_a_learners_words_find_the_card_among_the_first_five(
    browser: Browser, serve: Callable[[str], bytes | None]
) -> None:
    with visit(browser, serve) as tab:
        tab.page.goto(f"{ORIGIN}/cards.html")
        missed = {}
        for query, wanted in QUERIES:
            tab.page.locator("#q").fill(query)
            shown = tab.page.locator(".results > li").evaluate_all(
                "all => all.slice(0, 5).map(e => e.dataset.id)"
            )
            if wanted not in shown:
                missed[query] = shown
        assert missed == {}
        assert tab.heard() == []


@pytest.mark.parametrize("width", [360, 390])
@pytest.mark.parametrize("path", ["index.html", "outline.html", "ages.html"])
def test_nothing_is_cut_on_a_phone(
    width: int, path: str, browser: Browser, serve: Callable[[str], bytes | None]
) -> None:
    with visit(browser, serve, viewport={"width": width, "height": 844}) as tab:
        tab.page.goto(f"{ORIGIN}/{path}")
        assert tab.page.evaluate(CUT) == []


def test_the_first_page_is_short_on_a_phone(
    browser: Browser, serve: Callable[[str], bytes | None]
) -> None:
    with visit(browser, serve, viewport={"width": 390, "height": 844}) as tab:
        tab.page.goto(f"{ORIGIN}/index.html")
        tab.page.wait_for_timeout(300)  # until the frame is as tall as its card
        assert tab.page.evaluate("document.documentElement.scrollHeight") < 2600
