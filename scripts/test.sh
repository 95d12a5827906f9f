#!/usr/bin/env bash
# The whole suite. Says in one line how to install what is missing.
set -uo pipefail
cd "$(dirname "$0")/.."
command -v chromium >/dev/null || { echo "Chromium is missing. Debian: apt-get install chromium"; exit 1; }
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { echo "PostgreSQL is missing. Debian: apt-get install postgresql"; exit 1; }
export PYTHONDONTWRITEBYTECODE=1 RASA_TELEMETRY_ENABLED=false
.venv/bin/ruff check . || exit 1
.venv/bin/mypy || exit 1
node_modules/.bin/tsc --noEmit -p tsconfig.json || exit 1
# Two workers for two cores; a file stays with one worker, so that what it sets up is made once. The longest files begin
# (tests/conftest.py), so that no worker ends alone.
exec .venv/bin/python -m pytest tests -n 2 --dist loadfile --no-loadscope-reorder "$@"
