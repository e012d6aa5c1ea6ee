from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.identity import Denied
from gateway.errors import LimitExceeded, Unauthenticated
from gateway.rpc import tokens
from gateway.rpc.tokens import Claims, TokenVerifier
from tests import pki

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SITE, THUMBPRINT = "site-a", "A" * 43
KEY = pki.new_key()
OTHER_KEY = pki.new_key()
NORTH = pki.party("north", keys=(pki.public_token_key("key-1", KEY),))
SOUTH = pki.party("south", keys=(pki.public_token_key("key-9", OTHER_KEY),))
GOOD = pki.claims(issuer="north", audience=SITE, thumbprint=THUMBPRINT, now=NOW)
T = GOOD["iat"]


def verify(token: str, **changes: Any) -> Claims:
    asked: dict[str, Any] = {"party": NORTH, "thumbprint": THUMBPRINT, "now": NOW, **changes}
    verifier: TokenVerifier = asked.pop("verifier", None) or TokenVerifier(SITE)
    return verifier.verify(token, **asked)


def reason(token: str, **changes: Any) -> str:
    with pytest.raises(Unauthenticated) as refused:
        verify(token, **changes)
    return refused.value.reason


def changed(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not None}


def test_a_good_token() -> None:
    claims = verify(pki.sign(changed(roles=["analyst", "lead"], extra={"any": 1}), KEY))
    assert claims == Claims(
        person="analyst-1", purpose="HRESCH", roles=frozenset({"analyst", "lead"}), jti="token-1"
    )


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "EdDSA", "RS256", "PS256"])
def test_each_algorithm_with_its_key(algorithm: str) -> None:
    private = pki.new_key(algorithm)
    party = replace(NORTH, token_keys={"key-1": pki.public_token_key("key-1", private, algorithm)})
    assert verify(pki.sign(GOOD, private, algorithm=algorithm), party=party).person == "analyst-1"


CLAIM_FAULTS = [
    ("TOKEN_ISSUER", {"iss": "south"}),
    ("TOKEN_ISSUER", {"iss": None}),
    ("TOKEN_ISSUER", {"iss": ["north"]}),
    ("TOKEN_AUDIENCE", {"aud": "site-b"}),
    ("TOKEN_AUDIENCE", {"aud": ["site-a"]}),
    ("TOKEN_AUDIENCE", {"aud": None}),
    ("TOKEN_EXPIRED", {"iat": T - 400, "exp": T - 100}),
    ("TOKEN_NOT_YET_VALID", {"iat": T + 61, "exp": T + 200}),
    ("TOKEN_NOT_YET_VALID", {"nbf": T + 61}),
    ("TOKEN_LIFETIME", {"exp": T + 301}),
    ("TOKEN_LIFETIME", {"exp": T + 3600 * 24 * 365 * 5000}),
    ("TOKEN_LIFETIME", {"exp": T}),
    ("TOKEN_LIFETIME", {"exp": T - 1}),
    ("TOKEN_CLAIM", {"exp": None}),
    ("TOKEN_CLAIM", {"exp": T + 100.5}),
    ("TOKEN_CLAIM", {"exp": str(T + 100)}),
    ("TOKEN_CLAIM", {"exp": True}),
    ("TOKEN_CLAIM", {"exp": 1 << 60}),
    ("TOKEN_CLAIM", {"iat": None}),
    ("TOKEN_CLAIM", {"iat": -1}),
    ("TOKEN_CLAIM", {"nbf": "soon"}),
    ("TOKEN_CLAIM", {"jti": None}),
    ("TOKEN_CLAIM", {"jti": ""}),
    ("TOKEN_CLAIM", {"jti": 7}),
    ("TOKEN_CLAIM", {"jti": "j" * 257}),
    ("TOKEN_CLAIM", {"sub": None}),
    ("TOKEN_CLAIM", {"sub": "line\nbreak"}),
    ("TOKEN_CLAIM", {"sub": "\ud800"}),
    ("TOKEN_CLAIM", {"roles": "analyst"}),
    ("TOKEN_CLAIM", {"roles": [1]}),
    ("TOKEN_CLAIM", {"roles": ["r"] * 33}),
    ("TOKEN_PURPOSE", {"purpose": None}),
    ("TOKEN_PURPOSE", {"purpose": "MARKETING"}),
    ("TOKEN_PURPOSE", {"purpose": ["HRESCH"]}),
    ("TOKEN_BINDING", {"cnf": None}),
    ("TOKEN_BINDING", {"cnf": {}}),
    ("TOKEN_BINDING", {"cnf": {"x5t#S256": "B" * 43}}),
    ("TOKEN_BINDING", {"cnf": {"x5t#S256": "\u00e9"}}),
    ("TOKEN_BINDING", {"cnf": THUMBPRINT}),
]


