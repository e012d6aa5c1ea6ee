# ruff: noqa: RUF001 - letters of other scripts are what is tested
"""A text's language by its script and its frequent words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.language import language_of, other_language

TEXTS = {
    "en": "The patient was admitted with chest pain and has no history of diabetes.",
    "es": "El paciente refiere dolor abdominal desde hace tres días, sin fiebre ni vómitos.",
    "fr": "La patiente est venue aux urgences avec une douleur thoracique depuis deux jours.",
    "de": "Der Patient wurde mit Schmerzen in der Brust und Atemnot in die Klinik aufgenommen.",
    "it": "Il paziente è stato ricoverato per dolore toracico e non ha allergie.",
    "pt": "O paciente foi internado com dor no peito e não tem alergias, sem febre há dois dias.",
    "nl": "De patiënt werd opgenomen met pijn op de borst en heeft geen allergieën.",
    "zh": "患者王伟，男，45岁，因胸痛入院，BP 120/80 mmHg。",
    "ja": "患者は胸痛のため入院した。既往歴なし。",
    "ko": "환자는 흉통으로 입원하였다.",
    "ru": "Пациент поступил с жалобами на боль в груди.",
    "ar": "أدخل المريض إلى المستشفى بسبب ألم في الصدر",
    "he": "החולה אושפז עקב כאבים בחזה",
    "el": "Ο ασθενής εισήχθη με πόνο στο στήθος",
}


@pytest.mark.parametrize("language", TEXTS)
def test_each_language(language: str) -> None:
    assert language_of(TEXTS[language]) == language


@pytest.mark.parametrize(
    "text",
    [
        "SOB x3d, BP 120/80",
        "CBC WNL",
        "Pt c/o HA; Tx: APAP 500 mg PO q6h prn",
        "NAME: DE LA CRUZ, MARIA. MRN 12345",
        "Seen by José García today.",
        "Dr. de la Fuente reviewed the CT: no acute bleed, follow up in 2 wks",
        "Café au lait spots, naïve to tx",
    ],
)
def test_telegraphic_latin_is_english(text: str) -> None:
    assert language_of(text) == "en"


@pytest.mark.parametrize("text", ["", "   ", "120/80 37.2", "!!! ---", "\u1200\u1201\u1202\u1208"])
def test_no_evidence_is_no_language(text: str) -> None:
    assert language_of(text) == ""


def test_short_spanish_is_told_from_english() -> None:
    assert language_of("Paciente con dolor, sin fiebre") == "es"
    assert language_of("Patient with pain, no fever") == "en"


@pytest.mark.parametrize("declared", ["en", "es"])
@pytest.mark.parametrize("language", ["en", "es", "fr", "de", "it", "pt", "nl"])
def test_a_text_in_plain_words_of_another_language_says_so(language: str, declared: str) -> None:
    text = TEXTS[language] * 2
    assert other_language(text, declared) == ("" if language == declared else language)


@pytest.mark.parametrize(
    "text",
    [
        "Dra. María de los Ángeles de la Torre y Sra. de las Heras",
        "SOB x3d, BP 120/80, from Rue de la Paix",
        "Spoke in Spanish: no dolor. The patient is in no distress and was seen with her son.",
        "",
    ],
)
def test_names_and_a_few_words_are_no_evidence_of_another(text: str) -> None:
    assert other_language(text, "en") == ""


@given(st.text(max_size=80))
def test_any_text_has_an_answer_and_the_same_one(text: str) -> None:
    answer = language_of(text)
    assert answer == language_of(text)
    assert answer == "" or (len(answer) == 2 and answer.islower())
