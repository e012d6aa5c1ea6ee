"""JournalService for the site's operators: convert, call a flow, convert.

Imports: gateway.v1, flows, rpc.guard.
"""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.domain.identity import Principal
from gateway.flows.operate import confirm_clock, make_room, state
from gateway.flows.site import Site
from gateway.rpc.guard import Method
from gateway.v1 import journal_pb2

JOURNAL = journal_pb2.DESCRIPTOR.services_by_name["JournalService"]


def journal_methods(site: Site) -> Mapping[str, Method]:
    """The methods of JournalService."""
    return {"GetState": _get_state(site), "ConfirmClock": _confirm_clock(site), "MakeRoom": _make_room(site)}


def _get_state(site: Site) -> Method:
    async def get_state(
        request: journal_pb2.GetStateRequest, principal: Principal
    ) -> journal_pb2.GetStateResponse:
        found = state(site)
        clock, journal = Timestamp(), Timestamp()
        clock.FromDatetime(found.clock)
        journal.FromDatetime(found.journal)
        return journal_pb2.GetStateResponse(
            clock_trusted=found.clock_trusted,
            clock=clock,
            journal=journal,
            room=found.room,
            reserve=found.reserve,
        )

    return get_state


def _confirm_clock(site: Site) -> Method:
    async def confirm(
        request: journal_pb2.ConfirmClockRequest, principal: Principal
    ) -> journal_pb2.ConfirmClockResponse:
        return journal_pb2.ConfirmClockResponse(entry=(await confirm_clock(site, principal)).entry)

    return confirm


def _make_room(site: Site) -> Method:
    async def make(
        request: journal_pb2.MakeRoomRequest, principal: Principal
    ) -> journal_pb2.MakeRoomResponse:
        return journal_pb2.MakeRoomResponse(entry=(await make_room(site, principal)).entry)

    return make
