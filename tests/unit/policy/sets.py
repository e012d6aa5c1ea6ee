"""A small, complete and faultless set of policy files, to be broken one word at a time."""

from __future__ import annotations

from collections.abc import Mapping

SITE = "north-hospital"

CERTIFICATE = """-----BEGIN CERTIFICATE-----
    MAMCAQE=
    -----END CERTIFICATE-----"""

FILES: Mapping[str, str] = {
    "populations/patients.yaml": """\
population: patients
title: Everyone
maximum: 1000
budget: {epsilon: 8, delta: 1e-7, period: year}
lifetime: {epsilon: 40, delta: 1e-7}
""",
    "datasets/visits.yaml": """\
dataset: visits
title: Visits
population: patients
patient: patient_id
row_key: visit_id
max_groups: 3
max_rows: 5
nulls: ["", "?"]
columns:
  patient_id: {type: identifier, from: patient_nbr}
  visit_id: {type: identifier}
  sex:
    type: category
    map: {Female: female, Male: male}
    categories: {values: [female, male], other: other, missing: missing}
  ward:
    type: category
    categories: {values: [east, west]}
  days:
    type: integer
    unit: d
    bounds: {low: 0, high: 30, resolution: 1}
    source: clinical plausibility
  bmi:
    type: number
    bounds: {low: 10, high: 60, resolution: 0.1}
  urgent: {type: boolean, map: {"Yes": true, "No": false}}
  start: {type: date}
""",
    "parties/university.yaml": f"""\
party: university
name: A university
organisation: urn:oid:2.999.1
certificate:
  san: urn:concordat:party:university
  issuer: |
    {CERTIFICATE}
jwks:
  keys:
    - {{kty: OKP, crv: Ed25519, kid: first, alg: EdDSA, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}}
persons: []
budget: {{epsilon: 4, delta: 1e-7, period: year}}
""",
    "agreements/research.yaml": """\
agreement: research
version: 1
title: Research
status: active
provider: north-hospital
recipients: [university]
purposes: [HRESCH, PUBHLTH]
legal_basis: {basis: consent, reference: board 1}
valid: {from: 2026-01-01, until: 2028-12-31}
privacy: {epsilon: 3, delta: 1e-7, period: year, most_per_query: {epsilon: 1.5}}
limits: {requests_per_minute: 60, concurrent: 4}
grants:
  - name: all
    operation: aggregate
    dataset: visits
    columns: {filter: [sex, days, start, urgent], group: [sex, urgent], measure: [days]}
    measures: [count_patients, sum]
    where: "sex <> 'other'"
    consent: |
      urgent = TRUE
      AND days >= 0
prohibitions:
  - {reason: not for public health, columns: [days], purposes: [PUBHLTH]}
obligations: [Do not identify anybody.]
""",
}


def as_bytes(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode("utf-8") for path, text in files.items()}


def broken(path: str, old: str, new: str) -> dict[str, bytes]:
    """The faultless set with one text of one file replaced; the text must be there exactly once."""
    assert FILES[path].count(old) == 1, f"{old!r} occurs {FILES[path].count(old)} times"
    return as_bytes({**FILES, path: FILES[path].replace(old, new)})
