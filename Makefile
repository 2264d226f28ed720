# On a machine with Python >= 3.11, pip and make, `make demo` and `make test` do everything, set-up included.
#
#   make demo          set up, run a three-agent chain on the offline provider, show its session
#   make quick         set up, then the unit tests: under a minute on two processors
#   make test          set up, then lint, types, import contracts, all tests, core coverage: some minutes
#   make test-nightly  the same at full size: 2,000 examples a property, 10,000 simulated worlds, hundreds of
#                      kills of programs that are started anew each time, all damage, mutants, benchmarks
#   make fuzz          an hour of odd texts at the readers of specs, answers, templates and journals (FUZZ_S seconds)
#   make docs          make the generated parts of the documentation anew, and check its links and examples
#   make lock          work out constraints.txt anew
#   make clean         remove everything that these targets made

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2

BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := .demo
TOPIC ?= why bridges fall

.PHONY: setup demo quick test lint types contracts tests test-nightly fuzz docs lock clean
.NOTPARALLEL:

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Error: $(PYTHON) is missing or older than Python 3.11. Name a newer one: make PYTHON=python3.12 ..." >&2; exit 2; }
	@echo "Setting up $(VENV) (once; a minute or two): fetching and installing the packages of constraints.txt" >&2
	@$(PYTHON) -m venv $(VENV)
	@# The list is closed, so nothing is left to resolve: a resolver may prefer a newer release for `package[extra]`.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r constraints.txt
	@echo "Installing this folder as strands-durable, and checking that all packages agree" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip --disable-pip-version-check check > $(VENV)/check.log || { cat $(VENV)/check.log; exit 1; }
	@touch $(READY)

demo:
	@echo "A chain of three agents will run, each on the answer of the one before; the offline provider 'echo' answers."
	@test -e $(READY) || echo "First an environment is made in $(VENV), from the packages listed in constraints.txt. Nothing else is touched."
	@$(MAKE) --silent setup
	@rm -rf $(DEMO)
	@mkdir -p $(DEMO)
	@echo && echo '$$ strands run docs/examples/chain-research.yaml --var "topic=$(TOPIC)"'
	@STRANDS_HOME=$(DEMO)/home $(BIN)/strands run docs/examples/chain-research.yaml \
	  --var "topic=$(TOPIC)" --out $(DEMO)/out
	@echo && echo '$$ strands sessions list'
	@STRANDS_HOME=$(DEMO)/home $(BIN)/strands sessions list
	@echo && echo '$$ strands sessions show @latest'
	@STRANDS_HOME=$(DEMO)/home $(BIN)/strands sessions show @latest
	@echo && echo "The report is in $(DEMO)/out, the session in $(DEMO)/home. Now your own: docs/tutorial/first-workflow.md"

PYTEST := $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

quick: $(READY)
	@$(PYTEST) tests/unit

test: lint types contracts tests

lint: $(READY)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .

types: $(READY)
	@$(BIN)/mypy --no-error-summary

contracts: $(READY)
	@$(BIN)/lint-imports --no-logo > $(VENV)/contracts.log || { cat $(VENV)/contracts.log; exit 1; }

tests: $(READY)
	@# watching each line makes the core twice as slow, and the unit tests reach all of it on their own
	@$(PYTEST) tests/unit --cov --cov-report=term
	@$(PYTEST) --ignore tests/unit

test-nightly: lint types contracts
	@STRANDS_NIGHTLY=1 $(PYTEST) --timeout 7200 --ignore tests/benchmarks
	@$(BIN)/python -m tests.mutants
	@# last, as the schedule's bound can fail in an hour in which the machine is slow
	@STRANDS_NIGHTLY=1 $(BIN)/python -m pytest -q tests/benchmarks

FUZZ_S ?= 3600

fuzz: $(READY)
	@$(BIN)/python -m tests.fuzz $(FUZZ_S)

docs: $(READY)
	@$(BIN)/python -m docs.generator
	@$(BIN)/python -m pytest -q tests/architecture/test_docs.py tests/docs

lock:
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-tools
	@{ sed -n '/^[^#]/q; p' constraints.txt > constraints.new; \
	   $(BIN)/pip-compile --quiet --upgrade --generate-hashes --extra dev --strip-extras --allow-unsafe --no-annotate \
	     --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o - pyproject.toml >> constraints.new \
	   && mv constraints.new constraints.txt; } || { rm -f constraints.new; exit 1; }

clean:
	@rm -rf $(VENV) $(DEMO) build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .ruff_cache .pytest_cache \
	  .import_linter_cache
	@find core shell tests property_tests -name __pycache__ -type d -prune -exec rm -rf {} +
