"""Expression -> one Ibis relation: per cell, the exact integers that every vector is read off.

Law: total on any data (NaN is NULL, clamp before cast, no division, no cast that can raise), patient-local
until the last aggregation, and identical to the row-by-row reference in `memory_engine`.
Imports: ibis, domain words, ibis_rows, ibis_filter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis

from gateway.adapters.ibis_filter import Flags, Table, Value, compare, condition, double, text, value
from gateway.adapters.ibis_rows import MEMBER, Tables, extended
from gateway.domain.expression import (
    AnyKey,
    BandKey,
    Expression,
    GridColumn,
    Key,
    PeriodKey,
    Split,
)
from gateway.domain.query import DateUnit, Operator, ReducerKind

SECRET_TABLE = "_bounding"  # noqa: S105 - the name of a temporary table, not a secret
SECRET_COLUMN = "secret"  # noqa: S105
DOMAIN_TABLE = "_domain"
DOMAIN_COLUMNS = {"number": "int64", "text": "string", "place": "int64"}
_SAFE = float(2**62)  # far inside BIGINT, and a double exactly: a clamp to it makes the cast total


def grids_of(expression: Expression) -> tuple[GridColumn, ...]:
    """The distinct measured columns, in the order of their first vector."""
    return tuple(dict.fromkeys(v.column for v in expression.vectors if v.column is not None))


def splits_of(expression: Expression) -> tuple[Split, ...]:
    """The distinct splits, in the order of their vectors."""
    return tuple(dict.fromkeys(v.split for v in expression.vectors if v.split is not None))


def figures_of(expression: Expression) -> tuple[str, ...]:
    """The names of the integers that `relation` has for each cell, in order."""
    measured = [f"{letter}{i}" for i in range(len(grids_of(expression))) for letter in "vs"]
    halves = [f"{letter}{i}" for i in range(len(splits_of(expression))) for letter in "yn"]
    return ("patients", "rows", *measured, *halves)


def relation(expression: Expression, tables: Tables) -> Table:
    """Rows of (cell, *figures), to be added up by cell; absent cells are zero.

    `v<i>` counts the kept rows with a value in the i-th measured column, `s<i>` sums their grid steps;
    `y<i>` counts the patients of whom the i-th split is true, `n<i>` the others.
    The secret of the bounding order is read from the one-row table `SECRET_TABLE`, the values of the keys
    from `DOMAIN_TABLE`: as text in the statement, thousands of categories would be slow.
    """
    grids = grids_of(expression)
    rows = _rows(expression, tables)
    groups = _groups(expression, rows, grids)
    if expression.max_groups < expression.reach:
        groups = _bounded(expression, groups)
    parts = [_totals(expression, groups, grids)]
    if grids:
        parts.append(_ranked(expression, rows, groups, grids))
    for number, split in enumerate(splits_of(expression)):
        parts.append(_halves(expression, rows, groups, number, split))
    whole = [_completed(part, expression) for part in parts]
    return whole[0] if len(whole) == 1 else ibis.union(*whole)


def _completed(part: Table, expression: Expression) -> Table:
    """All figures in their order, those that a part does not have as zero."""
    zero = ibis.literal(0, "int64")
    columns = {name: part[name] if name in part.columns else zero for name in figures_of(expression)}
    return part.select(cell=part.cell, **columns)


def _totals(expression: Expression, groups: Table, grids: tuple[GridColumn, ...]) -> Table:
    """Counts of kept groups and rows; measured sums of the groups that keep all their rows."""
    few = groups.n <= expression.max_rows
    sums = {
        name: ibis.ifelse(few, groups[name], 0).sum()
        for i in range(len(grids))
        for name in (f"v{i}", f"s{i}")
    }
    return groups.group_by("cell").agg(
        patients=groups.count(), rows=ibis.least(groups.n, expression.max_rows).sum(), **sums
    )


def _rows(expression: Expression, tables: Tables) -> Table:
    """The filtered rows under our own names: patient, row_key, raw keys k<i>, grid steps x<i>; for splits
    the outcome c<i> and the deciding date d<i>.
    """
    splits = splits_of(expression)
    filters = [] if expression.where is None else [expression.where]
    members = any(split.members for split in splits)
    table, flags = extended(
        tables[expression.table],
        expression.patient_column,
        expression.derived,
        [*filters, *(split.condition for split in splits)],
        patients=expression.patients,
        tables=tables,
        members=members,
    )
    if expression.where is not None:
        table = table.filter(condition(expression.where, table, flags))
    columns = {
        "patient": table[expression.patient_column],
        "row_key": table[expression.row_key].fill_null(""),
    }
    columns |= {f"k{i}": _raw(key, table) for i, key in enumerate(expression.keys)}
    columns |= {f"x{i}": _steps(grid, table) for i, grid in enumerate(grids_of(expression))}
    for i, split in enumerate(splits):
        columns |= _outcome(i, split, table, flags)
    return table.select(**columns)


def _outcome(number: int, split: Split, table: Table, flags: Flags) -> dict[str, Value]:
    """1 where the split's condition is true, 0 where not, NULL for patients who count neither way."""
    met = ibis.ifelse(condition(split.condition, table, flags), 1, 0).fill_null(0).cast("int64")
    if split.members:
        met = ibis.ifelse(table[MEMBER], met, ibis.null("int64"))
    dated = {} if split.by is None else {f"d{number}": table[split.by]}
    return {f"c{number}": met} | dated


