# The front door. Every target sets up what it needs; a fresh machine needs Python 3.11 or newer and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PLUGINS := $(patsubst %/pyproject.toml,-e %[sandbox],$(wildcard chaskiq_plugins/*/pyproject.toml))
PACKAGES := -e chaskiq_core[postgres,redis,taskiq,testing] $(PLUGINS) -e chaskiq_server
PYTEST_WORKERS ?= 4
# Compiled modules are kept: dozens of processes are started, and each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: test lint bench chaos demo docs clean

$(VENV)/.ready: pyproject.toml constraints.txt $(wildcard chaskiq_*/pyproject.toml chaskiq_plugins/*/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Chaskiq needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "==> creating the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@echo "==> installing uv, then the packages and the tools (about a minute the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt $(PACKAGES) --group dev
	@touch $@

test: $(VENV)/.ready
	@echo "==> running the tests on SQLite and on a real PostgreSQL and Redis from wheels"
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal $(ARGS)

lint: $(VENV)/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/count_escapes.py
	$(BIN)/python -m tools.write_docs --check

docs: $(VENV)/.ready
	$(BIN)/python -m tools.write_docs

demo: $(VENV)/.ready
	$(BIN)/python -m chaskiq_server.demo $(if $(ONCE),--once)

bench: $(VENV)/.ready
	$(BIN)/python -m bench $(ARGS)

chaos: $(VENV)/.ready
	$(BIN)/python -m chaos $(if $(PEERS),peers) $(if $(SEED),--seed $(SEED)) $(if $(MESSAGES),--messages $(MESSAGES)) \
		$(if $(KILLS),--kills $(KILLS)) $(if $(PEERS),,$(if $(DB),--db $(DB))) $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .demo
