"""`gateway partner`: how a partner and a site come to know each other, in three steps on two machines.

Law: private keys never leave the machine that made them; nothing is enrolled or trusted before a person has
compared its fingerprint; an enrolled party and a trusted site are replaced only on request.
May import: adapters (file_keys, jwk, pki, enrolment), cli.output, cli.enrolling at the site.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.adapters import jwk, pki
from gateway.adapters.enrolment import (
    Bundle,
    Reply,
    check_bundle,
    check_fingerprint,
    check_person,
    fingerprint,
    read_bundle,
    read_reply,
)
from gateway.adapters.file_keys import (
    claim_folder,
    read_public,
    read_secret,
    read_words,
    replace_public,
    write_public,
    write_secret,
)
from gateway.cli.output import note, result
from gateway.errors import ConfigInvalid

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Make a partner's keys, enrol a partner.")


@app.command(
    epilog="Example: gateway partner init my-keys --party university --name 'The University' "
    "--organisation urn:oid:2.16.840.1.113883.3.1"
)
def init(
    folder: Annotated[Path, typer.Argument(help="The partner's folder to make; absent or empty.")],
    party: Annotated[str, typer.Option(help="The party's id, agreed with the site.")],
    name: Annotated[str, typer.Option(help="The institution's legal name.")],
    organisation: Annotated[str, typer.Option(help="The institution's registered URI, such as urn:oid:...")],
    person: Annotated[str, typer.Option(help="Who asks: `sub` of the tokens.")] = "analyst",
    certificate: Annotated[
        Path | None, typer.Option(help="An own client certificate (PEM), to be pinned by the site.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="The private key (PEM) of --certificate.")] = None,
) -> None:
    """On the partner's machine: make keys and a bundle for the site, and print its fingerprint."""
    if (certificate is None) != (key is None):
        raise typer.BadParameter("--certificate and --key come together")
    check_person(person)
    token_pem = jwk.new_key()
    own = b""
    if certificate is None or key is None:
        tls_pem = jwk.new_key()
    else:
        tls_pem, own = read_secret(key), read_public(certificate)
        if not pki.is_pair(own, tls_pem):
            raise ConfigInvalid("the certificate is not for this key", reason="CERTIFICATE_KEY_MISMATCH")
    bundle = check_bundle(
        Bundle(
            party=party,
            name=name,
            organisation=organisation,
            csr="" if own else pki.new_request(tls_pem, party).decode(),
            certificate=pki.check_client(own, datetime.now(UTC)).decode() if own else "",
            keys=(jwk.token_jwk(token_pem),),
        )
    )

    claim_folder(folder)
    write_secret(folder / "tls.key", tls_pem)
    write_secret(folder / "token.key", token_pem)
    if own:
        write_public(folder / "tls.crt", own)
    words = {"party": party, "name": name, "organisation": organisation, "person": person}
    write_public(folder / "partner.json", json.dumps(words, indent=2).encode() + b"\n")
    write_public(folder / "bundle.json", bundle.canonical)
    result(str(folder / "bundle.json"))
    result(fingerprint(bundle.canonical))
    note("Send the bundle to the site, and read the fingerprint to them over the telephone.")


