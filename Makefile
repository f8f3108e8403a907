# imgate: `make demo` and `make test` set everything up themselves; `make check` is what CI runs.

.POSIX:
.DEFAULT_GOAL := help
.PHONY: help install demo test test-long lint check format bench mutants lock clean

VENV = .venv
BIN = $(VENV)/bin
STAMP = $(VENV)/.imgate-installed
PLUGINS = jobcenter auslaenderbehoerde jobkraftwerk nachbar

# What decides what is installed; sources are not among it, because the installation is editable.
MANIFESTS = constraints.txt pyproject.toml plugins/*/pyproject.toml tools/npm/package-lock.json tools/kern.py

help:
	@echo "make demo       the whole story on embedded databases, with three simulated partners and a second gateway"
	@echo "make test       the tests"
	@echo "make check      what CI runs: format, lint, types, import contracts, tests"
	@echo "make test-long  the tests in their full, slow form"
	@echo "make bench      the benchmark table"
	@echo "make mutants    which small changes to translation and judgement no test notices; an hour and more"
	@echo "make format     put the code into its format"
	@echo "make install    imgate, its plugins and the tools, into $(VENV); what the pages are styled with, by npm"
	@echo "make lock       pin the dependencies again, into constraints.txt"
	@echo "make clean      remove everything that make made"

install: $(STAMP)

$(STAMP): $(MANIFESTS)
	@PYTHON="$(PYTHON)" sh tools/install.sh $(VENV) $(PLUGINS)
	@sh tools/install_npm.sh $(VENV)
	@touch $(STAMP)

demo: install
	@$(BIN)/imgate demo

test: install
	$(BIN)/python -m pytest -n auto

test-long: install
	IMGATE_LONG=1 $(BIN)/python -m pytest -n auto

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

format: install
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: install
	@$(BIN)/python benchmarks/run.py

mutants: install
	@$(BIN)/python tools/mutants.py

lock:
	@$${PYTHON:-python3} tools/lock.py $(LOCKFLAGS)

clean:
	rm -rf $(VENV) tools/npm/node_modules src/imgate/web/static/kern build dist benchmarks/latest.json
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find src plugins tests benchmarks -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
