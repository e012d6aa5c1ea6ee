"""The hospital: the same seed gives the same rows, and what was planted can be found again."""

import hashlib
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import pairwise

import pytest

from gateway.compile import compile_policies
from gateway.demo import truth
from gateway.demo.hospital import codes
from gateway.demo.hospital.build import TABLES, build
from gateway.demo.hospital.people import Person
from gateway.demo.hospital.rows import FIRST_DAY, LAST_DAY, Hospital, Row
from gateway.domain.catalog import ColumnType, Dataset
from tests.unit.adapters.fhir_kit import standard_files
from tests.unit.policy.sets import FILES


@pytest.fixture(scope="module")
def world() -> Hospital:
    return build(7)


@pytest.fixture(scope="module")
def declared() -> dict[str, Dataset]:
    files = {**standard_files(), "parties/university.yaml": FILES["parties/university.yaml"].encode()}
    return dict(compile_policies(files, site="your-site", generation=1).datasets)


def digest(hospital: Hospital) -> str:
    return hashlib.sha256(
        repr([dict(r) for rows in hospital.tables.values() for r in rows]).encode()
    ).hexdigest()


def test_same_seed_same_hospital_on_any_machine(world: Hospital) -> None:
    assert build(7) == world
    assert digest(build(7, patients=40)) == "e16f9b07ce0e41178f3ff170460cf447ef62c4f05781ce6d1f5cfc9520349251"


def test_a_larger_hospital_holds_the_smaller_one(world: Hospital) -> None:
    for name, rows in build(7, patients=100).tables.items():
        assert list(world.tables[name][: len(rows)]) == list(rows)


def test_other_seed_other_truths(world: Hospital) -> None:
    answers = [truth.patients_by(h.tables["conditions"], "code") for h in (build(8), build(9), world)]
    assert answers[0] != answers[1] != answers[2] != answers[0]


def test_builds_in_time_and_size() -> None:
    started = time.process_time()
    hospital = build(1)
    assert time.process_time() - started < 6
    assert set(hospital.tables) == set(TABLES)
    assert all(len(rows) > 1000 for rows in hospital.tables.values())


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_those_of_the_standard_tables(
    world: Hospital, declared: dict[str, Dataset], table: str
) -> None:
    rows, dataset = world.tables[table], declared[table]
    assert all(set(row) == set(dataset.columns) for row in rows)
    keys = [row[dataset.row_key] for row in rows]
    assert len(set(keys)) == len(keys) and None not in keys


@pytest.mark.parametrize("table", TABLES)
def test_every_declared_category_occurs_or_is_other(
    world: Hospital, declared: dict[str, Dataset], table: str
) -> None:
    for name, column in declared[table].columns.items():
        if column.categories is not None and column.type is ColumnType.CATEGORY:
            found = {row[name] for row in world.tables[table]}
            assert set(column.categories.values) - {"other"} <= found, (table, name)
            assert None in found, (table, name)


def test_every_column_says_something(world: Hospital) -> None:
    for name, rows in world.tables.items():
        for column in rows[0]:
            assert any(row[column] is not None for row in rows), (name, column)


def test_rows_belong_to_patients_of_the_hospital(world: Hospital) -> None:
    patients = {row["patient_id"] for row in world.tables["patients"]}
    encounters = {row["encounter_id"] for row in world.tables["encounters"]}
    assert set(world.names) == set(world.born) == patients
    for name, rows in world.tables.items():
        found = {row["patient_id"] for row in rows}
        assert found - {None} <= patients
        assert name == "patients" or None in found  # a few rows of nobody
        assert {row.get("encounter_id") for row in rows} - {None} <= encounters


def verhoeff(code: str) -> bool:
    """The check digit of SNOMED CT (Verhoeff 1969): a code that was mistyped fails."""
    times = [[(i + j) % 5 + 5 * ((i < 5) != (j < 5)) for j in range(10)] for i in range(10)]
    for i in range(5, 10):
        for j in range(10):
            times[i][j] = (i - j) % 5 + (5 if j < 5 else 0)
    turn = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    check = 0
    for place, digit in enumerate(reversed(code)):
        value = int(digit)
        for _ in range(place % 8):
            value = turn[value]
        check = times[check][value]
    return check == 0


