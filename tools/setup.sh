#!/usr/bin/env bash
# Makes .venv at the root and installs the locked dependencies and the project into it.
#
#   bash tools/setup.sh             what every target needs
#   bash tools/setup.sh --judges    and the programs that tests hold documents against (make test)
#
# Safe to run again: when nothing changed it does nothing.  Where packages come from is the user's
# own pip configuration; the lock says only what they must be (docs/adr/0006-lock-without-hosts.md).
# PYTHON=/path/to/python chooses the interpreter (3.11 or later).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

lock=requirements/dev.txt
stamp=.venv/.etitle-setup
judges_stamp=.venv/.etitle-judges

with_judges=no
case "${1:-}" in
  "") ;;
  --judges) with_judges=yes ;;
  *)
    printf '%s\n' "usage: bash tools/setup.sh [--judges]" >&2
    exit 2
    ;;
esac

say() { printf '%s\n' "setup: $*" >&2; }

# What the environment was made from.  It holds absolute paths, so the place counts too.
state() { pwd && cksum "$lock" pyproject.toml tools/setup.sh; }

is_current() { [ -f "$1" ] && [ "$(cat "$1")" = "$(state)" ]; }

is_new_enough() {
  command -v "$1" >/dev/null 2>&1 &&
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
  local candidate
  for candidate in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11; do
    if is_new_enough "$candidate"; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  say "Python 3.11 or later is needed and was not found."
  say "Install it (Debian 12: apt-get install python3 python3-venv), or set PYTHON=/path/to/python."
  exit 1
}

apt_is_fresh=no

# Installs Debian packages where this user may: as root, or by sudo without a password.
install_debian() {
  local as_root=()
  command -v apt-get >/dev/null 2>&1 || return 1
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  say "installing $* with apt-get"
  if [ "$apt_is_fresh" = no ]; then
    # One broken source of many need not matter: the installation below decides.
    "${as_root[@]}" apt-get update -qq >&2 || say "apt-get update had errors; going on"
    apt_is_fresh=yes
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" >&2
}

make_environment() {
  local python=$1 version
  if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    install_debian "$version" || install_debian python3-venv || true
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
      say "$python can't make a virtual environment: its modules venv and ensurepip are missing."
      say "Install the package $version (Debian and Ubuntu: sudo apt-get install $version libzbar0),"
      say "then run the same command again."
      exit 1
    fi
  fi
  "$python" -m venv --clear .venv
}

have_zbar() {
  .venv/bin/python -c \
    'import sys; from ctypes.util import find_library; sys.exit(find_library("zbar") is None)'
}

set_up() {
  local pip
  # Also true of an environment that was moved or whose interpreter is gone: it can't run pip.
  if ! is_new_enough .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    make_environment "$(find_python)"
  fi

  say "installing the locked packages into .venv (the first time takes a minute or two)"
  pip=(.venv/bin/python -m pip --quiet --disable-pip-version-check --no-input)
  "${pip[@]}" install --require-hashes -r "$lock"
  # The build backend is in the lock too, so nothing else is fetched.
  "${pip[@]}" install --no-deps --no-build-isolation -e .

  if ! have_zbar && ! { install_debian libzbar0 && have_zbar; }; then
    say "libzbar0 is not installed: pictures are read without a second opinion (pyzbar)."
    say "To add it: Debian and Ubuntu, sudo apt-get install libzbar0; macOS, brew install zbar."
    # CI skips no test, and some need the library.
    if [ "${CI:-}" = true ]; then exit 1; fi
  fi

  state >"$stamp"
  say "done"
}

# What the tests hold signed documents against, and an HSM in software: each program or library
# with the package that has it.  Nothing else needs them.
judges=(
  openssl:openssl softhsm2-util:softhsm2 pdfsig:poppler-utils certutil:libnss3-tools
  mutool:mupdf-tools qpdf:qpdf javac:default-jdk-headless node:nodejs
  /usr/share/java/pdfbox2.jar:libpdfbox2-java /usr/share/java/bcpkix.jar:libbcpkix-java
  /usr/share/java/javax.activation.jar:libactivation-java
  /usr/share/java/jaxb-api.jar:libjaxb-api-java
)

missing_packages() {
  local judge
  for judge in "${judges[@]}"; do
    command -v "${judge%:*}" >/dev/null 2>&1 || [ -e "${judge%:*}" ] || printf '%s\n' "${judge#*:}"
  done
}

set_up_judges() {
  local missing
  missing=$(missing_packages)
  if [ -n "$missing" ]; then
    # shellcheck disable=SC2086  # a list of names
    install_debian $missing || true
    missing=$(missing_packages)
  fi
  if [ -n "$missing" ]; then
    say "some tests are skipped until this is installed: sudo apt-get install" $missing
    # CI skips no test.  Elsewhere it is said again each time: nothing is stamped.
    if [ "${CI:-}" = true ]; then exit 1; fi
    return
  fi
  state >"$judges_stamp"
}

if ! [ -x .venv/bin/python ] || ! is_current "$stamp"; then set_up; fi
if [ "$with_judges" = yes ] && ! is_current "$judges_stamp"; then set_up_judges; fi
