"""The connection itself: only the site's CA, only the site's name, our certificate issued or pinned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest

from gateway.adapters import jwk, pki
from gateway.adapters.file_keys import SiteKeys, write_public, write_secret
from gateway.cli.output import Format
from gateway.client import Gateway
from gateway.client.gateway import ATTEMPTS
from gateway.errors import ServerUnavailable, SourceUnavailable
from gateway.v1 import query_pb2
from tests.unit.client.enrolled import ANSWER, Script, done, make_partner, run, serving

PLAIN_SQL = "SELECT age_band, COUNT(*) AS patients FROM encounters GROUP BY age_band"


def over_tls(keys: SiteKeys, roots: bytes) -> Callable[[grpc.Server], int]:
    """Bind as the site does: its certificate, and client certificates of these roots required."""
    pair = (keys.server_key_pem, keys.server_chain_pem)
    credentials = grpc.ssl_server_credentials([pair], roots, require_client_auth=True)
    return lambda server: server.add_secure_port("127.0.0.1:0", credentials)


def ask(port: int, folder: Path, *more: str) -> tuple[int, str, str]:
    return run(
        *("query", "--at", f"127.0.0.1:{port}", "--as", folder, "--agreement", "a-1"),
        *("--purpose", "HRESCH", "--sql", PLAIN_SQL, *more),
    )


@pytest.fixture
def keys(pair: tuple[Path, Path]) -> SiteKeys:
    return SiteKeys.load(pair[0] / "keys")


def test_an_enrolled_partner_gets_a_table(pair: tuple[Path, Path], keys: SiteKeys, script: Script) -> None:
    with serving(script, over_tls(keys, keys.ca_pem)) as port:
        code, out, err = ask(port, pair[1], "--request-id", "q-1")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["age_band", "patients", "stay", "[d]"]
    assert lines[2].split(maxsplit=1) == ["[0-10)", "1,234 [1,200, 1,268]   4.12 [3.90, 4.35]"]
    assert lines[3].split() == ["[10-20)", "suppressed", "suppressed"]
    for part in ("rho 0.00421 (epsilon 0.31", "2.10 % of the agreement's cap", "fresh", "e-9", "agreed "):
        assert part in out
    assert script.requests[0].request_id == "q-1"
    assert script.requests[0].spend.share == "1"


def test_other_formats_and_the_estimate(pair: tuple[Path, Path], keys: SiteKeys, script: Script) -> None:
    import csv
    import json

    with serving(script, over_tls(keys, keys.ca_pem)) as port:
        _, as_json, _ = ask(port, pair[1], "--format", Format.JSON, "--rho", "0.01")
        _, as_csv, _ = ask(port, pair[1], "--format", Format.CSV)
        _, estimate, _ = ask(port, pair[1], "--estimate", "--within", "20")
        _, estimate_json, _ = ask(port, pair[1], "--estimate", "--format", "json")
        at = ("--at", f"127.0.0.1:{port}", "--as", pair[1], "--agreement", "a-1", "--purpose", "HRESCH")
        _, budget, _ = run("budget", *at)
        _, budget_json, _ = run("budget", *at, "--format", "json")
    answer = json.loads(as_json)
    assert answer["rows"][1]["stay"]["suppressed"] is True and answer["entry"] == "e-9"
    header, first, second = list(csv.reader(as_csv.splitlines()))
    assert header[:4] == ["age_band", "patients", "patients_low", "patients_high"]
    assert (first[1], second[1]) == ("1234.0", "")
    assert "± 34" in estimate and "± 0.2 at n=100" in estimate and "payable  yes" in estimate
    assert "± 6.25 % at n=100" in estimate
    assert "WARNING  a patient may fall into 24 months" in estimate
    assert json.loads(estimate_json)["cells"] == 2
    assert json.loads(estimate_json)["warnings"] == ["a patient may fall into 24 months"]
    assert "unlimited" in budget and "2027-01-01" in budget
    assert json.loads(budget_json)["balances"][1]["cap"] is None


def test_shares_are_shown_in_percent(pair: tuple[Path, Path], keys: SiteKeys, script: Script) -> None:
    share = type(ANSWER).FromString(ANSWER.SerializeToString())
    share.columns[2].CopyFrom(
        query_pb2.Column(name="met", role=share.columns[2].role, kind=query_pb2.Measure.KIND_PROPORTION)
    )
    share.rows[0].figures[1].CopyFrom(query_pb2.Figure(value=0.2531, low=0.2011, high=0.3004, sigma=0.03))
    script.answer = share
    with serving(script, over_tls(keys, keys.ca_pem)) as port:
        _, table, _ = ask(port, pair[1])
        _, as_csv, _ = ask(port, pair[1], "--format", Format.CSV)
    assert "25.3 % [20.1, 30.0]" in table
    assert "suppressed" in table
    assert ",0.2531,0.2011,0.3004," in as_csv  # plain figures for machines


def test_what_is_assumed_goes_with_an_estimate(
    pair: tuple[Path, Path], keys: SiteKeys, script: Script
) -> None:
    with serving(script, over_tls(keys, keys.ca_pem)) as port:
        code, _, _ = ask(port, pair[1], "--estimate", "--assuming", "n=500", "--assuming", "at=27.5")
        assert code == 0
        assert (script.requests[0].assuming.n, script.requests[0].assuming.at) == (500, "27.5")
        _, out, err = ask(port, pair[1], "--estimate", "--format", Format.CSV)
        assert "warning: a patient may fall into 24 months" in err and "24 months" not in out
        for wrong in (["n=500"], ["--estimate", "n"], ["--estimate", "x=1"], ["--estimate", "at=y"]):
            *before, pair_given = wrong
            code, _, err = ask(port, pair[1], *before, "--assuming", pair_given)
            assert (code, "--assuming" in err) == (2, True)
        repeated = ("--assuming", "n=1", "--assuming", "n=2")
        assert ask(port, pair[1], "--estimate", *repeated)[0] == 2
    assert len(script.requests) == 2


def test_refusals_show_their_reason_and_exit_code(
    pair: tuple[Path, Path], keys: SiteKeys, script: Script
) -> None:
    from gateway.errors import BudgetExceeded, InvalidQuery, Violation

    fault = Violation(description="no such column: agee", line=1, column=8, suggestion="age_band?")
    script.failures = [
        InvalidQuery(violations=[fault]),
        BudgetExceeded("not enough is left", reason="AGREEMENT_BUDGET", entry="e-7\x1b[2J"),
    ]
    with serving(script, over_tls(keys, keys.ca_pem)) as port:
        code, out, err = ask(port, pair[1])
        assert (code, out) == (65, "")
        assert err.splitlines() == [
            "error QUERY_INVALID",
            "  line 1, column 8: no such column: agee (age_band?)",
        ]
        code, out, err = ask(port, pair[1])
        assert (code, out) == (75, "")
        assert err.splitlines()[0] == "error AGREEMENT_BUDGET: not enough is left"
        assert "\x1b" not in err and "e-7\\x1b[2J" in err
        assert ask(port, pair[1])[0] == 0


@pytest.mark.parametrize(("reason", "advised"), [("NO_SNAPSHOT", False), ("AUDIT_UNAVAILABLE", True)])
def test_asking_again_is_advised_only_where_it_may_help(
    pair: tuple[Path, Path], keys: SiteKeys, script: Script, reason: str, advised: bool
) -> None:
    script.failures = [SourceUnavailable(reason=reason)] * ATTEMPTS
    with serving(script, over_tls(keys, keys.ca_pem)) as port:
        code, out, err = ask(port, pair[1], "--request-id", "q-3")
    assert (code, out) == (69, "")
    assert f"error {reason}" in err
    assert ("--request-id q-3" in err) is advised


def test_a_server_of_another_ca_is_not_trusted(
    pair: tuple[Path, Path], keys: SiteKeys, script: Script
) -> None:
    now = datetime.now(UTC)
    foreign = pki.issue_server(pki.new_authority("north", now), "north", ["localhost"], now)
    other = SiteKeys(
        server_key_pem=foreign.key_pem,
        server_chain_pem=foreign.certificate_pem,
        ca_pem=keys.ca_pem,
        site_key=b"",
        bounding_key=b"",
    )
    with serving(script, over_tls(other, keys.ca_pem)) as port:
        code, _, err = ask(port, pair[1], "--request-id", "q-2")
    assert code == 69
    assert "error SERVER_UNAVAILABLE" in err and "--request-id q-2" in err
    assert not script.requests
    with serving(script, over_tls(keys, keys.ca_pem)) as port:
        assert ask(port, pair[1])[0] == 0


def test_a_server_without_the_sites_name_is_not_trusted(
    pair: tuple[Path, Path], keys: SiteKeys, script: Script
) -> None:
    authority = pki.Issued(key_pem=(pair[0] / "keys" / "ca.key").read_bytes(), certificate_pem=keys.ca_pem)
    for names, reached in ((["other.example", "127.0.0.1"], False), (["localhost"], True)):
        server = pki.issue_server(authority, "north", names, datetime.now(UTC))
        other = SiteKeys(
            server_key_pem=server.key_pem,
            server_chain_pem=server.certificate_pem,
            ca_pem=keys.ca_pem,
            site_key=b"",
            bounding_key=b"",
        )
        with (
            serving(script, over_tls(other, keys.ca_pem)) as port,
            Gateway(f"127.0.0.1:{port}", pair[1], agreement="a-1", purpose="HRESCH") as gateway,
        ):
            if reached:
                assert len(gateway.budget(timeout=5)) == 2
            else:
                with pytest.raises(ServerUnavailable):
                    gateway.budget(timeout=5)


def test_a_pinned_certificate_connects(
    pair: tuple[Path, Path], keys: SiteKeys, script: Script, tmp_path: Path
) -> None:
    own = pki.Issued(key_pem=jwk.new_key(), certificate_pem=b"")
    authority = pki.new_authority("own", datetime.now(UTC))
    certificate = pki.issue_client(
        authority, pki.new_request(own.key_pem, "clinic"), "clinic", datetime.now(UTC), 30
    )
    write_secret(tmp_path / "own.key", own.key_pem)
    write_public(tmp_path / "own.crt", certificate)
    more = ("--certificate", tmp_path / "own.crt", "--key", tmp_path / "own.key")
    bundle, spoken = make_partner(tmp_path / "clinic", "clinic", *more)
    reply, _ = done("partner", "enrol", bundle, "--site", pair[0], "--pin", "--fingerprint", spoken)
    done("partner", "accept", tmp_path / "clinic", reply, "--yes")
    for roots, expected in ((certificate, 0), (keys.ca_pem, 69)):
        with serving(script, over_tls(keys, roots)) as port:
            assert ask(port, tmp_path / "clinic")[0] == expected
