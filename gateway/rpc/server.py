"""The listeners: partners over mutual TLS, the site's own people over a Unix socket, probes on loopback.

Law: partner services and site services never share a listener; health carries no data.
The socket lies in a folder that only the site's own account can enter, and is itself 0600: the kernel
is its access control. Imports: grpc, health and reflection services, rpc rooms, flows, errors.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from gateway.errors import ConfigInvalid
from gateway.rpc.limits import CHANNEL_OPTIONS

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
LONGEST_SOCKET_PATH = 107  # bytes; what Linux keeps of a socket's address, see unix(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Three servers and the state that probes see."""

    partners: grpc.aio.Server
    site: grpc.aio.Server
    probes: grpc.aio.Server
    health: Any  # health.aio.HealthServicer, which the published types leave out
    port: int  # of the partners' listener, as bound

    async def start(self) -> None:
        """Accept calls on every listener, then say so."""
        for server in (self.partners, self.site, self.probes):
            await server.start()
        await self.health.set("", SERVING)

    async def serving(self, yes: bool) -> None:
        """What probes are told."""
        await self.health.set("", SERVING if yes else NOT_SERVING)

    async def stop(self, grace: float) -> None:
        """Say NOT_SERVING, let open calls finish within `grace` seconds, then close."""
        await self.health.set("", NOT_SERVING)
        await self.partners.stop(grace)
        await self.site.stop(grace)
        await self.probes.stop(0)


def open_listeners(
    *,
    partner_address: str,
    credentials: grpc.ServerCredentials,
    partner_handlers: Iterable[grpc.GenericRpcHandler[Any, Any]],
    reflected: tuple[str, ...],
    socket: Path,
    site_handlers: Iterable[grpc.GenericRpcHandler[Any, Any]],
    health_address: str,
) -> Listeners:
    """Bind all three. `reflected` names the services that reflection shows; empty: no reflection.

    Raises `ConfigInvalid` (ADDRESS_IN_USE) where an address cannot be bound.
    """
    partners = grpc.aio.server(options=CHANNEL_OPTIONS)
    partners.add_generic_rpc_handlers(tuple(partner_handlers))
    if reflected:
        reflection.enable_server_reflection((*reflected, reflection.SERVICE_NAME), partners)
    port = _bound(partners.add_secure_port, partner_address, credentials)
    site = grpc.aio.server(options=CHANNEL_OPTIONS)
    site.add_generic_rpc_handlers(tuple(site_handlers))
    _bind_socket(site, socket)
    state = health.aio.HealthServicer()  # type: ignore[attr-defined]
    probes = grpc.aio.server(options=CHANNEL_OPTIONS)
    for server in (probes, site):
        health_pb2_grpc.add_HealthServicer_to_server(state, server)
    _bound(probes.add_insecure_port, health_address)
    return Listeners(partners=partners, site=site, probes=probes, health=state, port=port)


def _bound(bind: object, address: str, *credentials: object) -> int:
    try:
        port: int = bind(address, *credentials)  # type: ignore[operator]
    except RuntimeError:
        port = 0
    if port == 0:
        raise ConfigInvalid(f"cannot listen on {address}", reason="ADDRESS_IN_USE")
    return port


def _bind_socket(server: grpc.aio.Server, path: Path) -> None:
    """A socket left by a process that is gone is replaced; the journal's lock keeps two from running."""
    folder = path.parent
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise ConfigInvalid(
            f"the path of the site's socket is longer than {LONGEST_SOCKET_PATH} bytes: {path}; "
            "move the site to a folder with a shorter path",
            reason="SOCKET_PATH_TOO_LONG",
        )
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        raise ConfigInvalid(f"{folder} must be closed to others; run: chmod 700 {folder}")
    if os.path.lexists(path):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ConfigInvalid(f"{path} is not a socket and is not replaced", reason="SOCKET_OCCUPIED")
        path.unlink()
    before = os.umask(0o177)
    try:
        _bound(server.add_insecure_port, f"unix:{path}")
    finally:
        os.umask(before)
