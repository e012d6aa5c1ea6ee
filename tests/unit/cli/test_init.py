"""`gateway init`: a site folder that serves as it is, closed to others, and never made twice."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from gateway import config
from gateway.adapters import pki
from gateway.adapters.file_keys import SiteKeys
from gateway.yamlio import read
from tests.unit.client.enrolled import done, run


@pytest.fixture
def site(tmp_path: Path) -> Path:
    done("init", tmp_path / "site", "--site-id", "north", "--host", "gateway.example", "--person", "alpha")
    return tmp_path / "site"


def values(path: Path) -> Any:
    return read(path.read_bytes(), path.name).value


def test_the_settings_are_read_by_the_gateway(site: Path) -> None:
    settings = config.load(site)
    assert (settings.site, settings.listen, settings.health) == ("north", "127.0.0.1:8443", "127.0.0.1:8081")
    assert settings.names == ["gateway.example", "localhost", "127.0.0.1"]
    assert settings.socket == "run/site.sock"


def test_keys_and_data_are_closed_to_others(site: Path) -> None:
    for folder in ("keys", "data", "data/.spill", "journal", "run", "heads"):
        assert (site / folder).stat().st_mode & 0o777 == 0o700
    secrets = {path.name for path in (site / "keys").glob("*.key")}
    assert secrets == {"ca.key", "server.key", "site.key", "bounding.key", "deid.key", "person.key"}
    for name in secrets:
        assert (site / "keys" / name).stat().st_mode & 0o777 == 0o600


def test_the_umask_opens_nothing(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        done("init", tmp_path / "site", "--site-id", "north")
    finally:
        os.umask(before)
    assert (tmp_path / "site/keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "site/keys/site.key").stat().st_mode & 0o777 == 0o600


def test_the_keys_fit_one_another_and_differ_from_site_to_site(site: Path, tmp_path: Path) -> None:
    keys = SiteKeys.load(site / "keys")
    assert pki.is_pair(keys.server_chain_pem, keys.server_key_pem)
    assert pki.issued_by(keys.server_chain_pem, keys.ca_pem)
    assert keys.site_key != keys.bounding_key
    done("init", tmp_path / "other", "--site-id", "north")
    other = SiteKeys.load(tmp_path / "other" / "keys")
    assert len({k for of in (keys, other) for k in (of.site_key, of.bounding_key, of.deid_key)}) == 6
    assert keys.ca_pem != other.ca_pem


def test_trust_names_the_first_person(site: Path) -> None:
    (person,) = values(site / "trust.yaml")["people"]
    assert (person["id"], person["roles"]) == ("alpha", ["admin", "approver", "auditor", "operator"])
    (key,) = person["keys"]
    assert set(key) == {"kty", "crv", "x", "kid"}


def test_the_example_policies_become_this_sites(site: Path) -> None:
    agreements = list((site / "policies/agreements").glob("*.yaml"))
    assert agreements
    assert {values(path)["provider"] for path in agreements} == {"north"}
    assert list((site / "policies/parties").iterdir()) == []
    assert not list((site / "policies").rglob("*_test.yaml"))
    assert list((site / "policies/datasets").glob("*.yaml"))
    assert list((site / "policies/populations").glob("*.yaml"))


def test_a_folder_that_is_not_empty_is_refused(site: Path, tmp_path: Path) -> None:
    before = (site / "keys/site.key").read_bytes()
    code, out, err = run("init", site, "--site-id", "north")
    assert (code, out) == (78, "")
    assert err.startswith("error FOLDER_NOT_EMPTY")
    assert (site / "keys/site.key").read_bytes() == before
    (tmp_path / "empty").mkdir()
    assert done("init", tmp_path / "empty", "--site-id", "north")


@pytest.mark.parametrize(
    "wrong", [("--site-id", "North"), ("--site-id", "a/b"), ("--host", "a b"), ("--person", "a b")]
)
def test_wrong_names_are_refused_before_anything_is_written(tmp_path: Path, wrong: tuple[str, str]) -> None:
    names = {"--site-id": "north", "--host": "gateway.example", "--person": "alpha"}
    given = [part for pair in {**names, wrong[0]: wrong[1]}.items() for part in pair]
    code, _, err = run("init", tmp_path / "site", *given)
    assert code == 78
    assert err.startswith("error NAME_INVALID")
    assert not (tmp_path / "site").exists()
    assert done("init", tmp_path / "site", *(part for pair in names.items() for part in pair))


def test_standard_output_is_the_result_alone(tmp_path: Path) -> None:
    assert done("init", tmp_path / "site", "--site-id", "north") == [str(tmp_path / "site/site.yaml")]
    assert json.loads(json.dumps(values(tmp_path / "site/site.yaml")))["site"] == "north"
