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
from gateway.domain.expression import (
    AgeColumn,
    AttributeColumn,
    Cohort,
    DayWindow,
    Derived,
    Filter,
    PatientTable,
)

Tables = Mapping[str, Table]
"""The tables that an expression reads, by name."""

MEMBER = "@member"  # whether the row's patient is in the patients table
# Neither a declared column nor an attribute (`patient.sex`) has a name like these.
_PATIENT, _BIRTH = "@patient", "@birth"
_WHO, _ANCHOR, _DAY, _COUNT, _SIGN, _TOTAL = "@who", "@anchor", "@day", "@count", "@sign", "@total"
_FAR_AHEAD = 10**8  # days; after every date


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
    known = table.filter(table[patient_column].notnull())
    rows = known
    if patients is not None and (derived or members):
        rows = _with_attributes(rows, patient_column, derived, patients, tables)
    for column in derived:
        if isinstance(column, AgeColumn):
            rows = rows.mutate(**{column.name: _age(column, rows)})
    flags: dict[Cohort, str] = {}
    for cohort in (c for part in filters for c in _cohorts(part)):
        if cohort not in flags:
            flags[cohort] = f"@cohort{len(flags)}"
            # Anchors are those of the table itself: through the rows, each window would hold all before it.
            held = _held(cohort, known, patient_column, patients, tables)
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
    rows: Table, patient_column: str, derived: Sequence[Derived], patients: PatientTable, tables: Tables
) -> Table:
    """A left join with one row per patient: of several rows the least value of each attribute.

    Rows that the rule keeps out make a patient known, and tell nothing of them.
    """
    taken = {c.name: c.column for c in derived if isinstance(c, AttributeColumn)}
    if any(isinstance(c, AgeColumn) for c in derived):
        taken[_BIRTH] = patients.birth_date
    filters = [] if patients.where is None else [patients.where]
    known, flags = extended(
        tables[patients.table], patients.patient_column, (), filters, patients=None, tables=tables
    )
    told = {name: value(known[column]) for name, column in taken.items()}
    if patients.where is not None:
        open_ = condition(patients.where, known, flags)
        told = {name: ibis.ifelse(open_, column, ibis.null(column.type())) for name, column in told.items()}
    known = known.select(**{_PATIENT: known[patients.patient_column]} | told)
    single = known.group_by(_PATIENT).agg(**{name: known[name].min() for name in taken})
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
    cohort: Cohort, asked: Table, patient_column: str, patients: PatientTable | None, tables: Tables
) -> Table:
    """Those in the cohort: a row for each such patient, or for each of their anchor dates.

    `asked` is the table asked about, as it is stored.
    """
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
    if cohort.window is not None:
        return _near(cohort, cohort.window, inner, asked, patient_column)
    found = inner.select(**{_WHO: inner[cohort.patient_column]})
    counted = found.group_by(_WHO).agg(**{_COUNT: found.count()})
    return counted.filter(counted[_COUNT] >= cohort.at_least).drop(_COUNT)


def _near(cohort: Cohort, window: DayWindow, inner: Table, asked: Table, patient_column: str) -> Table:
    """Patient and anchor date wherever enough of the patient's cohort rows lie within the window.

    Rows up to the window's last day less rows before its first, both read off one running count over the
    patient's days: a join of all anchors with all rows would let one patient with many turn an answer into
    a failure.
    """
    day = _ordinal(inner[window.column])
    rows = inner.select(**{_WHO: inner[cohort.patient_column], _DAY: day}).filter(day.notnull())
    rows = rows.group_by([_WHO, _DAY]).agg(**{_COUNT: rows.count()})
    anchors = asked.select(**{_WHO: asked[patient_column], _ANCHOR: asked[window.anchor]})
    anchors = anchors.filter(anchors[_ANCHOR].notnull()).distinct().semi_join(rows, _WHO)
    at = _ordinal(anchors[_ANCHOR])
    ends = [(_FAR_AHEAD if window.last is None else at + window.last, 1)]
    ends += [] if window.first is None else [(at + window.first - 1, -1)]
    none = {_ANCHOR: ibis.null("date"), _SIGN: ibis.literal(0, "int64")}
    marks = [rows.select(_WHO, _DAY, _COUNT, **none)]
    for end, sign in ends:
        place = (end if not isinstance(end, int) else ibis.literal(end, "int64")).cast("int64")
        mark = {_DAY: place, _COUNT: ibis.literal(0, "int64"), _SIGN: ibis.literal(sign, "int64")}
        marks.append(anchors.select(anchors[_WHO], **mark, **{_ANCHOR: anchors[_ANCHOR]}))
    line = ibis.union(*(mark.select(_WHO, _DAY, _COUNT, _ANCHOR, _SIGN) for mark in marks))
    # The rows of a day come before what is read off that day; marks themselves count nothing.
    order = [line[_DAY], line[_SIGN] != 0]
    so_far = line[_COUNT].sum().over(ibis.cumulative_window(group_by=_WHO, order_by=order))
    read = line.mutate(**{_TOTAL: so_far.cast("int64") * line[_SIGN]})
    read = read.filter(read[_ANCHOR].notnull())
    held = read.group_by([_WHO, _ANCHOR]).agg(**{_TOTAL: read[_TOTAL].sum()})
    return held.filter(held[_TOTAL] >= cohort.at_least).drop(_TOTAL)


def _ordinal(day: Value) -> Value:
    """A date as a number of days: sums of it cannot leave the calendar."""
    return day.delta(ibis.literal(date(1970, 1, 1)), unit="day").cast("int64")


def _flagged(rows: Table, patient_column: str, cohort: Cohort, held: Table, flag: str) -> Table:
    """The rows with the cohort's flag, never NULL. `held` has at most one row for each of them."""
    matches = [rows[patient_column] == held[_WHO]]
    if cohort.window is not None:
        matches.append(rows[cohort.window.anchor] == held[_ANCHOR])
    joined = rows.left_join(held, matches)
    return joined.mutate(**{flag: joined[_WHO].notnull()}).drop(*held.columns)
