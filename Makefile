# Everything needs only git, make and Python 3.11 or newer; .dev/setup makes .venv and leaves it alone while it fits.

BIN := .venv/bin
export PYTHON

.PHONY: help demo test bench coverage mutants check prove docs lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s  %s\n", $$1, $$2 }' Makefile

demo: ## Set up what the service needs and run the demo
	@bash .dev/setup runtime
	@$(BIN)/paystate demo

# Whoever has run out of tests takes some of another's: see docs/adr/0020-tests-run-on-all-cores.md.
test: ## Run every test, on all cores; ARGS="-k money" passes options on, ARGS=-n0 runs them in one process
	@bash .dev/setup dev
	@$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(ARGS)

bench: ## Measure the speed of core, signing and client against goals, in ratios; ARGS="--rounds 21" for longer
	@bash .dev/setup dev
	@PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

# The random tests are left out: each branch must be taken by a case that somebody wrote down.
coverage: ## Fail unless tests with fixed cases take every branch of the core
	@bash .dev/setup dev
	@$(BIN)/coverage run -m pytest -q tests/unit tests/integration/api tests/integration/worker \
	    --ignore tests/unit/explore/test_worlds.py --ignore tests/unit/test_docs.py --ignore tests/unit/test_mutations.py \
	    --ignore tests/unit/test_order_machine.py --ignore tests/unit/test_properties.py \
	    --ignore tests/integration/api/test_bad_inputs.py
	@$(BIN)/coverage report

mutants: ## Plant faults in the core, one at a time, and list those no unit test sees; ONLY="money ids" for some modules
	@bash .dev/setup dev
	@bash .dev/mutants $(ONLY)

check: ## Lint, format, types and the dependency rule
	@bash .dev/setup dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests/integration/juspay/typed_calls.py
	$(BIN)/pyright
	$(BIN)/lint-imports

prove: ## Explore the large worlds of the lifecycle; takes many minutes
	@bash .dev/setup dev
	@$(BIN)/paystate explore --all

docs: ## Write the pages that are made from the rules anew
	@bash .dev/setup dev
	PYTHONPATH=docs $(BIN)/python -m generate.write

lock: ## Write both lock files anew; UPGRADE=1 takes the newest versions
	@bash .dev/setup lock $(if $(UPGRADE),--upgrade)

clean: ## Remove .venv and what tools left
	rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find core adapters entrypoints tests -type d -name __pycache__ -prune -exec rm -rf {} +
