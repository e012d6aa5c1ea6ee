"""Volumes as the kernel shows them: which holds a folder, of what kind, and whether it looks encrypted."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.doctor.volumes import (
    Volume,
    encryption_finding,
    kind_finding,
    looks_encrypted,
    read_mounts,
    volume_of,
)

MOUNTINFO = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 254:1 / /srv/my\\040site rw - xfs /dev/mapper/site rw
31 30 0:40 / /srv/my\\040site/journal rw - nfs4 server:/x rw
32 30 254:2 / /srv/my\\040site/journal rw - ext4 /dev/vdb rw
broken line
"""


@pytest.fixture
def mounts(tmp_path: Path) -> list[Volume]:
    (tmp_path / "mountinfo").write_text(MOUNTINFO)
    return read_mounts(tmp_path / "mountinfo")


def test_the_longest_and_last_mount_holds_a_folder(mounts: list[Volume]) -> None:
    held = {
        place: volume_of(Path(place), mounts)
        for place in ("/srv", "/srv/my site/data", "/srv/my site/journal", "/srv/my sites")
    }
    assert [v.device for v in held.values() if v] == ["254:0", "254:1", "254:2", "254:0"]
    assert volume_of(Path("/srv"), []) is None
    assert read_mounts(Path("/no/such/file")) == []


@pytest.mark.parametrize(
    ("name", "kind", "state"),
    [
        ("journal", "ext4", "ok"),
        ("journal", "nfs4", "fail"),
        ("data", "nfs4", "ok"),
        ("data", "tmpfs", "warn"),
        ("journal", "overlay", "warn"),
    ],
)
def test_kinds(name: str, kind: str, state: str) -> None:
    found = kind_finding(name, Volume(mount="/x", kind=kind, device="1:1"))
    assert (found.code, found.state) == ("VOLUME", state)


def device(block: Path, number: str, *, uuid: str = "", slaves: tuple[str, ...] = ()) -> None:
    here = block / number
    (here / "slaves").mkdir(parents=True)
    if uuid:
        (here / "dm").mkdir()
        (here / "dm" / "uuid").write_text(uuid)
    for slave in slaves:
        (here / "slaves" / slave.replace(":", "-")).mkdir()
        (here / "slaves" / slave.replace(":", "-") / "dev").write_text(f"{slave}\n")


def test_encryption_is_seen_through_what_a_volume_is_made_of(tmp_path: Path) -> None:
    device(tmp_path, "254:9", uuid="CRYPT-LUKS2-abc")
    device(tmp_path, "8:1")
    device(tmp_path, "254:1", uuid="LVM-x", slaves=("254:9",))
    device(tmp_path, "254:2", uuid="LVM-y", slaves=("254:9", "8:1"))  # half of it is plain
    device(tmp_path, "254:3", uuid="LVM-z", slaves=("254:3",))  # made of itself
    seen = {n: looks_encrypted(n, tmp_path) for n in ("254:9", "8:1", "254:1", "254:2", "254:3", "7:7")}
    assert seen == {"254:9": True, "8:1": False, "254:1": True, "254:2": False, "254:3": False, "7:7": False}
    for number, state in (("254:1", "ok"), ("254:2", "warn")):
        volume = Volume(mount="/x", kind="ext4", device=number)
        assert encryption_finding("data", volume, tmp_path).state == state
