"""What every part of the walk over sqlglot's tree shares: names, their places, and refusals.

Law: a name is only what the guards made a placeholder for; a node may carry only the parts that its
reader names. Imports: errors, sqlglot, and this room's tokens.
"""

from __future__ import annotations

from sqlglot import exp

from gateway.errors import InvalidQuery
from gateway.query.tokens import UNSUPPORTED, Screened, fault, place


class Reading:
    """One pass over one tree. `positions` is where each dataset and column was first mentioned."""

    def __init__(self, screened: Screened) -> None:
        self.text = screened.text
        self.positions: dict[str, tuple[int, int]] = {}
        self._names = screened.names
        self._last = 0  # where the last name was; stands in for nodes that know no place of their own

    def column(self, node: exp.Expr, instead: str) -> str:
        if not isinstance(node, exp.Column):
            raise self.refuse(node, "not a plain column", instead)
        self.only(node, "this", instead=instead)
        return self.mention(node.this, instead)

    def mention(self, node: exp.Expr, instead: str) -> str:
        name, start = self.identifier(node, instead)
        self.positions.setdefault(name, place(self.text, start))
        return name

    def identifier(self, node: exp.Expr, instead: str) -> tuple[str, int]:
        name = self._names.get(str(node.this)) if isinstance(node, exp.Identifier) else None
        if name is None:
            raise self.refuse(node, "not a plain name", instead)
        self._last = name.start
        return name.text, name.start

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
