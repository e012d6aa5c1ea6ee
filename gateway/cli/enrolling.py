"""What `gateway partner enrol` does at the site: registers a checked bundle and composes the reply.

Law: everything is checked, and the set of policies compiled with the party in it, before anything is written.
May import: adapters (enrolment, file_keys, party_file, pki, policy_files), config, cli.output, errors.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from pathlib import Path

from gateway.adapters import pki
from gateway.adapters.enrolment import Bundle, Reply, check_reply
from gateway.adapters.file_keys import read_public, read_secret, replace_public
from gateway.adapters.party_file import findings, kept_terms, party_yaml, plain
from gateway.adapters.policy_files import PolicyFiles
from gateway.cli.output import note
from gateway.config import Settings, load
from gateway.errors import ConfigInvalid, PolicyInvalid
from gateway.yamlio import Plain


def register(offered: Bundle, site: Path, place: Path, *, pin: bool, days: int, swap: bool) -> Reply:
    """Register the party in the site's policies and write the reply to `place`.

    Raises ConfigInvalid (PARTY_EXISTS, PARTY_NAME_TAKEN and others) and PolicyInvalid; then nothing changed.
    """
    settings = load(site)
    if offered.party in ("site", settings.site):
        raise ConfigInvalid(f"{offered.party} is the site itself, no party", reason="PARTY_NAME_TAKEN")
    target = site / "policies" / "parties" / f"{offered.party}.yaml"
    kept = _kept(offered, target, swap)
    now = datetime.now(UTC)
    ca_pem = read_public(site / "keys" / "ca.crt")
    issued = b""
    if pin:
        pinned = pki.check_client(offered.certificate.encode(), now)
        text = party_yaml(offered, pinned_pem=pinned, kept=kept)
    else:
        authority = pki.Issued(key_pem=read_secret(site / "keys" / "ca.key"), certificate_pem=ca_pem)
        issued = pki.issue_client(authority, offered.csr.encode(), offered.party, now, days)
        text = party_yaml(offered, issuer_pem=ca_pem, kept=kept)
    reply = _reply(settings, offered.party, ca_pem, issued)
    _check_set(site, offered.party, text, settings.site)
    # The reply first: where it cannot be written, nobody is registered.
    replace_public(place, reply.canonical)
    replace_public(target, text.encode())
    if kept is not None:
        note(f"replaced: certificate and keys of {offered.party}; kept, but for comments:")
        for name, value in kept.items():
            note(f"  {name}: {plain(value)}")
    note(f"Registered in {target}; it serves from the next `gateway serve` or `gateway reload`.")
    return reply


def _kept(offered: Bundle, target: Path, swap: bool) -> dict[str, Plain] | None:
    """The terms of the party that is replaced; None where the party is new."""
    if not target.exists():
        return None
    if not swap:
        raise ConfigInvalid(
            f"{offered.party} is enrolled already; --replace replaces its keys", reason="PARTY_EXISTS"
        )
    return kept_terms(read_public(target), offered.party)


def _check_set(site: Path, party: str, text: str, site_id: str) -> None:
    """Refuse what is the party's own fault; of all else that keeps the set from serving, only warn."""
    files = PolicyFiles(site / "policies", site / "journal" / "policies").working()
    found = findings(files, party, text, site_id)
    if found.own:
        raise PolicyInvalid(violations=found.own)
    if found.others:
        note("warning: the policies do not compile yet; other files have faults:")
    for fault in found.others:
        note(f"  {fault}")


def _reply(settings: Settings, party: str, ca_pem: bytes, issued: bytes) -> Reply:
    if not settings.names:
        raise ConfigInvalid("site.yaml has no `names`; partners check the first in the server certificate")
    host, _, port = settings.listen.rpartition(":")
    outside = [name for name in settings.names if not _is_loopback(name)]
    if outside and _is_loopback(host.strip("[]")):
        note("warning: `listen` in site.yaml is a loopback address; no other machine can connect to it")
    names = outside or settings.names
    return check_reply(
        Reply(
            site=settings.site,
            party=party,
            site_ca=ca_pem.decode(),
            addresses=tuple(f"[{name}]:{port}" if ":" in name else f"{name}:{port}" for name in names),
            server_name=settings.names[0],
            certificate=issued.decode(),
        )
    )


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"
