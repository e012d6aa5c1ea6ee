from datetime import date
from decimal import Decimal

import pytest

from gateway.demo import truth
from gateway.demo.hospital.build import build
from gateway.demo.hospital.rows import Row
from gateway.lower.keys import band_labels

ROWS: list[Row] = [
    {"patient_id": "a", "id": "1", "class": "IMP", "stay": 4, "again": True},
    {"patient_id": "a", "id": "2", "class": "IMP", "stay": 40, "again": False},
    {"patient_id": "a", "id": "3", "class": "AMB", "stay": 0, "again": False},
    {"patient_id": "b", "id": "4", "class": "IMP", "stay": None, "again": False},
    {"patient_id": "b", "id": "5", "class": None, "stay": 2, "again": False},
    {"patient_id": None, "id": "6", "class": "IMP", "stay": 9, "again": True},
]


def test_counts_patients_and_rows() -> None:
    assert truth.patients_by(ROWS, "class") == {"IMP": 2, "AMB": 1, "missing": 1}
    assert truth.rows_by(ROWS, "class") == {"IMP": 3, "AMB": 1, "missing": 1}
    assert truth.rows_by(ROWS, "again") == {"true": 1, "false": 4}


def test_undeclared_values_become_the_label_of_the_rest() -> None:
    renamed = truth.with_other(ROWS, "class", ("IMP",), "other")
    assert truth.rows_by(renamed, "class") == {"IMP": 3, "other": 1, "missing": 1}
    assert truth.with_other(ROWS, "class", ("IMP", "AMB"), "other") == ROWS


def test_filters() -> None:
    assert truth.patients_by(ROWS, None, lambda row: row["class"] == "IMP") == {"": 2}
    assert truth.patients_by(ROWS, None, lambda row: row["class"] == "HH") == {}


def test_means_and_sums_leave_out_missing_values() -> None:
    assert truth.mean_by(ROWS, "class", "stay") == {"IMP": 22, "AMB": 0, "missing": 2}
    assert truth.sum_by(ROWS, "class", "stay") == {"IMP": 44, "AMB": 0, "missing": 2}
    assert truth.mean_by(ROWS, "class", "stay", lambda row: row["id"] == "4") == {}


def test_bounding_keeps_groups_rows_and_clamps() -> None:
    one = truth.bounded(ROWS, "class", row_key="id", max_groups=1, max_rows=1)
    assert len(one) == 2 and {row["patient_id"] for row in one} == {"a", "b"}
    one_each = truth.bounded(ROWS, "class", row_key="id", max_groups=9, max_rows=1)
    assert truth.rows_by(one_each, "class") == truth.patients_by(ROWS, "class")
    clamped = truth.bounded(ROWS, "class", row_key="id", max_groups=9, max_rows=9, bounds={"stay": (0, 30)})
    assert truth.sum_by(clamped, "class", "stay")["IMP"] == 34
    assert truth.rows_by(clamped, "class") == truth.rows_by(ROWS, "class")


@pytest.mark.parametrize("max_rows", [1, 2, 5])
def test_bounded_truth_of_the_hospital_is_biased_downwards_only(max_rows: int) -> None:
    rows = build(3, patients=800).tables["encounters"]
    kept = truth.bounded(rows, "class", row_key="encounter_id", max_groups=2, max_rows=max_rows)
    full, less = truth.rows_by(rows, "class"), truth.rows_by(kept, "class")
    assert all(less[cell] <= full[cell] for cell in less)
    assert sum(less.values()) < sum(full.values())


def test_labels_are_those_of_the_language() -> None:
    edges = (18, 50, 65)
    written = band_labels(tuple(map(Decimal, edges)))
    assert {truth.band(value, *edges) for value in (17.9, 18, 64, 65, None)} == set(written)
    assert [truth.band(value, *edges) for value in (17, 18, 49, 50, 80)] == [
        *map(written.__getitem__, (0, 1, 1, 2, 3))
    ]
    assert [truth.quarter(date(2024, month, 1)) for month in (1, 3, 4, 12)] == [
        *("2024-Q1", "2024-Q1", "2024-Q2", "2024-Q4")
    ]


def test_the_last_row_stands_for_the_patient() -> None:
    rows: list[Row] = [
        {"patient_id": "a", "day": date(2024, 1, 1), "value": 1, "k": "x"},
        {"patient_id": "a", "day": date(2024, 3, 1), "value": 9, "k": "x"},
        {"patient_id": "b", "day": date(2024, 2, 1), "value": 1, "k": "x"},
        {"patient_id": None, "day": date(2024, 2, 1), "value": 1, "k": "x"},
    ]
    assert truth.share_of_last(rows, "k", "day", lambda row: row["value"] == 1) == {"x": 0.5}
