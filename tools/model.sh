#!/usr/bin/env bash
# Train the shipped model of a language again and print its scores: model.sh VENV LANGUAGE
# torch and what else only training needs live in a venv of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
venv="$1" language="$2"

if [ ! -e "$venv/.ready" ] || [ training/requirements.txt -nt "$venv/.ready" ]; then
  "${PYTHON:-python3}" -m venv --clear "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r training/requirements.txt
  touch "$venv/.ready"
fi

# Big blocks of memory are kept rather than given back at every step, and idle threads sleep rather than
# spin: beside other work each of the two made a step several times as fast.
export MALLOC_MMAP_THRESHOLD_=4000000000 MALLOC_TRIM_THRESHOLD_=8000000000 MALLOC_TOP_PAD_=500000000
export GOMP_SPINCOUNT=0 OMP_WAIT_POLICY=passive OMP_NUM_THREADS=2 TOKENIZERS_PARALLELISM=false

if [ "$language" = es ]; then
  exec "$venv/bin/python" -m training.words
fi
"$venv/bin/python" -m training.train --out models/en.zip
exec "$venv/bin/python" -m training.judge models/en.zip
