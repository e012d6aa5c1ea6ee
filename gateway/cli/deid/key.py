"""`gateway deid key`: a key for the profiles that need one. May import: adapters.file_keys, cli.output."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from gateway.adapters.file_keys import SECRET_BYTES, write_secret
from gateway.cli.output import note


def key(file: Annotated[Path, typer.Argument(help="The file to make; it is never overwritten.")]) -> None:
    """Make a key of de-identification: 32 random bytes in hexadecimal, readable by you alone.

    The same key gives a patient the same surrogates, shifts and pseudonyms in every run. Who has it can open
    reversible tokens and try out pseudonyms: keep it apart from the texts. A site's own is keys/deid.key.
    """
    write_secret(file, secrets.token_hex(SECRET_BYTES).encode() + b"\n")
    note(f"wrote {file}; without it tokens cannot be opened, so keep a copy in a safe place")
