"""Policy files become the set that serves: budgets in rho, predicates placed, digests of content."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import compile as compiler
from gateway.compile import compile_policies
from gateway.domain.catalog import Categories, ColumnType
from gateway.domain.privacy import Period, PrivacyLoss
from gateway.domain.query import Compare, IsMissing, MeasureKind, OneOf, Predicate, parts_of
from gateway.errors import ConfigInvalid, InvalidQuery, PolicyInvalid, Violation
from gateway.privacy.accounting import cap
from gateway.shipped import shipped
from tests.unit.policy.sets import FILES, SITE, as_bytes, broken

POPULATION = "populations/patients.yaml"
DATASET = "datasets/visits.yaml"
AGREEMENT = "agreements/research.yaml"


def _faults(files: dict[str, bytes]) -> list[str]:
    with pytest.raises(PolicyInvalid) as refused:
        compile_policies(files, site=SITE, generation=1)
    assert refused.value.reason == "POLICY_INVALID"
    return [str(violation) for violation in refused.value.violations]


def test_the_catalogue() -> None:
    compiled = compile_policies(as_bytes(FILES), site=SITE, generation=7)
    assert (compiled.site, compiled.generation) == (SITE, 7)
    dataset = compiled.datasets["visits"]
    assert (dataset.patient_column, dataset.row_key) == ("patient_id", "visit_id")
    assert (dataset.max_groups, dataset.max_rows) == (3, 5)
    assert dataset.population.maximum == 1000
    sex, bmi = dataset.columns["sex"], dataset.columns["bmi"]
    assert sex.categories == Categories(values=("female", "male"), other="other", missing="missing")
    assert bmi.bounds is not None and bmi.type is ColumnType.NUMBER
    assert (bmi.bounds.low_steps, bmi.bounds.high_steps) == (100, 600)
    assert str(bmi.bounds.resolution) == "0.1"


def columns(predicate: Predicate | None) -> list[object]:
    """The columns that a condition reads, in order."""
    return [part.column for part in parts_of(predicate) if isinstance(part, Compare | OneOf | IsMissing)]


def test_the_agreement() -> None:
    agreement = compile_policies(as_bytes(FILES), site=SITE, generation=1).agreements["research"]
    assert (agreement.valid_from, agreement.valid_until) == (date(2026, 1, 1), date(2028, 12, 31))
    assert agreement.purposes == {"HRESCH", "PUBHLTH"}
    assert agreement.digest == hashlib.sha256(FILES[AGREEMENT].encode()).hexdigest()
    (grant,) = agreement.grants
    assert grant.measures == {MeasureKind.COUNT_PATIENTS, MeasureKind.SUM}
    assert columns(grant.row_filter) == ["sex"]
    assert columns(grant.consent) == ["urgent", "days"]
    assert agreement.privacy.suppression.min_cell == 11
    assert agreement.privacy.suppression.z == 1.64


def test_caps_are_converted_once_by_one_function() -> None:
    compiled = compile_policies(as_bytes(FILES), site=SITE, generation=1)
    delta = Decimal("1e-7")
    privacy = compiled.agreements["research"].privacy
    assert privacy.budget.cap == cap(Decimal(3), delta)
    assert privacy.budget.period is Period.YEAR
    assert privacy.most_per_query == PrivacyLoss(
        rho=cap(Decimal("1.5"), delta).rho, delta=cap(Decimal(3), delta).delta
    )
    site = compiled.populations["patients"]
    assert site.budget.cap == cap(Decimal(8), delta)
    assert site.lifetime is not None and site.lifetime.cap == cap(Decimal(40), delta)
    assert site.lifetime.period is Period.LIFETIME
    assert compiled.party_budgets["university"].cap == cap(Decimal(4), delta)


def test_a_delta_that_a_binary_float_cannot_hold_stays_exact() -> None:
    """1 / (10 x 1000) is allowed to the last digit and not beyond."""
    at_limit = broken(AGREEMENT, "delta: 1e-7", "delta: 0.0001")
    compile_policies(at_limit, site=SITE, generation=1)
    (fault,) = _faults(broken(AGREEMENT, "delta: 1e-7", "delta: 0.00010000000000000000000000001"))
    assert "delta is too large" in fault


def test_the_whole_budget_may_go_to_one_question() -> None:
    files = broken(AGREEMENT, "most_per_query: {epsilon: 1.5}", "most_per_query: {epsilon: 3}")
    privacy = compile_policies(files, site=SITE, generation=1).agreements["research"].privacy
    assert privacy.most_per_query == privacy.budget.cap


def test_a_lifetime_without_a_cap_is_written_out() -> None:
    files = broken(POPULATION, "lifetime: {epsilon: 40, delta: 1e-7}", "lifetime: unlimited")
    assert compile_policies(files, site=SITE, generation=1).populations["patients"].lifetime is None
    assert len(_faults(broken(POPULATION, "lifetime: {epsilon: 40, delta: 1e-7}\n", ""))) == 1
    equal = broken(POPULATION, "{epsilon: 40,", "{epsilon: 8,")
    compile_policies(equal, site=SITE, generation=1)


def test_the_delta_of_a_party_is_held_against_the_populations_it_reaches() -> None:
    party = "parties/university.yaml"
    files = broken(party, "delta: 1e-7", "delta: 2e-4")
    assert _faults(files) == [
        f"{party}:14:29: delta is too large for a population of up to 1000 (at most 1 / (10 x 1000))"
    ]
    unreached = {path: files[path] for path in files if path != AGREEMENT}
    compile_policies(unreached, site=SITE, generation=1)


@pytest.mark.parametrize("status", ["draft", "suspended", "ended"])
def test_only_an_active_agreement_needs_its_parties_enrolled(status: str) -> None:
    new, old = "recipients: [university, college]", "recipients: [university]"
    files = broken(AGREEMENT, old, new)
    (fault,) = _faults(files)
    assert "there is no party 'college'" in fault
    files[AGREEMENT] = files[AGREEMENT].replace(b"status: active", f"status: {status}".encode())
    compile_policies(files, site=SITE, generation=1)


def test_every_fault_of_a_condition_is_reported_at_its_place() -> None:
    files = broken(AGREEMENT, "sex <> 'other'", "sex = 'femal' OR ward = 'wes' OR days > 'x'")
    assert [fault.split(": ")[0] for fault in _faults(files)] == [
        f"{AGREEMENT}:18:13", f"{AGREEMENT}:18:30", f"{AGREEMENT}:18:46",
    ]  # fmt: skip


def test_places_of_the_query_law_are_shifted(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str, dataset: str) -> None:
        where = Violation(description="odd", line=text.count("\n") or 1, column=5, suggestion="even")
        raise InvalidQuery(violations=[where])

    monkeypatch.setattr(compiler, "parse_condition", refuse)
    assert _faults(as_bytes(FILES)) == [
        f"{AGREEMENT}:18:17: odd (even)",
        f"{AGREEMENT}:21:11: odd (even)",
    ]


def test_a_rule_may_hold_cohorts_and_windows_of_its_patients() -> None:
    recent = "{} IN (SELECT {} FROM visits WHERE start >= visits.start - INTERVAL '30' DAY AND days > 1)"
    for good in ("patient_id", "patient"):
        compile_policies(
            broken(AGREEMENT, "sex <> 'other'", recent.format(good, good)), site=SITE, generation=1
        )
    (fault,) = _faults(broken(AGREEMENT, "sex <> 'other'", recent.format("patient_id", "visit_id")))
    assert "only patients can be counted distinct, or be in a cohort (write patient_id)" in fault
    (fault,) = _faults(broken(AGREEMENT, "sex <> 'other'", "patient IN (SELECT patient FROM others)"))
    assert "dataset 'others' is not available in a cohort here" in fault


def test_the_digest_covers_every_byte_and_no_order() -> None:
    files = as_bytes(FILES)
    digest = compile_policies(files, site=SITE, generation=1).digest
    pairs = [[path, hashlib.sha256(content).hexdigest()] for path, content in sorted(files.items())]
    assert digest == hashlib.sha256(json.dumps(pairs, separators=(",", ":")).encode()).hexdigest()
    backwards = dict(reversed(list(files.items())))
    assert compile_policies(backwards, site=SITE, generation=1) == compile_policies(
        files, site=SITE, generation=1
    )
    commented = {**files, DATASET: files[DATASET] + b"# a remark\n"}
    assert compile_policies(commented, site=SITE, generation=1).digest != digest


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("{type: date}", "{type: date} # the first day", True),
        ("high: 60, resolution", "high: 60.1, resolution", False),
        ("max_rows: 5", "max_rows: 4", False),
        ("[female, male]", "[male, female]", False),
        ("[female, male]", '["female", male]', True),
        ("from: patient_nbr", "from: patient_no", False),
    ],
)
def test_a_dataset_digest_covers_the_definition_and_not_its_comments(old: str, new: str, same: bool) -> None:
    before = compile_policies(as_bytes(FILES), site=SITE, generation=1).datasets["visits"].digest
    after = compile_policies(broken(DATASET, old, new), site=SITE, generation=1).datasets["visits"].digest
    assert (before == after) is same


def test_the_shipped_set_compiles() -> None:
    root = shipped("policies")
    files = {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}
    compiled = compile_policies(files, site="your-site", generation=1)
    assert set(compiled.parties) == {"university"}
    granted = {grant.dataset for grant in compiled.agreements["research"].grants}
    assert granted == set(compiled.datasets)


def test_what_is_not_shipped_is_said() -> None:
    with pytest.raises(ConfigInvalid) as refused:
        shipped("no-such-folder")
    assert refused.value.reason == "NOT_SHIPPED"
    assert shipped("policies").is_dir()


_WORDS = "~ 7 -1 0 0.5 1e30 true text [] {} [[]] [1] [{}] [~] '[key]' é 2026-13-01 P * unlimited"
_ODD = st.sampled_from(["", "{a: b}", "{'': ''}", "{'[key]': 1}", "x" * 3000, *_WORDS.split()])


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_whatever_is_written_only_our_error_goes_out(path: str, data: st.DataObject) -> None:
    """One value of one file, a word or a whole block in brackets, becomes something odd."""
    spots = list(
        re.finditer(r"(?<=[\[{:, ] )[\w.-]+|\[[^\]\n]*\]|\{[^}\n]*\}|^ *[\w]+(?=:)", FILES[path], re.M)
    )
    spot = data.draw(st.sampled_from(spots))
    odd = FILES[path][: spot.start()] + data.draw(_ODD) + FILES[path][spot.end() :]
    try:
        compile_policies(as_bytes({**FILES, path: odd}), site=SITE, generation=1)
    except PolicyInvalid as refused:
        assert all(v.file and v.line >= 1 and v.column >= 1 for v in refused.violations)
