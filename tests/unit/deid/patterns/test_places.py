"""Streets, postal codes, towns and organisations by form; and the figures and kinds that are none."""

import pytest

from tests.unit.deid.patterns.marked import check, found

PLACES = [
    "lives at {STREET|123 Main St}, {LOCATION|Springfield}, IL {ZIP|62704}",
    "{STREET|4500 N. Oak Ridge Blvd., Apt 4B}, {LOCATION|San Marcos}, Texas {ZIP|78666-1234}",
    "{STREET|12 elm street}; {STREET|99 north maple ave}; {STREET|1600 PINE HOLLOW RD}",
    "{STREET|742 Evergreen Terrace #3}; {STREET|8 Quail Run}; {STREET|221 5th Avenue Suite 200}",
    "{STREET|P.O. Box 1234}; {STREET|PO Box 77}; {STREET|Rural Route 2 Box 15}; {STREET|1234 County Road 12}",
    "{STREET|12 High Street}, {ZIP|SW1A 1AA}; {ZIP|M1 1AE}; Ottawa {ZIP|K1A 0B1}",
    "from {LOCATION|Austin}, TX. ZIP: {ZIP|78701}; zip code {ZIP|787}; CA {ZIP|90210}; {ZIP|12345-6789}",
    "lives in {LOCATION|Barnstable}; moved to {LOCATION|Cedar Rapids}; {LOCATION|Cook County}; City: {LOCATION|Dayton}",
    "on {STREET|Willow Street} near home",
    "{LOCATION|DAYTON}, OH {ZIP|45402}",
    "{STREET|8749 West Drovers Circle Apt 6}; {STREET|2542 Nightingale Ln, Unit 8B}; {STREET|12 Elm St #19}",
    "at {STREET|8637 Wisteria St}, {LOCATION|Ottercliff}. Visiting her sister in {LOCATION|Jolietta}; formerly of {LOCATION|Zennor Point}",
    "Walk-in Clinic, {LOCATION|Lossiemouth}\nA 70-year-old retired teacher from {LOCATION|Birchfell}; came by ambulance from {LOCATION|Staithes} today",
]
ORGANIZATIONS = [
    "at {ORGANIZATION|St. Mary's Hospital} and {ORGANIZATION|Lakeview Medical Center}",
    "{ORGANIZATION|Mayo Clinic}; {ORGANIZATION|Northwestern Memorial Hospital}; {ORGANIZATION|University of Ohio}",
    "from {ORGANIZATION|Sunrise Nursing Home}; {ORGANIZATION|Walbrook Pharmacy}; {ORGANIZATION|Jefferson Elementary School}",
    "{ORGANIZATION|st mary's hospital}; {ORGANIZATION|RIVERBEND MEDICAL CENTER}",
    "Employer: {ORGANIZATION|Acme Widgets Inc}",
    "SENT FROM {ORGANIZATION|CALDICOTT HOUSE NURSING HOME}; TREATED AT {ORGANIZATION|THORNWICK GENERAL HOSPITAL}",
]
NEITHER = [
    "the General Hospital, Outpatient Clinic, Pain Clinic, Children's Hospital, our Medical Center, Wound Clinic",
    "Coumadin Clinic, Primary Care, Family Medicine, Urgent Care, High School, Nursing Home, Rehab Center, Hospital Course",
    "12 lead ST elevation, 3 Head CT, 64 slice CT, 2 mg dr, 40 mg DR capsule, 5 days in court",
    "PAIN, OR nausea, IN the morning, OK, ME too, HI, ID consult, LA enlarged, MD 5 times, MS 20 mg",
    "lives in Texas, born in Mexico, lives with wife, lives in assisted living, living in a group home",
    "B12 1000 mcg, T4 5ML, L4 5ST, C5 6th, E11 9, H1N1, A1C 6.5, G6PD",
    "flat affect, unit 3 blood, box 5, suite of labs, apt to fall, street drugs, way of life, room 5",
    "2 Units PRBC, 3 Way Foley, 4 Extremities, 5 Point Restraint",
    "St. Jude valve, state of mind, New York Heart Association class III, Washington",
    "zip lock, postal worker, 5 more Steps to the Park",
    "IN 2021 UNDER DR; 84327\nDear Dr; 16 MEN UNDER DR; TREATED AT GENERAL HOSPITAL",
    "came from Radiology, brought from Medicine, visiting her sister in summer, go home to Hospice",
    "Pain Clinic, Thursday\nPrimary Care, Cardiology\ncame from Telemetry, arrived from ED, drove from China",
    "came from Lab; transferred from Surgery Unit to Telemetry Unit; arrived from PACU; brought from Dialysis",
    "NO RECENT ANTIBIOTICS OR HOSPITAL STAYS, NO PRIOR HOSPITAL COURSE",
]


@pytest.mark.parametrize("marked", PLACES)
def test_a_place_is_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize("marked", ORGANIZATIONS)
def test_an_organisation_is_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_neither_stays(text: str) -> None:
    assert found(text) == set()
