# Every target is a line or two: what they do lives in devstack/ and is tested.
.DEFAULT_GOAL := help
SHELL := /bin/sh
# Our folders have everyday names (`config`, `worker`): the checkout comes before anything that is installed.
export PYTHONPATH := $(CURDIR)

VENV := .venv/bin
ANY_PYTHON := sh devstack/python.sh
BOOTSTRAP := $(ANY_PYTHON) -m devstack.bootstrap
# Tests run in this many processes; one folder or file alone (T=...) runs in one.
JOBS ?= 4

##@ Run it
.PHONY: run
run: ## Everything on this machine: engines, API, worker, simulator, the sample storyboard (PORT, WORKERS, ONCE, SAMPLE)
	@$(BOOTSTRAP) run
	@exec $(VENV)/python -m devstack.run

.PHONY: dev
dev: ## The same, and each part starts again when its code changes
	@$(BOOTSTRAP) run
	@exec $(VENV)/python -m devstack.run --reload

.PHONY: simulator
simulator: ## The provider simulator alone (PORT, 8700 unless set)
	@$(BOOTSTRAP) run
	@exec $(VENV)/python -m reelwork.simulator --port $(or $(PORT),8700)

.PHONY: migrate
migrate: ## Bring the database of `make run`, or of DATABASE_URL, to the newest schema
	@$(BOOTSTRAP) run
	@exec $(VENV)/python -m devstack.with_engines $(VENV)/python -m db.migrate

##@ Check it
.PHONY: test
test: ## All tests, on engines of their own (T=tests/unit/config for a part)
	@$(BOOTSTRAP) run dev
	@$(VENV)/python -m pytest $(or $(T),tests --ignore=tests/compat) -n $(if $(T),0,$(JOBS)) --dist worksteal

.PHONY: check
check: ## Lint, format, types, import rules, models against migrations, locks
	@$(BOOTSTRAP) run dev
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/python -m mypy
	$(VENV)/lint-imports
	$(VENV)/python -m devstack.schema_check
	@if grep -n '://' requirements/*.lock || git ls-files -z '*package-lock.json' | xargs -0 grep -n '"resolved"'; \
	  then echo 'locks hold addresses: write them with `make lock`, or with npm where .npmrc says so'; exit 1; fi

.PHONY: chaos
chaos: ## Break a whole installation by a seeded schedule, then audit its books (JOBS=10000, SEEDS="1 2 3 4", SHORT=1)
	@$(BOOTSTRAP) run dev
	@exec $(VENV)/python -m bench.chaos --jobs $(if $(filter file,$(origin JOBS)),10000,$(JOBS)) \
	  --seeds $(or $(SEEDS),1 2 3 4) $(if $(SHORT),--short)

.PHONY: bench
bench: ## Measure videos in flight beside a naive port, transfers, the API (N="100 500 2000", GENERATION=20, ONLY="reelwork naive transfer api", OUT=build/bench)
	@$(BOOTSTRAP) run dev
	@exec $(VENV)/python -m bench.speed --flights $(or $(N),100 500 2000) --seconds $(or $(GENERATION),20) \
	  $(if $(ONLY),--only $(ONLY)) $(if $(OUT),--out $(OUT))

.PHONY: test-compat
test-compat: ## LiteLLM as a proxy behind our adapter and as a client of our API (700 MB once, in .venv-litellm)
	@$(BOOTSTRAP) run dev litellm
	@$(VENV)/python -m pytest tests/compat

.PHONY: security
security: ## bandit over the code, then pip-audit over the lock (asks a public service for known weaknesses)
	@$(BOOTSTRAP) run
	@.venv-uv/bin/uv tool run -q bandit -q -c pyproject.toml -r app config db devstack jobqueue media providers storage worker reelwork
	@.venv-uv/bin/uv tool run -q pip-audit -r requirements/run.lock --disable-pip --no-deps --strict
.PHONY: screenshots
screenshots: ## Every page of the dashboard, light, dark and on a phone, into docs/screenshots (needs Chromium)
	@$(BOOTSTRAP) run dev
	@mkdir -p docs/screenshots
	@SCREENSHOTS=$(CURDIR)/docs/screenshots $(VENV)/python -m pytest -q tests/e2e/admin/test_pages.py

##@ Change it
.PHONY: fmt
fmt: ## Format the code and mend what the linter can mend
	@$(BOOTSTRAP) run dev
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

.PHONY: lock
lock: ## Write requirements/*.lock anew from pyproject.toml
	@exec $(ANY_PYTHON) -m devstack.locks

##@ Clean up
.PHONY: reset
reset: ## Remove the local database, queue and videos (.reelwork)
	@exec $(ANY_PYTHON) -m devstack.reset

.PHONY: clean
clean: ## Remove environments and caches; videos and data stay
	rm -rf .venv .venv-uv .venv-litellm .venv-without-engines.lock build dist
	rm -rf tests/contract/*/node/node_modules examples/nextjs/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
