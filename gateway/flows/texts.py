"""What the flows of notes and of callers' own texts share: one checked outcome for each text, and its digest.

Law: a text for which there is no whole and proper outcome is withheld, with a stable reason and nothing else.
Imports: domain words, errors, log, flows.site.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from gateway import log
from gateway.domain.deid import Deidentified, Document, Outcome, Profile, Withheld
from gateway.errors import DeidentifierUnavailable, LimitExceeded
from gateway.flows.site import Disclosing, Site

FAILED = "DEIDENTIFICATION_FAILED"


def primary_language(tag: str) -> str:
    """The language of a BCP 47 tag, as profiles and detectors name it: `en` of `en-GB` (RFC 5646, 2.2.1)."""
    return tag.strip().replace("_", "-").partition("-")[0].lower()


def disclosing_of(site: Site) -> Disclosing:
    """What de-identifies here. Raises `DeidentifierUnavailable` where nothing does."""
    if site.disclosing is None:
        raise DeidentifierUnavailable("this site does not de-identify text now")
    return site.disclosing


def day_is_full() -> LimitExceeded:
    """The refusal of more texts than a recipient's day has left."""
    return LimitExceeded(
        "this agreement lets no more texts leave today (UTC) for your institution", reason="ROWS_PER_DAY"
    )


async def deidentified(
    disclosing: Disclosing, documents: Sequence[Document], profile: Profile
) -> list[Outcome]:
    """One outcome for each document, in order, under its id. Raises only `DeidentifierUnavailable`."""
    if not documents:
        return []
    try:
        outcomes = await disclosing.deidentifier.deidentify(documents, profile)
    except DeidentifierUnavailable:
        raise
    except Exception as error:
        log.defect("disclosure_failed", error)
        outcomes = []
    if len(outcomes) != len(documents):
        return [Withheld(id=document.id, reason=FAILED) for document in documents]
    return [_checked(*pair) for pair in zip(documents, outcomes, strict=True)]


def _checked(document: Document, outcome: Outcome) -> Outcome:
    """The outcome, if it is this document's and can be sent."""
    if outcome.id != document.id:
        return Withheld(id=document.id, reason=FAILED)
    if isinstance(outcome, Deidentified):
        within = all(0 <= span.start < span.end <= len(document.text) for span in outcome.spans)
        if not within or not outcome.context.keys() <= document.context.keys() or not _sendable(outcome):
            return Withheld(id=document.id, reason=FAILED)
    return outcome


def _sendable(outcome: Deidentified) -> bool:
    """Half a surrogate pair is no text that a message could hold."""
    try:
        "".join((outcome.text, outcome.language, *outcome.context.values())).encode()
    except UnicodeEncodeError:
        return False
    return True


def content_of(outcomes: Sequence[Outcome]) -> bytes:
    """Everything of the outcomes that leaves, as bytes for a digest."""
    return json.dumps([_plain(outcome) for outcome in outcomes], separators=(",", ":")).encode()


def _plain(outcome: Outcome) -> list[object]:
    if isinstance(outcome, Withheld):
        return [outcome.id, outcome.reason]
    return [outcome.id, outcome.text, outcome.language, sorted(outcome.context.items())]


def sent_of(outcomes: Sequence[Outcome]) -> tuple[Deidentified, ...]:
    """Those that leave."""
    return tuple(outcome for outcome in outcomes if isinstance(outcome, Deidentified))


def withheld_of(outcomes: Sequence[Outcome]) -> tuple[Withheld, ...]:
    """Those that do not."""
    return tuple(outcome for outcome in outcomes if isinstance(outcome, Withheld))


def types_of(texts: Sequence[Deidentified]) -> Mapping[str, int]:
    """How many identifiers were found, by type."""
    return Counter(span.type.value for text in texts for span in text.spans)


def reasons_of(withheld: Sequence[Withheld]) -> Mapping[str, int]:
    """How many texts were withheld, by reason."""
    return Counter(one.reason for one in withheld)
