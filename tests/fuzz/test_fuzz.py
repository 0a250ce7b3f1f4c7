"""Hostile input: what fuzzers found before, and a minute of new attacks in the long run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import FULL
from fuzz import CORPUS, attack_for
from fuzz_targets import OF, Target


@pytest.fixture(scope="module", params=list(OF))
def target(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Target]]:
    with OF[request.param](tmp_path_factory.mktemp(request.param)) as one:
        yield request.param, one


def test_the_corpus_does_no_harm(target: tuple[str, Target]) -> None:
    name, one = target
    files = sorted((CORPUS / name).iterdir())
    assert files
    for file in files:
        one(file.read_bytes())


@pytest.mark.skipif(not FULL, reason="it takes minutes; `make test-full` runs it")
def test_a_minute_of_random_input_does_no_harm(target: tuple[str, Target]) -> None:
    assert attack_for(*target, minutes=1, first_seed=0)
