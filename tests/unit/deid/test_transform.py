"""A whole text: what stands between identifiers stays, what they said is gone, intervals are kept."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.keys import SubjectKeys
from gateway.deid.surrogate_names import CREDENTIALS, TITLES
from gateway.deid.surrogate_words import GENERIC
from gateway.deid.transform import transformed
from gateway.domain.deid import HumanName, IdentifierType, Method, PatientRecord, Profile, Span
from tests.unit.deid.scopes import EVERYTHING, YEAR, keys, spans

LETTERS = "bcdfghjklmnpqrstvwxz"
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


WORD = st.from_regex(r"[A-Z][a-z]{3,9}", fullmatch=True)
NUMBER = st.from_regex(r"[1-9][0-9]{4,9}", fullmatch=True)
LOOSE = st.one_of(
    st.tuples(st.just(NAME), st.builds("{} {}".format, WORD, WORD)),
    st.tuples(st.just(NAME), st.builds("Dr. {}".format, WORD)),
    st.tuples(st.just(IdentifierType.LOCATION), WORD),
    st.tuples(st.just(IdentifierType.ORGANIZATION), st.builds("{} Hospital".format, WORD)),
    st.tuples(st.just(IdentifierType.STREET), st.builds("{1} {0} Street".format, WORD, NUMBER)),
    st.tuples(st.just(IdentifierType.EMAIL), st.builds("{}@{}.test".format, WORD, WORD)),
    st.tuples(st.sampled_from([MRN, IdentifierType.SSN, IdentifierType.ZIP, IdentifierType.ID]), NUMBER),
    st.tuples(st.just(PHONE), st.builds("{}-{}".format, NUMBER, NUMBER)),
    st.tuples(st.just(DATE), st.dates().map("{:%m/%d/%Y}".format)),
)
STAYS = {*GENERIC, *TITLES, *CREDENTIALS, "test", "example"}


def words_in(text: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"\w{4,}", text)} - STAYS


@given(st.lists(LOOSE, min_size=1, max_size=12), st.sampled_from(["a", "b", "c"]))
def test_no_word_or_number_of_an_identifier_is_in_the_text_that_leaves(
    values: list[tuple[IdentifierType, str]], subject: str
) -> None:
    text = " ; ".join(value for _, value in values)
    said = set().union(*(words_in(value) for kind, value in values if kind is not DATE))
    assert not said & words_in(done(text, spans(text, values), subject=subject))


@given(st.lists(LOOSE, min_size=1, max_size=6))
def test_a_documents_identifiers_and_their_surrogates_are_one_to_one(
    values: list[tuple[IdentifierType, str]],
) -> None:
    numbers = [(kind, value) for kind, value in values if kind in (MRN, IdentifierType.EMAIL, NAME)]
    text = " ; ".join(value for _, value in numbers)
    made = done(text, spans(text, numbers)).split(" ; ")
    pairs = {(value.casefold(), new.casefold()) for (_, value), new in zip(numbers, made, strict=False)}
    assert len({old for old, _ in pairs}) == len({new for _, new in pairs if new}) or not numbers


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


def test_a_long_list_of_different_names_ends_soon() -> None:
    families = [f"{a}{b}{c}{d}" for a in "BCDFGHKLMN" for b in "aeiouy" for c in LETTERS for d in LETTERS]
    values = [(NAME, f"Dr. {family}") for family in families[:6_000]]
    text = ", ".join(value for _, value in values)
    start = time.perf_counter()
    done(text, spans(text, values))
    assert time.perf_counter() - start < 30


def test_keep_keeps() -> None:
    keeping = replace(EVERYTHING, methods=dict.fromkeys(IdentifierType, Method.KEEP))
    assert done(profile=keeping) == TEXT
