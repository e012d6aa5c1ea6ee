"""site.yaml: how this site's gateway runs. What it may answer is written in policies/, not here.

Law: unknown fields are refused; nothing here can widen an agreement or a budget.
May import: pydantic, yamlio, domain words, errors.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from gateway import yamlio
from gateway.domain.identity import NOTHING_DENIED, Denied
from gateway.errors import ConfigInvalid, PolicyInvalid, Violation

SITE_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_SIZE = r"^[1-9][0-9]{0,6}(MB|GB)$"
_SOCKET = re.compile(r"run/[A-Za-z0-9._-]{1,64}\.sock")  # in the folder that is closed to others
_ADDRESS = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,45}\]):[0-9]{1,5}")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EngineSettings(_Strict):
    """Limits of the query engine on this machine."""

    memory: Annotated[str, Field(pattern=_SIZE)] = Field("2GB", description="The most memory of a query.")
    threads: Annotated[int, Field(ge=1, le=256)] = Field(2, description="Processor threads of a query.")
    spill: Annotated[str, Field(pattern=_SIZE)] = Field(
        "10GB", description="The most disk for intermediate results, plain text in a folder of mode 0700."
    )


class JournalSettings(_Strict):
    """What floods and a full disk may not reach."""

    reserve: Annotated[str, Field(pattern=_SIZE)] = Field(
        "64MB", description="Disk set aside for the journal; `gateway journal make-room` releases it."
    )
    refusals_a_minute: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        30, description="Refusals a minute, of one party and reason, that are entries; more are counted."
    )
    entries_a_day: Annotated[int, Field(ge=100, le=100_000_000)] = Field(
        200_000, description="The most entries of one party a day."
    )


class DeidSettings(_Strict):
    """The processes that de-identify text, and what one of them may take."""

    workers: Annotated[int, Field(ge=0, le=256)] = Field(
        0, description="Processes that de-identify text; 0 is one for each processor."
    )
    memory: Annotated[str, Field(pattern=_SIZE)] = Field(
        "2GB", description="The most private memory of a process; one that wants more is killed and replaced."
    )
    longest_text: Annotated[str, Field(pattern=_SIZE)] = Field(
        "16MB", description="The largest text with its record; a larger one is withheld (TOO_LARGE)."
    )
    seconds: Annotated[float, Field(ge=1, le=3600)] = Field(
        30.0, description="How long a batch may take, beside two minutes for each MB; then it is withheld."
    )


class Settings(_Strict):
    """The fields of site.yaml. Addresses are HOST:PORT; the socket is relative to the site's folder."""

    site: str = Field(description="The site's id; the audience of every token and the journal's origin.")
    listen: str = Field("127.0.0.1:8443", description="Where partners connect, with mutual TLS 1.3.")
    health: str = Field("127.0.0.1:8081", description="Health checks, on loopback only, without data.")
    socket: str = Field("run/site.sock", description="The Unix socket of the site's own services.")
    names: list[str] = Field(
        default_factory=list, description="Names and addresses in the server's certificate."
    )
    reflection: bool = Field(
        False, description="Whether reflection shows the services to any registered certificate, no token."
    )
    log: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least level of what is logged, as JSON lines on standard error."
    )
    max_cells: Annotated[int, Field(ge=1, le=100_000)] = Field(
        10_000, description="The most cells that one answer may have."
    )
    answer_tick: Annotated[float, Field(ge=0.001, le=60)] = Field(
        0.25,
        description="Answers that data was read for leave 1, 2, 4 ... times so many seconds after the call.",
    )
    longest_deadline: Annotated[float, Field(gt=0, le=3600)] = Field(
        300.0, description="The latest deadline that a call may carry, in seconds."
    )
    longest_read: Annotated[float, Field(gt=0, le=3600)] = Field(
        60.0, description="The site's own limit on one read of the data, in seconds."
    )
    keep_snapshots: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        None, description="How many snapshots remain after an ingest, the served one apart; without it, all."
    )
    engine: EngineSettings = Field(default_factory=EngineSettings)
    journal: JournalSettings = Field(default_factory=JournalSettings)
    deid: DeidSettings = Field(default_factory=DeidSettings)

    @field_validator("site")
    @classmethod
    def _site_id(cls, value: str) -> str:
        if not SITE_ID.fullmatch(value):
            raise ValueError("a site id has lower-case letters, digits, dots and hyphens")
        return value

    @field_validator("listen", "health")
    @classmethod
    def _address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value) or int(value.rpartition(":")[2]) > 65535:
            raise ValueError("an address is written HOST:PORT")
        return value

    @field_validator("health")
    @classmethod
    def _loopback(cls, value: str) -> str:
        if value.rpartition(":")[0] not in ("127.0.0.1", "localhost", "[::1]"):
            raise ValueError("health is served on loopback only")
        return value

    @field_validator("socket")
    @classmethod
    def _in_run(cls, value: str) -> str:
        if not _SOCKET.fullmatch(value):
            raise ValueError("the socket is written run/NAME.sock")
        return value


