"""A FHIR R4 Patient resource -> what of it could stand in a note (hl7.org/fhir/R4/patient.html).

Law: total over any JSON value. A wrong shape is refused with one stable error (fhir_elements.py): a note
whose record cannot be read must be withheld rather than searched with half a record. Elements that say
nothing a note could hold (photo, communication, marital status, links to other resources) are not read.
May import: errors, domain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from gateway.deid.fhir_elements import objects, refused, text_at, texts_at
from gateway.deid.record_words import PARTICLES
from gateway.deid.words import has_cjk
from gateway.domain.deid import Address, HumanName, Identifier, PatientRecord
from gateway.domain.deid import IdentifierType as T

_BY_CODE = {  # terminology.hl7.org/CodeSystem/v2-0203
    **dict.fromkeys(("MR", "MRT", "PI", "PT", "VN", "ACSN", "FILL", "PLAC"), T.MRN),
    **dict.fromkeys(("SS",), T.SSN),
    **dict.fromkeys(("DL", "MD", "NPI", "DEA", "LN", "RN", "DN", "PRN", "SL"), T.LICENSE),
    **dict.fromkeys(("PPN",), T.PASSPORT),
    **dict.fromkeys(("HC", "MB", "SN", "MA", "MC", "MCR", "JHN", "NH", "NIIP"), T.HEALTH_PLAN),
    **dict.fromkeys(("NI", "PRC", "BCT", "SB"), T.NATIONAL_ID),
    **dict.fromkeys(("AN", "ANC", "AND", "ANT", "AM", "BA", "BC"), T.ACCOUNT),
    **dict.fromkeys(("UDI", "SNO"), T.DEVICE),
}
_BY_SYSTEM = (  # parts of well-known identifier system URIs (hl7.org/fhir/R4/identifier-registry.html)
    ("us-ssn", T.SSN),
    ("2.16.840.1.113883.4.1", T.SSN),
    ("us-npi", T.LICENSE),
    ("2.16.840.1.113883.4.3", T.LICENSE),
    ("passport", T.PASSPORT),
    ("us-mbi", T.HEALTH_PLAN),
    ("medicare", T.HEALTH_PLAN),
    ("nhs-number", T.NATIONAL_ID),
    ("national", T.NATIONAL_ID),
    ("mrn", T.MRN),
    ("medical-record", T.MRN),
)
_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T[0-9:.]+(?:Z|[+-]\d\d:\d\d)?)?")
_TELLING_ID = 8  # characters, half of them digits
_FAMILY_EXTENSIONS = ("humanname-own-name", "humanname-partner-name", "humanname-mothers-family")
_TITLES = frozenset(
    (
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "dra",
        "prof",
        "sra",
        "srta",
        "md",
        "phd",
        "rn",
        "jr",
        "sr",
        "ii",
        "iii",
        "iv",
    )
)


def record_of(resource: Mapping[str, object]) -> PatientRecord:
    """The record of a Patient resource as parsed from JSON.

    Raises `InvalidRequest` with the reason PATIENT_INVALID where it is no Patient or has a wrong shape.
    """
    if not isinstance(resource, Mapping) or resource.get("resourceType", "Patient") != "Patient":
        raise refused("resource", "is no FHIR Patient")
    birth_date, birth_month = _birth(resource)
    phones, emails, urls, faxes = _telecoms(resource)
    contacts = list(objects(resource, "contact"))
    for contact in contacts:
        for known, more in zip((phones, emails, urls, faxes), _telecoms(contact), strict=True):
            known += more
    addresses = [_address(each) for each in objects(resource, "address")]
    addresses += [_address(each) for contact in contacts for each in objects(contact, "address")]
    for birth_place in _extensions(resource, "birthPlace"):
        addresses += [_address(each) for each in objects(birth_place, "valueAddress")]
    others, organizations = _others(resource, contacts)
    return PatientRecord(
        names=tuple(name for each in objects(resource, "name") for name in _names(each)),
        others=others,
        gender=text_at(resource, "gender"),
        birth_date=birth_date,
        birth_month=birth_month,
        dates=_deceased(resource),
        phones=_unique(phones),
        emails=_unique(emails),
        urls=_unique(urls),
        addresses=tuple(dict.fromkeys(each for each in addresses if each != Address())),
        organizations=organizations,
        identifiers=tuple(
            dict.fromkeys([*_identifiers(resource), *(Identifier(type=T.FAX, value=f) for f in faxes)])
        ),
    )


def name_of(text: str) -> HumanName:
    """A name written as one text, without titles: "Family, Given", "Given Middle Family", 王小明."""
    head, comma, tail = (part.strip() for part in text.partition(","))
    if comma and tail and not _only_titles(tail):
        return HumanName(given=tuple(_without_titles(tail)), family=(" ".join(_without_titles(head)),))
    parts = _without_titles(head)
    if len(parts) == 1 and has_cjk(parts[0]):
        whole = parts[0]
        return (
            HumanName(given=(whole[1:],), family=(whole[:1],))
            if len(whole) > 1
            else HumanName(family=(whole,))
        )
    family = len(parts) - 1
    while family > 1 and parts[family - 1] in PARTICLES:
        family -= 1
    return HumanName(given=tuple(parts[:family]), family=(" ".join(parts[family:]),) if parts else ())


def _without_titles(text: str) -> list[str]:
    return [part for part in text.split() if part.strip(".,()").casefold() not in _TITLES]


def _only_titles(text: str) -> bool:
    return not _without_titles(text)


def _names(name: Mapping[str, object]) -> Iterator[HumanName]:
    """A HumanName's parts, and its text where that says more; own and partner's names by extension."""
    given = tuple(part for item in texts_at(name, "given") for part in item.split())
    family = tuple(each for each in [text_at(name, "family")] if each)
    if given or family:
        yield HumanName(given=given, family=family)
    if text := text_at(name, "text"):
        said = name_of(text)
        if not (given or family) or not _parts(said) <= _parts(HumanName(given=given, family=family)):
            yield said
    underscored = name.get("_family")
    if isinstance(underscored, Mapping):
        for each in (found for url in _FAMILY_EXTENSIONS for found in _extensions(underscored, url)):
            if own := text_at(each, "valueString"):
                yield HumanName(given=given, family=(own,))


def _parts(name: HumanName) -> set[str]:
    return {part.casefold() for whole in (*name.given, *name.family) for part in re.split(r"[\s-]+", whole)}


def _others(
    resource: Mapping[str, object], contacts: list[Mapping[str, object]]
) -> tuple[tuple[HumanName, ...], tuple[str, ...]]:
    """Relatives, contacts and staff; organisations."""
    names: list[HumanName] = []
    organizations: list[str] = []
    for contact in contacts:
        names += [name for each in objects(contact, "name") for name in _names(each)]
        organizations += [text_at(each, "display") for each in objects(contact, "organization")]
    for each in _extensions(resource, "patient-mothersMaidenName"):
        names.append(HumanName(family=(text_at(each, "valueString"),)))
    for each in objects(resource, "generalPractitioner"):
        display = text_at(each, "display")
        if "organization" in text_at(each, "reference").casefold():
            organizations.append(display)
        elif display:
            names.append(name_of(display))
    organizations += [text_at(each, "display") for each in objects(resource, "managingOrganization")]
    for identifier in objects(resource, "identifier"):
        organizations += [text_at(each, "display") for each in objects(identifier, "assigner")]
    for inner in objects(resource, "contained"):
        kind = text_at(inner, "resourceType")
        if kind in ("Practitioner", "RelatedPerson", "Patient"):
            names += [name for each in objects(inner, "name") for name in _names(each)]
        elif kind == "Organization":
            organizations += [text_at(inner, "name"), *texts_at(inner, "alias")]
    return tuple(dict.fromkeys(name for name in names if _parts(name))), _unique(organizations)


def _telecoms(element: Mapping[str, object]) -> tuple[list[str], list[str], list[str], list[str]]:
    """Phones, e-mail addresses, URLs and faxes of an element."""
    by_system: dict[str, list[str]] = {"phone": [], "email": [], "url": [], "fax": []}
    for point in objects(element, "telecom"):
        value = text_at(point, "value")
        system = text_at(point, "system")
        system = {"sms": "phone", "pager": "phone"}.get(system, system)
        if system not in by_system:
            system = "email" if "@" in value else "url" if "://" in value else "phone"
        by_system[system] += (
            [re.sub(r"^(?:tel|mailto|fax|sms):", "", value, flags=re.IGNORECASE)] if value else []
        )
    return by_system["phone"], by_system["email"], by_system["url"], by_system["fax"]


def _address(element: Mapping[str, object]) -> Address:
    """An Address; its text alone stands for its lines where there is nothing else."""
    lines = texts_at(element, "line")
    city = text_at(element, "city")
    if not lines and not city:
        lines = [part.strip() for part in re.split(r"[\n,]", text_at(element, "text")) if part.strip()]
    return Address(
        line=tuple(lines),
        city=city,
        district=text_at(element, "district"),
        state=text_at(element, "state"),
        postal_code=text_at(element, "postalCode"),
        country=text_at(element, "country"),
    )


def _identifiers(resource: Mapping[str, object]) -> Iterator[Identifier]:
    """The identifiers, and the resource's own id where it is long enough to point at somebody."""
    for each in objects(resource, "identifier"):
        if value := text_at(each, "value"):
            yield Identifier(type=_identifier_type(each), value=value.removeprefix("urn:uuid:"))
    own = text_at(resource, "id")
    if len(own) >= _TELLING_ID and sum(char.isdigit() for char in own) >= _TELLING_ID // 2:
        yield Identifier(type=T.ID, value=own)


