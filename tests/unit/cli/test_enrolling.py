"""Enrolment over time: what new keys keep, what the whole set says, what a partner comes to trust."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters import enrolment
from gateway.adapters.enrolment import Reply, fingerprint
from gateway.adapters.party_file import plain
from gateway.client import PartnerFolder
from gateway.yamlio import Plain, read
from tests.unit.cli.test_partner import change, own_certificate, party_file, refused
from tests.unit.client.enrolled import done, make_partner, run

OUTSIDE = ("--host", "gateway.example", "--listen", "0.0.0.0:8443")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "north"
    done("init", folder, "--site-id", "north", *OUTSIDE)
    return folder


def file_of(site: Path, name: str) -> Path:
    return site / "policies" / "parties" / f"{name}.yaml"


def enrol(site: Path, bundle: Path, *more: str) -> tuple[int, str, str]:
    return run("partner", "enrol", bundle, "--site", site, "--yes", *more)


def test_new_keys_keep_all_that_the_site_wrote(site: Path, tmp_path: Path) -> None:
    first, _ = make_partner(tmp_path / "1", "kept")
    second, _ = make_partner(tmp_path / "2", "kept")
    assert enrol(site, first)[0] == 0
    path = file_of(site, "kept")
    text = path.read_text("utf-8").replace("persons: []", "persons:\n  - dr-alice")
    text = text.replace("contacts: []", 'contacts: [desk one, "+49 1"]').replace("epsilon: 4", "epsilon: 0.5")
    path.write_text(text.replace('name: "The University"', "name: Universität"), "utf-8")
    before = party_file(site, "kept")
    code, _, err = enrol(site, second, "--replace")
    assert code == 0
    after = party_file(site, "kept")
    assert after["persons"] == ["dr-alice"]
    assert after["budget"] == {"epsilon": Decimal("0.5"), "delta": Decimal("1e-7"), "period": "year"}
    assert {name for name in after if after[name] != before[name]} == {"jwks"}  # the CA is the same
    assert list(after) == list(before)
    assert 'persons: ["dr-alice"]' in err and "epsilon: 0.5" in err


def test_a_file_that_cannot_be_kept_is_not_replaced(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "b", "broken")
    assert enrol(site, bundle)[0] == 0
    path, good = file_of(site, "broken"), file_of(site, "broken").read_text("utf-8")
    for spoilt in (good + "budget: {}\n", good.replace('party: "broken"', "party: other"), "persons: ["):
        path.write_text(spoilt, "utf-8")
        code, out, err = enrol(site, bundle, "--replace")
        assert (code in (65, 78), out, "error" in err) == (True, "", True)
        assert path.read_text("utf-8") == spoilt
    path.write_text(good, "utf-8")
    assert enrol(site, bundle, "--replace")[0] == 0


_VALUES: st.SearchStrategy[Plain] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.decimals(-1000, 1000, places=6)
    | st.text(st.characters(categories=("L", "N", "P", "S", "Zs", "Zl", "Zp")), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab:'{-", max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(_VALUES)
def test_what_is_kept_reads_as_before(value: Plain) -> None:
    assert read(f"x: {plain(value)}\n", "x.yaml").value == {"x": value}


def test_a_party_of_another_file_is_not_registered_twice(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "d", "double")
    assert enrol(site, bundle)[0] == 0
    for name in ("another.yaml", "zebra.yaml"):  # before and after ours: the later file bears the fault
        file_of(site, "double").rename(site / "policies/parties" / name)
        code, out, err = enrol(site, bundle)
        assert (code, out) == (65, "")
        assert "the party 'double' is defined in two files" in err
        assert not file_of(site, "double").exists()
        (site / "policies/parties" / name).rename(file_of(site, "double"))
    assert enrol(site, bundle, "--replace")[0] == 0


def test_one_certificate_is_not_two_parties(site: Path, tmp_path: Path) -> None:
    own = own_certificate(tmp_path, "pinned-one")
    one, _ = make_partner(tmp_path / "1", "pinned-one", *own)
    two, _ = make_partner(tmp_path / "2", "pinned-two", *own)
    assert enrol(site, one, "--pin")[0] == 0
    code, out, err = enrol(site, two, "--pin")
    assert (code, out) == (65, "")
    assert "has the same certificate identity" in err
    assert not file_of(site, "pinned-two").exists()
    assert not (tmp_path / "2/pinned-two-reply.json").exists()
    assert enrol(site, one, "--pin", "--replace")[0] == 0


def test_faults_of_others_are_only_warned_of(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "w", "warned")
    broken = file_of(site, "unfinished")
    broken.write_text("party: unfinished\n", "utf-8")
    try:
        code, _, err = enrol(site, bundle)
    finally:
        broken.unlink()
    assert code == 0
    assert "warning: the policies do not compile" in err and "unfinished.yaml:1:1" in err
    assert party_file(site, "warned")["party"] == "warned"


@pytest.mark.parametrize("name", ["site", "north"])
def test_a_party_is_not_called_as_the_site(site: Path, tmp_path: Path, name: str) -> None:
    bundle, _ = make_partner(tmp_path / "p", name)
    refused("PARTY_NAME_TAKEN", "partner", "enrol", bundle, "--site", site, "--yes")
    assert not file_of(site, name).exists()
    twin, _ = make_partner(tmp_path / "q", f"{name}-2")
    assert enrol(site, twin)[0] == 0


def test_nobody_is_registered_without_a_reply(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "r", "replyless")
    absent = str(tmp_path / "absent" / "reply.json")
    refused("CONFIG_INVALID", "partner", "enrol", bundle, "--site", site, "--yes", "--reply", absent)
    assert not file_of(site, "replyless").exists()
    assert enrol(site, bundle)[0] == 0


def test_loopback_names_are_given_only_where_there_are_no_others(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "n", "names")
    code, out, err = enrol(site, bundle)
    assert json.loads(Path(out.splitlines()[0]).read_bytes())["addresses"] == ["gateway.example:8443"]
    assert (code, "loopback" in err) == (0, False)
    done("init", tmp_path / "local", "--site-id", "local")
    code, out, err = enrol(tmp_path / "local", bundle)
    assert json.loads(Path(out.splitlines()[0]).read_bytes())["addresses"] == [
        *("localhost:8443", "127.0.0.1:8443")
    ]
    done("init", tmp_path / "closed", "--site-id", "closed", *OUTSIDE[:2])
    assert "`listen` in site.yaml is a loopback address" in enrol(tmp_path / "closed", bundle)[2]


def test_a_reply_nobody_compared_is_not_trusted(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "a", "asked")
    reply, said = done("partner", "enrol", bundle, "--site", site, "--yes")
    accept = ("partner", "accept", tmp_path / "a", reply)
    refused("FINGERPRINT_UNCONFIRMED", *accept)
    refused("FINGERPRINT_MISMATCH", *accept, "--yes", "--fingerprint", said[:-4])
    assert not (tmp_path / "a/sites").exists()
    done(*accept, "--fingerprint", said)


def test_a_trusted_site_is_replaced_only_on_request(site: Path, tmp_path: Path) -> None:
    bundle, _ = make_partner(tmp_path / "t", "trusting")
    reply, said = done("partner", "enrol", bundle, "--site", site, "--yes")
    done("partner", "accept", tmp_path / "t", reply, "--fingerprint", said)
    done("init", tmp_path / "false", "--site-id", "north", "--listen", "127.0.0.1:1")
    other, told = done("partner", "enrol", bundle, "--site", tmp_path / "false", "--yes")
    accept = ("partner", "accept", tmp_path / "t", other, "--fingerprint", told)
    refused("SITE_EXISTS", *accept)
    trusted = PartnerFolder.load(tmp_path / "t").sites["north"]
    assert trusted.ca_pem == (site / "keys/ca.crt").read_bytes()
    done(*accept, "--replace")
    trusted = PartnerFolder.load(tmp_path / "t").sites["north"]
    assert trusted.ca_pem == (tmp_path / "false/keys/ca.crt").read_bytes()


@pytest.mark.parametrize(
    "edit",
    [
        lambda c: c.update(addresses=[]),
        lambda c: c.update(addresses=[""]),
        lambda c: c.update(addresses=["gateway.example"]),
        lambda c: c.update(addresses=["gateway.example:8443", "a b:1"]),
        lambda c: c.update(server_name=""),
        lambda c: c.update(server_name="a b"),
        lambda c: c.update(certificate="nothing"),
    ],
)
def test_an_unfit_reply_leaves_nothing_behind(
    site: Path, tmp_path: Path, edit: Callable[[dict[str, Any]], object]
) -> None:
    bundle, _ = make_partner(tmp_path / "u", "unfit")
    reply = done("partner", "enrol", bundle, "--site", site, "--yes", "--replace")[0]
    changed = change(Path(reply), edit)
    refused("BUNDLE_INVALID", "partner", "accept", tmp_path / "u", changed, "--yes")
    assert not (tmp_path / "u/sites").exists()
    done("partner", "accept", tmp_path / "u", reply, "--yes")


def test_a_reply_is_read_back_as_written(site: Path) -> None:
    reply = Reply(
        site="north",
        party="p",
        site_ca=(site / "keys/ca.crt").read_text(),
        addresses=("[2001:db8::1]:8443", "gateway.example:8443"),
        server_name="2001:db8::1",
    )
    assert enrolment.read_reply(reply.canonical) == reply
    assert fingerprint(reply.canonical) == fingerprint(enrolment.read_reply(reply.canonical).canonical)
