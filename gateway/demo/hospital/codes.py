"""The codes in use: which system each is of, what it is called, and what stands beside it.

Law: SNOMED CT is the first code of a diagnosis, LOINC of a measurement, RxNorm of a medication, CVX of a
vaccine; ICD-10-CM and ATC stand beside. Imports: the standard library only.
"""

from __future__ import annotations

SNOMED = "http://snomed.info/sct"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
CVX = "http://hl7.org/fhir/sid/cvx"

HYPERTENSION, DIABETES, ASTHMA = "38341003", "44054006", "195967001"
COPD, HEART_FAILURE, KIDNEY = "13645005", "84114007", "709044004"
FIBRILLATION, DEPRESSION, LIPIDS = "49436004", "35489007", "55822004"
FLU, ATTACK = "95891005", "708038006"
ARTHROSIS, BACK_PAIN, BRONCHITIS, FRACTURE = "396275006", "279039007", "10509002", "125605004"
FIBROSIS, HUNTINGTON, GAUCHER = "190905008", "58756001", "190794006"
SCLEROSIS, WILSON, MARFAN = "86044005", "88518009", "19346006"

RARE = (FIBROSIS, HUNTINGTON, GAUCHER, SCLEROSIS, WILSON, MARFAN)
PASSING = (ARTHROSIS, BACK_PAIN, BRONCHITIS, FRACTURE)

# SNOMED CT -> (name, ICD-10-CM).
DIAGNOSES = {
    HYPERTENSION: ("hypertension", "I10"),
    DIABETES: ("type 2 diabetes", "E11.9"),
    ASTHMA: ("asthma", "J45.909"),
    COPD: ("chronic obstructive lung disease", "J44.9"),
    HEART_FAILURE: ("heart failure", "I50.9"),
    KIDNEY: ("chronic kidney disease", "N18.9"),
    FIBRILLATION: ("atrial fibrillation", "I48.91"),
    DEPRESSION: ("depression", "F32.A"),
    LIPIDS: ("hyperlipidaemia", "E78.5"),
    FLU: ("influenza-like illness", "J11.1"),
    ATTACK: ("acute exacerbation of asthma", "J45.901"),
    ARTHROSIS: ("osteoarthritis", "M19.90"),
    BACK_PAIN: ("low back pain", "M54.50"),
    BRONCHITIS: ("acute bronchitis", "J20.9"),
    FRACTURE: ("fracture of bone", "T14.8XXA"),
    FIBROSIS: ("cystic fibrosis", "E84.9"),
    HUNTINGTON: ("Huntington's disease", "G10"),
    GAUCHER: ("Gaucher's disease", "E75.22"),
    SCLEROSIS: ("amyotrophic lateral sclerosis", "G12.21"),
    WILSON: ("Wilson's disease", "E83.01"),
    MARFAN: ("Marfan's syndrome", "Q87.40"),
}

METFORMIN, STATIN, LISINOPRIL, AMLODIPINE = "860975", "312961", "314076", "197361"
SALBUTAMOL, FLUTICASONE, FUROSEMIDE, METOPROLOL = "745679", "895994", "313988", "866414"
WARFARIN, SERTRALINE, PARACETAMOL, IBUPROFEN = "855332", "312941", "313782", "310965"

# RxNorm -> (name, ATC).
DRUGS = {
    METFORMIN: ("metformin 500 mg", "A10BA02"),
    STATIN: ("simvastatin 20 mg", "C10AA01"),
    LISINOPRIL: ("lisinopril 10 mg", "C09AA03"),
    AMLODIPINE: ("amlodipine 5 mg", "C08CA01"),
    SALBUTAMOL: ("salbutamol inhaler", "R03AC02"),
    FLUTICASONE: ("fluticasone inhaler", "R03BA05"),
    FUROSEMIDE: ("furosemide 40 mg", "C03CA01"),
    METOPROLOL: ("metoprolol 100 mg", "C07AB02"),
    WARFARIN: ("warfarin 5 mg", "B01AA03"),
    SERTRALINE: ("sertraline 50 mg", "N06AB06"),
    PARACETAMOL: ("paracetamol 325 mg", "N02BE01"),
    IBUPROFEN: ("ibuprofen 200 mg", "M01AE01"),
}