def _raw(key: AnyKey, table: Table) -> Value:
    """The text of a category, or at once the place of a number or a date; NULL outside the domain."""
    match key:
        case Key(column=column):
            return text(table[column])
        case BandKey(column=column, type=kind, edges=edges):
            number = value(table[column])
            reached = [ibis.ifelse(compare(number, kind, Operator.GE, edge), 1, 0) for edge in edges]
            place = reached[0] if len(reached) == 1 else sum(reached[1:], start=reached[0])
            return ibis.ifelse(number.isnull(), len(edges) + 1, place).cast("int64")
        case PeriodKey(column=column):
            return _period(key, table[column])


def _period(key: PeriodKey, day: Value) -> Value:
    """The number of the period that holds a day, counted from the first of the domain."""
    start = date.fromisoformat(key.start)
    match key.unit:
        case DateUnit.DAY | DateUnit.WEEK:
            place = day.delta(ibis.literal(start), unit="day")
            size = key.size * (7 if key.unit is DateUnit.WEEK else 1)
        case DateUnit.MONTH:
            place, size = 12 * day.year() + day.month() - (12 * start.year + start.month), key.size
        case DateUnit.QUARTER:
            quarter = (start.month + 2) // 3
            place, size = 4 * day.year() + day.quarter() - (4 * start.year + quarter), key.size
        case DateUnit.YEAR:
            place, size = day.year() - start.year, key.size
    place = place.cast("int64")
    inside = ibis.ifelse((place >= 0) & (place < size), place, ibis.null("int64"))
    return (inside // 7).cast("int64") if key.unit is DateUnit.WEEK else inside


def _groups(expression: Expression, rows: Table, grids: tuple[GridColumn, ...]) -> Table:
    """One row per (patient, cell) with n, v<i>, s<i>.

    Distinct raw keys come first and are mapped to cells after that: there are far fewer of them than rows.
    """
    keys = [f"k{i}" for i in range(len(expression.keys))]
    measured = {f"v{i}": rows[f"x{i}"].count() for i in range(len(grids))}
    measured |= {f"s{i}": rows[f"x{i}"].sum().fill_null(0) for i in range(len(grids))}
    groups = rows.group_by(["patient", *keys]).agg(n=rows.count(), **measured)
    groups = _placed(expression, groups)
    groups = groups.filter(groups.cell.notnull()).select("patient", "cell", "n", *measured)
    if all(key.other is None for key in expression.keys if isinstance(key, Key)):
        return groups
    # Several raw values may have become `other`.
    return groups.group_by(["patient", "cell"]).agg(**{name: groups[name].sum() for name in ("n", *measured)})


def _bounded(expression: Expression, groups: Table) -> Table:
    """At most `max_groups` groups of each patient. Only patients with more of them pay for hash and sort."""
    most = expression.max_groups
    held = groups.group_by("patient").agg(held=groups.count())
    over = held.filter(held.held > most).select("patient")
    crowded = groups.semi_join(over, "patient")
    parts = [f"{expression.population}|g|", crowded.cell.cast("string"), "|", crowded.patient]
    place = ibis.row_number().over(group_by="patient", order_by=[_digest(parts), crowded.cell])
    ranked = crowded.mutate(place=place)
    kept = ranked.filter(ranked.place < most).drop("place")
    return ibis.union(groups.anti_join(over, "patient"), kept)


def _ranked(expression: Expression, rows: Table, groups: Table, grids: tuple[GridColumn, ...]) -> Table:
    """The measured columns of kept groups with more than `max_rows` rows: their first rows alone."""
    most = expression.max_rows
    crowded = groups.filter(groups.n > most).select("patient", "cell")
    rows = rows.semi_join(crowded, "patient")
    rows = _placed(expression, rows).semi_join(crowded, ["patient", "cell"])
    length = rows.patient.length().cast("string")
    parts = [f"{expression.population}|r|", length, "|", rows.patient, rows.row_key]
    steps = [rows[f"x{i}"] for i in range(len(grids))]
    place = ibis.row_number().over(
        group_by=["patient", "cell"], order_by=[_digest(parts), rows.row_key, *steps]
    )
    ranked = rows.mutate(place=place)
    ranked = ranked.filter(ranked.place < most)
    sums = {}
    for i in range(len(grids)):
        sums[f"v{i}"] = ranked[f"x{i}"].count()
        sums[f"s{i}"] = ranked[f"x{i}"].sum().fill_null(0)
    return ranked.group_by("cell").agg(**sums)


def _halves(expression: Expression, rows: Table, groups: Table, number: int, split: Split) -> Table:
    """Per cell the patients of kept groups for whom a split is true, and the others."""
    met = rows[f"c{number}"]
    counted = _placed(expression, rows.filter(met.notnull()))
    counted = counted.semi_join(groups, ["patient", "cell"])
    if split.reducer is None:
        decided = counted.group_by(["patient", "cell"]).agg(met=counted[f"c{number}"].max())
    else:
        place = ibis.row_number().over(
            group_by=["patient", "cell"], order_by=_deciding(counted, number, split)
        )
        ranked = counted.mutate(place=place)
        decided = ranked.filter(ranked.place == 0).mutate(met=ranked[f"c{number}"])
    sums = {f"y{number}": decided.met.sum(), f"n{number}": (1 - decided.met).sum()}
    return decided.group_by("cell").agg(**sums)


def _deciding(rows: Table, number: int, split: Split) -> Sequence[Value]:
    """The order in which a patient's first row decides: dated rows before others, the condition met last."""
    day, key, met = rows[f"d{number}"], rows.row_key, rows[f"c{number}"]
    if split.reducer is ReducerKind.FIRST:
        return [day.isnull(), day, key, met.desc()]
    return [day.isnull(), day.desc(), key.desc(), met.desc()]


def _digest(parts: list[Value]) -> Value:
    """SHA-256 in lower-case hex of the secret, a bar, and the parts."""
    secret = ibis.table({SECRET_COLUMN: "string"}, name=SECRET_TABLE)[SECRET_COLUMN].as_scalar()
    message = secret + "|"
    for part in parts:
        message = message + part
    return message.hexdigest("sha256")


def _placed(expression: Expression, table: Table) -> Table:
    """The table with its `cell` number; NULL where some key lies outside its domain."""
    for i, key in enumerate(expression.keys):
        if not isinstance(key, Key):
            continue
        domain = ibis.table(DOMAIN_COLUMNS, name=DOMAIN_TABLE)
        labels = domain.filter(domain.number == i).select(**{f"t{i}": domain.text, f"p{i}": domain.place})
        table = table.left_join(labels, table[f"k{i}"] == labels[f"t{i}"])
    cell = ibis.literal(0, "int64")
    for i, key in enumerate(expression.keys):
        place = table[f"k{i}"]
        if isinstance(key, Key):
            known = ibis.coalesce(table[f"p{i}"], _integer(key.other))
            place = ibis.ifelse(table[f"k{i}"].isnull(), _integer(key.missing), known)
        cell = cell * key.size + place
    return table.mutate(cell=cell)


def domain_rows(expression: Expression) -> list[tuple[int, str, int]]:
    """What `DOMAIN_TABLE` must hold: the number of a key, one of its values, and that value's place."""
    return [
        (number, text, place)
        for number, key in enumerate(expression.keys)
        if isinstance(key, Key)
        for place, text in enumerate(key.values)
    ]


def _integer(value: int | None) -> Value:
    return ibis.null("int64") if value is None else ibis.literal(value, "int64")


def _steps(grid: GridColumn, table: Table) -> Value:
    """Grid steps, NULL for a missing value.

    Written so that even the branch of missing values could be evaluated: NaN sorts above all numbers.
    """
    number = table[grid.column].cast("float64")
    clamped = ibis.least(ibis.greatest(number, double(grid.low)), double(grid.high))
    scaled = clamped * double(grid.multiplier)
    rounded = ibis.least(ibis.greatest(scaled, double(-_SAFE)), double(_SAFE)).round().cast("int64")
    steps = ibis.least(ibis.greatest(rounded, grid.low_steps), grid.high_steps)
    return ibis.ifelse(number.isnull() | number.isnan(), ibis.null("int64"), steps)
