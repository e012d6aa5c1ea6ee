"""A small set of policies that lets notes leave: patients, their conditions, notes and identities."""

from __future__ import annotations

from collections.abc import Mapping

from tests.unit.policy.sets import FILES as PLAIN
from tests.unit.policy.sets import SITE as SITE

_HEAD = """\
version: 1
title: Notes
status: active
provider: north-hospital
purposes: [HRESCH, PUBHLTH]
legal_basis: {basis: consent, reference: board 1}
valid: {from: 2026-01-01, until: 2028-12-31}
privacy: {epsilon: 3, delta: 1e-7, period: year}
limits: {requests_per_minute: 6000, concurrent: 8}
"""

FILES: Mapping[str, str] = {
    "populations/patients.yaml": """\
population: patients
title: Everyone
maximum: 1000
patients: {dataset: people, birth_date: born}
budget: {epsilon: 8, delta: 1e-7, period: year}
lifetime: unlimited
""",
    "datasets/people.yaml": """\
dataset: people
title: People
population: patients
patient: patient_id
row_key: person_key
max_groups: 1
max_rows: 1
columns:
  patient_id: {type: identifier}
  person_key: {type: identifier}
  sex: {type: category, categories: {values: [female, male], other: other}}
  born: {type: date}
  consented: {type: boolean}
""",
    "datasets/conditions.yaml": """\
dataset: conditions
title: Conditions
population: patients
patient: patient_id
row_key: condition_id
max_groups: 3
max_rows: 5
columns:
  patient_id: {type: identifier}
  condition_id: {type: identifier}
  code: {type: code}
  onset: {type: date}
  stage: {type: integer}
""",
    "datasets/notes.yaml": """\
dataset: notes
title: Notes
population: patients
patient: patient_id
row_key: note_id
max_groups: 3
max_rows: 5
notes: {text: body, language: language, spoken: en}
columns:
  patient_id: {type: identifier}
  note_id: {type: identifier}
  kind: {type: category, categories: {values: [letter, report], other: other, missing: missing}}
  written: {type: date}
  ward: {type: code, identifies: LOCATION}
  language: {type: code}
  draft: {type: boolean}
  body: {type: text}
""",
    "datasets/identities.yaml": """\
dataset: identities
title: Identities
population: patients
patient: patient_id
row_key: line
max_groups: 1
max_rows: 1
identities: {given: given, family: family, born: birth_date, phone: phone, mrn: identifier, town: city}
columns:
  patient_id: {type: identifier}
  line: {type: identifier}
  given: {type: text}
  family: {type: text}
  born: {type: date}
  phone: {type: text}
  mrn: {type: identifier, identifies: MRN}
  town: {type: text}
""",
    "parties/university.yaml": PLAIN["parties/university.yaml"],
    "parties/college.yaml": PLAIN["parties/university.yaml"].replace("university", "college"),
    "profiles/careful.yaml": """\
profile: careful
title: Careful
legal_basis: consent
languages: [en]
per_patient: true
threshold: 0.5
methods: {DATE: shift, ID: pseudonym, NAME: redact}
""",
    "agreements/notes.yaml": f"""\
agreement: notes
{_HEAD}recipients: [university, college]
grants:
  - name: letters
    operation: notes
    dataset: notes
    profile: careful
    columns: {{filter: [kind, written], context: [kind, written, patient_id, ward]}}
    limits: {{rows_per_day: 1000, rows_per_minute: 600000}}
    where: "draft = FALSE"
    consent: "patient.consented = TRUE"
  - name: conditions
    operation: notes
    dataset: conditions
    columns: {{filter: [code, onset]}}
    where: "stage >= 1"
  - name: people
    operation: notes
    dataset: people
    columns: {{filter: [sex, age]}}
  - name: counts
    operation: aggregate
    dataset: notes
    columns: {{filter: [language], group: [kind]}}
    measures: [count_patients]
  - name: staging
    operation: aggregate
    dataset: conditions
    columns: {{filter: [stage]}}
    measures: [count_patients]
  - name: own
    operation: deidentify
    profile: careful
    limits: {{rows_per_day: 500, rows_per_minute: 600000}}
obligations: [Identify nobody.]
""",
}
