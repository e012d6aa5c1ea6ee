"""What every part of the walk over sqlglot's tree shares: names, their places, and refusals.

Law: a name is only what the guards made a placeholder for; a node may carry only the parts that its
reader names. Imports: errors, sqlglot, and this room's faults, names and tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from gateway.errors import InvalidQuery
from gateway.query.faults import UNSUPPORTED, fault, place
from gateway.query.names import Name
from gateway.query.tokens import Screened


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientColumn:
    """A name that stands where only a dataset's patient column, or the word `patient`, may stand.

    Lines and columns count from 1.
    """

    name: str
    dataset: str
    line: int
    column: int


class Reading:
    """One pass over one tree. `positions` is where each dataset and column was first mentioned.

    `datasets` are those asked at the place of the walk, outermost first: a cohort's stands last.
    """

    def __init__(self, screened: Screened, dataset: str = "") -> None:
        self.text = screened.text
        self.positions: dict[str, tuple[int, int]] = {}
        self.patient_columns: list[PatientColumn] = []
        self.datasets = [dataset]
        self._names = screened.names
        self._last = 0  # where the last name was; stands in for nodes that know no place of their own

    def column(self, node: exp.Expr, instead: str) -> str:
        if not isinstance(node, exp.Column):
            raise self.refuse(node, "not a plain column", instead)
        self.only(node, "this", instead=instead)
        return self.mention(node.this, instead)

    def mention(self, node: exp.Expr, instead: str) -> str:
        name = self.plain(node, instead)
        self.mentioned(name.text, name.start)
        return name.text

    def mentioned(self, title: str, start: int) -> None:
        here = place(self.text, start)
        self.positions[title] = min(here, self.positions.get(title, here))

    def plain(self, node: exp.Expr, instead: str) -> Name:
        """A name without a qualifier."""
        name = self.identifier(node, instead)
        if name.of:
            raise self.refuse(node, "a qualified name here", instead)
        return name

    def identifier(self, node: exp.Expr, instead: str) -> Name:
        name = self._names.get(str(node.this)) if isinstance(node, exp.Identifier) else None
        if name is None:
            raise self.refuse(node, "not a plain name", instead)
        self._last = name.start
        return name

    def patient(self, node: exp.Expr, dataset: str, instead: str) -> None:
        """Note what stands in a patient column's place; whoever knows the dataset checks it."""
        if not isinstance(node, exp.Column):
            raise self.refuse(node, "not the patient column", instead)
        self.only(node, "this", instead=instead)
        name = self.plain(node.this, instead)
        line, column = place(self.text, name.start)
        self.patient_columns.append(PatientColumn(name=name.text, dataset=dataset, line=line, column=column))

    def source(self, source: exp.Expr | None, around: exp.Expr, instead: str) -> str:
        """The one dataset of a FROM."""
        if source is None:
            raise self.refuse(around, "a question without FROM", instead)
        if not isinstance(source.this, exp.Table):
            raise self.refuse(source, "a source that is not one dataset", "write FROM dataset")
        advice = "write the dataset's name alone: FROM dataset"
        self.only(source.this, "this", instead=advice)
        return self.mention(source.this.this, advice)

    def only(self, node: exp.Expr, *allowed: str, instead: str) -> None:
        """Refuse a node that carries anything besides the named parts."""
        for part, value in node.args.items():
            if value and part not in allowed:
                inner = value[0] if isinstance(value, list) else value
                culprit = inner if isinstance(inner, exp.Expr) else node
                raise self.refuse(culprit, "this part", instead)

    def refuse(self, node: exp.Expr, what: str, instead: str, reason: str = UNSUPPORTED) -> InvalidQuery:
        starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
        return fault(reason, self.text, min(starts, default=self._last), what, instead)


def called(node: exp.Expr, *functions: str) -> list[exp.Expr] | None:
    """The arguments of a call of one of our own functions; None for any other node."""
    if isinstance(node, exp.Anonymous) and node.this in [f"f_{name.lower()}" for name in functions]:
        return list(node.expressions)
    return None


def chain_of(node: exp.Expr) -> list[exp.Expr]:
    """The operands of a chain of AND or of OR, which sqlglot nests to the left; walked without recursion."""
    kind, operands = type(node), []
    while type(node) is kind:
        operands.append(node.expression)
        node = node.this
    return [node, *reversed(operands)]
