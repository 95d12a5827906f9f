#!/usr/bin/env bash
# Builds stock Rasa 3.6.21 on Python 3.10 in .venv-stock (about 3 GB), or resolves its lock again: stock.sh [lock].
# `make test-stock`, `make bench-turn` and `make bench-nlu` compare Frontdesk with it; nothing else needs it.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/find_uv.sh
. scripts/find_uv.sh

lock() {
  "$(find_uv)" pip compile --config-file stock/uv.toml --python-version 3.10 --generate-hashes --no-emit-index-url \
    --no-annotate --no-header --quiet stock/requirements.in -o stock/requirements.lock
}

environment() {
  # The stamp holds the lock's own hash: an interrupted or outdated build is done again.
  local stamp=.venv-stock/.ready wanted
  wanted=$(sha256sum stock/requirements.lock | cut -d' ' -f1)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return; fi
  local uv; uv=$(find_uv)
  echo "Setting up stock Rasa on Python 3.10 in .venv-stock (3 GB, a few minutes, once)"
  [ -x .venv-stock/bin/python ] || "$uv" venv --quiet --python 3.10 .venv-stock
  "$uv" pip sync --quiet --config-file stock/uv.toml --python .venv-stock/bin/python --require-hashes \
    --compile-bytecode stock/requirements.lock
  echo "$wanted" > "$stamp"
}

case "${1:-environment}" in
  environment) environment ;;
  lock) lock ;;
  *) echo "usage: stock.sh [lock]" >&2; exit 2 ;;
esac
