"""Time windows of cohorts: comparisons of a cohort's date with one of the row asked about -> Window.

Law: a window stands in a cohort's WHERE, joined with AND, and each of its ends once.
Imports: domain words, sqlglot, and this room's names and values.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from gateway.domain.limits import MAX_DAYS
from gateway.domain.query import Window
from gateway.query.names import Name
from gateway.query.values import Values

WINDOWS = "write column BETWEEN dataset.column - INTERVAL '365' DAY AND dataset.column in a cohort's WHERE"
# The days that a comparison adds to its end, and whether that end is the first.
_ENDS: dict[type[exp.Expr], tuple[int, bool]] = {
    exp.GTE: (0, True),
    exp.GT: (1, True),
    exp.LTE: (0, False),
    exp.LT: (-1, False),
}
_FLIPPED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GTE: exp.LTE,
    exp.GT: exp.LT,
    exp.LTE: exp.GTE,
    exp.LT: exp.GT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    column: str
    anchor: str
    days: int
    first: bool
    node: exp.Expr


class Windows(Values):
    """Reads windows."""

    def ends(self, node: exp.Expr) -> list[_End]:
        """The ends of a window that one part of a WHERE gives; none, where it is a condition like others."""
        match node:
            case exp.Between(this=exp.Column() as own, args={"low": low, "high": high}) if self._anchored(
                low
            ) or self._anchored(high):
                self.only(node, "this", "low", "high", instead=WINDOWS)
                return [self._end(own, low, exp.GTE), self._end(own, high, exp.LTE)]
            case exp.Binary(this=exp.Column() as left, expression=exp.Column() as right) if type(
                node
            ) in _ENDS and self._anchored(left) is not self._anchored(right):
                if self._anchored(left):
                    return [self._end(right, left, _FLIPPED[type(node)])]
                return [self._end(left, right, type(node))]
        return []

    def window(self, ends: list[_End]) -> Window | None:
        """The window of all the ends found. Raises where they do not make one."""
        if not ends:
            return None
        firsts = [end for end in ends if end.first]
        lasts = [end for end in ends if not end.first]
        dates = {(end.column, end.anchor) for end in ends}
        if len(firsts) > 1 or len(lasts) > 1 or len(dates) > 1:
            raise self.refuse(
                ends[-1].node, "a second window in one cohort", "give each end once, of one column"
            )
        first = firsts[0].days if firsts else None
        last = lasts[0].days if lasts else None
        if first is not None and last is not None and first > last:
            raise self.refuse(ends[-1].node, "a window that ends before it begins", WINDOWS)
        return Window(column=ends[0].column, anchor=ends[0].anchor, first=first, last=last)

    def _anchored(self, node: exp.Expr) -> bool:
        return isinstance(node, exp.Column) and bool(self.identifier(node.this, WINDOWS).of)

    def _end(self, own: exp.Column, anchor: exp.Expr, comparison: type[exp.Expr]) -> _End:
        if not isinstance(anchor, exp.Column):
            raise self.refuse(anchor, "a window with an end that is no date of the row asked about", WINDOWS)
        self.only(anchor, "this", instead=WINDOWS)
        name = self.identifier(anchor.this, WINDOWS)
        self._check_anchor(anchor, name)
        added, first = _ENDS[comparison]
        days = name.days + added
        if abs(days) > MAX_DAYS:
            raise self.refuse(anchor, f"more than {MAX_DAYS:,} days", "leave that end of the window open")
        self.mentioned(name.text, name.start)
        return _End(column=self.column(own, WINDOWS), anchor=name.text, days=days, first=first, node=anchor)

    def _check_anchor(self, node: exp.Expr, name: Name) -> None:
        around = self.datasets[-2] if len(self.datasets) > 1 else ""
        if not name.of or name.of != around:
            advice = f"write {around}.{name.text}" if around else WINDOWS
            raise self.refuse(node, "a date that is not of the dataset around the cohort", advice)
