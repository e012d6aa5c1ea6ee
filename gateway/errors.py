"""Every error a caller can meet: one tree, each class with a gRPC status, a stable reason and an exit code.

Law: a message is composed of our own words and of the caller's own input; it never carries a value
that was read from patient data, nor the text of an engine, a parser or a driver.
Imports: the standard library only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One fault at one place: a request field, or a line and column (both from 1) of a text or file."""

    description: str
    field: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    suggestion: str = ""

    def __str__(self) -> str:
        place = self.file or self.field
        if self.line:
            at = f"{self.line}:{self.column}"
            place = f"{place}:{at}" if place else f"line {self.line}, column {self.column}"
        text = f"{place}: {self.description}" if place else self.description
        return f"{text} ({self.suggestion})" if self.suggestion else text


class GatewayError(Exception):
    """The root. `status` is a gRPC status name, `reason` never changes between releases."""

    status = "INTERNAL"
    reason = "INTERNAL"
    exit_code = 70

    def __init__(
        self,
        message: str = "",
        *,
        reason: str = "",
        violations: Sequence[Violation] = (),
        entry: str = "",
    ) -> None:
        super().__init__(message or "; ".join(str(v) for v in violations) or self.reason)
        if reason:
            self.reason = reason
        self.violations = tuple(violations)
        self.entry = entry  # the id of the journal entry that records this outcome, where there is one
        self.counted = False  # the journal knows of this outcome, but only as one of many

    @property
    def message(self) -> str:
        return str(self.args[0])


class InvalidQuery(GatewayError):
    """The question cannot be asked in this form; concerns the query's text alone, never data."""

    status, reason, exit_code = "INVALID_ARGUMENT", "QUERY_INVALID", 65


class InvalidRequest(GatewayError):
    """The call itself is malformed: no deadline, an unreadable or an oversized message."""

    status, reason, exit_code = "INVALID_ARGUMENT", "REQUEST_INVALID", 65


class RequestIdReused(GatewayError):
    """The request id was used before, with another question."""

    status, reason, exit_code = "ALREADY_EXISTS", "REQUEST_ID_REUSED", 65


class Unauthenticated(GatewayError):
    """The certificate or the token does not prove who is calling."""

    status, reason, exit_code = "UNAUTHENTICATED", "UNAUTHENTICATED", 77


class PermissionDenied(GatewayError):
    """No agreement allows this."""

    status, reason, exit_code = "PERMISSION_DENIED", "NOT_GRANTED", 77


class BudgetExceeded(GatewayError):
    """The loss does not fit into what is left of a privacy budget."""

    status, reason, exit_code = "RESOURCE_EXHAUSTED", "BUDGET_EXCEEDED", 75


class LimitExceeded(GatewayError):
    """Too many calls, or too many at once."""

    status, reason, exit_code = "RESOURCE_EXHAUSTED", "RATE_LIMITED", 75


class NotFound(GatewayError):
    """The named thing does not exist, or not for this caller."""

    status, reason, exit_code = "NOT_FOUND", "NOT_FOUND", 66


class AuditUnavailable(GatewayError):
    """The journal cannot be written, so nothing is answered and nothing was read."""

    status, reason, exit_code = "UNAVAILABLE", "AUDIT_UNAVAILABLE", 69


class ClockUntrusted(GatewayError):
    """The site's clock jumped and nobody has confirmed it yet, so nothing is charged."""

    status, reason, exit_code = "UNAVAILABLE", "CLOCK_UNTRUSTED", 69


class NothingToDo(GatewayError):
    """An operator's command found nothing that it could do."""

    status, reason, exit_code = "FAILED_PRECONDITION", "NOTHING_TO_DO", 65


class SourceUnavailable(GatewayError):
    """The snapshot cannot be opened; found before anything was charged."""

    status, reason, exit_code = "UNAVAILABLE", "DATA_UNAVAILABLE", 69


class DeidentifierUnavailable(GatewayError):
    """No process that de-identifies could be started or kept; no text was passed on."""

    status, reason, exit_code = "UNAVAILABLE", "DEIDENTIFIER_UNAVAILABLE", 69


class ServerUnavailable(GatewayError):
    """The other side could not be reached (seen by clients)."""

    status, reason, exit_code = "UNAVAILABLE", "SERVER_UNAVAILABLE", 69


class DeadlineExceeded(GatewayError):
    """The caller's deadline passed; the work and its charge stand, ask again with the same request id."""

    status, reason, exit_code = "DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", 75


class ReleaseFailed(GatewayError):
    """The one answer to every failure after data may have been read; the charge is kept."""

    status, reason, exit_code = "INTERNAL", "RELEASE_FAILED", 70

    def __init__(self, *, entry: str = "") -> None:
        super().__init__("the release failed; its charge is kept", entry=entry)


class DisclosureFailed(GatewayError):
    """The one answer where notes could not be read; nothing of them was sent."""

    status, reason, exit_code = "INTERNAL", "DISCLOSURE_FAILED", 70

    def __init__(self, *, entry: str = "") -> None:
        super().__init__("the notes could not be read; nothing of this batch was sent", entry=entry)


class PolicyInvalid(GatewayError):
    """Policy files with faults, each positioned."""

    status, reason, exit_code = "FAILED_PRECONDITION", "POLICY_INVALID", 65


class ConfigInvalid(GatewayError):
    """The site's or the partner's own configuration cannot be used."""

    status, reason, exit_code = "FAILED_PRECONDITION", "CONFIG_INVALID", 78


class IngestRefused(GatewayError):
    """A source file does not fit its dataset file; nothing was published."""

    status, reason, exit_code = "FAILED_PRECONDITION", "INGEST_REFUSED", 65


class JournalInvalid(GatewayError):
    """The journal does not verify: it was changed, cut, or written by something else."""

    status, reason, exit_code = "DATA_LOSS", "JOURNAL_INVALID", 76


class JournalLocked(GatewayError):
    """Another process owns this journal."""

    status, reason, exit_code = "FAILED_PRECONDITION", "JOURNAL_LOCKED", 75


class Internal(GatewayError):
    """A defect of ours; the caller learns nothing else."""

    def __init__(self, message: str = "internal error", *, entry: str = "") -> None:
        super().__init__(message, entry=entry)
