"""Conditions: nodes of sqlglot's tree -> Predicate.

Law: what is not named here is refused, with line, column and what to write instead.
Imports: domain words, sqlglot, and this room's faults, reading, windows and words.
"""

from __future__ import annotations

from sqlglot import exp

from gateway.domain.limits import MAX_AT_LEAST, MAX_COHORT_DEPTH, MAX_DEPTH, MAX_NODES
from gateway.domain.query import And, Compare, InCohort, IsMissing, Not, OneOf, Operator, Or, Predicate
from gateway.query import words
from gateway.query.faults import TOO_DEEP, TOO_LARGE
from gateway.query.reading import called, chain_of
from gateway.query.windows import WINDOWS, Windows

_COMPARISONS: dict[type[exp.Expr], Operator] = {
    exp.EQ: Operator.EQ,
    exp.NEQ: Operator.NE,
    exp.LT: Operator.LT,
    exp.LTE: Operator.LE,
    exp.GT: Operator.GT,
    exp.GTE: Operator.GE,
}
_FLIPPED = {
    Operator.EQ: Operator.EQ,
    Operator.NE: Operator.NE,
    Operator.LT: Operator.GT,
    Operator.LE: Operator.GE,
    Operator.GT: Operator.LT,
    Operator.GE: Operator.LE,
}
CONDITIONS = "write column = value, column IN (...), column BETWEEN ... AND ... or column IS NULL"
_AT_LEAST = "write GROUP BY patient_id HAVING COUNT(*) >= 3"


