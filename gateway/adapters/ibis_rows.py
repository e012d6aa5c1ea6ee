"""A table's rows with all that a question adds to them: attributes, ages, and who is in which cohort.

Law: everything here happens within one patient. Attributes come from a relation with exactly one row for
each patient, made so here and not believed; no join multiplies rows. Total on any data.
Imports: ibis, domain words, ibis_filter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import ibis

from gateway.adapters.ibis_filter import Flags, Table, Value, condition, value
from gateway.domain.expression import AgeColumn, AttributeColumn, Cohort, Derived, Filter, PatientTable

Tables = Mapping[str, Table]
"""The tables that an expression reads, by name."""

MEMBER = "@member"  # whether the row's patient is in the patients table
# No declared column has a name like these.
_PATIENT, _BIRTH = "@patient", "@birth"
_WHO, _ANCHOR, _DAY, _COUNT = "@who", "@anchor", "@day", "@count"


def extended(
    table: Table,
    patient_column: str,
    derived: Sequence[Derived],
    filters: Sequence[Filter],
    *,
    patients: PatientTable | None,
    tables: Tables,
    members: bool = False,
) -> tuple[Table, Flags]:
    """The rows that name a patient, with the derived columns and a flag for each cohort of the filters."""
    rows = table.filter(table[patient_column].notnull())
    if patients is not None and (derived or members):
        rows = _with_attributes(rows, patient_column, derived, patients, tables[patients.table])
    for column in derived:
        if isinstance(column, AgeColumn):
            rows = rows.mutate(**{column.name: _age(column, rows)})
    flags: dict[Cohort, str] = {}
    for cohort in (c for part in filters for c in _cohorts(part)):
        if cohort not in flags:
            flags[cohort] = f"@cohort{len(flags)}"
            held = _held(cohort, rows, patient_column, patients, tables)
            rows = _flagged(rows, patient_column, cohort, held, flags[cohort])
    return rows, flags


def _cohorts(node: Filter | None) -> list[Cohort]:
    """The cohorts that the rows of one table are asked about, not those inside other cohorts."""
    if node is None:
        return []
    if isinstance(node, Cohort):
        return [node]
    inner = [*getattr(node, "operands", ()), getattr(node, "operand", None)]
    return [cohort for part in inner for cohort in _cohorts(part)]


def _with_attributes(
    rows: Table, patient_column: str, derived: Sequence[Derived], patients: PatientTable, table: Table
) -> Table:
    """A left join with one row per patient: of several rows the least value of each attribute."""
    taken = {c.name: c.column for c in derived if isinstance(c, AttributeColumn)}
    if any(isinstance(c, AgeColumn) for c in derived):
        taken[_BIRTH] = patients.birth_date
    known = table.filter(table[patients.patient_column].notnull())
    known = known.select(
        **{_PATIENT: known[patients.patient_column]} | {n: known[c] for n, c in taken.items()}
    )
    single = known.group_by(_PATIENT).agg(**{name: value(known[name]).min() for name in taken})
    joined = rows.left_join(single, rows[patient_column] == single[_PATIENT])
    return joined.mutate(**{MEMBER: joined[_PATIENT].notnull()}).drop(_PATIENT)


def _age(column: AgeColumn, rows: Table) -> Value:
    """Completed years by date parts; NULL where a date is, and before the birth."""
    born = rows[_BIRTH]
    day = rows[column.column] if column.column else ibis.literal(date.fromisoformat(column.day or ""))
    early = day.month() * 100 + day.day() < born.month() * 100 + born.day()
    years = (day.year() - born.year()).cast("int64") - ibis.ifelse(early, 1, 0)
    return ibis.ifelse(day >= born, years, ibis.null("int64"))


def _held(
    cohort: Cohort, rows: Table, patient_column: str, patients: PatientTable | None, tables: Tables
) -> Table:
    """Those in the cohort: a row for each such patient, or for each of their anchor dates."""
    inner, flags = extended(
        tables[cohort.table],
        cohort.patient_column,
        cohort.derived,
        [] if cohort.where is None else [cohort.where],
        patients=patients,
        tables=tables,
    )
    if cohort.where is not None:
        inner = inner.filter(condition(cohort.where, inner, flags))
    window = cohort.window
    if window is None:
        found = inner.select(**{_WHO: inner[cohort.patient_column]})
        by = [_WHO]
    else:
        dated = inner.select(**{_PATIENT: inner[cohort.patient_column], _DAY: inner[window.column]})
        anchors = rows.select(**{_WHO: rows[patient_column], _ANCHOR: rows[window.anchor]})
        anchors = anchors.filter(anchors[_ANCHOR].notnull()).distinct()
        days = dated[_DAY].delta(anchors[_ANCHOR], unit="day")
        near = [anchors[_WHO] == dated[_PATIENT]]
        near += [] if window.first is None else [days >= window.first]
        near += [] if window.last is None else [days <= window.last]
        by = [_WHO, _ANCHOR]
        found = anchors.inner_join(dated, near).select(*by)
    counted = found.group_by(by).agg(**{_COUNT: found.count()})
    return counted.filter(counted[_COUNT] >= cohort.at_least).drop(_COUNT)


def _flagged(rows: Table, patient_column: str, cohort: Cohort, held: Table, flag: str) -> Table:
    """The rows with the cohort's flag, never NULL. `held` has at most one row for each of them."""
    matches = [rows[patient_column] == held[_WHO]]
    if cohort.window is not None:
        matches.append(rows[cohort.window.anchor] == held[_ANCHOR])
    joined = rows.left_join(held, matches)
    return joined.mutate(**{flag: joined[_WHO].notnull()}).drop(*held.columns)
