"""All that is looked at, in order. A check that cannot be made is itself a finding that fails.

Imports: errors, doctor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from gateway.doctor import (
    certificates,
    clock,
    files,
    policies,
    ports,
    process,
    schemas,
    settings,
    stores,
    volumes,
)
from gateway.doctor.finding import Finding, fail
from gateway.errors import GatewayError

Check = Callable[[Path], Iterator[Finding]]

# The code of each check is the one that its failure to be made at all goes by.
CHECKS: tuple[tuple[str, Check], ...] = (
    ("SETTINGS", settings.settings),
    ("TRUST", settings.trust),
    ("DENY_LIST", settings.denied),
    ("FOLDERS", files.modes),
    ("FILES_OWNER", files.owners),
    ("KEYS", certificates.keys),
    ("SERVER_CERTIFICATE", certificates.server),
    ("PARTY_CERTIFICATE", certificates.partners),
    ("POLICIES", policies.compiles),
    ("AGREEMENT_TERM", policies.agreements),
    ("SCHEMAS", schemas.findings),
    ("SNAPSHOT", stores.snapshots),
    ("JOURNAL", stores.journal),
    ("HEADS", stores.heads),
    ("JOURNAL_GROWTH", stores.growth),
    ("DISK", stores.disk),
    ("VOLUME", volumes.volumes),
    ("CLOCK_JOURNAL", clock.against_journal),
    ("CLOCK_STEP", clock.since_start),
    ("CLOCK_NTP", clock.synchronised),
    ("PORTS", ports.listening),
    ("ACCOUNT", process.account),
    ("UMASK", process.umask),
    ("CORE_DUMPS", process.core_dumps),
    ("SWAP", process.swap),
    ("SANDBOX", process.sandbox),
)


def look(site: Path) -> Iterator[Finding]:
    """Every finding, one check after the other."""
    for code, check in CHECKS:
        try:
            yield from check(site)
        except GatewayError as error:
            reason = "" if error.reason in error.message else f" ({error.reason})"
            yield fail(code, f"{error.message}{reason}", "docs/operate.md says what each finding asks for")
        except OSError as error:
            words = f"cannot be looked at ({type(error).__name__})"
            yield fail(code, words, "run doctor as the account that owns the site")
