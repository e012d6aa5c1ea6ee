"""Ingest of FHIR NDJSON: linear in time, in bounded memory, beside DuckDB's own JSON reader on the same file.

Goals: four times the observations take at most 5 times the time; at most 1,280 MiB at any size, which is the
database's limit of 1 GB and a batch; the sample of Synthea, where it is at hand, under 40 seconds. Sizes take
turns, each run in a process of its own, so that its peak of memory is its own; exits with 1 when a goal is
missed. The reference pulls the same fields out without checking a line, resolving a version or keeping a
report: it is what the disk and the parser cost.
Run: python bench/ingest.py [--rows N] [--times T] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import duckdb

from gateway.adapters.fhir_ingest import ingest_fhir
from gateway.adapters.fhir_report import Counts
from gateway.adapters.fhir_stage import FhirSource
from gateway.adapters.ndjson import source_files
from gateway.mapping import fhir_tables
from gateway.policy.datasets import dataset_words, population_words
from gateway.policy.faults import Faults
from gateway.policy.load import load
from gateway.policy.sources import source_mappings
from gateway.shipped import shipped

KINDS = (("8480-6", "mm[Hg]", 120), ("39156-5", "kg/m2", 25), ("4548-4", "%", 6), ("2160-0", "mg/dL", 1))
PER_PATIENT = 50
MOST_MEMORY = 1280  # MiB
MOST_TIME = 1.25  # per row, when the rows become `times` as many
SAMPLE_SECONDS = 40.0
REFERENCE = """
CREATE TABLE observations AS SELECT
  j->>'id' AS id, j->>'status' AS status, j->'subject'->>'reference' AS patient,
  j->'encounter'->>'reference' AS encounter, j->'code'->'coding'->0->>'code' AS code,
  CAST(left(j->>'effectiveDateTime', 10) AS DATE) AS day,
  CAST(j->'valueQuantity'->>'value' AS DOUBLE) AS value,
  j->'valueQuantity'->>'code' AS unit
FROM (SELECT json AS j FROM read_json('{path}', format='newline_delimited', records=false,
  columns={{json: 'JSON'}})) WHERE j->>'resourceType' = 'Observation'
"""


def generate(path: Path, rows: int) -> None:
    """Patients and their observations, as a hospital's server exports them."""
    patients = max(rows // PER_PATIENT, 1)
    with path.open("w") as stream:
        for i in range(patients):
            stream.write(
                f'{{"resourceType":"Patient","id":"p{i}","gender":"female","birthDate":"1980-01-01"}}\n'
            )
        for i in range(rows):
            stream.write(observation(i, patients))


def observation(i: int, patients: int) -> str:
    code, unit, value = KINDS[i % len(KINDS)]
    content = {
        "resourceType": "Observation",
        "id": f"{i * 2654435761 % 2**64:032x}",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "vital-signs",
                    }
                ]
            }
        ],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": f"Patient/p{i % patients}"},
        "encounter": {"reference": f"Encounter/{i // 3:032x}"},
        "effectiveDateTime": f"2024-{i % 12 + 1:02}-{i % 28 + 1:02}T10:00:00+01:00",
        "valueQuantity": {"value": value + i % 97 / 100, "system": "http://unitsofmeasure.org", "code": unit},
    }
    return json.dumps(content, separators=(",", ":")) + "\n"


def sources() -> dict[str, FhirSource]:
    """The standard tables."""
    root = shipped("policies")
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.yaml")}
    loaded = load(files, Faults())
    datasets = dataset_words(loaded, population_words(loaded), Faults())
    tables, mappings = fhir_tables(files), source_mappings(files)
    return {n: FhirSource(dataset=datasets[n], table=tables[n], mapping=mappings[n]) for n in tables}


def child(name: str, path: Path) -> None:
    """One run in this process: seconds, seconds of processor, peak of memory in MiB."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        start, busy = perf_counter(), process_time()
        if name == "ours":
            ingest_fhir(source_files(path), sources(), Path(folder), Counts())
        else:
            with duckdb.connect(Path(folder) / "plain.duckdb", config={"memory_limit": "1GB"}) as connection:
                connection.execute(REFERENCE.format(path=path))
        figures = perf_counter() - start, process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([*figures, peak]))


def measured(name: str, path: Path) -> tuple[float, float, float]:
    command = [sys.executable, __file__, "--child", name, "--path", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, busy, peak = json.loads(done.stdout)
    return seconds, busy, peak


def compare(folder: Path, rows: int, times: int, rounds: int) -> bool:
    """Whether the goals are met from `rows` to `times` as many."""
    small, large = folder / "small.ndjson", folder / "large.ndjson"
    generate(small, rows)
    generate(large, rows * times)
    growth, peaks, ratios, highest, rate = [], [], [], 0.0, 0.0
    for _ in range(rounds):
        one, many, plain = measured("ours", small), measured("ours", large), measured("plain", small)
        growth.append(many[1] / one[1] / times)
        peaks.append(many[2] / one[2])
        ratios.append(one[1] / plain[1])
        highest = max(highest, many[2])
        rate = max(rate, rows * times / many[0])
    met = median(growth) <= MOST_TIME and highest <= MOST_MEMORY
    print(f"{rows * times:,} observations against {rows:,}, {rounds} rounds: {'met' if met else 'MISSED'}")
    print(f"  processor time per row {spread(growth)} (goal {MOST_TIME}x), {rate:,.0f} a second at best")
    print(f"  {highest:,.0f} MiB of memory at most (goal {MOST_MEMORY:,}), {spread(peaks)} of the smaller's")
    print(f"  processor time against DuckDB's JSON reader {spread(ratios)}")
    return met


def spread(ratios: list[float]) -> str:
    return f"{median(ratios):.2f}x (min {min(ratios):.2f}, max {max(ratios):.2f})"


def sample() -> bool:
    """The sample of Synthea, where the shared data lies beside the repository."""
    shared = Path(os.environ.get("CONCORDAT_SHARED") or Path(__file__).parents[2] / "shared")
    path = shared / "data" / "ehr" / "fhir-r4-synthea"
    if not path.is_dir():
        print("the sample of Synthea is not on this machine")
        return True
    with tempfile.TemporaryDirectory() as folder:
        start = perf_counter()
        counts = Counts()
        ingest_fhir(source_files(path), sources(), Path(folder), counts)
        seconds = perf_counter() - start
    met = seconds <= SAMPLE_SECONDS
    print(
        f"the sample of Synthea, {counts.lines:,} resources: {seconds:.1f} s (goal {SAMPLE_SECONDS:.0f}: "
        f"{'met' if met else 'MISSED'})"
    )
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=25_000)
    parser.add_argument("--times", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--child", choices=["ours", "plain"])
    parser.add_argument("--path", type=Path)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.path)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        met = compare(Path(folder), options.rows, options.times, options.rounds)
    return int(not (sample() and met))


if __name__ == "__main__":
    sys.exit(main())
