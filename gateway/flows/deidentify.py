"""Text of the caller's own, de-identified for it: decide, look at the day, de-identify, record, answer.

Law: the text is in memory only, and in no entry, log or error; the answer waits for its entry.
Imports: domain, laws, flows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.deid.fhir_patient import record_of
from gateway.domain.agreement import Deny, Operation, TextPermit
from gateway.domain.deid import Document, Outcome, PatientRecord
from gateway.domain.entry import Disclosure, Receipt, Subject
from gateway.domain.identity import Principal
from gateway.errors import InvalidRequest, PermissionDenied, Violation
from gateway.flows.site import Disclosing, Site
from gateway.flows.texts import (
    content_of,
    day_is_full,
    deidentified,
    disclosing_of,
    primary_language,
    reasons_of,
    sent_of,
    types_of,
    withheld_of,
)
from gateway.policy.disclose import decide_text

MOST_DOCUMENTS = 64
MOST_TEXT = 200_000  # code points of one text
MOST_ID = 200  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnText:
    """A text as it was sent; `patient` is a FHIR R4 Patient as JSON text, or empty."""

    id: str
    text: str = field(repr=False)
    language: str = ""
    subject: str = field(default="", repr=False)
    patient: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One outcome for each text, in order, and where that is recorded."""

    outcomes: list[Outcome]
    receipt: Receipt
    permit: TextPermit


async def deidentify_text(
    site: Site, principal: Principal, agreement: str, texts: Sequence[OwnText]
) -> Answered:
    """De-identify some texts. Raises `DeidentifierUnavailable`, `InvalidRequest` (TEXTS_INVALID,
    TEXT_TOO_LARGE, PATIENT_INVALID), `PermissionDenied`, `LimitExceeded` or `AuditUnavailable`.
    """
    disclosing = disclosing_of(site)
    compiled = site.compiled
    permit = decide_text(compiled, principal, agreement=agreement, now=site.clock.now())  # 1.
    if isinstance(permit, Deny):
        raise PermissionDenied(permit.message, reason=permit.reason)
    documents = _documents(texts, f"texts of {principal.party} under {permit.agreement.id}")
    grant = permit.grant
    account = (permit.agreement.id, grant.name, principal.party)
    if site.journal.rows_left(*account, grant.rows_per_day) < len(documents):  # 2.
        raise day_is_full()
    subject = Subject(
        principal=principal,
        agreement=permit.agreement.id,
        generation=compiled.generation,
        operation=Operation.DEIDENTIFY.value,
    )
    await disclosing.pace.wait(account, len(documents), grant.rows_per_minute)
    answered = _answered(site, disclosing, permit, subject, documents)
    return await site.shielded(answered, principal.party)


async def _answered(
    site: Site, disclosing: Disclosing, permit: TextPermit, subject: Subject, documents: Sequence[Document]
) -> Answered:
    outcomes = await deidentified(disclosing, documents, permit.profile)  # 3. withheld, where that fails
    texts = sent_of(outcomes)
    disclosure = Disclosure(
        subject=subject,
        grant=permit.grant.name,
        limit=permit.grant.rows_per_day,
        profile=permit.profile.name,
        profile_digest=permit.profile.digest,
        sent=len(texts),
        content=content_of(outcomes),
        withheld=reasons_of(withheld_of(outcomes)),
        types=types_of(texts),
    )
    receipt = await site.journal.disclose(disclosure)  # 4. durable before it leaves
    return Answered(outcomes=outcomes, receipt=receipt, permit=permit)


def _documents(texts: Sequence[OwnText], whose: str) -> list[Document]:
    """The texts for the detectors, in a realm of the caller's own under its agreement: what it could learn by
    sending texts, such as the pseudonym of a number that it knows, is of no use with the site's notes.
    """
    if not 1 <= len(texts) <= MOST_DOCUMENTS:
        raise _fault("documents", f"must be 1 to {MOST_DOCUMENTS}")
    seen: set[str] = set()
    documents = []
    for i, text in enumerate(texts):
        path = f"documents[{i}]"
        if not 0 < len(text.id) <= MOST_ID or text.id in seen:
            raise _fault(f"{path}.id", f"must be 1 to {MOST_ID} characters, and unique in the request")
        if len(text.text) > MOST_TEXT:
            raise _fault(f"{path}.text", f"longer than {MOST_TEXT:,} code points", reason="TEXT_TOO_LARGE")
        seen.add(text.id)
        documents.append(
            Document(
                id=text.id,
                text=text.text,
                language=primary_language(text.language),
                subject=text.subject,
                realm=whose,
                record=_record(text.patient, path) if text.patient else None,
            )
        )
    return documents


def _record(patient: str, path: str) -> PatientRecord:
    try:
        resource = json.loads(patient)
    except (ValueError, RecursionError):
        raise _fault(f"{path}.patient", "is no JSON", reason="PATIENT_INVALID") from None
    return record_of(resource)


def _fault(path: str, description: str, *, reason: str = "TEXTS_INVALID") -> InvalidRequest:
    return InvalidRequest(reason=reason, violations=[Violation(field=path, description=description)])
