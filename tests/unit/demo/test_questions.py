"""The demo's questions, those of the language's page and the front page's, against the shipped policies.

Each is allowed by the agreement that a new site begins with, and planned over the standard tables. What the
demo says must be refused is refused by that agreement alone.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest

from gateway.adapters.memory_engine import MemoryEngine
from gateway.compile import compile_policies
from gateway.demo.asked import DemoQuestion, cell
from gateway.demo.hospital.build import build
from gateway.demo.hospital.rows import Hospital
from gateway.demo.questions import (
    FORBIDDEN_SQL,
    ONE_TOO_MANY_SHARE,
    ONE_TOO_MANY_SQL,
    QUESTIONS,
    SPENDING_SHARE,
    SPENDING_SQL,
)
from gateway.demo.truth import patients_by
from gateway.domain.agreement import Compiled, Deny, Permit
from gateway.domain.identity import Principal
from gateway.domain.query import Spend, SpendKind
from gateway.plan import Plan, PlanTerms, make_plan
from gateway.policy.decide import decide
from gateway.query.sql import parse_query
from tests.guards import ROOT
from tests.unit.adapters.fhir_kit import standard_files
from tests.unit.policy.sets import FILES

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CALLER = Principal(party="university", person="analyst", purpose="HRESCH", thumbprint="", jti="1")
LANGUAGE = (ROOT / "docs" / "query-language.md").read_text("utf-8")
SHOWN = [text for text in re.findall(r"```sql\n(.*?)```", LANGUAGE, re.DOTALL) if "Größe" not in text]
README = (ROOT / "README.md").read_text("utf-8")
OWN = [*(question.sql for question in QUESTIONS), SPENDING_SQL, ONE_TOO_MANY_SQL]
LANGUAGE_AND_README = [*SHOWN, *re.findall(r'sql = """\n(.*?)"""', README, re.DOTALL)]
LANGUAGE_AND_README += re.findall(r'--sql "([^"]+)"', README)


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    """The shipped set with its agreement in force and its partner enrolled."""
    files = {**standard_files(), "parties/university.yaml": FILES["parties/university.yaml"].encode()}
    path = "agreements/research.yaml"
    files[path] = files[path].replace(b"status: draft", b"status: active")
    return compile_policies(files, site="your-site", generation=1)


@pytest.fixture(scope="module")
def hospital() -> Hospital:
    return build(3, patients=1200)


def decided(compiled: Compiled, sql: str) -> Permit | Deny:
    return decide(compiled, CALLER, agreement="research", query=parse_query(sql).query, now=NOW)


def planned(compiled: Compiled, sql: str, share: int = 2) -> Plan:
    permit = decided(compiled, sql)
    assert isinstance(permit, Permit), permit
    terms = PlanTerms(snapshot="s", digest_key=b"k", hash_epoch="e")
    spend = Spend(kind=SpendKind.SHARE, amount=Decimal(share))
    return make_plan(parse_query(sql).query, spend, permit, compiled.datasets, terms)


@pytest.mark.parametrize("sql", [*OWN, *LANGUAGE_AND_README])
def test_what_is_shown_can_be_asked(compiled: Compiled, sql: str) -> None:
    planned(compiled, sql)


def test_there_are_questions_of_every_kind() -> None:
    assert len(SHOWN) >= 15 and len(LANGUAGE_AND_README) >= len(SHOWN) + 2
    texts = " ".join(question.sql for question in QUESTIONS)
    for form in (
        "patient.sex",
        "BAND(AGE(",
        "CLAMP(",
        "NOT IN (SELECT",
        "PROPORTION(",
        "LAST(",
        "DATE_TRUNC(",
    ):
        assert form in texts


def test_what_must_be_refused_is_refused(compiled: Compiled) -> None:
    refused = decided(compiled, FORBIDDEN_SQL)
    assert isinstance(refused, Deny) and refused.reason == "NOT_GRANTED"
    born = "SELECT COUNT(*) FROM encounters WHERE patient.birth_date < DATE '1950-01-01'"
    assert isinstance(decided(compiled, born), Deny)
    aged = "SELECT COUNT(*) FROM encounters WHERE AGE(start_date) > 75"
    assert isinstance(decided(compiled, aged), Permit)


def test_the_budget_is_spent_by_the_questions_and_not_before() -> None:
    spent = sum(question.share for question in QUESTIONS) + SPENDING_SHARE
    assert spent <= 100 < spent + ONE_TOO_MANY_SHARE


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.words)
def test_the_truth_has_the_cells_of_the_answer(
    compiled: Compiled, hospital: Hospital, question: DemoQuestion
) -> None:
    """Labels in plain Python are those of the plan, so that no figure stands beside nothing."""
    keys = planned(compiled, question.sql, question.share).keys
    cells = {cell(labels or ("all",)) for labels in product(*(key.labels for key in keys))}
    truth, bounded = question.truth(hospital), question.bounded_truth(hospital)
    assert truth and set(truth) <= cells and set(bounded) <= cells


def test_bounding_cuts_what_the_demo_says_it_cuts(hospital: Hospital) -> None:
    for question in QUESTIONS:
        truth, bounded = question.truth(hospital), question.bounded_truth(hospital)
        if question.biased:
            assert sum(bounded.values()) < 0.95 * sum(truth.values())
        if question.counts_patients:
            assert truth == bounded


@pytest.mark.parametrize(
    "question",
    [question for question in QUESTIONS if question.measure is patients_by and not question.biased],
    ids=lambda question: question.words,
)
def test_sql_and_plain_python_ask_the_same(
    compiled: Compiled, hospital: Hospital, question: DemoQuestion
) -> None:
    """Where bounding cuts nothing the engine's exact figures are the truth, cell by cell."""
    plan = planned(compiled, question.sql, question.share)
    rows = {name: [*map(dict, table)] for name, table in hospital.tables.items()}
    exact = MemoryEngine(rows, snapshot="s", bounding_key="k").run(plan)
    cells = [cell(labels or ("all",)) for labels in product(*(key.labels for key in plan.keys))]
    truth = question.truth(hospital)
    assert [truth.get(name, 0) for name in cells] in [list(vector) for vector in exact]
