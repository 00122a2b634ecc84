# Everything needs only git, make and Python 3.11 or newer; .dev/setup makes .venv and leaves it alone while it fits.

BIN := .venv/bin
export PYTHON
# Many tests start processes, and each would compile everything it imports anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-pythons bench coverage mutants check siege torture soak check-supply prove docs site screenshots lock release-check clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s  %s\n", $$1, $$2 }' Makefile

demo: ## Set up what the service needs and run the demo
	@bash .dev/setup runtime
	@$(BIN)/paystate demo

# Fixed cases run first and are measured; see docs/adr/0023-each-test-runs-once.md. A part of the tests takes a part of
# the branches, so with options nothing is measured. A worker takes one test at a time, so that none ends a minute before
# another: handed out by the hundred, the slow ones would lie in one queue.
PYTEST := $(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist load --maxschedchunk 1
test: ## Run every test, on all cores, and see to the core's branches; ARGS="-k money" passes options on, and only tests
	@bash .dev/setup dev
	@$(PYTEST) $(or $(ARGS),--cov)

test-pythons: ## Run the core's tests on Python 3.11 to 3.14, as far as each is installed; ARGS as for test
	@bash .dev/setup dev
	@bash .dev/test-pythons $(ARGS)

bench: ## Measure speed against goals, in ratios; ARGS="--rounds 21" for longer, --keep for docs/reference/performance.md
	@bash .dev/setup dev
	@PYTHONPATH=tests:docs $(BIN)/python -m bench $(ARGS)

coverage: ## Fail unless fixed cases alone take every branch of the core; a part of what `make test` does
	@bash .dev/setup dev
	@$(PYTEST) --cov -m fixed_case

mutants: ## Plant faults in the core, one at a time, and list those no unit test sees; ONLY="money ids" for some modules
	@bash .dev/setup dev
	@bash .dev/mutants $(ONLY)

check: ruff mypy pyright imports ## Lint, format, types and the dependency rule

.PHONY: venv ruff mypy pyright imports
venv:
	@bash .dev/setup dev
ruff: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
mypy: venv
	$(BIN)/mypy
	$(BIN)/mypy tests docs/generate
pyright: venv
	$(BIN)/pyright
imports: venv
	$(BIN)/lint-imports

siege: ## Attack a running service as strangers would, and let much of it hang: what that costs others; some minutes
	@bash .dev/setup dev
	@$(BIN)/pytest -n0 tests/siege $(ARGS)

torture: ## Let processes die and machines lose power wherever they can, and compare ledgers; more than half an hour
	@bash .dev/setup dev
	@$(BIN)/pytest -n0 -s tests/torture $(ARGS)

soak: ## Load a fleet to which things happen, and join three ledgers; ARGS="--minutes 60 --seed 7 --database sqlite"
	@bash .dev/setup dev
	@PYTHONPATH=tests $(BIN)/python -m soak $(ARGS)

check-supply: ## Look for known holes in what we depend on and in our own code, and write an SBOM; asks the package index
	@bash .dev/setup dev
	@bash .dev/check-supply

prove: ## Explore the large worlds of the lifecycle; takes many minutes
	@bash .dev/setup dev
	@$(BIN)/paystate explore --all

docs: ## Write the pages that are made from the rules anew
	@bash .dev/setup dev
	PYTHONPATH=docs $(BIN)/python -m generate.write

site: ## Build docs/ as a site into build/site/html, or say what is broken; ARGS=--serve shows it on this machine
	@bash .dev/setup dev
	@PYTHONPATH=docs $(BIN)/python -m generate.site $(ARGS)

screenshots: ## Take the pictures in docs/screenshots anew, in Chromium, of orders that are played for it
	@bash .dev/setup dev
	@PYTHONPATH=docs $(BIN)/python -m generate.screenshots

lock: ## Write both lock files anew; UPGRADE=1 takes the newest versions
	@bash .dev/setup lock $(if $(UPGRADE),--upgrade)

release-check: ## Try what a release would be, and publish nothing; see docs/how-to/release.md
	@bash .dev/setup dev
	@bash .dev/release-check

clean: ## Remove .venv and what tools left
	rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find core adapters entrypoints tests docs -type d -name __pycache__ -prune -exec rm -rf {} +
