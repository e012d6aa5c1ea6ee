"""`gateway deid` with the shipped detectors and model, in fenced workers: what a new user does first."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.adapters.text_process import MIB, TextProcess
from tests.unit.cli.deid.kit import read_lines, write_lines
from tests.unit.client.enrolled import run

LETTER = """\
Dear Dr. Lindqvist,

Rosalind Ortiz (MRN 4821107, born 03/14/1938) was seen on 12 May 2026 at Maplewood General Hospital.
She lives at 14 Birch Lane, Duluth, MN 55802; her phone is 218-555-0143, her e-mail r.ortiz@example.org.
Rosalind is 91 years old. Blood pressure 128/76, metoprolol 25 mg continued.
"""
IDENTIFIERS = (
    *("Lindqvist", "Rosalind", "Ortiz", "4821107", "03/14", "1938-03", "12 May", "Maplewood"),
    *("14 Birch Lane", "Duluth", "55802", "555-0143", "r.ortiz", "91 years"),
)
KEPT = ("Blood pressure 128/76", "metoprolol 25 mg continued", "2026")


def test_a_folder_of_notes_is_de_identified_with_one_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    kill = TextProcess.kill

    async def measured(self: TextProcess) -> None:
        sizes.append(self.resident())
        await kill(self)

    monkeypatch.setattr(TextProcess, "kill", measured)
    (tmp_path / "notes/ward").mkdir(parents=True)
    (tmp_path / "notes/ward/letter.txt").write_text(LETTER)
    (tmp_path / "notes/empty.txt").touch()
    code, out, err = run(
        *("deid", "run", "--profile", "safe-harbor", "--workers", "1", "--language", "en"),
        *(tmp_path / "notes", tmp_path / "clean"),
    )
    assert (code, out) == (0, ""), err
    clean = (tmp_path / "clean/ward/letter.txt").read_text()
    assert [words for words in IDENTIFIERS if words in clean] == []
    assert [words for words in KEPT if words not in clean] == []
    assert (tmp_path / "clean/empty.txt").read_bytes() == b""
    everything = err + (tmp_path / "clean/spans.jsonl").read_text()
    assert [words for words in IDENTIFIERS if words in everything] == []
    spans = read_lines(tmp_path / "clean/spans.jsonl")[1]["spans"]
    assert "Rosalind Ortiz" in {LETTER[span["start"] : span["end"]] for span in spans}
    assert 0 < max(sizes) < 500 * MIB


def test_a_patients_record_finds_what_no_model_could(tmp_path: Path) -> None:
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "Pepper", "given": ["Basil"]}],
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "zq7q"}],
    }
    text = "basil pepper, seen again today; old folder zq7q"
    people = write_lines(tmp_path / "people.ndjson", patient)
    source = write_lines(
        tmp_path / "in.jsonl", {"id": "n", "text": text, "patient_id": "p1", "language": "en"}
    )
    keyed = tmp_path / "deid.key"
    assert run("deid", "key", keyed)[0] == 0
    for profile, more in (("safe-harbor", ()), ("gdpr-pseudonymised", ("--key", keyed))):
        out = tmp_path / f"{profile}.jsonl"
        arguments = ("--profile", profile, "--patients", people, "--workers", "1", *more, source, out)
        code, _, err = run("deid", "run", *arguments)
        assert code == 0, err
        (line,) = read_lines(out)
        assert not any(word in line["text"].lower() for word in ("basil", "pepper", "zq7q"))
        assert "seen again today" in line["text"]
        assert {span["source"] for span in line["spans"]} >= {"record"}
