"""The site's own people on the site's socket: reading the journal of a running gateway, and what
operators decide about it.

May import: grpc, gateway.v1, client.failures, domain words.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import grpc

from gateway.client.failures import rebuild
from gateway.domain.entry import JournalState
from gateway.v1 import audit_pb2, audit_pb2_grpc, journal_pb2, journal_pb2_grpc

Response = TypeVar("Response")
TIMEOUT = 30.0  # seconds
MOST_BYTES = 128 * 1024 * 1024  # a thousand entries of 64 KiB


class SiteSocket:
    """A connection to a running gateway's Unix socket; only the account that runs it can open one."""

    def __init__(self, socket: Path) -> None:
        self._channel = grpc.insecure_channel(
            f"unix:{socket.absolute()}", options=[("grpc.max_receive_message_length", MOST_BYTES)]
        )
        self._journal = journal_pb2_grpc.JournalServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self._audit = audit_pb2_grpc.AuditServiceStub(self._channel)  # type: ignore[no-untyped-call]

    def __enter__(self) -> SiteSocket:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._channel.close()

    def newest(self, count: int) -> list[bytes]:
        """The newest entries, oldest first, as their exact bytes."""
        request = audit_pb2.ListEntriesRequest(page_size=count, newest=True)
        return [entry.json for entry in _call(self._audit.ListEntries, request).entries]

    def entry(self, entry_id: str) -> bytes:
        """One entry's exact bytes. Raises `NotFound`."""
        found: bytes = _call(self._audit.GetEntry, audit_pb2.GetEntryRequest(id=entry_id)).entry.json
        return found

    def journal_state(self) -> JournalState:
        """The journal's clock and disk."""
        found = _call(self._journal.GetState, journal_pb2.GetStateRequest())
        return JournalState(
            clock_trusted=found.clock_trusted,
            clock=found.clock.ToDatetime(UTC),
            journal=found.journal.ToDatetime(UTC),
            room=found.room,
            reserve=found.reserve,
        )

    def confirm_clock(self) -> str:
        """The entry that records it. Raises `NothingToDo`."""
        return str(_call(self._journal.ConfirmClock, journal_pb2.ConfirmClockRequest()).entry)

    def make_room(self) -> str:
        """The entry that records it. Raises `NothingToDo`."""
        return str(_call(self._journal.MakeRoom, journal_pb2.MakeRoomRequest()).entry)


def _call(method: Callable[..., Any], request: object) -> Any:
    try:
        return method(request, timeout=TIMEOUT)
    except grpc.RpcError as failure:
        raise rebuild(failure) from None
