"""Codes, free text, bounds by code, and where the patients' attributes stand: words and golden faults."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.domain.catalog import Bounds, ColumnType
from gateway.errors import PolicyInvalid
from gateway.policy.datasets import dataset_words, population_words
from gateway.policy.faults import Faults
from gateway.policy.load import load
from gateway.policy.sources import source_mappings
from tests.unit.policy.sets import as_bytes

POPULATION = "populations/patients.yaml"
OTHERS = "populations/others.yaml"
PATIENTS = "datasets/people.yaml"
DATASET = "datasets/labs.yaml"
FILES = {
    POPULATION: """\
population: patients
title: Everyone
maximum: 1000
budget: {epsilon: 8, delta: 1e-7, period: year}
lifetime: unlimited
patients: {dataset: people, birth_date: born}
""",
    OTHERS: """\
population: others
title: Others
maximum: 1000
budget: {epsilon: 8, delta: 1e-7, period: year}
lifetime: unlimited
""",
    PATIENTS: """\
dataset: people
title: People
population: patients
patient: patient_id
row_key: record_id
max_groups: 1
max_rows: 1
columns:
  patient_id: {type: identifier}
  record_id: {type: identifier}
  born: {type: date}
  died: {type: boolean}
""",
    DATASET: """\
dataset: labs
title: Labs
population: patients
patient: patient_id
row_key: lab_id
max_groups: 3
max_rows: 5
columns:
  patient_id: {type: identifier}
  lab_id: {type: identifier}
  code:
    type: code
    code_system: http://loinc.org
    map: {BMI: 39156-5}
    categories: {values: ["39156-5", "4548-4"], other: other}
  unit: {type: category, categories: {values: [kg/m2, "%"]}}
  place: {type: code}
  comment: {type: text}
  flag: {type: boolean}
  value:
    type: number
    bounds_by:
      columns: [code, unit]
      entries:
        - {when: ["39156-5", kg/m2], low: 10, high: 80, resolution: 0.1, source: WHO}
        - {when: [4548-4, "%"], title: HbA1c, low: 3, high: 20, resolution: 0.1, source: NGSP}