def _identifier_type(identifier: Mapping[str, object]) -> T:
    for concept in objects(identifier, "type"):
        for coding in objects(concept, "coding"):
            if (known := _BY_CODE.get(text_at(coding, "code"))) is not None:
                return known
    system = text_at(identifier, "system").casefold()
    return next((kind for part, kind in _BY_SYSTEM if part in system), T.ID)


def _birth(resource: Mapping[str, object]) -> tuple[date | None, tuple[int, int] | None]:
    """The day of birth, or (year, month) where the day is not known; a year alone is no identifier."""
    year, month, day = _date_parts(resource, "birthDate")
    if day:
        return _day(year, month, day, "birthDate"), None
    return None, (year, month) if month else None


def _deceased(resource: Mapping[str, object]) -> tuple[date, ...]:
    if isinstance(resource.get("deceasedDateTime"), bool):
        return ()
    year, month, day = _date_parts(resource, "deceasedDateTime")
    return (_day(year, month, day, "deceasedDateTime"),) if day else ()


def _date_parts(resource: Mapping[str, object], name: str) -> tuple[int, int, int]:
    """Year, month and day, with zeros for what is not known."""
    text = text_at(resource, name)
    if not text:
        return 0, 0, 0
    match = _DAY.fullmatch(text)
    if match is None:
        raise refused(name, "is no FHIR date")
    year, month, day = (int(part or 0) for part in match.groups())
    if month > 12:
        raise refused(name, "is no FHIR date")
    return year, month, day


def _day(year: int, month: int, day: int, name: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise refused(name, "is no day of the calendar") from None


def _extensions(element: Mapping[str, object], url: str) -> list[Mapping[str, object]]:
    """Extensions by the end of their URL."""
    return [each for each in objects(element, "extension") if text_at(each, "url").endswith(url)]


def _unique(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
