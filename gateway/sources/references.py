"""References between FHIR resources, and the ids in them.

Law: a reference names an id or nothing, whatever it holds; the server's address and a version count for
nothing. Imports: the standard library only. Source: HL7 FHIR R4, References (2.3.0) and datatype id.
"""

from __future__ import annotations

import re

ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_TYPED = re.compile(
    r"(?:[^#?]*/)?([A-Z][A-Za-z]{1,63})/([A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?"
)
_URN = re.compile(r"urn:(?:uuid|oid):([A-Za-z0-9.-]{1,64})")
LONGEST = 2000


def reference_key(reference: object, type: str) -> str | None:
    """The id that a reference's text names, if it can be one of this type; of any type where it is empty.

    `Patient/7`, `https://host/fhir/Patient/7/_history/2` and `urn:uuid:...` name one. A contained
    resource (`#p`), a search (`Patient?...`) and another type do not.
    """
    if not isinstance(reference, str) or len(reference) > LONGEST:
        return None
    typed = _TYPED.fullmatch(reference)
    if typed is not None:
        return typed.group(2) if type in ("", typed.group(1)) else None
    urn = _URN.fullmatch(reference)
    return urn.group(1) if urn is not None else None
