"""The patient's record is found in a text in every usual writing, and ordinary text is left alone."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.merge import merged
from gateway.deid.record import record_spans
from gateway.domain.deid import NO_RECORD, Address, HumanName, Identifier, PatientRecord
from gateway.domain.deid import IdentifierType as T

RECORD = PatientRecord(
    names=(
        HumanName(given=("José", "Antonio"), family=("Martínez-Vega",)),
        HumanName(family=("Okonkwo",)),
    ),
    others=(
        HumanName(given=("Grace",), family=("Brown",)),
        HumanName(given=("Wei",), family=("Chen",)),
        HumanName(given=("小明",), family=("王",)),
        HumanName(given=("Pieter",), family=("van der Berg",)),
        HumanName(given=("William",), family=("O'Brien",)),
    ),
    birth_date=date(1956, 3, 5),
    dates=(date(2024, 11, 23),),
    phones=("(415) 555-0132", "+34 612 345 678"),
    emails=("jose.martinez@example.org",),
    urls=("https://www.example.org/jm",),
    addresses=(
        Address(
            line=("1234 North Elmhurst Street Apt 5B",),
            city="Springfield",
            district="Hampden County",
            state="Massachusetts",
            postal_code="01101",
        ),
        Address(line=("12 Main Street",), city="Reading", postal_code="01867-1234"),
        Address(line=("朝阳区建国路88号",), city="北京市"),
        Address(line=("Calle Mayor 9, 3 B",), postal_code="SW1A 1AA"),
    ),
    organizations=(
        "Kestrel Memorial Hospital",
        "Mercy Clinic",
        "Beth Shalom Regional Medical Center",
        "Quillfoundry Ltd",
        "北京协和医院",
    ),
    identifiers=(
        Identifier(type=T.MRN, value="00123456"),
        Identifier(type=T.SSN, value="123-45-6789"),
        Identifier(type=T.HEALTH_PLAN, value="XYZ987654321"),
        Identifier(type=T.FAX, value="415-555-0199"),
        Identifier(type=T.ID, value="e925b0f3-8006-43f6-9b0c-77d3a1f04c5e"),
    ),
)


def found(text: str, record: PatientRecord = RECORD) -> list[tuple[str, str]]:
    spans = merged(text, record_spans(text, record))
    return [(text[span.start : span.end], span.type.value) for span in spans]


def names(text: str) -> list[str]:
    return [part for part, kind in found(text) if kind == "NAME"]


@pytest.mark.parametrize(
    "name",
    [
        "José Martínez-Vega",
        "Jose Martinez Vega",
        "JOSE MARTINEZ-VEGA",
        "Martinez-Vega, Jose Antonio",
        "MARTINEZ VEGA, JOSE",
        "jose martinez",
        "Jose A. Martinez",
        "J. Martinez",
        "J.A. Martinez",
        "Martinez, J",
        "Martinez",
        "martínez",
        "Jos\u00e9 Mart\u00ednez".replace("\u00e9", "e\u0301"),
        "Martines",
        "Matinez",
        "Martinnez",
        "Matrinez",
        "Nartinez",
        "MartinezVega",
        "JoseMartinez",
        "jmartinez",
        "Marti-\nnez",
        "Mart inez",
        "M A R T I N E Z",
        "Jose\nMartinez",
        "Jose  Martinez",
        "Okonkwo",
        "Okonwko",
        "Grace Brown",
        "Brown, Grace",
        "G. Brown",
        "Wei Chen",
        "CHEN, WEI",
        "Pieter van der Berg",
        "van der Berg",
        "O'Brien",
        "OBrien",
        "Bill O'Brien",
        "Willie",
        "Martinez-Vega, Jose C",
        "j. martinez",
    ],
)
def test_a_name_in_every_writing(name: str) -> None:
    assert names(f"Today {name} was examined") == [name]


def test_numbers_inside_generated_names_go_with_them() -> None:
    record = PatientRecord(names=(HumanName(given=("Zoraida917",), family=("Quispe44",)),))
    assert found("saw Zoraida917 Quispe44, and Quispe44", record) == [
        ("Zoraida917 Quispe44", "NAME"),
        ("Quispe44", "NAME"),
    ]


def test_days_from_until() -> None:
    assert found("here 11/23-11/25 and 11/20-11/23") == [("11/23", "DATE"), ("11/23", "DATE")]
    assert found("11/23/5 and 4-11/23.5") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mr. Brown came", "Brown"),
        ("Mrs Brown came", "Brown"),
        ("his wife Grace came", "Grace"),
        ("Wife: Grace", "Grace"),
        ("We spoke with Grace today.", "Grace"),
        ("We spoke with Grace.", "Grace"),
        ("Grace's son drove", "Grace"),
        ("Grace denies any pain", "Grace"),
        ("Dr. Martinez's advice", "Martinez"),
        ("Mr. J.M. came", "J.M"),
        ("patient J. A. M. came", "J. A. M"),
        ("王小明今天来诊", "王小明"),
        ("王 小明今天来诊", "王 小明"),
        ("王先生今天来诊", "王"),
        ("小明今天来诊", "小明"),
        ("老王今天来诊", "王"),
    ],
)
def test_a_name_by_its_company(text: str, name: str) -> None:
    assert names(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "stool is brown and soft",
        "Brown rice is well tolerated",
        "BROWN SPUTUM",
        "grace period",
        "J. is a bare initial, and so is M.",
        "J.M. without a title",
        "J.A.M.",
        "the will to live; Will follow up in 2 weeks",
        "Wee, Weigh, when, chem 7, Chem panel",
        "Moved to ward B. Brawn, broken, browse",
        "the king 国王 and 王国",
        "van to the clinic, der, de la, al",
        "Mr. B.Q. is someone else",
        "Bill was paid; the bill is due",
    ],
)
def test_ordinary_words_are_no_names(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    ("family", "text"),
    [
        ("Parkinson", "Parkinson's disease, Parkinson disease, early Parkinson"),
        ("Stevens", "Stevens-Johnson syndrome"),
        ("Johnson", "Stevens-Johnson syndrome"),
        ("Murphy", "a positive Murphy sign and Murphy's sign"),
        ("Wilson", "Wilson disease was excluded; enfermedad de Wilson"),
        ("Murphy", "Murphy negativo, signo de Murphy"),
        ("Delgado", "intestino delgado"),
        ("Quispe", "Quiste cortical renal"),
        ("Foley", "Foley in place"),
        ("Crohn", "flare of Crohn's"),
        ("May", "on May 5 and in May 2024; may repeat; May repeat. Patient May 5, then home"),
        ("White", "Race: White. WBC: White blood cells. patient is White"),
        ("Long", "Long QT, long history"),
        ("Day", "Day 3 of 7, each day"),
        ("Price", "the price"),
        ("Young", "young man; Young adult"),
        ("Rice", "ate rice; Rice and beans"),
        ("Li", "Li 0.8 mmol/L, li, LI"),
        ("Ng", "NG tube, 5 ng/mL"),
        ("Lee", "LEE edema"),
        ("Coughlin", "coughing all night"),
        ("Painter", "painted, pain"),
        ("Hanson", "hands on approach"),
        ("Nasser", "nasal, passer"),
        ("Carter", "Cartilage, cart, carted, barter"),
        ("Malone", "alone at home"),
        ("Acosta", "a costal margin"),
    ],
)
def test_surnames_that_are_words_do_not_touch_clinical_text(family: str, text: str) -> None:
    assert found(text, PatientRecord(names=(HumanName(given=("Zebedee",), family=(family,)),))) == []


@pytest.mark.parametrize(
    "family", ["May", "White", "Long", "Day", "Li", "Ng", "Lee", "Foley", "Young", "Parkinson"]
)
def test_the_same_surnames_are_found_in_company(family: str) -> None:
    record = PatientRecord(names=(HumanName(given=("Zebedee",), family=(family,)),))
    assert found(f"Mr. {family} came", record) == [(family, "NAME")]
    assert found(f"saw Zebedee {family} today", record) == [(f"Zebedee {family}", "NAME")]
    assert found(f"saw {family}, Zebedee today", record) == [(f"{family}, Zebedee", "NAME")]


@pytest.mark.parametrize(
    "form",
    [
        "1956-03-05",
        "1956/3/5",
        "3/5/1956",
        "3/5/56",
        "05/03/1956",
        "05.03.1956",
        "5. 3. 1956",
        "03-05-56",
        "03 05 1956",
        "19560305",
        "03051956",
        "5 Mar 1956",
        "05-Mar-1956",
        "05MAR1956",
        "March 5, 1956",
        "March 5th, 1956",
        "Mar. 5, '56",
        "5th of March 1956",
        "Mar 5",
        "5 March",
        "March 1956",
        "03/1956",
        "1956-03",
        "1956年3月5日",
        "1956 年 3 月 5 日",
        "3月5日",
        "5 de marzo de 1956",
        "5 mars 1956",
        "5. März 1956",
        "5-III-1956",
        "03/05",
        "3 / 5 / 1956",
        "March\n5, 1956",
        "Monday, March 5, 1956",
        "the 5th of March 1956",
    ],
)
def test_a_date_in_every_writing(form: str) -> None:
    assert found(f"born on {form} at home") == [(form, "DATE")]


@pytest.mark.parametrize(
    "text",
    [
        "strength 3/5 throughout",
        "rated 3/5 for pain",
        "grade 3/5 murmur",
        "BP 120/80",
        "potassium 3.5 and 5.3",
        "take 3-5 tablets",
        "6 March 1956",
        "March 5, 2019",
        "in March",
        "in 1956",
        "may march on",
        "5 mg, 3 times",
        "1956-03-06",
        "35 1956",
    ],
)
def test_other_numbers_are_no_dates(text: str) -> None:
    assert found(text) == []


def test_a_month_of_birth_is_found_where_the_day_is_not_known() -> None:
    record = PatientRecord(birth_month=(1956, 3))
    assert found("born in March 1956, 03/1956 or 1956-03", record) == [
        ("March 1956", "DATE"),
        ("03/1956", "DATE"),
        ("1956-03", "DATE"),
    ]
    assert found("seen in March 2019, 04/1956", record) == []


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("(415) 555-0132", "PHONE"),
        ("415-555-0132", "PHONE"),
        ("415.555.0132", "PHONE"),
        ("4155550132", "PHONE"),
        ("+1 415 555 0132", "PHONE"),
        ("1-415-555-0132", "PHONE"),
        ("+14155550132", "PHONE"),
        ("555-0132", "PHONE"),
        ("415 555\n0132", "PHONE"),
        ("415-555-0132 ext. 44", "PHONE"),
        ("612 34 56 78", "PHONE"),
        ("0034 612345678", "PHONE"),
        ("0034612345678", "PHONE"),
        ("415-555-0133", "PHONE"),
        ("415/555/0199", "FAX"),
        ("00123456", "MRN"),
        ("123456", "MRN"),
        ("0123456", "MRN"),
        ("123-456", "MRN"),
        ("123456789", "SSN"),
        ("123 45 6789", "SSN"),
        ("123-45-6798", "SSN"),
        ("123-46-6789", "SSN"),
        ("XYZ987654321", "HEALTH_PLAN"),
        ("xyz 987 654 321", "HEALTH_PLAN"),
        ("e925b0f3-8006-43f6-9b0c-77d3a1f04c5e", "ID"),
        ("E925B0F3800643F69B0C77D3A1F04C5E", "ID"),
        ("XYZ-987654321", "HEALTH_PLAN"),
        ("01101", "ZIP"),
        ("01101-2345", "ZIP"),
        ("01867", "ZIP"),
        ("018671234", "ZIP"),
        ("SW1A1AA", "ZIP"),
        ("sw1a 1aa", "ZIP"),
        ("1234 North Elmhurst Street Apt 5B", "STREET"),
        ("1234 N. Elmhurst St., Apt. 5B", "STREET"),
        ("1234 N Elmhurst St #5B", "STREET"),
        ("1234 Elmhurst", "STREET"),
        ("1234 Elmhrust St", "STREET"),
        ("Elmhurst Street", "STREET"),
        ("12 Main St", "STREET"),
        ("Calle Mayor 9, 3 B", "STREET"),
        ("C/ Mayor, 9", "STREET"),
        ("C/ Mayor 9, 3º B", "STREET"),
        ("朝阳区建国路88号", "STREET"),
        ("Springfield", "LOCATION"),
        ("SPRINGFIELD", "LOCATION"),
        ("springfield", "LOCATION"),
        ("Sprinfield", "LOCATION"),
        ("Hampden", "LOCATION"),
        ("北京市", "LOCATION"),
        ("Kestrel Memorial Hospital", "ORGANIZATION"),
        ("Kestrel Memorial", "ORGANIZATION"),
        ("Kestral Memorial Hosp", "ORGANIZATION"),
        ("Kestrel Memorial Clinic", "ORGANIZATION"),
        ("Mercy Clinic", "ORGANIZATION"),
        ("Mercy Hospital", "ORGANIZATION"),
        ("BSRMC", "ORGANIZATION"),
        ("Quillfoundry", "ORGANIZATION"),
        ("北京协和医院", "ORGANIZATION"),
        ("jose.martinez@example.org", "EMAIL"),
        ("JOSE.MARTINEZ@Example.org", "EMAIL"),
        ("https://www.example.org/jm", "URL"),
        ("WWW.example.org/jm", "URL"),
    ],
)
def test_numbers_places_and_addresses(form: str, kind: str) -> None:
    assert found(f"It says {form} there") == [(form, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "SSN last 4: 6789",
        "card ending in 6789",
        "last four digits of SSN are 6789",
        "xxx-xx-6789",
        "***-**-6789",
    ],
)
def test_the_last_four_digits_behind_a_label(text: str) -> None:
    assert found(text) == [("6789", "SSN")]


@pytest.mark.parametrize(
    "text",
    [
        "6789 mL were drained",
        "1123456 and 1234567",
        "12345.6",
        "dose 4155 mg, 132 units",
        "145-23-6789",
        "415-565-0133",
        "a main problem, 12 of them",
        "12 main problems",
        "reading the chart, Reading glasses",
        "Massachusetts is a state",
        "mercy and a clinic",
        "General Hospital",
        "bsrmc",
        "9 de mayo, mayor dolor",
        "spring field",
        "John@example.org",
    ],
)
def test_what_is_near_the_record_but_not_of_it(text: str) -> None:
    assert found(text) == []


def test_an_address_is_found_as_a_whole_one_alone() -> None:
    assert {kind for _, kind in found("to maria.jose.martinez@example.org")} == {"NAME"}
    assert {kind for _, kind in found("to <jose.martinez@example.org>")} == {"EMAIL"}


CLEAN = """
ASSESSMENT AND PLAN: 1. Acute on chronic systolic heart failure, EF 35 %. Continue furosemide 40 mg IV
BID, strict I/O, daily weights, low sodium diet. Brown discoloration of both shins. 2. Type 2 diabetes:
hold metformin, start insulin glargine 10 units at bedtime, sliding scale. 3. Parkinson's disease:
carbidopa/levodopa 25/100 TID. 4. Long QT: avoid ondansetron; magnesium 2 g. Will follow. Grade II/VI
systolic murmur. Foley to gravity. Braden score 14, Glasgow 15. Bell's palsy resolved. White count 12.4,
hemoglobin 9.8, platelets 245. Strength 5/5 in all extremities, reflexes 2+. Patient may ambulate with
walker; fall precautions. Mark site before procedure. Rose Bengal stain negative. Hope for discharge in
2-3 days. Young appearing, in no acute distress, pleasant. Chem 7 within normal limits. Berg balance
45/56. Price of medication is a barrier; social work to see. Call light within reach. Day 4 of 7 of
ceftriaxone 1 g. T 37.9, HR 96, BP 142/88, RR 22. Vitamin B12 1000 mcg. Pain 3/10. CT abdomen without
contrast: no acute findings.
"""


def test_a_clean_note_is_untouched() -> None:
    assert found(CLEAN) == []


@pytest.mark.parametrize("after", [", MA", ", Massachusetts", " County"])
def test_a_town_that_is_a_word_needs_company(after: str) -> None:
    record = PatientRecord(addresses=(Address(city="Reading", state="Massachusetts"),))
    assert found(f"Mr. X, Reading{after} came", record) == [("Reading", "LOCATION")]
    assert found("He lives in Reading with her.", record) == [("Reading", "LOCATION")]
    assert found("Reading, writing; Reading glasses, he was reading", record) == []


def test_a_town_behind_a_street_in_small_letters() -> None:
    assert found("at 1234 Elmhurst road, Springfield") == [
        ("1234 Elmhurst road", "STREET"),
        ("Springfield", "LOCATION"),
    ]


def test_an_empty_record_finds_nothing() -> None:
    assert record_spans("Jose Martinez, born 1956-03-05", NO_RECORD) == []
    assert record_spans("", RECORD) == []


TOKEN = st.sampled_from(
    [
        "Jose",
        "Martinez",
        "Mr.",
        "Brown",
        "5",
        "Mar",
        "1956",
        "3/5",
        "0",
        "1",
        "415",
        "王",
        "\n",
        "-",
        ",",
        "Elmhurst",
        "st",
        "S",
    ]
)


@given(
    st.lists(st.tuples(TOKEN | st.text(max_size=4), st.sampled_from(["", " ", "-", "\n", "."])), max_size=14)
)
def test_spans_are_sorted_and_inside_any_text(parts: list[tuple[str, str]]) -> None:
    text = "".join(part + gap for part, gap in parts)
    spans = record_spans(text, RECORD)
    assert all(0 <= span.start < span.end <= len(text) and span.source == "record" for span in spans)
    assert [span.start for span in spans] == sorted(span.start for span in spans)
    assert all(0 < span.score <= 1 for span in spans)


ODD = st.text(max_size=12)


@given(
    st.builds(
        PatientRecord,
        names=st.lists(
            st.builds(
                HumanName,
                given=st.lists(ODD, max_size=2).map(tuple),
                family=st.lists(ODD, max_size=2).map(tuple),
            ),
            max_size=2,
        ).map(tuple),
        phones=st.lists(ODD, max_size=2).map(tuple),
        emails=st.lists(ODD.filter(bool), max_size=2).map(tuple),
        urls=st.lists(ODD.filter(bool), max_size=1).map(tuple),
        organizations=st.lists(ODD, max_size=2).map(tuple),
        addresses=st.lists(
            st.builds(
                Address, line=st.lists(ODD, max_size=2).map(tuple), city=ODD, district=ODD, postal_code=ODD
            ),
            max_size=2,
        ).map(tuple),
        identifiers=st.lists(st.builds(Identifier, type=st.sampled_from(T), value=ODD), max_size=2).map(
            tuple
        ),
    ),
    st.text(max_size=30),
)
def test_any_record_is_searched_without_a_fault(record: PatientRecord, text: str) -> None:
    everything = " ".join(
        [text, *(part for name in record.names for part in (*name.given, *name.family)), *record.phones]
    )
    record_spans(everything, record)


@pytest.mark.parametrize(
    "unit",
    [
        "Jose Martinez 1234 Elmhurst St, 3/5/56, 415-555-0132. ",
        "Martinez ",
        "M A R T I N E ",
        "Marti-\n",
        "1",
        "1 ",
        "1-",
        "0",
        "415 555 ",
        "Elmhurst North 1234 ",
        "Mar 5 ",
        "J.",
        "王",
        "(",
        " ",
        "\n",
        "a",
        "jose.martinez@",
        "Brown ",
        "last 4 6789",
    ],
)
def test_long_texts_of_anything_are_linear(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    begun = time.process_time()
    record_spans(text, RECORD)
    assert time.process_time() - begun < 4
