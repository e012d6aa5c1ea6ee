"""Keys and certificates: the server's, its CA's, and what the site knows of its partners'.

Law: a private key is loaded and compared, never printed. A partner's leaf is known here only where its key
is pinned; otherwise its CA is. Imports: adapters, compile, config, rpc.tls, doctor.finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gateway.adapters.file_keys import SiteKeys
from gateway.adapters.pki import load_certificate, load_certificates
from gateway.doctor.finding import WARN, Finding, days_left, fail, ok, warn
from gateway.doctor.policies import working_set
from gateway.errors import PolicyInvalid
from gateway.rpc.tls import check_material, site_material

TRIAL = "Concordat site CA for trying out"  # as `gateway init` names it


def keys(site: Path) -> Iterator[Finding]:
    found = SiteKeys.load(site / "keys")
    yield ok("KEYS", "present, readable and closed to others")
    if found.deid_key:
        yield ok("DEID_KEY", "there, for what de-identification puts in place of identifiers")
    else:
        remedy = "gateway deid key keys/deid.key, then restart; profiles without keys need none"
        yield warn("DEID_KEY", "deid.key is missing: no profile that needs a key can be used", remedy)
    if (site / "keys" / "person.key").exists():
        words = "person.key lies with the site's keys, and signs in one person's name"
        yield warn("PERSON_KEY", words, "move it to that person's own machine")
    else:
        yield ok("PERSON_KEY", "no person's key lies here")


def server(site: Path) -> Iterator[Finding]:
    """The server's certificate and the CA that its partners were given."""
    found = SiteKeys.load(site / "keys")
    now = datetime.now(UTC)
    check_material(site_material(found, ()))
    leaf, authority = load_certificate(found.server_chain_pem), load_certificate(found.ca_pem)
    renew = "renew it as docs/operate.md says, then gateway reload"
    if leaf.not_valid_before_utc > now:
        yield fail(
            "SERVER_CERTIFICATE", "the server's certificate is not valid yet", "set the clock, or wait"
        )
    else:
        yield days_left(
            "SERVER_CERTIFICATE", "the server's certificate", (leaf.not_valid_after_utc - now).days, renew
        )
    left = (authority.not_valid_after_utc - now).days
    yield days_left("CA_CERTIFICATE", "the site's CA", left, "a new CA must be taken in by every partner")
    if TRIAL in authority.subject.rfc4514_string():
        words = "the site's CA is the one that gateway init makes for trying out"
        yield warn("CA_TRIAL", words, "bring a certificate of your own CA, and keep no CA key here")
    else:
        yield ok("CA_TRIAL", "the site's CA is one of your own")


def partners(site: Path) -> Iterator[Finding]:
    """Each party's CA or pinned leaf: when it ends, that party can no longer connect."""
    try:
        parties = working_set(site).parties.values()
    except PolicyInvalid:  # said at the policies
        return
    now = datetime.now(UTC)
    for party in parties:
        known = party.certificate
        for pem, what in ((known.issuer_pem, "CA"), (known.pinned_pem, "pinned certificate")):
            for certificate in load_certificates(pem.encode()):
                days = (certificate.not_valid_after_utc - now).days
                remedy = f"ask {party.id} for a new one, then enrol it again"
                yield days_left("PARTY_CERTIFICATE", f"the {what} of {party.id}", days, remedy, over=WARN)
