"""The range of dates that a condition leaves: what the short form of DATE_TRUNC takes its periods from.

Law: only parts that every kept row meets bound the range. Imports: domain words.
"""

from __future__ import annotations

from datetime import date, timedelta

from gateway.domain.query import And, Compare, Operator, Predicate, Reference

_DAY = timedelta(days=1)
# The days that a comparison adds to its date, as the first and as the last day that meets it.
_FIRST = {Operator.EQ: 0 * _DAY, Operator.GE: 0 * _DAY, Operator.GT: _DAY}
_LAST = {Operator.EQ: 0 * _DAY, Operator.LE: 0 * _DAY, Operator.LT: -_DAY}


def range_of(of: Reference, where: Predicate | None) -> tuple[date, date] | None:
    """The first and last day that a date can have; None where the condition leaves a side open."""
    firsts, lasts = [], []
    waiting = [where]
    while waiting:
        match waiting.pop():
            case And(operands=operands):
                waiting.extend(operands)
            case Compare(operator=operator, value=date() as value) as compare if compare.column == of:
                if operator in _FIRST and value < date.max:
                    firsts.append(value + _FIRST[operator])
                if operator in _LAST and value > date.min:
                    lasts.append(value + _LAST[operator])
            case _:
                pass
    return (max(firsts), min(lasts)) if firsts and lasts else None
