"""A whole text: what stands between identifiers stays, what they said is gone, intervals are kept."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.keys import SubjectKeys
from gateway.deid.transform import transformed
from gateway.domain.deid import HumanName, IdentifierType, Method, PatientRecord, Profile, Span
from tests.unit.deid.scopes import EVERYTHING, YEAR, keys, spans

NAME, DATE, PHONE, MRN = IdentifierType.NAME, IdentifierType.DATE, IdentifierType.PHONE, IdentifierType.MRN
TEXT = (
    "Thomas Bennett (MRN 00471234) was seen on 03/14/2024 and 03/20/2024. Call Mr. Bennett at 617-234-1234."
)
VALUES = [
    (NAME, "Thomas Bennett"),
    (MRN, "00471234"),
    (DATE, "03/14/2024"),
    (DATE, "03/20/2024"),
    (NAME, "Mr. Bennett"),
    (PHONE, "617-234-1234"),
]
RECORD = PatientRecord(names=(HumanName(given=("Thomas",), family=("Bennett",)),), gender="male")
REDACTING = replace(EVERYTHING, methods={})


def done(
    text: str = TEXT,
    found: list[Span] | None = None,
    *,
    profile: Profile = EVERYTHING,
    subject: str = "patient",
    site: bytes = b"\x05" * 32,
) -> str:
    return transformed(
        text,
        spans(TEXT, VALUES) if found is None else found,
        profile,
        keys(subject, site=site, profile=profile),
        language="en",
        record=RECORD,
        year=YEAR,
    ).text


def test_what_is_not_named_in_a_profile_is_redacted() -> None:
    assert done(profile=REDACTING) == (
        "[NAME] (MRN [MRN]) was seen on [DATE] and [DATE]. Call [NAME] at [PHONE]."
    )
    assert transformed(TEXT, [], REDACTING, SubjectKeys(), language="en", record=None, year=YEAR).text == TEXT


def test_text_reads_on_and_says_nothing_of_the_original() -> None:
    text = done()
    family = text.split()[1]
    assert f"Mr. {family} at" in text
    assert text.count(family) == 2
    for part in ("Thomas", "Bennett", "00471234", "2024", "617", "1234"):
        assert part not in text
    one, other = (
        date(int(t[6:10]), int(t[:2]), int(t[3:5])) for t in (text.split(" on ")[1], text.split(" and ")[1])
    )
    assert (other - one).days == 6


def test_a_patients_documents_agree_and_no_others_do() -> None:
    assert done() == done()
    fresh = replace(EVERYTHING, per_patient=False)
    others = [done(subject="another"), done(site=b"\x06" * 32), done(profile=fresh)]
    assert len({done(), *others}) == 4


def test_the_scope_serves_structured_context_too() -> None:
    result = transformed(
        TEXT, spans(TEXT, VALUES), EVERYTHING, keys(), language="en", record=RECORD, year=YEAR
    )
    assert result.scope.surrogates.of("Bennett", NAME) == result.text.split()[1]


def span(start: int, end: int) -> Span:
    return Span(start=start, end=end, type=NAME, score=1.0, source="record")


@pytest.mark.parametrize(
    "found", [[(0, 3), (2, 5)], [(4, 6), (0, 2)], [(-1, 2)], [(0, len(TEXT) + 1)], [(3, 3)], [(5, 4)]]
)
def test_spans_that_do_not_fit_the_text_are_refused(found: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="spans must be in order"):
        done(found=[span(*place) for place in found])
    assert done(found=[span(0, 3), span(3, 5), span(5, len(TEXT))])


@given(st.text(min_size=1, max_size=80), st.data())
def test_what_stands_between_stays(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    kinds = data.draw(st.lists(st.sampled_from(IdentifierType), min_size=8, max_size=8))
    found = [
        Span(start=start, end=end, type=kind, score=1.0, source="model")
        for start, end, kind in zip(cuts[::2], cuts[1::2], kinds, strict=False)
    ]
    result = done(text, found, profile=REDACTING)
    between = [text[: found[0].start] if found else text]
    between += [text[a.end : b.start] for a, b in pairwise(found)]
    between += [text[found[-1].end :]] if found else []
    place = 0
    for piece in between:
        place = result.index(piece, place) + len(piece)
    done(text, found)  # with surrogates nothing fails either


def test_the_birth_date_moves_with_all_others() -> None:
    text = "Born 1961-04-03, seen 2024-04-03."
    found = spans(text, [(DATE, "1961-04-03"), (DATE, "2024-04-03")])
    moved = done(text, found)
    born, seen = (date.fromisoformat(part.strip(",.")) for part in moved.split() if part[0].isdigit())
    assert (seen - born).days == (date(2024, 4, 3) - date(1961, 4, 3)).days
    assert 366 <= abs((born - date(1961, 4, 3)).days) <= 1825


def test_a_shifted_date_tells_no_age_that_the_profile_hides() -> None:
    text = "Born 2/9/1934, aged 92, seen 3/14/2024; her son was born 2/9/1961."
    values = [(DATE, "2/9/1934"), (IdentifierType.AGE, "92"), (DATE, "3/14/2024"), (DATE, "2/9/1961")]
    methods = {DATE: Method.SHIFT, IdentifierType.AGE: Method.AGE90}
    hiding = done(text, spans(text, values), profile=replace(EVERYTHING, methods=methods))
    assert hiding.startswith("Born [DATE], aged 90+, seen ")
    assert hiding.count("[DATE]") == 1
    telling = replace(EVERYTHING, methods=methods | {IdentifierType.AGE: Method.KEEP})
    assert "[DATE]" not in done(text, spans(text, values), profile=telling)


def test_shifts_are_spread_over_the_whole_range() -> None:
    days = []
    for subject in map(str, range(400)):
        result = transformed("", [], EVERYTHING, keys(subject), language="en", record=None, year=YEAR)
        days.append(result.scope.days)
    assert all(366 <= abs(day) <= 1825 for day in days)
    assert min(days) < -1700
    assert max(days) > 1700
    assert 150 < sum(day > 0 for day in days) < 250


def test_long_texts_take_time_in_proportion() -> None:
    def seconds(times: int) -> float:
        text = "".join(f"Dr. Bennett{chr(97 + n % 26)} saw 00{n:06d} on 03/14/2024. " for n in range(times))
        found, place = [], 0
        for n in range(times):
            for kind, value in (
                (NAME, f"Dr. Bennett{chr(97 + n % 26)}"),
                (MRN, f"00{n:06d}"),
                (DATE, "03/14/2024"),
            ):
                start = text.index(value, place)
                place = start + len(value)
                found.append(Span(start=start, end=place, type=kind, score=1.0, source="model"))
        start_time = time.perf_counter()
        done(text, found)
        return time.perf_counter() - start_time

    seconds(50)
    assert seconds(4000) < 20 * max(seconds(500), 0.02)


def test_keep_keeps() -> None:
    keeping = replace(EVERYTHING, methods=dict.fromkeys(IdentifierType, Method.KEEP))
    assert done(profile=keeping) == TEXT
