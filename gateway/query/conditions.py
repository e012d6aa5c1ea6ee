"""The WHERE part: nodes of sqlglot's tree -> Predicate.

Law: what is not named here is refused, with line, column and what to write instead.
Imports: domain words, sqlglot, and this room's reading, tokens and words.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from sqlglot import exp

from gateway.domain.query import And, Compare, IsMissing, Literal, Not, OneOf, Operator, Or, Predicate
from gateway.query import words
from gateway.query.reading import Reading
from gateway.query.tokens import SYNTAX, TOO_DEEP, TOO_LARGE

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
_VALUES = "values are 'text', 12, 0.5, TRUE, FALSE and DATE '2024-01-31'"
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Conditions(Reading):
    """Reads conditions and the values in them."""

    def where(self, node: exp.Expr) -> Predicate:
        predicate = self._predicate(node)
        depth, nodes = _size(predicate)
        if depth > words.MAX_NESTING:
            raise self.refuse(
                node, f"conditions nested deeper than {words.MAX_NESTING}", "flatten it", TOO_DEEP
            )
        if nodes > words.MAX_NODES:
            raise self.refuse(
                node, f"more than {words.MAX_NODES} conditions", "ask smaller questions", TOO_LARGE
            )
        return predicate

    def _predicate(self, node: exp.Expr) -> Predicate:
        match node:
            case exp.Paren():
                self.only(node, "this", instead=CONDITIONS)
                return self._predicate(node.this)
            case exp.Not():
                self.only(node, "this", instead=CONDITIONS)
                return Not(operand=self._predicate(node.this))
            case exp.And():
                return And(operands=self._operands(node))
            case exp.Or():
                return Or(operands=self._operands(node))
            case exp.In():
                return self._one_of(node)
            case exp.Between():
                self.only(node, "this", "low", "high", instead=CONDITIONS)
                column = self.column(node.this, CONDITIONS)
                low, high = self._literal(node.args["low"]), self._literal(node.args["high"])
                least = Compare(column=column, operator=Operator.GE, value=low)
                return And(operands=(least, Compare(column=column, operator=Operator.LE, value=high)))
            case exp.Is():
                self.only(node, "this", "expression", instead=CONDITIONS)
                if not isinstance(node.expression, exp.Null):
                    raise self.refuse(
                        node, "IS with anything but NULL", "write column = TRUE, or column IS NULL"
                    )
                return IsMissing(column=self.column(node.this, CONDITIONS))
        if type(node) in _COMPARISONS:
            return self._compare(node)
        raise self.refuse(node, "this condition", CONDITIONS)

    def _operands(self, node: exp.Expr) -> tuple[Predicate, ...]:
        """The operands of a chain, which sqlglot nests to the left; walked without recursion."""
        kind, chain = type(node), []
        while type(node) is kind:
            self.only(node, "this", "expression", instead=CONDITIONS)
            chain.append(node.expression)
            node = node.this
        return tuple(self._predicate(operand) for operand in (node, *reversed(chain)))

    def _compare(self, node: exp.Expr) -> Predicate:
        self.only(node, "this", "expression", instead=CONDITIONS)
        operator, left, right = _COMPARISONS[type(node)], node.this, node.expression
        if isinstance(right, exp.Column) and not isinstance(left, exp.Column):
            operator, left, right = _FLIPPED[operator], right, left
        column = self.column(left, CONDITIONS)
        if isinstance(right, exp.Column):
            raise self.refuse(right, "a comparison of two columns", "compare a column with a value")
        return Compare(column=column, operator=operator, value=self._literal(right))

    def _one_of(self, node: exp.Expr) -> Predicate:
        self.only(node, "this", "expressions", instead="list the values: column IN ('a', 'b')")
        column = self.column(node.this, CONDITIONS)
        if not node.expressions:
            raise self.refuse(node, "IN without values", "list the values: column IN ('a', 'b')")
        return OneOf(column=column, values=tuple(self._literal(value) for value in node.expressions))

    def _literal(self, node: exp.Expr) -> Literal:
        match node:
            case exp.Literal(is_string=True):
                return str(node.this)
            case exp.Literal():
                return self._number(node, str(node.this))
            case exp.Neg(this=exp.Literal(is_string=False) as number):
                return self._number(node, f"-{number.this}")
            case exp.Boolean():
                return bool(node.this)
            case exp.Cast(this=exp.Literal(is_string=True) as day):  # DATE 'x'; written casts never get here
                return self._date(node, str(day.this))
            case exp.Null():
                raise self.refuse(node, "a comparison with NULL, which is never true", "write column IS NULL")
        raise self.refuse(node, "this value", _VALUES)

    def _number(self, node: exp.Expr, digits: str) -> Literal:
        if "." in digits:
            return Decimal(digits)
        if int(digits) not in words.INTEGERS:
            raise self.refuse(node, "a whole number of more than 64 bits", "write it with a point: 1.0")
        return int(digits)

    def _date(self, node: exp.Expr, text: str) -> date:
        try:
            if _ISO_DATE.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise self.refuse(
            node, "a date that does not exist or has another form", "write DATE '2024-01-31'", SYNTAX
        )


def _size(predicate: Predicate) -> tuple[int, int]:
    """Depth (a comparison is 1) and number of nodes (values of IN included)."""
    deepest, nodes, waiting = 0, 0, [(predicate, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest, nodes = max(deepest, depth), nodes + 1
        match node:
            case Not():
                waiting.append((node.operand, depth + 1))
            case And() | Or():
                waiting.extend((operand, depth + 1) for operand in node.operands)
            case OneOf():
                nodes += len(node.values)
            case _:
                pass
    return deepest, nodes