class Conditions(Windows):
    """Reads conditions, and the cohorts in them."""

    _nodes = 0

    def condition(self, node: exp.Expr) -> Predicate:
        """A whole condition. Raises InvalidQuery where it is too deep or, with those before it, too large."""
        predicate = self._predicate(node)
        depth, cohorts, nodes = _size(predicate)
        self._nodes += nodes
        if depth > MAX_DEPTH:
            raise self.refuse(node, f"conditions nested deeper than {MAX_DEPTH}", "flatten it", TOO_DEEP)
        if cohorts > MAX_COHORT_DEPTH:
            limit = f"cohorts nested deeper than {MAX_COHORT_DEPTH}"
            raise self.refuse(node, limit, "ask for the patients of the inner one directly", TOO_DEEP)
        if self._nodes > MAX_NODES:
            raise self.refuse(node, f"more than {MAX_NODES} conditions", "ask smaller questions", TOO_LARGE)
        return predicate

    def _predicate(self, node: exp.Expr) -> Predicate:
        match node:
            case exp.Paren():
                self.only(node, "this", instead=CONDITIONS)
                return self._predicate(node.this)
            case exp.Not():
                self.only(node, "this", instead=CONDITIONS)
                return Not(operand=self._predicate(node.this))
            case exp.And() | exp.Or():
                operands = tuple(self._predicate(operand) for operand in chain_of(node))
                return And(operands=operands) if isinstance(node, exp.And) else Or(operands=operands)
            case exp.In():
                return self._cohort(node) if node.args.get("query") is not None else self._one_of(node)
            case exp.Between():
                return self._between(node)
            case exp.Is():
                self.only(node, "this", "expression", instead=CONDITIONS)
                if not isinstance(node.expression, exp.Null):
                    raise self.refuse(
                        node, "IS with anything but NULL", "write column = TRUE, or column IS NULL"
                    )
                return IsMissing(column=self.reference(node.this, CONDITIONS))
        if type(node) in _COMPARISONS:
            return self._compare(node)
        raise self.refuse(node, "this condition", CONDITIONS)

    def _between(self, node: exp.Expr) -> Predicate:
        self._no_window(node)
        self.only(node, "this", "low", "high", instead=CONDITIONS)
        column = self.reference(node.this, CONDITIONS)
        low, high = self.literal(node.args["low"]), self.literal(node.args["high"])
        least = Compare(column=column, operator=Operator.GE, value=low)
        return And(operands=(least, Compare(column=column, operator=Operator.LE, value=high)))

    def _compare(self, node: exp.Expr) -> Predicate:
        self._no_window(node)
        self.only(node, "this", "expression", instead=CONDITIONS)
        operator, left, right = _COMPARISONS[type(node)], node.this, node.expression
        if _is_compared(right) and not _is_compared(left):
            operator, left, right = _FLIPPED[operator], right, left
        column = self.reference(left, CONDITIONS)
        if _is_compared(right):
            raise self.refuse(right, "a comparison of two columns", "compare a column with a value")
        return Compare(column=column, operator=operator, value=self.literal(right))

    def _no_window(self, node: exp.Expr) -> None:
        if self.ends(node):
            raise self.refuse(node, "a window that is not joined to the cohort's WHERE with AND", WINDOWS)

    def _one_of(self, node: exp.Expr) -> Predicate:
        self.only(node, "this", "expressions", instead="list the values: column IN ('a', 'b')")
        column = self.reference(node.this, CONDITIONS)
        if not node.expressions:
            raise self.refuse(node, "IN without values", "list the values: column IN ('a', 'b')")
        return OneOf(column=column, values=tuple(self.literal(value) for value in node.expressions))

    def _cohort(self, node: exp.Expr) -> Predicate:
        self.only(node, "this", "query", instead=words.COHORT)
        self.only(node.args["query"], "this", instead=words.COHORT)
        select = node.args["query"].this
        self.only(
            select, "expressions", "from_", "where", "group", "having", "distinct", instead=words.COHORT
        )
        self.patient(node.this, self.datasets[-1], words.COHORT)
        dataset = self.source(select.args.get("from_"), select, words.COHORT)
        self._selected(select, dataset)
        self.datasets.append(dataset)
        ends, kept = [], []
        where = select.args.get("where")
        for part in [] if where is None else _and_parts(where.this):
            found = self.ends(part.unnest())
            ends += found
            kept += [] if found else [self._predicate(part)]
        window = self.window(ends)
        self.datasets.pop()
        inner = None if not kept else kept[0] if len(kept) == 1 else And(operands=tuple(kept))
        return InCohort(dataset=dataset, where=inner, at_least=self._at_least(select), window=window)

    def _selected(self, select: exp.Expr, dataset: str) -> None:
        """The patient column alone, in SELECT and in GROUP BY."""
        if len(select.expressions) != 1:
            raise self.refuse(select, "a cohort of more than the patient column", words.COHORT)
        self.patient(select.expressions[0], dataset, words.COHORT)
        distinct, group = select.args.get("distinct"), select.args.get("group")
        if distinct is not None:
            self.only(distinct, instead=words.COHORT)
        if group is None:
            return
        self.only(group, "expressions", instead=_AT_LEAST)
        if len(group.expressions) != 1:
            raise self.refuse(group, "a cohort that is grouped by more than the patient column", _AT_LEAST)
        self.patient(group.expressions[0], dataset, _AT_LEAST)

    def _at_least(self, select: exp.Expr) -> int:
        having = select.args.get("having")
        if having is None:
            return 1
        node = having.this
        if select.args.get("group") is None or type(node) not in _COMPARISONS:
            raise self.refuse(having, "HAVING of another form", _AT_LEAST)
        operator, left, right = _COMPARISONS[type(node)], node.this, node.expression
        if isinstance(right, exp.Count):
            operator, left, right = _FLIPPED[operator], right, left
        counted = isinstance(left, exp.Count) and isinstance(left.this, exp.Star)
        number = str(right.this) if isinstance(right, exp.Literal) and not right.is_string else ""
        if not counted or not number.isdecimal() or operator not in (Operator.GE, Operator.GT):
            raise self.refuse(having, "HAVING of another form", _AT_LEAST)
        rows = int(number) + (operator is Operator.GT)
        if not 1 <= rows <= MAX_AT_LEAST:
            limit = f"ask for 1 to {MAX_AT_LEAST:,} rows"
            raise self.refuse(having, "a number of rows outside the limits", limit)
        return rows


def _is_compared(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) or called(node, "AGE") is not None


def _and_parts(node: exp.Expr) -> list[exp.Expr]:
    return chain_of(node) if isinstance(node, exp.And) else [node]


def _size(predicate: Predicate) -> tuple[int, int, int]:
    """Depth (a comparison is 1), depth of cohorts, and number of nodes (values of IN included)."""
    deepest = cohorts = nodes = 0
    waiting = [(predicate, 1, 0)]
    while waiting:
        node, depth, within = waiting.pop()
        deepest, nodes = max(deepest, depth), nodes + 1
        match node:
            case Not():
                waiting.append((node.operand, depth + 1, within))
            case And() | Or():
                waiting.extend((operand, depth + 1, within) for operand in node.operands)
            case InCohort():
                cohorts = max(cohorts, within + 1)
                if node.where is not None:
                    waiting.append((node.where, depth + 1, within + 1))
            case OneOf():
                nodes += len(node.values)
            case _:
                pass
    return deepest, cohorts, nodes
