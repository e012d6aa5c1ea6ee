"""site.yaml, trust.yaml and deny.yaml: whether they can be read, and whether trust is this journal's.

Imports: config, adapters, audit, doctor.finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gateway import config
from gateway.adapters.sqlite_journal import first_entry
from gateway.audit.entry import parse
from gateway.doctor.finding import Finding, fail, ok, warn
from gateway.errors import JournalInvalid


def settings(site: Path) -> Iterator[Finding]:
    found = config.load(site)
    yield ok("SETTINGS", f"site {found.site}, partners at {found.listen}, health at {found.health}")


def trust(site: Path) -> Iterator[Finding]:
    found = config.load_trust(site)
    if _other_trust(site, found.digest):
        words = "trust.yaml is not the file that this journal was opened with"
        yield fail("TRUST", words, "bring back the trust.yaml that it was opened with")
    elif found.demo:
        words = "fewer than two approvers: demo mode, which every journal entry states"
        yield warn("TRUST", words, "name two approvers before the first serve; later it cannot be changed")
    else:
        yield ok("TRUST", f"{len(found.approvers)} approvers")


def denied(site: Path) -> Iterator[Finding]:
    found = config.load_denied(site)
    lines = (found.parties, found.certificates, found.persons, found.keys, found.tokens)
    yield ok("DENY_LIST", f"{sum(map(len, lines))} lines switch somebody or something off")


def _other_trust(site: Path, digest: str) -> bool:
    """Whether entry 0 names another trust.yaml; what is wrong with the journal itself is said at it."""
    try:
        first = first_entry(site / "journal" / "journal.db")
        return first is not None and parse(first).text("trust_digest") != digest
    except JournalInvalid:
        return False
