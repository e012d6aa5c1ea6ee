"""The process environment under which gRPC serves TLS 1.3 and nothing older. Never imports grpc.

Law: the only TLS 1.2 suite that is left needs an RSA key, and the server's key is ECDSA, so a 1.2
handshake finds no shared suite. Must run before grpc is imported, which reads these variables once.
Imports: the standard library and errors.
"""

from __future__ import annotations

import os
import sys

from gateway.errors import ConfigInvalid

CIPHER_VARIABLE = "GRPC_SSL_CIPHER_SUITES"
RSA_ONLY_SUITE = "ECDHE-RSA-AES256-GCM-SHA384"


def require_tls13_environment() -> None:
    """Set what gRPC reads at import: first thing in the serve command.

    Raises `ConfigInvalid` (TLS_ENVIRONMENT) where grpc is already imported under other settings.
    """
    if tls13_environment():
        return
    if "grpc" in sys.modules:
        raise ConfigInvalid("grpc was imported before its TLS settings were made", reason="TLS_ENVIRONMENT")
    os.environ[CIPHER_VARIABLE] = RSA_ONLY_SUITE
    # gRPC's core writes plain text to standard error, where this process writes JSON lines.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")


def tls13_environment() -> bool:
    """Whether the suites are set as they must be."""
    return os.environ.get(CIPHER_VARIABLE) == RSA_ONLY_SUITE
