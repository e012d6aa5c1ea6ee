"""Questions across a population's datasets, through policies, plan, journal and the real engine.

The truth is told by hand from a few rows, and compared with what a release is drawn around.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gateway.adapters import ibis_engine
from gateway.adapters.ibis_engine import LONGEST_STATEMENT, IbisEngine
from gateway.adapters.snapshots import CREATE_NOTES, NOTES_TABLE, SCHEMA_VERSION
from gateway.compile import compile_policies
from gateway.domain.entry import EntryKind
from gateway.domain.query import Assumed, InCohort, Measure, MeasureKind, Query, Window
from gateway.errors import (
    GatewayError,
    InvalidQuery,
    PermissionDenied,
    PolicyInvalid,
    SourceUnavailable,
)
from gateway.flows.estimate import estimate
from gateway.flows.prepare import Question, prepare
from gateway.privacy.rendering import render
from gateway.stored import decode_release, encode_release
from gateway.v1 import query_pb2
from tests.flows.kit import FILES, KEY, NAME, SNAPSHOT, House, changed, spend, who

POPULATION = """\
population: adults
title: Adults
maximum: 1000
patients: {dataset: people, birth_date: born}
budget: {epsilon: 100, delta: 1e-7, period: year}
lifetime: unlimited
"""
PEOPLE = """\
dataset: people
title: People
population: adults
patient: id
row_key: line
max_groups: 1
max_rows: 1
columns:
  id: {type: identifier}
  line: {type: identifier}
  sex: {type: category, categories: {values: [female, male], missing: missing}}
  born: {type: date}
  consent: {type: boolean}
"""
CONDITIONS = """\
dataset: conditions
title: Conditions
population: adults
patient: patient
row_key: id
max_groups: 2
max_rows: 2
columns:
  patient: {type: identifier}
  id: {type: identifier}
  code: {type: code, code_system: "http://snomed.info/sct"}
  onset: {type: date}
"""
OBSERVATIONS = """\
dataset: observations
title: Observations
population: adults
patient: patient
row_key: id
max_groups: 1
max_rows: 1
columns:
  patient: {type: identifier}
  id: {type: identifier}
  code: {type: code, code_system: "http://loinc.org"}
  unit: {type: category, categories: {values: ["mm[Hg]", "kg/m2"], other: other}}
  value:
    type: number
    bounds_by:
      columns: [code, unit]
      entries:
        - {when: ["8480-6", "mm[Hg]"], low: 60, high: 240, resolution: 1, source: plausibility}
  day: {type: date}
"""
AGREEMENT = """\
agreement: wide
version: 1
title: Across datasets
status: active
provider: north
recipients: [university]
purposes: [HRESCH]
legal_basis: {basis: consent, reference: board 1}
valid: {from: 2026-01-01, until: 2028-12-31}
privacy: {epsilon: 90, delta: 1e-7, period: year, min_cell: 0}
limits: {requests_per_minute: 6000, concurrent: 100}
grants:
  - name: people
    operation: aggregate
    dataset: people
    columns: {filter: [sex, age], group: [sex, age]}
    measures: [count_patients]
  - name: conditions
    operation: aggregate
    dataset: conditions
    columns: {filter: [code, onset], group: [onset]}
    measures: [count_patients, count_rows]
  - name: observations
    operation: aggregate
    dataset: observations
    columns: {filter: [code, unit, value, day], group: [day], measure: [value]}
    measures: [count_patients, count_rows, mean, proportion]
