"""Faults of grants that let text leave, of notes and of identities, each named; the set itself compiles."""

from __future__ import annotations

import pytest

from gateway.compile import compile_policies
from gateway.domain.agreement import Operation
from gateway.domain.catalog import IdentityRole, NoteColumns
from gateway.domain.deid import IdentifierType
from gateway.errors import PolicyInvalid
from tests.unit.policy.note_sets import FILES, SITE
from tests.unit.policy.sets import as_bytes

NOTES, IDENTITIES, AGREEMENT = "datasets/notes.yaml", "datasets/identities.yaml", "agreements/notes.yaml"


def faults(path: str, old: str, new: str) -> list[str]:
    assert FILES[path].count(old) == 1, old
    try:
        files = as_bytes({**FILES, path: FILES[path].replace(old, new)})
        compile_policies(files, site=SITE, generation=1)
    except PolicyInvalid as invalid:
        return [str(violation) for violation in invalid.violations]
    return []


def test_the_set_compiles_to_its_words() -> None:
    compiled = compile_policies(as_bytes(FILES), site=SITE, generation=1)
    notes = compiled.datasets["notes"]
    assert notes.notes == NoteColumns(text="body", language="language", spoken="en")
    kinds = {name: column.identifier_kind for name, column in notes.columns.items()}
    assert kinds["written"] is IdentifierType.DATE
    assert kinds["patient_id"] is IdentifierType.ID
    assert kinds["ward"] is IdentifierType.LOCATION
    assert kinds["kind"] is None
    assert compiled.datasets["identities"].identities["mrn"] is IdentityRole.IDENTIFIER
    grants = {grant.name: grant for grant in compiled.agreements["notes"].grants}
    assert grants["conditions"].notes is None
    assert grants["conditions"].operation is Operation.NOTES
    assert "own" not in grants
    (own,) = compiled.agreements["notes"].text_grants
    assert (own.name, own.profile, own.rows_per_day) == ("own", "careful", 500)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (
            "    profile: careful\n    columns",
            "    profile: carefull\n    columns",
            "there is no profile 'carefull'",
        ),
        ("    limits: {rows_per_day: 1000, rows_per_minute: 600000}\n", "", "the field 'limits' is missing"),
        (
            "    profile: careful\n    columns",
            "    columns",
            "a grant without a profile lets no notes leave, and no context with them",
        ),
        ("context: [kind, written", "context: [kind, body", "column 'body' is free text and never part"),
        ("context: [kind, written", "context: [kind, writen", "dataset 'notes' has no column 'writen'"),
        ("context: [kind, written", "context: [kind, kind", "'kind' is written twice"),
        ("context: [kind,", "group: [kind], context: [kind,", "a grant of notes has no group columns"),
        ("filter: [kind, written]", "filter: [kind, note_id]", "column 'note_id' is an identifier"),
        ("    dataset: people\n", "    dataset: identities\n", "dataset 'identities' holds identities"),
        (
            "    dataset: conditions\n    columns: {filter: [code, onset]}\n",
            "    dataset: conditions\n    profile: careful\n    columns: {filter: [code, onset]}\n"
            "    limits: {rows_per_day: 1, rows_per_minute: 1}\n",
            "dataset 'conditions' declares no notes",
        ),
        (
            "    dataset: people\n",
            "    dataset: people\n    limits: {rows_per_day: 1, rows_per_minute: 1}\n",
            "a grant without a profile lets no notes leave, and has no limits",
        ),
        (
            "    dataset: people\n",
            "    dataset: people\n    measures: [count_patients]\n",
            "a grant of notes has no measures",
        ),
        (
            "    operation: deidentify\n    profile: careful\n",
            "    operation: deidentify\n",
            "the field 'profile' is missing",
        ),
        (
            "    operation: deidentify\n",
            "    operation: deidentify\n    dataset: notes\n",
            "a grant of deidentify has no dataset",
        ),
        (
            "    measures: [count_patients]\n  - name: staging",
            "    profile: careful\n    measures: [count_patients]\n  - name: staging",
            "a grant of aggregate has no profile",
        ),
        (
            "    measures: [count_patients]\n  - name: staging",
            "  - name: staging",
            "the field 'measures' is missing",
        ),
        ('where: "draft = FALSE"', 'where: "draft = 3"', "column 'draft'"),
        (
            "obligations:",
            "prohibitions: [{reason: r, operations: [note]}]\nobligations:",
            "'note' is not a known",
        ),
    ],
)
def test_a_faulty_grant_does_not_compile(old: str, new: str, wanted: str) -> None:
    found = faults(AGREEMENT, old, new)
    assert any(wanted in text for text in found), found
    assert all(text.startswith(AGREEMENT) for text in found)


@pytest.mark.parametrize(
    ("path", "old", "new", "wanted"),
    [
        (NOTES, "text: body", "text: bodi", "there is no column 'bodi'"),
        (NOTES, "text: body", "text: kind", "column 'kind' must have the type text"),
        (
            NOTES,
            "language: language,",
            "language: body,",
            "column 'body' must have the type code or category",
        ),
        (NOTES, "spoken: en", "spoken: English", "'spoken' is not well formed"),
        (NOTES, "identifies: LOCATION", "identifies: PLACE", "'PLACE' is not a known word for 'identifies'"),
        (NOTES, "notes: {", "identities: {body: given}\nnotes: {", "a dataset of notes holds no identities"),
        (IDENTITIES, "given: given,", "first: given,", "there is no column 'first'"),
        (IDENTITIES, "born: birth_date", "town: birth_date", "written twice"),
        (IDENTITIES, "phone: phone", "phone: birth_date", "a column of type text holds no birth_date"),
        (IDENTITIES, "phone: phone", "phone: telephone", "'telephone' is not a known word"),
        (
            "datasets/people.yaml",
            "columns:",
            "identities: {born: birth_date}\ncolumns:",
            "can be asked about, and holds no identities",
        ),
        (
            "datasets/conditions.yaml",
            "columns:",
            "identities: {onset: date}\ncolumns:",
            "the identities of 'patients' stand in dataset",
        ),
    ],
)
def test_faulty_notes_and_identities_do_not_compile(path: str, old: str, new: str, wanted: str) -> None:
    found = faults(path, old, new)
    assert any(wanted in text for text in found), found
