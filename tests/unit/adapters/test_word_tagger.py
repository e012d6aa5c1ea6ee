"""The shipped Spanish model: pinned, bounded, the same whatever stands beside a text."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gateway.adapters.text_models import WORD_MODELS, text_models
from gateway.adapters.word_tagger import WordTagger
from gateway.domain.deid import IdentifierType
from gateway.errors import ConfigInvalid
from gateway.shipped import shipped
from training.words.meddocan import cases

T = IdentifierType
REPORT = (
    "Nombre: Remedios.\nApellidos: Ybarra Otxoa.\nNHC: 4821937.\nDomicilio: Calle del Olmo 14, 3º B.\n"
    "Fecha de ingreso: 05/03/2024.\nMédico: Hilario Basterra Quiroga NºCol: 28 28 41902.\n"
    "Paciente de 54 años con dolor torácico e hipertensión; se trató con enalapril 10 mg.\n"
    "Remitido por: Dr. Hilario Basterra Quiroga. Hospital de la Ribera. E-mail: hbq@ejemplo.example\n"
)


@pytest.fixture(scope="module")
def tagger() -> WordTagger:
    return WordTagger(shipped("models") / "es.onnx", WORD_MODELS["es"])


def found(tagger: WordTagger, text: str) -> set[tuple[str, str]]:
    return {(span.type.value, text[span.start : span.end]) for span in tagger.spans([text])[0]}


def test_it_finds_what_identifies_and_leaves_what_does_not(tagger: WordTagger) -> None:
    seen = found(tagger, REPORT)
    assert {
        ("NAME", "Remedios"),
        ("NAME", "Ybarra Otxoa"),
        ("MRN", "4821937"),
        ("DATE", "05/03/2024"),
        ("NAME", "Hilario Basterra Quiroga"),
        ("EMAIL", "hbq@ejemplo.example"),
    } <= seen
    assert not any("54" in text or "enalapril" in text for _, text in seen)


def test_an_answer_that_is_no_number_is_no_answer(
    tagger: WordTagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tagger._session

    class Broken:
        def run(self, names: list[str], feeds: dict[str, object]) -> list[object]:
            return [np.full_like(real.run(names, feeds)[0], np.nan)]

    monkeypatch.setattr(tagger, "_session", Broken())
    with pytest.raises(FloatingPointError):
        tagger.spans([REPORT])


def test_offsets_are_code_points(tagger: WordTagger) -> None:
    text = "😀 e\u0301ste\u0301 " + REPORT
    spans = tagger.spans([text])[0]
    assert "Ybarra Otxoa" in {text[span.start : span.end] for span in spans}
    assert all(0 <= a.start < a.end <= b.start for a, b in pairwise(spans))


def test_a_text_is_read_the_same_whatever_stands_beside_it(tagger: WordTagger) -> None:
    texts = [REPORT, "Breve.", REPORT * 3, "", "\n \n"]
    assert tagger.spans(texts) == [tagger.spans([text])[0] for text in texts]
    assert tagger.spans(["", "\n \n"]) == [[], []]


def test_time_is_linear(tagger: WordTagger) -> None:
    def seconds(text: str) -> float:
        start = time.process_time()
        tagger.spans([text])
        return time.process_time() - start

    seconds(REPORT)
    assert seconds(REPORT * 160) < 8 * seconds(REPORT * 20) * 2.5
    assert seconds("a" * 100_000) < 2


def test_other_bytes_are_refused() -> None:
    data = (shipped("models") / "es.onnx").read_bytes()
    changed = data[:-1] + bytes([data[-1] ^ 1])
    assert WordTagger(data, WORD_MODELS["es"])
    with pytest.raises(ConfigInvalid) as refused:
        WordTagger(changed, WORD_MODELS["es"])
    assert refused.value.reason == "MODEL_CHANGED"
    with pytest.raises(ConfigInvalid) as missing:
        WordTagger(shipped("models") / "none.onnx", WORD_MODELS["es"])
    assert missing.value.reason == "MODEL_UNREADABLE"


def test_models_are_loaded_once_and_only_where_there_are_any() -> None:
    assert set(text_models({"es", "zh"})) == {"es"}
    assert text_models({"es"})["es"] is text_models({"es"})["es"]


def test_it_scores_what_its_card_says(tagger: WordTagger, shared_data: Path) -> None:
    """Exact spans of MEDDOCAN's dev part, micro-averaged; the goal is above .95."""
    right = found = wanted = 0
    for case in cases(shared_data / "text" / "meddocan" / "dev.jsonl.gz"):
        said = {(start, end, kind) for start, end, kind, _ in tagger.tagged([case.text])[0]}
        right, found, wanted = right + len(said & case.spans), found + len(said), wanted + len(case.spans)
    assert 2 * right / (found + wanted) == pytest.approx(0.954, abs=0.002)
