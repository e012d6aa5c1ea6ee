"""The grants of an agreement: each operation with the fields that it needs, and no others.

Law: a column can be granted only in a role that its type allows; what identifies patients is never granted
at all; text leaves only under a profile that exists.
May import: domain words, yamlio, policy models, load and faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gateway.domain.agreement import Grant, NotesTerms, Operation, TextGrant
from gateway.domain.catalog import AGE, Column, ColumnType, Dataset
from gateway.domain.deid import Profile
from gateway.domain.query import Predicate
from gateway.policy.agreement_models import AgreementFile, GrantColumns, GrantModel
from gateway.policy.faults import Faults, closest
from gateway.policy.load import Loaded, Source
from gateway.yamlio import Path

GROUPABLE = (
    ColumnType.CATEGORY,
    ColumnType.BOOLEAN,
    ColumnType.INTEGER,  # in bands
    ColumnType.NUMBER,
    ColumnType.DATE,  # by periods
)
AgreementSource = Source[AgreementFile]
ReadPredicate = Callable[[AgreementSource, Path, str, Dataset], Predicate | None]
"""Reads the text at a path as a predicate over a dataset; None where it is faulty."""

NO_COLUMNS = GrantColumns()
# The fields beside name, operation and roles: what each operation needs, and what it may have.
NEEDED: Mapping[Operation, tuple[str, ...]] = {
    Operation.AGGREGATE: ("dataset", "columns", "measures"),
    Operation.NOTES: ("dataset", "columns"),
    Operation.DEIDENTIFY: ("profile", "limits"),
}
ALLOWED: Mapping[Operation, tuple[str, ...]] = {
    Operation.AGGREGATE: ("where", "consent"),
    Operation.NOTES: ("where", "consent", "profile", "limits"),
    Operation.DEIDENTIFY: (),
}
FIELDS = ("dataset", "columns", "measures", "profile", "limits", "where", "consent")
ROLES: Mapping[Operation, tuple[str, ...]] = {
    Operation.AGGREGATE: ("filter", "group", "measure"),
    Operation.NOTES: ("filter", "context"),
    Operation.DEIDENTIFY: (),
}


def grant_word(
    source: AgreementSource, i: int, model: GrantModel, dataset: Dataset, read_predicate: ReadPredicate
) -> Grant:
    """One grant of a dataset as it will serve."""

    def predicate(field: str, text: str | None) -> Predicate | None:
        return None if text is None else read_predicate(source, ("grants", i, field), text, dataset)

    columns = model.columns or NO_COLUMNS
    return Grant(
        name=model.name,
        operation=model.operation,
        dataset=dataset.name,
        filter_columns=frozenset(columns.filter),
        group_columns=frozenset(columns.group),
        measure_columns=frozenset(columns.measure),
        measures=frozenset(model.measures or ()),
        row_filter=predicate("where", model.where),
        consent=predicate("consent", model.consent),
        roles=frozenset(model.roles),
        notes=_terms(model),
    )


def text_grants(model: AgreementFile) -> Iterator[TextGrant]:
    """The grants that concern the caller's own text; faulty ones are left out."""
    for grant in model.grants:
        if grant.operation is Operation.DEIDENTIFY and grant.profile and grant.limits:
            yield TextGrant(
                name=grant.name,
                profile=grant.profile,
                rows_per_day=grant.limits.rows_per_day,
                rows_per_minute=grant.limits.rows_per_minute,
                roles=frozenset(grant.roles),
            )


