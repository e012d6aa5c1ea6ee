"""Notes by pages: the rules are in the filter, engines agree, each note comes once, pages are bounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.adapters.ibis_engine import compile_notes
from gateway.adapters.ibis_notes import read_notes
from gateway.adapters.note_page import fitting, positions
from gateway.adapters.snapshots import CREATE_NOTES
from gateway.domain.deid import Address, HumanName, Identifier, IdentifierType
from gateway.domain.notes import MOST_NOTE, MOST_PAGE_TEXT, START, NoteRow, Position
from gateway.errors import DisclosureFailed, SourceUnavailable
from gateway.notes import NotesPlan
from gateway.ports import Engine
from tests.flows.notes_kit import (
    COMPILED,
    PATIENTS,
    TABLES,
    Row,
    Tables,
    condition,
    duck,
    identity,
    memory,
    note,
    pages,
    person,
    planned,
    question,
    store,
)


@pytest.fixture(params=["memory", "duckdb"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made: Engine = memory() if request.param == "memory" else duck(tmp_path)
    yield made
    made.close()


def keys(engine: Engine, where: str = "", most: int = 7) -> list[str]:
    plan = planned(question(where))
    return [row.position.key for page in pages(engine, plan, most) for row in page]


def expected(where: Any = lambda row: True) -> list[str]:
    """By hand: no drafts, only of those who consented, in the order of their ids."""
    return sorted(
        row["note_id"]
        for row in TABLES["notes"]
        if not row["draft"] and row["patient_id"] != "p5" and where(row)
    )


def test_row_filter_and_consent_hold_whatever_is_asked(engine: Engine) -> None:
    assert len(expected()) == 42
    assert keys(engine) == expected()
    assert keys(engine, "kind = 'letter' OR kind <> 'letter'") == expected()
    assert keys(engine, "kind = 'report'") == expected(lambda row: row["kind"] == "report")


def test_a_cohort_sees_only_what_its_own_grant_lets_be_used(engine: Engine) -> None:
    """Conditions of stage 0 are kept out by the row filter of their grant."""
    ill = {row["patient_id"] for row in TABLES["conditions"] if row["stage"] >= 1}
    assert ill not in (set(), set(PATIENTS))
    of_the_ill = expected(lambda row: row["patient_id"] in ill)
    assert keys(engine, "patient_id IN (SELECT patient_id FROM conditions WHERE code = 'E11')") == of_the_ill
    others = expected(lambda row: row["patient_id"] not in ill)
    assert keys(engine, "patient_id NOT IN (SELECT patient_id FROM conditions)") == others


def test_attributes_and_ages_of_patients_filter_notes(engine: Engine) -> None:
    women = expected(lambda row: int(row["patient_id"][1:]) % 2 == 0)
    assert keys(engine, "patient.sex = 'female'") == women
    assert keys(engine, "AGE(written) >= 76") == []
    assert keys(engine, "AGE(written) >= 75") == expected()


@pytest.mark.parametrize("most", [1, 2, 10, 42, 43, 500])
def test_pages_of_any_size_hold_each_note_once(engine: Engine, most: int) -> None:
    plan = planned(question())
    found = pages(engine, plan, most)
    assert [len(page) for page in found[:-1]] == [most] * (len(found) - 1)
    assert [row.position.key for page in found for row in page] == expected()


def test_a_note_brings_its_context_language_and_record(engine: Engine) -> None:
    plan = planned(question("kind = 'letter'"))
    first = engine.notes(plan, START, 1)[0]
    assert first.context == {"kind": "letter", "patient_id": "p1", "ward": "4b", "written": "2026-03-02"}
    assert (first.language, first.patient) == ("en", "p1")
    assert first.text == "Dear colleague, number 1."
    assert first.record is not None
    assert first.record.names == (HumanName(given=("Ada", "Mary"), family=("Lindqvist",)),)
    assert first.record.birth_date == date(1950, 6, 15)
    assert first.record.phones == ("555 0142",)
    assert first.record.identifiers == (Identifier(type=IdentifierType.MRN, value="MRN-p1"),)
    assert first.record.addresses == (Address(city="Ashford"),)


def test_only_the_columns_asked_for_are_read(engine: Engine) -> None:
    assert engine.notes(planned(question(columns=())), START, 1)[0].context == {}
    assert set(engine.notes(planned(question(columns=("ward",))), START, 1)[0].context) == {"ward"}


def both(tmp_path: Path, tables: Tables) -> tuple[Engine, Engine]:
    return memory(tables), duck(tmp_path, tables)


ODD: Tables = {
    **TABLES,
    "notes": [
        note(1, "p0", body=None),
        note(2, None),
        note(3, "p0", body="", kind=None, written=None, ward=None, language=None),
        note(4, "p0", note_id=None, body="no id"),
        note(5, "p1", note_id=None, body="no id either"),
        note(6, "nobody", body="of no register"),
        note(7, "p2", draft=None),
        note(8, "p2", note_id="é", body="ünïcode 張偉 🙂"),
        note(9, "p2", note_id="'; DROP TABLE notes; --"),
        *(note(10, "p2", note_id="same", body=text) for text in "cab"),
        *(note(11, "p2", note_id="same", body="b", ward=ward) for ward in ("9", None, "9")),
    ],
    "identities": [identity("p0"), identity("p2", line="1"), identity("p2", line="0", family="Okafor")],
}


@pytest.mark.parametrize("most", [1, 3, 100])
def test_odd_rows_are_taken_alike_by_both_engines(tmp_path: Path, most: int) -> None:
    plan = planned(question())
    reference, real = (pages(each, plan, most) for each in both(tmp_path, ODD))
    assert real == reference
    rows = [row for page in real for row in page]
    assert [row.position.key for row in rows].count("same") == 6
    assert [row.position.seen for row in rows if row.position.key == "same"] == [1, 2, 3, 4, 5, 6]
    assert [row.position.key for row in rows][:2] == ["", ""]
    assert all(row.record is None for row in rows if row.patient == "p1")
    named = [row.record for row in rows if row.patient == "p2"]
    assert all(r is not None and [n.family for n in r.names] == [("Okafor",), ("Lindqvist",)] for r in named)


def test_long_texts_make_small_pages_and_too_long_ones_are_not_read(tmp_path: Path) -> None:
    notes = [
        note(1, "p0", body="a" * (MOST_NOTE + 1)),
        note(2, "p0", body="b" * MOST_NOTE),
        note(3, "p0", body="c" * (MOST_PAGE_TEXT // 2)),
        note(4, "p0", body="d" * (MOST_PAGE_TEXT // 2)),
        note(5, "p0", body="e"),
    ]
    plan = planned(question())
    for each in both(tmp_path, {**TABLES, "notes": notes}):
        found = pages(each, plan, 10)
        assert [[row.position.key for row in page] for page in found] == [
            ["n0001", "n0002"],
            ["n0003", "n0004"],
            ["n0005"],
        ]
        assert [(row.text is None, row.too_long) for row in found[0]] == [(True, True), (False, False)]


def test_long_texts_under_one_key_are_each_taken_once(tmp_path: Path) -> None:
    long, half = "x" * (MOST_NOTE + 1), "y" * (MOST_PAGE_TEXT // 2 + 1)
    texts = [half + "b", long + "b", half + "a", long + "a", None, half + "c"]
    notes = [note(i, "p0", note_id="same", body=text) for i, text in enumerate(texts)]
    plan = planned(question())
    reference, real = (pages(each, plan, 2) for each in both(tmp_path, {**TABLES, "notes": notes}))
    assert real == reference
    rows = [row for page in real for row in page]
    assert [row.position.seen for row in rows] == [1, 2, 3, 4, 5, 6]
    assert sorted(row.text[-1] for row in rows if row.text) == ["a", "b", "c"]
    assert sum(row.too_long for row in rows) == 2


def test_a_page_is_never_empty_and_never_too_long() -> None:
    assert fitting([]) == 0
    assert fitting([MOST_PAGE_TEXT + 1, 1]) == 1
    assert fitting([MOST_PAGE_TEXT, 0, 1]) == 2
    assert fitting([1, MOST_PAGE_TEXT]) == 1
    assert fitting([1] * 5) == 5


def test_positions_count_notes_of_one_key() -> None:
    after = Position(key="a", seen=2)
    assert [(p.key, p.seen) for p in positions(after, ["a", "b", "b", "c"])] == [
        ("a", 3),
        ("b", 1),
        ("b", 2),
        ("c", 1),
    ]


def test_a_table_that_is_not_there_is_found_before_anything_is_read(tmp_path: Path) -> None:
    plan = planned(question())
    for missing in ("notes", "people", "identities"):
        tables = {name: rows for name, rows in TABLES.items() if name != missing}
        for each in both(tmp_path / missing, tables):
            with pytest.raises(SourceUnavailable):
                each.ready_notes(plan)
    for each in both(tmp_path / "conditions", {n: r for n, r in TABLES.items() if n != "conditions"}):
        each.ready_notes(plan)  # no cohort asks for it


def test_a_failure_says_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = replace(planned(question()), shape=replace(planned(question()).shape, text="canary_column"))
    for each in both(tmp_path, TABLES):
        with pytest.raises(DisclosureFailed) as failure:
            each.notes(broken, START, 1)
        assert failure.value.__cause__ is None
        assert "canary" not in f"{failure.value}{caplog.text}"


# -- on random tables and filters

TEXTS = st.sampled_from(["", "a", "b", "zz", "Ä"])
ROWS = st.lists(
    st.builds(
        lambda key, patient, kind, draft, day, body: note(
            0, patient, note_id=key, kind=kind, draft=draft, written=day, body=body
        ),
        st.sampled_from([None, "", "k1", "k2", "k3"]),
        st.sampled_from([None, "p0", "p1", "stranger"]),
        st.sampled_from([None, "letter", "report", "else"]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, date(2026, 1, 1), date(2026, 2, 1)]),
        st.none() | TEXTS,
    ),
    max_size=12,
)
PEOPLE = st.lists(
    st.builds(
        lambda patient, sex, consented, born: person(patient, sex=sex, consented=consented, born=born),
        st.sampled_from(["p0", "p1"]),
        st.sampled_from([None, "female", "male"]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, date(1950, 1, 1), date(1990, 1, 2)]),
    ),
    max_size=3,
)
CONDITIONS = st.lists(
    st.builds(
        lambda patient, code, stage: condition(0, patient, code=code, stage=stage),
        st.sampled_from(["p0", "p1", "stranger"]),
        st.sampled_from([None, "E11", "I10"]),
        st.sampled_from([None, 0, 1]),
    ),
    max_size=4,
)
FILTERS = st.sampled_from(
    [
        "",
        "kind = 'letter'",
        "NOT kind IN ('letter', 'other')",
        "written >= DATE '2026-01-15' OR written IS NULL",
        "patient.sex = 'female'",
        "AGE(written) < 50 AND kind <> 'report'",
        "patient_id IN (SELECT patient_id FROM conditions WHERE code = 'E11')",
        "patient_id NOT IN (SELECT patient_id FROM conditions WHERE code <> 'E11')",
    ]
)


class Real:
    """The statements of the real engine on one database for all examples."""

    def __init__(self) -> None:
        self.con: Any = duckdb.connect()
        self.con.execute(CREATE_NOTES)
        for name in TABLES:
            store(self.con, name, [])

    def fill(self, tables: Tables) -> None:
        for name, rows in tables.items():
            columns = COMPILED.datasets[name].columns
            self.con.execute(f"DELETE FROM {name}")
            if rows:
                marks = ", ".join("(" + ", ".join("?" * len(columns)) + ")" for _ in rows)
                values = [row[column] for row in rows for column in columns]
                self.con.execute(f"INSERT INTO {name} VALUES {marks}", values)

    def pages(self, plan: NotesPlan, most: int) -> list[tuple[NoteRow, ...]]:
        sql = compile_notes(plan.shape, self.con)
        found, after = [], START
        while page := read_notes(self.con, sql, plan, after, most):
            found.append(page)
            after = page[-1].position
        return found


@pytest.fixture(scope="module")
def real() -> Real:
    return Real()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(notes=ROWS, people=PEOPLE, conditions=CONDITIONS, where=FILTERS, most=st.integers(1, 5))
def test_engines_agree_and_no_note_leaves_without_consent(
    real: Real,
    notes: Sequence[Row],
    people: Sequence[Row],
    conditions: Sequence[Row],
    where: str,
    most: int,
) -> None:
    tables = {"notes": notes, "people": people, "conditions": conditions, "identities": [identity("p0")]}
    plan = planned(question(where))
    real.fill(tables)
    found = real.pages(plan, most)
    assert found == pages(memory(tables), plan, most)
    # Of several rows of one patient an attribute is the least: false before true.
    said: dict[str, list[bool]] = {}
    for one in people:
        if one["consented"] is not None:
            said.setdefault(one["patient_id"], []).append(one["consented"])
    consenting = {patient for patient, answers in said.items() if min(answers)}
    open_notes = [row for row in notes if row["draft"] is False and row["patient_id"] in consenting]
    leaving = [row for page in found for row in page]
    assert {row.patient for row in leaving} <= consenting
    if not where:
        assert len(leaving) == len(open_notes)