def load(site: Path) -> Settings:
    """The settings of a site folder. Raises `ConfigInvalid` with every fault, positioned."""
    path = site / "site.yaml"
    try:
        document = yamlio.read(path.read_bytes(), "site.yaml")
    except OSError:
        raise ConfigInvalid(f"{path} cannot be read; `gateway init` makes a site folder") from None
    except PolicyInvalid as error:
        raise ConfigInvalid(violations=error.violations) from None
    try:
        return Settings.model_validate(document.value)
    except ValidationError as error:
        raise ConfigInvalid(violations=[_placed(document, e) for e in error.errors()]) from None


class _Person(_Strict):
    id: str
    roles: list[Literal["admin", "approver", "auditor", "operator"]]
    keys: list[dict[str, str]]


class _TrustFile(_Strict):
    people: Annotated[list[_Person], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The site's own people, as far as serving needs them: the file's digest and who may approve."""

    digest: str  # SHA-256 (hex) of the file's bytes
    approvers: frozenset[str]

    @property
    def demo(self) -> bool:
        """Fewer than two approvers: allowed in demo mode only, which every journal entry states."""
        return len(self.approvers) < 2


def load_trust(site: Path) -> Trust:
    """trust.yaml of a site folder. Raises `ConfigInvalid` with every fault, positioned."""
    path = site / "trust.yaml"
    try:
        content = path.read_bytes()
        people = _TrustFile.model_validate(yamlio.read(content, "trust.yaml").value).people
    except OSError:
        raise ConfigInvalid(f"{path} cannot be read") from None
    except PolicyInvalid as error:
        raise ConfigInvalid(violations=error.violations) from None
    except ValidationError as error:
        document = yamlio.read(content, "trust.yaml")
        raise ConfigInvalid(violations=[_placed(document, e) for e in error.errors()]) from None
    approvers = frozenset(person.id for person in people if "approver" in person.roles)
    return Trust(digest=hashlib.sha256(content).hexdigest(), approvers=approvers)


class _DeniedPerson(_Strict):
    party: str
    person: str


class _DeniedKey(_Strict):
    party: str
    kid: str


class _DeniedToken(_Strict):
    party: str
    jti: str


class _DenyFile(_Strict):
    parties: list[str] = Field(default_factory=list)
    certificates: list[str] = Field(default_factory=list)
    persons: list[_DeniedPerson] = Field(default_factory=list)
    keys: list[_DeniedKey] = Field(default_factory=list)
    tokens: list[_DeniedToken] = Field(default_factory=list)


def load_denied(site: Path) -> Denied:
    """deny.yaml of a site folder: what is switched off at once; nothing, where there is no such file.

    Raises `ConfigInvalid` with every fault, positioned.
    """
    path = site / "deny.yaml"
    try:
        document = yamlio.read(path.read_bytes(), "deny.yaml")
    except FileNotFoundError:
        return NOTHING_DENIED
    except OSError:
        raise ConfigInvalid(f"{path} cannot be read") from None
    except PolicyInvalid as error:
        raise ConfigInvalid(violations=error.violations) from None
    try:
        found = _DenyFile.model_validate(document.value or {})
    except ValidationError as error:
        raise ConfigInvalid(violations=[_placed(document, e) for e in error.errors()]) from None
    return Denied(
        parties=frozenset(found.parties),
        certificates=frozenset(found.certificates),
        persons=frozenset((item.party, item.person) for item in found.persons),
        keys=frozenset((item.party, item.kid) for item in found.keys),
        tokens=frozenset((item.party, item.jti) for item in found.tokens),
    )


def _placed(document: yamlio.Document, fault: object) -> Violation:
    """One of pydantic's faults in our form; the offending value itself is never repeated."""
    where = tuple(fault["loc"])  # type: ignore[index]
    line, column = document.key_position(where)
    words = "unknown field" if fault["type"] == "extra_forbidden" else fault["msg"]  # type: ignore[index]
    name = ".".join(str(part) for part in where)
    return Violation(description=f"{name}: {words}", file=document.file, line=line, column=column)
