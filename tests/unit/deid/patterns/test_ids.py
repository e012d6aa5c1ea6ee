"""Numbers and codes of people, and the codes all patients share."""

import base64
import random

import pytest

from gateway.deid.patterns import pattern_spans
from tests.unit.deid.patterns.marked import check, found

IDS = [
    "MRN: {MRN|12345678}; MRN {MRN|A-1234567}, mrn#{MRN|445566}; Medical Record Number: {MRN|00-12-34}; MR# {MRN|998877}",
    "Medical record no. {MRN|778899}, MRN\n{MRN|556677}\nPatient ID: {MRN|P00123}; Visit #: {MRN|88123}; CSN {MRN|100200300}",
    "Accession Number: {MRN|24-CT-00123}; Encounter: {MRN|E1234567}; Hospital No {MRN|H445566}",
    "NHC: {MRN|2569870}. NASS: {NATIONAL_ID|47 39047534 02}. NºCol: {LICENSE|28 28 20943}.",
    "SSN: {SSN|123-45-6789}, SSN {SSN|123456789}, {SSN|987-65-4321}, social security number {SSN|123 45 6789}",
    "SSN {SSN|xxx-xx-1234}, {SSN|XXX-XX-9876}, {SSN|***-**-4321}, SSN last four {SSN|6789}",
    "Member ID: {HEALTH_PLAN|XYZ123456789}; Group #: {HEALTH_PLAN|88012}; policy number {HEALTH_PLAN|AB-1234567}",
    "Medicare {HEALTH_PLAN|1EG4-TE5-MK73}; MBI: {HEALTH_PLAN|1EG4TE5MK73}; Medicaid ID {HEALTH_PLAN|123456789A}",
    "Account No: {ACCOUNT|4455667}; acct {ACCOUNT|99887766}; card {ACCOUNT|4111 1111 1111 1111}; account ending in {ACCOUNT|4321}",
    "IBAN {ACCOUNT|GB82 WEST 1234 5698 7654 32}; {ACCOUNT|ES9121000418450200051332}; {ACCOUNT|378282246310005}",
    "NPI {LICENSE|1234567893}; DEA# {LICENSE|AB1234563}; license no. {LICENSE|MD-445566}; Driver's license: {LICENSE|TX 12345678}",
    "VIN {VEHICLE|1M8GDM9AXKP042788}, {VEHICLE|1M8GDM9AXKP042788}; license plate {VEHICLE|ABC-1234}; plate: {VEHICLE|7XYZ123}; plate {VEHICLE|8ABC123}; Job #: {ID|445566}",
    "S/N: {DEVICE|SN-998877A}; Serial No. {DEVICE|PJN123456}; lot # {DEVICE|A12345}; UDI: {DEVICE|(01)00643169007222(17)251231(21)AB1234}",
    "with {DEVICE|(01)00643169007222(10)LOT5}; IMEI {DEVICE|490154203237518}",
    "passport {PASSPORT|G12345678}; Passport No: {PASSPORT|X1234567}; {PASSPORT|E12345678}",
    "NHS number: {NATIONAL_ID|943 476 5919}; DNINO: {NATIONAL_ID|12345678Z}; {NATIONAL_ID|X1234567L}; NINO: {NATIONAL_ID|AB 12 34 56 C}",
    "Case #: {ID|2024-00123}; Specimen: {ID|S24-12345}; Order ID {ID|9988776}; Claim number {ID|CLM0012345}; ID: {ID|ab12345}",
    "path {ID|SP-24-1234}; code {ID|QN4432872}; seen #{ID|445566}; token {ID|QX7R2M9K4T}; {ID|88123456}",
    "plate {VEHICLE|WMW 9804}; tag {VEHICLE|557 LZA}; Wisconsin plate {VEHICLE|3HK C82}",
    "ID {MRN|19-74-92}; chart {ID|27-14-29}; case {ID|83-86834}; Court order {ID|0641-609989}; run sheet {ID|69-704016}; Job {ID|11978}",
    "Record no. ...... {MRN|27-14-29}; stay of Rukayua Boutros ({MRN|857364})",
    "Chipo Nyambura   {MRN|154001}   seen",
]
SHARED = [
    "ICD-10 E11.9, ICD-10-CM: I25.10, ICD9 250.00, E11.9, J45.909, Z79.4",
    "CPT 99213, CPT code 99213-25, HCPCS J3490, LOINC 2345-7, LOINC: 18262-6",
    "SNOMED 44054006, SNOMED CT 73211009, RxNorm 1049502, NDC 0006-0277-31",
    "trial NCT01234567, PMID 12345678, PMID: 23456789, rs12345678, doi:10.1056/NEJMoa1234567",
    "viral load 10000000 copies/mL, 2500000 cells, CYP2C19, HLA-B27, SARS-CoV-2, COVID-19, H1N1, CD4 350",
    "Group 3 PH, case 5, order 2 units, visit 3, lot of pain, plan 2 weeks, member of 4, lead V3, model 2",
    "Case: 45-year-old, Order: 500 mg, ID: continue vancomycin 1250 mg, group: 2, Visit: 3/5",
    "room 412, bed 3, floor 5, unit 7B, T4N1M0, G2P1001, 5FU, B12 1000 mcg, FEV1 2.3",
    "vitamin D3 2000 units, omega3 1000, Hgb A1c 7.2, PaO2 95, LDL 120, 10mg/5ml, 0.9% NaCl",
    "Fin de la nota. No 2nd dose. dea lt; licensed nurse; plate fracture 3; tag 2; serial troponins 3; NHS 111",
    "Ref: 135-145, reference 3.5-5.0, card 3, token 5",
    "plate 10 HOLE, tag 5 A, plate 2 MM; order 20000 units; Platelet Count   154001   high; chart 2021; case 12/13/2021; ID consult",
    "tag 12 XL; growth plate 10 CM; plate LCP 3.5; name tag 2 B",
]


@pytest.mark.parametrize("marked", IDS)
def test_a_number_of_a_person_is_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize("text", SHARED)
def test_what_all_patients_share_stays(text: str) -> None:
    assert {one for one in found(text) if one[0] != "DATE"} == set()


@pytest.mark.parametrize("width", [0, 64, 76])
def test_an_encoded_file_is_one_span(width: int) -> None:
    blob = base64.b64encode(random.Random(1).randbytes(600)).decode()
    written = "\n".join(blob[at : at + width] for at in range(0, len(blob), width)) if width else blob
    text = f"Image follows:\n{written}\nand the patient is well."
    spans = [s for s in pattern_spans(text, "en") if s.type == "ID"]
    start = text.index(written)
    assert any(s.start == start and s.end >= start + len(written) for s in spans)


def test_a_check_digit_tells_a_card_from_a_form() -> None:
    def score(text: str) -> float:
        return max((s.score for s in pattern_spans(text, "en") if s.type == "ACCOUNT"), default=0.0)

    assert score("4111 1111 1111 1111") > 0.9
    assert 0 < score("4111 1111 1111 1112") < 0.9
