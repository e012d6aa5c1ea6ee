"""Which files count, and how they are named; what the ingest reads of them."""

from __future__ import annotations

import pytest

from gateway.compile import compile_policies
from gateway.errors import PolicyInvalid
from gateway.policy.sources import source_mappings
from tests.unit.policy.sets import FILES, SITE, as_bytes, broken


def _refused(files: dict[str, bytes]) -> list[str]:
    with pytest.raises(PolicyInvalid) as refused:
        compile_policies(files, site=SITE, generation=1)
    return [str(violation) for violation in refused.value.violations]


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("agreements/research.yml", "not a policy file (its name must end in .yaml)"),
        ("agreement/more.yaml", "not in a folder of policies (did you mean 'agreements'?)"),
        ("agreements/old/more.yaml", "not in a folder of policies (did you mean 'agreements'?)"),
        (
            "more.yaml",
            "not in a folder of policies (known: agreements, datasets, parties, populations, profiles)",
        ),
    ],
)
def test_a_file_that_would_not_count_is_a_fault(path: str, fault: str) -> None:
    assert _refused({**as_bytes(FILES), path: b"a: 1\n"}) == [f"{path}:1:1: {fault}"]


@pytest.mark.parametrize("path", ["agreements/research_test.yaml", "README.md", "agreements/notes.md"])
def test_suites_and_notes_are_no_policies(path: str) -> None:
    compile_policies({**as_bytes(FILES), path: b"[not a policy"}, site=SITE, generation=1)


def test_names_are_unique_over_files() -> None:
    again = FILES["datasets/visits.yaml"]
    assert _refused(as_bytes({**FILES, "datasets/z.yaml": again})) == [
        "datasets/z.yaml:1:10: the dataset 'visits' is defined in two files (names are unique)"
    ]


@pytest.mark.parametrize("text", ["", "[]\n", "7\n", "text\n"])
def test_a_file_that_is_no_block_of_fields(text: str) -> None:
    files = as_bytes({**FILES, "populations/more.yaml": text})
    assert _refused(files) == ["populations/more.yaml:1:1: the file must be a block of fields"]


def test_an_unreadable_file_is_reported_with_all_others() -> None:
    files = broken("parties/university.yaml", "crv: Ed25519", "crv: Ed448")
    files["datasets/visits.yaml"] = b"\xff"
    assert _refused(files) == [
        "datasets/visits.yaml:1:1: the file is not UTF-8 (save it as UTF-8)",
        "parties/university.yaml:12:23: crv must be Ed25519 for EdDSA",
    ]


def test_source_mappings() -> None:
    mapping = source_mappings(as_bytes(FILES))["visits"]
    assert mapping.nulls == {"", "?"}
    assert mapping.columns["patient_id"].source == "patient_nbr"
    assert mapping.columns["visit_id"].source == "visit_id"
    assert mapping.columns["sex"].mapping == {"Female": "female", "Male": "male"}
    assert mapping.columns["urgent"].mapping == {"Yes": "true", "No": "false"}
    assert [*mapping.columns][:4] == ["patient_id", "visit_id", "sex", "ward"]


READ_OTHERWISE = {
    "the patient": ("patient: patient_id", "patient: other_id"),
    "the row key": ("row_key: visit_id", "row_key: other_id"),
    "nulls": ('nulls: ["", "?"]', 'nulls: ["", "-"]'),
    "a source name": ("from: patient_nbr", "from: patient_no"),
    "a map": ("Male: male}", "Male: male, M: male}"),
    "a type": ("type: integer", "type: number"),
}
SHOWN_OTHERWISE = {
    "a title": ("title: Visits", "title: All visits"),
    "bounds": ("high: 30", "high: 60"),
    "categories": ("values: [east, west]", "values: [east, west, north]"),
    "contribution": ("max_rows: 5", "max_rows: 6"),
    "a null that is one anyway": ('nulls: ["", "?"]', 'nulls: ["?"]'),
}
VISITS = FILES["datasets/visits.yaml"] + "  other_id: {type: identifier}\n"


def _digests(old: str = "", new: str = "") -> tuple[str, str]:
    assert VISITS.count(old) == 1 or not old
    text = VISITS.replace(old, new) if old else VISITS
    files = as_bytes({**FILES, "datasets/visits.yaml": text})
    visits = compile_policies(files, site=SITE, generation=1).datasets["visits"]
    return visits.digest, visits.source_digest


@pytest.mark.parametrize("name", READ_OTHERWISE)
def test_what_is_read_in_otherwise_is_other_data(name: str) -> None:
    before, after = _digests(), _digests(*READ_OTHERWISE[name])
    assert before[0] != after[0] and before[1] != after[1]


@pytest.mark.parametrize("name", SHOWN_OTHERWISE)
def test_what_is_shown_otherwise_is_the_same_data(name: str) -> None:
    before, after = _digests(), _digests(*SHOWN_OTHERWISE[name])
    assert before[0] != after[0] and before[1] == after[1]


def test_source_mappings_read_catalogue_files_only() -> None:
    files = {**as_bytes(FILES), "agreements/research.yaml": b"[broken"}
    assert set(source_mappings(files)) == {"visits"}
    with pytest.raises(PolicyInvalid) as refused:
        source_mappings(broken("datasets/visits.yaml", "Male: male", "Male: mal"))
    assert refused.value.reason == "POLICY_INVALID"
