"""A profile's pipeline, whole: every detector, every refusal, offsets, context, nothing let through."""

# ruff: noqa: RUF001 - texts in other scripts
from __future__ import annotations

import base64
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from gateway.adapters.presidio_text import TextPipeline
from gateway.deid.keys import subject_keys
from gateway.deid.transform import transformed
from gateway.domain.deid import (
    Address,
    Deidentified,
    Document,
    HumanName,
    Identifier,
    IdentifierType,
    Method,
    Outcome,
    PatientRecord,
    Profile,
    Span,
    Withheld,
)
from gateway.errors import GatewayError

T = IdentifierType
KEY = bytes(range(32))
RECORD = PatientRecord(
    names=(HumanName(given=("Adaeze", "Lynn"), family=("Okonjo",)),),
    birth_date=date(1956, 3, 14),
    phones=("+1 312 555 0147",),
    addresses=(Address(line=("48 Larkmoor Street",), city="Ellisburg", postal_code="60614"),),
    identifiers=(Identifier(type=T.MRN, value="00482913"),),
)
REDACT = Profile(
    name="plain",
    title="Everything redacted",
    languages=frozenset({"en", "es", "zh"}),
    methods={},
    per_patient=False,
    threshold=Decimal("0.5"),
)


class Words:
    """A model that knows some words, and fails at a word that it is told to fail at."""

    def __init__(self, known: Mapping[str, tuple[IdentifierType, float]], fails_at: str = "\0") -> None:
        self._known, self._fails_at = known, fails_at

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        if any(self._fails_at in text for text in texts):
            raise RuntimeError(texts[0])
        return [
            [
                Span(start=match.start(), end=match.end(), type=kind, score=score, source="model")
                for word, (kind, score) in self._known.items()
                for match in re.finditer(re.escape(word), text)
            ]
            for text in texts
        ]


def pipeline(profile: Profile = REDACT, model: Words | None = None, key: bytes = b"") -> TextPipeline:
    return TextPipeline(profile, key, {"en": model or Words({})}, year=lambda: 2026)


def one(text: str, *, profile: Profile = REDACT, model: Words | None = None, **fields: object) -> Outcome:
    document = replace(Document(id="n1", text=text), **fields)  # type: ignore[arg-type]
    key = KEY if profile.keyed else b""
    return pipeline(profile, model, key).deidentify([document])[0]


def out(text: str, **fields: object) -> str:
    outcome = one(text, **fields)  # type: ignore[arg-type]
    assert isinstance(outcome, Deidentified), outcome
    return outcome.text


def test_every_detector_has_its_part() -> None:
    text = "okonjo (MRN 00482913) saw Quillby; call 312-555-0199. She lives near Tarn Hollow."
    model = Words({"Quillby": (T.NAME, 0.9), "Tarn Hollow": (T.LOCATION, 0.8)})
    outcome = one(text, model=model, record=RECORD)
    assert isinstance(outcome, Deidentified)
    assert outcome.text == "[NAME] (MRN [MRN]) saw [NAME]; call [PHONE]. She lives near [LOCATION]."
    sources = {text[span.start : span.end]: span.source for span in outcome.spans}
    assert sources == {
        "okonjo": "record",
        "00482913": "record",
        "Quillby": "model",
        "312-555-0199": "pattern",
        "Tarn Hollow": "model",
    }


def test_without_the_record_only_what_the_others_see() -> None:
    assert "okonjo" in out("saw okonjo at the ward")
    assert "okonjo" not in out("saw okonjo at the ward", record=RECORD)


def test_what_was_found_once_is_found_everywhere() -> None:
    model = Words({"Dr. Hal Quillby": (T.NAME, 0.9)})
    assert "Quillby" not in out("Seen by Dr. Hal Quillby. Plan as above. Quillby agrees.", model=model)


def test_thresholds_judge_the_model_by_type() -> None:
    model = Words({"Quillby": (T.NAME, 0.4), "Larnford": (T.LOCATION, 0.4)})
    low = replace(REDACT, thresholds={T.NAME: Decimal("0.3")})
    text = "with Quillby in Larnford today"
    assert out(text, model=model) == text
    assert out(text, model=model, profile=low) == "with [NAME] in Larnford today"


def test_what_the_model_is_unsure_of_takes_nothing_with_it() -> None:
    """Presidio drops a span within one of the same type and a higher score: the pattern's in the model's."""
    strict = replace(REDACT, threshold=Decimal("0.999"))
    model = Words({"Dr. Hal Quillby": (T.NAME, 0.998)})
    assert out("Seen by Dr. Hal Quillby.", profile=strict) == "Seen by Dr. [NAME]."
    assert out("Seen by Dr. Hal Quillby.", profile=strict, model=model) == "Seen by Dr. [NAME]."


