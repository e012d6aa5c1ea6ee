"""Dates in every form, and the numbers that only look like them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.patterns import pattern_spans
from tests.unit.deid.patterns.marked import check, found

DATES = [
    "Seen {DATE|3/5/2024} and again {DATE|03-05-24}.",
    "{DATE|3.5.2024}, {DATE|03.05.24}, {DATE|3 / 5 / 2024}",
    "from {DATE|3/5/24}-{DATE|3/9/24}",
    "onset {DATE|03/2024}; stage {DATE|11-2023}",
    "in {DATE|March 2024}, {DATE|Mar 2024}, {DATE|march of 2024}, {DATE|Mar-24}, {DATE|Mar '24}",
    "the {DATE|5th of March}, {DATE|5 March 2024}, {DATE|5-Mar-24}, {DATE|05MAR2024}, {DATE|5/Mar/2024}",
    "{DATE|March 5}, {DATE|March 5th, 2024}, {DATE|Mar. 5 2024}, {DATE|MARCH 5, 2024}",
    "{DATE|march 5th}; {DATE|may 5, 2024}; {DATE|sept 2}",
    "{DATE|20240305} study, {DATE|20240305T103000Z}",
    "{DATE|2024-03-05}; {DATE|2024/3/5}; {DATE|2024-03-05T10:30:00Z}; {DATE|2024-03-05 10:30:00.5+01:00}",
    "period {DATE|2024-03} to {DATE|2024-11}",
    "{DATE|3-5 March 2024}, {DATE|March 3-5, 2024}, {DATE|March 30 to April 2}",
    "{DATE|Mon 3/5}, {DATE|Monday, March 5th}, {DATE|Tuesday 5 March 2024}, {DATE|Wed 5/1}",
    "{DATE|Fri the 5th}. Return on the {DATE|5th}.",
    "on {DATE|4/5} seen; last {DATE|5/5}; labs {DATE|3/5}: ok; {DATE|03/05} draw",
    "{DATE|11/7} CXR clear, {DATE|3/15} repeat, {DATE|4/15-4/17} admitted",
    "{DATE|3/5}: slept well\n{DATE|3/6}: fever",
    "{DATE|fifth of March}, {DATE|March fifth}, {DATE|March twenty-first, 2024}, the {DATE|third of may}",
    "{DATE|May fifth two thousand twenty}",
    "since last {DATE|April}, in {DATE|March}, by {DATE|june}, early {DATE|may}",
    "{DATE|December} flare",
    "{DATE|Q1 2024}; {DATE|third quarter of 2023}",
    "fell on {DATE|Christmas Day}, {DATE|Thanksgiving 2023}, {DATE|4th of July}, {DATE|New Year's Eve}",
    "DOB: {DATE|03051960}; DOB {DATE|3 5 1960}; Date of birth: {DATE|03-05-1960}",
    "born {DATE|1/2/1899}; again on {DATE|1.15.24}; from {DATE|12/2023}-{DATE|1/2024}",
    "the {DATE|22nd of January\n2024}; SOC {DATE|Jul 3}; on {DATE|May. 6, 2025}; {DATE|Saturday,\nAugust 31, 2024}",
]
SPANISH = [
    "el {DATE|5 de marzo de 2024}, {DATE|5 marzo 2024}, {DATE|marzo de 2024}, {DATE|5-mar-2024}, {DATE|1º de enero}",
    "Fecha de Ingreso: {DATE|17/06/2016}. {DATE|17.06.16}. desde {DATE|mayo}",
    "del {DATE|3 al 5 de marzo}; el {DATE|lunes 5 de marzo del 2024}; en {DATE|enero}",
    "día {DATE|5/3}",
]
NOT_DATES = [
    "BP 120/80, 98/60, 110 / 70",
    "strength 4/5 in all extremities, 5/5 strength, motor 5/5 bilaterally",
    "pain 5/10, 8/10 pain, rates it 7/10, score 3/10",
    "took 1/2 tablet, 1/2 tab, 3/4 cup, 1/4 strength",
    "T2-3, L4/5, C5/6, L5-S1, T12/L1 fractures",
    "24/7 care; 20/20 vision; 20/40 OD; vision 6/6",
    "q 4-6 h, every 4-6 hours, 2-3 days, 10-12 weeks",
    "in 2019, since 2003, the 1990s, 2010-2012, summer of 2019",
    "Apgar 9/9, Apgars 8/9, Gleason 3+4=7, GCS 15/15",
    "2/6 systolic murmur, III/VI, 3/6 SEM",
    "pt may 2 times, march 12 steps, may 5 mg, sat 98, sun exposure 3",
    "10-20-30 mg, 1.2.3, 4.5.6.7, 10.5.3",
    "grade 3 may require; 3 may help; T3 may 2",
    "Na 135-145, K 3.5-5.0, WBC 4.5/11.2",
    "heparin 5000/1, ratio 1/3, 1:1000, 3/4 of the dose",
    "March to the beat; She may go; an august body; Mayo Clinic's may",
    "April Jones came, May Lee called",
    "on the 5th metatarsal, the 5th percentile, second time",
    "2/3 positive blood cultures, 1/4 bottles, 12 of 14",
    "ER+/PR+ 3+, 2+/4 pulses, reflexes 2/4",
    "99213-25, 12345-6, 2024 mg, 2024 steps",
    "dec 5 mg; Sep 10 units; oct 3 tabs",
    "BiPAP 12/5, VISIT 11 OF 12, I/O 1203/2787, nights 1-2, CPAP settings 10/5, he may. 6 of",
]


@pytest.mark.parametrize("marked", DATES)
def test_a_date_is_found_whole(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize("marked", SPANISH)
def test_a_spanish_date_is_found_whole(marked: str) -> None:
    check(marked, "es")


@pytest.mark.parametrize("text", NOT_DATES)
def test_what_only_looks_like_a_date_stays(text: str) -> None:
    assert {kind for kind, _, _ in found(text)} <= {"NAME", "ORGANIZATION"}, found(text)


FORMS = [
    "%m/%d/%Y", "%d/%m/%Y", "%m-%d-%Y", "%d.%m.%Y", "%m/%d/%y", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d %B %Y", "%d %b %Y",
    "%B %d, %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%d%b%Y", "%B %Y", "%b %Y", "%m/%Y", "%A, %B %d, %Y", "%A %d %B %Y",
    "%B %d",
]  # fmt: skip


@given(st.dates(date(1900, 1, 1), date(2040, 12, 31)), st.sampled_from(FORMS), st.sampled_from(" (,\n"))
def test_every_day_is_found_in_every_form(day: date, form: str, sign: str) -> None:
    written = day.strftime(form)
    text = f"The patient was well{sign}{written}; then she left"
    start = text.index(written)
    spans = [(s.start, s.end) for s in pattern_spans(text, "en") if s.type == "DATE"]
    assert any(s <= start and start + len(written) <= e for s, e in spans)


@given(st.integers(1, 12), st.integers(13, 31))
def test_a_month_and_a_day_are_found_without_more(month: int, day: int) -> None:
    check(f"Stable {{DATE|{month}/{day}}} and well")
