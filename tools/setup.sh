#!/usr/bin/env bash
# Make the virtual environment: pip only, so that an index, a proxy and certificates set up on the
# machine are honoured. The stamp file is written last: an interrupted setup starts again.
set -euo pipefail
venv=$1
cd "$(dirname "$0")/.."

python=
for name in python3 python3.13 python3.12 python3.11; do
  # A name on PATH may be a shim that does not run, so each is tried.
  if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$name
    break
  fi
done
if [ -z "$python" ]; then
  echo "setup: Python 3.11 or later with venv is needed (Debian, Ubuntu: python3-venv; Fedora: python3)" >&2
  exit 1
fi

echo "setup: $("$python" --version), into $venv (about a minute and 1.3 GB)" >&2
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1
"$venv/bin/python" -m pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
touch "$venv/.ready"
