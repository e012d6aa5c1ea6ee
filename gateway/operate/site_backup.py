"""A backup of a site, made while it serves; and its way back into a folder.

Law: a backup appears only whole: written aside, read back, its journal verified, then renamed. Its journal
is marked as a copy, so that a restored one does not serve until it was recovered. Nothing is overwritten,
at either end. Keys are left out unless asked for: a backup with them is worth as much as the site.
Imports: the standard library, config, adapters, verify, errors.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gateway import config
from gateway.adapters.backup_manifest import (
    FORMAT,
    Manifest,
    check_files,
    digests,
    read_manifest,
    write_manifest,
)
from gateway.adapters.durable import copy_file, make_folder, sync_tree
from gateway.adapters.journal_copy import copy_journal
from gateway.adapters.journal_tail import newest_head
from gateway.adapters.restored_mark import has_mark
from gateway.adapters.schemas import stores
from gateway.adapters.snapshots import newest
from gateway.errors import ConfigInvalid, JournalInvalid, NotFound
from gateway.verify import verify_file

JOURNAL = Path("journal") / "journal.db"
SITE_FILES = ("site.yaml", "trust.yaml", "deny.yaml")
PRIVATE_FOLDERS = ("keys", "data", "data/.spill", "journal", "run", "heads")

Tell = Callable[[str], None]


def back_up(site: Path, target: Path, *, with_keys: bool, with_data: bool, tell: Tell) -> Manifest:
    """Write a backup of `site` to `target`, which must not exist. Returns its manifest.

    Raises `ConfigInvalid` (DESTINATION_EXISTS, DESTINATION_INSIDE, BACKUP_FAILED), `NotFound` where there is
    no journal yet, and `JournalInvalid` where the copied journal does not verify.
    """
    settings = config.load(site)
    _apart(site, target)
    if not (site / JOURNAL).exists():
        raise NotFound("there is no journal to back up yet", reason="JOURNAL_UNKNOWN")
    with _aside(target) as draft:
        _journal(site, draft, tell)  # first: whatever its entries name was there before them
        _documents(site, draft)
        if with_keys:
            _tree(site / "keys", draft / "keys", "")
        snapshot = newest(site / "data") if with_data else None
        if snapshot is not None:
            tell(f"copying snapshot {snapshot.stem}")
            make_folder(draft / "data")
            copy_file(snapshot, draft / "data" / snapshot.name)
        tell("verifying")
        head = _verified(draft / JOURNAL)
        manifest = Manifest(
            format=FORMAT,
            site=settings.site,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            software=importlib.metadata.version("concordat"),
            keys=with_keys,
            snapshot="" if snapshot is None else snapshot.stem,
            schemas={store.name: store.found for store in stores(draft)},
            journal_bytes=(draft / JOURNAL).stat().st_size,
            index=head[0],
            leaf_hash=head[1],
            files=digests(draft),
        )
        write_manifest(draft, manifest)
    return manifest


def restore(backup: Path, site: Path, *, tell: Tell) -> Manifest:
    """Make a site folder of a backup, where there is none. Its journal does not serve: see `recover`.

    Raises `ConfigInvalid` (BACKUP_INVALID, BACKUP_TOO_NEW, BACKUP_CHANGED, DESTINATION_EXISTS,
    DESTINATION_INSIDE) and `JournalInvalid`.
    """
    manifest = read_manifest(backup)
    _apart(backup, site)
    tell("comparing every file with the manifest")
    check_files(backup, manifest)
    tell("verifying the journal")
    if _verified(backup / JOURNAL) != (manifest.index, manifest.leaf_hash):
        raise JournalInvalid("the journal does not end with the entry that the manifest names")
    with _aside(site) as draft:
        for name in PRIVATE_FOLDERS:
            make_folder(draft / name)
        for name in sorted(manifest.files):
            copy = draft / name
            for parent in reversed(copy.relative_to(draft).parents[:-1]):
                if not (draft / parent).exists():
                    make_folder(draft / parent)
            copy_file(backup / name, copy)
    return manifest


def _apart(source: Path, target: Path) -> None:
    here, there = source.resolve(), target.resolve()
    if there.is_relative_to(here) or here.is_relative_to(there):
        raise ConfigInvalid(f"{target} lies inside {source}, or around it", reason="DESTINATION_INSIDE")
    if os.path.lexists(target):
        raise ConfigInvalid(f"{target} exists and is not overwritten", reason="DESTINATION_EXISTS")


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """A folder beside the target that takes its name when the body has ended well, and else is removed."""
    draft = target.absolute().with_name(f".{target.name}.{os.getpid()}")
    try:
        make_folder(draft)
        yield draft
        sync_tree(draft)
        draft.rename(target)  # fails where something stands there by now
        sync_tree(target)
    except OSError as error:
        words = f"{target} cannot be written ({type(error).__name__}: {os.strerror(error.errno or 0)})"
        raise ConfigInvalid(words, reason="BACKUP_FAILED") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _journal(site: Path, draft: Path, tell: Tell) -> None:
    """The journal, the file that says which one was opened, and the sets of policies that served."""
    make_folder(draft / "journal")
    tell("copying the journal")
    copy_journal(site / JOURNAL, draft / JOURNAL, _every(50_000, lambda n: tell(f"{n:,} entries")))
    opened = (site / JOURNAL).with_suffix(".opened")
    if opened.exists():
        copy_file(opened, draft / "journal" / opened.name)
    _tree(site / "journal" / "policies", draft / "journal" / "policies", ".json")


def _documents(site: Path, draft: Path) -> None:
    for name in SITE_FILES:
        if (site / name).exists():
            copy_file(site / name, draft / name)
    _tree(site / "policies", draft / "policies", ".yaml")


def _tree(source: Path, target: Path, suffix: str) -> None:
    """Copy the plain files of a folder that end so, folders below it included."""
    if not source.is_dir():
        return
    make_folder(target)
    for path in sorted(source.iterdir()):
        if path.is_symlink() or path.name.startswith("."):
            continue
        if path.is_dir():
            _tree(path, target / path.name, suffix)
        elif path.is_file() and path.name.endswith(suffix):
            copy_file(path, target / path.name)


def _verified(path: Path) -> tuple[int, str]:
    """The newest entry of a copied journal that verifies and is marked. Raises `JournalInvalid`."""
    report = verify_file(path)
    if not report.ok:
        raise JournalInvalid(f"the copied journal does not verify: {report.faults[0]}")
    head = newest_head(path)
    if head is None or not has_mark(path):
        raise JournalInvalid("the copied journal is empty, or is not marked as a copy")
    return head


def _every(step: int, tell: Callable[[int], None]) -> Callable[[int], None]:
    last = 0

    def count(number: int) -> None:
        nonlocal last
        if number - last >= step:
            last = number
            tell(number)

    return count
