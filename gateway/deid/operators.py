"""What becomes of one identifier, by method.

Law: a method that cannot be applied to a text redacts it; the only methods that can leave anything of it are
KEEP, and AGE90, YEAR and ZIP3, which leave what the law that they follow allows.
May import: domain words, errors, deid.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from gateway.deid.ages import at_most_89
from gateway.deid.choices import canonical
from gateway.deid.dates import shifted, tells_old_age, year_of
from gateway.deid.keys import keyed_digest
from gateway.deid.scope import Scope
from gateway.deid.zip3 import three_digits
from gateway.domain.deid import IdentifierType, Method
from gateway.errors import ConfigInvalid

PSEUDONYM_CHARACTERS = 13  # of base32: 65 bits


def replace(method: Method, text: str, kind: IdentifierType, scope: Scope) -> str:
    """The replacement of an identifier; white space around it stays.

    Raises ConfigInvalid DEID_KEY_MISSING where the method needs a key that the scope has not.
    """
    if method is Method.KEEP:
        return text
    core = text.strip()
    start = text.find(core)
    new = _METHODS[method](core, kind, scope)
    return text[:start] + (f"[{kind.value}]" if new is None else new) + text[start + len(core) :]


def _redact(text: str, kind: IdentifierType, scope: Scope) -> str | None:
    return None


def _surrogate(text: str, kind: IdentifierType, scope: Scope) -> str | None:
    _need(scope.keys.surrogate)
    return scope.surrogates.of(text, kind)


def _shift(text: str, kind: IdentifierType, scope: Scope) -> str | None:
    _need(scope.keys.shift)
    if kind is not IdentifierType.DATE or (scope.hides_old_age and tells_old_age(text, scope.reading)):
        return None
    return shifted(text, scope.days, scope.reading)


def _year(text: str, kind: IdentifierType, scope: Scope) -> str | None:
    return year_of(text, scope.reading) if kind is IdentifierType.DATE else None


def _zip3(text: str, kind: IdentifierType, scope: Scope) -> str | None:
    is_zip = kind is IdentifierType.ZIP
    return three_digits(text, scope.language, scope.record) if is_zip else None


def _age90(text: str, kind: IdentifierType, scope: Scope) -> str | None:
    return at_most_89(text) if kind is IdentifierType.AGE else None


def _pseudonym(text: str, kind: IdentifierType, scope: Scope) -> str | None:
    _need(scope.keys.pseudonym)
    digest = keyed_digest(scope.keys.pseudonym, (kind.value, canonical(text)))
    return f"{kind.value}-{base64.b32encode(digest).decode('ascii')[:PSEUDONYM_CHARACTERS]}"


def _token(text: str, kind: IdentifierType, scope: Scope) -> str | None:
    if scope.seal is None:
        raise _keyless()
    return scope.seal(kind, text)


def _need(key: bytes) -> None:
    if not key:
        raise _keyless()


def _keyless() -> ConfigInvalid:
    return ConfigInvalid("this method needs the site's key of de-identification", reason="DEID_KEY_MISSING")


_METHODS: Mapping[Method, Callable[[str, IdentifierType, Scope], str | None]] = {
    Method.REDACT: _redact,
    Method.SURROGATE: _surrogate,
    Method.SHIFT: _shift,
    Method.YEAR: _year,
    Method.ZIP3: _zip3,
    Method.AGE90: _age90,
    Method.PSEUDONYM: _pseudonym,
    Method.TOKEN: _token,
}
