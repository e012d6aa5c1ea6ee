"""One journal entry: its members, its bytes and its leaf hash.

Law: an entry is the canonical JSON of one flat object that always has every member below (an empty
member is "" or 0 or [], never left out, so that all entries of all kinds have one shape), and `parse`
takes only what `build` writes. `prev` is the leaf hash of the entry before; one `sha256sum` over a zero
byte and the entry's bytes checks it by hand. Imports: the standard library, errors, domain, audit.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from gateway.audit.bodies import check_body
from gateway.audit.canonical import MAX_INTEGER, bytes_of, decode, quoted, text_of
from gateway.domain.entry import EntryKind, Json, Note, Subject
from gateway.domain.identity import Principal
from gateway.errors import JournalInvalid

VERSION = 1
NORMAL, DEMO = "normal", "demo"
NO_ENTRY = "0" * 64  # `prev` of entry 0
MAX_TEXT = 4096  # characters of any member outside the body; tokens are no longer than this

_WHO = ("party", "person", "thumbprint", "jti", "purpose")
_WHAT = ("agreement", "operation", "dataset", "snapshot", "request_id", "outcome")
_TEXTS = ("origin", "id", "salt", "time", "kind", "mode", "prev", *_WHO, *_WHAT)
_NUMBERS = ("v", "seq", "generation", "cells")
_MEMBERS = frozenset((*_TEXTS, *_NUMBERS, "roles", "body"))
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_HEX16 = re.compile(r"[0-9a-f]{32}")
_HEX32 = re.compile(r"[0-9a-f]{64}")
_NOBODY = Principal(party="", person="", purpose="", thumbprint="", jti="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A note with its place in the chain.

    `id` and `salt` are 16 bytes and `prev` 32, in lower-case hex; `time` is UTC with microseconds.
    """

    origin: str
    seq: int
    id: str
    salt: str
    time: datetime
    mode: str
    prev: str
    note: Note

    @property
    def kind(self) -> EntryKind:
        return self.note.kind

    @property
    def body(self) -> Mapping[str, Json]:
        return self.note.body

    def text(self, member: str) -> str:
        """A text member of the body, already known to be there; empty where it is not text."""
        value = self.note.body.get(member, "")
        return value if isinstance(value, str) else ""

    @property
    def party(self) -> str:
        principal = self.note.subject.principal
        return principal.party if principal else ""


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962 section 2.1: SHA-256 of a zero byte and the leaf's bytes; 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def stored_digest(salt: str, stored: bytes) -> str:
    """SHA-256 of the salt's characters and a release's stored bytes, in lower-case hex.

    Salted, so that the digest in the log lets nobody test a guess of the release.
    """
    return hashlib.sha256(salt.encode() + stored).hexdigest()


def build(entry: Entry) -> bytes:
    """The entry's bytes. Raises `JournalInvalid` where it has no canonical form or a wrong body.

    Written member by member, in the order that RFC 8785 sorts their names: this is the writer's hottest
    function, and a general encoder takes twice as long. `parse` compares with the general one.
    """
    note = entry.note
    subject = note.subject
    who = subject.principal or _NOBODY
    check_body(note.kind, note.body)
    time = written(entry.time)
    _check_texts(
        (
            *(entry.origin, entry.id, entry.salt, entry.mode, entry.prev, note.outcome, *who.roles),
            *(who.party, who.person, who.thumbprint, who.jti, who.purpose),
            *(subject.agreement, subject.operation, subject.dataset, subject.snapshot, subject.request_id),
        )
    )
    for number in (entry.seq, subject.generation, note.cells):
        _check_number(number)
    _check_forms(entry.id, entry.salt, entry.prev, entry.mode)
    body = "{}" if not note.body else text_of(note.body)
    q = quoted
    text = (
        f'{{"agreement":{q(subject.agreement)},"body":{body},"cells":{note.cells},'
        f'"dataset":{q(subject.dataset)},"generation":{subject.generation},"id":"{entry.id}",'
        f'"jti":{q(who.jti)},"kind":"{note.kind.value}","mode":"{entry.mode}",'
        f'"operation":{q(subject.operation)},"origin":{q(entry.origin)},"outcome":{q(note.outcome)},'
        f'"party":{q(who.party)},"person":{q(who.person)},"prev":"{entry.prev}",'
        f'"purpose":{q(who.purpose)},"request_id":{q(subject.request_id)},'
        f'"roles":[{",".join(map(q, sorted(who.roles)))}],"salt":"{entry.salt}","seq":{entry.seq},'
        f'"snapshot":{q(subject.snapshot)},"thumbprint":{q(who.thumbprint)},"time":"{time}","v":{VERSION}}}'
    )
    return bytes_of(text)


