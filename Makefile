# `make decks` and `make test` are all that a new machine needs: Python 3.11 or newer, and make.
# To use another Python, name it and an environment of its own: make test PYTHON=python3.13 VENV=.venv-3.13

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$p" && break; done)
VENV ?= .venv
RUN = $(VENV)/bin/python
PIP = -m pip install -q --disable-pip-version-check --no-warn-script-location
STARTER = $(wildcard deckwright/project/starter/workflow.yml)
SCHEMA = $(VENV)/bin/check-jsonschema -q --builtin-schema vendor.
ANKI = 23.10.1 24.11 25.9.2

.DEFAULT_GOAL := help
.PHONY: help decks preview check fmt test test-full test-anki reproduce rehearse lint bench data verify attachments clean python

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F'\t' '{ printf "make %-11s %s\n", $$1, $$2 }'
	@echo && echo "The targets install what they need. For all other commands, run: ./build.py --help"

decks: $(VENV)/decks.ok ## build all packages into dist/
	@$(RUN) build.py decks

preview: $(VENV)/decks.ok ## build all packages and a site that shows every card (open dist/site/index.html)
	@$(RUN) build.py preview

check: $(VENV)/decks.ok ## check every card and report problems
	@$(RUN) build.py check

fmt: $(VENV)/decks.ok ## format all card files
	@$(RUN) build.py fmt

test: $(VENV)/test.ok ## run the tests
	@$(RUN) -m pytest

test-full: $(VENV)/test.ok ## run the tests with many more random inputs, open every card as each app shows it, and rehearse the next releases (slow)
	@DECKWRIGHT_TESTS=full $(RUN) -m pytest

test-anki: $(ANKI:%=.venv-anki-%/ok) $(VENV)/test.ok ## run the update and sync tests on every supported version of Anki, with 300 random series of releases and imports (slow)
	@for python in $(RUN) $(ANKI:%=.venv-anki-%/bin/python); do \
		$$python -c 'import anki.buildinfo; print("Anki", anki.buildinfo.version)' && \
		DECKWRIGHT_HISTORIES=300 $$python -m pytest -q tests/histories tests/test_updates.py tests/test_changed_note_types.py tests/test_sync.py tests/test_anki.py || exit 1; done

reproduce: $(VENV)/test.ok ## build the deck in different folders, locales, and time zones, and check that every byte is the same
	@$(RUN) tests/reproduce.py

rehearse: $(VENV)/test.ok ## rehearse the next two releases in a scratch clone: build, compare, and import them into Anki
	@$(RUN) tests/rehearse.py

lint: $(VENV)/test.ok ## check the style and types of the code, and the files for the code host
	@$(RUN) -m ruff format --check . && $(RUN) -m ruff check . && $(RUN) -m mypy
	@$(VENV)/bin/zizmor -q --offline --persona pedantic .github $(STARTER)
	@$(SCHEMA)github-workflows .github/workflows/*.yml $(STARTER)
	@$(SCHEMA)dependabot .github/dependabot.yml
	@$(SCHEMA)github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	@$(SCHEMA)github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(SCHEMA)citation-file-format CITATION.cff

bench: $(VENV)/test.ok ## compare the build time with the time for only rendering and packing the cards
	@$(RUN) tests/bench.py

data: $(VENV)/data.ok ## install the published AWS data for `make verify` and `./build.py evidence`

verify: $(VENV)/data.ok ## compare the cards with published AWS data, and with copies of pages
	@$(RUN) build.py verify

attachments: python ## collect what a release attaches from dist/: make attachments TAG=v1.4.0
	@"$(PYTHON)" .ci/attachments.py $(if $(DIST),--dist "$(DIST)") $(if $(SECOND),--second "$(SECOND)") -- "$$TAG"

clean: ## delete the Python environments, all build output, and the cached results of all projects
	@test ! -x $(RUN) || $(RUN) -c "import shutil; from deckwright.cache.place import cache_folder; shutil.rmtree(cache_folder() or '', ignore_errors=True)"
	@rm -rf $(VENV) .venv-anki-* .data dist build *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache

# An environment is updated when its pinned requirements change.
$(VENV)/decks.ok: requirements/install.txt requirements/build.txt pyproject.toml | python
	@echo "installing the compiler's libraries into $(VENV)/ (once; about 20 seconds) …" >&2
	@"$(PYTHON)" -m venv $(VENV) && $(RUN) $(PIP) --require-hashes -r requirements/install.txt -r requirements/build.txt && \
		$(RUN) $(PIP) --no-deps --no-build-isolation -e . && touch $@

# anki/pages.txt has the web pages of Anki's reviewer, without what the desktop program needs to run.
$(VENV)/test.ok: requirements/test.txt requirements/anki/pages.txt requirements/spec.txt $(VENV)/data.ok | python
	@echo "installing the libraries for tests (once) …" >&2
	@$(RUN) $(PIP) --require-hashes -r requirements/test.txt && \
		$(RUN) $(PIP) --require-hashes --no-deps -r requirements/anki/pages.txt && \
		$(RUN) -m pip download -q --disable-pip-version-check --require-hashes --no-deps --no-build-isolation --no-binary :all: \
		-d $(VENV)/spec -r requirements/spec.txt && touch $@ $(VENV)/decks.ok

# No code of these packages runs: they come without dependencies, into a folder that nothing imports from.
$(VENV)/data.ok: requirements/data.txt | python $(VENV)/decks.ok
	@echo "installing the published data (once; more than 20 MB) …" >&2
	@rm -rf $(VENV)/data && $(RUN) $(PIP) --no-deps --require-hashes --target $(VENV)/data -r requirements/data.txt && touch $@

# Older versions of Anki, with the other libraries as in requirements/test.txt.
.venv-anki-%/ok: requirements/anki/%.txt requirements/test.txt | python
	@"$(PYTHON)" -m venv $(@D) && $(@D)/bin/python $(PIP) --require-hashes -r requirements/test.txt && \
		$(@D)/bin/python $(PIP) --require-hashes --no-deps -r $< && touch $@

python:
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11 or newer on the PATH. To name one: make $(firstword $(MAKECMDGOALS)) PYTHON=/path/to/python3" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "$(PYTHON) is not Python 3.11 or newer. To name another: make $(firstword $(MAKECMDGOALS)) PYTHON=/path/to/python3" >&2; exit 2; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv module. Install it first (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 2; }
