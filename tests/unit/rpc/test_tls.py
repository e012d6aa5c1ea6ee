from __future__ import annotations

import os
import subprocess
import sys

import pytest

from gateway.errors import ConfigInvalid
from gateway.rpc.tls import TlsMaterial, server_credentials
from gateway.rpc.tls_environment import CIPHER_VARIABLE
from tests import pki

CA = pki.issue("CA", ca=True)
SERVER = pki.issue("server", issuer=CA, san="localhost")
RSA = pki.issue("server", issuer=CA, san="localhost", key=pki.new_key("RS256"))


def material(key: bytes = SERVER.key_pem, chain: bytes = SERVER.pem, roots: bytes = CA.pem) -> TlsMaterial:
    return TlsMaterial(key_pem=key, chain_pem=chain, roots_pem=roots)


@pytest.mark.parametrize(
    "unusable",
    [
        material(key=b"none"),
        material(chain=b"none"),
        material(roots=b"none"),
        material(roots=b""),
        material(key=pki.issue("other").key_pem),
        material(key=RSA.key_pem, chain=RSA.pem),
    ],
)
def test_unusable_material_is_refused_at_start(unusable: TlsMaterial) -> None:
    assert server_credentials(lambda: material())
    with pytest.raises(ConfigInvalid) as refused:
        server_credentials(lambda: unusable)
    assert refused.value.reason == "TLS_MATERIAL"


def test_without_the_environment_nothing_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    assert server_credentials(lambda: material())
    monkeypatch.setenv(CIPHER_VARIABLE, "ECDHE-ECDSA-AES256-GCM-SHA384")
    with pytest.raises(ConfigInvalid) as refused:
        server_credentials(lambda: material())
    assert refused.value.reason == "TLS_ENVIRONMENT"


@pytest.mark.parametrize(("first", "good"), [("json", True), ("grpc", False)])
def test_the_environment_must_come_before_grpc(first: str, good: bool) -> None:
    lines = [
        f"import {first}",
        "from gateway.errors import ConfigInvalid",
        "from gateway.rpc.tls_environment import require_tls13_environment",
        "try: require_tls13_environment()",
        "except ConfigInvalid as error: print(error.reason)",
        "else: print('set')",
    ]
    clean = {name: value for name, value in os.environ.items() if name != CIPHER_VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, env=clean, check=True
    )
    assert done.stdout.strip() == ("set" if good else "TLS_ENVIRONMENT")


def test_the_key_is_not_in_the_repr() -> None:
    assert "PRIVATE KEY" not in repr(material())
