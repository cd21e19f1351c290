# The README's commands. A fresh machine needs Python 3.11 or newer, make and the internet.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test check slow oldest bench smoke wheel clean
.DEFAULT_GOAL := demo

demo: $(VENV)/installed  ## The whole story on the embedded scenario, offline
	$(BIN)/lowcarb demo

test: $(VENV)/installed  ## Fast tests
	$(BIN)/python -m pytest -q -n auto

check: $(VENV)/installed  ## What a change must pass: format, lint, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) test

slow: $(VENV)/installed  ## Tests with large fleets, long searches and a real Flower federation
	$(BIN)/python -m pytest -q -m slow

oldest:  ## The Flower tests on the oldest Flower that is supported
	$(PYTHON) -m venv $(VENV)-oldest
	$(VENV)-oldest/bin/python -m pip install --quiet --editable . 'flwr==1.26.0' \
		pytest pytest-timeout pytest-xdist hypothesis scipy
	$(VENV)-oldest/bin/python -m pytest -q -n auto tests/lowcarb/flower tests/test_quickstart.py

bench: $(VENV)/installed  ## Measure against peers
	$(BIN)/python -m benchmarks.solve
	$(BIN)/python -m benchmarks.fleet
	$(BIN)/python -m benchmarks.adapter
	$(BIN)/python -m benchmarks.savings

smoke: $(VENV)/installed  ## The benchmarks on tiny sizes: do they run?
	$(BIN)/python -m benchmarks.solve --smoke
	$(BIN)/python -m benchmarks.fleet --clients 1000 --runs 1
	$(BIN)/python -m benchmarks.adapter --nodes 50 --cohort-size 5 --rounds 3 --runs 1
	$(BIN)/python -m benchmarks.savings --smoke

wheel: $(VENV)/installed  ## Build the wheel and run it in an empty environment
	PYTHON=$(BIN)/python sh .ci/wheel

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Lowcarb needs Python 3.11 or newer; run: make PYTHON=python3.x ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-oldest dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
