"""Keys and measures of SELECT, and GROUP BY: nodes of sqlglot's tree -> Grouping, Measure.

Law: what is not named here is refused, with line, column and what to write instead.
Imports: domain words, sqlglot, and this room's conditions, periods and words.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from sqlglot import exp

from gateway.domain.limits import MAX_EDGES
from gateway.domain.query import (
    Attribute,
    Band,
    DateUnit,
    Grouping,
    Measure,
    MeasureKind,
    Predicate,
    Reducer,
    ReducerKind,
    Truncated,
    grouping_name,
)
from gateway.query import words
from gateway.query.conditions import Conditions
from gateway.query.periods import range_of
from gateway.query.reading import called

MEASURES = (
    "the measures are COUNT(DISTINCT patient), COUNT(*), SUM(column), AVG(column) and PROPORTION(condition)"
)
_BANDS = "write BAND(column, 1, 3, 7) AS name, with edges that ascend"
_PERIODS = "write DATE_TRUNC('month', column, DATE '2024-01-01', DATE '2024-12-31') AS name"
_BOUNDED = (
    "WHERE column BETWEEN DATE '2024-01-01' AND DATE '2024-12-31', or name the range: "
    "DATE_TRUNC('month', column, DATE '2024-01-01', DATE '2024-12-31')"
)
_CLAMPS = "write AVG(CLAMP(column, 15, 50)), the lower bound first"
_PROPORTIONS = "write PROPORTION(condition) or PROPORTION(condition, LAST(date column))"
_GROUPED = "select exactly the columns of GROUP BY, beside the measures"


class Keys(Conditions):
    """Reads what is selected and grouped."""

    where: Predicate | None = None  # of the question; the ranges of periods may come from it

    def key(self, node: exp.Expr, name: str) -> Grouping:
        """A key without or with a title; `name` is the one given with AS."""
        if called(node, "BAND") is not None:
            return self._band(node, name)
        if called(node, "DATE_TRUNC") is not None:
            return self._truncated(node, name)
        if not isinstance(node, exp.Column):
            raise self.refuse(node, "neither a column nor a measure", MEASURES)
        key = self.reference(node, "only columns and measures can be selected")
        if name or not isinstance(key, str | Attribute):
            raise self.refuse(node, "a column under another name", "select the column as it is called")
        return key

    def _band(self, node: exp.Expr, name: str) -> Band:
        subject, *given = called(node, "BAND") or [node]
        if not given:
            raise self.refuse(node, "a band without edges", _BANDS)
        if len(given) > MAX_EDGES:
            raise self.refuse(node, f"more than {MAX_EDGES} edges", _BANDS)
        of = self.reference(subject, _BANDS)
        edges = tuple(self.decimal(edge, _BANDS) for edge in given)
        for place, (below, edge) in enumerate(pairwise(edges), start=1):
            if below >= edge:
                raise self.refuse(given[place], "edges that do not ascend", _BANDS)
        return Band(name=name, of=of, edges=edges)

    def _truncated(self, node: exp.Expr, name: str) -> Truncated:
        given = called(node, "DATE_TRUNC") or []
        if len(given) not in (2, 4):
            raise self.refuse(node, "a period of another form", _PERIODS)
        word = str(given[0].this).lower() if given[0].is_string else ""
        if word not in list(DateUnit):
            raise self.refuse(node, "a unit that is none of day, week, month, quarter, year", _PERIODS)
        of = self.reference(given[1], _PERIODS)
        if not isinstance(of, str | Attribute):
            raise self.refuse(node, "an age, which is not a date", _BANDS)
        if len(given) == 4:
            bounds = (self.day(given[2]), self.day(given[3]))
        else:
            found = range_of(of, self.where)
            if found is None:
                raise self.refuse(node, "a period whose range WHERE does not bound on both sides", _BOUNDED)
            bounds = found
        if bounds[0] > bounds[1]:
            raise self.refuse(node, "a range that ends before it begins", _PERIODS)
        return Truncated(name=name, of=of, unit=DateUnit(word), first=bounds[0], last=bounds[1])

    def measure(self, call: exp.Expr, name: str) -> Measure:
        """A measure without or with a title."""
        match call:
            case exp.Count(this=exp.Star() as star):
                self.only(star, instead=MEASURES)
                self.only(call, "this", "big_int", instead=MEASURES)
                return Measure(kind=MeasureKind.COUNT_ROWS, name=name)
            case exp.Count(this=exp.Distinct(expressions=[exp.Column() as column]) as distinct):
                self.only(distinct, "expressions", instead=MEASURES)
                self.only(call, "this", "big_int", instead=MEASURES)
                self.patient(column, self.datasets[-1], MEASURES)
                return Measure(kind=MeasureKind.COUNT_PATIENTS, name=name)
            case exp.Sum() | exp.Avg():
                self.only(call, "this", instead=MEASURES)
                return self._summed(call, name)
            case exp.Star():
                raise self.refuse(call, "SELECT *", words.SHAPE)
        if called(call, "PROPORTION") is not None:
            return self._proportion(call, name)
        instead = words.FUNCTIONS_ARE if isinstance(call, exp.Anonymous) else MEASURES
        raise self.refuse(call, "neither a column nor a measure", instead)

    def _summed(self, call: exp.Expr, name: str) -> Measure:
        kind = MeasureKind.SUM if isinstance(call, exp.Sum) else MeasureKind.MEAN
        given = called(call.this, "CLAMP")
        if given is None:
            if not isinstance(call.this, exp.Column):
                raise self.refuse(call, "a measure of anything but a column", MEASURES)
            return Measure(kind=kind, name=name, column=self.column(call.this, MEASURES))
        if len(given) != 3:
            raise self.refuse(call, "bounds of another form", _CLAMPS)
        column = self.column(given[0], _CLAMPS)
        low, high = self.decimal(given[1], _CLAMPS), self.decimal(given[2], _CLAMPS)
        if low >= high:
            raise self.refuse(given[2], "bounds whose low end is not below the high one", _CLAMPS)
        return Measure(kind=kind, name=name, column=column, bounds=(low, high))

    def _proportion(self, call: exp.Expr, name: str) -> Measure:
        given = called(call, "PROPORTION") or []
        if len(given) not in (1, 2):
            raise self.refuse(call, "a proportion of another form", _PROPORTIONS)
        condition = self.condition(given[0])
        reducer = self._reducer(given[1]) if len(given) == 2 else None
        return Measure(kind=MeasureKind.PROPORTION, name=name, condition=condition, reducer=reducer)

    def _reducer(self, node: exp.Expr) -> Reducer:
        for kind in ReducerKind:
            by = called(node, kind)
            if by is not None and len(by) == 1:
                return Reducer(kind=kind, by=self.column(by[0], _PROPORTIONS))
        raise self.refuse(node, "a row that is neither the first nor the last", _PROPORTIONS)

    def check_grouped(self, select: exp.Expr, keys: dict[int, Grouping]) -> None:
        """GROUP BY repeats every key, or names its title, once. `keys` are by their place in SELECT."""
        group = select.args.get("group")
        waiting = dict(keys)
        for item in group.expressions if group is not None else []:
            found = next((place for place, key in waiting.items() if self._is_key(item, key)), None)
            if found is None:
                again = any(self._is_key(item, key) for key in keys.values())
                what = "grouped twice" if again else "grouped but not selected"
                raise self.refuse(item, f"a column that is {what}", _GROUPED)
            del waiting[found]
        if group is not None:
            self.only(group, "expressions", instead="write GROUP BY column, column")
        for place in waiting:
            raise self.refuse(
                select.expressions[place], "a column that is selected but not grouped", _GROUPED
            )

    def _is_key(self, item: exp.Expr, key: Grouping) -> bool:
        """Whether an item of GROUP BY is a key: the same text again, or its title."""
        if isinstance(item, exp.Column):
            name = self.identifier(item.this, _GROUPED)
            if not name.of:
                return name.text == grouping_name(key)
        if isinstance(item, exp.Column | exp.Anonymous):
            again = self.key(item, "")
            return again == (replace(key, name="") if isinstance(key, Band | Truncated) else key)
        raise self.refuse(item, "not a plain column", "group by what is selected, or by its name")
