"""One thing that was looked at, as `gateway doctor` says it.

Law: a code names what was looked at and never changes between releases; what is not ok says what to do.
Imports: the standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass

OK, WARN, FAIL = "ok", "warn", "fail"
SOON_DAYS = 30  # of certificates, agreements and reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`state` is ok, warn or fail; `remedy` is what to do, empty where nothing is to be done."""

    code: str
    state: str
    words: str
    remedy: str = ""


def ok(code: str, words: str) -> Finding:
    return Finding(code=code, state=OK, words=words)


def warn(code: str, words: str, remedy: str) -> Finding:
    return Finding(code=code, state=WARN, words=words, remedy=remedy)


def fail(code: str, words: str, remedy: str) -> Finding:
    return Finding(code=code, state=FAIL, words=words, remedy=remedy)


def days_left(code: str, what: str, days: int, remedy: str, *, over: str = FAIL) -> Finding:
    """How long something still holds; `over` is the state once it does not."""
    if days < 0:
        return Finding(code=code, state=over, words=f"{what} ended {-days} days ago", remedy=remedy)
    if days < SOON_DAYS:
        return warn(code, f"{what} ends in {days} days", remedy)
    return ok(code, f"{what} holds for {days} days")
