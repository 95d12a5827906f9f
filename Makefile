# Frontdesk's two commands are `make run` and `make test`. `make` alone lists all.
SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python
FRONTDESK := $(VENV)/bin/frontdesk
STAMP := $(VENV)/.ready
.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: $(STAMP) bot/static/dist/widget.js ## Create the environment and build the front end

$(STAMP): requirements.lock pyproject.toml scripts/setup.sh
	@bash scripts/setup.sh python

bot/static/dist/widget.js: $(wildcard frontend/*/*) frontend/build.mjs package-lock.json $(STAMP)
	@bash scripts/setup.sh frontend

run: setup ## Start with the example department and print where to click
	@$(FRONTDESK) run

test: setup ## Run the whole suite, browser and PostgreSQL tests included
	@bash scripts/test.sh

check: setup ## Lint and type checks
	@$(VENV)/bin/ruff check . && $(VENV)/bin/mypy && node_modules/.bin/tsc --noEmit -p tsconfig.json

doctor: setup ## Say what is not right yet
	@$(FRONTDESK) doctor

story: setup ## A story in two browsers with pictures: make story NAME=front-desk
	@$(PY) -m tests.e2e.story $(NAME)

faults: setup ## Kill real processes under load, long form (SQLite, then PostgreSQL)
	@$(PY) -m tests.faults.campaign

test-stock: setup ## Compare with stock Rasa on Python 3.10, message by message
	@bash scripts/stock.sh && $(PY) -m pytest tests/stock -m stock

bench-turn: setup ## Time of a turn beside stock Rasa, in one run
	@bash scripts/stock.sh && $(PY) -m benchmarks.turn

bench-nlu: setup ## Understanding beside stock Rasa: accuracy, time, memory (MESSAGES=, ANCHORS=)
	@bash scripts/stock.sh && $(PY) -m benchmarks.nlu $(if $(MESSAGES),--messages "$(MESSAGES)") $(if $(ANCHORS),--anchors "$(ANCHORS)")

telegram: setup ## A simulated Telegram to chat with the desk
	@$(FRONTDESK) dev telegram

lock: setup ## Resolve the requirements again
	@bash scripts/setup.sh lock

clean: ## Remove what was built, keep the database
	rm -rf $(VENV) .venv-stock node_modules build bot/static/dist

.PHONY: help setup run test check doctor story faults test-stock bench-turn bench-nlu telegram lock clean
