"""The volumes under data, journal and spill: what the kernel shows of them, and how much room they have.

Law: encryption is reported where it can be seen (a device-mapper volume whose id begins with CRYPT-);
everything else is the operator's to attest, and is said so. Imports: the standard library, doctor.finding.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.doctor.finding import Finding, fail, ok, warn
from gateway.doctor.running import PROC

BLOCK = Path("/sys/dev/block")
PLACES = ("data", "journal")  # spill lies in data/.spill
NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "lustre", "fuse.sshfs", "afs"}
)
FLEETING = frozenset({"tmpfs", "ramfs", "overlay"})  # gone with the machine's or the container's end
_DEEPEST = 8  # devices upon devices


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Where a folder lies. `device` is major:minor."""

    mount: str
    kind: str
    device: str


def volumes(site: Path) -> Iterator[Finding]:
    """Kind and encryption of each place."""
    mounts = read_mounts()
    for name in PLACES:
        volume = volume_of((site / name).resolve(), mounts)
        if volume is None:
            words = f"{name}: the kernel does not show its volume"
            yield warn("VOLUME", words, "attest that it is local and encrypted")
            continue
        yield kind_finding(name, volume)
        yield encryption_finding(name, volume)


def kind_finding(name: str, volume: Volume) -> Finding:
    """SQLite's locks cannot be relied on over a network; a container's own layer ends with it."""
    words = f"{name} lies on {volume.kind} at {volume.mount}"
    if volume.kind in NETWORK and name == "journal":
        return fail("VOLUME", words, "move the journal to a local disk: never a network file system")
    if volume.kind in FLEETING:
        return warn(
            "VOLUME", words, "what lies there is gone with the container or the machine: mount a disk"
        )
    return ok("VOLUME", words)


def encryption_finding(name: str, volume: Volume, block: Path = BLOCK) -> Finding:
    if looks_encrypted(volume.device, block):
        return ok("ENCRYPTION", f"{name} lies on a dm-crypt volume")
    words = f"no encryption is visible under {name} ({volume.kind}, device {volume.device})"
    return warn("ENCRYPTION", words, "encrypt the volume, or attest that what lies below it does")


def looks_encrypted(device: str, block: Path = BLOCK, depth: int = 0) -> bool:
    """Whether a device, or every device that it is made of, is dm-crypt."""
    here = block / device
    try:
        if (here / "dm" / "uuid").read_text("utf-8", "replace").startswith("CRYPT-"):
            return True
    except OSError:
        pass
    try:
        below = sorted((here / "slaves").iterdir())
    except OSError:
        below = []
    devices = [_device(path) for path in below]
    return depth < _DEEPEST and bool(devices) and all(looks_encrypted(d, block, depth + 1) for d in devices)


def read_mounts(path: Path = PROC / "self" / "mountinfo") -> list[Volume]:
    """The mounts of this process (proc(5)); later ones lie over earlier ones."""
    try:
        lines = path.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    return [volume for line in lines if (volume := _volume(line)) is not None]


def volume_of(place: Path, mounts: list[Volume]) -> Volume | None:
    """The last mount whose point is the longest one above a resolved path."""
    above = [v for v in mounts if place.is_relative_to(v.mount)]
    return max(above, key=lambda v: (len(v.mount), mounts.index(v)), default=None)


def room(site: Path, name: str) -> tuple[int, int]:
    """Bytes free for this account, and bytes in all, on the volume of a place."""
    found = os.statvfs(site / name)
    return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize


def _volume(line: str) -> Volume | None:
    before, _, after = line.partition(" - ")
    fields, kind = before.split(), after.split()
    if len(fields) < 5 or not kind:
        return None
    mount = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), fields[4])  # a space is written \040
    return Volume(mount=mount, kind=kind[0], device=fields[2])


def _device(path: Path) -> str:
    try:
        return (path / "dev").read_text("ascii").strip()
    except OSError:
        return ""
