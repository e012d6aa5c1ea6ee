"""Enrolment in three steps, and what stops it: each refusal beside the same step that succeeds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters import enrolment, jwk, pki
from gateway.adapters.file_keys import write_public, write_secret
from gateway.adapters.party_file import party_yaml
from gateway.client import PartnerFolder
from gateway.errors import ConfigInvalid
from gateway.yamlio import read
from tests.unit.client.enrolled import done, make_partner, run


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "north"
    done("init", folder, "--site-id", "north", "--host", "gateway.example")
    return folder


def party_file(site: Path, party: str) -> Any:
    path = site / "policies" / "parties" / f"{party}.yaml"
    return read(path.read_bytes(), path.name).value


def change(bundle: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    """The bundle with something changed, written beside it in canonical form."""
    content = json.loads(bundle.read_bytes())
    edit(content)
    changed = bundle.with_name("changed.json")
    changed.write_bytes(enrolment._canonical(content))
    return changed


def refused(reason: str, *arguments: str | Path) -> str:
    code, out, err = run(*arguments)
    assert (code, out) == (78, ""), err
    assert f"error {reason}" in err
    assert "Traceback" not in err
    return err


def test_a_party_is_registered_as_the_policies_want_it(site: Path, tmp_path: Path) -> None:
    bundle, spoken = make_partner(tmp_path / "a", "alpha")
    reply, _ = done("partner", "enrol", bundle, "--site", site, "--fingerprint", spoken)
    party = party_file(site, "alpha")
    assert list(party) == [
        *("party", "name", "organisation", "certificate", "jwks", "persons", "contacts", "budget")
    ]
    assert party["certificate"]["issuer"].encode() == (site / "keys/ca.crt").read_bytes()
    assert party["certificate"]["san"] == "urn:concordat:party:alpha"
    (key,) = party["jwks"]["keys"]
    assert set(key) == {"kty", "crv", "kid", "alg", "use", "x", "y"}
    assert (str(party["budget"]["epsilon"]), float(party["budget"]["delta"])) == ("4", 1e-7)
    answer = json.loads(Path(reply).read_bytes())
    assert answer["addresses"] == ["gateway.example:8443"]
    assert (answer["server_name"], answer["site"]) == ("gateway.example", "north")
    assert Path(reply).name == "alpha-reply.json"


def test_the_whole_set_compiles_after_enrolment(site: Path, tmp_path: Path) -> None:
    from gateway.compile import compile_policies

    bundle, spoken = make_partner(tmp_path / "u", "university")
    done("partner", "enrol", bundle, "--site", site, "--fingerprint", spoken)
    policies = site / "policies"
    files = {str(path.relative_to(policies)): path.read_bytes() for path in policies.rglob("*.yaml")}
    compiled = compile_policies(files, site="north", generation=1)
    assert "university" in compiled.parties


def test_private_keys_stay_with_the_partner(site: Path, tmp_path: Path) -> None:
    bundle, spoken = make_partner(tmp_path / "p", "private")
    reply, _ = done("partner", "enrol", bundle, "--site", site, "--fingerprint", spoken)
    for path in (bundle, Path(reply), site / "policies/parties/private.yaml"):
        assert "PRIVATE" not in path.read_text() and '"d"' not in path.read_text()
    for name in ("tls.key", "token.key"):
        assert (tmp_path / "p" / name).stat().st_mode & 0o777 == 0o600


def test_the_fingerprint_must_be_that_of_the_bundle(site: Path, tmp_path: Path) -> None:
    bundle, spoken = make_partner(tmp_path / "f", "finger")
    other = spoken[:-1] + ("0" if spoken[-1] != "0" else "1")
    refused("FINGERPRINT_MISMATCH", "partner", "enrol", bundle, "--site", site, "--fingerprint", other)
    refused("FINGERPRINT_MISMATCH", "partner", "enrol", bundle, "--site", site, "--fingerprint", spoken[:-5])
    assert not (site / "policies/parties/finger.yaml").exists()
    heard = spoken.upper().replace(" ", "-")
    done("partner", "enrol", bundle, "--site", site, "--fingerprint", heard)


def test_a_fingerprint_nobody_compared_is_refused(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "y", "yes")
    refused("FINGERPRINT_UNCONFIRMED", "partner", "enrol", bundle, "--site", site)
    done("partner", "enrol", bundle, "--site", site, "--yes")


def test_another_key_in_the_bundle_changes_the_fingerprint(site: Path, tmp_path: Path) -> None:
    bundle, spoken = make_partner(tmp_path / "k", "keyswap")
    foreign = jwk.token_jwk(jwk.new_key())
    changed = change(bundle, lambda content: content["jwks"].update(keys=[foreign]))
    refused("FINGERPRINT_MISMATCH", "partner", "enrol", changed, "--site", site, "--fingerprint", spoken)
    done("partner", "enrol", bundle, "--site", site, "--fingerprint", spoken)


def test_a_tampered_request_is_refused(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "t", "tampered")
    foreign = pki.new_request(jwk.new_key(), "other").decode()

    def splice(content: dict[str, Any]) -> None:
        # The signature of another request under this one's content.
        content["csr"] = "\n".join([*content["csr"].split("\n")[:-4], *foreign.split("\n")[-4:]])

    assert "error" in run("partner", "enrol", change(bundle, splice), "--site", site, "--yes")[2]
    refused(
        "BUNDLE_INVALID",
        *("partner", "enrol", change(bundle, lambda c: c.update(csr=foreign)), "--site", site, "--yes"),
    )
    assert not (site / "policies/parties/tampered.yaml").exists()
    done("partner", "enrol", bundle, "--site", site, "--yes")


@pytest.mark.parametrize(
    ("reason", "edit"),
    [
        ("NAME_INVALID", lambda c: c.update(party="../../x")),
        ("NAME_INVALID", lambda c: c.update(name="line\nbreak")),
        ("BUNDLE_INVALID", lambda c: c.update(name="half \ud800 pair")),
        ("BUNDLE_INVALID", lambda c: c.update(name="right\u202eleft")),
        ("NAME_INVALID", lambda c: c.update(organisation="no uri")),
        ("BUNDLE_INVALID", lambda c: c.update(extra="1")),
        ("BUNDLE_INVALID", lambda c: c.update(v=2)),
        ("BUNDLE_INVALID", lambda c: c.pop("csr")),
        ("BUNDLE_INVALID", lambda c: c.update(csr="nothing")),
        ("BUNDLE_INVALID", lambda c: c["jwks"].update(keys=[])),
        ("BUNDLE_INVALID", lambda c: c["jwks"]["keys"][0].update(d="AAAA")),
        ("BUNDLE_INVALID", lambda c: c["jwks"]["keys"][0].update(alg="HS256")),
        ("BUNDLE_INVALID", lambda c: c["jwks"]["keys"][0].update(kid="mine")),
        ("BUNDLE_INVALID", lambda c: c["jwks"]["keys"][0].update(x="AAAA")),
        ("BUNDLE_INVALID", lambda c: c["jwks"].update(keys=c["jwks"]["keys"] * 2)),
        ("BUNDLE_INVALID", lambda c: c["jwks"].update(keys=[7])),
    ],
)
def test_a_malformed_bundle_is_refused(
    site: Path, tmp_path: Path, reason: str, edit: Callable[[dict[str, Any]], object]
) -> None:
    bundle, _ = make_partner(tmp_path / "m", "malformed")
    refused(reason, "partner", "enrol", change(bundle, edit), "--site", site, "--yes")
    twin = change(bundle, lambda content: content.update(name="The Ünïversity"))
    done("partner", "enrol", twin, "--site", site, "--yes", "--replace")
    assert party_file(site, "malformed")["name"] == "The Ünïversity"


@given(
    st.binary(max_size=400)
    | st.recursive(st.none() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)).map(
        lambda v: json.dumps(v).encode()
    )
)
def test_garbage_is_one_of_our_errors(content: bytes) -> None:
    for parse in (enrolment.read_bundle, enrolment.read_reply):
        with pytest.raises(ConfigInvalid) as caught:
            parse(content)
        assert caught.value.reason == "BUNDLE_INVALID"


@given(st.text(min_size=1, max_size=200))
def test_any_printable_name_is_read_back_from_the_yaml(name: str) -> None:
    bundle = enrolment.Bundle(party="p", name=name, organisation="urn:x:1", csr=CSR.decode(), keys=(PUBLIC,))
    try:
        enrolment.check_bundle(bundle)
    except ConfigInvalid as error:
        assert error.reason == "NAME_INVALID" and not name.isprintable()
        return
    value = read(party_yaml(bundle, issuer_pem=b"PEM\n"), "p.yaml").value
    assert isinstance(value, dict) and value["name"] == name
    assert enrolment.read_bundle(bundle.canonical) == bundle


CSR = pki.new_request(jwk.new_key(), "p")
PUBLIC = jwk.token_jwk(jwk.new_key())


def test_an_enrolled_party_is_replaced_only_on_request(site: Path, tmp_path: Path) -> None:
    first, _ = make_partner(tmp_path / "1", "twice")
    second, _ = make_partner(tmp_path / "2", "twice")
    done("partner", "enrol", first, "--site", site, "--yes")
    before = party_file(site, "twice")
    refused("PARTY_EXISTS", "partner", "enrol", second, "--site", site, "--yes")
    assert party_file(site, "twice") == before
    done("partner", "enrol", second, "--site", site, "--yes", "--replace")
    assert party_file(site, "twice") != before


def own_certificate(folder: Path, party: str) -> tuple[str | Path, ...]:
    from datetime import UTC, datetime

    key, now = jwk.new_key(), datetime.now(UTC)
    certificate = pki.issue_client(pki.new_authority("own", now), pki.new_request(key, party), party, now, 30)
    write_secret(folder / "own.key", key)
    write_public(folder / "own.crt", certificate)
    return ("--certificate", folder / "own.crt", "--key", folder / "own.key")


def test_an_own_certificate_is_pinned_only_where_the_site_says_so(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "o", "owner", *own_certificate(tmp_path, "owner"))
    refused("PIN_REQUIRED", "partner", "enrol", bundle, "--site", site, "--yes")
    reply, _ = done("partner", "enrol", bundle, "--site", site, "--yes", "--pin")
    (pinned,) = party_file(site, "owner")["certificate"]["pinned"]
    assert pinned["certificate"].encode() == (tmp_path / "own.crt").read_bytes()
    assert pinned["key"] == pki.key_digest((tmp_path / "own.crt").read_bytes())
    done("partner", "accept", tmp_path / "o", reply, "--yes")
    assert (
        PartnerFolder.load(tmp_path / "o").trust("x:1").certificate_pem == (tmp_path / "own.crt").read_bytes()
    )


def test_there_is_nothing_to_pin_in_a_request(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "n", "nopin")
    refused("NOTHING_TO_PIN", "partner", "enrol", bundle, "--site", site, "--yes", "--pin")
    done("partner", "enrol", bundle, "--site", site, "--yes")


def test_an_own_certificate_must_be_for_its_key(tmp_path: Path) -> None:
    own = own_certificate(tmp_path, "mismatch")
    write_secret(tmp_path / "other.key", jwk.new_key())
    names = ("--party", "mismatch", "--name", "The University", "--organisation", "urn:oid:1.2.3")
    wrong = (*own[:3], tmp_path / "other.key")
    refused("CERTIFICATE_KEY_MISMATCH", "partner", "init", tmp_path / "x", *names, *wrong)
    assert not (tmp_path / "x").exists()
    done("partner", "init", tmp_path / "x", *names, *own)


def test_a_partner_folder_is_never_overwritten(tmp_path: Path) -> None:
    make_partner(tmp_path / "p")
    before = (tmp_path / "p/tls.key").read_bytes()
    names = ("--party", "university", "--name", "x", "--organisation", "urn:oid:1.2.3")
    refused("FOLDER_NOT_EMPTY", "partner", "init", tmp_path / "p", *names)
    assert (tmp_path / "p/tls.key").read_bytes() == before
    done("partner", "init", tmp_path / "q", *names)


def test_a_reply_for_another_key_or_party_is_refused(site: Path, tmp_path: Path) -> None:
    mine, _ = make_partner(tmp_path / "mine", "accepting")
    theirs, _ = make_partner(tmp_path / "theirs", "accepting")
    other, _ = make_partner(tmp_path / "other", "another")
    my_reply, said = done("partner", "enrol", mine, "--site", site, "--yes")
    their_reply, _ = done("partner", "enrol", theirs, "--site", site, "--yes", "--replace")
    other_reply, _ = done("partner", "enrol", other, "--site", site, "--yes")
    refused("CERTIFICATE_KEY_MISMATCH", "partner", "accept", tmp_path / "mine", their_reply, "--yes")
    refused("PARTY_MISMATCH", "partner", "accept", tmp_path / "mine", other_reply, "--yes")
    wrong = "0000 " + said[5:] if not said.startswith("0000") else "1111 " + said[5:]
    refused("FINGERPRINT_MISMATCH", "partner", "accept", tmp_path / "mine", my_reply, "--fingerprint", wrong)
    assert not (tmp_path / "mine/sites").exists()
    done("partner", "accept", tmp_path / "mine", my_reply, "--fingerprint", said)
    assert PartnerFolder.load(tmp_path / "mine").sites["north"].server_name == "gateway.example"


def test_a_certificate_of_another_ca_is_refused(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "c", "foreign-ca")
    reply, _ = done("partner", "enrol", bundle, "--site", site, "--yes")
    done("init", tmp_path / "other", "--site-id", "north")
    ca = (tmp_path / "other/keys/ca.crt").read_text()
    swapped = change(Path(reply), lambda content: content.update(site_ca=ca))
    refused("CERTIFICATE_UNKNOWN", "partner", "accept", tmp_path / "c", swapped, "--yes")
    done("partner", "accept", tmp_path / "c", reply, "--yes")


@pytest.mark.parametrize("name", ["tls.key", "token.key"])
def test_a_partner_key_that_others_can_read_is_refused(site: Path, tmp_path: Path, name: str) -> None:
    bundle, _ = make_partner(tmp_path / "l", "loose")
    reply, _ = done("partner", "enrol", bundle, "--site", site, "--yes", "--replace")
    done("partner", "accept", tmp_path / "l", reply, "--yes")
    PartnerFolder.load(tmp_path / "l")
    (tmp_path / "l" / name).chmod(0o640)
    with pytest.raises(ConfigInvalid) as caught:
        PartnerFolder.load(tmp_path / "l")
    assert caught.value.reason == "CONFIG_INVALID"


def test_a_site_ca_key_that_others_can_read_is_refused(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "s", "loose-site")
    (site / "keys/ca.key").chmod(0o644)
    try:
        refused("CONFIG_INVALID", "partner", "enrol", bundle, "--site", site, "--yes")
    finally:
        (site / "keys/ca.key").chmod(0o600)
    done("partner", "enrol", bundle, "--site", site, "--yes")


def test_two_sites_are_told_apart_by_address_or_name(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "two", "two-sites")
    with pytest.raises(ConfigInvalid) as nowhere:
        PartnerFolder.load(tmp_path / "two")
    assert nowhere.value.reason == "NOT_ENROLLED"
    done("init", tmp_path / "south", "--site-id", "south", "--listen", "127.0.0.1:9443")
    for place in (site, tmp_path / "south"):
        reply, _ = done("partner", "enrol", bundle, "--site", place, "--yes")
        done("partner", "accept", tmp_path / "two", reply, "--yes")
    folder = PartnerFolder.load(tmp_path / "two")
    assert folder.trust("localhost:9443").site == "south"
    assert folder.trust("anywhere:1", "north").site == "north"
    with pytest.raises(ConfigInvalid) as ambiguous:
        folder.trust("anywhere:1")
    assert ambiguous.value.reason == "SITE_AMBIGUOUS"
    with pytest.raises(ConfigInvalid) as unknown:
        folder.trust("anywhere:1", "west")
    assert unknown.value.reason == "NOT_ENROLLED"
