"""A party's file in `policies/parties/`: written at enrolment; new keys keep what people wrote there.

Law: replacing a party changes `certificate` and `jwks` alone, so that new keys widen no list of persons and
no budget. What is wrong with the party itself is told before anything is written.
May import: adapters (enrolment, jwk, pki), compile, yamlio, errors. For the site's machine only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from gateway.adapters import pki
from gateway.adapters.enrolment import JWK_MEMBERS, Bundle
from gateway.compile import compile_policies
from gateway.errors import ConfigInvalid, PolicyInvalid, Violation
from gateway.yamlio import Plain, read

FOLDER = "parties/"
IDENTITY = ("certificate", "jwks")  # what a partner brings; everything else is the site's to say

# What a new party begins with, and what each field is for.
BEGINNING: Mapping[str, Plain] = {
    "persons": [],
    "contacts": [],
    "budget": {"epsilon": 4, "delta": Decimal("1e-7"), "period": "year"},
}
COMMENTS: Mapping[str, str] = {
    "persons": "# The only persons the party may name in its tokens; empty: any.",
    "contacts": "# Whom to call about this party's questions.",
    "budget": "# The most that all agreements with this party may spend together, for each population.",
}
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BREAKS = {0x2028: "\\u2028", 0x2029: "\\u2029"}  # in YAML they would end a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What compiling says of a set with a new party: the party's own faults, and those of other files."""

    own: tuple[Violation, ...]
    others: tuple[Violation, ...]


def kept_terms(content: bytes, party: str) -> dict[str, Plain]:
    """Everything of an enrolled party's file but its certificate and keys.

    Raises PolicyInvalid where the file cannot be read, ConfigInvalid PARTY_MISMATCH where it is another's.
    """
    value = read(content, f"{FOLDER}{party}.yaml").value
    if not isinstance(value, dict) or value.get("party") != party:
        raise ConfigInvalid(f"{FOLDER}{party}.yaml is not the file of {party}", reason="PARTY_MISMATCH")
    return {name: kept for name, kept in value.items() if name not in IDENTITY}


def party_yaml(
    bundle: Bundle,
    *,
    issuer_pem: bytes = b"",
    pinned_pem: bytes = b"",
    kept: Mapping[str, Plain] | None = None,
) -> str:
    """The party's file: known by an issuing CA, or else by one pinned certificate. The bundle is checked.

    `kept` are the terms of the file that this one replaces, instead of the bundle's names and a beginning.
    """
    names: dict[str, Plain] = {
        "party": bundle.party,
        "name": bundle.name,
        "organisation": bundle.organisation,
    }
    terms = dict(kept) if kept is not None else {**names, **BEGINNING}
    lines = [
        f"# {bundle.party}: a partner institution, as enrolled. Who it is and how its calls are recognised.",
        *(f"{name}: {plain(terms.pop(name))}" for name in names if name in terms),
        "",
        *(_issued_lines(bundle.party, issuer_pem) if issuer_pem else _pinned_lines(pinned_pem)),
        "",
        *_key_lines(bundle),
        "",
    ]
    for name, value in terms.items():
        lines += [COMMENTS[name]] if name in COMMENTS else []
        lines.append(f"{_key(name)}: {plain(value)}")
    return "\n".join(lines) + "\n"


def findings(files: Mapping[str, bytes], party: str, text: str, site: str) -> Findings:
    """Compile the set with the party's file in place of the one before, if any.

    The party is at fault for what its own file says, and for what the party files did not say before.
    """
    target = f"{FOLDER}{party}.yaml"
    changed = {**files, target: text.encode()}
    before = _faults(_parties(files), site)
    own = tuple(fault for fault in _faults(_parties(changed), site) if _is_own(fault, target, before))
    return Findings(own=own, others=tuple(f for f in _faults(changed, site) if f not in own))


def plain(value: Plain) -> str:
    """A value that `yamlio` read, as YAML on one line that it reads alike."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_key(name)}: {plain(item)}" for name, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(plain(item) for item in value) + "]"
        case Decimal():
            return str(value).lower()
    return json.dumps(value, ensure_ascii=False).translate(_BREAKS)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else plain(name)


def _is_own(fault: Violation, target: str, before: tuple[Violation, ...]) -> bool:
    return fault.file == target or fault not in before


def _parties(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if path.startswith(FOLDER)}


def _faults(files: Mapping[str, bytes], site: str) -> tuple[Violation, ...]:
    try:
        compile_policies(files, site=site, generation=1)
    except PolicyInvalid as invalid:
        return invalid.violations
    return ()


def _key_lines(bundle: Bundle) -> list[str]:
    lines = [
        "# The keys that sign the party's tokens: public halves, one algorithm each.",
        "jwks:",
        "  keys:",
    ]
    members: dict[str, Plain]
    for key in bundle.keys:
        members = {name: key[name] for name in sorted(JWK_MEMBERS)}
        lines.append(f"    - {plain(members)}")
    return lines


def _issued_lines(party: str, issuer_pem: bytes) -> list[str]:
    return [
        "# A call is this party's where its TLS certificate was issued by this CA and carries this name.",
        "certificate:",
        "  issuer: |",
        *_block(issuer_pem, 4),
        f"  san: {plain(pki.party_san(party))}",
    ]


def _pinned_lines(pinned_pem: bytes) -> list[str]:
    return [
        "# A call is this party's where its TLS certificate is for a key with one of these digests",
        "# (SHA-256 of the SubjectPublicKeyInfo). Add the next key here before the old one expires.",
        "certificate:",
        "  pinned:",
        f"    - key: {plain(pki.key_digest(pinned_pem))}",
        "      certificate: |",
        *_block(pinned_pem, 8),
    ]


def _block(pem: bytes, indent: int) -> list[str]:
    return [" " * indent + line for line in pem.decode("ascii").strip().splitlines()]
