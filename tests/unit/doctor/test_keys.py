"""The key of de-identification, as doctor sees it."""

from __future__ import annotations

from pathlib import Path

from gateway.doctor import certificates
from tests.unit.client.enrolled import done


def test_a_site_without_a_key_of_deidentification_is_warned(tmp_path: Path) -> None:
    site = tmp_path / "site"
    done("init", site, "--site-id", "north")

    def found() -> str:
        return {finding.code: finding.state for finding in certificates.keys(site)}["DEID_KEY"]

    assert found() == "ok"
    (site / "keys" / "deid.key").unlink()
    assert found() == "warn"
    done("deid", "key", site / "keys" / "deid.key")
    assert found() == "ok"
