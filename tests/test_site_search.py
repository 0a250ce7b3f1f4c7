"""The search of the site, in a real browser: what a learner types finds the card that answers it,
on this deck; and every page leads to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from browser import ORIGIN, visit
from conftest import REPO, make_project, run
from playwright.sync_api import Browser, Page, expect
from test_site import edit

from deckwright import pipeline
from deckwright.output.site import pages

TODAY = date(2026, 11, 30)

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
    ("chunk size rag", "chunk-too-large-to-find"),
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mini project's site."""
    project = make_project(tmp_path_factory.mktemp("search") / "mini")
    edit(project, "\nSpeech.\n", "\nSpeech, as in a café.\n")
    assert run(project, "preview").code == 0
    return project / "dist" / "site"


@contextmanager
def opened(browser: Browser, folder: Path, path: str) -> Iterator[Page]:
    """A page of the site from its file, in which nothing goes wrong."""
    with visit(browser, allowed=(folder.as_uri() + "/",)) as tab:
        tab.page.goto(f"{folder.as_uri()}/{path}")
        yield tab.page
        assert tab.heard() == []


def found(page: Page, query: str) -> list[str]:
    """The ids of the cards that the search lists for a query, the best first."""
    page.locator("#q").fill(query)
    return list(page.locator(".results > li").evaluate_all("all => all.map(e => e.dataset.id)"))


def test_a_learners_words_find_the_card_among_the_first_five(browser: Browser) -> None:
    checked = pipeline.check(REPO, TODAY).values[0]
    made = pages(pipeline.edition(checked, pipeline.rendered(checked), (), TODAY))

    def serve(path: str) -> bytes | None:
        make = made.get(path.lstrip("/"))
        return make() if make else None

    with visit(browser, serve) as tab:
        tab.page.goto(f"{ORIGIN}/cards.html")
        missed = {
            query: first
            for query, wanted in QUERIES
            if wanted not in (first := found(tab.page, query)[:5])
        }
        assert missed == {}
        assert tab.heard() == []


def test_endings_fillers_accents_and_quotation_marks(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "cards.html") as page:
        for query, ids in (
            ("the price of Polly", ["polly-input-length"]),
            ("replicate", ["s3-replication"]),
            ("billing characters", ["polly-input-length"]),
            ("cafe", ["polly-purpose"]),
            ('"billed characters"', ["polly-input-length"]),
            ("“billed characters", ["polly-input-length"]),
            ('"characters billed"', []),
            ("zebra", []),
        ):
            assert found(page, query)[:1] == ids, query
        page.locator("#q").fill("billing")
        expect(page.locator(".results mark").first).to_have_text("billed")


def test_the_slash_opens_the_search_on_every_page(browser: Browser, folder: Path) -> None:
    for path in (
        "index.html",
        "cards.html",
        "outline.html",
        "ages.html",
        "card/polly-purpose.html",
    ):
        with opened(browser, folder, path) as page:
            page.keyboard.press("/")
            expect(page.locator("#q")).to_be_focused()
            page.keyboard.type("museum/")
            expect(page.locator("#q")).to_have_value("museum/")
            page.goto(f"{folder.as_uri()}/{path}")
            page.get_by_role("link", name="Search", exact=True).click()
            expect(page.locator("#q")).to_be_focused()
