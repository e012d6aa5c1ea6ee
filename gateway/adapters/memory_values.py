"""What a row says, in plain Python: values of references, labels, periods, and three-valued conditions.

Law: made of the question and the dataset files, never of the compiled expression, so that a fault in
compiling shows as a disagreement. Imports: the standard library, domain words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import isnan
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from gateway.domain.catalog import Column, ColumnType, Dataset
from gateway.domain.query import (
    Age,
    And,
    Attribute,
    Band,
    Compare,
    DateUnit,
    Grouping,
    InCohort,
    IsMissing,
    Literal,
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Reference,
    Truncated,
    Window,
)

_OPERATORS: Mapping[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQ: eq,
    Operator.NE: ne,
    Operator.LT: lt,
    Operator.LE: le,
    Operator.GT: gt,
    Operator.GE: ge,
}
Datum = None | bool | int | float | str | date
Row = Mapping[str, Datum]
_NUMBER = Column(name="age", type=ColumnType.INTEGER)


@dataclass(slots=True)
class World:
    """All rows of a population, by dataset; and each patient's attributes, found when first asked for."""

    tables: Mapping[str, Sequence[Row]]
    catalogue: Mapping[str, Dataset]
    patients_rule: Predicate | None = None
    _by_patient: dict[str, dict[str, list[Row]]] = field(default_factory=dict)

    def rows_of(self, dataset: Dataset, patient: str) -> list[Row]:
        """A patient's rows in one dataset."""
        if dataset.name not in self._by_patient:
            found: dict[str, list[Row]] = defaultdict(list)
            for row in self.tables[dataset.name]:
                if row[dataset.patient_column] is not None:
                    found[str(row[dataset.patient_column])].append(row)
            self._by_patient[dataset.name] = dict(found)
        return self._by_patient[dataset.name].get(patient, [])

    def is_member(self, dataset: Dataset, patient: str) -> bool:
        """Whether the patients table knows a patient; always, where the site declares none."""
        patients = self.catalogue.get(dataset.population.patients)
        return patients is None or bool(self.rows_of(patients, patient))

    def attribute(self, dataset: Dataset, patient: str, name: str) -> Datum:
        """The least value that is not missing among the patient's rows in the patients table."""
        patients = self.catalogue[dataset.population.patients]
        places = [
            Place(world=self, dataset=patients, patient=patient, row=row)
            for row in self.rows_of(patients, patient)
        ]
        rule = self.patients_rule
        values = [known(p.row[name]) for p in places if rule is None or p.truth(rule) is True]
        present: list[Any] = [value for value in values if value is not None]
        return min(present, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One row of one dataset, and its patient."""

    world: World
    dataset: Dataset
    patient: str
    row: Row

    def value(self, reference: Reference) -> tuple[Column, Datum]:
        """What a reference stands for here, and how it is declared."""
        match reference:
            case str():
                return self.dataset.columns[reference], self.row[reference]
            case Attribute(name=name):
                patients = self.world.catalogue[self.dataset.population.patients]
                return patients.columns[name], self.world.attribute(self.dataset, self.patient, name)
            case Age(at=at):
                return _NUMBER, self._age(at)

    def _age(self, at: str | date) -> int | None:
        birth = self.world.attribute(self.dataset, self.patient, self.dataset.population.birth_date)
        day = self.row[at] if isinstance(at, str) else at
        if not isinstance(birth, date) or not isinstance(day, date) or day < birth:
            return None
        return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))

    def index(self, grouping: Grouping, labels: Sequence[str]) -> int | None:
        """The place of this row's label among a key's labels; None outside the domain."""
        match grouping:
            case Band(of=of, edges=edges):
                number = known(self.value(of)[1])
                return len(edges) + 1 if number is None else bisect_right(edges, number, key=_decimal)
            case Truncated(of=of, unit=unit):
                day = self.value(of)[1]
                name = period(day, unit) if isinstance(day, date) else ""
                return labels.index(name) if name in labels else None
            case _:
                label = label_of(*self.value(grouping))
                return None if label is None else labels.index(label)

    def truth(self, predicate: Predicate) -> bool | None:
        """SQL's three values: True, False, or None for unknown."""
        match predicate:
            case IsMissing(column=reference):
                return known(self.value(reference)[1]) is None
            case Compare(column=reference, operator=operator, value=literal):
                return _compare(_comparable(*self.value(reference)), operator, literal)
            case OneOf(column=reference, values=literals):
                value = _comparable(*self.value(reference))
                return None if value is None else any(_compare(value, Operator.EQ, x) for x in literals)
            case InCohort():
                return self._in_cohort(predicate)
            case Not(operand=operand):
                inner = self.truth(operand)
                return None if inner is None else not inner
            case And(operands=operands):
                found = {self.truth(operand) for operand in operands}
                return False if False in found else None if None in found else True
            case Or(operands=operands):
                found = {self.truth(operand) for operand in operands}
                return True if True in found else None if None in found else False

    def _in_cohort(self, cohort: InCohort) -> bool:
        dataset = self.world.catalogue[cohort.dataset]
        held = 0
        for row in self.world.rows_of(dataset, self.patient):
            place = Place(world=self.world, dataset=dataset, patient=self.patient, row=row)
            met = cohort.where is None or place.truth(cohort.where) is True
            held += met and (cohort.window is None or self._within(cohort.window, row))
        return held >= cohort.at_least

    def _within(self, window: Window, row: Row) -> bool:
        day, anchor = row[window.column], self.row[window.anchor]
        if not isinstance(day, date) or not isinstance(anchor, date):
            return False
        days = (day - anchor).days
        return (window.first is None or days >= window.first) and (window.last is None or days <= window.last)


def labels_of(grouping: Grouping, dataset: Dataset, catalogue: Mapping[str, Dataset]) -> tuple[str, ...]:
    """The labels of a key in cell order, made independently of the compiled ones."""
    match grouping:
        case Band(edges=edges):
            middle = [f"[{edges[i]:f}, {edges[i + 1]:f})" for i in range(len(edges) - 1)]
            return (f"< {edges[0]:f}", *middle, f">= {edges[-1]:f}", "missing")
        case Truncated(unit=unit, first=first, last=last):
            days = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
            return tuple(dict.fromkeys(period(day, unit) for day in days))
        case Attribute(name=name):
            return _declared(catalogue[dataset.population.patients].columns[name])
        case str():
            return _declared(dataset.columns[grouping])


def _declared(column: Column) -> tuple[str, ...]:
    return ("false", "true") if column.categories is None else column.categories.labels


def period(day: date, unit: DateUnit) -> str:
    """The name of the period that holds a day."""
    match unit:
        case DateUnit.DAY:
            return day.isoformat()
        case DateUnit.WEEK:
            year, week, _ = day.isocalendar()
            return f"{year:04d}-W{week:02d}"
        case DateUnit.MONTH:
            return f"{day.year:04d}-{day.month:02d}"
        case DateUnit.QUARTER:
            return f"{day.year:04d}-Q{(day.month + 2) // 3}"
        case DateUnit.YEAR:
            return f"{day.year:04d}"


def label_of(column: Column, value: Datum) -> str | None:
    """The label that a value has in its column's public domain; None outside of it."""
    if isinstance(value, bool):
        value = "true" if value else "false"
    if column.categories is None:
        return None if value is None else str(value)
    if value is None:
        return column.categories.missing
    return str(value) if str(value) in column.categories.values else column.categories.other


def known(value: Datum) -> Datum:
    """NaN is missing."""
    return None if isinstance(value, float) and isnan(value) else value


def _decimal(edge: Decimal) -> int | float:
    """Whole edges exactly, others read as doubles."""
    return int(edge) if edge == edge.to_integral_value() else float(edge)


def _comparable(column: Column, value: Datum) -> Datum:
    """What a comparison sees: the label of a category, else the value itself; NaN is missing."""
    return label_of(column, value) if column.type is ColumnType.CATEGORY else known(value)


def _compare(value: Datum, operator: Operator, literal: Literal) -> bool | None:
    if value is None:
        return None
    left, right = _aligned(value, literal)
    return bool(_OPERATORS[operator](left, right))


def _aligned(
    value: bool | int | float | str | date, literal: Literal
) -> tuple[float, float] | tuple[str, str]:
    """Both sides as text (dates in ISO form sort as dates) or as numbers; decimals are read as doubles."""
    if isinstance(value, bool):
        return float(value), float(literal == "true" if isinstance(literal, str) else bool(literal))
    if isinstance(value, int | float) and not isinstance(literal, str | date):
        return value, float(literal) if isinstance(literal, Decimal) else literal
    return str(value), str(literal)
