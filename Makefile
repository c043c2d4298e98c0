# make run | make test: each sets up what it needs by itself and says in one sentence what is missing.
MAKEFLAGS += --no-print-directory
.PHONY: help install run test check quick fuzz bench docs lock format

help:
	@echo "make run      serve the demo city at http://127.0.0.1:8000 (GOVDESK_PORT chooses another port)"
	@echo "make test     everything that must hold: style, types, layers, both databases, a real browser"
	@echo "make check    style, types and layers; then the tests on SQLite up to the first failure"
	@echo "make quick    the rules alone, in seconds"
	@echo "make fuzz     the tests that try orders of acts by chance, for many times longer"
	@echo "make bench    how fast it is"
	@echo "make docs     write docs/reference.md again from the code"
	@echo "make format   put the code into its form"
	@echo "make lock     resolve the dependencies again into both lock files"

install:
	@.ci/environment requirements.lock

run: install
	@.ci/start

.venv/tools:
	@.ci/environment requirements-dev.lock
.PHONY: .venv/tools

test: .venv/tools
	@.ci/test all

check: .venv/tools
	@.ci/test check

quick: .venv/tools
	@.venv/bin/pytest -q tests/rules

fuzz: .venv/tools
	@GOVDESK_FUZZ=1 .venv/bin/pytest -q -m hypothesis

bench: .venv/tools
	@for file in tests/bench/bench_*.py; do .venv/bin/python "$$file" || exit 1; done

docs: .venv/tools
	@.venv/bin/python docs/make_reference.py

format: .venv/tools
	@.venv/bin/ruff check --quiet --fix . ; .venv/bin/ruff format --quiet .

LOCK = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

lock:
	@.venv/bin/python -c "import uv" 2>/dev/null || .venv/bin/python -m pip install --quiet uv
	@$(LOCK) --upgrade setup.cfg --extra postgresql --extra build --extra dev -o requirements-dev.lock
	@$(LOCK) setup.cfg --extra postgresql --extra build --constraint requirements-dev.lock -o requirements.lock
	@echo "wrote requirements.lock and requirements-dev.lock; commit both"
