"""A site's day that holds an entry of every kind, verified whole; and a forged charge, which is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.canonical import encode
from gateway.audit.entry import leaf_hash
from gateway.domain.entry import EntryKind, Receipt
from gateway.errors import ClockUntrusted, PermissionDenied, ReleaseFailed
from gateway.v1 import audit_pb2, journal_pb2, query_pb2
from gateway.verify import Report, export, verify_lines
from tests.checks import check_journal
from tests.flows.fakes import watch
from tests.flows.kit import BY_SEX, COUNT, FILES, SNAPSHOT, House, changed, memory


def charged_before_it_was_confirmed(entry: dict[str, Any]) -> None:
    """A jump of the clock that nobody confirmed, and charges after it."""
    if entry["kind"] == "SnapshotPublished":
        entry["kind"] = "ClockJump"
        entry["body"] = {"clock": entry["time"], "journal": entry["time"]}


def broken() -> None:
    raise ValueError("no data today")


async def a_day(house: House) -> list[Receipt]:
    """Questions answered, seen again, shared, refused and failed; a new set of policies; a review."""
    receipts = [(await house.ask(BY_SEX, "rho 0.1", request_id=f"r-{i}")).receipt for i in range(2)]
    receipts.append((await house.ask(BY_SEX, "rho 0.1", party="college")).receipt)
    message = query_pb2.RunQueryRequest(
        agreement="none", sql=COUNT, spend=query_pb2.Spend(rho="1"), request_id="r-2"
    )
    with pytest.raises(PermissionDenied):
        await house.call("RunQuery", message)
    working = house.site.engine
    watch(house, broken)
    with pytest.raises(ReleaseFailed):
        await house.ask(COUNT, "rho 0.1")
    house.site.engine, house.site.journal = working, house.journal
    await house.load(changed("agreements/shared.yaml", "version: 1", "version: 2"))
    await house.swap(memory(snapshot=f"{SNAPSHOT}2"))
    receipts.append((await house.ask(COUNT, "rho 0.1")).receipt)
    await house.call("ListEntries", audit_pb2.ListEntriesRequest(newest=True), party="site")
    house.clock.jump(days=2)
    with pytest.raises(ClockUntrusted):
        await house.ask(COUNT, "rho 0.2")
    await house.call("ConfirmClock", journal_pb2.ConfirmClockRequest(), party="site")
    await house.call("MakeRoom", journal_pb2.MakeRoomRequest(), party="site")
    return receipts


async def test_a_day_holds_every_kind_of_entry_and_verifies(either: House) -> None:
    receipts = await a_day(either)
    # Only a restored site has the one (e2e/test_backup.py), only one with notes the other (test_disclose.py).
    elsewhere = {EntryKind.RECOVERED, EntryKind.DISCLOSED}
    assert {entry.kind for entry in either.entries()} == set(EntryKind) - elsewhere
    report = check_journal(either.path, receipts=receipts)
    assert (report.entries, report.open) == (len(either.entries()), 0)
    generations = {e.note.subject.generation for e in either.entries() if e.kind is EntryKind.CHARGED}
    assert generations == {1, 2}


def rechained(lines: list[bytes], change: Callable[[dict[str, Any]], None]) -> Report:
    """An export with entries changed and every hash made to fit again, as a forger would."""
    out, before = [], ""
    for line in lines:
        entry = json.loads(line)
        if before:
            entry["prev"] = before
        change(entry)
        data = encode(entry)
        before = leaf_hash(data).hex()
        out.append(data + b"\n")
    return verify_lines(BytesIO(b"".join(out)))


def charges(entry: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "account" in value and "rho" in value:
                found.append(value)
            for member in value.values():
                walk(member)
        elif isinstance(value, list):
            for member in value:
                walk(member)

    if entry["kind"] == "Charged":
        walk(entry)
    return found


def bigger(entry: dict[str, Any]) -> None:
    for charge in charges(entry):
        charge["rho"] = str(10**13)


def under_another_cap(entry: dict[str, Any]) -> None:
    for charge in charges(entry):
        charge["cap"] = {"rho": str(10**14), "delta": "0"}


def in_another_period(entry: dict[str, Any]) -> None:
    for charge in charges(entry):
        charge["period"] = "2025" if charge["period"] == "2026" else charge["period"]


def to_nobody(entry: dict[str, Any]) -> None:
    if entry["kind"] == "Charged":
        entry["body"]["charges"] = []


def for_free(entry: dict[str, Any]) -> None:
    for charge in charges(entry):
        charge["rho"] = "0"


def to_another(entry: dict[str, Any]) -> None:
    """An account that no set of policies declares, so that nothing caps it."""
    for charge in charges(entry):
        if charge["account"].startswith("agreement/"):
            charge |= {"account": "agreement/other/adults/year", "cap": "unlimited"}
            entry["agreement"] = "other"


def without_caps(entry: dict[str, Any]) -> None:
    if entry["kind"] == "Activated":
        entry["body"]["caps"] = []
    for charge in charges(entry):
        charge["cap"] = "unlimited"


def nothing(entry: dict[str, Any]) -> None:
    pass


def other_title(entry: dict[str, Any]) -> None:
    if entry["kind"] == "Refused":
        entry["outcome"] = "NOT_GRANTED"


@pytest.mark.parametrize(
    ("forge", "found"),
    [
        (bigger, "overspent"),
        (under_another_cap, "not declared"),
        (in_another_period, "not the entry's own"),
        (to_nobody, "does not name"),
        (for_free, "not one loss above zero"),
        (to_another, "not declared"),
        (without_caps, "not declared"),
        (charged_before_it_was_confirmed, "while a jump of the clock was not confirmed"),
    ],
)
async def test_a_forged_charge_is_found_though_every_hash_fits(
    house: House, tmp_path: Path, forge: Callable[[dict[str, Any]], None], found: str
) -> None:
    receipts = await a_day(house)
    export(house.path, tmp_path / "log")
    lines = (tmp_path / "log").read_bytes().splitlines()
    assert rechained(lines, nothing).ok  # the twin
    report = rechained(lines, forge)
    assert not report.ok and any(found in fault for fault in report.faults)
    # What breaks no law of the ledger is found by the receipts that callers keep.
    assert rechained(lines, other_title).ok
    kept = verify_lines(BytesIO(b"".join(line + b"\n" for line in lines)), receipts=receipts)
    assert kept.ok and len(FILES) == 7
