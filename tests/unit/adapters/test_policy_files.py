"""Policies on disk: a set is read whole or refused with every place; what was kept comes back as it was."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.adapters.policy_files import PolicyFiles
from gateway.compile import files_digest
from gateway.errors import PolicyInvalid

SET = {"agreements/a.yaml": b"a: 1\n", "datasets/d.yaml": b"d: 1\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in SET.items():
        path = tmp_path / "policies" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    (tmp_path / "policies" / "README.md").write_text("words")
    return tmp_path / "policies"


def files(root: Path) -> PolicyFiles:
    return PolicyFiles(root, root.parent / "kept")


def link(root: Path) -> str:
    (root / "agreements" / "b.yaml").symlink_to(root / "agreements" / "a.yaml")
    return "agreements/b.yaml"


def link_to_a_folder(root: Path) -> str:
    (root / "parties").symlink_to(root / "agreements")
    return "parties"


def pipe(root: Path) -> str:
    os.mkfifo(root / "datasets" / "p.yaml")
    return "datasets/p.yaml"


def unix_socket(root: Path) -> str:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(root / "datasets" / "s"))
    return "datasets/s"


def other_ending(root: Path) -> str:
    (root / "agreements" / "b.yml").write_text("a: 1\n")
    return "agreements/b.yml"


def capitals(root: Path) -> str:
    (root / "agreements" / "b.YAML").write_text("a: 1\n")
    return "agreements/b.YAML"


def folder_with_a_files_name(root: Path) -> str:
    (root / "agreements" / "b.yaml").mkdir()
    return "agreements/b.yaml"


def not_utf8(root: Path) -> str:
    Path(os.fsdecode(os.fsencode(root) + b"/agreements/\xff.yaml")).write_text("a: 1\n")
    return r"agreements/\udcff.yaml"


@pytest.mark.parametrize(
    "spoil",
    [
        link,
        link_to_a_folder,
        pipe,
        unix_socket,
        other_ending,
        capitals,
        folder_with_a_files_name,
        not_utf8,
    ],
)
def test_what_would_silently_not_count_is_refused_at_its_place(
    root: Path, spoil: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert files(root).working() == SET
    monkeypatch.chdir(root.parent)
    place = spoil(root)
    with pytest.raises(PolicyInvalid) as refused:
        files(root).working()
    assert refused.value.reason == "POLICIES_UNREADABLE"
    assert [violation.file for violation in refused.value.violations] == [place]


def test_a_folder_that_is_not_there_is_refused(root: Path) -> None:
    root.rename(root.parent / "elsewhere")
    with pytest.raises(PolicyInvalid) as refused:
        files(root).working()
    assert (refused.value.reason, refused.value.violations[0].file) == ("POLICIES_UNREADABLE", "policies")
    (root.parent / "elsewhere").rename(root)
    assert files(root).working() == SET


def test_what_cannot_be_read_is_refused_all_at_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything: the refusals are the system's in name only."""
    scan, read = os.scandir, Path.read_bytes

    def scandir(path: Path) -> object:
        if Path(path).name == "agreements":
            raise PermissionError(13, "denied", str(path))
        return scan(path)

    def read_bytes(path: Path) -> bytes:
        if path.name == "d.yaml":
            raise OSError(5, "broken", str(path))
        return read(path)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    with pytest.raises(PolicyInvalid) as refused:
        files(root).working()
    assert {violation.file for violation in refused.value.violations} == {"agreements", "datasets/d.yaml"}
    assert "denied" not in refused.value.message
    monkeypatch.undo()
    assert files(root).working() == SET


def test_a_kept_set_comes_back_byte_for_byte_or_not_at_all(root: Path) -> None:
    (root / "agreements" / "a_test.yaml").write_bytes(b"\xff\xed\xa0\x80\r\n")  # no law reads its text
    found = files(root).working()
    digest = files_digest(found)
    files(root).keep(digest, found)
    assert files(root).kept(digest) == found
    kept = root.parent / "kept" / f"{digest}.json"
    kept.write_text(kept.read_text("utf-8").replace("a: 1", "a: 2"), "utf-8")
    with pytest.raises(PolicyInvalid) as refused:
        files(root).kept(digest)
    assert refused.value.reason == "POLICIES_LOST"
