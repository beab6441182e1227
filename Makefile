# Each target does all of its own set-up; a second run finds it done. The options of a command go into ARGS:
#   make demo ARGS="--duration 15"        make test ARGS="tests/market -x"

VENV := .venv
CLIENTS := .venv-clients
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Every release is pinned and hashed, so pip has nothing to resolve; wheels only, so it has nothing to build.
PINNED := $(PIP_INSTALL) --no-deps --require-hashes --only-binary :all:
UV ?= uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	--no-emit-index-url --no-annotate --no-config --no-header
WORKERS ?= 2

.PHONY: help demo test test-clients coverage conformance check bench bench-peers setup format reference requirements clean

help:
	@echo 'make demo     a local exchange, a market and a trader, live in this terminal'
	@echo 'make test     the test suite'
	@echo 'make test-clients  the clients that others wrote, against the exchange; writes docs/clients.md'
	@echo 'make coverage the engine by its own tests: fails below 100 % of the branches'
	@echo 'make conformance  what each method answers, beside the documented example, as a table'
	@echo 'make check    ruff, mypy, the import rules and the tidy test'
	@echo 'make bench    the measurements: client, durable orders, REST, engine, streams, market data, history, restart'
	@echo 'make bench-peers  pitwire beside the clients that others wrote; make bench ends with it'
	@echo 'make setup    only make the environment (.venv)'
	@echo 'make reference  the reference of the Python API, as HTML'
	@echo 'make format   format the code, and mend what ruff can mend'
	@echo 'Options go into ARGS: make demo ARGS="--duration 15". PYTHON=... picks the Python that makes .venv.'

demo: $(STAMPS)/package
	@$(BIN)/pitwire demo $(ARGS)

test: $(STAMPS)/development
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

test-clients: $(STAMPS)/package $(CLIENTS)/made
	$(CLIENTS)/bin/python -m pytest -c tests/clients/pytest.ini tests/clients $(ARGS)
	$(if $(ARGS),,$(CLIENTS)/bin/python tools/clients_page.py)

coverage: $(STAMPS)/development
	$(BIN)/python -m pytest -q -n $(WORKERS) tests/exchange/engine --cov=pitwire.exchange.engine --cov-branch \
		--cov-report=term-missing:skip-covered --cov-fail-under=100 $(ARGS)

conformance: $(STAMPS)/development
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/conformance/test_shapes.py tests/conformance/test_rest_shapes.py $(ARGS)

check: $(STAMPS)/development
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict src
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/test_tidy.py

bench: $(STAMPS)/development
	@for part in client streams orders rest engine fanout crowd market_data history restart; do $(BIN)/python -m bench.$$part $(ARGS) || exit; done
	@$(MAKE) --no-print-directory bench-peers

bench-peers: $(STAMPS)/development $(CLIENTS)/made
	@$(BIN)/python -m bench.peers $(ARGS)

setup: $(STAMPS)/development

format: $(STAMPS)/development
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

reference: $(STAMPS)/development
	$(BIN)/pdoc --output-directory build/reference pitwire $(addprefix pitwire.,client exchange market protocol recording)
	@echo 'See build/reference/index.html'

$(STAMPS)/environment: tools/find_python.sh
	@python=$$(PYTHON="$(PYTHON)" sh tools/find_python.sh) || exit 1; \
		echo "Making $(VENV) with $$python ($$($$python --version))"; \
		"$$python" -m venv --clear $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/runtime: requirements/runtime.txt requirements/build.txt | $(STAMPS)/environment
	@echo 'Installing what pitwire runs on'
	@$(PINNED) -r requirements/runtime.txt -r requirements/build.txt
	@touch $@

$(STAMPS)/package: pyproject.toml $(STAMPS)/runtime
	@$(PIP_INSTALL) --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(STAMPS)/development: requirements/development.txt $(STAMPS)/package
	@echo 'Installing what the tests and checks need'
	@$(PINNED) -r requirements/development.txt
	@touch $@

# The clients have an environment of their own, so that what they need binds nothing of pitwire; pitwire is not in it.
$(CLIENTS)/made: requirements/clients.txt | $(STAMPS)/environment
	@echo 'Making $(CLIENTS) with the clients that others wrote'
	@$(BIN)/python -m venv --clear $(CLIENTS)
	@$(CLIENTS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		--only-binary :all: -r requirements/clients.txt
	@touch $@

requirements:
	$(LOCK) pyproject.toml --extra fast --output-file requirements/runtime.txt
	$(LOCK) requirements/build.in --output-file requirements/build.txt
	$(LOCK) requirements/development.in --output-file requirements/development.txt
	$(LOCK) requirements/clients.in --output-file requirements/clients.txt

clean:
	rm -rf $(VENV) $(CLIENTS) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
