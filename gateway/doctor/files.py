"""Modes and owners of every file of a site.

Law: what holds keys, patient data or the journal is its owner's alone; what decides (site.yaml,
trust.yaml, deny.yaml, policies/) is written by nobody but its owner or root.
Imports: the standard library, doctor.finding.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from gateway.doctor.finding import Finding, fail, ok, warn

PRIVATE = ("keys", "data", "journal", "run")
DECIDING = ("site.yaml", "trust.yaml", "deny.yaml", "policies")
SHOWN = 5  # paths named in one finding


def modes(site: Path) -> Iterator[Finding]:
    """Folders that are missing, files that others can read, and files that others can write."""
    missing = [name for name in PRIVATE if not (site / name).is_dir()]
    if missing:
        yield fail(
            "FOLDERS", f"missing: {', '.join(missing)}", "make them with mode 0700, or bring them back"
        )
    else:
        yield ok("FOLDERS", "keys, data, journal and run are there")
    yield _private(site)
    written = [name for name, found in _below(site, DECIDING) if stat.S_IMODE(found.st_mode) & 0o022]
    yield _said("FILES_DECIDING", written, "can be written by others", "written by their owner", "chmod go-w")


def owners(site: Path) -> Iterator[Finding]:
    """Everything private belongs to one account; what decides belongs to it or to root."""
    account = (site / "keys").stat().st_uid
    strange = [name for name, found in _below(site, PRIVATE) if found.st_uid != account]
    strange += [name for name, found in _below(site, DECIDING) if found.st_uid not in (0, account)]
    remedy = "chown to the gateway's account; run every command of this site as that account"
    yield _said("FILES_OWNER", strange, f"not owned by uid {account}", f"owned by uid {account}", remedy)


def _private(site: Path) -> Finding:
    """A folder that is open, or a key, is reachable by others; a file in a closed folder is not, yet."""
    loose = [name for name, found in _below(site, (*PRIVATE, "heads")) if not _closed(Path(name), found)]
    reachable = [name for name in loose if name in PRIVATE or name.startswith("keys/")]
    remedy = "chmod 700 folders, 600 files"
    if loose and not reachable:
        words = f"open to others, though their folder is closed: {', '.join(sorted(loose)[:SHOWN])}"
        return warn("FILES_PRIVATE", words, remedy)
    return _said("FILES_PRIVATE", reachable, "open to others", "closed to others", remedy)


def _said(code: str, names: list[str], bad: str, good: str, remedy: str) -> Finding:
    if not names:
        return ok(code, good)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return fail(code, f"{bad}: {', '.join(sorted(names)[:SHOWN])}{more}", remedy)


def _closed(name: Path, found: os.stat_result) -> bool:
    """Certificates are public, and an empty lock file tells nothing."""
    if name.suffix == ".crt" or (stat.S_ISREG(found.st_mode) and not found.st_size):
        return not stat.S_IMODE(found.st_mode) & 0o022
    return not stat.S_IMODE(found.st_mode) & 0o077


def _below(site: Path, names: tuple[str, ...]) -> Iterator[tuple[str, os.stat_result]]:
    """Path within the site and state of each named thing and of all below it; links are followed at the top.

    Files that vanish meanwhile (a write-ahead log, a draft) are passed over.
    """
    for name in names:
        top = site / name
        if not top.exists():
            continue
        yield name, top.stat()
        for folder, folders, files in os.walk(top):
            for inner in (*folders, *files):
                path = Path(folder) / inner
                try:
                    yield f"{name}/{path.relative_to(top)}", path.lstat()
                except FileNotFoundError:
                    continue
