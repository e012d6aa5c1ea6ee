"""Pipelines for tests of the text workers. They are built in the worker, so they live in a module."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from gateway.domain.deid import (
    Deidentified,
    Document,
    IdentifierType,
    Method,
    Outcome,
    Profile,
    Span,
    Withheld,
)

PROFILE = Profile(
    name="plain",
    title="Plain",
    languages=frozenset({"en"}),
    methods={IdentifierType.DATE: Method.SHIFT},
    per_patient=True,
    threshold=Decimal("0.5"),
    thresholds={IdentifierType.NAME: Decimal("0.25")},
    digest="ab" * 32,
)
MARK = "Rosalind"


@dataclass(frozen=True)
class Redacts:
    """Puts [NAME] in the place of one name, and says which process and profile did it as its context."""

    secret: str = ""
    keeps: bool = False  # memory that a document asks for is never given back

    def __call__(self, profile: Profile) -> Fake:
        return Fake(profile, self.secret, self.keeps)


@dataclass(frozen=True)
class Fails:
    """A factory that cannot make a pipeline; with a `profile`, for that one alone."""

    profile: str = ""

    def __call__(self, profile: Profile) -> Fake:
        if self.profile in ("", profile.name):
            raise RuntimeError(f"cannot build for {MARK}")
        return Fake(profile)


@dataclass(frozen=True)
class Needs:
    """A factory that fails where a file is gone."""

    path: Path

    def __call__(self, profile: Profile) -> Fake:
        self.path.stat()
        return Fake(profile)


class Fake:
    """A pipeline whose documents say by their first word what happens."""

    def __init__(self, profile: Profile, secret: str = "", keeps: bool = False) -> None:
        self.profile, self.secret, self.keeps = profile, secret, keeps
        self.kept: list[bytes] = []

    def deidentify(self, documents: Sequence[Document]) -> list[Outcome]:
        return [self._one(document) for document in documents]

    def _one(self, document: Document) -> Outcome:
        word = document.text.split(" ", 1)[0]
        if word in ACTS:
            return ACTS[word](document, self)
        return redacted(document, {"pid": str(os.getpid()), "profile": self.profile.name})


def redacted(document: Document, said: dict[str, str]) -> Deidentified:
    spans = []
    place = document.text.find(MARK)
    while place >= 0:
        spans.append(
            Span(start=place, end=place + len(MARK), type=IdentifierType.NAME, score=0.9, source="model")
        )
        place = document.text.find(MARK, place + len(MARK))
    return Deidentified(
        id=document.id,
        text=document.text.replace(MARK, "[NAME]"),
        spans=tuple(spans),
        language=document.language or "en",
        context={name: said.get(name, "") for name in document.context},
    )


def _die(document: Document, fake: Fake) -> Outcome:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _hang(document: Document, fake: Fake) -> Outcome:
    time.sleep(3600)
    raise AssertionError


def _raise(document: Document, fake: Fake) -> Outcome:
    raise ValueError(f"{MARK} in the text of an exception")


def _garbage(document: Document, fake: Fake) -> Outcome:
    """Writes bytes that are no frame onto the pipe of answers."""
    stream = sys._getframe(3).f_back.f_locals["answers"]  # type: ignore[union-attr]
    stream.write(document.text.split(" ", 1)[1].encode("latin-1"))
    stream.flush()
    return redacted(document, {})


def _slow(document: Document, fake: Fake) -> Outcome:
    time.sleep(float(document.text.split()[1]))
    return redacted(document, {"pid": str(os.getpid())})


def _withhold(document: Document, fake: Fake) -> Outcome:
    return Withheld(id=document.id, reason="LANGUAGE_UNSUPPORTED")


def _memory(document: Document, fake: Fake) -> Outcome:
    taken = b"x" * int(document.text.split()[1])
    if fake.keeps:
        fake.kept.append(taken)
    return redacted(document, {"bytes": str(len(taken))})


def _inside(document: Document, fake: Fake) -> Outcome:
    """What the process sees and may do."""
    said = {
        "environment": "\n".join(f"{name}={value}" for name, value in os.environ.items()),
        "files": " ".join(sorted(_open_files())),
        "secret": fake.secret,
        "connect": _refusal(_connect),
        "resolve": _refusal(lambda: socket.getaddrinfo("example.org", 443)),
        "program": _refusal(lambda: subprocess.run(["/bin/true"], check=True)),
        "file": _refusal(lambda: Path(f"/tmp/{document.id}").write_bytes(b"x")),  # noqa: S108
        "kernel": str(ctypes.CDLL(None, use_errno=True).socket(2, 1, 0)),
        "core": str(__import__("resource").getrlimit(4)),
        "record": repr(document.record and asdict(document.record)),
    }
    return redacted(document, said)


def _open_files() -> list[str]:
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(descriptor.readlink()).split(":")[0])
        except OSError:
            continue  # the descriptor of the listing itself
    return found


def _connect() -> None:
    with socket.socket() as stream:
        stream.connect(("127.0.0.1", 9))


def _refusal(act: Callable[[], object]) -> str:
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "done"


ACTS: dict[str, Callable[[Document, Fake], Outcome]] = {
    "die": _die,
    "hang": _hang,
    "raise": _raise,
    "garbage": _garbage,
    "slow": _slow,
    "withhold": _withhold,
    "memory": _memory,
    "inside": _inside,
}
