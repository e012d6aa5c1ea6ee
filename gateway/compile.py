"""Policy files -> the compiled set that serves. The joint of policy, privacy accounting and query.

Law: a pure, deterministic function of the files' bytes; a set with any fault does not compile, and every
fault is reported at once, positioned. Caps are converted to rho here, once.
May import: domain words, errors, lower, mapping, policy, privacy.accounting, query.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from gateway.domain.agreement import Agreement, Compiled, PopulationBudget, PrivacyTerms
from gateway.domain.catalog import Dataset, Population
from gateway.domain.deid import Profile
from gateway.domain.privacy import Budget, Period, PrivacyLoss
from gateway.domain.query import And, Compare, IsMissing, Not, OneOf, Or, Predicate, parts_of
from gateway.domain.release import Suppression
from gateway.errors import InvalidQuery
from gateway.lower.conditions import lower_predicate
from gateway.lower.scope import NOWHERE, Scope, check_patient_columns
from gateway.mapping import mapped
from gateway.policy.agreement_models import PrivacyModel
from gateway.policy.agreements import agreement_words, check_agreement
from gateway.policy.datasets import dataset_words, population_words
from gateway.policy.faults import Faults
from gateway.policy.grants import AgreementSource
from gateway.policy.load import Loaded, load
from gateway.policy.models import BudgetModel, LifetimeModel
from gateway.policy.parties import party_words
from gateway.policy.profiles import profile_words
from gateway.privacy.accounting import cap
from gateway.query.sql import parse_condition
from gateway.yamlio import Document, Path


def compile_policies(files: Mapping[str, bytes], *, site: str, generation: int) -> Compiled:
    """Compile policy files, given as bytes by path relative to the policies folder.

    Raises `PolicyInvalid` with every fault.
    """
    faults = Faults()
    loaded = load(files, faults)
    populations = population_words(loaded)
    datasets = dataset_words(loaded, populations, faults)
    mapped(loaded, faults)
    parties = party_words(loaded, faults)
    accounts = _accounts(loaded, populations, faults)
    profiles = profile_words(loaded, faults)
    compiler = _Agreements(site=site, loaded=loaded, datasets=datasets, profiles=profiles, faults=faults)
    agreements = {name: compiler.compile(loaded.agreements[name]) for name in sorted(loaded.agreements)}
    party_budgets = _party_budgets(loaded, datasets, faults)
    faults.raise_any()
    return Compiled(
        site=site,
        generation=generation,
        digest=files_digest(files),
        parties=parties,
        party_budgets=party_budgets,
        agreements=agreements,
        datasets=datasets,
        populations=accounts,
        profiles=profiles,
    )


def files_digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over the canonical JSON of the sorted [path, SHA-256 (hex) of the bytes] pairs."""
    pairs = [[path, hashlib.sha256(content).hexdigest()] for path, content in sorted(files.items())]
    text = json.dumps(pairs, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _budget(
    document: Document, path: Path, model: BudgetModel | PrivacyModel | LifetimeModel, faults: Faults
) -> Budget:
    """A cap as written and in rho. One so small that it grants nothing would refuse every question."""
    granted = cap(model.epsilon, model.delta)
    if granted.rho == 0:
        faults.at(document, (*path, "epsilon"), "this budget is too small to allow any question")
    period = Period.LIFETIME if isinstance(model, LifetimeModel) else model.period
    return Budget(epsilon=model.epsilon, delta=model.delta, period=period, cap=granted)


def _accounts(
    loaded: Loaded, populations: Mapping[str, Population], faults: Faults
) -> dict[str, PopulationBudget]:
    """The site's own caps for each population: the guarantee."""
    accounts = {}
    for name, source in sorted(loaded.populations.items()):
        model, document, population = source.model, source.document, populations[name]
        _check_delta(document, ("budget", "delta"), model.budget.delta, [population], faults)
        budget = _budget(document, ("budget",), model.budget, faults)
        lifetime = None
        if model.lifetime is not None:
            _check_delta(document, ("lifetime", "delta"), model.lifetime.delta, [population], faults)
            lifetime = _budget(document, ("lifetime",), model.lifetime, faults)
            if not budget.cap.fits(lifetime.cap):
                faults.at(document, ("lifetime",), "must hold at least the budget of one period")
        accounts[name] = PopulationBudget(population=population, budget=budget, lifetime=lifetime)
    return accounts


def _party_budgets(loaded: Loaded, datasets: Mapping[str, Dataset], faults: Faults) -> dict[str, Budget]:
    """Each party's cap over all its agreements, per population that they reach."""
    budgets = {}
    for name, source in sorted(loaded.parties.items()):
        model: BudgetModel = source.model.budget
        reached = {
            population.name: population
            for agreement in loaded.agreements.values()
            if name in agreement.model.recipients
            for population in _reached(agreement, datasets)
        }
        _check_delta(source.document, ("budget", "delta"), model.delta, reached.values(), faults)
        budgets[name] = _budget(source.document, ("budget",), model, faults)
    return budgets


def _reached(source: AgreementSource, datasets: Mapping[str, Dataset]) -> Iterator[Population]:
    for grant in source.model.grants:
        if grant.dataset is not None and grant.dataset in datasets:
            yield datasets[grant.dataset].population


def _check_delta(
    document: Document, path: Path, delta: Decimal, populations: Iterable[Population], faults: Faults
) -> None:
    """A delta near 1/n would allow the release of whole records (Dwork and Roth 2014, section 2.3)."""
    largest = max((population.maximum for population in populations), default=0)
    if Fraction(delta) * 10 * largest > 1:
        faults.at(
            document,
            path,
            f"delta is too large for a population of up to {largest}",
            f"at most 1 / (10 x {largest})",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Agreements:
    """Compiles one agreement after the other against the same catalogue."""

    site: str
    loaded: Loaded
    datasets: Mapping[str, Dataset]
    profiles: Mapping[str, Profile]
    faults: Faults

    def compile(self, source: AgreementSource) -> Agreement:
        check_agreement(
            source,
            site=self.site,
            loaded=self.loaded,
            datasets=self.datasets,
            profiles=self.profiles,
            faults=self.faults,
        )
        _check_delta(
            source.document,
            ("privacy", "delta"),
            source.model.privacy.delta,
            _reached(source, self.datasets),
            self.faults,
        )
        return agreement_words(
            source, privacy=self._terms(source), datasets=self.datasets, read_predicate=self._predicate
        )

    def _terms(self, source: AgreementSource) -> PrivacyTerms:
        model = source.model.privacy
        budget = _budget(source.document, ("privacy",), model, self.faults)
        most = None
        if model.most_per_query is not None:
            rho = cap(model.most_per_query.epsilon, model.delta).rho
            most = PrivacyLoss(rho=rho, delta=budget.cap.delta)
            if not most.fits(budget.cap):
                path = ("privacy", "most_per_query", "epsilon")
                self.faults.at(source.document, path, "one question cannot cost more than the whole budget")
        return PrivacyTerms(
            budget=budget,
            most_per_query=most,
            suppression=Suppression(min_cell=model.min_cell, z=float(model.z)),
        )

    def _predicate(
        self, source: AgreementSource, path: Path, text: str, dataset: Dataset
    ) -> Predicate | None:
        try:
            parsed = parse_condition(text, dataset.name)
            check_patient_columns(parsed.patient_columns, self.datasets)
        except InvalidQuery as invalid:
            self._invalid(source, path, text, invalid)
            return None
        predicate = parsed.condition
        if dataset.name == dataset.population.patients and _names_patients(predicate):
            self.faults.at(
                source.document,
                path,
                "a rule of the patients' own table cannot name attributes or ages of patients",
                "name the table's own columns: sex, not patient.sex",
            )
            return None
        for leaf in _leaves(predicate):
            try:
                lower_predicate(leaf, Scope(dataset, self.datasets, NOWHERE))
            except InvalidQuery as invalid:
                self._invalid(source, path, text, invalid)
        return predicate

    def _invalid(self, source: AgreementSource, path: Path, text: str, invalid: InvalidQuery) -> None:
        """Each violation at its place in the file: by its position, or where its column is first named."""
        for violation in invalid.violations:
            place = (violation.line, violation.column)
            if not violation.line:
                place = _first_mention(violation.field, text)
            self.faults.in_text(source.document, path, place, violation.description, violation.suggestion)
        if not invalid.violations:
            self.faults.at(source.document, path, "this condition cannot be read")


def _names_patients(predicate: Predicate) -> bool:
    """Whether a condition, or a cohort in it, names attributes, which such a rule itself decides."""
    compared = (p for p in parts_of(predicate) if isinstance(p, Compare | OneOf | IsMissing))
    return any(not isinstance(part.column, str) for part in compared)


def _leaves(predicate: Predicate) -> Iterator[Predicate]:
    """The comparisons of a predicate; each is checked alone, so that no fault hides another."""
    if isinstance(predicate, Not):
        yield from _leaves(predicate.operand)
    elif isinstance(predicate, And | Or):
        for operand in predicate.operands:
            yield from _leaves(operand)
    else:
        yield predicate


def _first_mention(name: str, text: str) -> tuple[int, int]:
    """Line and column (from 1) of a column's name in the text of a condition."""
    found = re.search(rf"\b{re.escape(name)}\b", text) if name else None
    if found is None:
        return 1, 1
    lines = text[: found.start()].split("\n")
    return len(lines), len(lines[-1]) + 1
