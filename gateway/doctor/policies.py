"""The policies: whether they compile, and which agreements end or are due for review.

Imports: adapters, compile, config, domain, rpc.tls, doctor.finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from gateway import config
from gateway.adapters.file_keys import SiteKeys
from gateway.adapters.policy_files import PolicyFiles
from gateway.compile import compile_policies
from gateway.doctor.finding import SOON_DAYS, WARN, Finding, days_left, ok, warn
from gateway.domain.agreement import Agreement, AgreementStatus, Compiled
from gateway.errors import PolicyInvalid
from gateway.rpc.tls import check_material, site_material


def working_set(site: Path) -> Compiled:
    """The working folder, compiled. Raises `PolicyInvalid` and `ConfigInvalid`."""
    files = PolicyFiles(site / "policies", site / "journal" / "policies").working()
    return compile_policies(files, site=config.load(site).site, generation=0)


def compiles(site: Path) -> Iterator[Finding]:
    compiled = working_set(site)
    check_material(site_material(SiteKeys.load(site / "keys"), compiled.parties.values()))
    active = len(_active(compiled))
    words = f"agreements active {active}, parties {len(compiled.parties)}, datasets {len(compiled.datasets)}"
    if active:
        yield ok("POLICIES", words)
    else:
        yield warn("POLICIES", words, "make an agreement active once both have signed it")


def agreements(site: Path) -> Iterator[Finding]:
    """Active agreements by their days: the last one, and the one to review them by."""
    try:
        active = _active(working_set(site))
    except PolicyInvalid:  # said by `compiles`
        return
    today = datetime.now(UTC).date()
    for agreement in active:
        days = (agreement.valid_until - today).days
        remedy = "agree on a new term, or set its status to ended"
        yield days_left("AGREEMENT_TERM", f"agreement {agreement.id}", days, remedy, over=WARN)
        if agreement.review_by is not None:
            yield _review(agreement.id, agreement.review_by, today)


def _review(name: str, by: date, today: date) -> Finding:
    days = (by - today).days
    remedy = "review it, and set a new review_by"
    if days < 0:
        return warn("AGREEMENT_REVIEW", f"the review of agreement {name} is {-days} days late", remedy)
    if days < SOON_DAYS:
        return warn("AGREEMENT_REVIEW", f"agreement {name} is due for review in {days} days", remedy)
    return ok("AGREEMENT_REVIEW", f"agreement {name} is due for review in {days} days")


def _active(compiled: Compiled) -> list[Agreement]:
    found = compiled.agreements.values()
    return [agreement for agreement in found if agreement.status is AgreementStatus.ACTIVE]
