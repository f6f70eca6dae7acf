# The commands of this repository; `make` alone lists them. Needed beforehand: Python 3.11+, Node.js 18+ and make.

# Each version that is asked for by name has an environment beside .venv, so that going to and fro makes nothing anew.
PYTHON ?=
VERSION := $(if $(PYTHON),$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null))
VENV := .venv$(if $(PYTHON),-$(or $(VERSION),$(error PYTHON=$(PYTHON) is no Python that runs)))
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
AZURITE := worker/sandbox/tables/package.json worker/sandbox/tables/package-lock.json
CLIENTS := $(addprefix tests/support/node_clients/,package.json package-lock.json)
IMAGE ?= tocsin
BASE_IMAGE ?=
PIP_SECRET = $(addprefix --secret=id=pip$(COMMA)src=,$(PIP_CONF))
COMMA := ,
PYTEST_ARGS ?=
N ?= 2000
BENCH ?= launch
WORKERS ?= 4
JOBS ?= 1
SEED ?=

# Modules are compiled when they are first imported: compiling all of msgraph-sdk would take longer than fetching it.
PIP_INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --no-compile
INSTALL = $(PIP_INSTALL) -qq
# More processes than cores, since tests of queues and of whole launches mostly wait.
PYTEST = $(BIN)/python -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder
LOCK = $(VENV)/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test unit check golden bench soak mutants picture lock image clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMPS)/project $(STAMPS)/azurite $(STAMPS)/clients $(STAMPS)/proton ## make .venv and .azurite ready; quick when nothing changed
	@:

demo: $(STAMPS)/project $(STAMPS)/azurite ## launch an incident before your eyes; KEEP=1 stays up, NIGHT=1 takes Boards away, LIFE=1 lives on
	@$(BIN)/tocsin sandbox --demo $(if $(NIGHT),--night )$(if $(LIFE),--life )$(if $(KEEP),--keep --env-file sandbox.env)

test: setup check ## everything a change has to pass: the checks below, then all tests; PYTHON chooses another Python
	@$(PYTEST) $(PYTEST_ARGS)

unit: setup ## the unit and contract tests alone
	@$(PYTEST) $(PYTEST_ARGS) tests/unit tests/contract

check: $(STAMPS)/project ## lint, format and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

golden: $(STAMPS)/project ## write what the examples of alerts, and of a review, become by the present code
	@PYTHONPATH=tests/support:. $(BIN)/python tests/support/golden.py
	@PYTHONPATH=tests/support:. $(BIN)/python tests/support/reviewed.py

bench: setup ## as ratios within one run: BENCH=launch or act (beyond its remote calls), intake, grouping, channels, storm, on_call
	@PYTHONPATH=tests/support $(BIN)/python tests/benchmarks/$(BENCH).py

soak: setup ## N incidents while WORKERS workers are killed and paused at random, LIVES=1 with all acts; not in `make test`
	@$(BIN)/python tests/chaos/$(if $(LIVES),soak_lives,soak).py --incidents $(N) --workers $(WORKERS)

mutants: N = 100
mutants: setup ## change the code in N small ways, a sample, and list those that no unit or contract test notices; JOBS, SEED
	@PYTHONPATH=tests/support $(BIN)/python tests/mutants/run.py --count $(N) --jobs $(JOBS) $(addprefix --seed=,$(SEED))

picture: $(STAMPS)/project $(STAMPS)/azurite ## draw docs/picture.png anew, the page of the sandbox; needs Chromium
	@.ci/picture

lock: $(STAMPS)/uv ## choose the newest versions that pyproject.toml allows and write the locks
	@echo "Choosing versions"
	@$(LOCK) pyproject.toml --output-file requirements.lock
	@$(LOCK) pyproject.toml --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	@$(LOCK) --group build --constraint requirements-dev.lock --output-file requirements-build.lock
	@$(LOCK) --group node --output-file requirements-node.lock
	@$(LOCK) --group proton --no-deps --output-file requirements-proton.lock

# A pip.conf of yours, for an index of your own, is lent to the build and does not stay in the image.
image: ## build the container image; IMAGE names it, BASE_IMAGE what it stands on, PIP_CONF a pip.conf for the build
	DOCKER_BUILDKIT=1 docker build $(addprefix --build-arg=BASE_IMAGE=,$(BASE_IMAGE)) $(PIP_SECRET) --tag $(IMAGE) .

clean: ## remove what the commands above made
	rm -rf .venv .venv-* .azurite .clients .mutants sandbox.env dist .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find worker handlers tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/python:
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making $(VENV) with $$($$python --version)"; \
			exec $$python -m venv $(VENV); \
		fi; \
	done; \
	echo "Tocsin needs Python 3.11 or newer, and $(if $(PYTHON),$(PYTHON) is older,no python3 on the PATH is). Install one and try again." >&2; exit 1
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/uv: | $(STAMPS)/python
	@$(BIN)/python -m venv $(VENV)/uv
	@$(VENV)/uv/bin/python -m pip install -qq --disable-pip-version-check uv
	@touch $@

$(STAMPS)/packages: requirements-dev.lock | $(STAMPS)/python
	@count=$$(grep -c == $<); \
	echo "Installing $$count Python packages: about 80 MB to download, 400 MB on disk, a minute or two"; \
	$(BIN)/python .ci/with_progress $$count $(PIP_INSTALL) --progress-bar off --require-hashes -r $<
	@touch $@

$(STAMPS)/project: pyproject.toml $(STAMPS)/packages
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/azurite: $(AZURITE) requirements-node.lock | $(STAMPS)/packages
	@echo "Installing Azurite, the table storage: about 65 MB to download from npm, 190 MB on disk, a minute"
	@if ! $(BIN)/python -c 'from worker.sandbox.tables.install import find_node; find_node()' 2>/dev/null; then \
		echo "There is no Node.js of version 18 or newer on the PATH: installing the one from Python's package index, about 60 MB to download"; \
		$(INSTALL) --require-hashes -r requirements-node.lock; \
	fi
	@$(BIN)/python -m worker.sandbox.tables.azurite install >/dev/null
	@echo "  Azurite is here"
	@touch $@

$(STAMPS)/clients: $(CLIENTS) .ci/install_clients | $(STAMPS)/project $(STAMPS)/azurite
	@echo "Installing Microsoft's clients for Node.js, which tests send with: about 5 MB to download from npm, 35 MB on disk"
	@$(BIN)/python .ci/install_clients
	@touch $@

$(STAMPS)/proton: requirements-proton.lock | $(STAMPS)/packages
	@echo "Building python-qpid-proton, a second AMQP client for the tests: less than 1 MB to download, a minute"
	@$(INSTALL) --require-hashes --no-deps --no-build-isolation -r requirements-proton.lock >$(STAMPS)/proton.log 2>&1 || \
		echo "It could not be built (is there a C compiler? see $(STAMPS)/proton.log): the tests that need it are skipped, but fail in CI."
	@touch $@
