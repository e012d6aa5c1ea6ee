#!/usr/bin/env bash
# An installation from a folder of wheels alone: the light base, in an empty environment, pip without an
# index and, where the system lets us, without a network. A wheel that was changed or is missing is refused.
set -euo pipefail
python=$(realpath --no-symlinks "$1")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" tools/wheelhouse.py "$work/wheels" --base
cd "$work"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CONFIG_FILE=/dev/null
unset PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS
alone=()
if unshare --net true 2>/dev/null; then alone=(unshare --net); fi

install() { # install ENVIRONMENT WHEELS
  "$python" -m venv "$1"
  "${alone[@]}" "$1/bin/pip" install --quiet --no-index --find-links "$2" --require-hashes \
    --only-binary :all: -r "$2/requirements.txt"
}
refused() { # refused WHAT WHEELS WORDS
  if install "$work/refused" "$2" >refused.txt 2>&1; then
    echo "check-offline: $1 was installed" >&2
    exit 1
  fi
  grep -q "$3" refused.txt || { cat refused.txt >&2; exit 1; }
  rm -r "$work/refused"
}

install base wheels
base/bin/gateway --version >/dev/null
base/bin/gateway query --help >/dev/null
echo "check-offline: the base installs from a folder${alone:+, without a network}"

cp -r wheels changed && for wheel in changed/rich-*.whl; do printf x >>"$wheel"; done
refused "a changed wheel" changed "DO NOT MATCH THE HASHES"
cp -r wheels fewer && rm fewer/rich-*.whl
refused "a folder with a wheel missing" fewer "No matching distribution"
echo "check-offline: a changed wheel and a missing one are refused"
