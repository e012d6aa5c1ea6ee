"""A gold file is measured with and without records, a batch at a time, by any deidentifier."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.adapters.deid_measure import BATCH, measured
from gateway.domain.deid import Deidentified, Document, Method, Outcome, Profile, Span, Withheld
from gateway.domain.deid import IdentifierType as T
from gateway.errors import ConfigInvalid, InvalidRequest

PROFILE = Profile(
    name="p", title="", languages=frozenset({"en"}), methods={T.NAME: Method.REDACT}, per_patient=False,
    threshold=Decimal("0.5"),
)  # fmt: skip
TEXT = "Ivo Brand coughs."


class ByRecord:
    """Finds the first name in every text, and the family name where there is a record."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.records: list[bool] = []

    async def deidentify(self, documents: Sequence[Document], profile: Profile) -> list[Outcome]:
        assert profile is PROFILE
        self.batches.append(len(documents))
        self.records += [document.record is not None for document in documents]
        return [self._outcome(document) for document in documents]

    def _outcome(self, document: Document) -> Outcome:
        if document.id == "withheld":
            return Withheld(id=document.id, reason="LANGUAGE_NOT_ALLOWED")
        end = 9 if document.record is not None else 3
        found = Span(start=0, end=end, type=T.NAME, score=0.9, source="model")
        return Deidentified(id=document.id, text="", spans=(found,), language="en")

    async def close(self) -> None:
        """Nothing is held."""


def gold(tmp_path: Path, *ids: str, patient: object = None) -> Path:
    path = tmp_path / "gold.jsonl"
    lines = [
        json.dumps(
            {"id": key, "text": TEXT, "spans": [{"start": 0, "end": 9, "type": "NAME"}], "patient": patient}
        )
        for key in ids
    ]
    path.write_text("\n".join(lines), "utf-8")
    return path


async def test_without_patients_there_is_one_pass(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    by = ByRecord()
    result = await measured(gold(tmp_path, "a", "b"), by, PROFILE, tell=lambda *n: told.append(n))
    assert result.with_record is None
    assert (result.without_record.overall.recall.part, result.without_record.overall.recall.whole) == (6, 16)
    assert told == [(2, 2)]


async def test_with_patients_both_are_measured(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    by = ByRecord()
    path = gold(tmp_path, "a", "withheld", patient={"resourceType": "Patient", "id": "1"})
    result = await measured(path, by, PROFILE, tell=lambda *n: told.append(n))
    assert result.with_record is not None
    assert result.without_record.overall.recall.value == 3 / 8
    assert result.with_record.overall.recall.value == 1.0
    assert (result.with_record.documents, result.with_record.withheld) == (2, 1)
    assert result.reasons == {"LANGUAGE_NOT_ALLOWED": 2}
    assert by.records == [False, False, True, True]
    assert told == [(2, 4), (4, 4)]


async def test_texts_go_a_batch_at_a_time(tmp_path: Path) -> None:
    by = ByRecord()
    path = gold(tmp_path, *map(str, range(BATCH + 1)))
    result = await measured(path, by, PROFILE, tell=lambda done, total: None)
    assert by.batches == [BATCH, 1]
    assert result.without_record.documents == BATCH + 1


async def test_a_wrong_line_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    by = ByRecord()
    path = gold(tmp_path, "a")
    path.write_bytes(path.read_bytes() + b"\n{")
    with pytest.raises(InvalidRequest, match="one line"):
        await measured(path, by, PROFILE, tell=lambda done, total: None)
    assert not by.batches


async def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        await measured(tmp_path / "none", ByRecord(), PROFILE, tell=lambda done, total: None)