INFLUENZA, PNEUMOCOCCAL, TETANUS, MEASLES, POLIO, ZOSTER = "140", "33", "113", "03", "10", "121"
VACCINES = {
    INFLUENZA: "influenza",
    PNEUMOCOCCAL: "pneumococcal",
    TETANUS: "tetanus and diphtheria",
    MEASLES: "measles, mumps and rubella",
    POLIO: "polio",
    ZOSTER: "zoster",
}

COLONOSCOPY, CHEST_FILM, ECG, ECHO = "73761001", "399208008", "29303009", "40701008"
SPIROMETRY, DIALYSIS, ABLATION, SCREENING = "127783003", "265764009", "18286008", "171207006"
RECONCILIATION, BONE_SETTING = "430193006", "274474001"
PROCEDURES = {
    COLONOSCOPY: "colonoscopy",
    CHEST_FILM: "plain chest X-ray",
    ECG: "electrocardiogram",
    ECHO: "echocardiography",
    SPIROMETRY: "spirometry",
    DIALYSIS: "renal dialysis",
    ABLATION: "catheter ablation",
    SCREENING: "depression screening",
    RECONCILIATION: "medication reconciliation",
    BONE_SETTING: "immobilisation of bone",
}

CHECK_UP, FOLLOW_UP, PROBLEM = "185349003", "390906007", "185347001"
EMERGENCY, INPATIENT, TELEMEDICINE = "50849002", "183452005", "448337001"

PANEL, SYSTOLIC, DIASTOLIC = "85354-9", "8480-6", "8462-4"
BODY_MASS_INDEX, HEART_RATE, TEMPERATURE = "39156-5", "8867-4", "8310-5"
HBA1C, CREATININE, FILTRATION, LDL, CRP = "4548-4", "2160-0", "98979-8", "13457-7", "1988-5"
EJECTION, EXPIRED, MOOD, COMA = "10230-1", "20150-9", "44261-6", "9269-2"
OXYGEN, STEPS, SMOKING = "3151-8", "55423-8", "72166-2"
SMOKER, FORMER_SMOKER, NEVER_SMOKED = "449868002", "8517006", "266919005"

# LOINC -> (UCUM unit, category, what it is called in a note).
MEASURES = {
    SYSTOLIC: ("mm[Hg]", "vital-signs", "systolic blood pressure"),
    DIASTOLIC: ("mm[Hg]", "vital-signs", "diastolic blood pressure"),
    BODY_MASS_INDEX: ("kg/m2", "vital-signs", "body mass index"),
    HEART_RATE: ("/min", "vital-signs", "heart rate"),
    TEMPERATURE: ("Cel", "vital-signs", "temperature"),
    HBA1C: ("%", "laboratory", "HbA1c"),
    CREATININE: ("mg/dL", "laboratory", "creatinine"),
    FILTRATION: ("mL/min/{1.73_m2}", "laboratory", "eGFR"),
    LDL: ("mg/dL", "laboratory", "LDL cholesterol"),
    CRP: ("mg/L", "laboratory", "CRP"),
    EJECTION: ("%", "imaging", "ejection fraction"),
    EXPIRED: ("L", "procedure", "FEV1"),
    MOOD: ("{score}", "survey", "PHQ-9"),
    COMA: ("{score}", "exam", "Glasgow coma score"),
    OXYGEN: ("L/min", "therapy", "oxygen"),
    STEPS: ("{steps}", "activity", "steps a day"),
    SMOKING: ("", "social-history", "smoking"),
}

# HL7 v2 table 0074 -> LOINC of a report of that service.
REPORTS = {
    "LAB": "58410-2", "CH": "24323-8", "HM": "718-7", "RAD": "36643-5", "CT": "24627-2", "NMR": "24590-2",
    "RUS": "24558-9", "MB": "600-7", "SP": "11526-1", "CP": "19762-4", "GE": "51969-4", "EC": "11524-6",
    "IMM": "1988-5", "SR": "20507-0", "TX": "3298-7", "OTH": "11502-2",
}  # fmt: skip

ADMISSION_NOTE, DISCHARGE_NOTE, PROGRESS_NOTE, EMERGENCY_NOTE = "34117-2", "18842-5", "11506-3", "34111-5"
