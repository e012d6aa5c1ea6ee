"""Agreement files -> agreements, checked against the catalogue and the parties they speak of.

Law: a name that means nothing is a fault, in a grant and above all in a prohibition, which would protect
nothing.
Budgets and predicates come ready from the compiler, where this law meets those of privacy and query.
May import: domain words, yamlio, policy models, load, grants and faults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.domain.agreement import (
    Agreement,
    AgreementStatus,
    Limits,
    PrivacyTerms,
    Prohibition,
)
from gateway.domain.catalog import AGE, Dataset
from gateway.domain.deid import Profile
from gateway.policy.agreement_models import ProhibitionModel
from gateway.policy.faults import Faults, closest
from gateway.policy.grants import (
    AgreementSource,
    GrantCheck,
    ReadPredicate,
    check_repeats,
    grant_word,
    is_age,
    text_grants,
    unknown_dataset,
)
from gateway.policy.load import Loaded
from gateway.yamlio import Path


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
            grant_word(source, i, grant, datasets[grant.dataset], read_predicate)
            for i, grant in enumerate(model.grants)
            if grant.dataset is not None and grant.dataset in datasets
        ),
        text_grants=tuple(text_grants(model)),
        prohibitions=tuple(_prohibition(rule) for rule in model.prohibitions),
        obligations=tuple(model.obligations),
        privacy=privacy,
        limits=Limits(
            requests_per_minute=model.limits.requests_per_minute, concurrent=model.limits.concurrent
        ),
        digest=source.digest,
    )


def check_agreement(
    source: AgreementSource,
    *,
    site: str,
    loaded: Loaded,
    datasets: Mapping[str, Dataset],
    profiles: Mapping[str, Profile],
    faults: Faults,
) -> None:
    """Every check of one agreement against everything else; what is wrong goes to `faults`."""
    document, model = source.document, source.model
    if model.provider != site:
        faults.at(document, ("provider",), f"the provider must be this site, '{site}'")
    if model.valid.first > model.valid.until:
        faults.at(document, ("valid", "until"), "must not be before 'from'")
    _check_recipients(source, loaded, faults)
    check_repeats(source, ("purposes",), [str(purpose) for purpose in model.purposes], faults)
    grants = GrantCheck(source=source, loaded=loaded, datasets=datasets, profiles=profiles, faults=faults)
    names: list[str] = []
    for i, grant in enumerate(model.grants):
        if grant.name in names:
            faults.at(document, ("grants", i, "name"), f"two grants are named '{grant.name}'")
        names.append(grant.name)
        grants.check(i, grant)
    for i, rule in enumerate(model.prohibitions):
        _check_prohibition(source, ("prohibitions", i), rule, loaded, datasets, faults)


def _prohibition(model: ProhibitionModel) -> Prohibition:
    return Prohibition(
        reason=model.reason,
        parties=frozenset(model.parties),
        purposes=frozenset(str(purpose) for purpose in model.purposes),
        datasets=frozenset(model.datasets),
        columns=frozenset(model.columns),
        measures=frozenset(model.measures),
        operations=frozenset(model.operations),
    )


def _check_recipients(source: AgreementSource, loaded: Loaded, faults: Faults) -> None:
    """A draft may name parties that are not enrolled yet."""
    model = source.model
    check_repeats(source, ("recipients",), model.recipients, faults)
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


def _check_prohibition(
    source: AgreementSource,
    path: Path,
    rule: ProhibitionModel,
    loaded: Loaded,
    datasets: Mapping[str, Dataset],
    faults: Faults,
) -> None:
    document = source.document
    said = (rule.parties, rule.purposes, rule.datasets, rule.columns, rule.measures, rule.operations)
    if not any(said):
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
            unknown_dataset(source, (*path, "datasets", i), name, loaded, faults)
    reached = set(rule.datasets) or {g.dataset for g in source.model.grants if g.dataset}
    if reached <= set(datasets):
        _check_prohibited_columns(source, path, rule, [datasets[name] for name in sorted(reached)], faults)


def _check_prohibited_columns(
    source: AgreementSource, path: Path, rule: ProhibitionModel, reached: Iterable[Dataset], faults: Faults
) -> None:
    columns = {name for dataset in reached for name in dataset.columns}
    columns |= {AGE for dataset in reached if is_age(AGE, dataset)}
    for i, name in enumerate(rule.columns):
        if name not in columns:
            faults.at(
                source.document,
                (*path, "columns", i),
                f"no dataset that this prohibition reaches has a column '{name[:60]}'",
                closest(name, columns),
            )
