"""`Gateway`: a connection to one site, for one agreement and one purpose.

Law: every call has a deadline; a call that is tried again is the same call, with the same request id, so
that it is never charged twice; only the named address is contacted, over TLS with that site's CA.
May import: grpc, gateway.v1, wire, domain, errors, client.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import grpc

from gateway.client import asking, received, records
from gateway.client.answer import Answer, Estimate, Remaining
from gateway.client.asking import Amount
from gateway.client.failures import rebuild
from gateway.client.folder import PartnerFolder
from gateway.client.records import Deidentified, Note, NoteBatch, Text
from gateway.client.tokens import TokenMint
from gateway.domain.query import Predicate, Query
from gateway.errors import GatewayError, InvalidRequest, ServerUnavailable
from gateway.v1 import (
    budget_pb2,
    budget_pb2_grpc,
    catalog_pb2,
    catalog_pb2_grpc,
    query_pb2,
    query_pb2_grpc,
    record_pb2,
    record_pb2_grpc,
)

ATTEMPTS = 4
FIRST_PAUSE = 0.1  # seconds; doubles with each attempt, and each pause is a random part of it
LONGEST_PAUSE = 2.0
MOST_BYTES = 16 * 1024 * 1024
MOST_PAGES = 1000

# What the site must mend before a call can succeed. All else that is UNAVAILABLE may pass by itself.
LASTING = frozenset({"DATA_UNAVAILABLE", "DATA_OUTDATED", "NO_SNAPSHOT", "SNAPSHOT_TOO_NEW"})

Response = TypeVar("Response")


class Gateway:
    """A partner's connection. Safe to use from several threads; close it, or use it in a `with` block.

    `address` is HOST:PORT. `folder` is a partner's folder or its path. A `channel` replaces the TLS
    connection that is made otherwise, for callers that bring their own; it is then theirs to secure.
    """

    def __init__(
        self,
        address: str,
        folder: PartnerFolder | Path | str,
        *,
        agreement: str,
        purpose: str,
        site: str = "",
        person: str = "",
        channel: grpc.Channel | None = None,
    ) -> None:
        partner = folder if isinstance(folder, PartnerFolder) else PartnerFolder.load(folder)
        trust = partner.trust(address, site)
        self.agreement = agreement
        self._mint = TokenMint(
            key_pem=partner.token_key_pem,
            kid=partner.kid,
            party=partner.party,
            site=trust.site,
            person=person or partner.person,
            purpose=purpose,
            thumbprint=trust.thumbprint,
        )
        self._channel = channel or grpc.secure_channel(
            address,
            grpc.ssl_channel_credentials(trust.ca_pem, partner.tls_key_pem, trust.certificate_pem),
            options=_channel_options(trust.server_name),
        )
        self._queries = query_pb2_grpc.QueryServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self._budgets = budget_pb2_grpc.BudgetServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self._records = record_pb2_grpc.RecordServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self._catalog = catalog_pb2_grpc.CatalogServiceStub(self._channel)  # type: ignore[no-untyped-call]

    def __enter__(self) -> Gateway:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._channel.close()

    def query(
        self,
        question: str | Query,
        *,
        share: Amount | None = None,
        rho: Amount | None = None,
        epsilon: Amount | None = None,
        within: Amount | None = None,
        request_id: str | None = None,
        timeout: float = 60.0,
    ) -> Answer:
        """Ask a question (SQL or a `Query`) and pay for it: at most one of the four amounts, else 1 % share.

        `timeout` is in seconds, for all attempts together. Asking again with the same `request_id` is free.
        Raises what the gateway raised, and ServerUnavailable, DeadlineExceeded, InvalidRequest.
        """
        request = query_pb2.RunQueryRequest(
            agreement=self.agreement,
            spend=asking.spend(share, rho, epsilon, within),
            request_id=request_id or uuid.uuid4().hex,
        )
        asking.put_question(request, question)
        try:
            return received.answer(self._call(self._queries.RunQuery, request, timeout))
        except GatewayError as error:
            if may_be_done(error):
                # This id brings what was paid for without a second charge.
                error.add_note(f"ask again with request_id={request.request_id!r}")
            raise

    def estimate(
        self,
        question: str | Query,
        *,
        share: Amount | None = None,
        rho: Amount | None = None,
        epsilon: Amount | None = None,
        within: Amount | None = None,
        assuming: Mapping[str, Amount] | None = None,
        timeout: float = 60.0,
    ) -> Estimate:
        """What `query` would cost and how exact it would be. Touches no data, costs nothing; raises alike.

        `assuming` is what is expected of one cell, such as {"n": 500, "at": 27.5}: so many values or
        patients, and the mean or the proportion itself. The errors are then those of these numbers.
        """
        request = query_pb2.EstimateQueryRequest(
            agreement=self.agreement,
            spend=asking.spend(share, rho, epsilon, within),
            assuming=asking.assumed(assuming),
        )
        asking.put_question(request, question)
        return received.estimate(self._call(self._queries.EstimateQuery, request, timeout))

    def note_batches(
        self,
        dataset: str,
        *,
        where: str | Predicate | None = None,
        columns: Sequence[str] | None = None,
        page_size: int = 0,
        page_token: str = "",
        timeout: float = 240.0,
    ) -> Iterator[NoteBatch]:
        """De-identified notes, batch by batch, to the last; read slowly, and the site waits.

        `where` is a condition as after WHERE, or a `Predicate`; `columns` come with the notes, all that is
        granted by default. `page_token` of an earlier batch goes on after it. `timeout` is in seconds, for
        each stream: one that ends early is followed by another from the last batch on. Raises as `query`.
        """
        request = records.notes_request(self.agreement, dataset, where, columns, page_size, page_token)
        return records.batches(request, lambda asked: self._stream(asked, timeout), _again)

    def notes(
        self,
        dataset: str,
        *,
        where: str | Predicate | None = None,
        columns: Sequence[str] | None = None,
        page_size: int = 0,
        timeout: float = 240.0,
    ) -> Iterator[Note]:
        """The notes of `note_batches`, one by one; which were withheld is told by the batches alone."""
        found = self.note_batches(dataset, where=where, columns=columns, page_size=page_size, timeout=timeout)
        return (note for batch in found for note in batch.notes)

    def deidentify(self, texts: Iterable[Text], *, timeout: float = 60.0) -> Deidentified:
        """De-identify at most 64 texts of our own. Raises as `query`."""
        request = records.text_request(self.agreement, texts)
        return records.deidentified(self._call(self._records.DeidentifyText, request, timeout))

    def budget(self, *, timeout: float = 60.0) -> tuple[Remaining, ...]:
        """The agreement's accounts and the party's, for each population. Raises as `query`."""
        request = budget_pb2.GetBudgetRequest(agreement=self.agreement)
        response = self._call(self._budgets.GetBudget, request, timeout)
        return tuple(received.remaining(balance) for balance in response.balances)

    def datasets(self, *, timeout: float = 60.0) -> tuple[catalog_pb2.Dataset, ...]:
        """Every dataset that our agreements reach, as described by the site. Raises as `query`."""
        return self._pages(self._catalog.ListDatasets, catalog_pb2.ListDatasetsRequest, "datasets", timeout)

    def agreements(self, *, timeout: float = 60.0) -> tuple[catalog_pb2.Agreement, ...]:
        """Our agreements with the site. Raises as `query`."""
        return self._pages(
            self._catalog.ListAgreements, catalog_pb2.ListAgreementsRequest, "agreements", timeout
        )

    def _pages(self, method: Any, request: Any, field: str, timeout: float) -> tuple[Any, ...]:
        until, found, token = time.monotonic() + timeout, list[Any](), ""
        for _ in range(MOST_PAGES):
            page = self._call(method, request(page_token=token), until - time.monotonic())
            found += getattr(page, field)
            token = page.next_page_token
            if not token:
                break
        return tuple(found)

    def _stream(
        self, request: record_pb2.StreamNotesRequest, timeout: float
    ) -> Iterator[record_pb2.StreamNotesResponse]:
        """One stream of at most `timeout` seconds, each failure as the error that the gateway raised."""
        if not timeout > 0:
            raise InvalidRequest("the timeout must be more than 0 seconds", reason="DEADLINE_REQUIRED")
        stream = None
        try:
            metadata = (("authorization", f"Bearer {self._mint.token()}"),)
            stream = self._records.StreamNotes(request, timeout=timeout, metadata=metadata)
            yield from stream
        except grpc.RpcError as failure:
            raise rebuild(failure) from None
        except ValueError:  # a closed channel
            raise ServerUnavailable("the connection is closed", reason="CONNECTION_CLOSED") from None
        finally:
            if stream is not None:
                stream.cancel()  # whoever stops reading lets the site know

    def _call(self, method: Callable[..., Response], request: object, timeout: float) -> Response:
        """One call within `timeout` seconds: what may pass is tried again, with the very same request."""
        if not timeout > 0:
            raise InvalidRequest("the timeout must be more than 0 seconds", reason="DEADLINE_REQUIRED")
        until = time.monotonic() + timeout
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return method(
                    request,
                    timeout=max(0.001, until - time.monotonic()),
                    metadata=(("authorization", f"Bearer {self._mint.token()}"),),
                )
            except grpc.RpcError as failure:
                error = rebuild(failure)
            except ValueError:  # a closed channel; a request that cannot be encoded
                raise ServerUnavailable("the connection is closed") from None
            # Full jitter: partners that failed together do not come back together.
            pause = random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1)))  # noqa: S311
            if not _may_pass(error) or attempt == ATTEMPTS or time.monotonic() + pause >= until:
                break
            time.sleep(pause)
        raise error


def _again(error: GatewayError, fruitless: int) -> bool:
    """Whether a stream that failed is to be asked for again; waits first, longer each time."""
    if not (_may_pass(error) or error.status == "DEADLINE_EXCEEDED") or fruitless >= ATTEMPTS:
        return False
    if error.reason == "CONNECTION_CLOSED":
        return False
    time.sleep(random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (fruitless - 1))))  # noqa: S311
    return True


def may_be_done(error: GatewayError) -> bool:
    """Whether the work behind a failed call may have been done and paid for."""
    # Budgets that changed are found before anything is charged.
    lost = _may_pass(error) and error.reason != "CAPS_CHANGED"
    return lost or error.status == "DEADLINE_EXCEEDED"


def _may_pass(error: GatewayError) -> bool:
    return error.status == "UNAVAILABLE" and error.reason not in LASTING


def _channel_options(server_name: str) -> list[tuple[str, Any]]:
    return [
        # Whatever the address, the certificate must carry the name that the site gave at enrolment.
        ("grpc.ssl_target_name_override", server_name),
        # No connection that nobody named: no proxy from the environment, no service config from DNS.
        ("grpc.enable_http_proxy", 0),
        ("grpc.service_config_disable_resolution", 1),
        ("grpc.enable_retries", 0),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 1000),
        ("grpc.max_reconnect_backoff_ms", 2000),
        ("grpc.max_receive_message_length", MOST_BYTES),
    ]
