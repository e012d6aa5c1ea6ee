"""The catalogue as a partner may see it: convert, ask the law what is visible, convert.

Imports: gateway.v1, policy.catalogue, lower, flows.site, rpc.guard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from gateway.domain.agreement import Agreement, NotesTerms, TextGrant
from gateway.domain.catalog import BoundsBy, ColumnType
from gateway.domain.identity import Principal
from gateway.errors import InvalidRequest, NotFound
from gateway.flows.site import Site
from gateway.lower.keys import labels_of
from gateway.policy.catalogue import VisibleColumn, VisibleDataset, visible_agreements, visible_datasets
from gateway.rpc.guard import Method
from gateway.v1 import catalog_pb2

T = TypeVar("T")
CATALOG = catalog_pb2.DESCRIPTOR.services_by_name["CatalogService"]
MOST_PAGE, USUAL_PAGE = 100, 50


def catalog_methods(site: Site) -> Mapping[str, Method]:
    """The methods of CatalogService."""
    return {
        "ListDatasets": _list_datasets(site),
        "GetDataset": _get_dataset(site),
        "ListAgreements": _list_agreements(site),
    }


def _list_datasets(site: Site) -> Method:
    async def list_datasets(
        request: catalog_pb2.ListDatasetsRequest, principal: Principal
    ) -> catalog_pb2.ListDatasetsResponse:
        found = visible_datasets(site.compiled, principal.party)
        page, following = _page(found, request.page_size, request.page_token)
        return catalog_pb2.ListDatasetsResponse(
            datasets=[_dataset_to_wire(item) for item in page], next_page_token=following
        )

    return list_datasets


def _get_dataset(site: Site) -> Method:
    async def get_dataset(
        request: catalog_pb2.GetDatasetRequest, principal: Principal
    ) -> catalog_pb2.GetDatasetResponse:
        for item in visible_datasets(site.compiled, principal.party):
            if item.dataset.name == request.name:
                return catalog_pb2.GetDatasetResponse(dataset=_dataset_to_wire(item))
        raise NotFound("no such dataset", reason="DATASET_UNAVAILABLE")

    return get_dataset


def _list_agreements(site: Site) -> Method:
    async def list_agreements(
        request: catalog_pb2.ListAgreementsRequest, principal: Principal
    ) -> catalog_pb2.ListAgreementsResponse:
        found = visible_agreements(site.compiled, principal.party)
        page, following = _page(found, request.page_size, request.page_token)
        return catalog_pb2.ListAgreementsResponse(
            agreements=[_agreement_to_wire(item) for item in page], next_page_token=following
        )

    return list_agreements


def _page(items: Sequence[T], size: int, token: str) -> tuple[Sequence[T], str]:
    """One page and the token of the next (AIP-158); tokens are offsets."""
    if size < 0 or (token and not (token.isascii() and token.isdigit() and len(token) <= 9)):
        raise InvalidRequest("page_size or page_token is not valid", reason="PAGE_INVALID")
    first = int(token or 0)
    last = first + min(size or USUAL_PAGE, MOST_PAGE)
    return items[first:last], str(last) if last < len(items) else ""


def _dataset_to_wire(item: VisibleDataset) -> catalog_pb2.Dataset:
    dataset = item.dataset
    return catalog_pb2.Dataset(
        name=dataset.name,
        title=dataset.title,
        description=dataset.description,
        population=dataset.population.name,
        columns=[_column_to_wire(column) for column in item.columns],
        max_groups=dataset.max_groups,
        max_rows=dataset.max_rows,
        digest=dataset.digest,
    )


def _column_to_wire(visible: VisibleColumn) -> catalog_pb2.DatasetColumn:
    column = visible.column
    groupable = column.categories is not None or column.type is ColumnType.BOOLEAN
    message = catalog_pb2.DatasetColumn(
        name=column.name,
        type=column.type.value,
        description=column.description,
        unit=column.unit,
        code_system=column.code_system,
        labels=labels_of(column) if groupable else (),
        filter=visible.filter,
        group=visible.group,
        measure=visible.measure,
        notes_filter=visible.notes_filter,
        notes_context=visible.notes_context,
    )
    if column.bounds is not None:
        message.low = format(column.bounds.low, "f")
        message.high = format(column.bounds.high, "f")
        message.resolution = format(column.bounds.resolution, "f")
    if visible.bounds_by is not None:
        message.bounds_by.extend(visible.bounds_by.columns)
        message.coded_bounds.extend(_coded_to_wire(visible.bounds_by))
    return message


def _coded_to_wire(declared: BoundsBy) -> Iterator[catalog_pb2.CodedBounds]:
    for entry in declared.entries:
        yield catalog_pb2.CodedBounds(
            values=entry.values,
            low=format(entry.bounds.low, "f"),
            high=format(entry.bounds.high, "f"),
            resolution=format(entry.bounds.resolution, "f"),
            source=entry.source,
        )


def _agreement_to_wire(agreement: Agreement) -> catalog_pb2.Agreement:
    privacy = agreement.privacy
    return catalog_pb2.Agreement(
        id=agreement.id,
        version=agreement.version,
        title=agreement.title,
        status=agreement.status.value,
        provider=agreement.provider,
        purposes=sorted(agreement.purposes),
        valid_from=agreement.valid_from.isoformat(),
        valid_until=agreement.valid_until.isoformat(),
        datasets=sorted({grant.dataset for grant in agreement.grants}),
        obligations=agreement.obligations,
        epsilon=format(privacy.budget.epsilon, "f"),
        delta=str(privacy.budget.delta),
        period=privacy.budget.period.value,
        min_cell=privacy.suppression.min_cell,
        texts=_texts_to_wire(agreement),
    )


def _texts_to_wire(agreement: Agreement) -> Iterator[catalog_pb2.TextTerms]:
    texts: list[tuple[str, NotesTerms | TextGrant]] = [
        (grant.dataset, grant.notes) for grant in agreement.grants if grant.notes is not None
    ]
    texts += [("", grant) for grant in agreement.text_grants]
    for dataset, terms in texts:
        yield catalog_pb2.TextTerms(
            dataset=dataset,
            profile=terms.profile,
            rows_per_day=terms.rows_per_day,
            rows_per_minute=terms.rows_per_minute,
        )
