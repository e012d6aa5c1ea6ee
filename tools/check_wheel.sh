#!/usr/bin/env bash
# The wheel as its users get it: everything in one empty environment runs the demo; the base alone in
# another asks that server the demo's own next question and verifies an export of its journal.
set -euo pipefail
python=$(realpath --no-symlinks "$1")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
server=
cleanup() {
  [ -n "$server" ] && kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

"$python" -m hatchling build -t wheel -d "$work/dist" >/dev/null 2>&1
wheel=$(ls "$work"/dist/*.whl)
# The locked versions as constraints: hashes cannot be asked of a wheel that was built just now.
grep -E '^[a-z0-9]' requirements.lock | sed 's/ *\\$//' >"$work/constraints.txt"
export PIP_DISABLE_PIP_VERSION_CHECK=1

install() { # install NAME WHAT
  "$python" -m venv "$work/$1"
  "$work/$1/bin/pip" install --quiet --only-binary :all: -c "$work/constraints.txt" "$2"
}
install full "$wheel[server]"
install base "$wheel"
cd "$work" # nothing of the checkout is in reach from here

full/bin/gateway demo --json --keep >demo.json 2>next.txt
server=$(sed -nE 's/^The server still runs \(process ([0-9]+)\).*/\1/p' next.txt)
folder=$(sed -nE 's/^To end it: .* rm -rf (.*)$/\1/p' next.txt)
"$python" -c 'import json; d = json.load(open("demo.json")); assert d["journal"]["ok"] and d["answered"]'
echo "check-wheel: the demo runs from the wheel"

mkdir notes
echo "Ms. Adaeze Okonjo (MRN 00482913) was seen on 03/14/2024; call 312-555-0199." >notes/visit.txt
full/bin/gateway deid run --profile safe-harbor notes clean 2>/dev/null
if grep -qE "Okonjo|482913|312|03/14" clean/visit.txt || ! grep -q "was seen on 2024" clean/visit.txt; then
  echo "check-wheel: the wheel does not de-identify" >&2
  exit 1
fi
echo "check-wheel: the wheel de-identifies a folder of notes"

for package in pyarrow pandas duckdb ibis opendp sqlglot presidio_analyzer onnxruntime; do
  if "$work/base/bin/python" -c "import $package" 2>/dev/null; then
    echo "check-wheel: the base brings $package" >&2
    exit 1
  fi
done
before=$("$python" - <<'E2'
import pathlib, tempfile, venv
with tempfile.TemporaryDirectory() as empty:
    venv.create(empty, with_pip=True)
    print(sum(p.stat().st_size for p in pathlib.Path(empty).rglob("*") if p.is_file() and not p.is_symlink()))
E2
)
size=$("$python" -c '
import pathlib, sys
files = (p for p in pathlib.Path(sys.argv[1]).rglob("*") if p.is_file() and not p.is_symlink())
print((sum(p.stat().st_size for p in files) - int(sys.argv[2])) // 1_000_000)' "$work/base" "$before")
echo "check-wheel: the base install is $size MB"
[ "$size" -lt 120 ]

# The copy-paste command that the demo printed, run by the base alone.
command=$(sed -n '/^  gateway query/,/[^\\]$/p' next.txt)
PATH="$work/base/bin:$PATH" bash -c "$command --format json" >answer.json
"$python" -c 'import json; assert json.load(open("answer.json"))["rows"]'
base/bin/gateway audit export "$folder/hospital" export.jsonl >/dev/null
base/bin/gateway audit verify export.jsonl
rm -r "$folder"
echo "check-wheel: the base asks, and verifies an export"