@pytest.mark.parametrize(("expected", "fault"), CLAIM_FAULTS)
def test_each_claim_is_strict(expected: str, fault: dict[str, Any]) -> None:
    assert verify(pki.sign(GOOD, KEY))
    assert reason(pki.sign(changed(**fault), KEY)) == expected


HEADER_FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("TOKEN_MALFORMED", {"typ": "JWT"}),
    ("TOKEN_MALFORMED", {"typ": None}),
    ("TOKEN_MALFORMED", {"jku": "https://keys.example/jwks"}),
    ("TOKEN_MALFORMED", {"x5u": "https://keys.example/x5c"}),
    ("TOKEN_MALFORMED", {"x5c": ["AAAA"]}),
    ("TOKEN_MALFORMED", {"jwk": pki.public_token_key("key-1", KEY).jwk}),
    ("TOKEN_MALFORMED", {"crit": ["exp"]}),
    ("TOKEN_MALFORMED", {"b64": False}),
    ("TOKEN_KEY_UNKNOWN", {"kid": "key-2"}),
    ("TOKEN_KEY_UNKNOWN", {"kid": None}),
    ("TOKEN_KEY_UNKNOWN", {"kid": ["key-1"]}),
    ("TOKEN_ALGORITHM", {"alg": None}),
    ("TOKEN_ALGORITHM", {"alg": "none"}),
    ("TOKEN_ALGORITHM", {"alg": "ES384"}),
]


@pytest.mark.parametrize(("expected", "fault"), HEADER_FAULTS)
def test_the_header_chooses_nothing(expected: str, fault: dict[str, Any]) -> None:
    assert verify(pki.sign(GOOD, KEY, header={"cty": "json"}))
    assert reason(pki.sign(GOOD, KEY, header=fault)) == expected


def test_no_algorithm_at_all() -> None:
    assert reason(pki.sign(GOOD, None, algorithm="none")) == "TOKEN_ALGORITHM"


def test_the_public_key_as_a_secret() -> None:
    forged = pki.sign(GOOD, pki.public_pem(KEY), algorithm="HS256")
    assert reason(forged) == "TOKEN_ALGORITHM"
    # Even where the party's file were to say so, a symmetric algorithm is never served.
    symmetric = replace(NORTH.token_keys["key-1"], algorithm="HS256")
    assert reason(forged, party=replace(NORTH, token_keys={"key-1": symmetric})) == "TOKEN_ALGORITHM"
    assert verify(pki.sign(GOOD, KEY))


def test_a_signature_by_another_key_or_none_or_over_another_payload() -> None:
    good = pki.sign(GOOD, KEY)
    head, body, signature = good.split(".")
    other = pki.sign(changed(sub="analyst-2"), KEY).split(".")[1]
    assert reason(pki.sign(GOOD, OTHER_KEY)) == "TOKEN_SIGNATURE"
    assert reason(f"{head}.{body}.") == "TOKEN_SIGNATURE"
    assert reason(f"{head}.{other}.{signature}") == "TOKEN_SIGNATURE"
    assert verify(f"{head}.{body}.{signature}")


def test_another_party_s_key_is_unknown_here() -> None:
    token = pki.sign(changed(iss="north"), OTHER_KEY, kid="key-9")
    assert reason(token) == "TOKEN_KEY_UNKNOWN"
    assert verify(pki.sign(changed(iss="south"), OTHER_KEY, kid="key-9"), party=SOUTH)


def test_a_registered_key_that_does_not_fit_its_algorithm() -> None:
    key = NORTH.token_keys["key-1"]
    for unfit in (
        replace(key, jwk={**key.jwk, "crv": "P-384"}),
        replace(key, jwk={**key.jwk, "x": "AA"}),
        replace(key, jwk={"kty": "oct", "k": "c2VjcmV0"}),
    ):
        assert reason(pki.sign(GOOD, KEY), party=replace(NORTH, token_keys={"key-1": unfit})) == (
            "TOKEN_KEY_UNKNOWN"
        )
    assert verify(pki.sign(GOOD, KEY))