def parse(data: bytes) -> Entry:
    """Read an entry back. Raises `JournalInvalid` for anything that `build` would not have written."""
    members = decode(data)
    if members.keys() != _MEMBERS:
        raise JournalInvalid("members are missing or unknown")
    _check_members(members)
    kind = _kind(_text(members, "kind"))
    body = cast(dict[str, Json], members["body"])
    check_body(kind, body)
    return Entry(
        origin=_text(members, "origin"),
        seq=_number(members, "seq"),
        id=_text(members, "id"),
        salt=_text(members, "salt"),
        time=_time(_text(members, "time")),
        mode=_text(members, "mode"),
        prev=_text(members, "prev"),
        note=Note(
            kind=kind,
            subject=_subject(members),
            outcome=_text(members, "outcome"),
            cells=_number(members, "cells"),
            body=body,
        ),
    )


def _check_members(members: Mapping[str, Json]) -> None:
    """The form of every member but the body; what is written is checked by the same rules."""
    _check_texts([members[name] for name in _TEXTS])
    for name in _NUMBERS:
        _check_number(members[name])
    if members["v"] != VERSION:
        raise JournalInvalid("an entry version that is not known here")
    _check_forms(*(_text(members, name) for name in ("id", "salt", "prev", "mode")))
    roles = members["roles"]
    if not isinstance(roles, list):
        raise JournalInvalid("`roles` are not texts")
    _check_texts(roles)
    if not isinstance(members["body"], dict):
        raise JournalInvalid("`body` is not an object")


def _check_texts(values: Sequence[Json]) -> None:
    for value in values:
        if type(value) is not str or len(value) > MAX_TEXT:
            raise JournalInvalid(f"a member is not a text of at most {MAX_TEXT} characters")


def _check_number(value: Json) -> None:
    if type(value) is not int or not 0 <= value <= MAX_INTEGER:
        raise JournalInvalid("a member is not a number from 0")


def _check_forms(name: str, salt: str, prev: str, mode: str) -> None:
    if not (_HEX16.fullmatch(name) and _HEX16.fullmatch(salt)):
        raise JournalInvalid("`id` and `salt` are not 16 bytes in hex")
    if not _HEX32.fullmatch(prev):
        raise JournalInvalid("`prev` is not a hash")
    if mode not in (NORMAL, DEMO):
        raise JournalInvalid("`mode` is not known")


def _text(members: Mapping[str, Json], name: str) -> str:
    return cast(str, members[name])  # its type was checked by `_check_members`


def _number(members: Mapping[str, Json], name: str) -> int:
    return cast(int, members[name])  # its type was checked by `_check_members`


def _kind(text: str) -> EntryKind:
    try:
        return EntryKind(text)
    except ValueError:
        raise JournalInvalid("an unknown kind of entry") from None


def written(time: datetime) -> str:
    """A time as entries hold it: RFC 3339 in UTC with microseconds. Raises `JournalInvalid`."""
    text = time.isoformat(timespec="microseconds")
    if not text.endswith("+00:00"):
        raise JournalInvalid("`time` is not in UTC")
    return text[:-6] + "Z"


def _time(text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise JournalInvalid("`time` is not RFC 3339 UTC with microseconds")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise JournalInvalid("`time` is no time") from None


def _subject(members: Mapping[str, Json]) -> Subject:
    principal = Principal(
        party=_text(members, "party"),
        person=_text(members, "person"),
        purpose=_text(members, "purpose"),
        thumbprint=_text(members, "thumbprint"),
        jti=_text(members, "jti"),
        roles=frozenset(cast(list[str], members["roles"])),
    )
    return Subject(
        principal=None if principal == _NOBODY else principal,
        agreement=_text(members, "agreement"),
        generation=_number(members, "generation"),
        operation=_text(members, "operation"),
        dataset=_text(members, "dataset"),
        snapshot=_text(members, "snapshot"),
        request_id=_text(members, "request_id"),
    )
