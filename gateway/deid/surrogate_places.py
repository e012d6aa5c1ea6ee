"""Surrogates of places, streets, institutions and addresses on the internet, in the script of the original.

Law: what kind of thing it is stays (County, Hospital, 路), everything that names it goes; house numbers keep
their number of digits. Hosts are reserved ones that belong to nobody: RFC 2606, RFC 5737, RFC 3849.
May import: the standard library, domain words, deid.
"""

from __future__ import annotations

import re

from gateway.deid import surrogate_names as names
from gateway.deid import surrogate_words as words
from gateway.deid.choices import Choices, canonical
from gateway.deid.draws import Draws
from gateway.deid.words import fold

_HAN = re.compile(r"[\u3400-\u9fff]")
_NUMBER = re.compile(r"\d+")
_UNIT = re.compile(
    rf"\b({'|'.join(re.escape(word) for word in sorted(words.EN_UNITS | words.ES_UNITS))})\b\.?\s*#?\s*"
    r"(\d{1,6}[a-z]?|[a-z]\b)",
    re.IGNORECASE,
)
_PO_BOX = re.compile(
    r"\s*(?:p\.?\s?o\.?\s?box|apartado(?: de correos)?|apdo\.?)\s*(\d{1,8})\s*", re.IGNORECASE
)
_ZH_KIND = re.compile(rf"({words.ZH_INSTITUTION})$")
_ZH_STREET = re.compile(rf"({'|'.join(words.ZH_STREET_TYPES)})")
_SCHEME = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
MOST_TYPE_WORDS = 4
MOST_ABBREVIATED = 5


def location(text: str, choices: Choices) -> str | None:
    """A place of the same kind: `Boston` -> `Alderford`, `Suffolk County` -> `Wrenbrook County`."""
    if _HAN.search(text):
        place = _place(text, choices, "zh")
        kind = text[-1] if text[-1] in words.ZH_PLACE_TYPES and len(text) > 2 else ""
        return place and place + kind
    place = _place(text, choices, choices.language)
    kinds = _generic_end(text.split(","), words.EN_PLACE_TYPES)
    return place and _cased(" ".join([place, *kinds]), text)


def organization(text: str, choices: Choices) -> str | None:
    """An institution of the same kind: `Mercy General Hospital` -> `Fernwick General Hospital`."""
    if _HAN.search(text):
        place = _place(text, choices, "zh")
        kind = _ZH_KIND.search(text[-40:])
        return place and place + (kind[1] if kind else "公司")
    spanish = choices.language == "es"
    place = _place(text, choices, "es" if spanish else "en")
    if place is None:
        return None
    first = _generic_start(text, words.ES_INSTITUTION if spanish else words.EN_INSTITUTION)
    last = [] if spanish else _generic_end([text], words.EN_INSTITUTION)
    while spanish and first and first[-1].casefold() in words.ES_ARTICLES:
        first.pop()
    return _cased(" ".join([place, *last] if last else [*first, place]), text)


def street(text: str, choices: Choices) -> str | None:
    """A street address of the same form: `12 Oak St, Apt 4` -> `87 Larkfield St, Apt 9`."""
    box = _PO_BOX.fullmatch(text)
    if box is not None:
        return text[: box.start(1)] + _house(text, choices) + text[box.end(1) :]
    if _HAN.search(text):
        return _zh_street(text, choices)
    return _es_street(text, choices) if choices.language == "es" else _en_street(text, choices)


def email(text: str, choices: Choices) -> str | None:
    """An address at a reserved domain (RFC 2606, section 3)."""
    spanish = choices.language == "es"
    given = names.ES_GIVEN_FEMALE + names.ES_GIVEN_MALE if spanish else names.GIVEN_FEMALE + names.GIVEN_MALE
    family = names.ES_FAMILY if spanish else names.FAMILY

    def made(draws: Draws) -> str:
        name = f"{draws.of(given)}.{draws.of(family)}"
        return f"{fold(name)}@example.{draws.of(('org', 'com', 'net'))}"

    return choices.chosen("email", canonical(text), made, reserved=True)