FRENCH = (
    "Le patient est suivi depuis deux jours pour une douleur. Il ne prend pas de traitement avec son fils."
)


@pytest.mark.parametrize("declared", ["en", "es", "zh", ""])
def test_a_text_in_another_language_than_declared_is_withheld(declared: str) -> None:
    assert one(FRENCH, language=declared) == Withheld(id="n1", reason="LANGUAGE_UNSUPPORTED")


def test_a_text_that_is_wrongly_declared_is_read_as_what_it_is() -> None:
    english = "The patient was seen by his cousin and has been well; he denies pain and reports no fever."
    outcome = one(english, language="es")
    assert isinstance(outcome, Deidentified)
    assert outcome.language == "en"
    few = one("Seen by Dr. de la Fuente at the clinic.", language="en")
    assert isinstance(few, Deidentified)
    assert few.language == "en"


def test_names_in_latin_letters_are_found_in_a_chinese_text() -> None:
    """The model was taught no Chinese, and reads each sign as a comma; an eponym alone is left."""
    model = Words({",Hal Quillby,": (T.NAME, 0.9), "Bosniak II": (T.NAME, 0.9), "Murphy": (T.NAME, 0.9)})
    text = "家属由Hal Quillby陪同入院，考虑Bosniak II级囊肿，Murphy征阴性，予头孢治疗后好转出院。"
    assert out(text, model=model) == text.replace("由Hal Quillby陪", "[NAME]")


