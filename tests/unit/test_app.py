"""What the start of the gateway does to a site's folder, beside what the end-to-end tests see."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.adapters.text_workers import TextWorkers
from gateway.app import Gateway, _empty, text_workers
from gateway.config import DeidSettings, Settings
from gateway.domain.deid import Deidentified, Document, Outcome, Profile, Withheld
from gateway.policy.profiles import choose, shipped_profiles

SAFE_HARBOR = choose(shipped_profiles(), "safe-harbor")


def test_spilled_plain_text_is_removed_whatever_its_shape(tmp_path: Path) -> None:
    """What a killed process left; the folder itself stays, and so does what a link in it names."""
    spill, elsewhere = tmp_path / ".spill", tmp_path / "elsewhere"
    (spill / "snapshot").mkdir(parents=True)
    (spill / "snapshot" / "rows.tmp").write_text("a row")
    (spill / "rows.tmp").write_text("a row")
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    (spill / "link").symlink_to(elsewhere)
    _empty(spill)
    assert spill.is_dir() and list(spill.iterdir()) == []
    assert (elsewhere / "kept").exists()
    _empty(tmp_path / "absent")


class Echo:
    """A pipeline that finds nothing."""

    def __init__(self, profile: Profile) -> None:
        if profile.name != "safe-harbor":
            raise ValueError(profile.name)

    def deidentify(self, documents: Sequence[Document]) -> list[Outcome]:
        return [Deidentified(id=each.id, text=each.text, spans=(), language="en") for each in documents]


def gateway_with(pool: TextWorkers, *, notes: str = "", text: str = "") -> Gateway:
    """As much of a gateway as `warm` looks at: what it grants, and its workers."""
    terms = [SimpleNamespace(notes=SimpleNamespace(profile=notes) if notes else None)]
    agreement = SimpleNamespace(grants=terms, text_grants=[SimpleNamespace(profile=text)] if text else [])
    other = Profile(**{**{f: getattr(SAFE_HARBOR, f) for f in SAFE_HARBOR.__slots__}, "name": "other"})
    compiled = SimpleNamespace(
        agreements={"a": agreement}, profiles={"safe-harbor": SAFE_HARBOR, "other": other}
    )
    site = SimpleNamespace(compiled=compiled, disclosing=SimpleNamespace(deidentifier=pool))
    return cast(Gateway, SimpleNamespace(site=site))


@pytest.mark.parametrize("grants", [{"notes": "safe-harbor"}, {"text": "safe-harbor"}, {}])
async def test_processes_start_as_soon_as_a_grant_needs_them(grants: dict[str, str]) -> None:
    pool = TextWorkers(Echo, workers=1)
    await Gateway.warm(gateway_with(pool, **grants))
    assert len(pool.processes) == (1 if grants else 0)
    await pool.close()


async def test_a_gateway_whose_workers_do_not_start_serves_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pool = TextWorkers(Echo, workers=1)
    await Gateway.warm(gateway_with(pool, notes="other"))
    assert "text_workers_not_started" in caplog.messages
    await pool.close()


async def test_workers_keep_to_the_limits_of_the_site() -> None:
    settings = Settings(site="s", deid=DeidSettings(workers=1, longest_text="1MB"))
    pool = await text_workers(settings)(cast(Any, SimpleNamespace(deid_key=b"")))
    large = Document(id="n1", text="x" * (2 << 20))
    assert await pool.deidentify([large], SAFE_HARBOR) == [Withheld(id="n1", reason="TOO_LARGE")]
    await pool.close()
