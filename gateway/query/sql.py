"""SQL text -> Query: a small documented subset, walked node by node from sqlglot's tree.

Law: what is not named here is refused, with line, column and what to write instead. A message is made of
our own words and the caller's own names, never of literals or of sqlglot's messages. Any failure of the
parser is an InvalidQuery. Imports: domain words, errors, sqlglot, and the rest of this room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.parser import Parser
from sqlglot.tokenizer_core import TokenType

from gateway.domain.query import (
    Measure,
    MeasureKind,
    Predicate,
    Query,
)
from gateway.query import words
from gateway.query.conditions import CONDITIONS, Conditions
from gateway.query.tokens import SYNTAX, UNSUPPORTED, Screened, fault, place, screen

_SHAPE = "SELECT keys, measures FROM dataset WHERE ... GROUP BY keys"
_MEASURES = "the measures are COUNT(DISTINCT patient), COUNT(*), SUM(column) and AVG(column)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A query as read from SQL text. Lines and columns count from 1.

    `positions` is the first mention of each dataset and column. `patient_columns` lists what was written
    inside COUNT(DISTINCT ...), with its line and column: whoever knows the dataset checks that each is
    its patient column or the word `patient`.
    """

    query: Query
    positions: Mapping[str, tuple[int, int]]
    patient_columns: tuple[tuple[str, int, int], ...]


def parse_query(text: str) -> Parsed:
    """Read one question. Keys of the answer come in the order of SELECT, before the measures.

    Raises InvalidQuery with reason SQL_SYNTAX, SQL_UNSUPPORTED, SQL_TOO_LARGE or SQL_TOO_DEEP, and one
    positioned violation.
    """
    screened = screen(text)
    if screened.tokens[0].token_type != TokenType.SELECT:
        start = screened.tokens[0].start
        raise fault(UNSUPPORTED, text, start, "a text that does not begin with SELECT", _SHAPE)
    walk = _Question(screened)
    query = walk.query(_tree(screened, exp.Select))
    return Parsed(query=query, positions=walk.positions, patient_columns=tuple(walk.patient_columns))


def parse_predicate(text: str) -> Predicate:
    """Read one condition, as it stands after WHERE. Raises as `parse_query` does."""
    screened = screen(text)
    if screened.options:
        raise fault(UNSUPPORTED, text, 0, "an OPTION clause in a condition", CONDITIONS)
    return Conditions(screened).where(_tree(screened, exp.Condition))


def _tree(screened: Screened, form: type[exp.Expr]) -> exp.Expr:
    tokens, start = list(screened.tokens), 0
    try:
        trees = Parser().parse_into(form, tokens, screened.text)
    except ParseError as error:
        at = {(token.line, token.col): token.start for token in tokens}
        first = error.errors[0] if error.errors else {}
        start = at.get((first.get("line", 0), first.get("col", 0)), 0)
    except Exception:  # RecursionError included: whatever the parser meets, the caller gets our words
        start = 0
    else:
        if len(trees) == 1 and trees[0] is not None:
            return trees[0]
    raise fault(SYNTAX, screened.text, start, "the text cannot be read as SQL here", _SHAPE) from None


