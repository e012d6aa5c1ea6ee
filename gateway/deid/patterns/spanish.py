"""Spanish forms: professional and social security numbers, telephones; names and places are beside.

Sources: Real Decreto 1993/1995 on the number of affiliation to Social Security (province, number, control digits);
Consejo General de Colegios Oficiales de Médicos on the number of membership.
Imports: Spanish names and places, rules.
"""

from __future__ import annotations

import re

from gateway.deid.patterns import spanish_names, spanish_places
from gateway.deid.patterns.rules import Family, Scan, at_words, rule

_MEMBER = rule(
    r"col(?:\.|egiad[oa])\s{0,2}(?:n\.?\s?[º°o]\.?\s?)?:?\s{0,2}(?P<LICENSE>[0-9](?:[0-9]|[ /.-](?=[0-9])){3,14})(?![0-9])",
    0.95,
    check=lambda m: sum(sign.isdigit() for sign in m["LICENSE"]) >= 5,
    flags=re.IGNORECASE,
)
_SOCIAL = rule(
    r"(?:seguridad social|nass|nuss|n\.?\s?s\.?\s?s\.?)\s{0,2}(?:n\.?\s?[º°o]\.?|núm\.?|número)?\s?:?\s{0,3}"
    r"(?P<NATIONAL_ID>[0-9]{2}[ /-]?[0-9]{7,8}[ /-]?[0-9]{2})(?![0-9])",
    0.97,
    flags=re.IGNORECASE,
)
_PHONE = rule(
    r"(?<![A-Za-z0-9_.,/-])(?P<PHONE>[679][0-9]{8})(?![A-Za-z0-9_]|[.,/-][0-9])", 0.7, digits=(9, 9)
)

FAMILIES = (
    spanish_names.NAMES,
    spanish_places.PLACES,
    Family(words=at_words(("col colegiado colegiada", _MEMBER), ("seguridad nass nuss n", _SOCIAL))),
)

IN_CAPITALS = (spanish_names.ONLY_IN_SPANISH,)
"""What also applies where capitals were guessed."""

ONLY_IN_SPANISH = (
    *IN_CAPITALS,
    spanish_names.THREE_CAPITALS,
    Family(
        numbers=(_PHONE,),
        scans=(Scan(lambda text: ", a " in text, spanish_places.DATED),),
    ),
)
"""What is too loose in a text of another language, as telephone numbers in one piece."""
