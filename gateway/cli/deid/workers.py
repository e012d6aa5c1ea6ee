"""What the commands of `gateway deid` share: the profile, its key, the workers.

May import: adapters (text_*, file_keys), policy.profiles, shipped, errors.
"""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path

from gateway.adapters.file_keys import read_hex_secret
from gateway.adapters.text_pipelines import TextPipelines
from gateway.adapters.text_worker import Factory
from gateway.adapters.text_workers import TextWorkers
from gateway.domain.deid import Profile
from gateway.errors import ConfigInvalid
from gateway.policy.profiles import choose, read_profile, shipped_profiles
from gateway.shipped import shipped

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def chosen_profile(name: str) -> Profile:
    """A profile that is shipped, by name, or one of a YAML file. Raises `NotFound`, `PolicyInvalid`."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return read_profile(path.read_bytes(), path.name)
    return choose(shipped_profiles(), name)


def key_for(profile: Profile, file: Path | None) -> bytes:
    """The key that a profile needs; empty where it needs none, so that workers never hold an idle one.

    Raises `ConfigInvalid` (DEID_KEY_MISSING), or where the file is no key.
    """
    if not profile.keyed:
        return b""
    if file is None:
        raise ConfigInvalid(
            f"profile {profile.name} needs a key; make one with `gateway deid key deid.key`, keep it for all "
            "texts of these patients, and pass --key deid.key",
            reason="DEID_KEY_MISSING",
        )
    return read_hex_secret(file)


def checked_language(language: str) -> str:
    """A language as BCP 47's primary subtag. Raises `ConfigInvalid`."""
    if language and not _LANGUAGE.fullmatch(language):
        raise ConfigInvalid("--language is two or three small letters, such as en", reason="LANGUAGE_INVALID")
    return language


def pipelines(key: bytes) -> Factory:
    """What makes the pipelines in the workers; the key travels to them with it."""
    return TextPipelines(key)


def models_digest() -> str:
    """SHA-256 over the shipped models' bytes: what tells whether a run would go on with other ones."""
    digest = hashlib.sha256()
    for path in sorted(shipped("models").iterdir()):
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def workers(factory: Factory, count: int) -> TextWorkers:
    """The processes; 0 is one for each processor. What they log is told by the outcomes here."""
    logging.getLogger("gateway").addHandler(logging.NullHandler())
    return TextWorkers(factory, workers=count)
