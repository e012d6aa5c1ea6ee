"""The walkthrough's page, policies and truths agree with each other, and with the real data where it is."""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from gateway.adapters import jwk, pki
from gateway.adapters.enrolment import Bundle
from gateway.adapters.party_file import party_yaml
from gateway.compile import compile_policies
from gateway.domain.agreement import Compiled, Deny, Permit
from gateway.domain.identity import Principal
from gateway.errors import PolicyInvalid
from gateway.policy.decide import decide
from gateway.query.sql import parse_query
from tests.guards import ROOT

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FOLDER = ROOT / "docs" / "walkthroughs" / "diabetes"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
TRUTH: dict[str, Any] = run_path(str(FOLDER / "truth.py"), run_name="walkthrough_truth")


@cache
def rows(folder: Path) -> Any:
    return TRUTH["read"](folder / "ehr" / "diabetes-130-hospitals")


def test_page_asks_the_questions_whose_truth_is_computed() -> None:
    asked = re.findall(r'--share (\S+) \\\n  --sql "([^"]+)"', PAGE)
    assert asked == [(question.share, question.sql) for question in TRUTH["QUESTIONS"]]


def test_contribution_bounds_are_those_of_the_dataset_file() -> None:
    text = (FOLDER / "policies" / "datasets" / "encounters.yaml").read_text(encoding="utf-8")
    assert f"\nmax_groups: {TRUTH['MAX_GROUPS']}\nmax_rows: {TRUTH['MAX_ROWS']}\n" in text
    for name in ("RACES", "DISCHARGES"):
        listed = ", ".join(f'"{v}"' if v.isdigit() else v for v in TRUTH[name])
        assert f"values: [{listed}]" in text


def test_shares_leave_budget_for_other_work() -> None:
    assert sum(float(question.share) for question in TRUTH["QUESTIONS"]) <= 55


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """The walkthrough's policies and a freshly enrolled university."""
    folder = FOLDER / "policies"
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.yaml")}
    authority = pki.new_authority("demo-hospital", NOW)
    bundle = Bundle(
        party="university",
        name="University",
        organisation="urn:oid:2.999.1",
        csr=pki.new_request(jwk.new_key(), "university").decode(),
        keys=(jwk.token_jwk(jwk.new_key()),),
    )
    party = party_yaml(bundle, issuer_pem=authority.certificate_pem)
    return found | {"parties/university.yaml": party.encode()}


@pytest.fixture(scope="module")
def compiled(files: dict[str, bytes]) -> Compiled:
    return compile_policies(files, site="demo-hospital", generation=1)


def test_policies_compile_for_this_site_alone(files: dict[str, bytes], compiled: Compiled) -> None:
    assert compiled.datasets["encounters"].max_rows == TRUTH["MAX_ROWS"]
    with pytest.raises(PolicyInvalid, match="provider"):
        compile_policies(files, site="other-hospital", generation=1)


def test_agreement_permits_the_questions_and_not_others(compiled: Compiled) -> None:
    principal = Principal(party="university", person="analyst", purpose="HRESCH", thumbprint="", jti="1")

    def ask(sql: str) -> Permit | Deny:
        query = parse_query(sql).query
        return decide(compiled, principal, agreement="diabetes-research", query=query, now=NOW)

    for question in TRUTH["QUESTIONS"]:
        assert isinstance(ask(question.sql), Permit), question.sql
    refused = ask(TRUTH["QUESTIONS"][1].sql.replace("AVG(time_in_hospital)", "AVG(encounter_id)"))
    assert isinstance(refused, Deny)
    assert refused.reason == "NOT_GRANTED"


@pytest.mark.parametrize("index", range(4))
def test_page_shows_the_true_figures(shared_data: Path, index: int) -> None:
    question = TRUTH["QUESTIONS"][index]
    table = PAGE.split("<!-- release column")[index + 1].split("\n\n")[0]
    shown = {cells[1]: cells[2:4] for line in table.splitlines() if len(cells := split(line)) > 4}
    truth = TRUTH["true_answers"](rows(shared_data), question)
    bounded = TRUTH["bounded_answers"](rows(shared_data), question)
    digits = 2 if question.figure == "mean" else 0
    expected = {cell: [f"{truth[cell]:.{digits}f}", f"{bounded[cell]:.{digits}f}"] for cell in truth}
    assert {cell: figures for cell, figures in shown.items() if cell in expected} == expected


def split(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]
