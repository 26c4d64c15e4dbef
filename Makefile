# The two commands a reader needs are `make site` and `make test`; the rest serve them and the workflows.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ENGINE ?= auto

# Without them every start would compile each module again.
unexport PYTHONDONTWRITEBYTECODE

# Where GitHub shows the site, for canonical links and the sitemap; both names are the runner's own.
ifdef GITHUB_REPOSITORY
export REVIEW_SITE_URL ?= https://$(GITHUB_REPOSITORY_OWNER).github.io/$(notdir $(GITHUB_REPOSITORY))
endif

.PHONY: site test setup setup-test check serve lint typecheck clean

.DEFAULT_GOAL := site
include living.mk

site: setup
	@$(BIN)/python -m publishing build --engine $(ENGINE)

test: setup-test lint typecheck
	$(BIN)/python -m pytest -n auto --dist loadfile

setup: $(VENV)/.site-ready

setup-test: $(VENV)/.test-ready

$(VENV)/.site-ready: requirements.lock pyproject.toml assets/fonts.py
	@echo "Setting up (once) / 首次安装…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python assets/fonts.py .cache/fonts
	@touch $@

$(VENV)/.test-ready: requirements-test.lock $(VENV)/.site-ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

check: setup
	@$(BIN)/python -m analysis check
	@$(BIN)/python -m analysis status > /dev/null
	@$(BIN)/python -m analysis passages

serve: setup
	@$(BIN)/python -m publishing serve

# Where the generator is worked on: reviews that `publishing new` makes have no benchmarks.
ifneq ($(wildcard benchmarks/build.py),)
.PHONY: bench
# Everything an editor waits for, as ratios; the table in the README is written anew. / 基准测试。
bench: setup
	@$(BIN)/python benchmarks/build.py --write README.md
endif

lint: setup-test lint-workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typecheck: setup-test
	$(BIN)/mypy

clean:
	rm -rf _site _build
