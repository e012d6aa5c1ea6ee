"""Names by title, label, degree and kinship; and the words after those that are no names."""

import pytest

from tests.unit.deid.patterns.marked import check, found

NAMES = [
    "Patient: {NAME|John Smith}\nName: {NAME|SMITH, JOHN A}\nPatient Name: {NAME|Doe, Jane}  DOB",
    "Dr. {NAME|Patel} saw her; Dr {NAME|Anna Lindqvist}, Mr. {NAME|O'Brien}, Mrs {NAME|Garcia-Lopez}, Ms. {NAME|Lee}",
    "Drs. {NAME|Smith} and {NAME|Jones}; Prof. {NAME|van der Berg}; Nurse {NAME|Okafor}; Miss {NAME|Chen}",
    "Signed by {NAME|Maria Gonzalez}, MD; dictated by: {NAME|R. Kumar}; reviewed by {NAME|Thomas Wright}",
    "Attending: {NAME|James T. Kowalski}; PCP: Dr. {NAME|Nguyen}; Surgeon: {NAME|LEE, MIN}",
    "{NAME|Sarah Connelly}, RN at bedside; {NAME|J. R. Hayes}, M.D.; {NAME|Priya Raman} PA-C; {NAME|Petrov, Ivan}, MD",
    "{NAME|Emily Larsson}, PT worked with him",
    "cc: {NAME|Robert Hale}, MD\nDear Dr. {NAME|Whitfield},\nDear {NAME|Jonathan},",
    "His wife {NAME|Marta} and daughter, {NAME|Ewa Nowak}, were present; son named {NAME|Piotr}",
    "pt {NAME|john smith} here; dr {NAME|patel} aware; mrs {NAME|garcia} called; mr {NAME|kowalski}",
    "/s/ {NAME|Helen Brandt}",
    "Emergency contact: {NAME|Lucia Romano}; Next of kin: {NAME|Marco Romano} Phone",
    "My name is {NAME|Rubija}. Her dog is named {NAME|Biscotti}.",
    "Mr. and Mrs. {NAME|Johansson}; Dr. {NAME|Black}'s note",
    "Last name: {NAME|Baker}\nFirst name: {NAME|Will}",
    "DRS. {NAME|HALVORSEN} AND {NAME|OKAFOR}; seen by Drs. {NAME|Novak} and {NAME|Osei}; DR. {NAME|BEYNON} WILL SEE HIM",
    "{NAME|Farquharson, Morag B} / 1; {NAME|O'DRISCOLL, Fiachra}   2",
    "Your nurse today was {NAME|Ottilie Brandt}. Labels checked with {NAME|B. Seonwoo}; {NAME|Ottilie} here, dressing taken down",
    "pt {NAME|SY} DOB; which {NAME|Ottilie} blames on the weather",
    "end\n{NAME|MK/jt}\n{NAME|JT} D: 2",
    "Copies go to {NAME|Kwadwo Nkansah} at noon; handed over to {NAME|Shulamit Toledano}; updated {NAME|Dezbah Yellowhorse} by phone",
    "Speech therapist {NAME|Bolesław Grzegorczyk} found; requested by: {NAME|Yaropolk Shevchenko}; call {NAME|M. Mukhopadhyay}; sister {NAME|Eluned Nantlais} has",
    "staples out at two weeks. Per {NAME|Ottilie}: no change; per {NAME|Nkansah}: stop heparin",
    "sutures out ({NAME|m. terpstra}); goal met ({NAME|P. Seonwoo}); SUTURES OUT ({NAME|P. SEONWOO})",
    "as dictated\n-- {NAME|SEONWOO}, NP, pager; (signed) {NAME|Ottilie Brandt}\nnext; (SIGNED) {NAME|NKANSAH}",
    "HER SON, {NAME|BARTOLOMEO DELVECCHIO}, HOLDS THE KEYS",
]
NOT_NAMES = [
    "no Q waves, QTc 445 ms. Coronary calcification, 20 ms. High-sensitivity troponin",
    "Dear Colleague,\nthank you; Dear Doctor: please; Dear Parents,\nyour child; Dear team, hello",
    "per protocol: hold; per report: stable; Per guideline: repeat; per patient: none; PER POLICY: wash hands",
    "cultures (E. coli) and (S. aureus), (H. pylori), (c. albicans), (P. aeruginosa), (E. COLI), (i.e. none), (P. acnes)",
    "Plan\n-- Continue aspirin, daily\n-- Discharge, home; (signed) consent\n",
    "Patient: Denies chest pain. Name: Unknown. Mother: Healthy. Attending: Present.",
    "Dr. visit, dr appt, dr. recommended, Dr. office, doctor said, nurse practitioner, Nurse Manager",
    "MR angiography, MR. MS Contin; MS changes, mr severe, ms contin 15 mg, Mr enterography",
    "Parkinson's disease, Foley catheter, St. Jude valve, Dr. Scholl's inserts, Mayo stent, Kocher maneuver",
    "Mother with diabetes, father died, Sister Alive, wife Reports, son well, Daughter Denies",
    "seen by Cardiology, reviewed by Radiology, Discussed with Family, followed by Oncology, referred to Surgery",
    "dr to follow, mr to evaluate; seen with Nurse Practitioner, seen by Physician Assistant",
    "MD aware, RN notified, CONSULT PT, OT, NP at bedside, Chest PA and lateral, Call MD, Notify RN",
    "Medication name: Lisinopril; Test name: Troponin; Drug Name: Metformin; Plan: Continue",
    "pt afebrile overnight, patient ambulating independently, pt tolerated well, Patient Care Plan, pt resting comfortably",
    "Provider: Emergency. From: Clinic. To: Home. Re: Follow up. CC: Chest pain. Subject: Reminder",
    "Patient Education Provided, Resident Rights, Baby Blues, Client Service",
    "Author: Emergency Department; Nurse: Present; Contact: Phone; Son: none",
    "CHEST, Two views\nHEENT, Neck supple\nNEURO, Psych\nBP/hr 3\nclass III, Washington",
    "Patient here, Mom here; labels checked with care; your nurse today was kind; which patient blames on; pt SOB today",
    "SURGERY, Orthopedic\nPT/ot evaluation; as Patient reports",
    "Updated Problem List; call Radiology Desk; under General Anesthesia; including Blood Cultures; told Nursing Staff; HER SON, WELL CARED FOR",
    "Physician Assistant Student; Resident Physician Note; call Poison Control; under Fluoroscopic Guidance; report to Infection Control; sent to Surgical Pathology",
    "under Ultrasound Guidance; sent to Cytology; including Vancomycin, Zosyn; under Versed Fentanyl sedation; MOTHER HAS DIABETES; FATHER DIED YOUNG",
]


@pytest.mark.parametrize("marked", NAMES)
def test_a_name_is_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize("text", NOT_NAMES)
def test_no_other_word_is_a_name(text: str) -> None:
    assert found(text) == set()
