"""The pages of two walkthroughs, their policies and their truths agree, also with the data where it is."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from gateway.adapters import jwk, pki
from gateway.adapters.enrolment import Bundle
from gateway.adapters.party_file import party_yaml
from gateway.compile import compile_policies
from gateway.domain.agreement import Deny, Permit
from gateway.domain.identity import Principal
from gateway.policy.decide import decide
from gateway.query.sql import parse_query
from tests.guards import ROOT

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FOLDERS = ROOT / "docs" / "walkthroughs"
# Walkthrough: its site and agreement, the dataset files beside its own, and the folder of its data.
WALKS = {
    "fhir": ("demo-hospital", "hypertension-research", ROOT / "policies", "fhir-r4-synthea"),
    "two-hospitals": ("north-hospital", "two-hospitals-research", None, "synthea-two-hospitals"),
}


def page(name: str) -> str:
    return (FOLDERS / name / "README.md").read_text(encoding="utf-8")


def truth(name: str) -> dict[str, Any]:
    return run_path(str(FOLDERS / name / "truth.py"), run_name="walkthrough_truth")


def files(name: str) -> dict[str, bytes]:
    """A walkthrough's policies, those that it begins with, and a freshly enrolled university."""
    site, _, standard, _ = WALKS[name]
    found = {}
    if standard is not None:
        found = {
            f"datasets/{path.name}": path.read_bytes() for path in (standard / "datasets").glob("*.yaml")
        }
    own = FOLDERS / name / "policies"
    found |= {path.relative_to(own).as_posix(): path.read_bytes() for path in own.rglob("*.yaml")}
    bundle = Bundle(
        party="university",
        name="University",
        organisation="urn:oid:2.999.1",
        csr=pki.new_request(jwk.new_key(), "university").decode(),
        keys=(jwk.token_jwk(jwk.new_key()),),
    )
    party = party_yaml(bundle, issuer_pem=pki.new_authority(site, NOW).certificate_pem)
    return found | {"parties/university.yaml": party.encode()}


@pytest.mark.parametrize("name", WALKS)
def test_the_agreement_permits_the_questions(name: str) -> None:
    site, agreement, _, _ = WALKS[name]
    compiled = compile_policies(files(name), site=site, generation=1)
    principal = Principal(party="university", person="analyst", purpose="HRESCH", thumbprint="", jti="1")

    def ask(sql: str) -> Permit | Deny:
        return decide(compiled, principal, agreement=agreement, query=parse_query(sql).query, now=NOW)

    for question in truth(name)["QUESTIONS"]:
        assert isinstance(ask(question.sql), Permit), question.sql
    assert isinstance(ask("SELECT COUNT(*) FROM conditions WHERE patient_id = 'x'"), Deny)


@pytest.mark.parametrize("name", WALKS)
def test_the_page_asks_the_questions_whose_truth_is_computed(name: str) -> None:
    text = page(name)
    for question in truth(name)["QUESTIONS"]:
        (line,) = [line for line in text.splitlines() if question.sql in line]
        assert re.match(rf'(ask --share|both) {question.share} |BMI="', line), line


def test_shares_leave_budget_for_other_work() -> None:
    for name in WALKS:
        assert sum(float(question.share) for question in truth(name)["QUESTIONS"]) <= 65


def test_the_question_that_is_warned_of_is_on_the_page() -> None:
    assert f'--estimate --sql "{truth("fhir")["WARNED"].sql}"' in page("fhir")


def test_the_standard_classes_are_narrowed_by_the_command_on_the_page() -> None:
    """The page's sed must find what it replaces, once."""
    text = (ROOT / "policies" / "datasets" / "encounters.yaml").read_text(encoding="utf-8")
    assert len(re.findall(r"values: \[AMB, EMER, .*\]", text)) == 1


def test_the_fhir_page_shows_the_true_figures(shared_data: Path) -> None:
    found = truth("fhir")
    data = found["read"](shared_data / "ehr" / "fhir-r4-synthea")
    text = page("fhir")
    for question in found["QUESTIONS"]:
        answers = (found["true_answers"](data, question), found["bounded_answers"](data, question))
        expected = {
            ", ".join(cell): [found["shown"](question, answer.get(cell, 0.0)) for answer in answers]
            for cell in answers[0]
        }
        assert table(text.split(f"<!-- release column: {question.name} -->")[1], 2, 4) == expected
    warned = sum(found["bounded_answers"](data, found["WARNED"]).values())
    assert f"{warned:,} would be left" in text
    assert f"{sum(found['true_answers'](data, found['WARNED']).values()):,} encounters" in text


def test_the_page_of_two_hospitals_shows_the_true_figures(shared_data: Path) -> None:
    found = truth("two-hospitals")
    people = found["read"](shared_data / "ehr" / "synthea-two-hospitals")
    parts = page("two-hospitals").split("<!-- truth and releases -->")[1:]
    for question, part in zip(found["QUESTIONS"], parts, strict=True):
        answers = found["true_answers"](people, question)
        for number, column in enumerate((*found["HOSPITALS"], "both")):
            expected = {cell: [str(answer[column])] for cell, answer in answers.items()}
            assert table(part, 2 * number + 2, 2 * number + 3) == expected


def table(text: str, begin: int, end: int) -> Mapping[str, list[str]]:
    """Some columns of the first Markdown table, by the first column."""
    lines = [line for line in text.strip().split("\n\n")[0].splitlines() if line.startswith("|")][2:]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    return {row[1]: row[begin:end] for row in cells}
