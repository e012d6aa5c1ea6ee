"""The day's texts as the verifier counts them, on hand-made entries: each broken one beside its twin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.bodies import declared_limits, limits_json
from gateway.audit.entry import parse
from gateway.domain.entry import EntryKind, Json, Note, Subject
from gateway.errors import JournalInvalid
from gateway.ledger import Ledger
from gateway.verify import verify_lines
from tests.unit.audit.kit import WHO, Chain, activated, loaded, principal


def disclosed(
    rows: int = 5,
    *,
    limit: int = 10,
    grant: str = "letters",
    withheld: int = 0,
    cells: int | None = None,
    subject: Subject = WHO,
) -> Note:
    body: dict[str, Json] = {
        "grant": grant,
        "rows": rows,
        "withheld": withheld,
        "reasons": {"NO_TEXT": withheld} if withheld else {},
        "types": {"NAME": 3},
        "limit": limit,
        "profile": "careful",
        "profile_digest": "c" * 64,
        "digest": "d" * 64,
        "salt": "5a" * 16,
    }
    return Note(
        kind=EntryKind.DISCLOSED,
        subject=replace(subject, operation="notes"),
        cells=rows - withheld if cells is None else cells,
        body=body,
    )


def allowing(limit: int, grant: str = "letters") -> Note:
    note = loaded(100)
    return replace(note, body={**note.body, "disclosures": limits_json({grant: limit})})


def faults(*notes: Note | timedelta) -> tuple[str, ...]:
    """What the offline verifier says of a journal with these entries, time passing between some."""
    chain = Chain()
    for note in notes:
        if isinstance(note, timedelta):
            chain.when += note
        else:
            chain.add(note)
    return verify_lines(BytesIO(chain.text())).faults


SET = activated()
OTHER = replace(WHO, principal=principal("south"))


@pytest.mark.parametrize(
    ("notes", "wrong"),
    [
        ([disclosed(6), disclosed(4)], ""),
        ([disclosed(6), disclosed(5)], "more under dsa/letters than its rows of a day"),
        ([disclosed(6), disclosed(5, subject=OTHER)], ""),
        ([disclosed(6), disclosed(5, grant="reports")], ""),
        ([disclosed(6), disclosed(5, subject=replace(WHO, agreement="other"))], ""),
        ([disclosed(6), timedelta(days=1), disclosed(10)], ""),
        ([disclosed(6), timedelta(hours=15), disclosed(5)], "more under"),
        ([disclosed(6, withheld=6), disclosed(5)], "more under"),
        ([disclosed(5, withheld=2, cells=3)], ""),
        ([disclosed(5, withheld=2, cells=4)], "are not the rows of a disclosure"),
        ([disclosed(-5, cells=-5)], "JournalInvalid"),
        ([SET, allowing(10), disclosed(6)], ""),
        ([SET, allowing(11), disclosed(6)], "a limit that was not declared"),
        ([SET, loaded(100), disclosed(6)], "a limit that was not declared"),
        ([SET, allowing(10, "reports"), disclosed(6)], "a limit that was not declared"),
        ([SET, allowing(10), SET, disclosed(6)], "a limit that was not declared"),
        ([SET, allowing(9), SET, allowing(10), disclosed(6)], ""),
    ],
)
def test_nobody_gets_more_texts_than_a_day_has(notes: Sequence[Note | timedelta], wrong: str) -> None:
    if wrong == "JournalInvalid":
        with pytest.raises(JournalInvalid):
            faults(*notes)
        return
    found = faults(*notes)
    assert (found == ()) if not wrong else any(wrong in text for text in found)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from("ab"), st.booleans()), max_size=8),
    st.integers(0, 12),
)
def test_a_day_is_exceeded_exactly_when_a_sum_is(batches: list[tuple[int, str, bool]], limit: int) -> None:
    notes: list[Note | timedelta] = []
    sums: dict[str, int] = {}
    over = False
    for rows, grant, tomorrow in batches:
        if tomorrow:
            notes.append(timedelta(days=1))
            sums.clear()
        notes.append(disclosed(rows, grant=grant, limit=limit))
        sums[grant] = sums.get(grant, 0) + rows
        over |= sums[grant] > limit
    assert bool(faults(*notes)) == over


def test_nothing_leaves_while_nobody_knows_the_day() -> None:
    jump = Note(kind=EntryKind.CLOCK_JUMP, body={"clock": "2026-10-06T08:00:00.000000Z", "journal": "x"})
    assert any("jump of the clock" in text for text in faults(jump, disclosed()))
    assert faults(disclosed(), jump) == ()


def test_a_recovery_leaves_nothing_of_its_day() -> None:
    body: dict[str, Json] = {"claim": "spent", "head": "", "by": "x", "accounts": [], "part": 1, "parts": 1}
    spent = Note(kind=EntryKind.RECOVERED, body=body)
    newest = replace(spent, body={**body, "claim": "newest"})
    assert any("recovery left nothing" in text for text in faults(spent, disclosed(1)))
    assert faults(spent, disclosed(0)) == ()
    assert faults(newest, disclosed(1)) == ()
    assert faults(spent, timedelta(days=1), disclosed(1)) == ()


def test_the_ledger_tells_the_writer_the_same() -> None:
    chain = Chain()
    for note in (SET, allowing(10), disclosed(6, withheld=1)):
        chain.add(note)
    ledger = Ledger()
    for data in chain.entries:
        assert ledger.apply(parse(data)) == ()
    day = chain.when.date()
    assert ledger.disclosed.of(("dsa", "letters", "north"), day) == 6
    assert ledger.disclosed.of(("dsa", "letters", "north"), day + timedelta(days=1)) == 0
    assert ledger.disclosed.agrees("dsa", "letters", 10)
    assert not ledger.disclosed.agrees("dsa", "letters", 11)


@pytest.mark.parametrize(
    "listed",
    [
        "x",
        [1],
        [{}],
        [{"grant": "g"}],
        [{"grant": 1, "rows_per_day": 1}],
        [{"grant": "g", "rows_per_day": True}],
    ],
)
def test_malformed_limits_are_found(listed: Any) -> None:
    with pytest.raises(JournalInvalid):
        declared_limits({"disclosures": listed})
    with pytest.raises(JournalInvalid):
        faults(replace(loaded(1), body={**loaded(1).body, "disclosures": listed}))
    assert declared_limits({"disclosures": [{"grant": "g", "rows_per_day": 1}]}) == {"g": 1}
    assert declared_limits({}) == {}
