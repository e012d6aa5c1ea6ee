"""A query in plain words, for a clinician.

Law: a function of the query and of public text only; nothing here can open a database.
Imports: domain words, and this room's phrases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.domain.query import (
    Age,
    Attribute,
    Band,
    Compare,
    DateUnit,
    Grouping,
    IsMissing,
    Measure,
    MeasureKind,
    OneOf,
    Predicate,
    Query,
    Reference,
    Truncated,
    parts_of,
)
from gateway.query.phrases import Titles, condition_words, inner_words, listed_words, reference_words


def explain(query: Query, dataset_title: str, titles: Mapping[str, str] | None = None) -> str:
    """The question in a few English sentences, and what its words mean.

    `dataset_title` is the catalogue's title of the dataset, `titles` those of the cohorts' datasets by name.
    """
    others = titles or {}
    measures = listed_words([_measure(measure, others) for measure in query.measures])
    sentences = [f"In “{dataset_title}”: {measures}{_groups(query)}."]
    if query.where is None:
        # With periods, what is said of them below says which rows count.
        if not any(isinstance(key, Truncated) for key in query.group_by):
            sentences.append("All rows count that the agreement lets be used.")
    else:
        sentences.append(f"Only rows count where {condition_words(query.where, others)}.")
    sentences += _meanings(query)
    if query.max_groups is not None:
        sentences.append(f"Each patient is counted in {_at_most(query.max_groups, 'group')}.")
    if query.max_rows is not None:
        sentences.append(f"Each patient counts with {_at_most(query.max_rows, 'row')} in each group.")
    return " ".join(sentences)


def _groups(query: Query) -> str:
    if not query.group_by:
        return ", over all rows together"
    each = "for each" if len(query.group_by) == 1 else "for each combination of"
    return f", {each} {listed_words([_key(key) for key in query.group_by])}"


def _key(key: Grouping) -> str:
    match key:
        case Attribute():
            return reference_words(key)
        case Band():
            edges = listed_words([format(edge, "f") for edge in key.edges])
            return f"{key.name} ({reference_words(key.of)}, cut at {edges})"
        case Truncated():
            of = reference_words(key.of)
            return f"{key.name} ({of} by {key.unit}, from {key.first.isoformat()} to {key.last.isoformat()})"
        case str():
            return key


def _measure(measure: Measure, titles: Titles) -> str:
    match measure.kind:
        case MeasureKind.COUNT_PATIENTS:
            return "the number of patients"
        case MeasureKind.COUNT_ROWS:
            return "the number of rows"
        case MeasureKind.SUM:
            return f"the sum of {measure.column}{_bounds(measure)}"
        case MeasureKind.MEAN:
            return f"the mean of {measure.column}{_bounds(measure)}"
        case MeasureKind.PROPORTION:
            return _proportion(measure, titles)


def _bounds(measure: Measure) -> str:
    if measure.bounds is None:
        return ""
    low, high = (format(bound, "f") for bound in measure.bounds)
    return f" (each value kept between {low} and {high})"


def _proportion(measure: Measure, titles: Titles) -> str:
    condition = "" if measure.condition is None else inner_words(measure.condition, titles)
    reducer = measure.reducer
    row = "some row" if reducer is None else f"the {reducer.kind} row by {reducer.by}"
    return f"the share of patients for whom {condition} in {row}"


def _meanings(query: Query) -> Iterator[str]:
    """What a reader may take otherwise than it is meant."""
    conditions = [query.where, *(measure.condition for measure in query.measures)]
    parts = [part for condition in conditions for part in parts_of(condition)]
    if any(isinstance(part, Compare | OneOf) for part in parts):
        yield "A row whose value is missing meets no comparison, not even “is not”."
    if any(isinstance(reference, Age) for reference in _references(query, parts)):
        yield "Ages are in completed years."
    if any(isinstance(key, Band) for key in query.group_by):
        yield "A value at an edge belongs to the group above it; missing values are a group of their own."
    periods = [key for key in query.group_by if isinstance(key, Truncated)]
    if periods:
        yield "Periods are whole ones; rows outside all of them, or without a date, do not count."
    if any(key.unit is DateUnit.WEEK for key in periods):
        yield "Weeks begin on Monday (ISO 8601)."
    if any(measure.kind is MeasureKind.PROPORTION for measure in query.measures):
        where = "in the group" if query.group_by else "that counts"
        yield f"A share is of the patients who have a row {where}."


def _references(query: Query, parts: list[Predicate]) -> Iterator[Reference]:
    for part in parts:
        if isinstance(part, Compare | OneOf | IsMissing):
            yield part.column
    for key in query.group_by:
        if isinstance(key, Band | Truncated):
            yield key.of


def _at_most(number: int, noun: str) -> str:
    return f"at most {number} {noun}{'' if number == 1 else 's'}"
