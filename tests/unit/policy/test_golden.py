"""Golden faults: one word of a faultless set is changed, and every message is exact and positioned.

The faultless set is the twin of each case: it compiles, and differs in that one text alone.
"""

from __future__ import annotations

import pytest

from gateway.compile import compile_policies
from gateway.errors import PolicyInvalid
from tests.unit.policy.sets import FILES, SITE, as_bytes, broken

POPULATION = "populations/patients.yaml"
DATASET = "datasets/visits.yaml"
PARTY = "parties/university.yaml"
AGREEMENT = "agreements/research.yaml"

# What is changed (file, old text, new text), and the faults with their places.
CASES: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    (
        "duplicate key",
        POPULATION,
        "title: Everyone",
        "title: Everyone\ntitle: Again",
        ("3:1: the key 'title' is written twice (keep one of them)",),
    ),
    (
        "bad yaml",
        POPULATION,
        "{epsilon: 8, delta: 1e-7, period: year}",
        "{epsilon: 8, delta: 1e-7",
        ("5:9: this is not YAML (check indentation, quotes and brackets)",),
    ),
    (
        "unknown field",
        POPULATION,
        "maximum: 1000",
        "maximun: 1000",
        ("1:1: the field 'maximum' is missing", "3:1: unknown field 'maximun' (did you mean 'maximum'?)"),
    ),
    (
        "nested unknown field",
        DATASET,
        "{low: 0, high: 30, resolution: 1}",
        "{low: 0, high: 30, resolutoin: 1}",
        (
            "22:13: the field 'resolution' is missing",
            "22:32: unknown field 'resolutoin' (did you mean 'resolution'?)",
        ),
    ),
    (
        "field of an agreement grant",
        AGREEMENT,
        "    operation: aggregate",
        "    operaton: aggregate",
        (
            "13:5: the field 'operation' is missing",
            "14:5: unknown field 'operaton' (did you mean 'operation'?)",
        ),
    ),
    ("wrong type", POPULATION, "maximum: 1000", "maximum: many", ("3:10: 'maximum' must be a whole number",)),
    (
        "whole number wanted",
        POPULATION,
        "maximum: 1000",
        "maximum: 10.5",
        ("3:10: 'maximum' must be a whole number",),
    ),
    (
        "truth value is no number",
        POPULATION,
        "{epsilon: 8,",
        "{epsilon: true,",
        ("4:19: 'epsilon' must be a number",),
    ),
    ("out of range", POPULATION, "{epsilon: 8,", "{epsilon: 0,", ("4:19: 'epsilon' must be greater than 0",)),
    (
        "unknown period",
        POPULATION,
        "delta: 1e-7, period: year",
        "delta: 1e-7, period: yearly",
        ("4:43: 'yearly' is not a known word for 'period' (did you mean 'year'?)",),
    ),
    (
        "lifetime left empty",
        POPULATION,
        "lifetime: {epsilon: 40, delta: 1e-7}",
        "lifetime:",
        ("6:1: 'lifetime' must be a cap or the word unlimited ({epsilon: ..., delta: ...} or unlimited)",),
    ),
    (
        "lifetime below one period",
        POPULATION,
        "{epsilon: 40,",
        "{epsilon: 4,",
        ("5:11: must hold at least the budget of one period",),
    ),
    (
        "delta too large",
        POPULATION,
        "lifetime: {epsilon: 40, delta: 1e-7}",
        "lifetime: {epsilon: 40, delta: 0.001}",
        ("5:32: delta is too large for a population of up to 1000 (at most 1 / (10 x 1000))",),
    ),
    (
        "budget that grants nothing",
        POPULATION,
        "{epsilon: 8,",
        "{epsilon: 1e-20,",
        ("4:19: this budget is too small to allow any question",),
    ),
    (
        "name form",
        POPULATION,
        "population: patients",
        "population: Patients",
        (
            "datasets/visits.yaml:3:13: there is no population 'patients' (did you mean 'Patients'?)",
            "1:13: 'population' is not well formed (lower-case letters, digits, hyphens; at most 63)",
        ),
    ),
    (
        "unknown population",
        DATASET,
        "population: patients",
        "population: patient",
        ("3:13: there is no population 'patient' (did you mean 'patients'?)",),
    ),
    (
        "unknown patient column",
        DATASET,
        "patient: patient_id",
        "patient: patientid",
        ("4:10: there is no column 'patientid' (did you mean 'patient_id'?)",),
    ),
    (
        "row key is no identifier",
        DATASET,
        "row_key: visit_id",
        "row_key: sex",
        ("5:10: column 'sex' must have the type identifier",),
    ),
    (
        "patient is row key",
        DATASET,
        "row_key: visit_id",
        "row_key: patient_id",
        ("5:10: one column cannot name both the patient and the row",),
    ),
    ("no groups", DATASET, "max_groups: 3", "max_groups: 0", ("6:13: 'max_groups' must be at least 1",)),
    (
        "unknown column type",
        DATASET,
        "{type: date}",
        "{type: dat}",
        ("28:17: 'dat' is not a known word for 'type' (did you mean 'date'?)",),
    ),
    (
        "column name form",
        DATASET,
        "  start: {type: date}",
        "  Start: {type: date}",
        ("28:3: 'Start' is not well formed (lower-case letters, digits, underscores; at most 63)",),
    ),
    (
        "category without categories",
        DATASET,
        "    categories: {values: [east, west]}",
        "    unit: none",
        ("17:5: a category column declares its categories (add categories: {values: []})",),
    ),
    (
        "number with categories",
        DATASET,
        "    bounds: {low: 10, high: 60, resolution: 0.1}",
        "    categories: {values: [a]}",
        ("26:5: a number column has no categories",),
    ),
    (
        "label twice",
        DATASET,
        "[east, west]",
        "[east, east]",
        ("18:33: the label 'east' is declared twice (labels are unique)",),
    ),
    (
        "label is missing label",
        DATASET,
        "missing: missing}",
        "missing: female}",
        ("15:65: the label 'female' is declared twice (labels are unique)",),
    ),
    (
        "code without quotes",
        DATASET,
        "[east, west]",
        "[east, 44054006]",
        ("18:33: item 2 of 'values' must be text (text that looks like a number is written in quotes)",),
    ),
    (
        "null label",
        DATASET,
        "[east, west]",
        "[east, ~]",
        ("18:33: item 2 of 'values' must be text (text that looks like a number is written in quotes)",),
    ),
    (
        "date with bounds",
        DATASET,
        "{type: date}",
        "{type: date, bounds: {low: 0, high: 1, resolution: 1}}",
        ("28:23: a date column has no bounds",),
    ),
    (
        "low above high",
        DATASET,
        "{low: 0, high: 30,",
        "{low: 31, high: 30,",
        ("22:19: low must be less than high",),
    ),
    (
        "bound off the grid",
        DATASET,
        "high: 60, resolution: 0.1",
        "high: 60.05, resolution: 0.1",
        ("26:29: high must be a multiple of the resolution",),
    ),
    (
        "resolution zero",
        DATASET,
        "resolution: 0.1",
        "resolution: 0",
        ("26:45: the resolution must be greater than 0",),
    ),
    (
        "fractional integer grid",
        DATASET,
        "resolution: 1}",
        "resolution: 0.5}",
        ("22:44: the resolution of an integer column is a whole number",),
    ),
    (
        "too many steps",
        DATASET,
        "resolution: 0.1",
        "resolution: 1e-18",
        (
            "26:19: low is too many steps of the resolution from 0",
            "26:29: high is too many steps of the resolution from 0",
        ),
    ),
    (
        "bounds from data",
        DATASET,
        "source: clinical plausibility",
        "source: site data",
        ("23:13: bounds and categories never come from the site's data (name a guideline or a code book)",),
    ),
    (
        "map to no value",
        DATASET,
        "Male: male}",
        "Male: mal}",
        ("14:33: 'mal' is not a value of this category column (did you mean 'male'?)",),
    ),
    (
        "map of a truth value",
        DATASET,
        '"No": false',
        '"No": "no"',
        ("27:52: 'no' is not a value of this boolean column (known: false, true)",),
    ),
    (
        "map of an identifier",
        DATASET,
        "from: patient_nbr}",
        "from: patient_nbr, map: {a: b}}",
        ("10:53: an identifier is never mapped (two patients could become one)",),
    ),
    (
        "secret key",
        PARTY,
        "alg: EdDSA,",
        "alg: EdDSA, d: AAAA,",
        ("12:59: 'd' is a part of a private or shared key (destroy this key and make a new one)",),
    ),
    (
        "no algorithm",
        PARTY,
        "alg: EdDSA, ",
        "",
        ("12:7: a key names one algorithm in alg (one of: ES256, ES384, EdDSA, RS256, PS256)",),
    ),
    (
        "symmetric key",
        PARTY,
        "alg: EdDSA",
        "alg: HS256",
        ("12:49: a key names one algorithm in alg (one of: ES256, ES384, EdDSA, RS256, PS256)",),
    ),
    ("wrong curve", PARTY, "crv: Ed25519", "crv: Ed448", ("12:23: crv must be Ed25519 for EdDSA",)),
    (
        "key cut short",
        PARTY,
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcH",
        ("12:59: x must be 32 bytes (copy the key again)",),
    ),
    (
        "key pointing elsewhere",
        PARTY,
        "alg: EdDSA,",
        "alg: EdDSA, jku: 'https://example.org/keys',",
        ("12:61: 'jku' is not a field of this kind of key",),
    ),
    (
        "no certificate",
        PARTY,
        "    MAMCAQE=",
        "    hello!",
        ("6:11: must be a certificate in PEM form (-----BEGIN CERTIFICATE-----)",),
    ),
    (
        "private key in the file",
        PARTY,
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PRIVATE KEY-----",
        ("6:11: a private key is never in a policy file (destroy it and make a new one)",),
    ),
    (
        "issuer and pins",
        PARTY,
        "  san: urn:concordat:party:university",
        "  pinned: [{key: " + "ab" * 32 + ", certificate: x}]\n  san: urn:concordat:party:university",
        ("5:3: a certificate is known in exactly one way (issuer and san, or a list of pinned)",),
    ),
    (
        "no san",
        PARTY,
        "  san: urn:concordat:party:university\n",
        "",
        ("5:3: the field 'san' is missing (a URI or DNS name of the leaf certificate)",),
    ),
    (
        "odd san",
        PARTY,
        "san: urn:concordat:party:university",
        "san: somebody",
        ("5:8: must be a URI or a DNS name (urn:concordat:party:NAME)",),
    ),
    (
        "missing field",
        PARTY,
        "organisation: urn:oid:2.999.1\n",
        "",
        ("1:1: the field 'organisation' is missing",),
    ),
    (
        "person is a number",
        PARTY,
        "persons: []",
        "persons: [17]",
        ("13:11: item 1 of 'persons' must be text (text that looks like a number is written in quotes)",),
    ),
    (
        "another provider",
        AGREEMENT,
        "provider: north-hospital",
        "provider: south-hospital",
        ("5:11: the provider must be this site, 'north-hospital'",),
    ),
    (
        "unknown recipient",
        AGREEMENT,
        "recipients: [university]",
        "recipients: [universty]",
        ("6:14: there is no party 'universty' (did you mean 'university'?)",),
    ),
    (
        "recipient twice",
        AGREEMENT,
        "recipients: [university]",
        "recipients: [university, university]",
        ("6:26: 'university' is written twice (keep one of them)",),
    ),
    (
        "unknown purpose",
        AGREEMENT,
        "purposes: [HRESCH, PUBHLTH]",
        "purposes: [HRESCH, PUBHLT]",
        ("7:20: 'PUBHLT' is not a known word for 'purposes' (did you mean 'PUBHLTH'?)",),
    ),
    (
        "unknown status",
        AGREEMENT,
        "status: active",
        "status: activ",
        ("4:9: 'activ' is not a known word for 'status' (did you mean 'active'?)",),
    ),
    (
        "dates reversed",
        AGREEMENT,
        "until: 2028-12-31",
        "until: 2025-12-31",
        ("9:34: must not be before 'from'",),
    ),
    (
        "no such day",
        AGREEMENT,
        "until: 2028-12-31",
        "until: 2028-02-30",
        ("9:34: 'until' must be a date that exists (write it as 2026-01-31)",),
    ),
    (
        "delta of the agreement",
        AGREEMENT,
        "delta: 1e-7",
        "delta: 1.1e-4",
        ("10:30: delta is too large for a population of up to 1000 (at most 1 / (10 x 1000))",),
    ),
    (
        "a question above the budget",
        AGREEMENT,
        "most_per_query: {epsilon: 1.5}",
        "most_per_query: {epsilon: 3.5}",
        ("10:76: one question cannot cost more than the whole budget",),
    ),
    ("version text", AGREEMENT, "version: 1", 'version: "1"', ("2:10: 'version' must be a whole number",)),
    (
        "unknown dataset",
        AGREEMENT,
        "dataset: visits",
        "dataset: visit",
        ("15:14: there is no dataset 'visit' (did you mean 'visits'?)",),
    ),
    (
        "unknown operation",
        AGREEMENT,
        "operation: aggregate",
        "operation: records",
        ("14:16: 'records' is not a known word for 'operation' (known: aggregate, deidentify, notes)",),
    ),
    (
        "unknown measure",
        AGREEMENT,
        "[count_patients, sum]",
        "[count_patient, sum]",
        ("17:16: 'count_patient' is not a known word for 'measures' (did you mean 'count_patients'?)",),
    ),
    (
        "unknown column",
        AGREEMENT,
        "group: [sex, urgent]",
        "group: [sexx, urgent]",
        ("16:59: dataset 'visits' has no column 'sexx' (did you mean 'sex'?)",),
    ),
    (
        "identifier in a filter",
        AGREEMENT,
        "filter: [sex, days",
        "filter: [patient_id, days",
        ("16:24: column 'patient_id' is an identifier and can never be used in a question",),
    ),
    (
        "grouped identifier",
        AGREEMENT,
        "group: [sex, urgent]",
        "group: [visit_id, urgent]",
        ("16:59: column 'visit_id' is an identifier and can never be used in a question",),
    ),
    (
        "unbounded measure",
        AGREEMENT,
        "measure: [days]",
        "measure: [start]",
        ("16:83: column 'start' has no declared bounds, so it cannot be summed or averaged",),
    ),
    (
        "column twice",
        AGREEMENT,
        "group: [sex, urgent]",
        "group: [sex, sex]",
        ("16:64: 'sex' is written twice (keep one of them)",),
    ),
    (
        "grant twice",
        AGREEMENT,
        "prohibitions:",
        "  - {name: all, operation: aggregate, dataset: visits, columns: {}, measures: [sum]}\nprohibitions:",
        ("22:12: two grants are named 'all'",),
    ),
    ("row filter: unknown label", AGREEMENT, "sex <> 'other'", "sex <> 'femal'", ("18:13: ",)),
    ("row filter: unknown column", AGREEMENT, "sex <> 'other'", "gender <> 'other'", ("18:13: ",)),
    ("row filter: syntax", AGREEMENT, "sex <> 'other'", "sex <>", ("18:17: ",)),
    ("row filter: type", AGREEMENT, "AND days >= 0", "AND days >= 'many'", ("21:11: ",)),
    ("row filter: identifier", AGREEMENT, "urgent = TRUE", "patient_id = '7'", ("20:7: ",)),
    (
        "empty prohibition",
        AGREEMENT,
        "{reason: not for public health, columns: [days], purposes: [PUBHLTH]}",
        "{reason: none}",
        ("23:5: a prohibition must say what it prohibits (to stop everything set the status to suspended)",),
    ),
    (
        "prohibited column unknown",
        AGREEMENT,
        "columns: [days], purposes",
        "columns: [day], purposes",
        ("23:47: no dataset that this prohibition reaches has a column 'day' (did you mean 'days'?)",),
    ),
    (
        "prohibited party unknown",
        AGREEMENT,
        "columns: [days], purposes: [PUBHLTH]",
        "parties: [universities]",
        ("23:47: 'universities' is not a recipient (did you mean 'university'?)",),
    ),
    (
        "prohibited dataset unknown",
        AGREEMENT,
        "columns: [days], purposes: [PUBHLTH]",
        "datasets: [visitors]",
        ("23:48: there is no dataset 'visitors' (did you mean 'visits'?)",),
    ),
    (
        "an anchor",
        AGREEMENT,
        "purposes: [HRESCH, PUBHLTH]",
        "purposes: &p [HRESCH, PUBHLTH]",
        ("7:11: anchors are not allowed (write the value out where it is needed)",),
    ),
    ("no limit", AGREEMENT, "concurrent: 4", "concurrent: 0", ("11:47: 'concurrent' must be at least 1",)),
    ("empty text", AGREEMENT, "title: Research", 'title: ""', ("3:8: 'title' must not be empty",)),
)


