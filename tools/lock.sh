#!/usr/bin/env bash
# Writes requirements/*.txt from pyproject.toml: versions and hashes, no place they come from.
#
#   tools/lock.sh             keeps the versions that are there and still fit
#   tools/lock.sh --upgrade   takes newer ones, but none younger than a week: a release that
#                             turns out bad is usually withdrawn by then
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

options=("$@")
if [ "${1:-}" = --upgrade ]; then
  options+=(--exclude-newer "$(.venv/bin/python -c \
    'import datetime as d; print((d.datetime.now(d.UTC) - d.timedelta(days=7)).date())')")
fi

compile() {
  .venv/bin/uv --quiet pip compile --universal --python-version 3.11 --generate-hashes \
    --no-header --no-annotate --no-strip-extras --no-emit-index-url --no-emit-find-links "$@"
}

compile "${options[@]}" --all-extras --group dev -o requirements/dev.txt pyproject.toml
# The others at the same versions: what verification needs, what it and every extra need, and what
# runs tests of an installed wheel.
same=(--constraints requirements/dev.txt)
compile "${same[@]}" -o requirements/verify.txt pyproject.toml
compile "${same[@]}" --all-extras -o requirements/extras.txt pyproject.toml
compile "${same[@]}" --group runner -o requirements/runner.txt

if grep -nE '://|file:|@ |--(index|extra-index|find-links)|^[./]' requirements/*.txt; then
  echo "lock: these lines name a place; a local package index was in the way" >&2
  exit 1
fi