class _Question(Conditions):
    """Reads a whole question."""

    def __init__(self, screened: Screened) -> None:
        super().__init__(screened)
        self.patient_columns: list[tuple[str, int, int]] = []
        self._options = screened.options

    def query(self, select: exp.Expr) -> Query:
        if select.args.get("joins"):
            raise self.refuse(select.args["joins"][0], "a join", "ask one dataset at a time")
        self.only(select, "expressions", "from_", "where", "group", instead=_SHAPE)
        keys, measures = self._select_list(select)
        source = select.args.get("from_")
        if source is None:
            raise self.refuse(select, "a question without FROM", _SHAPE)
        dataset = self._dataset(source)
        where = select.args.get("where")
        predicate = None if where is None else self.where(where.this)
        self._check_group_by(select, keys)
        options = self._options
        return Query(
            dataset=dataset,
            measures=measures,
            where=predicate,
            group_by=tuple(keys),
            max_groups=options.get("max_groups"),
            max_rows=options.get("max_rows"),
        )

    def _select_list(self, select: exp.Expr) -> tuple[list[str], tuple[Measure, ...]]:
        keys: list[str] = []
        named: list[tuple[exp.Expr, MeasureKind, str | None, str]] = []
        for item in select.expressions:
            if isinstance(item, exp.Column):
                keys.append(self.column(item, "only columns and measures can be selected"))
            else:
                named.append((item, *self._measure(item)))
        if not named:
            raise self.refuse(select, "a question without a measure", _MEASURES)
        if len(named) > words.MAX_MEASURES:
            raise self.refuse(
                named[-1][0], f"more than {words.MAX_MEASURES} measures", "ask several questions"
            )
        if len(keys) > words.MAX_KEYS:
            raise self.refuse(
                select, f"more than {words.MAX_KEYS} grouping columns", "group by fewer columns"
            )
        taken = set(keys)
        for item, _, _, name in named:
            if name and name in taken:
                raise self.refuse(
                    item, f"a second column named {name} in the answer", "name it apart with AS"
                )
            taken.add(name)
        measures = []
        for _, kind, column, name in named:
            title = name or _free_name(kind, column, taken)
            taken.add(title)
            measures.append(Measure(kind=kind, name=title, column=column))
        return keys, tuple(measures)

    def _measure(self, item: exp.Expr) -> tuple[MeasureKind, str | None, str]:
        """Kind, column, and the name given with AS (empty: none)."""
        name, call = "", item
        if isinstance(item, exp.Alias):
            self.only(item, "this", "alias", instead=_MEASURES)
            name, call = self.identifier(item.args["alias"], _MEASURES)[0], item.this
        match call:
            case exp.Count(this=exp.Star() as star):
                self.only(star, instead=_MEASURES)
                self.only(call, "this", "big_int", instead=_MEASURES)
                return MeasureKind.COUNT_ROWS, None, name
            case exp.Count(this=exp.Distinct(expressions=[exp.Column() as column]) as distinct):
                self.only(distinct, "expressions", instead=_MEASURES)
                self.only(call, "this", "big_int", instead=_MEASURES)
                patient, start = self.identifier(column.this, _MEASURES)
                self.patient_columns.append((patient, *place(self.text, start)))
                return MeasureKind.COUNT_PATIENTS, None, name
            case exp.Sum(this=exp.Column() as column) | exp.Avg(this=exp.Column() as column):
                self.only(call, "this", instead=_MEASURES)
                kind = MeasureKind.SUM if isinstance(call, exp.Sum) else MeasureKind.MEAN
                return kind, self.column(column, _MEASURES), name
            case exp.Star():
                raise self.refuse(call, "SELECT *", _SHAPE)
        raise self.refuse(call, "neither a column nor a measure", _MEASURES)

    def _dataset(self, source: exp.Expr) -> str:
        table = source.this
        if not isinstance(table, exp.Table):
            raise self.refuse(source, "a source that is not one dataset", "write FROM dataset")
        self.only(table, "this", instead="write the dataset's name alone: FROM dataset")
        return self.mention(table.this, "write the dataset's name alone: FROM dataset")

    def _check_group_by(self, select: exp.Expr, keys: list[str]) -> None:
        advice = "select exactly the columns of GROUP BY, beside the measures"
        group = select.args.get("group")
        grouped: list[str] = []
        for item in group.expressions if group is not None else []:
            grouped.append(self.column(item, "group by plain columns"))
            if grouped[-1] not in keys:
                raise self.refuse(item, f"{grouped[-1]} is grouped but not selected", advice)
        if group is not None:
            self.only(group, "expressions", instead="write GROUP BY column, column")
        for item in select.expressions:
            if isinstance(item, exp.Column) and self.column(item, advice) not in grouped:
                raise self.refuse(item, f"{self.column(item, advice)} is selected but not grouped", advice)
        if len(set(keys)) < len(keys) or len(set(grouped)) < len(grouped):
            raise self.refuse(select, "a column that is named twice", advice)


def _free_name(kind: MeasureKind, column: str | None, taken: set[str]) -> str:
    """`patients`, `rows`, `sum_<column>`, `mean_<column>`; then with _2, _3 ..."""
    base = {MeasureKind.COUNT_PATIENTS: "patients", MeasureKind.COUNT_ROWS: "rows"}.get(
        kind, f"{kind}_{column}"
    )
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name
