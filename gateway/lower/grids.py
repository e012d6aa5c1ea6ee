"""The bounds of a measured column, declared for the column or for the kind of measurement that is asked for.

Law: bounds are the sensitivity. They come from dataset files; a question may narrow them, never widen
them; where they depend on a code, a condition on every row must fix it.
Imports: domain words, lower.scope.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from gateway.domain.catalog import Bounds, BoundsBy
from gateway.domain.expression import GridColumn
from gateway.domain.query import And, Compare, Measure, OneOf, Operator, Predicate
from gateway.errors import InvalidQuery
from gateway.lower.scope import Named, Scope, fault

KINDS_SHOWN = 8


def bounds_of(measure: Measure, where: Predicate | None, scope: Scope) -> Bounds:
    """The bounds in force for a sum or mean, `where` being the question's whole condition.

    Raises `InvalidQuery`: COLUMN_UNBOUNDED, BOUNDS_NEED_CODE, BOUNDS_UNDECLARED, BOUNDS_UNSUITABLE.
    """
    named = scope.resolve(measure.column or "")
    declared = named.column.bounds
    if named.column.bounds_by is not None:
        declared = _coded(named, named.column.bounds_by, where, scope)
    if declared is None:
        raise fault(
            named.column.name,
            f"{named.shown} has no declared bounds, so it cannot be summed or averaged",
            "COLUMN_UNBOUNDED",
            scope.positions,
        )
    return declared if measure.bounds is None else _narrowed(named, declared, measure.bounds, scope)


def grid_of(name: str, bounds: Bounds) -> GridColumn:
    """A bounded column as its integer grid."""
    return GridColumn(
        column=name,
        low=float(bounds.low),
        high=float(bounds.high),
        multiplier=float(1 / bounds.resolution),
        low_steps=bounds.low_steps,
        high_steps=bounds.high_steps,
    )


def fixed_values(where: Predicate | None) -> dict[str, frozenset[str]]:
    """The texts that every kept row must hold, by column: `column = 'text'` joined by AND alone.

    More than one for a column means that no row is kept.
    """
    found: dict[str, frozenset[str]] = {}
    for part in _required(where):
        match part:
            case Compare(column=str() as column, operator=Operator.EQ, value=str() as value):
                found[column] = found.get(column, frozenset()) | {value}
            case OneOf(column=str() as column, values=(str() as value,)):
                found[column] = found.get(column, frozenset()) | {value}
            case _:
                continue
    return found


def _required(where: Predicate | None) -> Iterator[Predicate]:
    if isinstance(where, And):
        for operand in where.operands:
            yield from _required(operand)
    elif where is not None:
        yield where


def _coded(named: Named, declared: BoundsBy, where: Predicate | None, scope: Scope) -> Bounds:
    fixed = fixed_values(where)
    loose = [column for column in declared.columns if column not in fixed]
    if loose:
        kinds = [entry.values for entry in declared.entries if _agrees(entry.values, declared, fixed)]
        raise fault(
            named.column.name,
            f"the bounds of {named.shown} depend on {' and '.join(declared.columns)}: fix "
            f"{' and '.join(loose)} for every row",
            "BOUNDS_NEED_CODE",
            scope.positions,
            _condition(declared, kinds, loose),
        )
    fitting = (entry.bounds for entry in declared.entries if _agrees(entry.values, declared, fixed))
    bounds = next(fitting, None)
    if bounds is None:
        raise fault(
            named.column.name,
            f"no bounds of {named.shown} are declared for this {' and '.join(declared.columns)}",
            "BOUNDS_UNDECLARED",
            scope.positions,
        )
    return bounds


def _agrees(values: tuple[str, ...], declared: BoundsBy, fixed: dict[str, frozenset[str]]) -> bool:
    pairs = zip(declared.columns, values, strict=True)
    return all(value in fixed.get(column, {value}) for column, value in pairs)


def _condition(declared: BoundsBy, kinds: list[tuple[str, ...]], loose: list[str]) -> str:
    """What to write: the one condition where only one kind fits, else some of the values that would do."""
    chosen = [
        [f"{c} = '{v}'" for c, v in zip(declared.columns, values, strict=True) if c in loose]
        for values in kinds
    ]
    if len(chosen) == 1:
        return f"add: AND {' AND '.join(chosen[0])}"
    return f"for example: AND {' AND '.join(chosen[0])}" if chosen else ""


def _narrowed(named: Named, declared: Bounds, asked: tuple[Decimal, Decimal], scope: Scope) -> Bounds:
    low, high = asked
    if not declared.low <= low < high <= declared.high:
        raise _unsuitable(named, f"bounds lie within {declared.low} and {declared.high}", scope)
    for end in (low, high):
        if (Fraction(end) / Fraction(declared.resolution)).denominator != 1:
            raise _unsuitable(named, f"bounds are multiples of {declared.resolution}", scope)
    return Bounds(low=low, high=high, resolution=declared.resolution)


def _unsuitable(named: Named, description: str, scope: Scope) -> InvalidQuery:
    return fault(named.column.name, description, "BOUNDS_UNSUITABLE", scope.positions)