def _terms(model: GrantModel) -> NotesTerms | None:
    if model.operation is not Operation.NOTES or model.profile is None or model.limits is None:
        return None
    return NotesTerms(
        profile=model.profile,
        context_columns=frozenset(model.columns.context if model.columns else ()),
        rows_per_day=model.limits.rows_per_day,
        rows_per_minute=model.limits.rows_per_minute,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCheck:
    """Checks the grants of one agreement; what is wrong goes to `faults`."""

    source: AgreementSource
    loaded: Loaded
    datasets: Mapping[str, Dataset]
    profiles: Mapping[str, Profile]
    faults: Faults

    def check(self, i: int, grant: GrantModel) -> None:
        """Every check of one grant."""
        path: Path = ("grants", i)
        self._check_fields(path, grant)
        if grant.profile is not None and grant.profile not in self.profiles:
            self._unknown_profile((*path, "profile"), grant.profile)
        if grant.dataset is None or grant.operation is Operation.DEIDENTIFY:
            return
        dataset = self.datasets.get(grant.dataset)
        if dataset is None:
            unknown_dataset(self.source, (*path, "dataset"), grant.dataset, self.loaded, self.faults)
        elif dataset.identities:
            description = f"dataset '{dataset.name}' holds identities and can never be granted"
            self.faults.at(self.source.document, (*path, "dataset"), description)
        else:
            self._check_columns(path, grant, dataset)

    def _check_fields(self, path: Path, grant: GrantModel) -> None:
        operation, document = grant.operation, self.source.document
        needed = [*NEEDED[operation]]
        if operation is Operation.NOTES and grant.profile is not None:
            needed.append("limits")
        for field in FIELDS:
            present = getattr(grant, field) is not None
            if not present and field in needed:
                self.faults.at(document, path, f"the field '{field}' is missing")
            elif present and field not in NEEDED[operation] + ALLOWED[operation]:
                self.faults.at_key(document, (*path, field), f"a grant of {operation} has no {field}")
        if operation is Operation.NOTES and grant.profile is None and grant.limits is not None:
            description = "a grant without a profile lets no notes leave, and has no limits"
            self.faults.at_key(document, (*path, "limits"), description, "add a profile")

    def _check_columns(self, path: Path, grant: GrantModel, dataset: Dataset) -> None:
        columns = grant.columns or NO_COLUMNS
        if grant.profile is not None and dataset.notes is None:
            description = f"dataset '{dataset.name}' declares no notes"
            self.faults.at(self.source.document, (*path, "dataset"), description)
        if grant.profile is None and columns.context:
            description = "a grant without a profile lets no notes leave, and no context with them"
            self.faults.at_key(self.source.document, (*path, "columns", "context"), description)
        for use in ("filter", "group", "measure", "context"):
            names = getattr(columns, use)
            if names and use not in ROLES[grant.operation]:
                description = f"a grant of {grant.operation} has no {use} columns"
                self.faults.at_key(self.source.document, (*path, "columns", use), description)
                continue
            check_repeats(self.source, (*path, "columns", use), names, self.faults)
            for j, name in enumerate(names):
                self._check_column((*path, "columns", use, j), use, name, dataset)

    def _check_column(self, path: Path, use: str, name: str, dataset: Dataset) -> None:
        column = dataset.columns.get(name)
        if column is None and use in ("filter", "group") and is_age(name, dataset):
            return
        if column is None:
            fitting = [c.name for c in dataset.columns.values() if not _unfit(use, c)]
            description = f"dataset '{dataset.name}' has no column '{name[:60]}'"
            self.faults.at(self.source.document, path, description, closest(name, fitting))
        elif problem := _unfit(use, column):
            self.faults.at(self.source.document, path, f"column '{name}' {problem}")

    def _unknown_profile(self, path: Path, name: str) -> None:
        """Silent where the profile's own file has a fault: that is already reported."""
        if not self.loaded.known("profile", name):
            suggestion = closest(name, self.loaded.names.get("profile", set()) | set(self.profiles))
            self.faults.at(self.source.document, path, f"there is no profile '{name[:60]}'", suggestion)


def is_age(name: str, dataset: Dataset) -> bool:
    """Ages can be granted without the birth date that they are counted from."""
    population = dataset.population
    return name == AGE and dataset.name == population.patients and bool(population.birth_date)


def _unfit(use: str, column: Column) -> str:
    """Why a column cannot be used in a role; empty where it can."""
    if use == "context":
        return "is free text and never part of a note's context" if column.type is ColumnType.TEXT else ""
    if column.type is ColumnType.IDENTIFIER:
        return "is an identifier and can never be used in a question"
    if column.type is ColumnType.TEXT:
        return "is free text and can never be used in a question"
    if use == "group" and column.type not in GROUPABLE and column.categories is None:
        return f"is of type {column.type} without declared categories, so it cannot be grouped by"
    if use == "measure" and column.bounds is None and column.bounds_by is None:
        return "has no declared bounds, so it cannot be summed or averaged"
    return ""


def check_repeats(source: AgreementSource, path: Path, values: list[str], faults: Faults) -> None:
    """Each value of a list once."""
    for i, value in enumerate(values):
        if value in values[:i]:
            faults.at(source.document, (*path, i), f"'{value[:60]}' is written twice", "keep one of them")


def unknown_dataset(source: AgreementSource, path: Path, name: str, loaded: Loaded, faults: Faults) -> None:
    """Silent where the dataset's own file has a fault: that is already reported."""
    if not loaded.known("dataset", name):
        suggestion = closest(name, loaded.names.get("dataset", ()))
        faults.at(source.document, path, f"there is no dataset '{name[:60]}'", suggestion)
