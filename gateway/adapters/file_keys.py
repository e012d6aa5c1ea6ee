"""Key files: written once with mode 0600, read back only while nobody but their owner can read them.

Law: a private key that group or others may read is refused, never used; no key is ever overwritten.
May import: the standard library and errors (so that the partner's light client can use it).
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import ConfigInvalid

MOST_BYTES = 64 * 1024
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteKeys:
    """The keys a site serves with. PEM is bytes as on disk; secrets never show in a repr.

    `site_key` (32 bytes) keys the HMAC of query digests; `bounding_key` (32 bytes) orders the kept
    groups and rows. `deid_key` (32 bytes) keys what de-identification puts in place of identifiers; empty
    in a site that was made before it had one. The private CA's own key is not here: only enrolment opens it.
    """

    server_key_pem: bytes = field(repr=False)
    server_chain_pem: bytes
    ca_pem: bytes
    site_key: bytes = field(repr=False)
    bounding_key: bytes = field(repr=False)
    deid_key: bytes = field(repr=False, default=b"")

    @classmethod
    def load(cls, folder: Path) -> SiteKeys:
        """Read `server.key server.crt ca.crt site.key bounding.key deid.key` of a site's `keys/` folder.

        Raises ConfigInvalid where a file is missing, oversized, malformed or readable by others.
        """
        deid = folder / "deid.key"
        return cls(
            server_key_pem=read_secret(folder / "server.key"),
            server_chain_pem=read_public(folder / "server.crt"),
            ca_pem=read_public(folder / "ca.crt"),
            site_key=read_hex_secret(folder / "site.key"),
            bounding_key=read_hex_secret(folder / "bounding.key"),
            deid_key=read_hex_secret(deid) if os.path.lexists(deid) else b"",
        )


def read_secret(path: Path) -> bytes:
    """The bytes of a private file. Raises ConfigInvalid where anyone but its owner may read it."""
    return _read(path, private=True)


def read_public(path: Path) -> bytes:
    """The bytes of a small public file. Raises ConfigInvalid where it is missing or oversized."""
    return _read(path, private=False)


def read_hex_secret(path: Path) -> bytes:
    """A 32-byte secret, stored as 64 hexadecimal digits. Raises ConfigInvalid."""
    try:
        secret = bytes.fromhex(read_secret(path).decode("ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise ConfigInvalid(f"{path.name} does not hold {SECRET_BYTES} bytes as hexadecimal digits") from None
    return secret


def read_words(path: Path, names: Collection[str]) -> dict[str, str]:
    """The named text members of a small JSON file of ours. Raises ConfigInvalid where one is not there."""
    try:
        found = json.loads(read_public(path))
        words = {name: found[name] for name in names}
    except (ValueError, RecursionError, KeyError, TypeError):
        words = {}
    if not words or not all(isinstance(value, str) for value in words.values()):
        raise ConfigInvalid(f"{path} should hold {', '.join(names)} as JSON text")
    return words


def write_secret(path: Path, content: bytes) -> None:
    """Create a private file (0600, whatever the umask). Raises ConfigInvalid where one stands already."""
    _create(path, content, 0o600)


def write_public(path: Path, content: bytes) -> None:
    """Create a public file (0644). Raises ConfigInvalid where one stands already."""
    _create(path, content, 0o644)


def replace_public(path: Path, content: bytes) -> None:
    """Write a public file whole: a reader sees the old or the new content, never a part.

    Raises ConfigInvalid where the folder cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        aside.unlink(missing_ok=True)
        _create(aside, content, 0o644)
        aside.replace(path)
    except OSError:
        raise ConfigInvalid(f"{path} cannot be written") from None


def make_private_folder(path: Path) -> None:
    """Create a folder with mode 0700. Raises ConfigInvalid where it stands already or cannot be made."""
    try:
        path.mkdir(mode=0o700)
        path.chmod(0o700)
    except OSError:
        raise ConfigInvalid(f"the folder {path} cannot be made") from None


def claim_folder(path: Path) -> None:
    """Make sure that a folder exists and is empty, so that nothing of it can be overwritten.

    Raises ConfigInvalid FOLDER_NOT_EMPTY, or CONFIG_INVALID where it cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        occupied = any(path.iterdir())
    except OSError:
        raise ConfigInvalid(f"{path} cannot be made a folder") from None
    if occupied:
        raise ConfigInvalid(f"the folder {path} is not empty", reason="FOLDER_NOT_EMPTY")


def _read(path: Path, *, private: bool) -> bytes:
    try:
        with path.open("rb") as stream:
            # The open file is examined, not the name: a swap in between changes nothing.
            mode = os.fstat(stream.fileno()).st_mode
            content = stream.read(MOST_BYTES + 1)
    except OSError:
        raise ConfigInvalid(f"{path} cannot be read") from None
    if private and stat.S_IMODE(mode) & 0o077:
        raise ConfigInvalid(f"{path} can be read by others than its owner; run: chmod 600 {path}")
    if len(content) > MOST_BYTES:
        raise ConfigInvalid(f"{path} is larger than {MOST_BYTES} bytes")
    return content


def _create(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(descriptor, mode)
            stream.write(content)
            stream.flush()
            os.fsync(descriptor)
    except FileExistsError:
        raise ConfigInvalid(f"{path} exists and is not overwritten") from None
    except OSError:
        raise ConfigInvalid(f"{path} cannot be written") from None
