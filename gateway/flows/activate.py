"""Which policy set serves: the working folder's if it compiles, else the last that did.

Law: a set serves only after it is kept, whole, under its digest and named by an `Activated` entry; a
broken folder changes nothing. Imports: domain words, compile, ports, errors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

from gateway.audit.bodies import cap_json, declared_caps, limits_json, loss_json
from gateway.compile import compile_policies
from gateway.domain.agreement import Agreement, AgreementStatus, Compiled
from gateway.domain.entry import EntryKind, Json, Note, Subject
from gateway.domain.privacy import Account, AccountKind, Period, PrivacyLoss
from gateway.errors import PolicyInvalid
from gateway.ports import Journal, PolicyStore

MOST_CAPS = 200  # in one entry: at most 50 KiB of its 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The set in force, and why the working folder is not it (None where it is)."""

    compiled: Compiled
    fault: PolicyInvalid | None


def _nothing(compiled: Compiled) -> None:
    return


async def activate(
    site: str, store: PolicyStore, journal: Journal, check: Callable[[Compiled], None] = _nothing
) -> Serving:
    """Compile the working folder and record it; where it is broken, keep to the last good set.

    `check` raises where the set cannot serve with what else there is: nothing is recorded then. Raises
    `PolicyInvalid` where nothing good was ever activated.
    """
    last = journal.latest(EntryKind.ACTIVATED)
    generation = 0 if last is None else last.subject.generation
    try:
        files = await asyncio.to_thread(store.working)
        compiled = await asyncio.to_thread(compile_policies, files, site=site, generation=generation)
        if last is not None and last.body["caps"] and not compiled.populations:
            raise PolicyInvalid("there is no population any more", reason="POLICIES_EMPTY")
    except PolicyInvalid as fault:
        if last is None:
            raise
        kept = await asyncio.to_thread(store.kept, str(last.body["policies"]))
        compiled = await asyncio.to_thread(compile_policies, kept, site=site, generation=generation)
        check(compiled)
        return Serving(compiled=compiled, fault=fault)
    check(compiled)
    if last is None or last.body["policies"] != compiled.digest:
        compiled = replace(compiled, generation=generation + 1)
        store.keep(compiled.digest, files)  # before its entry: a named set can always be read back
        await journal.record(_notes(compiled))
    return Serving(compiled=compiled, fault=None)


async def publish(snapshot: str, datasets: tuple[str, ...], journal: Journal) -> None:
    """Record which snapshot serves, once per change."""
    last = journal.latest(EntryKind.SNAPSHOT_PUBLISHED)
    if last is not None and last.subject.snapshot == snapshot:
        return
    note = Note(
        kind=EntryKind.SNAPSHOT_PUBLISHED,
        subject=Subject(snapshot=snapshot),
        body={"snapshot": snapshot, "datasets": list(datasets)},
    )
    await journal.record([note])


def caps_of(compiled: Compiled) -> dict[str, PrivacyLoss | None]:
    """Every cap by account key, exactly as activating this set would declare it."""
    notes = _notes(compiled)
    return {key: cap for note in notes for key, cap in declared_caps(note.kind, note.body).items()}


def _notes(compiled: Compiled) -> list[Note]:
    """The set that serves from here on, and every cap in rho, so that a verifier needs nothing else."""
    caps: list[Json] = [{"account": account.key, "cap": cap_json(cap)} for account, cap in _caps(compiled)]
    parts = max(1, ceil(len(caps) / MOST_CAPS))
    pieces = [caps[part * MOST_CAPS : (part + 1) * MOST_CAPS] for part in range(parts)]
    activated = [_activated(compiled, part, parts, piece) for part, piece in enumerate(pieces, start=1)]
    active = [a for _, a in sorted(compiled.agreements.items()) if a.status is AgreementStatus.ACTIVE]
    return [*activated, *(_loaded(agreement, compiled) for agreement in active)]


def _activated(compiled: Compiled, part: int, parts: int, caps: list[Json]) -> Note:
    body: dict[str, Json] = {
        "policies": compiled.digest,
        "generation": compiled.generation,
        "part": part,
        "parts": parts,
        "caps": caps,
    }
    return Note(kind=EntryKind.ACTIVATED, subject=Subject(generation=compiled.generation), body=body)


def _loaded(agreement: Agreement, compiled: Compiled) -> Note:
    budget = agreement.privacy.budget
    populations = {compiled.datasets[grant.dataset].population.name for grant in agreement.grants}
    return Note(
        kind=EntryKind.AGREEMENT_LOADED,
        subject=Subject(agreement=agreement.id, generation=compiled.generation),
        body={
            "agreement": agreement.id,
            "version": agreement.version,
            "digest": agreement.digest,
            "cap": loss_json(budget.cap),
            "period": budget.period.value,
            "populations": [*sorted(populations)],
            "disclosures": limits_json(_limits(agreement)),
        },
    )


def _limits(agreement: Agreement) -> dict[str, int]:
    """Texts of a day for each recipient, by grant."""
    notes = {grant.name: grant.notes.rows_per_day for grant in agreement.grants if grant.notes is not None}
    return notes | {grant.name: grant.rows_per_day for grant in agreement.text_grants}


def _caps(compiled: Compiled) -> list[tuple[Account, PrivacyLoss | None]]:
    """The site's caps, then the parties'."""
    caps: list[tuple[Account, PrivacyLoss | None]] = []
    for name, site in sorted(compiled.populations.items()):

        def account(kind: AccountKind, holder: str, period: Period, population: str = name) -> Account:
            return Account(kind=kind, holder=holder, population=population, period=period)

        lifetime = None if site.lifetime is None else site.lifetime.cap
        caps.append((account(AccountKind.SITE, compiled.site, site.budget.period), site.budget.cap))
        caps.append((account(AccountKind.SITE, compiled.site, Period.LIFETIME), lifetime))
        for party, budget in sorted(compiled.party_budgets.items()):
            caps.append((account(AccountKind.PARTY, party, budget.period), budget.cap))
    return sorted(caps, key=lambda cap: cap[0].kind is AccountKind.PARTY)
