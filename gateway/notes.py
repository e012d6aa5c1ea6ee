"""NotesQuestion + NotesPermit + catalogue -> NotesPlan: which notes are read, with what beside their text.

Law: everything here is known before any data is read. Row filters and consent rules of every grant are in the
plan; the digest covers all that decides which notes leave and what becomes of them, but not the snapshot, so
that a stream goes on where it ended after new data came.
Imports: domain words, errors, deid, lower, plan, query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.deid.fhir_patient import name_of
from gateway.domain.agreement import NotesPermit
from gateway.domain.catalog import Dataset, IdentityRole
from gateway.domain.deid import Address, HumanName, Identifier, IdentifierType, PatientRecord, Profile
from gateway.domain.entry import Json
from gateway.domain.expression import Expression
from gateway.domain.notes import NotesQuestion
from gateway.domain.query import Predicate
from gateway.errors import InvalidQuery
from gateway.lower.expression import lower, tables_of
from gateway.lower.plain import plain
from gateway.lower.scope import NOWHERE, Catalogue, Positions
from gateway.plan import keyed_digest, patients_rule, under_grants
from gateway.query.canonical import canonical, canonical_predicate

_OWN = (IdentityRole.NAME, IdentityRole.GIVEN, IdentityRole.FAMILY)
_OTHER = (IdentityRole.OTHER_NAME, IdentityRole.OTHER_GIVEN, IdentityRole.OTHER_FAMILY)
Value = None | bool | int | float | str | date


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesShape:
    """What an engine compiles: the filter as an expression without cells, and the columns that are read."""

    expression: Expression
    text: str
    language: str  # a column; empty: none
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesPlan:
    """`where` is the filter with all rules merged in, `datasets` what the engine reads, the notes' first.

    `identities` is the table of what stands in notes and identifies their patients; None where the site
    declares none.
    """

    dataset: Dataset
    datasets: tuple[Dataset, ...]
    where: Predicate | None
    patients_rule: Predicate | None
    shape: NotesShape
    identities: Dataset | None
    profile: Profile
    digest: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that come with the notes."""
        return self.shape.columns


def make_notes_plan(
    question: NotesQuestion,
    permit: NotesPermit,
    catalogue: Catalogue,
    *,
    digest_key: bytes,
    positions: Positions = NOWHERE,
) -> NotesPlan:
    """The plan of a permitted question. Raises `InvalidQuery`."""
    dataset = catalogue[question.dataset]
    if dataset.notes is None:
        raise InvalidQuery("this dataset holds no notes", reason="NO_NOTES")
    patients = dataset.population.patients
    resolved = under_grants(question.query, permit.grants, patients)
    rule = patients_rule(permit.grants, patients)
    lowered = lower(
        canonical(resolved),
        catalogue,
        patients_rule=None if rule is None else canonical_predicate(rule),
        positions=positions,
    )
    shape = NotesShape(
        expression=lowered.expression,
        text=dataset.notes.text,
        language=dataset.notes.language,
        columns=permit.columns,
    )
    identities = identities_of(dataset, catalogue)
    read = [catalogue[name] for name in tables_of(lowered.expression)]
    return NotesPlan(
        dataset=dataset,
        datasets=(*read, *(() if identities is None else (identities,))),
        where=resolved.where,
        patients_rule=rule,
        shape=shape,
        identities=identities,
        profile=permit.profile,
        digest=_digest(shape, permit, [*read, *([identities] if identities else [])], digest_key),
    )


def identities_of(dataset: Dataset, catalogue: Catalogue) -> Dataset | None:
    """The table of identities of a dataset's population."""
    found = [
        other
        for other in catalogue.values()
        if other.identities and other.population.name == dataset.population.name
    ]
    return found[0] if found else None


