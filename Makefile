# Needs Python 3.11 or newer and make; everything else comes into .venv, by hash. Each target may be repeated.

BIN := .venv/bin
RUN := .venv/.ready-to-run
DEV := .venv/.ready-to-develop
FIELD := .venv/bench/.ready-to-compare
# The first Python that is new enough; `make PYTHON=/path/to/python3 run` names another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes

.PHONY: help run test check chat fmt lint lock clean fake-platforms faults bench
.DELETE_ON_ERROR:

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 24

run: $(RUN) ## Set up, then serve the chat at http://127.0.0.1:8000/chat
	@$(BIN)/sse-bot run

chat: $(RUN) ## Take a lesson in this terminal; nothing is kept
	@$(BIN)/sse-bot chat

check: $(RUN) ## Check lessons and translations
	@$(BIN)/sse-bot check

test: $(DEV) ## Set up, then style, types and all tests
	@echo "1/4  style (ruff)"
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@echo "2/4  types (mypy)"
	@$(BIN)/python -m mypy
	@echo "3/4  tests (pytest)"
	@$(BIN)/python -m pytest -n auto
	@echo "4/4  faults (the real process, killed and starved)"
	@$(FAULTY)

PLATFORM ?= telegram
fake-platforms: $(DEV) ## Play Telegram (or PLATFORM=whatsapp) on this machine, to try it without an account
	@$(BIN)/python -m tests.fakes $(PLATFORM)

# More at once than there are cores: half of the time something is waited for (a lease, a lock, a start).
FAULTY = $(BIN)/python -m pytest -o addopts="-q --strict-markers" -n 4 tests/faults
faults: $(DEV) ## Kill, freeze and starve the real process; FAULTS=long for the long form (half an hour)
	@$(FAULTY)

bench: $(DEV) $(FIELD) ## Measure against the field; BENCH="saturated csv" for some only (40 minutes for all)
	@$(BIN)/python -m benchmarks $(BENCH)

lint: $(DEV) ## Style and types only
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy

fmt: $(DEV) ## Put the code into the common form
	@$(BIN)/python -m ruff check --fix-only --quiet .
	@$(BIN)/python -m ruff format .

lock: $(DEV) ## Choose the newest versions again and write the locks (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade \
		--python-version 3.11 pyproject.toml --output-file requirements.txt
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade \
		--python-version 3.11 --extra dev pyproject.toml --output-file requirements-dev.txt

clean: ## Remove the environment and caches; data/ and .env stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is written last, so an interrupted installation is simply done again.
$(RUN): requirements.txt deploy/launcher.sh
	@$(MAKE) --no-print-directory environment
	@echo "Installing what the bot needs (about a minute, the first time) …"
	@$(PIP) --requirement requirements.txt
	@cp deploy/launcher.sh $(BIN)/sse-bot && chmod 755 $(BIN)/sse-bot
	@touch $@

$(DEV): requirements-dev.txt $(RUN)
	@echo "Installing what the tests need (about a minute, the first time) …"
	@$(PIP) --requirement requirements-dev.txt
	@touch $@

# The other bots want other versions than ours, so they have an environment of their own.
$(FIELD): requirements-bench.txt $(DEV)
	@echo "Installing the bots to compare with …"
	@$(BIN)/python -m venv .venv/bench
	@.venv/bench/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
		--requirement requirements-bench.txt
	@touch $@

.PHONY: environment
environment:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer here. Install one, or name it: make PYTHON=/path/to/python3"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "$(PYTHON) is no Python 3.11 or newer. Name one that is there: make PYTHON=/path/to/python3"; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { echo "Making .venv with $(PYTHON) …"; $(PYTHON) -m venv --clear .venv; } || \
		{ echo "Python cannot make an environment. On Debian or Ubuntu: apt install python3-venv"; exit 2; }
