"""AuditService for the site's own people: convert, call a flow, convert.

Imports: gateway.v1, flows, rpc.guard.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.domain.identity import Principal
from gateway.errors import InvalidRequest
from gateway.flows.review import get_entry, list_entries
from gateway.flows.site import Site
from gateway.rpc.guard import Method
from gateway.v1 import audit_pb2

AUDIT = audit_pb2.DESCRIPTOR.services_by_name["AuditService"]


def audit_methods(site: Site) -> Mapping[str, Method]:
    """The methods of AuditService."""
    return {"ListEntries": _list_entries(site), "GetEntry": _get_entry(site), "GetHead": _get_head(site)}


def _list_entries(site: Site) -> Method:
    async def entries(
        request: audit_pb2.ListEntriesRequest, principal: Principal
    ) -> audit_pb2.ListEntriesResponse:
        token = request.page_token
        if token and not (token.isascii() and token.isdigit() and len(token) <= 18):
            raise InvalidRequest("page_token is not valid", reason="PAGE_INVALID")
        found = await list_entries(
            site,
            principal,
            size=request.page_size,
            start=int(token) if token else None,
            newest=request.newest,
        )
        head, _ = site.journal.head()
        last = found[-1][0] if found else head
        return audit_pb2.ListEntriesResponse(
            entries=[audit_pb2.Entry(index=seq, json=data) for seq, data in found],
            next_page_token=str(last + 1) if last < head else "",
        )

    return entries


def _get_entry(site: Site) -> Method:
    async def entry(request: audit_pb2.GetEntryRequest, principal: Principal) -> audit_pb2.GetEntryResponse:
        seq, data = await get_entry(site, principal, request.id)
        return audit_pb2.GetEntryResponse(entry=audit_pb2.Entry(index=seq, json=data))

    return entry


def _get_head(site: Site) -> Method:
    async def head(request: audit_pb2.GetHeadRequest, principal: Principal) -> audit_pb2.GetHeadResponse:
        seq, leaf = site.journal.head()
        return audit_pb2.GetHeadResponse(index=seq, leaf_hash=leaf)

    return head
