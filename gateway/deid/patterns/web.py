"""Addresses of machines: e-mail, URL, IP, and the hardware addresses and UUIDs that look alike.

Law: four small numbers with dots are a version unless something says address. Sources: RFC 5321 and 3986,
RFC 4291 (IPv6), IEEE 802 (MAC), RFC 9562 (UUID).
Imports: rules.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

from gateway.deid.patterns.rules import Family, Scan, at_words, before, rule

_I = re.IGNORECASE
_TLDS = (
    "com org net edu gov mil int info biz io co us uk ca au nz ie de fr es it pt nl be ch at se no dk fi "
    "pl cn hk tw jp"
    " kr in br mx ar cl pe eu health care clinic hospital doctor med app dev me tv cat example site online world group"
)
_ANY_TLD = "|".join(sorted(_TLDS.split(), key=len, reverse=True))
_SURE_TLDS = "com org net edu gov mil info biz io health clinic"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}"

_EMAIL = rule(
    rf"(?<![\w.+-])(?P<EMAIL>[\w+](?:[\w.!#$%&'*+/=?^`{{|}}~-]{{0,63}})(?:\s?@\s?(?=[A-Za-z0-9-]{{1,40}}\.)"
    rf"|@){_LABEL}(?:\.{_LABEL}){{0,6}})",
    0.97,
)
_HANDLE = rule(
    r"(?:twitter|instagram|insta|ig|facebook|snapchat|tiktok|handle|username|user|reddit|linkedin|telegram"
    r"|wechat|skype)\b[\s:(-]{0,4}(?:handle|name|id|is"
    r"|account)?[\s:]{0,3}(?P<ID>@[A-Za-z_][\w.]{2,30})",
    0.9,
    flags=_I,
)
_AT, _DOT = (
    r"\s?(?:\(at\)|\[at\]|\{at\}|<at>|\sat\s)\s?",
    r"\s?(?:\(dot\)|\[dot\]|\{dot\}|<dot>|\sdot\s|\.)\s?",
)
_SPOKEN_EMAIL = rule(
    rf"(?<![\w.])(?P<EMAIL>[A-Za-z0-9_+-]{{1,40}}(?:(?:\.|\sdot\s"
    rf"|\sunderscore\s)[A-Za-z0-9_+-]{{1,40}}){{0,3}}{_AT}(?:{_LABEL}{_DOT}){{1,3}}(?:{_ANY_TLD})\b"
    rf")",
    0.9,
    flags=_I,
)

_PATH = r"(?::[0-9]{2,5})?(?:[/?#][^\s<>\"')\]]{0,2000})?"
_SCHEME = rule(
    r"(?<![^\s(\[<>\"',;:=])(?P<URL>(?:https?|ftps?|sftp|file|ldap|mailto|tel)\s?:(?://|(?<=to:)"
    r"|(?<=tel:))[^\s<>\"')\]]{2,2000}(?<![.,;:!?]))",
    0.97,
    flags=_I,
)
_WWW = rule(r"(?<![^\s(\[<>\"',;:=])(?P<URL>www[.\s]\s?[^\s<>\"')\]]{2,2000}(?<![.,;:!?]))", 0.95, flags=_I)
_DOMAIN = rule(
    rf"(?<![\w@.-])(?P<URL>(?:{_LABEL}\.){{1,5}}[a-z]{{2,8}})",
    0.85,
    behind=True,
    flags=_I,
    tail=r"/[^\s<>\"')\]]{1,2000}(?<![.,;:!?])",
    check=lambda m: len(m["URL"]) > 5 and not re.match(r"[@\w]", m.string[m.end() : m.end() + 1]),
)
_DOMAIN_PATH = rule(
    rf"(?<![\w@.-])(?P<URL>(?:{_LABEL}\.){{1,5}}(?:{_ANY_TLD})/[^\s<>\"')\]]{{1,2000}}(?<![.,;:!?]))",
    0.9,
    flags=_I,
)

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IP4 = rule(
    rf"(?<![A-Za-z0-9_.])(?=[0-9]{{1,3}}\.[0-9]{{1,3}}\.)(?P<IP>{_OCTET}(?:\.{_OCTET}){{3}}(?:/[0-9]{{1,2}}"
    rf")?)(?![0-9]|\.[0-9])",
    0.9,
    check=lambda m: _an_address(m),
)
_VERSION = re.compile(
    r"(?:version|ver|v|firmware|software|release|build|fw|sw|section|chapter|§)[^a-z0-9]{0,3}\Z"
)
_SAYS_IP = re.compile(r"(?:^|[^a-z])(?:ip|ipv4|address|addr|host|server|from|at)[^a-z0-9]{0,3}\Z")
_HEX = rule(
    r"(?<![A-Za-z0-9:.-])(?:(?P<DEVICE>[0-9A-Fa-f]{2}(?P<s>[:-])(?:[0-9A-Fa-f]{2}(?P=s)){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})"
    r"|(?P<ID>[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})"
    r"|(?P<IP>(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?:%[a-z0-9]{1,8})?))(?![A-Za-z0-9:-])",
    0.95,
    check=lambda m: m["IP"] is None or _a_version_6(m["IP"]),
)
_HAS_HEX = re.compile(
    r"[0-9A-Fa-f]:[0-9A-Fa-f:]{2}|::|[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\."
)


def _an_address(match: re.Match[str]) -> bool:
    """An IPv4 address rather than a version or a section's number."""
    behind = before(match)
    if _VERSION.search(behind):
        return False
    small = all(len(part) == 1 for part in match["IP"].split("/")[0].split("."))
    return not small or _SAYS_IP.search(behind) is not None


def _a_version_6(address: str) -> bool:
    """An IPv6 address rather than a time of day or a ratio."""
    if "::" not in address and address.count(":") != 7:
        return False
    try:
        return len(IPv6Address(address).exploded) > 0 and any(c.isalnum() for c in address)
    except AddressValueError:
        return False


FAMILY = Family(
    words=at_words(
        ("http https ftp ftps sftp file ldap mailto tel", _SCHEME),
        ("www", _WWW),
        (_SURE_TLDS, _DOMAIN),
        (
            "twitter instagram insta ig facebook snapchat tiktok handle username user reddit linkedin "
            "telegram",
            _HANDLE,
        ),
    ),
    numbers=(_IP4,),
    scans=(
        Scan(lambda text: "@" in text, _EMAIL),
        Scan(lambda text: " at " in text.lower() and " dot " in text.lower(), _SPOKEN_EMAIL),
        Scan(
            lambda text: any(mark in text.lower() for mark in ("(at)", "[at]", "{at}", "<at>")), _SPOKEN_EMAIL
        ),
        Scan(
            lambda text: "/" in text and re.search(rf"(?i)\.(?:{_ANY_TLD})/", text) is not None, _DOMAIN_PATH
        ),
        Scan(lambda text: _HAS_HEX.search(text) is not None, _HEX),
    ),
)
