# Every target sets itself up first; `make setup` does nothing when nothing changed.
PY := .venv/bin/python
BIN := .venv/bin
PORT ?= 8000

.PHONY: setup judges demo test check lint types rooms docs vectors wheel bench rules mutants serve lock format release
.NOTPARALLEL:
.DEFAULT_GOAL := test

# -- for everyone ---------------------------------------------------------------------------------

setup:
	@bash tools/setup.sh

# And the programs that tests hold documents against: only `test` needs them.
judges:
	@bash tools/setup.sh --judges

demo: setup
	@$(PY) -m tools.demo

# Of the core every branch is covered.
CORE := src/etitle/canon.py,src/etitle/cose.py,src/etitle/verdict.py,src/etitle/trust/*,src/etitle/store/*,src/etitle/verify/*,src/etitle/verify/checks/*
test: judges
	$(PY) -m pytest -n 2 --cov
	$(BIN)/coverage report --fail-under=100 --include='$(CORE)'

# The page that `make demo` published, on this machine only.
serve: setup
	$(PY) -m http.server $(PORT) --bind 127.0.0.1 --directory demo/published

# -- checks ---------------------------------------------------------------------------------------

check: lint types rooms vectors docs

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup
	$(BIN)/mypy
	$(BIN)/pyright

rooms: setup
	$(BIN)/lint-imports

# Rebuilds the vectors, the schema and the reference; they must be what is committed.
GENERATED := tests/vectors docs/reference docs/spec
vectors: setup
	$(PY) -m tools.vectors
	$(PY) tools/schema.py
	$(PY) tools/reference.py
	git --no-pager diff --exit-code -- $(GENERATED)
	@test -z "$$(git ls-files --others --exclude-standard -- $(GENERATED))" || \
	  { git ls-files --others --exclude-standard -- $(GENERATED); echo "not committed" >&2; exit 1; }

docs: setup
	$(BIN)/sphinx-build -nW --keep-going -q -b html docs build/docs
	$(BIN)/sphinx-build -nW --keep-going -q -b doctest docs build/doctest

# The wheel, installed and tested on each Python that is there, outside this tree.
wheel: setup
	@$(PY) -m tools.wheel

# Each rule of the second verifier is dropped in turn: some vector must notice. About 20 minutes.
rules: setup
	$(PY) -W ignore -m tools.rules

# Single changes to the core, drawn by a seed: 97 % must be noticed. `make mutants ROOMS=canon`
mutants: setup
	CI=1 $(PY) -m tools.mutants $(ROOMS)

bench: setup
	$(PY) -m tests.bench

# -- for maintainers ------------------------------------------------------------------------------

# `make lock` after a change of dependencies; `make lock UPGRADE=--upgrade` for newer versions.
lock: setup
	bash tools/lock.sh $(UPGRADE)

# What is published, of the commit that is checked out: docs/howto/release.md.
release: setup
	@$(PY) -m tools.release

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
