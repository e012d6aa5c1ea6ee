"""May these notes leave, or this text be de-identified? The decision of `decide`, for the other operations.

Law: as in `decide`: deny by default, a prohibition beats every grant, files and rules in any order. A filter
and its cohorts use only columns that are granted for notes; what leaves with a note counts as used, the text
itself included, so that whoever prohibits a column prohibits notes that carry it.
May import: domain words, policy decide and uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.domain.agreement import (
    Agreement,
    Compiled,
    Deny,
    Grant,
    NotesPermit,
    Operation,
    Permit,
    TextPermit,
)
from gateway.domain.identity import Principal
from gateway.domain.notes import NotesQuestion
from gateway.policy.decide import (
    NOT_GRANTED,
    concerns,
    in_force,
    open_to,
    permitted,
    prohibited,
    prohibition,
)
from gateway.policy.uses import Role, Use, Uses, uses_of


def decide_notes(
    compiled: Compiled, principal: Principal, *, agreement: str, question: NotesQuestion, now: datetime
) -> NotesPermit | Deny:
    """Whether an agreement lets the notes that a question asks for leave, and with which columns.

    Where the question names no columns, all that its grant gives come with the notes. Raises as `decide`.
    """
    found = in_force(compiled, principal, agreement, now)
    if isinstance(found, Deny):
        return found
    permit = _permitted(compiled, principal, found, question)
    if isinstance(permit, Deny):
        return permit
    terms = permit.grant.notes
    if terms is None:
        raise AssertionError("a grant without terms let notes leave")
    named = question.columns
    columns = tuple(sorted(terms.context_columns)) if named is None else tuple(dict.fromkeys(named))
    dataset = compiled.datasets[question.dataset]
    leaving = {*columns, dataset.notes.text} if dataset.notes else {*columns}
    used = _with(_used(compiled, question), question.dataset, leaving)
    denied = prohibited(found, principal, Operation.NOTES, question.query, used, dataset)
    profile = compiled.profiles[terms.profile]
    return denied or NotesPermit(grants=permit, terms=terms, columns=columns, profile=profile)


def decide_text(
    compiled: Compiled, principal: Principal, *, agreement: str, now: datetime
) -> TextPermit | Deny:
    """Whether an agreement lets a principal have text of its own de-identified, and by which profile.

    Only prohibitions that name no data concern it. Raises as `decide`.
    """
    found = in_force(compiled, principal, agreement, now)
    if isinstance(found, Deny):
        return found
    fitting = [grant for grant in found.text_grants if open_to(grant.roles, principal)]
    if not fitting:
        message = "this agreement does not grant the de-identification of text, or not to this role"
        return Deny(reason=NOT_GRANTED, message=message)
    rules = [
        rule
        for rule in found.prohibitions
        if concerns(rule, principal, Operation.DEIDENTIFY)
        and not (rule.datasets or rule.columns or rule.measures)
    ]
    if rules:
        return prohibition(rules)
    grant = min(fitting, key=lambda grant: grant.name)
    return TextPermit(agreement=found, grant=grant, profile=compiled.profiles[grant.profile])


def _permitted(
    compiled: Compiled, principal: Principal, agreement: Agreement, question: NotesQuestion
) -> Permit | Deny:
    """The notes come from a grant with a profile, cohorts and attributes from any grant of notes."""

    def serves(grant: Grant) -> bool:
        return grant.notes is not None or grant.dataset != question.dataset

    used = _with(_used(compiled, question), question.dataset, set(question.columns or ()))
    grants = [g for g in agreement.grants if g.operation is Operation.NOTES and serves(g)]
    return permitted(agreement, principal, question.query, used, grants)


def _used(compiled: Compiled, question: NotesQuestion) -> Mapping[str, Uses]:
    dataset = compiled.datasets.get(question.dataset)
    return uses_of(question.query, "" if dataset is None else dataset.population.patients)


def _with(used: Mapping[str, Uses], dataset: str, columns: set[str]) -> Mapping[str, Uses]:
    """The uses of a question and of what leaves with its notes."""
    context = (Use(role=Role.CONTEXT, column=name, shown=name) for name in columns)
    return {**used, dataset: tuple(sorted({*used[dataset], *context}))}
