"""`gateway doctor`: what an operator should know about a site before and while it serves.

Law: reads files and states only; prints no key, no value, and no count of patients.
May import: config, adapters, audit, compile, rpc.tls, verify, cli.output.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import Format, result_json, result_table
from gateway.errors import ConfigInvalid, GatewayError, JournalInvalid

app = typer.Typer(add_completion=False)

WARN_DAYS = 30
WARN_BYTES = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `state` is ok, warn or fail."""

    what: str
    state: str
    words: str


@app.command(epilog="Example: gateway doctor my-site")
def doctor(
    site: Annotated[Path, typer.Argument(help="The site's folder.")],
    format: Annotated[Format, typer.Option(help="How the findings are printed.")] = Format.TABLE,
) -> None:
    """Check a site: configuration, keys and their modes, certificate, policies, data, journal, disk."""
    findings = list(_look(site))
    if format is Format.JSON:
        result_json({"findings": [{"what": f.what, "state": f.state, "words": f.words} for f in findings]})
    else:
        result_table(["checked", "state", "finding"], [[f.what, f.state, f.words] for f in findings], left=3)
    failed = [finding.what for finding in findings if finding.state == "fail"]
    if failed:
        raise ConfigInvalid(f"not fit to serve: {', '.join(failed)}", reason="DOCTOR_FAILED")


def _look(site: Path) -> Iterator[Finding]:
    checks: tuple[tuple[str, Callable[[Path], tuple[str, str]]], ...] = (
        ("site.yaml", _settings),
        ("trust.yaml", _trust),
        ("keys", _keys),
        ("certificate", _certificate),
        ("folders", _folders),
        ("policies", _policies),
        ("data", _data),
        ("journal", _journal),
        ("disk", _disk),
    )
    for what, check in checks:
        try:
            state, words = check(site)
        except GatewayError as error:
            state, words = "fail", error.message
        except OSError as error:
            state, words = "fail", f"cannot be read ({type(error).__name__})"
        yield Finding(what=what, state=state, words=words)


def _settings(site: Path) -> tuple[str, str]:
    from gateway import config

    settings = config.load(site)
    return "ok", f"site {settings.site}, partners at {settings.listen}, health at {settings.health}"


def _trust(site: Path) -> tuple[str, str]:
    from gateway import config

    trust = config.load_trust(site)
    if _other_trust(site, trust.digest):
        return "fail", "not the file that this journal was opened with"
    if trust.demo:
        return "warn", "fewer than two approvers: demo mode, which every journal entry states"
    return "ok", f"{len(trust.approvers)} approvers"


def _other_trust(site: Path, digest: str) -> bool:
    """Whether entry 0 names another trust.yaml; what is wrong with the journal itself is said at it."""
    from gateway.adapters.sqlite_journal import first_entry
    from gateway.audit.entry import parse

    try:
        first = first_entry(site / "journal" / "journal.db")
        return first is not None and parse(first).text("trust_digest") != digest
    except JournalInvalid:
        return False


def _keys(site: Path) -> tuple[str, str]:
    from gateway.adapters.file_keys import SiteKeys

    SiteKeys.load(site / "keys")
    if (site / "keys" / "person.key").exists():
        return "warn", "person.key belongs on that person's own machine"
    return "ok", "present and closed to others"


def _certificate(site: Path) -> tuple[str, str]:
    from gateway.adapters.file_keys import SiteKeys
    from gateway.adapters.pki import load_certificate
    from gateway.rpc.tls import check_material, site_material

    keys = SiteKeys.load(site / "keys")
    ends = load_certificate(keys.server_chain_pem).not_valid_after_utc
    check_material(site_material(keys, ()))
    days = (ends - datetime.now(UTC)).days
    words = f"the server's certificate is valid until {ends:%Y-%m-%d}"
    return ("fail" if days < 0 else "warn" if days < WARN_DAYS else "ok"), words


def _folders(site: Path) -> tuple[str, str]:
    names = ("keys", "data", "journal", "run")
    loose = [n for n in names if stat.S_IMODE((site / n).stat().st_mode) & 0o077]
    if loose:
        return "fail", f"open to others: {', '.join(loose)}; run chmod 700"
    return "ok", "closed to others; encryption at rest is the operator's to attest"


def _policies(site: Path) -> tuple[str, str]:
    from gateway import config
    from gateway.adapters.file_keys import SiteKeys
    from gateway.adapters.policy_files import PolicyFiles
    from gateway.compile import compile_policies
    from gateway.rpc.tls import check_material, site_material

    files = PolicyFiles(site / "policies", site / "journal" / "policies").working()
    compiled = compile_policies(files, site=config.load(site).site, generation=0)
    check_material(site_material(SiteKeys.load(site / "keys"), compiled.parties.values()))
    active = sum(agreement.status == "active" for agreement in compiled.agreements.values())
    words = f"agreements active {active}, parties {len(compiled.parties)}, datasets {len(compiled.datasets)}"
    return ("ok" if active else "warn"), words


def _data(site: Path) -> tuple[str, str]:
    from gateway.adapters.snapshots import contents, newest

    path = newest(site / "data")
    if path is None:
        return "warn", "nothing was ingested yet"
    return "ok", f"snapshot {path.stem}: {', '.join(stored.dataset for stored in contents(path))}"


def _journal(site: Path) -> tuple[str, str]:
    from gateway import config
    from gateway.adapters.journal_marker import check_marker
    from gateway.adapters.sqlite_journal import first_entry
    from gateway.verify import verify_file

    path = site / "journal" / "journal.db"
    if not path.exists():
        check_marker(path, None)
        return "warn", "not opened yet; the first serve opens it"
    report = verify_file(path)
    if not report.ok:
        return "fail", report.faults[0]
    check_marker(path, first_entry(path))
    if report.origin != config.load(site).site:
        return "fail", "this is the journal of another site"
    return "ok", f"{report.entries} entries verify, {report.open} charges open"


def _disk(site: Path) -> tuple[str, str]:
    free = shutil.disk_usage(site).free
    return ("warn" if free < WARN_BYTES else "ok"), f"{free / 1e9:,.1f} GB free on the site's volume"
