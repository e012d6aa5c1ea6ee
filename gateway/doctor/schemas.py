"""Which version of its form each store has, beside the one that this software writes.

Law: a newer one is refused wherever it is opened; here it is only named.
Imports: adapters.schemas, doctor.finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gateway.adapters.schemas import OLDER, SAME, stores
from gateway.doctor.finding import Finding, fail, ok


def findings(site: Path) -> Iterator[Finding]:
    for store in stores(site):
        words = f"{store.name}: form {store.found}, this software writes {store.written}"
        if store.state == SAME:
            yield ok("SCHEMAS", words)
        elif store.state == OLDER:
            yield fail("SCHEMAS", words, f"gateway upgrade: {store.remedy}")
        else:
            yield fail("SCHEMAS", words, "install the version that wrote it; a newer form is never opened")
