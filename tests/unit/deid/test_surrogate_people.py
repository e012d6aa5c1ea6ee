"""Surrogates of names: the same person stays the same, in the form that was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid import surrogate_names as names
from gateway.domain.deid import HumanName, IdentifierType, PatientRecord
from tests.unit.deid.scopes import surrogates

RECORD = PatientRecord(
    names=(HumanName(given=("Thomas", "Allan"), family=("Bennett",)),),
    others=(HumanName(given=("Laura",), family=("Bennett",)),),
    gender="male",
)


def people(
    *texts: str, language: str = "en", record: PatientRecord | None = RECORD, subject: str = "p"
) -> list[str]:
    return surrogates(IdentifierType.NAME, texts, language=language, record=record, subject=subject)


def test_one_person_in_every_form() -> None:
    whole, formal, reversed_, initial, capitals, small, owner, wrong = people(
        *("Thomas Bennett", "Mr. Bennett", "BENNETT, Thomas", "T. Bennett", "THOMAS BENNETT"),
        *("thomas bennett", "Bennett's", "Bennet"),
    )
    given, family = whole.split()
    assert given in names.GIVEN_MALE
    assert family in names.FAMILY
    assert formal == f"Mr. {family}"
    assert reversed_ == f"{family.upper()}, {given}"
    assert initial == f"{given[0]}. {family}"
    assert (capitals, small) == (whole.upper(), whole.lower())
    assert owner == f"{family}'s"
    assert wrong == family


def test_a_name_that_only_looks_alike_without_the_record_is_another() -> None:
    right, wrong = people("Bennett", "Bennet", record=None)
    assert right != wrong


def test_initials_change() -> None:
    for subject in map(str, range(50)):
        for text in ("T.B.", "TB", "T. B. Bennett", "Q. Xavier"):
            (new,) = people(text, subject=subject)
            before = [part.strip(".") for part in text.replace(".", ". ").split()]
            after = [part.strip(".") for part in new.replace(".", ". ").split()]
            assert all(a[0] != b[0] for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Dr. Keller, MD", ("Dr. ", ", MD")),
        ("Keller Jr.", ("", " Jr.")),
        ("Ann Keller, Ph.D.", ("", ", Ph.D.")),
        ("Prof. Keller", ("Prof. ", "")),
    ],
)
def test_titles_stay(text: str, kept: tuple[str, str]) -> None:
    (new,) = people(text)
    assert new.startswith(kept[0])
    assert new.endswith(kept[1])
    assert "Keller" not in new


def test_a_word_that_could_be_a_title_is_replaced_where_it_is_a_name() -> None:
    assert "Do" not in people("Dr Do")[0].split()
    assert "Ma" not in people("Ma")[0].split()
    assert "MD" not in people("MD KELLER")[0].split()


def test_gender_by_title_and_by_record() -> None:
    for subject in map(str, range(20)):
        (she,) = people("Mrs. Robin Keller", subject=subject)
        assert she.split()[1] in names.GIVEN_FEMALE
        (he,) = people("Allan Bennett", subject=subject)
        assert he.split()[0] in names.GIVEN_MALE
        (neither,) = people("Laura Keller", subject=subject)
        assert neither.split()[0] in names.GIVEN_FEMALE


def test_spanish_names() -> None:
    whole, sir, upper, don = people(
        "María García López", "Sr. García", "GARCÍA LÓPEZ, MARÍA", "D. Antonio", language="es"
    )
    given, first, second = whole.split()
    assert given in names.ES_GIVEN_FEMALE
    assert {first, second} <= set(names.ES_FAMILY)
    assert sir == f"Sr. {first}"
    assert upper == f"{first} {second}, {given}".upper()
    assert don.startswith("D. ")
    assert don.split()[1] in names.ES_GIVEN_MALE


def test_particles_go_with_the_name() -> None:
    (new,) = people("Juan de la Fuente")
    assert len(new.split()) == 2


def test_parts_joined_by_a_hyphen_are_of_one_kind() -> None:
    given, family = people("Anna-Sophie O'Brien-Keller")[0].split()
    assert set(given.split("-")) <= set(names.GIVEN_FEMALE + names.GIVEN_MALE)
    assert set(family.split("-")) <= set(names.FAMILY)


def test_a_name_without_its_accents_is_the_same() -> None:
    one, other, apart = people("José Peña", "JOSE PENA", "Jose\u0301 Pen\u0303a", language="es", record=None)
    assert one.upper() == other
    assert apart == one


def test_the_names_of_the_record_do_not_depend_on_who_else_is_named() -> None:
    crowd = [f"Dr. {family}" for family in names.FAMILY[:60]]
    for subject in map(str, range(20)):
        (alone,) = people("Thomas Bennett", subject=subject)
        *_, after_others = people(*crowd, "Thomas Bennett", subject=subject)
        changed = {part for part in alone.split() if part in names.FAMILY[:60]}
        assert changed or alone == after_others


def test_more_names_than_are_listed() -> None:
    given = [f"{a}{b}{c}ing" for a in "BCDFGHJKLM" for b in "aeiou" for c in "bcdfghklmnprst"]
    made = people(*given, record=None)
    assert len(set(made)) == len(given) > len(names.FAMILY)
    assert "[NAME]" not in made


CHINESE = PatientRecord(names=(HumanName(given=("小明",), family=("王",)),), gender="male")


def test_chinese_names() -> None:
    whole, doctor, familiar, given, unnamed = people(
        "王小明", "王医生", "小王", "小明", "王某", language="zh", record=CHINESE
    )
    assert whole[0] in names.ZH_SURNAMES
    assert set(whole[1:]) <= set(names.ZH_GIVEN_MALE)
    assert not set(whole) & set("王小明")
    assert (doctor, familiar, given, unnamed) == (
        f"{whole[0]}医生",
        f"小{whole[0]}",
        whole[1:],
        f"{whole[0]}某",
    )
    lady, compound, foreign = people("李芳女士", "欧阳娜娜", "阿不都·买买提", language="zh", record=None)
    assert lady.endswith("女士")
    assert set(lady[1:-2]) <= set(names.ZH_GIVEN_FEMALE)
    assert compound[:2] in names.ZH_COMPOUND
    assert set(foreign.split("·")) <= set(names.ZH_FOREIGN)


def test_no_character_comes_back_in_its_own_part_of_a_chinese_name() -> None:
    for subject in map(str, range(60)):
        for text, size in (("王伟强", 1), ("林芳", 1), ("欧阳明", 2)):
            (new,) = people(text, language="zh", record=None, subject=subject)
            assert not set(new[:size]) & set(text[:size])
            assert not set(new[size:]) & set(text[size:])


@pytest.mark.parametrize("text", ["Иванов", "Σωκράτης", "محمد", "K3ller", "x" * 300])
def test_a_name_of_another_script_is_redacted(text: str) -> None:
    assert people(text) == ["[NAME]"]


LATIN = st.from_regex(r"[A-Z][a-z]{1,9}( [A-Z][a-z]{1,9})?", fullmatch=True)


@given(st.lists(LATIN, min_size=1, max_size=12), st.sampled_from(["en", "es"]))
def test_no_part_comes_back_and_no_two_become_one(texts: list[str], language: str) -> None:
    made = people(*texts, language=language, record=None)
    kept = names.TITLES | names.CREDENTIALS
    parts = {part.casefold() for text in texts for part in text.split()} - {"de", "do", "di", "da", "la"}
    became: dict[str, str] = {}
    for before, after in zip(texts, made, strict=True):
        if len(before.split()) == len(after.split()):
            became.update(zip(before.casefold().split(), after.split(), strict=True))
    assert not parts & {part.casefold() for text in made for part in text.split()} - kept
    named = {was: new for was, new in became.items() if was not in kept}
    assert len(set(named.values())) == len(named)


def test_a_record_with_many_names_is_not_confused() -> None:
    record = PatientRecord(others=tuple(HumanName(family=(name,)) for name in names.FAMILY[:100]))
    made = people(*names.FAMILY[:100], record=record)
    assert len(set(made)) == 100
    assert not set(made) & set(names.FAMILY[:100])


def test_the_lists() -> None:
    assert (
        len(set(names.GIVEN_FEMALE + names.GIVEN_MALE + names.ES_GIVEN_FEMALE + names.ES_GIVEN_MALE)) >= 300
    )
    assert len(set(names.FAMILY + names.ES_FAMILY)) >= 400
    lists = (names.GIVEN_FEMALE, names.GIVEN_MALE, names.FAMILY, names.ES_GIVEN_FEMALE, names.ES_GIVEN_MALE)
    for listed in (*lists, names.ES_FAMILY, names.ZH_SURNAMES, names.ZH_FOREIGN):
        assert len(set(listed)) == len(listed)
        assert all(name.isalpha() for name in listed)
