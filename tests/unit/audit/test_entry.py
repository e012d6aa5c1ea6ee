"""Entries: one shape, written and read by the same rules."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.bodies import REQUIRED
from gateway.audit.canonical import encode
from gateway.audit.entry import NO_ENTRY, Entry, build, leaf_hash, parse, stored_digest
from gateway.domain.entry import EntryKind, Note, Subject
from gateway.errors import JournalInvalid
from tests.unit.audit.kit import START, charged, principal

LINE = {"account": "site/h/adults/quarter", "cap": {"rho": "5", "delta": "0"}}
BODIES: dict[EntryKind, dict[str, Any]] = {
    EntryKind.OPENED: {"log_key": "", "trust_digest": "d", "site": "h"},
    EntryKind.CHARGED: dict(charged().body),
    EntryKind.RELEASED: {"charge": "c", "digest": "d", "salt": "s"},
    EntryKind.REPLAYED: {"release": "r", "charge": "", "query": "q"},
    EntryKind.REFUSED: {},
    EntryKind.FAILED: {"charge": "c"},
    EntryKind.AGREEMENT_LOADED: {
        "agreement": "dsa",
        "version": 1,
        "digest": "d",
        "cap": {"rho": "100", "delta": "0"},
        "period": "quarter",
        "populations": ["adults"],
    },
    EntryKind.ACTIVATED: {"policies": "d", "generation": 1, "part": 1, "parts": 1, "caps": [LINE]},
    EntryKind.SNAPSHOT_PUBLISHED: {"snapshot": "s", "datasets": ["encounters"]},
    EntryKind.DISCLOSED: {
        "grant": "letters",
        "rows": 3,
        "withheld": 1,
        "reasons": {"NO_TEXT": 1},
        "types": {"NAME": 2},
        "limit": 10,
        "profile": "careful",
        "profile_digest": "cd" * 32,
        "digest": "ab" * 32,
        "salt": "ef" * 16,
    },
    EntryKind.REVIEWED: {"from": 0, "to": 1},
    EntryKind.RECOVERED: {
        "claim": "spent",
        "head": "ab" * 32,
        "by": "uid:0",
        "accounts": [{"account": "site/h/adults/quarter", "period": "2026-Q4", "rho": "5", "delta": "0"}],
        "part": 1,
        "parts": 1,
    },
    EntryKind.CONFIG_CHANGED: {"setting": "reserve", "value": "released"},
    EntryKind.CLOCK_JUMP: {"clock": "t", "journal": "t"},
    EntryKind.CLOCK_CONFIRMED: {"jump": "j", "clock": "t"},
}


def entry(kind: EntryKind = EntryKind.REFUSED, **changed: Any) -> Entry:
    subject = Subject(
        principal=principal(), agreement="dsa", generation=3, operation="aggregate", request_id="r"
    )
    note = Note(kind=kind, subject=subject, outcome="NOT_GRANTED", cells=2, body=BODIES[kind])
    base = Entry(
        origin="o",
        seq=7,
        id="ab" * 16,
        salt="cd" * 16,
        time=START,
        mode="normal",
        prev=NO_ENTRY,
        note=note,
    )
    return replace(base, **changed)


def changed(**members: Any) -> bytes:
    return encode(json.loads(build(entry())) | members)


@pytest.mark.parametrize("kind", list(EntryKind))
def test_round_trip_of_every_kind(kind: EntryKind) -> None:
    assert parse(build(entry(kind))) == entry(kind)
    nobody = entry(kind, note=Note(kind=kind, body=BODIES[kind]))
    assert parse(build(nobody)) == nobody


def test_all_kinds_have_a_body_and_one_shape() -> None:
    assert set(REQUIRED) == set(EntryKind)
    shapes = {frozenset(json.loads(build(entry(kind)))) for kind in EntryKind}
    assert len(shapes) == 1
    assert {"v", "origin", "seq", "id", "salt", "time", "prev", "party", "jti", "body"} <= shapes.pop()


def test_leaf_hash_is_rfc_6962() -> None:
    # The hash of an empty leaf, as printed in RFC 6962's reference test vectors.
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()


def test_stored_digest_depends_on_the_salt() -> None:
    assert stored_digest("aa", b"x") != stored_digest("ab", b"x") != stored_digest("ab", b"y")


@pytest.mark.parametrize(
    "members",
    [
        {"v": 2},
        {"kind": "Invented"},
        {"id": "AB" * 16},
        {"salt": "ab"},
        {"prev": "0"},
        {"mode": "test"},
        {"seq": -1},
        {"seq": "7"},
        {"cells": True},
        {"time": "2026-10-05T08:00:00Z"},
        {"time": "2026-13-05T08:00:00.000000Z"},
        {"time": "2026-10-05T08:00:00.000000+00:00"},
        {"roles": "r"},
        {"roles": [1]},
        {"body": []},
        {"party": 1},
        {"person": "x" * 5000},
        {"extra": 1},
    ],
)
def test_members_that_are_refused(members: dict[str, Any]) -> None:
    assert parse(changed())  # the twin
    with pytest.raises(JournalInvalid) as caught:
        parse(changed(**members))
    assert caught.value.reason == "JOURNAL_INVALID"


@pytest.mark.parametrize("kind", [kind for kind in EntryKind if REQUIRED[kind]])
def test_every_required_member_of_a_body(kind: EntryKind) -> None:
    for name in REQUIRED[kind]:
        body = {key: value for key, value in BODIES[kind].items() if key != name}
        with pytest.raises(JournalInvalid):
            build(entry(kind, note=Note(kind=kind, body=body)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rho", 10),
        ("rho", "-1"),
        ("rho", "01"),
        ("rho", "1.0"),
        ("delta", None),
        ("cap", "much"),
        ("cap", {"rho": "1"}),
        ("account", "agreement"),
        ("account", "agreement/dsa/adults/quarter/more"),
        ("period", 1),
    ],
)
def test_money_that_is_not_written_as_it_should_be(name: str, value: Any) -> None:
    lines = charged().body["charges"]
    assert isinstance(lines, list) and isinstance(lines[0], dict)
    body = dict(charged().body) | {"charges": [lines[0] | {name: value}]}
    with pytest.raises(JournalInvalid):
        build(entry(note=Note(kind=EntryKind.CHARGED, body=body)))
    assert build(entry(note=charged()))  # the twin


@pytest.mark.parametrize(
    "members",
    [
        {"part": 0},
        {"part": 3},
        {"parts": 0},
        {"part": True},
        {"caps": [LINE | {"account": "agreement/dsa/adults/quarter"}]},
    ],
)
def test_parts_and_caps_of_a_set_of_policies(members: dict[str, Any]) -> None:
    body = BODIES[EntryKind.ACTIVATED] | {"part": 1, "parts": 2}
    assert build(entry(note=Note(kind=EntryKind.ACTIVATED, body=body)))  # the twin
    with pytest.raises(JournalInvalid):
        build(entry(note=Note(kind=EntryKind.ACTIVATED, body=body | members)))


def test_time_is_utc() -> None:
    for wrong in (START.replace(tzinfo=None), START.astimezone(timezone(timedelta(hours=1)))):
        with pytest.raises(JournalInvalid):
            build(entry(time=wrong))


TEXT = st.text(st.characters(), max_size=30)  # control characters, quotes and lone surrogates among them


@given(values=st.lists(TEXT, min_size=10, max_size=10), number=st.integers(0, 2**53), roles=st.sets(TEXT))
def test_the_quick_encoder_writes_what_the_general_one_does(
    values: list[str], number: int, roles: set[str]
) -> None:
    party, person, purpose, thumbprint, jti, agreement, dataset, snapshot, outcome, inner = values
    who = replace(
        principal(),
        party=party or "p",
        person=person,
        purpose=purpose,
        thumbprint=thumbprint,
        jti=jti,
        roles=frozenset(roles),
    )
    subject = Subject(
        principal=who, agreement=agreement, generation=number, dataset=dataset, snapshot=snapshot
    )
    note = Note(kind=EntryKind.REFUSED, subject=subject, outcome=outcome, cells=number, body={"x": [inner]})
    one = entry(note=note, seq=number)
    try:
        data = build(one)
    except JournalInvalid:
        assert any("\ud800" <= c <= "\udfff" for text in (*values, *roles) for c in text)
        return
    assert encode(json.loads(data)) == data and parse(data) == one


def test_roles_are_written_in_order() -> None:
    roles = frozenset(f"role-{number}" for number in range(20))
    note = Note(kind=EntryKind.REFUSED, subject=Subject(principal=replace(principal(), roles=roles)))
    assert json.loads(build(entry(note=note)))["roles"] == sorted(roles)


@pytest.mark.parametrize("number", [-1, 2**53 + 1, True, 1.0, "1"])
def test_numbers_that_are_not_written(number: Any) -> None:
    note = entry().note
    wrong = (
        entry(seq=number),
        entry(note=replace(note, cells=number)),
        entry(note=replace(note, subject=replace(note.subject, generation=number))),
    )
    for one in wrong:
        with pytest.raises(JournalInvalid):
            build(one)
    assert build(entry(seq=1))  # the twin