""",
}
FIRST = '{when: ["39156-5", kg/m2], low: 10, high: 80, resolution: 0.1, source: WHO}'
BORN = "  born: {type: date}"


def _words(files: dict[str, bytes]) -> tuple[object, ...]:
    faults = Faults()
    loaded = load(files, faults)
    populations = population_words(loaded)
    datasets = dataset_words(loaded, populations, faults)
    faults.raise_any()
    return populations, datasets


def test_the_words_of_a_faultless_set() -> None:
    faults = Faults()
    loaded = load(as_bytes(FILES), faults)
    populations = population_words(loaded)
    labs = dataset_words(loaded, populations, faults)["labs"]
    assert not faults.found
    patients, others = populations["patients"], populations["others"]
    assert (patients.patients, patients.birth_date) == ("people", "born")
    assert (others.patients, others.birth_date) == ("", "")
    assert labs.population == patients
    assert labs.columns["code"].type is ColumnType.CODE
    assert labs.columns["comment"].type is ColumnType.TEXT
    declared = labs.columns["value"].bounds_by
    assert declared is not None and labs.columns["value"].bounds is None
    assert declared.columns == ("code", "unit")
    bounds = {entry.values: entry.bounds for entry in declared.entries}
    assert bounds[("39156-5", "kg/m2")] == Bounds(
        low=Decimal(10), high=Decimal(80), resolution=Decimal("0.1")
    )
    assert ("39156-5", "%") not in bounds
    assert [entry.source for entry in declared.entries] == ["WHO", "NGSP"]


def test_a_population_may_name_patients_without_a_birth_date() -> None:
    files = as_bytes({**FILES, POPULATION: FILES[POPULATION].replace(", birth_date: born", "")})
    faults = Faults()
    found = population_words(load(files, faults))["patients"]
    assert (found.patients, found.birth_date) == ("people", "")


# What is changed (file, old text, new text), and the faults with their places.
CASES: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "no such patients dataset": (
        POPULATION,
        "dataset: people",
        "dataset: peple",
        (f"{POPULATION}:6:21: there is no dataset 'peple' (did you mean 'people'?)",),
    ),
    "patients of another population": (
        PATIENTS,
        "population: patients",
        "population: others",
        (f"{POPULATION}:6:21: dataset 'people' belongs to the population 'others'",),
    ),
    "no such birth date": (
        POPULATION,
        "birth_date: born",
        "birth_date: birth",
        (f"{POPULATION}:6:41: dataset 'people' has no date column 'birth' (known: born)",),
    ),
    "birth date of another type": (
        POPULATION,
        "birth_date: born",
        "birth_date: died",
        (f"{POPULATION}:6:41: dataset 'people' has no date column 'died' (known: born)",),
    ),
    "the name of the age is taken": (
        PATIENTS,
        BORN,
        BORN + "\n  age: {type: integer}",
        (
            f"{PATIENTS}:12:3: the name 'age' is taken by the age that is counted from the birth date "
            "(name the column otherwise)",
        ),
    ),
    "unknown field of patients": (
        POPULATION,
        "birth_date: born",
        "birthdate: born",
        (f"{POPULATION}:6:29: unknown field 'birthdate' (did you mean 'birth_date'?)",),
    ),
    "a map to no code": (
        DATASET,
        "{BMI: 39156-5}",
        '{BMI: "a  b"}',
        (f"{DATASET}:14:16: 'a  b' is not a value of this code column (known: 39156-5, 4548-4, other)",),
    ),
    "a mapped text": (
        DATASET,
        "{type: text}",
        "{type: text, map: {a: b}}",
        (f"{DATASET}:18:25: a text column is never mapped",),
    ),
    "a text with categories": (
        DATASET,
        "{type: text}",
        "{type: text, categories: {values: [a]}}",
        (f"{DATASET}:18:25: a text column has no categories",),
    ),
    "a text with bounds": (
        DATASET,
        "{type: text}",
        "{type: text, bounds: {low: 0, high: 1, resolution: 1}}",
        (f"{DATASET}:18:25: a text column has no bounds",),
    ),
    "a text with a code system": (
        DATASET,
        "{type: text}",
        "{type: text, code_system: x}",
        (f"{DATASET}:18:25: a text column has no code_system",),
    ),
    "a code with bounds": (
        DATASET,
        "{type: code}",
        "{type: code, bounds: {low: 0, high: 1, resolution: 1}}",
        (f"{DATASET}:17:23: a code column has no bounds",),
    ),
    "a label of a code twice": (
        DATASET,
        '["39156-5", "4548-4"]',
        '["39156-5", "39156-5"]',
        (f"{DATASET}:15:38: the label '39156-5' is declared twice (labels are unique)",),
    ),
    "bounds and bounds by code": (
        DATASET,
        "    bounds_by:",
        "    bounds: {low: 0, high: 1, resolution: 1}\n    bounds_by:",
        (f"{DATASET}:23:5: a column has bounds or bounds_by, not both (keep one of them)",),
    ),
    "bounds by code of a truth value": (
        DATASET,
        "type: number",
        "type: boolean",
        (f"{DATASET}:22:5: a boolean column has no bounds",),
    ),
    "no such code column": (
        DATASET,
        "[code, unit]",
        "[cod, unit]",
        (f"{DATASET}:23:17: there is no column 'cod' (did you mean 'code'?)",),
    ),
    "a column that fixes nothing": (
        DATASET,
        "[code, unit]",
        "[code, flag]",
        (f"{DATASET}:23:23: column 'flag' must have the type code or category",),
    ),
    "a column twice": (
        DATASET,
        "[code, unit]",
        "[code, code]",
        (f"{DATASET}:23:23: 'code' is written twice (keep one of them)",),
    ),
    "a value too few": (
        DATASET,
        '["39156-5", kg/m2]',
        '["39156-5"]',
        (f"{DATASET}:25:18: must hold one value for each of: code, unit",),
    ),
    "a code that is none": (
        DATASET,
        '["39156-5", kg/m2]',
        '["39156  5", kg/m2]',
        (f"{DATASET}:25:19: '39156  5' is not a code",),
    ),
    "a category that is not declared": (
        DATASET,
        '["39156-5", kg/m2]',
        '["39156-5", kg/m3]',
        (f"{DATASET}:25:30: 'kg/m3' is not a declared value of column 'unit' (did you mean 'kg/m2'?)",),
    ),
    "values twice": (
        DATASET,
        '[4548-4, "%"]',
        '["39156-5", kg/m2]',
        (f"{DATASET}:26:18: these values have bounds already (keep one of them)",),
    ),
    "low above high": (
        DATASET,
        "low: 10, high: 80",
        "low: 90, high: 80",
        (f"{DATASET}:25:43: low must be less than high",),
    ),
    "off the grid": (
        DATASET,
        "high: 80,",
        "high: 80.05,",
        (f"{DATASET}:25:53: high must be a multiple of the resolution",),
    ),
    "no source": (
        DATASET,
        ", source: WHO}",
        "}",
        (f"{DATASET}:25:11: the field 'source' is missing",),
    ),
    "an empty source": (
        DATASET,
        "source: WHO",
        'source: ""',
        (f"{DATASET}:25:82: 'source' must not be empty",),
    ),
    "a source in the data": (
        DATASET,
        "source: WHO",
        "source: our own data",
        (
            f"{DATASET}:25:82: bounds and categories never come from the site's data "
            "(name a guideline or a code book)",
        ),
    ),
    "a code without quotes": (
        DATASET,
        '"39156-5", kg/m2]',
        "391565, kg/m2]",
        (
            f"{DATASET}:25:19: item 1 of 'when' must be text "
            "(text that looks like a number is written in quotes)",
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_named_and_placed(name: str) -> None:
    path, old, new, expected = CASES[name]
    assert FILES[path].count(old) == 1
    _words(as_bytes(FILES))  # the twin
    with pytest.raises(PolicyInvalid) as refused:
        _words(as_bytes({**FILES, path: FILES[path].replace(old, new)}))
    assert refused.value.reason == "POLICY_INVALID"
    assert tuple(str(violation) for violation in refused.value.violations) == expected


def _digests(old: str = "", new: str = "") -> tuple[str, str]:
    text = FILES[DATASET].replace(old, new) if old else FILES[DATASET]
    faults = Faults()
    loaded = load(as_bytes({**FILES, DATASET: text}), faults)
    labs = dataset_words(loaded, population_words(loaded), faults)["labs"]
    assert not faults.found
    return labs.digest, labs.source_digest


def test_other_bounds_are_another_definition_of_the_same_data() -> None:
    before, after = _digests(), _digests("high: 80", "high: 81")
    assert before[0] != after[0] and before[1] == after[1]


def test_a_column_read_as_a_code_is_other_data() -> None:
    before, after = _digests(), _digests("place: {type: code}", "place: {type: identifier}")
    assert before[0] != after[0] and before[1] != after[1]


def test_sources_read_the_same_files() -> None:
    assert set(source_mappings(as_bytes(FILES))) == {"labs", "people"}


def test_the_digest_of_a_definition_that_existed_before_is_unchanged() -> None:
    files = {path: text for path, text in FILES.items() if path == OTHERS} | {
        "datasets/old.yaml": """\
dataset: old
title: Old
population: others
patient: patient_id
row_key: row_id
max_groups: 1
max_rows: 1
nulls: ["?"]
columns:
  patient_id: {type: identifier, from: nr}
  row_id: {type: identifier}
  days: {type: integer, bounds: {low: 0, high: 30, resolution: 1}, source: plausibility}
"""
    }
    faults = Faults()
    loaded = load(as_bytes(files), faults)
    old = dataset_words(loaded, population_words(loaded), faults)["old"]
    assert old.digest == "e4b258b783659a17f0d9263febe902267f96842314b8ecfa568541f8745ade3b"
    assert old.source_digest == "6ec16b0f3524674a5f328b1090b7ca6b4b57fdbd104d596c5b53471403b77028"
