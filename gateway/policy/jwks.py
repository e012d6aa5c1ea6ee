"""One public key of a party (RFC 7517, 7518, 8037): which fields it has, and that it is one.

Law: one algorithm per key, named in the file; nothing secret is ever in a policy file; a key too weak or
not on its curve never compiles. Plain arithmetic: no cryptographic library.
May import: the standard library.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping

SECRET = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
COMMON = frozenset({"kty", "kid", "alg", "use"})
# Algorithm -> key type, curve, fields that hold numbers.
ALGORITHMS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "ES256": ("EC", "P-256", ("x", "y")),
    "ES384": ("EC", "P-384", ("x", "y")),
    "EdDSA": ("OKP", "Ed25519", ("x",)),
    "RS256": ("RSA", "", ("n", "e")),
    "PS256": ("RSA", "", ("n", "e")),
}
# Prime and b of y^2 = x^3 - 3x + b (FIPS 186-4, D.1.2.3 and D.1.2.4).
CURVES: Mapping[str, tuple[int, int, int]] = {
    "P-256": (
        32,
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    ),
    "P-384": (
        48,
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    ),
}
LEAST_RSA_BITS, MOST_RSA_BITS = 2048, 8192


def key_faults(key: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a JSON Web Key: (field or empty, description, suggestion)."""
    secret = sorted(SECRET & set(key))
    for name in secret:
        yield name, f"'{name}' is a part of a private or shared key", "destroy this key and make a new one"
    algorithm = ALGORITHMS.get(key.get("alg", ""))
    if not key.get("kid"):
        yield "", "a key must have a kid", ""
    if algorithm is None:
        names = ", ".join(ALGORITHMS)
        yield "alg" if "alg" in key else "", "a key names one algorithm in alg", f"one of: {names}"
        return
    kind, curve, numbers = algorithm
    wanted = {"kty": kind} | ({"crv": curve} if curve else {})
    for name, value in wanted.items():
        if key.get(name) != value:
            yield name if name in key else "", f"{name} must be {value} for {key['alg']}", ""
    if key.get("use", "sig") != "sig":
        yield "use", "use must be sig", ""
    for name in sorted(set(key) - COMMON - set(wanted) - set(numbers) - SECRET):
        yield name, f"'{name}' is not a field of this kind of key", ""
    if not secret:
        yield from _number_faults(key, kind, curve, numbers)


def _number_faults(
    key: Mapping[str, str], kind: str, curve: str, numbers: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    raw = {name: _decoded(key.get(name, "")) for name in numbers}
    unreadable = [name for name, value in raw.items() if not value]
    for name in unreadable:
        yield name if name in key else "", f"{name} must be base64url without padding", ""
    if unreadable:
        return
    if kind == "RSA":
        yield from _rsa_faults(raw)
    elif kind == "EC":
        if not _on_curve(curve, raw):
            yield "x", f"x and y are not a point of {curve}", "copy the key again"
    elif len(raw["x"]) != 32:
        yield "x", "x must be 32 bytes", "copy the key again"


def _rsa_faults(raw: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    modulus, exponent = int.from_bytes(raw["n"], "big"), int.from_bytes(raw["e"], "big")
    if not LEAST_RSA_BITS <= modulus.bit_length() <= MOST_RSA_BITS:
        yield "n", f"an RSA key has {LEAST_RSA_BITS} to {MOST_RSA_BITS} bits", "make a new key"
    if exponent < 65537 or exponent % 2 == 0 or exponent.bit_length() > 64:
        yield "e", "the exponent of an RSA key is 65537 or a larger odd number", "AQAB"


def _on_curve(curve: str, raw: Mapping[str, bytes]) -> bool:
    size, prime, b = CURVES[curve]
    x, y = int.from_bytes(raw["x"], "big"), int.from_bytes(raw["y"], "big")
    if len(raw["x"]) != size or len(raw["y"]) != size or max(x, y) >= prime:
        return False
    return (y * y - (x * x * x - 3 * x + b)) % prime == 0


def _decoded(text: str) -> bytes:
    """The bytes of base64url text (RFC 4648, section 5); empty where it is not exactly that."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    # One text per value: no padding, no stray bits in the last character.
    again = base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
    return raw if again == text else b""
