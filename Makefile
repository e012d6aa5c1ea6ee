# Concordat. `make demo` and `make test` set everything up in .venv on a machine with Python and make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test fire check fix lock proto bench bench-ingest docs model check-wheel check-offline wheels clean

help: ## what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(READY): requirements.lock pyproject.toml tools/setup.sh
	@tools/setup.sh $(VENV)

demo: $(READY) ## a hospital, a partner and their first questions, over mTLS
	@$(BIN)/gateway demo

test: $(READY) ## the whole test suite, two files at a time
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(READY) ## style, types, import law, stubs, wire contract
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@tools/proto.sh --check $(BIN)/python
	@$(BIN)/python tools/reference.py --check docs/reference
	@$(BIN)/python tools/standard_tables.py --check docs/standard-tables.md

fix: $(READY) ## repair what can be repaired
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

proto: $(READY) ## regenerate the stubs and lint the wire contract
	@tools/proto.sh --write $(BIN)/python

docs: $(READY) ## regenerate the reference pages
	@$(BIN)/python tools/reference.py docs/reference
	@$(BIN)/python tools/standard_tables.py docs/standard-tables.md

model: ## train the shipped model again and judge it (under an hour on two cores; LANG=es: the Spanish one)
	@tools/model.sh .venv-model $(if $(filter es,$(LANG)),es,en)

fire: $(READY) ## the journal under fire: kills, faults and full disks, for FIRE seconds a loop (60)
	@CONCORDAT_FIRE=$(or $(FIRE),60) $(BIN)/python -m pytest tests/fire

bench: $(READY) ## ratios against named references, printed
	@$(BIN)/python -m bench

bench-ingest: $(READY) ## ten million observations (about a quarter of an hour and 10 GB of disk)
	@$(BIN)/python bench/ingest.py --rows 1000000 --times 10 --rounds 1

lock: $(READY) ## resolve every dependency again, with hashes (needs uv)
	@uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --extra server --extra dev --quiet pyproject.toml --upgrade --output-file requirements.lock

check-wheel: $(READY) ## build the wheel and run it in empty environments elsewhere
	@tools/check_wheel.sh $(BIN)/python

wheels: $(READY) ## a folder of hashed wheels to install from without a network: DIR=wheels, BASE=1 for the base
	@$(BIN)/python tools/wheelhouse.py $(or $(DIR),wheels) $(if $(BASE),--base)

check-offline: $(READY) ## install the light base from such a folder, pip without an index
	@tools/check_offline.sh $(BIN)/python

clean: ## forget what was built
	@rm -rf $(VENV) .venv-model build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
