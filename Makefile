# Two commands matter: "make demo" and "make test". Both install what they need the first time and work offline later.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: help install demo test lint bench soak docs translations

help:
	@echo "make demo     set up an example project, sync it and show it on http://127.0.0.1:8000"
	@echo "make test     run all tests"
	@echo "make install  only set up .venv"
	@echo "make lint     check style, types and layers"
	@echo "make bench    measure speed and memory against other tools"
	@echo "make docs     write the page for staff, docs/eingaben.md, anew"
	@echo "make translations  bring the catalogues of the pages' texts up to date"
	@echo "make soak     100,000 random steps of people, crashes and faults (hours)"

install: $(INSTALLED)

$(INSTALLED): requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

demo: $(INSTALLED)
	$(BIN)/syncsvc demo

test: $(INSTALLED)
	$(BIN)/python -m pytest -n 2 -m "not soak"

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(INSTALLED)
	$(BIN)/python -m syncsvc.services.manual > docs/eingaben.md

translations: $(INSTALLED)
	$(BIN)/python -m tests.translations

bench: $(INSTALLED)
	for file in benchmarks/bench_*.py; do $(BIN)/python -m benchmarks.$$(basename $$file .py) || exit 1; done

soak: $(INSTALLED)
	$(BIN)/python -m pytest -m soak
