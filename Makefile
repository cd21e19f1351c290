# The README's commands. A fresh machine needs Python 3.11 or newer, make and the internet.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

# What the dependencies are resolved for; the README says which of these are tested.
PYTHONS := 3.11 3.12 3.13 3.14
PLATFORMS := x86_64-manylinux_2_28 aarch64-manylinux_2_28 aarch64-apple-darwin

.PHONY: demo test check coverage slow lowest resolve docs bench smoke wheel clean
.DEFAULT_GOAL := demo

demo: $(VENV)/installed  ## The whole story on the embedded scenario, offline
	$(BIN)/lowcarb demo

test: $(VENV)/installed  ## Fast tests
	$(BIN)/python -m pytest -q -n auto

check: $(VENV)/installed  ## What a change must pass: format, lint, types, walls, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

coverage: $(VENV)/installed  ## Branches that the fast tests reach, in the processes they start too
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n auto
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include='lowcarb/*' --fail-under=85
	$(BIN)/coverage report --include='solvers/*' --fail-under=90

# Slow tests that start no federation and no simulation, and so may run side by side.
SIDE_BY_SIDE := tests/solvers tests/test_fuzz.py tests/test_fuzz_dialects.py \
	tests/benchmarks/test_three_sites.py $(addprefix tests/lowcarb/, \
	_util cli flower ledger planning providers replay report training)

# Those that start one have a core of their own, and no other of their file beside them.
slow: $(VENV)/installed  ## Tests with large fleets, long searches and a real Flower federation
	$(BIN)/python -m pytest -q -m slow -n 2 --dist loadfile $(addprefix --ignore=,$(SIDE_BY_SIDE))
	$(BIN)/python -m pytest -q -m slow -n 2 $(SIDE_BY_SIDE)

# One thread for the demo: OpenBLAS 0.3.23, in numpy 1.26, can hang in a product while Ray starts.
LOWEST := uv pip install --quiet --python $(VENV)-lowest --resolution lowest-direct \
	--requirements pyproject.toml --group dev --editable .

lowest: $(VENV)/installed  ## Tests with the lowest versions that pyproject.toml states
	$(BIN)/uv venv --quiet --clear --no-python-downloads --python 3.11 $(VENV)-lowest
	$(BIN)/$(LOWEST) --extra codecarbon --extra fast --extra report --extra simulation
	$(VENV)-lowest/bin/python -m pytest -q -n auto
	$(VENV)-lowest/bin/python -m pytest -q -m slow tests/deployment/test_documented_commands.py
	$(BIN)/$(LOWEST) --all-extras  # the demo asks for a newer Flower
	OPENBLAS_NUM_THREADS=1 $(VENV)-lowest/bin/python -m pytest -q -m slow \
		tests/benchmarks tests/lowcarb/demo/test_simulated_training.py

# Flower does without Ray where there is none, so that `[simulation]` resolves but cannot simulate.
resolve: $(VENV)/installed  ## Are there dependencies, as wheels, for these Pythons and platforms?
	@for python in $(PYTHONS); do for platform in $(PLATFORMS); do \
		echo "Python $$python on $$platform:"; \
		$(BIN)/uv pip compile --quiet --no-python-downloads --only-binary :all: --all-extras \
			--python-version $$python --python-platform $$platform --no-header --no-annotate \
			pyproject.toml | grep '^ray==' || exit 1; \
	done; done

# PICTURES=docs/pictures renews the notebooks' pictures that are kept.
docs: $(VENV)/installed  ## The documentation as HTML in build/docs: pages, API, notebooks executed
	$(BIN)/python .ci/docs.py build/docs $(if $(PICTURES),--pictures $(PICTURES))

# DATA is a folder of recorded days, see docs/recorded-days.md; without it they are invented.
bench: $(VENV)/installed  ## Measure against peers
	$(BIN)/python -m benchmarks.solve --write
	$(BIN)/python -m benchmarks.limits
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.fleet
	$(BIN)/python -m benchmarks.ledger
	$(BIN)/python -m benchmarks.adapter
	$(BIN)/python -m benchmarks.savings $(if $(DATA),--data $(DATA),--embedded --out build/savings.md)
	$(BIN)/python -m benchmarks.correction $(if $(DATA),--data $(DATA),--embedded --out build/correction.md)
	$(BIN)/python -m benchmarks.untuned $(if $(DATA),--data $(DATA),--embedded --out build/untuned.md)
	$(BIN)/python -m benchmarks.long $(if $(DATA),--data $(DATA),--embedded --out build/long.md)
	$(BIN)/python -m benchmarks.hours $(if $(DATA),--data $(DATA),--embedded --out build/hours.md)
	$(BIN)/python -m benchmarks.breathing_hours $(if $(DATA),--data $(DATA),--embedded --out build/breathing.md)
	$(BIN)/python -m benchmarks.three_sites
	$(BIN)/python -m benchmarks.accuracy

smoke: $(VENV)/installed  ## The benchmarks on tiny sizes: do they run?
	$(BIN)/python -m benchmarks.solve --smoke
	$(BIN)/python -m benchmarks.limits --smoke
	$(BIN)/python -m benchmarks.hours --smoke
	$(BIN)/python -m benchmarks.breathing_hours --smoke
	$(BIN)/python -m benchmarks.startup --smoke
	$(BIN)/python -m benchmarks.fleet --clients 1000 --runs 1
	$(BIN)/python -m benchmarks.ledger --smoke
	$(BIN)/python -m benchmarks.adapter --nodes 50 --cohort-size 5 --rounds 3 --runs 1
	$(BIN)/python -m benchmarks.savings --smoke
	$(BIN)/python -m benchmarks.correction --smoke
	$(BIN)/python -m benchmarks.untuned --smoke
	$(BIN)/python -m benchmarks.long --smoke
	$(BIN)/python -m benchmarks.accuracy --smoke

wheel: $(VENV)/installed  ## Build wheel and sdist, and run both in an empty environment
	PYTHON=$(BIN)/python sh .ci/wheel

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Lowcarb needs Python 3.11 or newer; run: make PYTHON=python3.x ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-lowest dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
