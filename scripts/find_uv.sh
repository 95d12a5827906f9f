# Sourced by the other scripts: find_uv prints the path of uv, which it installs with pip where there is none.
find_uv() {
  if command -v uv >/dev/null; then command -v uv; return; fi
  if [ ! -x build/uv/bin/uv ]; then
    python3 -m venv build/uv >&2
    build/uv/bin/pip install --quiet --disable-pip-version-check uv >&2
  fi
  echo "$PWD/build/uv/bin/uv"
}
