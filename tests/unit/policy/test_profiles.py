"""Profile files: what they say, and every fault at its place; those that are shipped."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.compile import compile_policies
from gateway.domain.deid import IdentifierType, Method, Profile
from gateway.errors import NotFound, PolicyInvalid
from gateway.policy.profiles import choose, fits, read_profile, shipped_profiles
from gateway.shipped import shipped
from tests.unit.policy.sets import FILES, SITE, as_bytes

TEXT = """\
profile: trial
title: A trial
legal_basis: none, it is a test
languages: [en, es]
per_patient: true
threshold: 0.5
thresholds:
  NAME: 0.25
methods:
  NAME: surrogate
  DATE: shift
  MRN: pseudonym
"""
SHIPPED = {"safe-harbor", "limited-dataset", "gdpr-pseudonymised", "china-gbt-39725", "treatment"}


def faults(text: str) -> list[str]:
    with pytest.raises(PolicyInvalid) as refused:
        read_profile(text.encode(), "trial.yaml")
    assert refused.value.reason == "POLICY_INVALID"
    return [str(violation) for violation in refused.value.violations]


def test_what_a_profile_says() -> None:
    profile = read_profile(TEXT.encode(), "trial.yaml")
    assert (profile.name, set(profile.languages), profile.per_patient) == ("trial", {"en", "es"}, True)
    assert (profile.threshold, profile.thresholds) == (Decimal("0.5"), {IdentifierType.NAME: Decimal("0.25")})
    assert profile.method(IdentifierType.DATE) is Method.SHIFT
    assert profile.method(IdentifierType.PHONE) is Method.REDACT
    assert profile.keyed
    assert len(profile.digest) == 64


WRONG = {
    "an unknown type": (
        "  DATE: shift",
        "  DATES: shift",
        "11:3: 'DATES' is not a type of identifier (did you mean 'DATE'?)",
    ),
    "an unknown method": (
        "DATE: shift",
        "DATE: shfit",
        "11:9: 'shfit' is not a known method (did you mean 'shift'?)",
    ),
    "a shift of what is no date": (
        "MRN: pseudonym",
        "MRN: shift",
        "12:8: 'shift' does not fit MRN (one of: keep, redact, surrogate, pseudonym, token)",
    ),
    "a made-up date": (
        "DATE: shift",
        "DATE: surrogate",
        "11:9: 'surrogate' does not fit DATE (one of: keep, redact, shift, year, pseudonym, token)",
    ),
    "a threshold of an unknown type": (
        "  NAME: 0.25",
        "  NAM: 0.25",
        "8:3: 'NAM' is not a type of identifier",
    ),
    "a threshold above 1": ("NAME: 0.25", "NAME: 1.25", "8:9: 'NAME' must be at most 1"),
    "a threshold that is no number": (
        "threshold: 0.5",
        "threshold: half",
        "6:12: 'threshold' must be a number",
    ),
    "a language twice": ("[en, es]", "[en, en]", "4:17: 'en' is listed twice (keep one of them)"),
    "no language": ("[en, es]", "[]", "4:12: 'languages' must not be empty"),
    "a language with a region": ("[en, es]", "[en-US]", "4:13: item 1 of 'languages' is not well formed"),
    "per_patient as a word": (
        "per_patient: true",
        "per_patient: sometimes",
        "'per_patient' must be true or false",
    ),
    "an unknown field": ("title: A trial", "title: A trial\nsalt: 7", "3:1: unknown field 'salt'"),
    "no legal basis": ("legal_basis: none, it is a test\n", "", "1:1: the field 'legal_basis' is missing"),
    "no method": (
        "  NAME: surrogate\n  DATE: shift\n  MRN: pseudonym\n",
        "  {}\n",
        "'methods' must not be empty",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_fault_is_found_at_its_place(case: str) -> None:
    old, new, fault = WRONG[case]
    assert TEXT.count(old) == 1
    (found,) = faults(TEXT.replace(old, new))
    assert found.startswith("trial.yaml:")
    assert fault in found


def test_all_faults_are_reported_at_once() -> None:
    text = TEXT.replace("DATE: shift", "DATE: zip3").replace("MRN: pseudonym", "MRM: pseudonym")
    assert len(faults(text)) == 2


@pytest.mark.parametrize("kind", IdentifierType)
def test_methods_that_fit_everything(kind: IdentifierType) -> None:
    always = {Method.KEEP, Method.REDACT, Method.PSEUDONYM, Method.TOKEN}
    assert always <= {method for method in Method if fits(method, kind)}
    assert fits(Method.ZIP3, kind) == (kind is IdentifierType.ZIP)
    assert fits(Method.AGE90, kind) == (kind is IdentifierType.AGE)
    assert fits(Method.YEAR, kind) == fits(Method.SHIFT, kind) == (kind is IdentifierType.DATE)


def test_profiles_are_part_of_a_set_of_policies() -> None:
    files = as_bytes({**FILES, "profiles/trial.yaml": TEXT})
    compiled = compile_policies(files, site=SITE, generation=1)
    assert compiled.profiles == {"trial": read_profile(TEXT.encode(), "trial.yaml")}
    older = compile_policies(as_bytes(FILES), site=SITE, generation=1)
    assert older.profiles == {}
    assert older.digest != compiled.digest


def test_a_bad_profile_refuses_the_set() -> None:
    files = as_bytes({**FILES, "profiles/trial.yaml": TEXT.replace("DATE: shift", "DATE: zip3")})
    with pytest.raises(PolicyInvalid) as refused:
        compile_policies(files, site=SITE, generation=1)
    assert str(refused.value.violations[0]).startswith("profiles/trial.yaml:11:9: 'zip3' does not fit DATE")


def test_two_profiles_of_one_name_refuse_the_set() -> None:
    files = as_bytes({**FILES, "profiles/a.yaml": TEXT, "profiles/b.yaml": TEXT})
    with pytest.raises(PolicyInvalid, match="'trial' is defined in two files"):
        compile_policies(files, site=SITE, generation=1)


def test_the_shipped_profiles() -> None:
    profiles = shipped_profiles()
    assert set(profiles) == SHIPPED
    for name, profile in profiles.items():
        assert set(profile.methods) == set(IdentifierType), f"{name} does not name every type"
    assert {name for name, profile in profiles.items() if not profile.keyed} == {
        "safe-harbor",
        "limited-dataset",
    }
    assert {name for name, profile in profiles.items() if profile.per_patient} == {
        *("gdpr-pseudonymised", "china-gbt-39725")
    }
    assert {path.stem for path in (shipped("policies") / "profiles").glob("*.yaml")} == SHIPPED


def test_safe_harbor_keeps_nothing() -> None:
    methods = shipped_profiles()["safe-harbor"].methods
    changed = {
        IdentifierType.DATE: Method.YEAR,
        IdentifierType.AGE: Method.AGE90,
        IdentifierType.ZIP: Method.ZIP3,
    }
    assert methods == {kind: changed.get(kind, Method.REDACT) for kind in IdentifierType}


def test_a_limited_data_set_keeps_what_the_rule_excepts() -> None:
    methods = shipped_profiles()["limited-dataset"].methods
    kept = {kind for kind, method in methods.items() if method is Method.KEEP}
    assert kept == {IdentifierType(word) for word in ("DATE", "AGE", "LOCATION", "ZIP")}


def test_a_profile_is_chosen_by_name() -> None:
    profiles: dict[str, Profile] = shipped_profiles()
    assert choose(profiles, "treatment").name == "treatment"
    with pytest.raises(NotFound) as refused:
        choose(profiles, "treatments")
    assert refused.value.reason == "PROFILE_UNKNOWN"
    assert "safe-harbor" in str(refused.value)
