"""`gateway init`: makes a site folder, with keys, a private CA for trying out, and example policies.

Law: nothing that exists is overwritten; keys and everything that will hold patient data are closed to
others from the start. May import: adapters (file_keys, jwk, pki, enrolment), shipped, cli.output.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.adapters import jwk, pki
from gateway.adapters.enrolment import check_person, check_site_id
from gateway.adapters.file_keys import (
    SECRET_BYTES,
    claim_folder,
    make_private_folder,
    write_public,
    write_secret,
)
from gateway.cli.output import note, result
from gateway.shipped import shipped

PRIVATE_FOLDERS = ("keys", "data", "data/.spill", "journal", "run", "heads")
SHIPPED_FOLDERS = ("populations", "datasets", "agreements", "profiles")
LOOPBACK = ("localhost", "127.0.0.1")


app = typer.Typer(add_completion=False)


@app.command(epilog="Example: gateway init my-site --site-id north-hospital --host gateway.hospital.example")
def init(
    site: Annotated[Path, typer.Argument(help="The folder to make; it must be absent or empty.")],
    site_id: Annotated[str, typer.Option(help="The site's id: a-z, 0-9 and dashes.")],
    host: Annotated[
        list[str] | None,
        typer.Option(help="A host name or IP address for the server certificate; repeatable."),
    ] = None,
    person: Annotated[str, typer.Option(help="The id of the first person in trust.yaml.")] = "admin",
    listen: Annotated[str, typer.Option(help="Where partners connect.")] = "127.0.0.1:8443",
    health: Annotated[str, typer.Option(help="Where probes connect.")] = "127.0.0.1:8081",
) -> None:
    """Make a site folder: keys, a private CA for trying out, trust.yaml and example policies."""
    check_site_id(site_id)
    check_person(person)
    names = list(dict.fromkeys([*(host or []), *LOOPBACK]))
    now = datetime.now(UTC)
    # Keys first, in memory: a name that no certificate can carry is found before anything is written.
    authority = pki.new_authority(site_id, now)
    server = pki.issue_server(authority, site_id, names, now)

    claim_folder(site)
    for folder in PRIVATE_FOLDERS:
        make_private_folder(site / folder)
    keys = site / "keys"
    write_secret(keys / "ca.key", authority.key_pem)
    write_public(keys / "ca.crt", authority.certificate_pem)
    write_secret(keys / "server.key", server.key_pem)
    write_public(keys / "server.crt", server.certificate_pem)
    write_secret(keys / "site.key", _hex_secret())
    write_secret(keys / "bounding.key", _hex_secret())
    write_secret(keys / "deid.key", _hex_secret())
    person_pem, person_jwk = jwk.new_person_key()
    write_secret(keys / "person.key", person_pem)
    write_public(site / "trust.yaml", trust_yaml(person, person_jwk).encode())
    copy_policies(shipped("policies"), site / "policies", site_id)
    # The last file written: a folder without it was never finished.
    write_public(site / "site.yaml", site_yaml(site_id, listen, health, names).encode())

    result(str(site / "site.yaml"))
    note(f"The site {site_id} is ready in {site}.")
    note(f"Move {keys / 'person.key'} to {person}'s own machine: it signs in {person}'s name.")
    note("The CA in keys/ is for trying out: in production bring certificates of your own.")
    note(f"Next: gateway partner enrol BUNDLE --site {site}, then make an agreement active: it is a draft.")


def site_yaml(site_id: str, listen: str, health: str, names: list[str]) -> str:
    """The text of a new `site.yaml`."""
    return f"""# What this gateway is and where it listens. Agreements and budgets are in policies/.
site: {json.dumps(site_id)}

# Partners connect here, over mutual TLS 1.3.
listen: {json.dumps(listen)}
# Health for probes: loopback only, without data.
health: {json.dumps(health)}
# The site's own people connect here; a path within this folder.
socket: run/site.sock

# The names in the server certificate; partners check the first.
names: {json.dumps(names)}
"""


def trust_yaml(person: str, public: dict[str, str]) -> str:
    """The text of a new `trust.yaml`: one person in every role, which serves in demo mode only."""
    return f"""# The site's people, their roles and their public keys. With fewer than two approvers
# the gateway runs in demo mode, which every journal entry states.
people:
  - id: {json.dumps(person)}
    roles: [admin, approver, auditor, operator]
    keys:
      - {json.dumps(public)}
"""


def copy_policies(source: Path, target: Path, site_id: str) -> None:
    """Copy the example policies without parties and tests; their agreements become this site's own drafts."""
    for folder in SHIPPED_FOLDERS:
        (target / folder).mkdir(parents=True)
        for file in sorted((source / folder).glob("*.yaml")):
            if file.name.endswith("_test.yaml"):
                continue
            shutil.copyfile(file, target / folder / file.name)
    for agreement in sorted((target / "agreements").glob("*.yaml")):
        text = agreement.read_text("utf-8")
        for field, value in (("provider", json.dumps(site_id)), ("status", "draft")):
            text = re.sub(rf"^{field}:[^\n#]*?(?=\s+#|$)", f"{field}: {value}", text, flags=re.M)
        agreement.write_text(text, "utf-8")
    (target / "parties").mkdir(parents=True)


def _hex_secret() -> bytes:
    return os.urandom(SECRET_BYTES).hex().encode() + b"\n"
