# The two commands that a fresh machine needs: `make decks` and `make test`. Everything else is for people who work here.
# Python 3.11 or newer and make are enough; PYTHON and VENV may name others.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$p" && break; done)
VENV ?= .venv
RUN = $(VENV)/bin/python
ANKI = 23.10.1 24.11 25.9.2

.DEFAULT_GOAL := help
.PHONY: help decks preview check similar fmt pictures coverage verify data newest drift reproduce duplicates test test-full test-anki accept bench screenshots lint pins clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort | awk -F'\t' '{ printf "make %-11s %s\n", $$1, $$2 }'

decks: $(VENV)/decks.ok ## build all packages into dist/
	@$(RUN) build.py decks

preview: $(VENV)/decks.ok ## build all packages and a site of all cards, dist/site/index.html
	@$(RUN) build.py preview

check: $(VENV)/decks.ok ## look at every card, say what is wrong
	@$(RUN) build.py check

similar: $(VENV)/decks.ok ## look for cards that may be duplicates or are easily confused, too
	@$(RUN) build.py check --similar

fmt: $(VENV)/decks.ok ## bring card files to their normal form
	@$(RUN) build.py fmt

pictures: $(VENV)/decks.ok ## draw the pictures of the cards again, from decks/pictures/
	@$(RUN) decks/pictures

coverage: $(VENV)/decks.ok ## count cards by topic and outline line
	@$(RUN) build.py coverage || test $$? -eq 1 # 1 means that cards are missing, which is what the table says

verify: $(VENV)/data.ok ## hold what the cards state against published AWS data
	@$(RUN) build.py verify

data: $(VENV)/data.ok ## install the published AWS data that verify and evidence read

drift: newest ## list what the newest AWS data says otherwise than the record
	@$(RUN) build.py verify --drift --data .data

newest: $(VENV)/decks.ok ## fetch the newest AWS data into .data/
	@rm -rf .data && $(RUN) -m pip install -q --no-warn-script-location --disable-pip-version-check --no-deps --target .data -r requirements-data.in

reproduce: $(VENV)/decks.ok ## build again in other surroundings, compare all bytes
	@$(RUN) build.py reproduce

test: $(VENV)/test.ok ## run the tests (six minutes)
	@$(RUN) -m pytest

test-full: $(VENV)/test.ok ## run the tests with many more random cases, and every card in every app
	@DECKWRIGHT_TESTS=full $(RUN) -m pytest

test-anki: $(ANKI:%=.venv-anki-%/ok) $(VENV)/test.ok ## learners' lives, 300 on each Anki from 23.10 on (for the night)
	@for python in $(RUN) $(ANKI:%=.venv-anki-%/bin/python); do \
		$$python -c 'import anki.buildinfo; print("Anki", anki.buildinfo.version)' && \
		DECKWRIGHT_HISTORIES=300 $$python -m pytest -q tests/test_histories.py tests/test_updates.py tests/test_anki.py || exit 1; done

accept: $(VENV)/test.ok ## rewrite expected outputs of the tests; review the diff
	@DECKWRIGHT_ACCEPT=1 $(RUN) -m pytest -n 0 -q tests/test_cases.py tests/test_golden.py

duplicates: $(VENV)/test.ok ## how well duplicates are told, on the labelled pairs
	@$(RUN) tests/duplicates/measure.py

bench: $(VENV)/test.ok ## time the compiler against its floor, side by side
	@$(RUN) tests/bench.py

screenshots: $(VENV)/test.ok ## make the pictures of cards in docs/img/ anew
	@$(RUN) tests/screenshots.py

lint: $(VENV)/test.ok ## style and types
	@$(RUN) -m ruff format --check . && $(RUN) -m ruff check . && $(RUN) -m mypy

pins: $(VENV)/test.ok ## renew the pinned, hashed requirement files from the .in files
	@$(RUN) -m pip install -q uv && for name in requirements requirements-test requirements-data; do \
		$(RUN) -m uv pip compile -q $$(test $$name != requirements-data || echo --no-deps) --universal --python-version 3.11 \
			--generate-hashes --no-header --no-annotate --upgrade $$name.in -o $$name.txt; done && \
		sed -n 's/^anki==\([^ ]*\).*/aqt==\1/p' requirements-test.txt | \
		$(RUN) -m uv pip compile -q --no-deps --universal --python-version 3.11 --generate-hashes --no-header --no-annotate - -o tests/anki/pages.txt

clean: ## remove the environments and everything built
	@rm -rf $(VENV) .venv-anki-* .data dist .pytest_cache .hypothesis .mypy_cache .ruff_cache

# An environment is brought up to date when its pinned requirements change; another PYTHON wants another VENV.
$(VENV)/decks.ok: requirements.txt | python
	@"$(PYTHON)" -m venv $(VENV) && $(RUN) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt && touch $@

# tests/anki/pages.txt has the pages of Anki's own reviewer; what the desktop program needs besides is left out.
$(VENV)/test.ok: requirements-test.txt tests/anki/pages.txt $(VENV)/data.ok | python
	@$(RUN) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-test.txt && \
		$(RUN) -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r tests/anki/pages.txt && touch $@ $(VENV)/decks.ok

# Data alone, nothing of which is run: these packages come without what they depend on, into a folder where nothing imports them.
$(VENV)/data.ok: requirements-data.txt | python $(VENV)/decks.ok
	@rm -rf $(VENV)/data && $(RUN) -m pip install -q --disable-pip-version-check --no-warn-script-location --no-deps --require-hashes \
		--target $(VENV)/data -r requirements-data.txt && touch $@

# Older Ankis, each with the other libraries as in requirements-test.txt.
.venv-anki-%/ok: tests/anki/%.txt requirements-test.txt | python
	@"$(PYTHON)" -m venv $(@D) && $(@D)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-test.txt && \
		$(@D)/bin/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r $< && touch $@

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11 or newer on the PATH; name one with: make $(firstword $(MAKECMDGOALS)) PYTHON=/path/to/python3" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "$(PYTHON) is not Python 3.11 or newer; name one with: make $(firstword $(MAKECMDGOALS)) PYTHON=/path/to/python3" >&2; exit 2; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv module; install it first (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 2; }
