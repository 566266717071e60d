# AttriBoard. `make demo` and `make test` need Python 3.11 or newer and make; everything else they fetch.
# Other flags and Pythons: make demo ARGS="--port 9000 --no-open", make demo PYTHON=/opt/python3.12/bin/python3

.DEFAULT_GOAL := help
.SUFFIXES:
ifndef TOGETHER
.NOTPARALLEL:
endif
MAKEFLAGS += --no-builtin-rules

ARGS ?=
PY := .venv/bin/python
FRONTEND := $(PY) scripts/frontend.py
PYTEST := $(PY) -m pytest
JUNIT := test-artifacts/junit
# Two test processes share the cores, so torch takes one thread in each.
WORKERS ?= 2
# These time the frames of a page, and how soon a queue answers, so nothing else runs beside them.
ALONE := tests/browser/test_scrolling.py
TIMED := tests/jobs/test_queue.py tests/jobs/test_predict.py

.PHONY: help demo test check lint types contracts frontend frontend-test unit browser dev bench endurance audit format clean

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: .venv/.installed-demo ## Serve the default demo and print its address (flags: ARGS="--port 9000 --no-open")
	@$(FRONTEND) build
	@exec $(PY) -m attriboard.cli demo $(ARGS)

test: .venv/.installed-dev ## Everything that must hold: lint, types, import contracts, unit, API, front-end and browser tests
	@rm -rf $(JUNIT) && mkdir -p $(JUNIT)
	@$(PY) scripts/chromium.py
	@$(MAKE) --no-print-directory -j2 TOGETHER=1 lint contracts types frontend-test
	@$(MAKE) --no-print-directory unit browser
	@$(PY) scripts/summary.py

check: .venv/.installed-dev lint types contracts ## The fast part of the tests: lint, types, import contracts
	@$(FRONTEND) run lint

lint: .venv/.installed-dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: .venv/.installed-dev
	@$(PY) -m mypy
	@$(PY) -m mypy hatch_build.py scripts

contracts: .venv/.installed-dev
	@.venv/bin/lint-imports --no-logo --no-cache

frontend: .venv/.installed-demo ## Build the front end where it is older than its sources
	@$(FRONTEND) build

frontend-test: .venv/.installed-dev ## Lint, test and build the front end
	@mkdir -p $(JUNIT)
	@$(FRONTEND) run lint
	@$(FRONTEND) run test --reporter=default --reporter=junit --outputFile.junit=../$(JUNIT)/frontend.xml
	@$(FRONTEND) build

unit: .venv/.installed-dev frontend ## Every Python test but those in the browser (flags: ARGS="-k catalog")
	@OMP_NUM_THREADS=1 $(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder --ignore=tests/browser $(if $(ARGS),,$(TIMED:%=--ignore=%)) --junitxml=$(JUNIT)/unit.xml --durations=10 $(ARGS)
	@$(if $(ARGS),,OMP_NUM_THREADS=1 $(PYTEST) $(TIMED) --junitxml=$(JUNIT)/timed.xml)

browser: .venv/.installed-dev frontend ## The browser tests alone (flags: ARGS="-k explain")
	@$(PY) scripts/chromium.py >/dev/null
	@$(PYTEST) tests/browser -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(if $(ARGS),,--ignore=$(ALONE)) --junitxml=$(JUNIT)/browser.xml --durations=10 $(ARGS)
	@$(if $(ARGS),,$(PYTEST) $(ALONE) --junitxml=$(JUNIT)/scrolling.xml)

dev: .venv/.installed-dev ## Serve the demo while you edit: the page reloads with each change, the server too
	@exec $(PY) scripts/dev.py $(ARGS)

bench: .venv/.installed-dev ## Measure speed: every benchmarks/bench_*.py (one of them: ARGS="server")
	@$(PY) scripts/bench.py $(ARGS)

endurance: .venv/.installed-dev frontend ## The long runs, at full scale
	@$(PYTEST) -m endurance $(ARGS)
	@$(PY) scripts/reliability.py

audit: .venv/.installed-dev ## Look the dependencies up in the databases of known vulnerabilities
	@$(PY) -m pip install --quiet pip-audit
	@$(PY) -m pip_audit --requirement constraints.txt --disable-pip --no-deps --strict
	@$(FRONTEND) run audit:deps

format: .venv/.installed-dev ## Put code into the house's form
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .
	@$(FRONTEND) run format

clean: ## Remove everything that make has made, .venv included
	@rm -rf .venv frontend/node_modules backend/attriboard/static test-artifacts build dist \
		.pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed-demo: pyproject.toml constraints.txt
	@sh scripts/install.sh demo

.venv/.installed-dev: pyproject.toml constraints.txt
	@sh scripts/install.sh dev
