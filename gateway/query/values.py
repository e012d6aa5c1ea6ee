"""Constants, and what is compared with them: nodes of sqlglot's tree -> Literal, Reference.

Law: what is not named here is refused, with line, column and what to write instead.
Imports: domain words, sqlglot, and this room's faults, reading and words.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from sqlglot import exp

from gateway.domain.query import Age, Attribute, Literal, Reference
from gateway.query import words
from gateway.query.faults import SYNTAX
from gateway.query.reading import Reading, called

PATIENT = "patient"  # before a point: the row's patient; alone: the patient column
ALONE = f"write the column alone, or {PATIENT}.column for a column of the patients table"
_VALUES = "values are 'text', 12, 0.5, TRUE, FALSE and DATE '2024-01-31'"
_AGES = "write AGE(column) or AGE(DATE '2024-01-31')"
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Values(Reading):
    """Reads constants, columns, attributes and ages."""

    def reference(self, node: exp.Expr, instead: str) -> Reference:
        """A column of the row, `patient.column` or AGE(...)."""
        if isinstance(node, exp.Anonymous):
            return self._age(node, instead)
        if not isinstance(node, exp.Column):
            raise self.refuse(node, "not a plain column", instead)
        self.only(node, "this", instead=instead)
        name = self.identifier(node.this, instead)
        if not name.of:
            return self.mention(node.this, instead)
        if name.of != PATIENT or name.days:
            raise self.refuse(node, "a qualified name here", ALONE)
        self.mentioned(f"{PATIENT}.{name.text}", name.start)
        return Attribute(name=name.text)

    def _age(self, node: exp.Anonymous, instead: str) -> Age:
        given = called(node, "AGE")
        if given is None:
            raise self.refuse(node, "this function here", instead)
        if len(given) != 1:
            raise self.refuse(node, "an age of another form", _AGES)
        at = self.day(given[0]) if isinstance(given[0], exp.Cast) else self.column(given[0], _AGES)
        self.mentioned(f"{PATIENT}.age", node.meta["start"])
        return Age(at=at)

    def literal(self, node: exp.Expr) -> Literal:
        match node:
            case exp.Literal(is_string=True):
                return str(node.this)
            case exp.Literal() | exp.Neg(this=exp.Literal(is_string=False)):
                return self._number(node, digits_of(node))
            case exp.Boolean():
                return bool(node.this)
            case exp.Cast():
                return self.day(node)
            case exp.Null():
                raise self.refuse(node, "a comparison with NULL, which is never true", "write column IS NULL")
        raise self.refuse(node, "this value", _VALUES)

    def decimal(self, node: exp.Expr, instead: str) -> Decimal:
        """A number, whole or not."""
        match node:
            case exp.Literal(is_string=False) | exp.Neg(this=exp.Literal(is_string=False)):
                return Decimal(digits_of(node))
        raise self.refuse(node, "not a number", instead)

    def day(self, node: exp.Expr) -> date:
        """DATE '2024-01-31', which sqlglot reads as a cast; written casts never get here."""
        instead = "write DATE '2024-01-31'"
        if not isinstance(node, exp.Cast) or not node.this.is_string:
            raise self.refuse(node, "not a date", instead)
        try:
            if _ISO_DATE.fullmatch(str(node.this.this)):
                return date.fromisoformat(str(node.this.this))
        except ValueError:
            pass
        raise self.refuse(node, "a date that does not exist or has another form", instead, SYNTAX)

    def _number(self, node: exp.Expr, digits: str) -> Literal:
        if "." in digits:
            return Decimal(digits)
        if int(digits) not in words.INTEGERS:
            raise self.refuse(node, "a whole number of more than 64 bits", "write it with a point: 1.0")
        return int(digits)


def digits_of(node: exp.Expr) -> str:
    """The digits of a number literal, with its sign."""
    return f"-{node.this.this}" if isinstance(node, exp.Neg) else str(node.this)
