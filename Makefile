# Needs Python 3.11 or newer and make; everything else goes into .venv (.venv-oracle, .venv-peer, .venv-browser and
# .venv-hooks for the targets of those names).
PYTHON ?= python3
VENV := .venv
ORACLE := .venv-oracle
PEER := .venv-peer
BROWSER := .venv-browser
HOOKS := .venv-hooks
BIN := $(VENV)/bin

# Dependency groups (PEP 735) need pip 25.1; the pip that comes with a Python may be older.
define create
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "specverify needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
$(PYTHON) -m venv $(1)
$(1)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
endef
INSTALL = -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test lint style types layering mutation oracle peer browser hooks schemas soak stale wheel bench clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## */\t/' | expand -t 12

demo: $(VENV)/.installed  ## install into .venv and run specverify on shipped models; no network but the package index
	$(BIN)/specverify fixtures/llama-3.1-8b --gpu h100-sxm-80gb --context 128k --offline
	$(BIN)/specverify fixtures/deepseek-v3 --gpu 8xh200-sxm-141gb --context 128k --offline
	@mkdir -p build
	printf '%s\n' fixtures/*/ | $(BIN)/specverify audit - --gpu 8xh100-sxm-80gb --context 8k --offline --fail-on never --results build/audit.jsonl
	$(BIN)/specverify checklist fixtures/glm-4.5-air --gpu 8xh100-sxm-80gb --context 128k --concurrency 4 --offline -o build/checklist.md

test: $(VENV)/.tests  ## run the tests (SPECVERIFY_CORPUS=DIR adds those over a corpus of real configs)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: style types layering  ## ruff, mypy --strict, and what must never import what

style: $(VENV)/.lint
	$(BIN)/ruff check

types: $(VENV)/.lint
	$(BIN)/mypy

layering: $(VENV)/.lint
	$(BIN)/lint-imports

stale: $(VENV)/.tests  ## are the generated files those that their generators write?
	$(BIN)/python scripts/generate_index.py --check
	$(BIN)/python scripts/generate_schemas.py --check
	$(BIN)/python scripts/generate_coverage.py --check
	$(BIN)/python scripts/generate_checklists.py --check
	$(BIN)/python scripts/generate_rules.py --check
	$(BIN)/python scripts/generate_figures.py --check
	$(BIN)/python scripts/generate_architectures.py --check
	$(BIN)/python scripts/generate_gpus.py --check
	$(BIN)/python scripts/generate_cli.py --check
	$(BIN)/python scripts/generate_picture.py --check

soak: $(VENV)/.tests  ## ten thousand mutated cards: nothing raised, none slow, memory bounded (SOAK_ARGS="--replay SEED" runs one again)
	$(BIN)/python -m tests.soak $(SOAK_ARGS)

mutation: $(VENV)/.tests  ## change one operator at a time in a sample of modules, and see whether their tests notice (ten minutes)
	$(BIN)/python scripts/mutate.py $(MUTATION_ARGS)

wheel: $(VENV)/.installed  ## build the wheel, and read every schema and the package data from an installed copy
	rm -rf build
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir build .
	$(BIN)/python $(INSTALL) --no-deps --target build/installed build/*.whl
	cd build/installed && ../../$(BIN)/python -c 'import pathlib, sys; from specverify import data; \
	    names = [path.name.removesuffix(".schema.json") for path in pathlib.Path("../../schemas").glob("*.json")]; \
	    read = [data.schema(name) for name in names] + [data.load_json("derive/gpus.json"), data.hub_enumerations(), data.load_bytes("report/html/report.html")]; \
	    sys.exit(None if names and pathlib.Path(data.__file__).is_relative_to(pathlib.Path.cwd()) else "not the installed copy, or no schema")'

oracle: $(ORACLE)/.installed  ## compare with torch and transformers, and check the table of defaults
	$(ORACLE)/bin/python scripts/generate_defaults.py --check
	$(ORACLE)/bin/python -m pytest -m oracle -W default tests/oracle $(PYTEST_ARGS)

peer: $(PEER)/.installed  ## read models from olah, a server of the Hub's protocol that others wrote; on loopback, needs git
	$(PEER)/bin/python -m pytest -m peer tests/peer $(PYTEST_ARGS)

browser: $(BROWSER)/.installed  ## open the HTML pages in headless Chromium (Debian: apt-get install chromium)
	$(BROWSER)/bin/python -m pytest -m browser tests/browser $(PYTEST_ARGS)

hooks: $(HOOKS)/.installed  ## install and run .pre-commit-hooks.yaml by pre-commit and action.yml by bash, each from this checkout; needs git
	$(HOOKS)/bin/python -m pytest -m hooks tests/hooks $(PYTEST_ARGS)

schemas: $(VENV)/.installed  ## write schemas/ from the code
	$(BIN)/python scripts/generate_schemas.py

bench: $(VENV)/.installed  ## time a cold process, and the pure work of a warm one
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/cards.py

clean:  ## remove the environments and what the tools left
	rm -rf $(VENV) $(ORACLE) $(PEER) $(BROWSER) $(HOOKS) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/.installed: pyproject.toml
	$(call create,$(VENV))
	$(BIN)/python $(INSTALL) --editable .
	$(BIN)/python -m compileall -q specverify
	@touch $@

$(VENV)/.tests: $(VENV)/.installed
	$(BIN)/python $(INSTALL) --group test
	@touch $@

$(VENV)/.lint: $(VENV)/.tests
	$(BIN)/python $(INSTALL) --group lint
	@touch $@

$(ORACLE)/.installed: pyproject.toml
	$(call create,$(ORACLE))
	$(ORACLE)/bin/python $(INSTALL) --editable . --group oracle
	@touch $@

$(PEER)/.installed: pyproject.toml
	$(call create,$(PEER))
	$(PEER)/bin/python $(INSTALL) --editable . --group peer
	@touch $@

$(BROWSER)/.installed: pyproject.toml
	$(call create,$(BROWSER))
	$(BROWSER)/bin/python $(INSTALL) --editable . --group browser
	@touch $@

$(HOOKS)/.installed: pyproject.toml
	$(call create,$(HOOKS))
	$(HOOKS)/bin/python $(INSTALL) --editable . --group hooks
	@touch $@
