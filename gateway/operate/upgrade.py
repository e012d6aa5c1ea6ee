"""Bring the stores of a site forward to the forms that this software writes.

Law: a newer form is refused, and nothing is changed of a site with one; before anything is changed there is
a verified backup. There is one form of the journal and of releases so far, and an older snapshot is ingested
again: so nothing is changed yet, and what would have to be is named. Imports: adapters, errors, operate.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gateway.adapters.schemas import NEWER, OLDER, Store, stores
from gateway.errors import ConfigInvalid
from gateway.operate.site_backup import back_up


def upgrade(site: Path, backup: Path | None, *, tell: Callable[[str], None]) -> tuple[Store, ...]:
    """Every store with its form. `backup`: where a backup is made first, if anything is old.

    Raises `ConfigInvalid`: STORE_TOO_NEW; BACKUP_REQUIRED where something is old and no backup is asked
    for; UPGRADE_BY_HAND where it was made, and says what a person must do.
    """
    found = stores(site)
    newer = [store for store in found if store.state == NEWER]
    if newer:
        raise ConfigInvalid(
            f"written by a newer version, and left as it is: {_named(newer)}", reason="STORE_TOO_NEW"
        )
    older = [store for store in found if store.state == OLDER]
    if not older:
        return found
    if backup is None:
        raise ConfigInvalid(
            f"to be brought forward: {_named(older)}; say where a backup goes first: --backup",
            reason="BACKUP_REQUIRED",
        )
    back_up(site, backup, with_keys=False, with_data=False, tell=tell)
    todo = "; ".join(f"{store.name}: {store.remedy}" for store in older)
    words = f"the backup is made; what is left is a person's to do: {todo}"
    raise ConfigInvalid(words, reason="UPGRADE_BY_HAND")


def _named(found: list[Store]) -> str:
    return ", ".join(f"{store.name} (form {store.found}, ours {store.written})" for store in found)
