# run: install and open the app · serve: several processes behind HAProxy, for a class (make serve WORKERS=4)
# test: install what tests need, the browser too, and run them all
VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin

.PHONY: run test check bench screenshots browser lint-js

run: $(VENV)/.app
	$(BIN)/streamlit run app.py

serve: $(VENV)/.app
	$(BIN)/python -m server $(if $(WORKERS),--workers $(WORKERS)) $(if $(PORT),--port $(PORT))

test: $(VENV)/.dev browser
	$(BIN)/python -m pytest

check: $(VENV)/.dev lint-js
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

# The scripts in assets, by eslint and the TypeScript checker; both need Node.
lint-js:
	@if command -v npm >/dev/null; then npm install --no-audit --no-fund --no-package-lock --silent && npm run --silent lint; \
	else echo "make check: Node is not installed, so the scripts in assets are NOT checked. Install Node 20 to check them."; fi

bench: $(VENV)/.dev browser
	$(BIN)/python -m tests.benchmarks

screenshots: $(VENV)/.dev browser
	$(BIN)/python -m tests.screenshots

$(VENV)/.app: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.txt && touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt && touch $@

# A Chromium that is there is used; else the system's package, where we may install one; else Playwright's own.
browser: $(VENV)/.dev
	command -v chromium >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
	  $(BIN)/python -m playwright install --with-deps chromium