def test_missing_and_long() -> None:
    fill = 4096 - len(pki.sign(changed(fill=""), KEY))
    longest = pki.sign(changed(fill="x" * (fill * 3 // 4)), KEY)
    assert 4090 <= len(longest) <= 4096
    assert verify(longest)
    assert reason(pki.sign(changed(fill="x" * (fill * 3 // 4 + 8)), KEY)) == "TOKEN_TOO_LONG"
    assert reason("x" * 1_000_000) == "TOKEN_TOO_LONG"
    assert reason("") == "TOKEN_MISSING"


@pytest.mark.parametrize(
    "payload",
    [
        json.dumps(GOOD)[:-1] + ', "sub": "analyst-2"}',
        json.dumps(GOOD)[:-1] + ', "cnf": {"x5t#S256": "A", "x5t#S256": "B"}}',
        json.dumps(GOOD)[:-1] + ', "extra": NaN}',
        "[" * 1500,
        "[]",
        '"text"',
        "",
        "{",
    ],
)
def test_payloads_with_more_than_one_reading(payload: str) -> None:
    assert verify(pki.sign(json.dumps(GOOD), KEY))
    assert reason(pki.sign(payload, KEY)) == "TOKEN_MALFORMED"


@pytest.mark.parametrize(
    "header",
    [
        '{"typ": "concordat+jwt", "alg": "ES256", "alg": "ES256", "kid": "key-1"}',
        "[" * 1500,
        "[]",
        "\x00",
    ],
)
def test_headers_with_more_than_one_reading(header: str) -> None:
    assert verify(pki.sign(GOOD, KEY, header='{"typ": "concordat+jwt", "alg": "ES256", "kid": "key-1"}'))
    assert reason(pki.sign(GOOD, KEY, header=header)) == "TOKEN_MALFORMED"


def test_leeway_is_a_minute_and_no_more() -> None:
    token = pki.sign(GOOD, KEY)
    assert verify(token, now=NOW + timedelta(seconds=359))
    assert reason(token, now=NOW + timedelta(seconds=360)) == "TOKEN_EXPIRED"
    assert verify(token, now=NOW - timedelta(seconds=60))
    assert reason(token, now=NOW - timedelta(seconds=61)) == "TOKEN_NOT_YET_VALID"


def test_persons_where_the_party_lists_them() -> None:
    token = pki.sign(GOOD, KEY)
    assert verify(token, party=replace(NORTH, persons=frozenset({"analyst-1"})))
    assert reason(token, party=replace(NORTH, persons=frozenset({"analyst-2"}))) == "TOKEN_PERSON"


@pytest.mark.parametrize("remembered", [False, True])
@pytest.mark.parametrize(
    "denied",
    [
        Denied(parties=frozenset({"north"})),
        Denied(certificates=frozenset({THUMBPRINT})),
        Denied(persons=frozenset({("north", "analyst-1")})),
        Denied(keys=frozenset({("north", "key-1")})),
        Denied(tokens=frozenset({("north", "token-1")})),
    ],
)
def test_denied_at_once(denied: Denied, remembered: bool) -> None:
    now_denied = [Denied(parties=frozenset({"south"}), tokens=frozenset({("south", "token-1")}))]
    verifier, token = TokenVerifier(SITE, denied=lambda: now_denied[0]), pki.sign(GOOD, KEY)
    if remembered:
        assert verify(token, verifier=verifier)
    now_denied[0] = denied
    assert reason(token, verifier=verifier) == "TOKEN_DENIED"
    # A stream may outlive its token: then, too, it is told that its access was switched off.
    assert reason(token, verifier=verifier, now=NOW + timedelta(seconds=360)) == "TOKEN_DENIED"
    now_denied[0] = Denied()
    assert verify(token, verifier=verifier)


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        ("TOKEN_EXPIRED", {"now": NOW + timedelta(seconds=360)}),
        ("TOKEN_NOT_YET_VALID", {"now": NOW - timedelta(seconds=61)}),
        ("TOKEN_BINDING", {"thumbprint": "B" * 43}),
        ("TOKEN_KEY_UNKNOWN", {"party": replace(NORTH, token_keys={})}),
        (
            "TOKEN_KEY_UNKNOWN",
            {"party": replace(NORTH, token_keys={"key-1": pki.public_token_key("key-1", OTHER_KEY)})},
        ),
        ("TOKEN_PERSON", {"party": replace(NORTH, persons=frozenset({"analyst-2"}))}),
        ("TOKEN_KEY_UNKNOWN", {"party": SOUTH}),
        ("TOKEN_ISSUER", {"party": replace(NORTH, id="south")}),
    ],
)
def test_a_remembered_token_is_checked_all_the_same(expected: str, changes: dict[str, Any]) -> None:
    verifier, token = TokenVerifier(SITE), pki.sign(GOOD, KEY)
    assert verify(token, verifier=verifier)
    assert reason(token, verifier=verifier, **changes) == expected
    # Another object with equal keys is what every new policy set holds.
    equal = replace(NORTH, token_keys={"key-1": pki.public_token_key("key-1", KEY)})
    assert verify(token, verifier=verifier, party=equal)


def test_a_used_jti_belongs_to_one_token() -> None:
    verifier = TokenVerifier(SITE)
    first, second = pki.sign(GOOD, KEY), pki.sign(changed(sub="analyst-2"), KEY)
    assert verify(first, verifier=verifier)
    assert verify(first, verifier=verifier)
    assert reason(second, verifier=verifier) == "TOKEN_REPLAYED"
    assert verify(pki.sign(changed(sub="analyst-2", jti="token-2"), KEY), verifier=verifier)
    # Another party has names of its own.
    assert verify(pki.sign(changed(iss="south"), OTHER_KEY, kid="key-9"), verifier=verifier, party=SOUTH)


def test_a_refused_token_uses_up_no_jti() -> None:
    verifier = TokenVerifier(SITE)
    assert reason(pki.sign(changed(aud="site-b"), KEY), verifier=verifier) == "TOKEN_AUDIENCE"
    assert reason(pki.sign(changed(iat=T - 400, exp=T - 100), KEY), verifier=verifier) == "TOKEN_EXPIRED"
    assert verify(pki.sign(GOOD, KEY), verifier=verifier)


def test_memory_is_bounded_by_expiry_and_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_MOST_LIVE_TOKENS", 3)
    verifier = TokenVerifier(SITE)
    for number in range(3):
        assert verify(pki.sign(changed(jti=f"t{number}"), KEY), verifier=verifier)
    with pytest.raises(LimitExceeded) as refused:
        verify(pki.sign(changed(jti="t3"), KEY), verifier=verifier)
    assert refused.value.reason == "TOO_MANY_TOKENS"
    later = NOW + timedelta(seconds=361)
    fresh = pki.claims(issuer="north", audience=SITE, thumbprint=THUMBPRINT, now=later, jti="t4")
    assert verify(pki.sign(fresh, KEY), verifier=verifier, now=later)
    assert (len(verifier._verified), len(verifier._used["north"]), len(verifier._ends)) == (1, 1, 1)


@given(
    st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}")
)
def test_any_text_is_refused_by_one_of_our_errors(token: str) -> None:
    assert reason(token).startswith("TOKEN_")


@pytest.mark.parametrize("character", ["\ud800", "\u00e9", "\n", " ", "="])
def test_characters_outside_the_alphabet(character: str) -> None:
    token = pki.sign(GOOD, KEY)
    assert verify(token)
    assert reason(token + character) == "TOKEN_MALFORMED"


@given(st.integers(0, 700), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_character_is_refused(at: int, character: str) -> None:
    verifier, token = TokenVerifier(SITE), pki.sign(GOOD, KEY)
    verify(token, verifier=verifier)  # so that a token that still verifies meets its own jti
    at %= len(token)
    if token[at] != character:
        assert reason(token[:at] + character + token[at + 1 :], verifier=verifier).startswith("TOKEN_")


def test_messages_repeat_nothing_of_the_token() -> None:
    for fault in ({"sub": "secret\nname"}, {"purpose": "SECRET"}, {"iss": "secret-party"}):
        with pytest.raises(Unauthenticated) as refused:
            verify(pki.sign(changed(**fault), KEY))
        assert "secret" not in refused.value.message.lower()


def test_a_remembered_token_is_quick() -> None:
    verifier, token = TokenVerifier(SITE), pki.sign(GOOD, KEY)
    verify(token, verifier=verifier)
    best = 1.0
    for _ in range(20):
        started = time.perf_counter()
        for _ in range(50):
            verifier.verify(token, NORTH, THUMBPRINT, NOW)
        best = min(best, (time.perf_counter() - started) / 50)
    assert best < 20e-6