@pytest.mark.parametrize("between", ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e"])
def test_offsets_are_of_the_text_as_given(between: str) -> None:
    text = f"\u202bpatient Oko{between}njo, MRN ００４８２９１３ 😀 done"
    outcome = one(text, record=RECORD)
    assert isinstance(outcome, Deidentified)
    assert outcome.text.endswith("[NAME], MRN [MRN] 😀 done")
    assert [text[span.start : span.end] for span in outcome.spans] == [f"Oko{between}njo", "００４８２９１３"]


def test_markup_hides_nothing() -> None:
    assert "Okonjo" not in out("<p>Name: <b>Oko</b><i>njo</i> Adaeze</p> &nbsp;", record=RECORD).replace(
        "</b><i>", ""
    )
    assert "312" not in out(r"{\rtf1\ansi Phone \b 312-555-0147\b0\par}")


def test_another_language_is_withheld() -> None:
    russian = "Пациент поступил в клинику с жалобами на боль в груди."
    assert one(russian) == Withheld(id="n1", reason="LANGUAGE_UNSUPPORTED")
    assert one(russian, language="en") == Withheld(id="n1", reason="LANGUAGE_UNSUPPORTED")
    english = replace(REDACT, languages=frozenset({"en"}))
    spanish = "El paciente ingresó con dolor en el pecho y fue dado de alta sin complicaciones."
    assert one(spanish, profile=english) == Withheld(id="n1", reason="LANGUAGE_UNSUPPORTED")
    assert isinstance(one(spanish), Deidentified)


def test_a_script_that_nobody_reads_is_taken_out_of_a_text() -> None:
    assert out("The patient was seen with her son Иван Петров in the clinic today.").count("[ID]") == 1


def test_what_is_packed_in_letters_is_taken_out_of_a_text() -> None:
    packed = b"Adaeze Okonjo, MRN 00482913, 48 Larkmoor Street." * 4
    for text in (base64.b64encode(packed).decode(), base64.encodebytes(packed).decode().rstrip()):
        assert out(f"Attached: {text}\nPlan as above.", record=RECORD) == "Attached: [ID]\nPlan as above."


def test_a_failing_model_withholds_the_one_text_and_says_nothing_of_it() -> None:
    documents = [Document(id=str(n), text=text) for n, text in enumerate(["fine", "Zzyxx bad", "fine too"])]
    found = pipeline(model=Words({}, fails_at="Zzyxx")).deidentify(documents)
    assert [type(outcome) for outcome in found] == [Deidentified, Withheld, Deidentified]
    assert found[1] == Withheld(id="1", reason="DETECTOR_FAILED")


@pytest.mark.parametrize("part", ["pattern_spans", "record_spans", "unread_spans"])
def test_a_failing_detector_withholds(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(one("fine", record=RECORD), Deidentified)

    def fails(*_: object) -> list[Span]:
        raise ValueError("Okonjo")

    monkeypatch.setattr(f"gateway.adapters.presidio_detect.{part}", fails)
    assert one("fine", record=RECORD) == Withheld(id="n1", reason="DETECTOR_FAILED")


@pytest.mark.parametrize("part", ["normalised", "merged", "propagated", "language_of"])
def test_a_failing_step_withholds(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ValueError("Okonjo")

    monkeypatch.setattr(f"gateway.adapters.presidio_text.{part}", fails)
    assert one("fine") == Withheld(id="n1", reason="DETECTOR_FAILED")


def test_kept_types_stay_and_are_still_reported() -> None:
    kept = replace(REDACT, methods={T.DATE: Method.KEEP})
    outcome = one("Seen 03/14/2024, call 312-555-0199.", profile=kept)
    assert isinstance(outcome, Deidentified)
    assert outcome.text == "Seen 03/14/2024, call [PHONE]."
    assert [span.type for span in outcome.spans] == [T.DATE, T.PHONE]


def test_nobody_finds_a_pseudonym_by_having_texts_of_another_realm_de_identified() -> None:
    joined = replace(REDACT, methods={T.MRN: Method.PSEUDONYM}, per_patient=True)
    texts = [out("MRN 00482913", profile=joined, subject="p", realm=realm) for realm in ("a", "a", "b")]
    assert texts[0] == texts[1] != texts[2]


def test_values_are_in_no_repr() -> None:
    document = Document(
        id="n1", text="Okonjo", subject="Okonjo", record=RECORD, context={"a": (None, "Okonjo")}
    )
    shown = repr([document, RECORD, one("Okonjo", profile=replace(REDACT, methods={T.NAME: Method.KEEP}))])
    assert "Okonjo" not in shown
    assert "n1" in shown


def test_context_leaves_under_the_same_profile() -> None:
    profile = replace(REDACT, methods={T.DATE: Method.SHIFT, T.MRN: Method.PSEUDONYM}, per_patient=True)
    context = {"written": (T.DATE, "2024-03-14"), "mrn": (T.MRN, "00482913"), "kind": (None, "letter")}
    outcome = one("Seen on 2024-03-14.", profile=profile, subject="p1", record=RECORD, context=context)
    assert isinstance(outcome, Deidentified)
    assert outcome.context["kind"] == "letter"
    assert outcome.context["written"] != "2024-03-14"
    assert outcome.text == f"Seen on {outcome.context['written']}."
    assert "482913" not in outcome.context["mrn"]


@pytest.mark.parametrize("method", [Method.SURROGATE, Method.PSEUDONYM, Method.REDACT])
def test_presidio_replaces_as_the_law_does(method: Method) -> None:
    profile = replace(REDACT, methods=dict.fromkeys(T, method) | {T.DATE: Method.SHIFT, T.ZIP: Method.KEEP})
    text = "Okonjo, Adaeze; Dr. Quillby, Okonjo, 03/14/2024, 312-555-0199, 60614.\n" * 40
    document = Document(id="n1", text=text, subject="p1", record=RECORD)
    outcome = pipeline(profile, key=KEY).deidentify([document])[0]
    assert isinstance(outcome, Deidentified)
    keys = subject_keys(KEY, profile, subject="p1", document="n1")
    law = transformed(text, outcome.spans, profile, keys, language="en", record=RECORD, year=2026)
    assert outcome.text == law.text != text


def test_a_keyed_profile_needs_the_key() -> None:
    keyed = replace(REDACT, methods={T.NAME: Method.SURROGATE})
    with pytest.raises((GatewayError, ValueError)):
        pipeline(keyed, key=b"")
    assert pipeline(keyed, key=KEY)


def test_empty_and_blank_texts_go_through_as_they_are() -> None:
    assert out("") == ""
    assert out(" \n\t ") == " \n\t "


def test_a_group_of_languages_keeps_its_order() -> None:
    texts = [
        "Mail a@b.example.",
        "患者，男，邮箱 c@d.example。",
        "El correo de la paciente es e@f.example.",
        "x",
    ]
    found = pipeline().deidentify([Document(id=str(n), text=text) for n, text in enumerate(texts)])
    assert [outcome.id for outcome in found] == ["0", "1", "2", "3"]
    assert all(isinstance(outcome, Deidentified) for outcome in found)
    assert not any("@" in outcome.text for outcome in found if isinstance(outcome, Deidentified))
    assert [outcome.language for outcome in found if isinstance(outcome, Deidentified)][:3] == [
        "en",
        "zh",
        "es",
    ]


def test_a_long_text_takes_linear_time() -> None:
    line = "Pt seen 03/14/2024 by Okonjo, MRN: 00482913, call 312-555-0199.\n"
    made = pipeline()

    def seconds(size: int) -> float:
        text = line * (size // len(line))
        start = time.process_time()
        outcome = made.deidentify([Document(id="big", text=text, record=RECORD)])[0]
        assert isinstance(outcome, Deidentified)
        assert "Okonjo" not in outcome.text
        return time.process_time() - start

    seconds(10_000)
    small, large = seconds(50_000), seconds(400_000)
    assert large < 8 * small * 2.5