@app.command(
    epilog="Example: gateway partner enrol bundle.json --site my-site "
    "--fingerprint '0123 4567 89ab cdef 0123 4567 89ab cdef'"
)
def enrol(
    bundle: Annotated[Path, typer.Argument(help="The bundle.json that the partner sent.")],
    site: Annotated[Path, typer.Option(help="The site's folder.")],
    spoken: Annotated[
        str, typer.Option("--fingerprint", help="The fingerprint as the partner reads it aloud.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="The fingerprint was compared; do not ask.")] = False,
    pin: Annotated[
        bool, typer.Option("--pin", help="Pin the partner's own certificate instead of issuing one.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=825, help="How long an issued certificate is valid.")] = 365,
    swap: Annotated[
        bool,
        typer.Option("--replace", help="Replace the keys of a party that is enrolled; all else is kept."),
    ] = False,
    reply: Annotated[
        Path | None, typer.Option(help="Where to write the reply; default: beside the bundle.")
    ] = None,
) -> None:
    """At the site: check a bundle, sign its request or pin its certificate, register the party."""
    offered = read_bundle(read_public(bundle))
    note(f"{offered.name} ({offered.organisation}) as party {offered.party}")
    note(f"fingerprint {fingerprint(offered.canonical)}")
    _confirm(offered.canonical, spoken, yes, sender="partner")
    if pin != bool(offered.certificate):
        wanted = (
            "brings its own certificate: add --pin" if offered.certificate else "asks for one: omit --pin"
        )
        raise ConfigInvalid(f"the partner {wanted}", reason="PIN_REQUIRED" if not pin else "NOTHING_TO_PIN")
    # Only the site's machine has the YAML reader and the settings; the partner's commands do without.
    from gateway.cli.enrolling import register

    place = reply or bundle.with_name(f"{offered.party}-reply.json")
    answer = register(offered, site, place, pin=pin, days=days, swap=swap)
    result(str(place))
    result(fingerprint(answer.canonical))
    note("Send the reply to the partner, and read its fingerprint to them.")


@app.command(
    epilog="Example: gateway partner accept my-keys university-reply.json "
    "--fingerprint '0123 4567 89ab cdef 0123 4567 89ab cdef'"
)
def accept(
    folder: Annotated[Path, typer.Argument(help="The partner's folder.")],
    reply: Annotated[Path, typer.Argument(help="The reply that the site sent.")],
    spoken: Annotated[
        str, typer.Option("--fingerprint", help="The reply's fingerprint as the site reads it aloud.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="The fingerprint was compared; do not ask.")] = False,
    swap: Annotated[
        bool, typer.Option("--replace", help="Replace what we trust a site by that we know already.")
    ] = False,
) -> None:
    """On the partner's machine: store a site's reply, its CA and the certificate that it issued."""
    answer = read_reply(read_public(reply))
    note(f"site {answer.site}, fingerprint {fingerprint(answer.canonical)}")
    _confirm(answer.canonical, spoken, yes, sender="site")
    certificate = _our_certificate(folder, answer)
    place = folder / "sites" / answer.site
    if (place / "site.json").exists() and not swap:
        raise ConfigInvalid(
            f"{answer.site} is trusted already; --replace replaces its CA and addresses", reason="SITE_EXISTS"
        )
    place.mkdir(parents=True, exist_ok=True)
    replace_public(place / "tls.crt", certificate)
    replace_public(place / "ca.crt", answer.site_ca.encode())
    words = {"site": answer.site, "addresses": list(answer.addresses), "server_name": answer.server_name}
    replace_public(place / "site.json", json.dumps(words, indent=2).encode() + b"\n")
    result(str(place))
    note(f"Next: gateway query --at {answer.addresses[0]} --as {folder} --agreement ID --purpose CODE ...")


def _confirm(canonical: bytes, spoken: str, yes: bool, *, sender: str) -> None:
    """Someone has compared the fingerprint with its sender. Raises ConfigInvalid where nobody has."""
    if spoken:
        check_fingerprint(canonical, spoken)
    elif not yes and not (
        sys.stdin.isatty() and typer.confirm(f"Does the {sender} read the same fingerprint?", err=True)
    ):
        raise ConfigInvalid(
            f"compare the fingerprint with the {sender}, then give it with --fingerprint, or say --yes",
            reason="FINGERPRINT_UNCONFIRMED",
        )


def _our_certificate(folder: Path, answer: Reply) -> bytes:
    """The certificate to show to this site: the one it issued, or our own; in any case for our key."""
    ours = read_words(folder / "partner.json", ("party",))["party"]
    if answer.party != ours:
        raise ConfigInvalid(f"the reply is for {answer.party}, not {ours}", reason="PARTY_MISMATCH")
    certificate = answer.certificate.encode()
    if certificate and not pki.issued_by(certificate, answer.site_ca.encode()):
        raise ConfigInvalid("the certificate is not of the site's CA", reason="CERTIFICATE_UNKNOWN")
    if not certificate:
        certificate = read_public(folder / "tls.crt")
    if not pki.is_pair(certificate, read_secret(folder / "tls.key")):
        raise ConfigInvalid("the certificate is not for our key", reason="CERTIFICATE_KEY_MISMATCH")
    return certificate
