# cxkit: one command each. Needs python3 (3.11 or newer), make and a package index; nothing else.
# Results go to stdout, everything else to stderr: `make -s report` prints the paths of the pages.

PYTHON ?= python3
VENV   ?= .venv
# Test processes side by side; one folder of tests, or one notebook, stays in one process.
JOBS   ?= 2
UV     ?= uv
# Words for the locker, e.g. `make lock LOCK_FLAGS=--upgrade`.
LOCK_FLAGS ?=

BIN  := $(VENV)/bin
# MPLBACKEND and PYTHONPATH of the caller's shell have no say in a report or a test.
CLEAN := env -u MPLBACKEND -u PYTHONPATH PIP_DISABLE_PIP_VERSION_CHECK=1
RUN  := $(CLEAN) $(BIN)/python
# Processes that run side by side: threads of their own for small matrices would only wait.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# The core lock alone: JupyterLab beside it would slow every command that is measured.
LEAN := $(CLEAN) $(VENV)/lean/bin/python
PIP  := $(RUN) -m pip install --quiet --no-input

.DEFAULT_GOAL := help
.PHONY: help report test lab notebooks lint bench coverage clean lock

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

report: $(VENV)/core  ## install the core once, make the demo's full report in both languages, print its paths
	@$(RUN) -m cxkit run demo --language id --language en

test: $(VENV)/dev  ## install the test tools once, run all tests, doctests and notebooks
	@env $(ONE_THREAD) CXKIT_ROOT="$(CURDIR)" $(RUN) -m pytest -n $(JOBS) \
	    --dist loadscope --no-loadscope-reorder \
	    --doctest-modules --nbval-lax --nbval-current-env tests cxkit notebooks

lab: $(VENV)/dev  ## open JupyterLab on the kit's notebooks and the demo, or on STUDY=folder
	@$(RUN) -m cxkit lab "$(or $(STUDY),demo)"

notebooks: $(VENV)/dev  ## execute the committed notebooks again, in place
	@$(RUN) -m cxkit.report.notebooks

lint: $(VENV)/dev  ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/lean/core $(VENV)/dev  ## speed of runs, batches, figures and estimates; memory of check
	@echo "== overhead of a run: cxkit run against papermill and nbconvert on the same notebook"
	@$(LEAN) benchmarks/bench.py
	@echo "== a hundred brief reports, a thousand quick ones: against papermill and nbconvert"
	@$(LEAN) benchmarks/batch.py --parts overhead,thousand
	@echo "== the hundred on a Dask cluster of this machine: against worker processes"
	@$(RUN) benchmarks/batch.py --parts dask
	@echo "== all estimates of the report: against reading their columns and one groupby().mean()"
	@$(LEAN) benchmarks/estimates.py
	@echo "== LMG with its bootstrap: against its cross-products and all-subsets least squares"
	@$(LEAN) benchmarks/importance.py
	@echo "== figures, records to SVG: against the same marks and words in bare matplotlib"
	@$(LEAN) benchmarks/figures.py
	@echo "== robustness and what the sample can see: against the cells of all other sections"
	@$(LEAN) benchmarks/robustness.py
	@echo "== memory of check on a CSV of 1 GB: against 300 MB and 2.5 times the mapped columns"
	@$(LEAN) benchmarks/memory.py

coverage: $(VENV)/core  ## how often the intervals hold the truth: writes benchmarks/coverage.md
	@env $(ONE_THREAD) $(RUN) benchmarks/coverage.py

clean:  ## remove .venv, reports and what tools leave behind
	@rm -rf $(VENV) reports build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@rm -rf data/demo/.cxkit notebooks/.ipynb_checkpoints
	@find cxkit tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

lock:  ## renew both locks (needs uv; LOCK_FLAGS=--upgrade takes newer versions)
	@$(call compile,requirements.lock,--group build)
	@$(call compile,requirements-dev.lock,--group build --extra lab --extra test \
	    --constraints requirements.lock)

# One version for every Python and platform (fewest), so that numbers do not move with them.
compile = $(UV) pip compile pyproject.toml $(2) --output-file $(1) --quiet --no-header $(LOCK_FLAGS) \
	    --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	    --no-emit-index-url --no-emit-find-links \
	&& printf '%s\n' '\# Pinned with hashes for Python 3.11 and newer; renew with: make lock' \
	    | cat - $(1) > $(1).new && mv $(1).new $(1)

$(BIN)/python:
	@echo "making $(VENV)" >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	    "cxkit needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11 ...")'
	@$(PYTHON) -m venv $(VENV) >&2

$(VENV)/core: requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing the core into $(VENV) (once)" >&2
	@$(PIP) --require-hashes -r requirements.lock >&2
	@$(PIP) --no-deps --no-build-isolation --no-index -e . >&2
	@touch $@

$(VENV)/lean/core: requirements.lock pyproject.toml
	@$(MAKE) --no-print-directory VENV=$(VENV)/lean $@

$(VENV)/dev: requirements-dev.lock $(VENV)/core
	@echo "installing the test tools into $(VENV) (once)" >&2
	@$(PIP) --require-hashes -r requirements-dev.lock >&2
	@touch $@
