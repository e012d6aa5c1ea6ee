"""Agreement files -> agreements, checked against the catalogue and the parties they speak of.

Law: a name that means nothing is a fault, in a grant and above all in a prohibition, which would protect
nothing. A column can be granted only in a role that its type allows.
Budgets and predicates come ready from the compiler, where this law meets those of privacy and query.
May import: domain words, yamlio, policy models, load and faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gateway.domain.agreement import (
    Agreement,
    AgreementStatus,
    Grant,
    Limits,
    PrivacyTerms,
    Prohibition,
)
from gateway.domain.catalog import AGE, Column, ColumnType, Dataset
from gateway.domain.query import Predicate
from gateway.policy.faults import Faults, closest
from gateway.policy.load import Loaded, Source
from gateway.policy.models import AgreementFile, GrantModel, ProhibitionModel
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


def agreement_words(
    source: AgreementSource,
    *,
    privacy: PrivacyTerms,
    datasets: Mapping[str, Dataset],
    read_predicate: ReadPredicate,
) -> Agreement:
    """One agreement as it will serve. Grants of datasets that do not exist are left out."""
    model = source.model
    return Agreement(
        id=model.agreement,
        version=model.version,
        title=model.title,
        status=model.status,
        provider=model.provider,
        recipients=frozenset(model.recipients),
        purposes=frozenset(str(purpose) for purpose in model.purposes),
        legal_basis={"basis": model.legal_basis.basis, "reference": model.legal_basis.reference},
        valid_from=model.valid.first,
        valid_until=model.valid.until,
        review_by=model.valid.review_by,
        grants=tuple(
            _grant(source, i, grant, datasets[grant.dataset], read_predicate)
            for i, grant in enumerate(model.grants)
            if grant.dataset in datasets
        ),
        prohibitions=tuple(_prohibition(rule) for rule in model.prohibitions),
        obligations=tuple(model.obligations),
        privacy=privacy,
        limits=Limits(
            requests_per_minute=model.limits.requests_per_minute, concurrent=model.limits.concurrent
        ),
        digest=source.digest,
    )


def check_agreement(
    source: AgreementSource, *, site: str, loaded: Loaded, datasets: Mapping[str, Dataset], faults: Faults
) -> None:
    """Every check of one agreement against everything else; what is wrong goes to `faults`."""
    document, model = source.document, source.model
    if model.provider != site:
        faults.at(document, ("provider",), f"the provider must be this site, '{site}'")
    if model.valid.first > model.valid.until:
        faults.at(document, ("valid", "until"), "must not be before 'from'")
    _check_recipients(source, loaded, faults)
    _check_repeats(source, ("purposes",), [str(purpose) for purpose in model.purposes], faults)
    names: list[str] = []
    for i, grant in enumerate(model.grants):
        if grant.name in names:
            faults.at(document, ("grants", i, "name"), f"two grants are named '{grant.name}'")
        names.append(grant.name)
        _check_grant(source, ("grants", i), grant, loaded, datasets, faults)
    for i, rule in enumerate(model.prohibitions):
        _check_prohibition(source, ("prohibitions", i), rule, loaded, datasets, faults)


def _grant(
    source: AgreementSource, i: int, model: GrantModel, dataset: Dataset, read_predicate: ReadPredicate
) -> Grant:
    def predicate(field: str, text: str | None) -> Predicate | None:
        return None if text is None else read_predicate(source, ("grants", i, field), text, dataset)

    return Grant(
        name=model.name,
        operation=model.operation,
        dataset=model.dataset,
        filter_columns=frozenset(model.columns.filter),
        group_columns=frozenset(model.columns.group),
        measure_columns=frozenset(model.columns.measure),
        measures=frozenset(model.measures),
        row_filter=predicate("where", model.where),
        consent=predicate("consent", model.consent),
        roles=frozenset(model.roles),
    )


def _prohibition(model: ProhibitionModel) -> Prohibition:
    return Prohibition(
        reason=model.reason,
        parties=frozenset(model.parties),
        purposes=frozenset(str(purpose) for purpose in model.purposes),
        datasets=frozenset(model.datasets),
        columns=frozenset(model.columns),
        measures=frozenset(model.measures),
    )


def _check_recipients(source: AgreementSource, loaded: Loaded, faults: Faults) -> None:
    """A draft may name parties that are not enrolled yet."""
    model = source.model
    _check_repeats(source, ("recipients",), model.recipients, faults)
    if model.status is not AgreementStatus.ACTIVE:
        return
    for i, name in enumerate(model.recipients):
        if not loaded.known("party", name):
            faults.at(
                source.document,
                ("recipients", i),
                f"there is no party '{name[:60]}'",
                closest(name, loaded.names.get("party", ())) or "enrol it first, or set the status to draft",
            )


def _check_repeats(source: AgreementSource, path: Path, values: list[str], faults: Faults) -> None:
    for i, value in enumerate(values):
        if value in values[:i]:
            faults.at(source.document, (*path, i), f"'{value[:60]}' is written twice", "keep one of them")


def _check_grant(
    source: AgreementSource,
    path: Path,
    grant: GrantModel,
    loaded: Loaded,
    datasets: Mapping[str, Dataset],
    faults: Faults,
) -> None:
    dataset = datasets.get(grant.dataset)
    if dataset is None:
        _unknown_dataset(source, (*path, "dataset"), grant.dataset, loaded, faults)
        return
    uses = (
        ("filter", grant.columns.filter),
        ("group", grant.columns.group),
        ("measure", grant.columns.measure),
    )
    for use, columns in uses:
        _check_repeats(source, (*path, "columns", use), columns, faults)
        for i, name in enumerate(columns):
            _check_column(source, (*path, "columns", use, i), use, name, dataset, faults)


def _check_column(
    source: AgreementSource, path: Path, use: str, name: str, dataset: Dataset, faults: Faults
) -> None:
    column = dataset.columns.get(name)
    if column is None and use != "measure" and _is_age(name, dataset):
        return
    if column is None:
        fitting = [c.name for c in dataset.columns.values() if not _unfit(use, c)]
        faults.at(
            source.document,
            path,
            f"dataset '{dataset.name}' has no column '{name[:60]}'",
            closest(name, fitting),
        )
    elif problem := _unfit(use, column):
        faults.at(source.document, path, f"column '{name}' {problem}")


def _is_age(name: str, dataset: Dataset) -> bool:
    """Ages can be granted without the birth date that they are counted from."""
    population = dataset.population
    return name == AGE and dataset.name == population.patients and bool(population.birth_date)


def _unfit(use: str, column: Column) -> str:
    """Why a column cannot be used in a role; empty where it can."""
    if column.type is ColumnType.IDENTIFIER:
        return "is an identifier and can never be used in a question"
    if column.type is ColumnType.TEXT:
        return "is free text and can never be used in a question"
    if use == "group" and column.type not in GROUPABLE and column.categories is None:
        return f"is of type {column.type} without declared categories, so it cannot be grouped by"
    if use == "measure" and column.bounds is None and column.bounds_by is None:
        return "has no declared bounds, so it cannot be summed or averaged"
    return ""


def _check_prohibition(
    source: AgreementSource,
    path: Path,
    rule: ProhibitionModel,
    loaded: Loaded,
    datasets: Mapping[str, Dataset],
    faults: Faults,
) -> None:
    document = source.document
    if not (rule.parties or rule.purposes or rule.datasets or rule.columns or rule.measures):
        faults.at(
            document,
            path,
            "a prohibition must say what it prohibits",
            "to stop everything set the status to suspended",
        )
    for i, name in enumerate(rule.parties):
        if name not in source.model.recipients:
            suggestion = closest(name, source.model.recipients)
            faults.at(document, (*path, "parties", i), f"'{name[:60]}' is not a recipient", suggestion)
    for i, name in enumerate(rule.datasets):
        if name not in datasets:
            _unknown_dataset(source, (*path, "datasets", i), name, loaded, faults)
    reached = set(rule.datasets) or {grant.dataset for grant in source.model.grants}
    if reached <= set(datasets):
        _check_prohibited_columns(source, path, rule, [datasets[name] for name in sorted(reached)], faults)


def _check_prohibited_columns(
    source: AgreementSource, path: Path, rule: ProhibitionModel, reached: Iterable[Dataset], faults: Faults
) -> None:
    columns = {name for dataset in reached for name in dataset.columns}
    columns |= {AGE for dataset in reached if _is_age(AGE, dataset)}
    for i, name in enumerate(rule.columns):
        if name not in columns:
            faults.at(
                source.document,
                (*path, "columns", i),
                f"no dataset that this prohibition reaches has a column '{name[:60]}'",
                closest(name, columns),
            )


def _unknown_dataset(source: AgreementSource, path: Path, name: str, loaded: Loaded, faults: Faults) -> None:
    """Silent where the dataset's own file has a fault: that is already reported."""
    if not loaded.known("dataset", name):
        suggestion = closest(name, loaded.names.get("dataset", ()))
        faults.at(source.document, path, f"there is no dataset '{name[:60]}'", suggestion)
