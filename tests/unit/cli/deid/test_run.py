"""`gateway deid run` and `key`: what is written, what is said, how it ends."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.adapters.deid_output import Output
from gateway.cli.deid import workers
from gateway.errors import DeidentifierUnavailable
from tests.unit.adapters.text_fakes import MARK, Fails
from tests.unit.cli.deid.kit import CANARY, PATIENT, read_lines, with_fake_pipelines, write_lines
from tests.unit.client.enrolled import run


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    return with_fake_pipelines(monkeypatch)


def deid(*arguments: str | Path, profile: str = "safe-harbor") -> tuple[int, str, str]:
    return run("deid", "run", "--workers", "1", "--profile", profile, *arguments)


def test_a_file_is_de_identified_with_one_command(tmp_path: Path, keys: list[bytes]) -> None:
    source = write_lines(tmp_path / "in.jsonl", {"id": "a", "text": f"seen by {MARK}"}, {"id": 2, "text": ""})
    code, out, err = deid(source, tmp_path / "out.jsonl")
    assert (code, out) == (0, "")
    assert err.startswith("2 notes in ")
    first, second = read_lines(tmp_path / "out.jsonl")
    assert first == {
        "id": "a",
        "text": "seen by [NAME]",
        "language": "en",
        "spans": [{"start": 8, "end": 16, "type": "NAME", "score": 0.9, "source": "model"}],
    }
    assert (second["id"], second["text"], second["spans"]) == (2, "", [])
    assert keys == [b""]


def test_gzip_is_read_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl.gz"
    source.write_bytes(gzip.compress(b'{"id":"a","text":"x"}\r\n'))
    assert deid(source, tmp_path / "out.jsonl")[0] == 0
    assert read_lines(tmp_path / "out.jsonl")[0]["text"] == "x"


def test_a_folder_is_de_identified_with_one_command(tmp_path: Path) -> None:
    (tmp_path / "in/ward").mkdir(parents=True)
    (tmp_path / "in/ward/1.txt").write_text(f"{MARK} came")
    (tmp_path / "in/ward/2.txt").write_bytes(b"\xff")
    code, _, err = deid(tmp_path / "in", tmp_path / "out", "--language", "en")
    assert code == 3
    assert "withheld: 1 (INVALID_UTF8 1)" in err
    assert (tmp_path / "out/ward/1.txt").read_text() == "[NAME] came"
    assert [line["id"] for line in read_lines(tmp_path / "out/spans.jsonl")] == ["ward/1.txt", "ward/2.txt"]


def test_a_text_is_searched_with_its_patients_record_or_not_at_all(tmp_path: Path) -> None:
    patients = write_lines(tmp_path / "patients.ndjson", PATIENT)
    source = write_lines(
        tmp_path / "in.jsonl",
        {"id": "a", "text": "x", "patient_id": "p1"},
        {"id": "b", "text": CANARY, "patient_id": "p2"},
    )
    code, _, err = deid(source, tmp_path / "out.jsonl", "--patients", patients)
    assert code == 3
    assert read_lines(tmp_path / "out.jsonl")[1] == {"id": "b", "withheld": "PATIENT_UNKNOWN"}
    assert "whom --patients does not hold" in err
    assert CANARY not in err
    code, _, err = deid(source, tmp_path / "other.jsonl")
    assert "withheld: 2 (PATIENT_UNKNOWN 2)" in err


def test_a_keyed_profile_needs_its_key_and_no_other_gets_one(tmp_path: Path, keys: list[bytes]) -> None:
    source = write_lines(tmp_path / "in.jsonl", {"id": "a", "text": "x"})
    code, _, err = deid(source, tmp_path / "out.jsonl", profile="treatment")
    assert code == 78
    assert "error DEID_KEY_MISSING" in err
    assert "gateway deid key deid.key" in err
    assert run("deid", "key", tmp_path / "deid.key")[0] == 0
    assert (tmp_path / "deid.key").stat().st_mode & 0o777 == 0o600
    keyed = ("--key", tmp_path / "deid.key")
    assert deid(source, tmp_path / "out.jsonl", *keyed, profile="treatment")[0] == 0
    assert deid(source, tmp_path / "plain.jsonl", *keyed)[0] == 0
    assert [len(key) for key in keys] == [32, 0]
    assert keys[0].hex() in (tmp_path / "deid.key").read_text()
    (tmp_path / "deid.key").chmod(0o644)
    assert deid(source, tmp_path / "again.jsonl", *keyed, profile="treatment")[0] == 78
    code, _, err = run("deid", "key", tmp_path / "deid.key")
    assert "is not overwritten" in err


def test_a_profile_of_ones_own_is_read(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    shipped = Path(__file__).parents[4] / "policies/profiles/safe-harbor.yaml"
    own.write_bytes(shipped.read_bytes().replace(b"profile: safe-harbor", b"profile: own"))
    source = write_lines(tmp_path / "in.jsonl", {"id": "a", "text": "x"})
    assert deid(source, tmp_path / "out.jsonl", profile=str(own))[0] == 0
    own.write_bytes(own.read_bytes() + b"  SHOE_SIZE: redact\n")
    code, _, err = deid(source, tmp_path / "other.jsonl", profile=str(own))
    assert (code, "own.yaml" in err) == (65, True)
    code, _, err = deid(source, tmp_path / "other.jsonl", profile="unsafe-harbor")
    assert (code, "safe-harbor" in err) == (66, True)


def test_a_run_that_could_not_go_on_says_so_and_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_lines(tmp_path / "in.jsonl", {"id": "a", "text": f"{CANARY} {MARK}"})
    with monkeypatch.context() as patch:
        patch.setattr(workers, "pipelines", lambda key: Fails())
        code, out, err = deid(source, tmp_path / "out.jsonl")
    assert (code, out) == (DeidentifierUnavailable.exit_code, "")
    assert "error DEIDENTIFIER_UNAVAILABLE" in err
    assert CANARY not in err
    assert MARK not in err
    assert not (tmp_path / "out.jsonl").exists()
    assert deid(source, tmp_path / "out.jsonl")[0] == 0


def test_what_changed_since_an_interruption_is_named(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "in.jsonl", {"id": "a", "text": "x"})
    assert deid(source, tmp_path / "out.jsonl")[0] == 0
    code, _, err = deid(source, tmp_path / "out.jsonl")
    assert (code, "error OUTPUT_EXISTS" in err) == (78, True)
    assert deid(source, tmp_path / "out.jsonl", "--restart")[0] == 0
    state = {"format": 1, "run": {}, "progress": {}}
    (tmp_path / "new.jsonl.part.json").write_text(json.dumps(state))
    code, _, err = deid(source, tmp_path / "new.jsonl")
    assert (code, "error RUN_CHANGED" in err) == (78, True)
    assert "the input, the profile, the key, the patients, --language, the program, the models" in err


def test_other_models_are_another_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models/en.onnx").write_bytes(b"one")
    source = write_lines(tmp_path / "in.jsonl", {"id": "a", "text": "x"})
    kept = tmp_path / "kept"
    real = Output.step

    def step(output: Output) -> None:
        real(output)
        kept.write_bytes((tmp_path / "out.jsonl.part.json").read_bytes())

    with monkeypatch.context() as patch:
        patch.setattr(workers, "shipped", lambda name: tmp_path / name)
        patch.setattr(Output, "step", step)
        assert deid(source, tmp_path / "out.jsonl")[0] == 0
        for content, code in ((b"other", 78), (b"one", 0)):  # as if it had been killed at its first step
            (tmp_path / "out.jsonl").unlink(missing_ok=True)
            (tmp_path / "out.jsonl.part.json").write_bytes(kept.read_bytes())
            (tmp_path / "models/en.onnx").write_bytes(content)
            found, _, err = deid(source, tmp_path / "out.jsonl")
            assert (found, "changed: the models;" in err) == (code, code == 78)


@pytest.mark.parametrize(
    ("given", "out"),
    [
        ("in.jsonl", "in.jsonl"),
        ("in.jsonl", "folder"),
        ("folder", "folder/out"),
        ("folder", "in.jsonl"),
        ("x.part", "x"),
        ("link", "in.jsonl"),
    ],
)
def test_an_output_never_replaces_its_input(tmp_path: Path, given: str, out: str) -> None:
    for name in ("in.jsonl", "x.part"):
        write_lines(tmp_path / name, {"id": "a", "text": "x"})
    (tmp_path / "link").symlink_to("in.jsonl")
    (tmp_path / "folder").mkdir()
    code, _, err = deid(tmp_path / given, tmp_path / out, "--restart")
    assert (code, "error OUTPUT_EXISTS" in err) == (78, True)
    assert read_lines(tmp_path / "in.jsonl") == read_lines(tmp_path / "x.part") == [{"id": "a", "text": "x"}]


def test_patients_and_a_key_are_never_written_over(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "in.jsonl", {"id": "a", "text": "x"})
    patients = write_lines(tmp_path / "patients.ndjson", PATIENT)
    assert deid(source, patients, "--patients", patients, "--restart")[0] == 78
    assert read_lines(patients) == [PATIENT]


@pytest.mark.parametrize(
    ("more", "reason"),
    [(("--language", "English"), "LANGUAGE_INVALID"), (("--patients", "p.ndjson"), "PATIENTS_UNUSED")],
)
def test_options_that_have_no_sense_are_refused(
    tmp_path: Path, more: tuple[str, str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "p.ndjson", PATIENT)
    (tmp_path / "in").mkdir()
    code, _, err = deid("in", "out", *more)
    assert (code, f"error {reason}" in err) == (78, True)
    assert deid("in", "out")[0] == 0


def test_an_input_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, _, err = deid(tmp_path / "absent.jsonl", tmp_path / "out.jsonl")
    assert (code, "absent.jsonl" in err) == (78, True)


@pytest.mark.parametrize("command", ["run", "show", "key"])
def test_every_command_has_an_example(command: str) -> None:
    code, out, _ = run("deid", command, "--help")
    assert code == 0
    assert f"Example: gateway deid {command}" in " ".join(out.split())


def test_opening_the_commands_is_light() -> None:
    heavy = "duckdb ibis opendp pydantic sqlglot pyarrow ruamel onnxruntime presidio_analyzer tokenizers grpc"
    code = f"import sys, gateway.cli.deid; print([m for m in '{heavy}'.split() if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
