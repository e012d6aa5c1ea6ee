"""`gateway deid evaluate`: what is measured, what is shown, and that nothing of a text is."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.adapters.text_fakes import MARK
from tests.unit.cli.deid.kit import CANARY, PATIENT, with_fake_pipelines, write_lines
from tests.unit.client.enrolled import run


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    return with_fake_pipelines(monkeypatch)


def evaluate(*arguments: str | Path) -> tuple[int, str, str]:
    return run("deid", "evaluate", "--workers", "1", *arguments)


def line(key: str, text: str, *names: str, **more: object) -> dict[str, Any]:
    spans = [{"start": text.index(n), "end": text.index(n) + len(n), "type": "NAME"} for n in names]
    return {"id": key, "text": text, "spans": spans, **more}


def gold(tmp_path: Path, **more: object) -> Path:
    """Sixteen letters of two names, of which the fake finds one; and a text without any."""
    return write_lines(
        tmp_path / "gold.jsonl",
        line("a", f"seen by {MARK}", MARK, **more),
        line("b", f"seen by {CANARY}", CANARY),
        line("c", "no change"),
    )


def test_figures_are_written_as_json(tmp_path: Path) -> None:
    code, out, err = evaluate(gold(tmp_path), "--json")
    assert code == 0
    scores = json.loads(out)
    assert scores["profile"] == "safe-harbor"
    assert scores["with_record"] is None
    sums = scores["without_record"]
    assert (sums["documents"], sums["withheld"]) == (3, 0)
    recall = sums["overall"]["recall"]
    assert (recall["part"], recall["whole"]) == (8, 18)
    assert recall["value"] == pytest.approx(8 / 18)
    assert 0 <= recall["low"] <= recall["value"] <= recall["high"] <= 1
    assert (sums["leaked"]["part"], sums["leaked"]["whole"]) == (1, 3)
    assert (sums["clean_touched"]["part"], sums["clean_touched"]["whole"]) == (0, 1)
    assert set(sums["by_type"]) == {"NAME"}
    assert "3 texts searched" in err


def test_the_table_shows_both_sides_where_a_patient_is_given(tmp_path: Path) -> None:
    code, out, err = evaluate(gold(tmp_path, patient=PATIENT))
    assert code == 0
    heading, *rows = (row.split() for row in out.splitlines() if row.strip())
    assert heading[-4:] == ["without", "record", "with", "record"]
    assert ["texts", "3", "3"] in rows
    assert ["withheld", "0", "0"] in rows
    recall = next(row for row in rows if row[:2] == ["character", "recall"])
    assert recall[2] == "44.44"
    assert "by type, without record" in out and "by type, with record" in out
    assert "6 texts searched" in err


def test_without_patients_there_is_one_side(tmp_path: Path) -> None:
    out = evaluate(gold(tmp_path))[1]
    assert "without record" in out
    assert "with record" not in out


def test_nothing_of_a_text_is_shown(tmp_path: Path) -> None:
    for arguments in ([], ["--json"]):
        _, out, err = evaluate(gold(tmp_path), *arguments)
        assert CANARY not in out + err
        assert MARK not in out + err


def test_why_texts_were_withheld_is_told(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "gold.jsonl", line("a", "withhold this"), line("b", "read this"))
    code, out, err = evaluate(source, "--json")
    assert code == 0
    assert json.loads(out)["withheld_reasons"] == {"LANGUAGE_UNSUPPORTED": 1}
    assert json.loads(out)["without_record"]["withheld"] == 1
    assert "withheld: 1 (LANGUAGE_UNSUPPORTED 1)" in err
    _, out, err = evaluate(gold(tmp_path), "--json")
    assert json.loads(out)["withheld_reasons"] == {}
    assert "withheld" not in err


def test_gzip_is_read_as_it_is(tmp_path: Path) -> None:
    packed = tmp_path / "gold.jsonl.gz"
    packed.write_bytes(gzip.compress(gold(tmp_path).read_bytes()))
    assert evaluate(packed, "--json")[1] == evaluate(gold(tmp_path), "--json")[1]


def test_a_wrong_line_is_told_by_its_number_and_without_its_content(tmp_path: Path) -> None:
    source = gold(tmp_path)
    wrong = {"id": "d", "text": CANARY, "spans": [{"start": 0, "end": 99, "type": "NAME"}]}
    source.write_text(source.read_text() + json.dumps(wrong) + "\n")
    code, out, err = evaluate(source)
    assert (code, out) == (65, "")
    assert "GOLD_INVALID" in err
    assert "line 4, column 1: spans[0]" in err
    assert CANARY not in err


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    code, _, err = evaluate(tmp_path / "none.jsonl")
    assert code == 78
    assert "SOURCE_UNREADABLE" in err


def test_a_keyed_profile_needs_no_key_here(tmp_path: Path, keys: list[bytes]) -> None:
    assert evaluate(gold(tmp_path), "--profile", "gdpr-pseudonymised")[0] == 0
    assert evaluate(gold(tmp_path))[0] == 0
    assert [len(key) for key in keys] == [32, 0]
