#!/usr/bin/env bash
# proto.sh --write|--check PYTHON: stubs of proto/ into gateway/v1, and lint of the wire contract.
# The google/api protos come from the installed googleapis-common-protos, into an ignored folder.
set -euo pipefail
mode=$1
python=$(realpath --no-symlinks "$2")
cd "$(dirname "$0")/.."

vendored=$("$python" -c 'import google.api; print(list(google.api.__path__)[0])')
mkdir -p build/googleapis/google/api
cp "$vendored/field_behavior.proto" build/googleapis/google/api/

out=.
[ "$mode" = --check ] && out=$(mktemp -d) && trap 'rm -rf "$out"' EXIT
"$python" -m grpc_tools.protoc -I proto -I build/googleapis \
  --python_out="$out" --pyi_out="$out" --grpc_python_out="$out" proto/gateway/v1/*.proto
if [ "$mode" = --check ]; then
  for stub in "$out"/gateway/v1/*; do
    if ! cmp -s "$stub" "gateway/v1/$(basename "$stub")"; then
      echo "proto: $(basename "$stub") differs from proto/; run: make proto" >&2
      exit 1
    fi
  done
fi

# buf comes from the npm registry, pinned; without npm the lint is skipped with a word, except in CI.
if command -v npm >/dev/null; then
  [ -x build/buf/node_modules/.bin/buf ] ||
    npm install --silent --no-audit --no-fund --prefix build/buf @bufbuild/buf@1.75.0 >/dev/null 2>&1
  build/buf/node_modules/.bin/buf lint
elif [[ ",${CONCORDAT_REQUIRE:-}," == *,npm,* ]]; then
  echo "proto: npm is required here and was not found" >&2
  exit 1
else
  echo "proto: npm was not found, so buf lint was skipped" >&2
fi