def loinc(code: str) -> bool:
    """The check digit of LOINC: modulus 10."""
    body, _, check = code.partition("-")
    doubled = "".join(str(2 * int(d)) if i % 2 == 0 else d for i, d in enumerate(reversed(body)))
    return check.isdigit() and int(check) == -sum(map(int, doubled)) % 10


def shaped(form: str) -> Callable[[str], bool]:
    return lambda code: re.fullmatch(form, code) is not None


CODE_IS_OF = {
    codes.SNOMED: verhoeff,
    codes.LOINC: loinc,
    codes.ICD10CM: shaped(r"[A-TV-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?"),
    codes.RXNORM: shaped(r"[1-9]\d{3,7}"),
    codes.CVX: shaped(r"\d{2,3}"),
    codes.ATC: shaped(r"[A-Z]\d{2}[A-Z]{2}\d{2}"),
}


def coded(world: Hospital) -> Iterable[tuple[str, str]]:
    for rows in world.tables.values():
        for row in rows:
            for system, code in (
                ("code_system", "code"),
                ("type_system", "type_code"),
                ("reason_system", "reason_code"),
                ("value_system", "value_code"),
            ):
                if row.get(code) is not None:
                    yield str(row[system]), str(row[code])


def test_codes_are_of_the_systems_that_they_claim(world: Hospital) -> None:
    assert verhoeff("38341003") and not verhoeff("38341030")
    found = set(coded(world))
    assert {system for system, _ in found} == set(CODE_IS_OF)
    assert [pair for pair in found if not CODE_IS_OF[pair[0]](pair[1])] == []
    beside = [icd for _, icd in codes.DIAGNOSES.values()]
    assert all(map(CODE_IS_OF[codes.ICD10CM], beside))
    assert all(map(CODE_IS_OF[codes.ATC], (atc for _, atc in codes.DRUGS.values())))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rare_diseases_are_rare_and_there(seed: int) -> None:
    rows = build(seed).tables["conditions"]
    found = truth.patients_by(rows, "code")
    for disease in codes.RARE:
        assert 1 <= found[disease] <= 6, codes.DIAGNOSES[disease]
    assert min(found[code] for code in (codes.HYPERTENSION, codes.DIABETES, codes.ASTHMA)) > 100


def months(world: Hospital, reason: str) -> Counter[int]:
    return Counter(
        day.month
        for row in world.tables["encounters"]
        if row["reason_code"] == reason and isinstance(day := row["start_date"], date)
    )


def test_seasons_are_visible(world: Hospital) -> None:
    flu, attacks = months(world, codes.FLU), months(world, codes.ATTACK)
    assert flu[1] + flu[2] > 6 * (flu[7] + flu[8])
    assert attacks[4] + attacks[5] > 4 * (attacks[9] + attacks[10])


def patients_with(world: Hospital, table: str, code: str) -> set[object]:
    found: set[object] = {row["patient_id"] for row in world.tables[table] if row["code"] == code}
    return found - {None}


def test_treatment_follows_from_illness(world: Hospital) -> None:
    ill = {code: patients_with(world, "conditions", code) for code in codes.DIAGNOSES}
    foreign = {row["patient_id"] for row in world.tables["conditions"] if row["code_system"] == codes.ICD10CM}
    lost = {
        str(row["condition_id"]).partition("-")[0].replace("C", "P")
        for row in world.tables["conditions"]
        if row["patient_id"] is None
    }
    for table, code, illness in (
        ("medications", codes.METFORMIN, codes.DIABETES),
        ("medications", codes.SERTRALINE, codes.DEPRESSION),
        ("procedures", codes.DIALYSIS, codes.KIDNEY),
        ("procedures", codes.ABLATION, codes.FIBRILLATION),
    ):
        treated = patients_with(world, table, code)
        assert treated and treated - ill[illness] <= foreign | lost, (table, code)


def test_hba1c_falls_under_treatment(world: Hospital) -> None:
    """The first and the last value of those whose diabetes began within the two years: most fall."""
    begun = {
        row["patient_id"]
        for row in world.tables["conditions"]
        if row["code"] == codes.DIABETES
        and isinstance(day := row["onset_date"], date)
        and FIRST_DAY < day < LAST_DAY - timedelta(days=365)
    }
    values: dict[object, list[tuple[object, float]]] = defaultdict(list)
    for row in world.tables["observations"]:
        value = row["value"]
        if row["code"] == codes.HBA1C and row["patient_id"] in begun and isinstance(value, float):
            values[row["patient_id"]].append((str(row["effective_date"]), value))
    courses = [sorted(course) for course in values.values() if len(course) > 2]
    assert len(courses) > 15
    fallen = sum(course[-1][1] < course[0][1] for course in courses)
    assert sum(course[0][1] - course[-1][1] for course in courses) / len(courses) > 1
    assert fallen > 0.8 * len(courses)


