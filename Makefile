# Fördel: the verbs of the house. `make help` lists them.
#
# Everything is installed into .venv beside this file, once per uv.lock: an installed checkout adds nothing to a run.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Where this is set, every process compiles all imports again: 20 s a run instead of 4 s.
unexport PYTHONDONTWRITEBYTECODE
# Another activated environment is not the project's.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
BIN := .venv/bin
ARGS ?=
SIDE_BY_SIDE := --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

# A virtual environment does not survive a move: where the stamp names another folder, install again.
ifneq ($(shell cat .venv/.installed 2>/dev/null),$(CURDIR))
.PHONY: .venv/.installed
endif
ifneq ($(shell cat .venv/.installed-dev 2>/dev/null),$(CURDIR))
.PHONY: .venv/.installed-dev
endif

.PHONY: help
help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  Arguments of the program go in ARGS: make refresh ARGS='--month 2026-09'"

.PHONY: demo
demo: .venv/.installed ## install, build the example municipality, and serve dashboards (8050) and Dagster (3000)
	@$(BIN)/fordel demo $(ARGS)

.PHONY: refresh
refresh: .venv/.installed ## the same without serving: one night's job, then exit
	@$(BIN)/fordel refresh $(ARGS)

.PHONY: install
install: .venv/.installed ## install what running needs into .venv
	@:

.PHONY: develop
develop: .venv/.installed-dev ## install what developing needs, and the pre-commit hooks
	@$(BIN)/pre-commit install

.PHONY: test
test: .venv/.installed-dev ## every test, a file at a time on each processor: unit, then browser and integration
	@bash tests/needs.sh
	@$(BIN)/pytest $(SIDE_BY_SIDE) $(ARGS)

.PHONY: unit
unit: .venv/.installed-dev ## the fast tests only
	@$(BIN)/pytest tests/unit $(SIDE_BY_SIDE) $(ARGS)

.PHONY: lint
lint: .venv/.installed-dev ## style, format, types, SQL
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet || { $(BIN)/ruff format --check; echo "make format puts this right"; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --disable-progress-bar warehouse/core

.PHONY: format
format: .venv/.installed-dev ## put style and format right where a tool can
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format
	@$(BIN)/sqlfluff fix --disable-progress-bar --quiet warehouse/core

.PHONY: docs
docs: .venv/.installed-dev ## write the documents that follow from the code (settings, contracts, definitions)
	@$(BIN)/python docs/generate.py

.PHONY: bench
bench: .venv/.installed-dev ## time a whole refresh on a fresh home, as ratios
	@$(BIN)/python benchmarks/refresh.py $(ARGS)

.PHONY: faults
faults: .venv/.installed-dev ## every kind of fault once: what was shown, what was told, how it recovered
	@$(BIN)/python -W ignore benchmarks/faults.py $(ARGS)

.PHONY: kills
kills: .venv/.installed-dev ## a thousand random kills of load and publish, with readers (half an hour; ARGS='--kills 50' for a taste)
	@$(BIN)/python -W ignore benchmarks/kills.py $(ARGS)

.PHONY: soak
soak: .venv/.installed-dev ## a year of nights with a simulated clock, faults and late deliveries
	@$(BIN)/python -W ignore benchmarks/soak.py $(ARGS)

.PHONY: mutants
mutants: .venv/.installed-dev ## make faults in disclosure control and count those the tests do not notice (ARGS='--sample 0' for all: a night)
	@$(BIN)/python benchmarks/mutants.py $(ARGS)

.PHONY: covered
covered: .venv/.installed-dev ## branch coverage of disclosure control by its own tests (two minutes)
	@$(BIN)/coverage run --branch --source pipelines/disclosure --data-file .venv/.coverage.disclosure -m pytest -q tests/unit/disclosure tests/integration/disclosure
	@$(BIN)/coverage report -m --data-file .venv/.coverage.disclosure

.PHONY: clean
clean: ## remove what was installed and cached (never .fordel, which holds data)
	rm -rf mutants .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis tests/artefacts

# Installing for development installs for running as well.
.venv/.installed: uv.lock deploy/install.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3"; exit 1; }
	@$(PYTHON) deploy/install.py

.venv/.installed-dev: uv.lock deploy/install.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3"; exit 1; }
	@$(PYTHON) deploy/install.py --dev