obligations: [Identify nobody.]
"""
POLICIES: Mapping[str, str] = {
    **{path: text for path, text in FILES.items() if path.startswith("parties/")},
    "populations/adults.yaml": POPULATION,
    "datasets/people.yaml": PEOPLE,
    "datasets/conditions.yaml": CONDITIONS,
    "datasets/observations.yaml": OBSERVATIONS,
    "agreements/wide.yaml": AGREEMENT,
}
HTN, DIABETES = "38341003", "44054006"
ROWS: Mapping[str, list[tuple[Any, ...]]] = {
    "people": [
        ("a", "1", "female", date(1960, 2, 29), True),
        ("b", "1", "male", date(1990, 1, 1), True),
        ("c", "1", "male", date(2020, 6, 1), False),
        ("c", "2", "male", date(2020, 6, 1), False),  # twice, and counted once
        ("d", "1", None, None, True),
    ],
    "conditions": [
        ("a", "1", HTN, date(2020, 1, 10)),
        ("a", "2", DIABETES, date(2020, 3, 1)),
        ("b", "1", HTN, date(2021, 5, 5)),
        ("b", "2", HTN, date(2021, 6, 5)),
        ("ghost", "1", HTN, date(2021, 1, 1)),  # in no patients table
        (None, "9", HTN, date(2021, 1, 1)),
    ],
    "observations": [
        ("a", "1", "8480-6", "mm[Hg]", 150.0, date(2020, 1, 1)),
        ("a", "2", "8480-6", "mm[Hg]", 120.0, date(2021, 1, 1)),
        ("b", "1", "8480-6", "mm[Hg]", 160.0, date(2021, 1, 1)),
        ("c", "1", "8480-6", "mm[Hg]", 110.0, date(2021, 1, 1)),
        ("ghost", "1", "8480-6", "mm[Hg]", 200.0, date(2021, 1, 1)),
        ("d", "1", "39156-5", "kg/m2", 25.0, date(2021, 1, 1)),
    ],
}
TYPES = {
    "people": "id VARCHAR, line VARCHAR, sex VARCHAR, born DATE, consent BOOLEAN",
    "conditions": "patient VARCHAR, id VARCHAR, code VARCHAR, onset DATE",
    "observations": "patient VARCHAR, id VARCHAR, code VARCHAR, unit VARCHAR, value DOUBLE, day DATE",
}


def encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


def duck(folder: Path, without: str = "", **rows_of: list[tuple[Any, ...]]) -> IbisEngine:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{SNAPSHOT}.duckdb"
    datasets = compile_policies(encoded(POLICIES), site=NAME, generation=1).datasets
    with duckdb.connect(path) as database:
        database.execute(CREATE_NOTES)
        for name, rows in {**ROWS, **rows_of}.items():
            if name == without:
                continue
            note = [name, 0, 0, "", datasets[name].source_digest, "2026-10-05T07:00:00+00:00", SCHEMA_VERSION]
            database.execute(f"INSERT INTO {NOTES_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?)", note)
            database.execute(f"CREATE TABLE {name} ({TYPES[name]})")
            if not rows:
                continue
            columns = [list(column) for column in zip(*rows, strict=True)]
            unnested = ", ".join(["unnest(?)"] * len(columns))
            database.execute(f"INSERT INTO {name} SELECT {unnested}", columns)
    return IbisEngine(path, bounding_key=KEY, spill=folder / ".spill")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    opened = await House.open(tmp_path / "site", duck(tmp_path / "data"), POLICIES)
    yield opened
    await opened.close()


async def told(house: House, sql: str) -> dict[tuple[str, ...], float]:
    """The bounded truth: what a release would show without its noise; cells of zero are left out."""
    question = Question(agreement="wide", query=sql, spend=spend("rho 0.1"))
    plan = (await prepare(house.site, who(), question)).plan
    rows = render(plan.release_of(house.site.engine.run(plan)), None)
    values = {row.keys: row.cells[0].value for row in rows}
    return {keys: round(value, 2) for keys, value in values.items() if value}


WITH_HTN = f"patient IN (SELECT patient FROM conditions WHERE code = '{HTN}')"
TRUTHS: dict[str, dict[tuple[str, ...], float]] = {
    # cohorts: has, has not, at least, within days, nested and / or / not
    f"SELECT COUNT(DISTINCT patient) FROM people WHERE {WITH_HTN}": {(): 2},
    f"SELECT COUNT(DISTINCT patient) FROM people WHERE NOT {WITH_HTN}": {(): 2},
    f"SELECT COUNT(DISTINCT id) FROM people WHERE id IN (SELECT patient FROM conditions WHERE code = '{HTN}' "
    "GROUP BY patient HAVING COUNT(*) >= 2)": {(): 1},
    "SELECT COUNT(DISTINCT patient) FROM observations WHERE patient IN (SELECT patient FROM conditions "
    "WHERE onset BETWEEN observations.day - INTERVAL '365' DAY AND observations.day)": {(): 2},
    "SELECT COUNT(DISTINCT patient) FROM observations WHERE patient IN (SELECT patient FROM conditions "
    "WHERE onset >= observations.day + INTERVAL '1' DAY)": {(): 2},
    f"SELECT COUNT(DISTINCT patient) FROM people WHERE {WITH_HTN} AND NOT patient IN "
    f"(SELECT patient FROM conditions WHERE code = '{DIABETES}')": {(): 1},
    "SELECT COUNT(DISTINCT patient) FROM people WHERE patient IN (SELECT patient FROM conditions WHERE "
    "patient IN (SELECT patient FROM observations WHERE value > 155))": {(): 1},
    # attributes as groups and filters of another dataset; ghosts have none
    "SELECT patient.sex, COUNT(DISTINCT patient) FROM conditions GROUP BY patient.sex": {
        ("female",): 1, ("male",): 1, ("missing",): 1,
    },
    "SELECT COUNT(DISTINCT patient) FROM conditions WHERE patient.sex = 'male'": {(): 1},
    # ages by date parts: a was born on a leap day and turns 60 on the first of March 2020
    "SELECT COUNT(*) FROM conditions WHERE AGE(onset) < 60": {(): 3},
    "SELECT BAND(AGE(DATE '2020-02-28'), 18, 60) AS b, COUNT(DISTINCT patient) FROM people GROUP BY b": {
        ("[18, 60)",): 2, ("missing",): 2,  # c is not born yet, and of d nobody knows
    },
    "SELECT DATE_TRUNC('quarter', onset, DATE '2020-01-01', DATE '2021-06-30') AS q, COUNT(*) "
    "FROM conditions GROUP BY q": {("2020-Q1",): 2, ("2021-Q1",): 1, ("2021-Q2",): 2},
    "SELECT patient.sex, BAND(AGE(onset), 40) AS band, DATE_TRUNC('year', onset, DATE '2020-01-01', "
    "DATE '2021-12-31') AS y, COUNT(DISTINCT patient) FROM conditions GROUP BY patient.sex, band, y": {
        ("female", ">= 40", "2020"): 1, ("male", "< 40", "2021"): 1, ("missing", "missing", "2021"): 1,
    },
    # proportions: a's last value is low though one was high; ghosts are in no denominator
    "SELECT PROPORTION(value > 140) FROM observations WHERE code = '8480-6'": {(): 0.67},
    "SELECT PROPORTION(value > 140, LAST(day)) FROM observations WHERE code = '8480-6'": {(): 0.33},
    "SELECT PROPORTION(value > 140, FIRST(day)) FROM observations WHERE code = '8480-6'": {(): 0.67},
    f"SELECT PROPORTION(value > 140, LAST(day)) FROM observations WHERE code = '8480-6' AND {WITH_HTN}": {
        (): 0.5,
    },
    # bounds by code and unit, as declared and narrowed
    "SELECT AVG(value) FROM observations WHERE code = '8480-6' AND unit = 'mm[Hg]' AND "
    "day = DATE '2021-01-01' AND patient.sex = 'male'": {(): 135},
    "SELECT AVG(CLAMP(value, 100, 130)) FROM observations WHERE code = '8480-6' AND unit = 'mm[Hg]' AND "
    "day = DATE '2021-01-01' AND patient.sex = 'male'": {(): 120},
}  # fmt: skip


@pytest.mark.parametrize("sql", TRUTHS, ids=range(len(TRUTHS)))
async def test_the_answer_is_the_truth_told_by_hand(house: House, sql: str) -> None:
    assert await told(house, sql) == TRUTHS[sql]
    answer = await house.ask(sql, agreement="wide")  # and through the whole corridor
    assert answer.shown.rows and house.site_spent
    assert house.kinds() == [EntryKind.CHARGED, EntryKind.RELEASED]


@pytest.mark.parametrize(
    ("first", "last", "patients"),
    [
        (-357, -307, 1),  # a's hypertension, 357 days before the second reading, and 306 for the diabetes
        (-356, -307, 0),
        (-357, -357, 1),
        (-400, -358, 0),
        (-400, -357, 1),
        (-306, -306, 1),
        (-305, -1, 0),
        (0, 0, 1),  # ghost's, on the day
        (1, 8, 0),
        (9, 9, 1),  # nine days after a's first reading
        (9, 60, 1),
        (10, 59, 0),
        (60, 60, 1),
    ],
)
async def test_both_ends_of_a_window_are_in_it(house: House, first: int, last: int, patients: int) -> None:
    window = Window(column="onset", anchor="day", first=first, last=last)
    query = Query(
        dataset="observations",
        measures=(Measure(kind=MeasureKind.COUNT_PATIENTS, name="n"),),
        where=InCohort(dataset="conditions", window=window),
    )
    question = Question(agreement="wide", query=query, spend=spend("rho 0.1"))
    plan = (await prepare(house.site, who(), question)).plan
    assert house.site.engine.run(plan) == ((patients,),)


async def test_estimates_are_the_same_whatever_the_data(house: House, tmp_path: Path) -> None:
    """Public inputs alone: a site without a row answers every estimate and refusal alike, byte for byte."""
    nothing = duck(tmp_path / "none", people=[], conditions=[], observations=[])
    empty = await House.open(tmp_path / "other", nothing, POLICIES)
    refused = [sql for pair in REFUSED.values() for sql in pair]
    bounds = "SELECT AVG(value) FROM observations WHERE code = '8480-6'"
    said = []
    for site in (house, empty):
        said.append([await estimated(site, sql) for sql in (*TRUTHS, *refused, bounds)])
    assert said[0] == said[1]
    assert len(set(said[0])) == len(said[0])  # they do say something
    await empty.close()


async def estimated(house: House, sql: str) -> bytes:
    """An estimate as it goes over the wire, or the text of its refusal."""
    spent = query_pb2.Spend(rho="0.1")
    asked = query_pb2.EstimateQueryRequest(agreement="wide", sql=sql, spend=spent)
    try:
        answer = await house.call("EstimateQuery", asked)
    except GatewayError as error:
        return f"{sql} {error.reason} {error.message} {error.violations}".encode()
    found: bytes = answer.SerializeToString(deterministic=True)
    return found


REFUSED: dict[str, tuple[str, str]] = {
    "a cohort's column": (
        "SELECT COUNT(DISTINCT id) FROM people WHERE id IN (SELECT patient FROM conditions WHERE id = '1')",
        "SELECT COUNT(DISTINCT id) FROM people WHERE id IN (SELECT patient FROM conditions WHERE code = '1')",
    ),
    "an attribute": (
        "SELECT COUNT(*) FROM conditions WHERE patient.consent = TRUE",
        "SELECT COUNT(*) FROM conditions WHERE patient.sex = 'male'",
    ),
    "the birth date behind an age": (
        "SELECT COUNT(*) FROM conditions WHERE patient.born < DATE '1950-01-01'",
        "SELECT COUNT(*) FROM conditions WHERE AGE(onset) > 70",
    ),
    "a cohort of another dataset": (
        "SELECT COUNT(DISTINCT patient) FROM people WHERE patient IN (SELECT patient FROM letters)",
        "SELECT COUNT(DISTINCT patient) FROM people WHERE patient IN (SELECT patient FROM conditions)",
    ),
    "a proportion that is not granted": (
        "SELECT PROPORTION(onset > DATE '2020-01-01') FROM conditions",
        "SELECT PROPORTION(day > DATE '2020-01-01') FROM observations",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_what_no_grant_covers_is_refused_before_the_charge(house: House, name: str) -> None:
    refused, twin = REFUSED[name]
    with pytest.raises(PermissionDenied) as caught:
        await house.ask(refused, agreement="wide")
    assert caught.value.reason == "NOT_GRANTED"
    assert "consent" not in caught.value.message or "consent" in refused
    assert house.site_spent == 0
    await house.ask(twin, agreement="wide")


async def test_hidden_and_absent_answer_alike(house: House) -> None:
    texts = []
    for name in ("consent", "consenz"):
        with pytest.raises(PermissionDenied) as caught:
            await house.ask(f"SELECT COUNT(*) FROM conditions WHERE patient.{name} = TRUE", agreement="wide")
        texts.append(caught.value.message.replace(name, "x"))
    assert texts[0] == texts[1]


async def test_a_consent_rule_on_patients_holds_for_cohorts_and_attributes(house: House) -> None:
    """The grant of the patients table keeps c out, wherever a question reaches the table."""
    asked = "SELECT COUNT(DISTINCT patient) FROM observations WHERE code = '8480-6'"
    named = f"{asked} AND patient.sex IN ('female', 'male', 'missing')"
    cohort = f"{asked} AND patient IN (SELECT id FROM people)"
    assert [await told(house, sql) for sql in (asked, named, cohort)] == [{(): 4}, {(): 4}, {(): 3}]
    rule = "    measures: [count_patients]\n  - name: conditions"
    await house.load(
        changed(
            "agreements/wide.yaml",
            rule,
            "    measures: [count_patients]\n    consent: consent = TRUE\n  - name: conditions",
            POLICIES,
        )
    )
    assert [await told(house, sql) for sql in (asked, named, cohort)] == [{(): 4}, {(): 2}, {(): 2}]


async def test_attributes_come_only_from_rows_that_may_be_used(tmp_path: Path) -> None:
    """Two rows of one patient, of which the grant keeps one out: what it says is nowhere to be had."""
    rule = "    measures: [count_patients]\n  - name: conditions"
    consent = "    measures: [count_patients]\n    consent: consent = TRUE\n  - name: conditions"
    files = changed("agreements/wide.yaml", rule, consent, POLICIES)
    rows = [*ROWS["people"], ("a", "2", "male", date(1900, 1, 1), False)]  # a is female, by consent
    house = await House.open(tmp_path / "site", duck(tmp_path / "data", people=rows), files)
    asked = "SELECT COUNT(DISTINCT patient) FROM {} WHERE {}"
    for dataset in ("conditions", "people"):
        assert await told(house, asked.format(dataset, "patient.sex = 'female'")) == {(): 1}
        assert await told(house, asked.format(dataset, "AGE(DATE '2020-01-01') > 100")) == {}
    male = await told(house, asked.format("conditions", "patient.sex = 'male'"))
    assert male == {(): 1}  # b alone
    await house.close()


@pytest.mark.parametrize("rule", ["patient.sex = 'female'", "AGE(born) > 18"])
async def test_a_rule_of_the_patients_table_cannot_name_what_it_decides(rule: str) -> None:
    old = "    measures: [count_patients]\n"
    written = {
        "agreements/wide.yaml": POLICIES["agreements/wide.yaml"].replace(old, f'{old}    where: "{rule}"\n')
    }
    with pytest.raises(PolicyInvalid, match="cannot name attributes or ages"):
        compile_policies(encoded({**POLICIES, **written}), site=NAME, generation=1)
    good = {path: text.replace(rule, "sex = 'female'") for path, text in written.items()}
    compile_policies(encoded({**POLICIES, **good}), site=NAME, generation=1)


async def test_a_text_that_one_party_sent_is_read_again_for_another(house: House) -> None:
    """What is kept for one party would answer another sooner, and so tell that it had been asked."""
    sql = "SELECT COUNT(*) FROM conditions"
    question = Question(agreement="wide", query=sql, spend=spend("rho 0.1"))
    await prepare(house.site, who("university"), question)
    kept = [key for key in house.site.plans if sql in str(key)]
    assert kept and all("university" in str(key) for key in kept)
    with pytest.raises(PermissionDenied):
        await prepare(house.site, who("college"), question)
    assert any("college" in str(key) and sql in str(key) for key in house.site.plans)


async def test_one_patient_with_very_many_rows_does_not_make_a_failure(tmp_path: Path) -> None:
    """Windows are running counts: with 20,000 rows of one patient an answer is as near as without."""
    days = [date(1970, 1, 1) + timedelta(days=n) for n in range(20_000)]
    many = [("a", str(n), HTN, day) for n, day in enumerate(days)]
    seen = [("a", str(n), "8480-6", "mm[Hg]", 150.0, day) for n, day in enumerate(days)]
    engine = duck(tmp_path / "data", conditions=many, observations=seen)
    house = await House.open(tmp_path / "site", engine, POLICIES)
    window = (
        "patient IN (SELECT patient FROM conditions WHERE onset BETWEEN observations.day - INTERVAL '{}' DAY "
        "AND observations.day GROUP BY patient HAVING COUNT(*) >= {})"
    )
    every = " AND ".join(window.format(n, n) for n in (30, 60, 90, 365, 1000))
    began = time.perf_counter()
    found = await told(house, f"SELECT COUNT(*) FROM observations WHERE {every} OPTION (max_rows = 10000)")
    assert found == {(): 10_000}
    assert time.perf_counter() - began < 15.0  # a join of all with all took minutes
    await house.close()


async def test_the_most_windows_are_a_statement_of_bounded_length(house: House) -> None:
    window = (
        "patient IN (SELECT patient FROM conditions WHERE onset BETWEEN observations.day - INTERVAL '{}' DAY "
        "AND observations.day)"
    )
    every = " AND ".join(window.format(n) for n in range(1, 9))
    question = Question(
        agreement="wide", query=f"SELECT COUNT(*) FROM observations WHERE {every}", spend=spend("rho 0.1")
    )
    plan = (await prepare(house.site, who(), question)).plan
    house.site.engine.ready(plan)
    assert len(house.site.engine._sql(plan.expression)) < LONGEST_STATEMENT / 2  # type: ignore[attr-defined]


async def test_a_statement_that_is_too_long_is_refused_before_the_charge(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.ask("SELECT COUNT(*) FROM conditions", agreement="wide")  # the twin
    spent = house.site_spent
    monkeypatch.setattr(ibis_engine, "LONGEST_STATEMENT", 100)
    with pytest.raises(InvalidQuery) as caught:
        await house.ask("SELECT COUNT(DISTINCT id) FROM people", agreement="wide")
    assert caught.value.reason == "QUERY_TOO_COMPLEX" and house.site_spent == spent


async def test_where_attributes_come_from_is_not_told_by_a_refusal(house: House) -> None:
    """The patients table is named `people` here, and no grant reaches it: the texts are those of any name."""
    before = "  - name: people\n    operation: aggregate\n    dataset: people\n"
    block = POLICIES["agreements/wide.yaml"].split("grants:\n")[1].split("  - name: conditions")[0]
    assert block.startswith(before)
    await house.load(changed("agreements/wide.yaml", block, "", POLICIES))
    texts = []
    for name in ("people", "peoplez"):
        with pytest.raises(PermissionDenied) as caught:
            await house.ask(f"SELECT COUNT(*) FROM {name} WHERE patient.sex = 'male'", agreement="wide")
        texts.append(caught.value.message.replace(name, "x"))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("prohibited", "sql"),
    [
        ("age", "SELECT COUNT(*) FROM conditions WHERE patient.born < DATE '1960-01-01'"),
        ("age", "SELECT COUNT(DISTINCT id) FROM people WHERE born < DATE '1960-01-01'"),
        ("born", "SELECT COUNT(*) FROM conditions WHERE AGE(onset) > 60"),
    ],
)
async def test_who_prohibits_ages_or_birth_dates_prohibits_both(
    house: House, prohibited: str, sql: str
) -> None:
    granted = changed("agreements/wide.yaml", "filter: [sex, age]", "filter: [sex, age, born]", POLICIES)
    granted = changed(
        "agreements/wide.yaml",
        "measures: [count_patients]\n",
        "measures: [count_patients, count_rows]\n",
        granted,
    )
    await house.load(granted)
    await house.ask(sql, agreement="wide")  # the twin
    rule = f"prohibitions:\n  - {{reason: too fine, columns: [{prohibited}]}}\nobligations:"
    await house.load(changed("agreements/wide.yaml", "obligations:", rule, granted))
    with pytest.raises(PermissionDenied) as caught:
        await house.ask(sql, agreement="wide")
    assert caught.value.reason == "PROHIBITED"


async def test_a_stored_figure_keeps_its_unit(house: House) -> None:
    """A retry after the unit was declared otherwise shows the old figure in its own unit."""
    sql = "SELECT AVG(value) FROM observations WHERE code = '8480-6' AND unit = 'mm[Hg]'"
    first = await house.ask(sql, agreement="wide", request_id="r1")
    (figure,) = decode_release(encode_release(first.shown.release, "draw"))[0].figures
    assert figure.ucum == "mm[Hg]" and figure == first.shown.release.figures[0]


async def test_a_rule_may_speak_of_attributes_and_cohorts_that_are_not_granted(house: House) -> None:
    old = "    measures: [count_patients, count_rows]\n"
    cohort = "patient IN (SELECT id FROM people WHERE born IS NOT NULL)"
    rule = f"{old}    consent: patient.consent = TRUE AND {cohort}\n"
    assert await told(house, "SELECT COUNT(*) FROM conditions") == {(): 5}
    await house.load(changed("agreements/wide.yaml", old, rule, POLICIES))
    assert await told(house, "SELECT COUNT(*) FROM conditions") == {(): 4}


async def test_a_table_that_is_not_there_is_met_before_the_charge(tmp_path: Path) -> None:
    house = await House.open(tmp_path / "site", duck(tmp_path / "data", without="people"), POLICIES)
    with pytest.raises(SourceUnavailable):
        await house.ask("SELECT COUNT(*) FROM conditions WHERE patient.sex = 'male'", agreement="wide")
    assert house.site_spent == 0
    await house.ask("SELECT COUNT(*) FROM conditions", agreement="wide")  # the twin
    await house.close()


@pytest.mark.parametrize(
    ("refused", "reason", "twin"),
    [
        (
            "SELECT AVG(value) FROM observations WHERE code = '8480-6'",
            "BOUNDS_NEED_CODE",
            "SELECT AVG(value) FROM observations WHERE code = '8480-6' AND unit = 'mm[Hg]'",
        ),
        (
            "SELECT AVG(value) FROM observations WHERE code = '8480-6' OR unit = 'mm[Hg]'",
            "BOUNDS_NEED_CODE",
            "SELECT AVG(value) FROM observations WHERE code IN ('8480-6') AND unit = 'mm[Hg]'",
        ),
        (
            "SELECT AVG(value) FROM observations WHERE code = '39156-5' AND unit = 'kg/m2'",
            "BOUNDS_UNDECLARED",
            "SELECT AVG(value) FROM observations WHERE code = '8480-6' AND unit = 'mm[Hg]' AND value > 1",
        ),
        (
            "SELECT AVG(CLAMP(value, 50, 100)) FROM observations WHERE code = '8480-6' AND unit = 'mm[Hg]'",
            "BOUNDS_UNSUITABLE",
            "SELECT AVG(CLAMP(value, 60, 100)) FROM observations WHERE code = '8480-6' AND unit = 'mm[Hg]'",
        ),
        (
            "SELECT AVG(CLAMP(value, 60.5, 100)) FROM observations WHERE code = '8480-6' AND unit = 'mm[Hg]'",
            "BOUNDS_UNSUITABLE",
            "SELECT AVG(CLAMP(value, 61, 100)) FROM observations WHERE code = '8480-6' AND unit = 'mm[Hg]'",
        ),
    ],
)
async def test_bounds_by_code_need_a_condition_that_fixes_it(
    house: House, refused: str, reason: str, twin: str
) -> None:
    with pytest.raises(InvalidQuery) as caught:
        await house.ask(refused, agreement="wide")
    assert caught.value.reason == reason
    await house.ask(twin, agreement="wide")


async def test_the_refusal_says_what_to_add(house: House) -> None:
    with pytest.raises(InvalidQuery) as caught:
        await house.ask("SELECT AVG(value) FROM observations WHERE code = '8480-6'", agreement="wide")
    assert caught.value.violations[0].suggestion == "add: AND unit = 'mm[Hg]'"


async def test_an_attribute_as_key_costs_one_group(house: House) -> None:
    """Each patient is in one cell, whatever max_groups says: the noise is that of one group."""
    question = "SELECT {key}, COUNT(DISTINCT patient) FROM conditions GROUP BY {key} OPTION (max_groups = 2)"
    by = {}
    for key in ("patient.sex", "DATE_TRUNC('year', onset, DATE '2019-01-01', DATE '2021-12-31')"):
        answer = await house.ask(question.format(key=key), "rho 0.5", agreement="wide")
        by[key] = answer.shown.release.vectors[0].sigma
    one, two = by.values()
    assert one == pytest.approx(1, rel=1e-6) and two == pytest.approx(2**0.5, rel=1e-6)


async def test_estimates_of_proportions_and_the_warning_of_bounding(house: House) -> None:
    async def found(sql: str, assumed: Assumed = Assumed()) -> Any:  # noqa: B008 - immutable
        question = Question(agreement="wide", query=sql, spend=spend("rho 0.5"))
        return await estimate(house.site, who(), question, assumed)

    share = "SELECT PROPORTION(value > 140) FROM observations WHERE code = '8480-6'"
    curve = dict((await found(share)).measures[0].curve)
    assert curve[10] > curve[100] > curve[1000] > 0
    (point,) = (await found(share, Assumed(n=100))).measures[0].curve
    assert point == (100, curve[100])
    range_ = "DATE '2021-01-01', DATE '{}-12-31'"
    monthly = "SELECT DATE_TRUNC('month', onset, {}) AS m, COUNT(*) FROM conditions GROUP BY m"
    warned = await found(monthly.format(range_.format(2021)))
    assert len(warned.warnings) == 1 and "12 groups" in warned.warnings[0]
    assert (await found("SELECT COUNT(*) FROM conditions")).warnings == ()
    # A patient is one row of the population's own table.
    people = "SELECT sex, COUNT(DISTINCT patient) FROM people WHERE {} GROUP BY sex"
    cohort = await found(people.format("patient IN (SELECT patient FROM conditions)"))
    assert cohort.warnings == ()
    assert "the patient has a row in “Conditions”" in cohort.explanation
    assert house.entries()[-1].kind is not EntryKind.CHARGED


async def test_an_assumption_that_cannot_be_is_refused(house: House) -> None:
    sql = "SELECT PROPORTION(value > 140) FROM observations WHERE code = '8480-6'"
    question = Question(agreement="wide", query=sql, spend=spend("rho 0.5"))
    with pytest.raises(InvalidQuery) as caught:
        await estimate(house.site, who(), question, Assumed(at=Decimal("1.5")))
    assert caught.value.reason == "ASSUMPTION_OUTSIDE"
    assert (await estimate(house.site, who(), question, Assumed(at=Decimal("0.5")))).measures[0].curve