def url(text: str, choices: Choices) -> str | None:
    """An address at a reserved host, with the scheme of the original."""
    scheme = _SCHEME.match(text)
    head = scheme[0].lower() if scheme else ""

    def made(draws: Draws) -> str:
        return "".join(draws.of("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(8))

    page = choices.chosen("url", canonical(text), made, reserved=True)
    return page and f"{head}www.example.org/{page}"


def ip(text: str, choices: Choices) -> str | None:
    """An address that is reserved for documentation (RFC 5737, section 3; RFC 3849, section 2)."""

    def four(draws: Draws) -> str:
        return f"{draws.of(('192.0.2', '198.51.100', '203.0.113'))}.{1 + draws.below(254)}"

    def six(draws: Draws) -> str:
        return f"2001:db8::{draws.below(1 << 16):x}:{draws.below(1 << 16):x}"

    made = six if text.count(":") > 1 else four
    return choices.chosen("ip", text.casefold(), made, reserved=True)


def _place(text: str, choices: Choices, language: str) -> str | None:
    heads, tails, between = {
        "es": (words.ES_PLACE_HEADS, words.ES_PLACE_TAILS, " "),
        "zh": (words.ZH_PLACE_HEADS, words.ZH_PLACE_TAILS, ""),
    }.get(language, (words.EN_PLACE_HEADS, words.EN_PLACE_TAILS, ""))
    return choices.chosen("place", canonical(text), lambda draws: draws.of(heads) + between + draws.of(tails))


def _en_street(text: str, choices: Choices) -> str | None:
    body, unit = _without_unit(text, choices)
    name = _place(body, choices, "en")
    kinds = _generic_end([body.split(",")[0]], words.EN_STREET_TYPES)[-1:]
    number = _house(body, choices)
    return (
        name
        and _cased(" ".join(part for part in (number, name, *(kinds or ["Street"])) if part), text) + unit
    )


def _es_street(text: str, choices: Choices) -> str | None:
    body, unit = _without_unit(text, choices)
    kinds = _generic_start(body, words.ES_STREET_TYPES)[:1] or ["Calle"]
    name = choices.chosen("calle", canonical(body), lambda draws: draws.of(words.ES_STREET_NAMES))
    number = _house(body, choices)
    return name and _cased(f"{kinds[0]} {name}", text) + (f", {number}" if number else "") + unit


def _zh_street(text: str, choices: Choices) -> str | None:
    kinds = _ZH_STREET.findall(text)
    place = _place(text, choices, "zh")
    number = _house(text, choices)
    return place and place + (kinds[-1] if kinds else "路") + (f"{number}号" if number else "")


def _without_unit(text: str, choices: Choices) -> tuple[str, str]:
    """The address before its apartment, and a surrogate of that."""
    found = _UNIT.search(text)
    if found is None:
        return text, ""
    number = 1 + choices.draws("unit", canonical(text)).below(98)
    joint = ", " if "," in text[max(0, found.start() - 2) : found.start()] else " "
    return text[: found.start()].rstrip(" ,"), f"{joint}{found[1]} {number}"


def _house(text: str, choices: Choices) -> str:
    """A house number with as many digits as the first of the original; empty without one."""
    found = _NUMBER.search(text)
    if found is None:
        return ""
    draws = choices.draws("house", canonical(text))
    number = _digits(found[0], draws)
    return number if number != found[0] else _digits(found[0], draws)


def _digits(like: str, draws: Draws) -> str:
    return str(1 + draws.below(9)) + "".join(str(draws.below(10)) for _ in like[1:])


def _generic_end(parts: list[str], generic: frozenset[str]) -> list[str]:
    """The last generic words of the first part."""
    found: list[str] = []
    for word in reversed(parts[0].replace(".", "").split()[-MOST_TYPE_WORDS:]):
        if word.casefold().strip(",;") not in generic:
            break
        found.insert(0, word.strip(",;"))
    while found and found[0].casefold() in ("of", "the", "and", "for", "at", "in"):
        found.pop(0)
    return found


def _generic_start(text: str, generic: frozenset[str]) -> list[str]:
    found: list[str] = []
    for word in text.split()[:MOST_TYPE_WORDS]:
        if word.casefold().strip(",;.") not in generic:
            break
        found.append(word.strip(",;"))
    return found


def _cased(text: str, like: str) -> str:
    if like.isupper():  # an abbreviation becomes a word
        return text.upper() if len(like) > MOST_ABBREVIATED else text
    return text.lower() if like.islower() else text
