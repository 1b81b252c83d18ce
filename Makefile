# make demo   set everything up and run the main job: no key, no download of a model
# make test   set everything up and run all tests, but those of `make test-data`
# make test-data  test the sandbox with what the extra `data` brings: its libraries, and another wasmtime; takes minutes
# make guests build what runs in the sandbox; done by `make test`, and by the build of a wheel
# make lint   formatting, lint and types
# make bench  measure Curta beside its peers and rewrite bench/RESULTS.md

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA := .venv-data
IN_DATA := tests/sandbox tests/cli/test_run_with_data.py

.PHONY: demo guests test test-data lint bench clean

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.tools: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test --group lint
	touch $@

demo: $(VENV)/.installed
	$(BIN)/curta -f examples/hn-thread.json -t summarize-thread --quotes

guests: $(VENV)/.tools
	$(BIN)/python -m curta.sandbox.languages.build

test: guests
	$(BIN)/python -m pytest -n auto --dist worksteal

$(DATA)/.tools: pyproject.toml
	$(PYTHON) -m venv $(DATA)
	$(DATA)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(DATA)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[data]' --group test-sandbox
	touch $@

test-data: guests $(DATA)/.tools
	$(DATA)/bin/python -m pytest -n auto --dist worksteal $(IN_DATA)

lint: $(VENV)/.tools
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.tools
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) $(DATA) build dist