def _digest(shape: NotesShape, permit: NotesPermit, read: Sequence[Dataset], key: bytes) -> str:
    content: dict[str, Json] = {
        "v": 1,
        "agreement": permit.grants.agreement.id,
        "grant": permit.grants.grant.name,
        "datasets": [dataset.digest for dataset in read],
        "expression": plain(shape.expression),
        "columns": [*shape.columns],
        "profile": [permit.profile.name, permit.profile.digest],
    }
    return keyed_digest(content, key)


def record_of_rows(identities: Dataset, rows: Sequence[Mapping[str, Value]]) -> PatientRecord | None:
    """What a patient's rows in the table of identities say together; None where there is no row.

    Each row may hold a name, an address, and any number of the rest; missing and empty values say nothing.
    """
    if not rows:
        return None
    lines = [_Line(identities, row) for row in rows]
    births = [day for line in lines for day in line.days(IdentityRole.BIRTH_DATE)]
    # A second birth date is a day of the record like any other.
    days = [day for line in lines for day in line.days(IdentityRole.DATE)]
    genders = [word for line in lines for word in line.texts(IdentityRole.GENDER)]

    def texts(role: IdentityRole) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for line in lines for text in line.texts(role)))

    return PatientRecord(
        names=tuple(name for line in lines for name in line.names(*_OWN)),
        others=tuple(name for line in lines for name in line.names(*_OTHER)),
        gender=genders[0] if genders else "",
        birth_date=births[0] if births else None,
        dates=tuple(dict.fromkeys([*births[1:], *days])),
        phones=texts(IdentityRole.PHONE),
        emails=texts(IdentityRole.EMAIL),
        urls=texts(IdentityRole.URL),
        addresses=tuple(address for line in lines for address in line.addresses()),
        organizations=texts(IdentityRole.ORGANIZATION),
        identifiers=tuple(dict.fromkeys(one for line in lines for one in line.identifiers())),
    )


class _Line:
    """One row of a table of identities, read by role."""

    def __init__(self, identities: Dataset, row: Mapping[str, Value]) -> None:
        self._identities, self._row = identities, row

    def texts(self, role: IdentityRole) -> list[str]:
        return [text for _, text in self._held(role)]

    def days(self, role: IdentityRole) -> list[date]:
        found = (self._row[name] for name in self._names(role))
        return [day for day in found if isinstance(day, date)]

    def names(self, whole: IdentityRole, given: IdentityRole, family: IdentityRole) -> list[HumanName]:
        said = [name_of(text) for text in self.texts(whole)]
        first = tuple(word for text in self.texts(given) for word in text.split())
        last = tuple(self.texts(family))
        return [*([HumanName(given=first, family=last)] if first or last else []), *said]

    def addresses(self) -> list[Address]:
        def one(role: IdentityRole) -> str:
            return " ".join(self.texts(role))

        address = Address(
            line=tuple(self.texts(IdentityRole.STREET)),
            city=one(IdentityRole.CITY),
            district=one(IdentityRole.DISTRICT),
            state=one(IdentityRole.STATE),
            postal_code=one(IdentityRole.POSTAL_CODE),
            country=one(IdentityRole.COUNTRY),
        )
        return [] if address == Address() else [address]

    def identifiers(self) -> list[Identifier]:
        columns = self._identities.columns
        numbers = [
            Identifier(type=columns[name].identifies or IdentifierType.ID, value=text)
            for name, text in self._held(IdentityRole.IDENTIFIER)
        ]
        faxes = [Identifier(type=IdentifierType.FAX, value=text) for text in self.texts(IdentityRole.FAX)]
        return numbers + faxes

    def _held(self, role: IdentityRole) -> list[tuple[str, str]]:
        values = ((name, self._row[name]) for name in self._names(role))
        texts = ((name, "" if value is None else str(value).strip()) for name, value in values)
        return [(name, text) for name, text in texts if text]

    def _names(self, role: IdentityRole) -> list[str]:
        return [name for name, held in self._identities.identities.items() if held is role]
