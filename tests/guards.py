"""Guards of the whole suite: no connection leaves this machine, and no needed thing is missing in CI.

Law: a test during which Python code connects or looks up a name off loopback fails, even where the
code under test swallows the refusal. Sees what goes through Python's own sockets; gRPC's C core does
its own, and the end-to-end tests point it at 127.0.0.1 alone. A child process calls `install()` itself.
A pytest plugin: `pytest_plugins = ["tests.guards"]`. Imports: the standard library and pytest.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

_LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_attempts: list[str] = []
_installed = False


class OutgoingForbidden(RuntimeError):
    """Raised in place of a connection or a name lookup off loopback."""


def install() -> None:
    """Add the audit hook, once per process. An audit hook (PEP 578) can never be removed."""
    global _installed
    if not _installed:
        sys.addaudithook(_audit)
        _installed = True


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event in _SENDS:
        sock, address = arguments[0], arguments[1]
        if getattr(sock, "family", None) == socket.AF_UNIX or address is None:
            return
        host = address[0] if isinstance(address, tuple) else address
    elif event in _LOOKUPS:
        host = arguments[0]
    else:
        return
    if not _local(host):
        _attempts.append(f"{event} {host!r}")
        raise OutgoingForbidden(f"tests may not leave loopback: {event} {host!r}")


def _local(host: object) -> bool:
    """Whether a host is loopback, or the unspecified address that listeners are bound to."""
    if host is None or host in ("", b"", "localhost", b"localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback or address.is_unspecified


@contextmanager
def forbidden_expected() -> Iterator[list[str]]:
    """For tests of this guard: what is attempted inside does not fail the test."""
    before = len(_attempts)
    seen: list[str] = []
    try:
        yield seen
    finally:
        seen += _attempts[before:]
        del _attempts[before:]


@pytest.fixture(autouse=True)
def stays_on_loopback() -> Iterator[None]:
    """Fail the test during which anything tried to leave, however the code answered the refusal."""
    yield
    tried, _attempts[:] = list(_attempts), []
    if tried:
        pytest.fail(f"left loopback: {'; '.join(tried)}")


def need(name: str, present: bool, reason: str) -> None:
    """Skip the test where something is absent; fail it where CONCORDAT_REQUIRE lists that name."""
    if present:
        return
    required = {word.strip() for word in os.environ.get("CONCORDAT_REQUIRE", "").split(",")}
    if name in required:
        pytest.fail(f"{name} is required here (CONCORDAT_REQUIRE): {reason}")
    pytest.skip(reason)


def shared(name: str) -> Path:
    """A folder of the shared tree: $CONCORDAT_SHARED, else `../shared` beside the repository."""
    folder = Path(os.environ.get("CONCORDAT_SHARED") or ROOT.parent / "shared") / name
    need(name, folder.is_dir(), f"the shared folder '{name}' is not on this machine")
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real and synthetic data sets."""
    return shared("data")


@pytest.fixture(scope="session")
def shared_vectors() -> Path:
    """The folder of outside test vectors."""
    return shared("vectors")


install()