def _faults(files: dict[str, bytes]) -> tuple[str, ...]:
    with pytest.raises(PolicyInvalid) as refused:
        compile_policies(files, site=SITE, generation=1)
    assert refused.value.reason == "POLICY_INVALID"
    return tuple(str(violation) for violation in refused.value.violations)


def test_the_faultless_set_compiles() -> None:
    compiled = compile_policies(as_bytes(FILES), site=SITE, generation=1)
    assert set(compiled.agreements) == {"research"}


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_fault_is_named_and_placed(path: str, old: str, new: str, expected: tuple[str, ...]) -> None:
    found = _faults(broken(path, old, new))
    wanted = [text if text.startswith("datasets/") else f"{path}:{text}" for text in expected]
    assert len(found) == len(wanted)
    for text, want in zip(found, wanted, strict=True):
        # A place without words: the words belong to the law that found the fault.
        assert text.startswith(want) if want.endswith(": ") else text == want


def test_the_faults_of_all_files_are_reported_at_once() -> None:
    one = broken(POPULATION, "maximum: 1000", "maximum: many")
    two = broken(DATASET, "{type: date}", "{type: dat}")
    three = broken(PARTY, "crv: Ed25519", "crv: Ed448")
    four = broken(AGREEMENT, "purposes: [HRESCH, PUBHLTH]", "purposes: [HRESCH, PUBHLT]")
    together = {POPULATION: one[POPULATION], DATASET: two[DATASET], PARTY: three[PARTY]}
    found = _faults({**together, AGREEMENT: four[AGREEMENT]})
    assert found == tuple(sorted(f for files in (one, two, three, four) for f in _faults(files)))


def test_a_file_with_a_fault_does_not_blame_the_files_that_name_it() -> None:
    found = _faults(broken(DATASET, "max_rows: 5", "max_rows: five"))
    assert found == ("datasets/visits.yaml:7:11: 'max_rows' must be a whole number",)