def test_readmissions_follow_stays(world: Hospital) -> None:
    stays: dict[object, list[Row]] = defaultdict(list)
    for row in world.tables["encounters"]:
        if row["class"] == "IMP" and row["end_date"] is not None:
            stays[row["patient_id"]].append(row)
    gaps = [
        (later["start_date"] - before["end_date"]).days  # type: ignore[operator,union-attr]
        for patient, rows in stays.items()
        if patient is not None
        for before, later in pairwise(rows)
    ]
    again = sum(0 < gap <= 31 for gap in gaps)
    assert 0.05 < again / sum(len(rows) for rows in stays.values()) < 0.25
    assert min(gaps) > 0  # stays of a patient do not overlap


def test_nobody_is_seen_after_death(world: Hospital) -> None:
    died = {row["patient_id"]: row["deceased_date"] for row in world.tables["patients"]}
    for row in world.tables["encounters"]:
        day, start = died.get(row["patient_id"]), row["start_date"]
        if isinstance(day, date):
            assert isinstance(start, date) and start < day


def test_notes_say_what_the_record_says(world: Hospital) -> None:
    encounters = {row["encounter_id"]: row for row in world.tables["encounters"]}
    results: dict[object, list[Row]] = defaultdict(list)
    for row in world.tables["observations"]:
        if row["value"] is not None:
            results[row["encounter_id"]].append(row)
    told = 0
    for note in world.tables["notes"]:
        text, visit = str(note["text"]), encounters[note["encounter_id"]]
        reason = visit["reason_code"]
        assert "check-up" in text if reason is None else codes.DIAGNOSES[str(reason)][0] in text
        assert str(visit["start_date"]) in text
        if note["patient_id"] is not None:
            assert " ".join(world.names[str(note["patient_id"])]) in text
        for row in results[note["encounter_id"]]:
            assert f"{row['value']} {codes.MEASURES[str(row['code'])][0]}" in text
            told += 1
    assert told > 1000


def test_illness_shapes_the_figures(world: Hospital) -> None:
    born = {row["patient_id"]: row["birth_date"] for row in world.tables["patients"]}
    rows = [
        {**row, "age": truth.band(truth.age(born.get(row["patient_id"]), LAST_DAY), 40, 70)}
        for row in world.tables["conditions"]
        if row["code"] == codes.HYPERTENSION
    ]
    found = truth.patients_by(rows, "age")
    assert found[">= 70"] > 4 * found["< 40"]
    diabetic = patients_with(world, "conditions", codes.DIABETES)
    mean = truth.mean_by(
        [
            {**row, "ill": row["patient_id"] in diabetic}
            for row in world.tables["observations"]
            if row["code"] == codes.HBA1C
        ],
        "ill",
        "value",
    )
    assert mean["true"] > 6.8 > 6 > mean["false"]


def test_a_few_rows_are_untidy(world: Hospital) -> None:
    encounters, observations = world.tables["encounters"], world.tables["observations"]
    assert 0.002 < sum(row["class"] is None for row in encounters) / len(encounters) < 0.03
    assert 0.002 < sum(row["value"] is None for row in observations) / len(observations) < 0.12
    assert any(row["code"] == codes.HBA1C and (row["value"] or 0) > 20 for row in observations)  # type: ignore[operator]
    assert any(row["birth_date"] is None for row in world.tables["patients"])
    assert any(row["comparator"] == "<" for row in observations)


def test_ages_are_in_completed_years() -> None:
    ends = (date(1980, 2, 29), date(2024, 2, 28), date(2024, 2, 29))
    assert (truth.age(ends[0], ends[1]), truth.age(ends[0], ends[2])) == (43, 44)
    who = Person(
        id="P1", given="A", family="B", sex=None, birth=ends[0], band=2, died=None, ill={}, rare=None,
        glycaemia=None,
    )  # fmt: skip
    assert (who.age(ends[1]), who.age(ends[2])) == (43, 44)
