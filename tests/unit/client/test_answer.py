"""Answers as plain values and as frames; a suppressed figure has no value in any of them."""

from __future__ import annotations

import builtins
import math
from typing import Any

import pytest

from gateway.client import received
from gateway.client.answer import Answer
from gateway.errors import ConfigInvalid
from tests.unit.client.enrolled import ANSWER

NAMES = ["age_band"] + [
    f"{measure}{part}"
    for measure in ("patients", "stay")
    for part in ("", "_low", "_high", "_sigma", "_suppressed")
]


@pytest.fixture
def answer() -> Answer:
    return received.answer(ANSWER)


def test_plain_values(answer: Answer) -> None:
    plain = answer.to_dict()
    assert {"release", "replayed", "loss", "balance", "columns", "rows", "entry"} <= set(plain)
    assert plain["rows"][0] == {
        "age_band": "[0-10)",
        "patients": {"value": 1234.0, "low": 1200.0, "high": 1268.0, "sigma": 17.3, "suppressed": False},
        "stay": {"value": 4.125, "low": 3.9, "high": 4.35, "sigma": 0.11, "suppressed": False},
    }
    hidden = {"value": None, "low": None, "high": None, "sigma": 17.3, "suppressed": True}
    assert plain["rows"][1]["patients"] == hidden
    assert (plain["entry"], plain["loss"]["rho"]) == ("e-9", "0.004210000000")


def test_a_value_sent_beside_a_suppressed_mark_is_not_read(answer: Answer) -> None:
    leaky = type(ANSWER).FromString(ANSWER.SerializeToString())
    leaky.rows[1].figures[0].value = 7
    assert received.answer(leaky).rows == answer.rows


def test_arrow(answer: Answer) -> None:
    table = answer.to_arrow()
    assert table.column_names == NAMES
    assert table["patients"].to_pylist() == [1234.0, None]
    assert table["patients_suppressed"].to_pylist() == [False, True]
    assert str(table.schema.field("stay_low").type) == "double"


def test_pandas(answer: Answer) -> None:
    frame = answer.to_pandas()
    assert list(frame.columns) == NAMES
    assert frame["patients"][0] == 1234.0 and math.isnan(frame["patients"][1])
    assert list(frame["age_band"]) == ["[0-10)", "[10-20)"]


def test_polars(answer: Answer) -> None:
    frame = answer.to_polars()
    assert frame.columns == NAMES
    assert frame["patients"].to_list() == [1234.0, None]


@pytest.mark.parametrize("library", ["pyarrow", "pandas", "polars"])
def test_a_missing_library_is_named(answer: Answer, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    convert = {"pyarrow": answer.to_arrow, "pandas": answer.to_pandas, "polars": answer.to_polars}[library]
    convert()
    monkeypatch.setitem(__import__("sys").modules, library, None)
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name.split(".")[0] == library:
            raise ModuleNotFoundError(name=library)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ConfigInvalid) as caught:
        convert()
    assert caught.value.reason == "EXTRA_MISSING"
    assert f"pip install {library}" in caught.value.message
