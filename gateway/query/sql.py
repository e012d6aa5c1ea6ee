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

from gateway.domain.limits import MAX_KEYS, MAX_MEASURES
from gateway.domain.query import Grouping, Measure, Predicate, Query, grouping_name
from gateway.domain.titles import titled
from gateway.query import words
from gateway.query.conditions import CONDITIONS
from gateway.query.faults import SYNTAX, UNSUPPORTED, fault
from gateway.query.keys import MEASURES, Keys
from gateway.query.reading import PatientColumn, called
from gateway.query.tokens import Screened, screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A query as read from SQL text. Lines and columns count from 1.

    `positions` is the first mention of each dataset and column; attributes and ages are under
    `patient.<column>` and `patient.age`. `patient_columns` lists what was written where only the patient
    column of a dataset may stand, in COUNT(DISTINCT ...) and on both sides of a cohort: whoever knows the
    datasets checks that each is the patient column of its dataset, or the word `patient`.
    """

    query: Query
    positions: Mapping[str, tuple[int, int]]
    patient_columns: tuple[PatientColumn, ...]


def parse_query(text: str) -> Parsed:
    """Read one question. Keys of the answer come in the order of SELECT, before the measures.

    Raises InvalidQuery with reason SQL_SYNTAX, SQL_UNSUPPORTED, SQL_TOO_LARGE or SQL_TOO_DEEP, and one
    positioned violation.
    """
    screened = screen(text)
    if screened.tokens[0].token_type != TokenType.SELECT:
        start = screened.tokens[0].start
        raise fault(UNSUPPORTED, text, start, "a text that does not begin with SELECT", words.SHAPE)
    walk = _Question(screened)
    query = walk.query(_tree(screened, exp.Select), screened.options)
    return Parsed(query=query, positions=walk.positions, patient_columns=tuple(walk.patient_columns))


def parse_predicate(text: str, dataset: str = "") -> Predicate:
    """Read one condition, as it stands after WHERE. Raises as `parse_query` does.

    `dataset` is the one whose rows it is about: a window of a cohort names it before the point.
    """
    return parse_condition(text, dataset).condition


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedCondition:
    """A condition as read from SQL text; `positions` and `patient_columns` as those of `Parsed`."""

    condition: Predicate
    positions: Mapping[str, tuple[int, int]]
    patient_columns: tuple[PatientColumn, ...]


def parse_condition(text: str, dataset: str) -> ParsedCondition:
    """Read one condition with the patient columns in it. Raises as `parse_query` does."""
    screened = screen(text)
    if screened.options:
        raise fault(UNSUPPORTED, text, 0, "an OPTION clause in a condition", CONDITIONS)
    walk = _Question(screened, dataset)
    condition = walk.condition(_tree(screened, exp.Condition))
    return ParsedCondition(
        condition=condition, positions=walk.positions, patient_columns=tuple(walk.patient_columns)
    )


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
    raise fault(SYNTAX, screened.text, start, "the text cannot be read as SQL here", words.SHAPE) from None


class _Question(Keys):
    """Reads a whole question."""

    def query(self, select: exp.Expr, options: Mapping[str, int]) -> Query:
        if select.args.get("joins"):
            raise self.refuse(select.args["joins"][0], *words.JOIN)
        self.only(select, "expressions", "from_", "where", "group", instead=words.SHAPE)
        self.datasets = [self.source(select.args.get("from_"), select, words.SHAPE)]
        where = select.args.get("where")
        self.where = None if where is None else self.condition(where.this)
        group_by, measures = self._select_list(select)
        return Query(
            dataset=self.datasets[0],
            measures=measures,
            where=self.where,
            group_by=group_by,
            max_groups=options.get("max_groups"),
            max_rows=options.get("max_rows"),
        )

    def _select_list(self, select: exp.Expr) -> tuple[tuple[Grouping, ...], tuple[Measure, ...]]:
        keys: dict[int, Grouping] = {}
        measures: dict[int, Measure] = {}
        for place, item in enumerate(select.expressions):
            call, name = self._named(item)
            if isinstance(call, exp.Column) or called(call, "BAND", "DATE_TRUNC") is not None:
                keys[place] = self.key(call, name)
            else:
                measures[place] = self.measure(call, name)
        if not measures:
            raise self.refuse(select, "a question without a measure", MEASURES)
        if len(measures) > MAX_MEASURES:
            last = select.expressions[max(measures)]
            raise self.refuse(last, f"more than {MAX_MEASURES} measures", "ask several questions")
        if len(keys) > MAX_KEYS:
            raise self.refuse(select, f"more than {MAX_KEYS} grouping columns", "group by fewer columns")
        self._check_titles(select, keys, measures)
        group_by, figures = titled(keys.values(), measures.values())
        self.check_grouped(select, dict(zip(keys, group_by, strict=True)))
        return group_by, figures

    def _named(self, item: exp.Expr) -> tuple[exp.Expr, str]:
        """What is selected, and the name given with AS (empty: none)."""
        if not isinstance(item, exp.Alias):
            return item, ""
        self.only(item, "this", "alias", instead=MEASURES)
        return item.this, self.plain(item.args["alias"], MEASURES).text

    def _check_titles(
        self, select: exp.Expr, keys: Mapping[int, Grouping], measures: Mapping[int, Measure]
    ) -> None:
        taken: set[str] = set()
        titles = [(place, grouping_name(key)) for place, key in keys.items()]
        for place, title in titles + [(place, measure.name) for place, measure in measures.items()]:
            if title and title in taken:
                item = select.expressions[place]
                what = f"a second column named {title} in the answer"
                raise self.refuse(item, what, "name it apart with AS")
            taken.add(title)
