import pytest

from gateway.demo import truth
from gateway.demo.hospital import Row, build

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
    rows = build(3, patients=800).encounters
    kept = truth.bounded(rows, "class", row_key="encounter_id", max_groups=2, max_rows=max_rows)
    full, less = truth.rows_by(rows, "class"), truth.rows_by(kept, "class")
    assert all(less[cell] <= full[cell] for cell in less)
    assert sum(less.values()) < sum(full.values())
