# Needs python3 (3.11 or newer) with venv, and make; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test browser check lint format benchmark sources lock image clean

demo: $(VENV)/runtime
	@$(BIN)/list-sync demo --once

test: $(VENV)/development
	$(BIN)/python -m pytest -n 2

browser: $(VENV)/browser

lint: $(VENV)/development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check: lint test

format: $(VENV)/development
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmark: $(VENV)/development
	$(BIN)/python -m benchmarks.sync

sources: $(VENV)/development
	$(BIN)/python -m tests.architecture.sources_table

lock: $(VENV)/development
	$(BIN)/uv pip compile pyproject.toml --extra build --universal --upgrade --generate-hashes --no-header --no-annotate --quiet -o requirements/runtime.txt
	$(BIN)/uv pip compile pyproject.toml --extra build --extra redis --universal --upgrade --generate-hashes --no-header --no-annotate --quiet -c requirements/runtime.txt -o requirements/image.txt
	$(BIN)/uv pip compile pyproject.toml --extra build --extra redis --extra browser --universal --upgrade --generate-hashes --no-header --no-annotate --quiet -o requirements/image-browser.txt
	$(BIN)/uv pip compile pyproject.toml --extra build --group dev --universal --upgrade --generate-hashes --no-header --no-annotate --quiet -c requirements/runtime.txt -o requirements/dev.txt

image: $(VENV)/runtime
	docker build --target slim --build-arg VERSION=$$($(BIN)/python -c 'from list_sync.version import __version__; print(__version__)') --tag list-sync:slim .
	docker build --target full --build-arg VERSION=$$($(BIN)/python -c 'from list_sync.version import __version__; print(__version__)') --tag list-sync:full .

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("ListSync needs Python 3.11 or newer; this is " + sys.version.split()[0] + " (PYTHON=/path/to/python3.12 make ... picks another)" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) || { echo "python3 cannot make a virtual environment: install it, for example with: apt-get install python3-venv"; exit 1; }

$(VENV)/runtime: $(BIN)/python requirements/runtime.txt pyproject.toml
	@echo "installing what ListSync needs into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/development: $(VENV)/runtime requirements/dev.txt
	@echo "installing what the tests need into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

# SeleniumBase wants its own versions of pytest and of one other package: it comes last, and only for those who want it.
$(VENV)/browser: $(VENV)/development requirements/image-browser.txt
	@echo "installing SeleniumBase into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/image-browser.txt
	@touch $@
