"""docs/profiles.md: its table is that of the shipped files, its examples are made by the code."""

from __future__ import annotations

import re
from datetime import date

import pytest

from gateway.adapters.token_seal import open_token, sealing
from gateway.deid.keys import subject_keys
from gateway.deid.transform import transformed
from gateway.domain.deid import (
    Address,
    HumanName,
    Identifier,
    IdentifierType,
    Method,
    PatientRecord,
    Span,
)
from gateway.policy.profiles import fits, read_profile, shipped_profiles
from tests.guards import ROOT

PAGE = (ROOT / "docs" / "profiles.md").read_text("utf-8")
BLOCKS = re.findall(r"```text\n(.*?)\n```", PAGE, re.S)
PROFILES = shipped_profiles()
ORDER = ("safe-harbor", "limited-dataset", "gdpr-pseudonymised", "china-gbt-39725", "treatment")
KEY, YEAR = bytes(range(32)), 2026
RECORD = PatientRecord(
    names=(HumanName(given=("Eleanor", "May"), family=("Whitcombe",)),),
    gender="female",
    birth_date=date(1934, 2, 9),
    addresses=(Address(line=("48 Orchard Lane",), city="Dunmore", postal_code="03602", country="US"),),
    identifiers=(Identifier(type=IdentifierType.MRN, value="00471234"),),
)
MARKED = re.compile(r"\{(?P<kind>[A-Z0-9_]+):(?P<value>[^}]*)\}")
NOTE = """\
{ORGANIZATION:Mercy General Hospital}, {LOCATION:Dunmore}. Admitted {DATE:03/14/2024}, \
discharged {DATE:March 20, 2024}.
Patient: {NAME:WHITCOMBE, Eleanor M.}  MRN {MRN:00471234}  \
born {DATE:02/09/1934}  SSN {SSN:219-09-9999}
{STREET:48 Orchard Lane}, {LOCATION:Dunmore} {ZIP:03602}. Phone {PHONE:(617) 234-1234}. \
Plan no. {HEALTH_PLAN:XB4471902}.

{NAME:Mrs. Whitcombe} is a {AGE:90-year-old} woman with heart failure \
since {DATE:2011}, seen first by {NAME:Dr. Samuel Okoro} \
in {DATE:May 2019}. \
Her daughter {NAME:Ruth Whitcombe} noticed swelling on \
{DATE:Monday}. BNP 1,240 pg/mL. Pacemaker serial {DEVICE:PJN620417S}.
Plan: furosemide 40 mg twice daily; call {NAME:E. Whitcombe} on {DATE:03/27} \
({EMAIL:ruth.whitcombe@mail.example})."""


def unmarked() -> tuple[str, list[Span]]:
    text, found, done = "", [], 0
    for mark in MARKED.finditer(NOTE):
        text += NOTE[done : mark.start()]
        kind, value = IdentifierType(mark["kind"]), mark["value"]
        found.append(Span(start=len(text), end=len(text) + len(value), type=kind, score=1.0, source="record"))
        text, done = text + value, mark.end()
    return text + NOTE[done:], found


def after(name: str) -> str:
    """The note under a profile; a token as its beginning, since no two are alike."""
    text, found = unmarked()
    profile = PROFILES[name]
    keys = subject_keys(KEY, profile, subject="Patient/1", document="note-1")
    seal = sealing(keys.token) if keys.token else None
    made = transformed(text, found, profile, keys, language="en", record=RECORD, year=YEAR, seal=seal).text
    for token in re.findall(r"tok1\.\w+\.[\w-]+", made):
        assert open_token(keys.token, token)[1] in text
    return re.sub(r"(tok1\.\w+)\.[\w-]+", r"\1.…", made)


def table() -> str:
    lines = [f"| type | {' | '.join(f'`{name}`' for name in ORDER)} |", f"|---|{'---|' * len(ORDER)}"]
    for kind in IdentifierType:
        methods = (PROFILES[name].method(kind).value for name in ORDER)
        lines.append(f"| `{kind}` | {' | '.join(methods)} |")
    return "\n".join(lines)


def test_the_note_is_shown_as_it_is() -> None:
    assert BLOCKS[0] == unmarked()[0]
    assert len(BLOCKS) == 1 + len(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_the_note_after_each_profile(name: str) -> None:
    assert BLOCKS[1 + ORDER.index(name)] == after(name)
    section = PAGE.partition(f"## {name}\n")[2].partition("\n## ")[0]
    assert after(name) in section


def test_the_table_of_methods_is_that_of_the_files() -> None:
    assert table() in PAGE
    assert set(ORDER) == set(PROFILES)


def test_every_method_and_type_is_explained() -> None:
    for method in Method:
        assert re.search(rf"^\| `{method}` \|", PAGE, re.M), method
    for kind in IdentifierType:
        assert f"`{kind}`" in PAGE


def test_the_example_of_an_own_profile_compiles() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    profile = read_profile(block.encode(), "own.yaml")
    assert profile.method(IdentifierType.DATE) is Method.SHIFT
    assert all(fits(method, kind) for kind, method in profile.methods.items())
