"""From a request for notes to a permitted plan and the place where it goes on: nothing here touches data.

Law: a page token goes on only for the party, agreement, purpose and plan that it was made for: a changed
filter, grant, profile or dataset is another plan.
Imports: domain, query, policy, notes, flows.site.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.agreement import Compiled, Deny, NotesPermit
from gateway.domain.entry import Subject
from gateway.domain.identity import Principal
from gateway.domain.notes import MOST_PAGE, START, USUAL_PAGE, NotesQuestion, Position
from gateway.domain.query import Predicate
from gateway.errors import InvalidRequest, PermissionDenied
from gateway.flows.site import Site
from gateway.flows.texts import disclosing_of
from gateway.lower.scope import NOWHERE, Positions, check_patient_columns
from gateway.notes import NotesPlan, make_notes_plan
from gateway.policy.disclose import decide_notes
from gateway.query.sql import parse_condition

TOKEN_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesRequest:
    """What a partner sends. `where` is a condition, or SQL text of one; `page_size` 0: the usual."""

    agreement: str
    dataset: str
    where: Predicate | str | None = None
    columns: tuple[str, ...] | None = None
    page_size: int = 0
    page_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """A permitted request and its plan, as of one set of policies."""

    compiled: Compiled
    principal: Principal
    permit: NotesPermit
    plan: NotesPlan

    @property
    def account(self) -> tuple[str, str, str]:
        """Agreement, grant and party: whose day and whose pace it is."""
        grants = self.permit.grants
        return grants.agreement.id, grants.grant.name, self.principal.party

    def subject(self, snapshot: str) -> Subject:
        """What the journal says a batch is about."""
        grant = self.permit.grants.grant
        return Subject(
            principal=self.principal,
            agreement=self.permit.grants.agreement.id,
            generation=self.compiled.generation,
            operation=grant.operation.value,
            dataset=grant.dataset,
            snapshot=snapshot,
        )


class Asked:
    """One request of one principal. The text is parsed once, the decision made as often as it is needed."""

    def __init__(self, site: Site, principal: Principal, request: NotesRequest) -> None:
        """Raises `DeidentifierUnavailable`, and `InvalidRequest` (PAGE_SIZE_INVALID)."""
        if not 0 <= request.page_size <= MOST_PAGE:
            raise InvalidRequest(f"page_size must be 1 to {MOST_PAGE}, or 0", reason="PAGE_SIZE_INVALID")
        self.site, self.principal, self.request = site, principal, request
        self.disclosing = disclosing_of(site)
        self.page_size = request.page_size or USUAL_PAGE
        self._parsed: tuple[NotesQuestion, Positions] | None = None

    async def permitted(self) -> Permitted:
        """Decide and plan by the policies that serve now. Raises `InvalidQuery` or `PermissionDenied`."""
        compiled, site = self.site.compiled, self.site
        if self._parsed is None:
            self._parsed = await asyncio.to_thread(_question, self.request, compiled)
        question, positions = self._parsed
        name = self.request.agreement
        decision = decide_notes(
            compiled, self.principal, agreement=name, question=question, now=site.clock.now()
        )
        if isinstance(decision, Deny):
            raise PermissionDenied(decision.message, reason=decision.reason)
        plan = make_notes_plan(
            question, decision, compiled.datasets, digest_key=site.digest_key, positions=positions
        )
        return Permitted(compiled=compiled, principal=self.principal, permit=decision, plan=plan)

    def position(self, plan: NotesPlan) -> Position:
        """Where the request goes on. Raises `InvalidRequest` (PAGE_TOKEN_INVALID, PAGE_TOKEN_EXPIRED)."""
        if not self.request.page_token:
            return START
        content = self.disclosing.seal.open(self.request.page_token, self._context(plan))
        if content is None:
            raise other_request()
        key, seen, expires = json.loads(content)
        if self.site.clock.now().timestamp() > expires:
            raise InvalidRequest("this page token has expired: begin again", reason="PAGE_TOKEN_EXPIRED")
        return Position(key=key, seen=seen)

    def token(self, plan: NotesPlan, end: Position) -> str:
        """The token of what comes after a position."""
        expires = int((self.site.clock.now() + TOKEN_LIFE).timestamp())
        content = json.dumps([end.key, end.seen, expires]).encode()
        return self.disclosing.seal.seal(content, self._context(plan))

    def _context(self, plan: NotesPlan) -> tuple[str, ...]:
        who = self.principal
        return "notes", who.party, self.request.agreement, who.purpose, plan.digest


def other_request() -> InvalidRequest:
    """The one refusal of a token that does not go on here."""
    return InvalidRequest(
        "this page token is not of this request, or what it was made for has changed: begin again",
        reason="PAGE_TOKEN_INVALID",
    )


def _question(request: NotesRequest, compiled: Compiled) -> tuple[NotesQuestion, Positions]:
    """The request in domain words. Raises `InvalidQuery`."""
    where, positions = request.where, NOWHERE
    if isinstance(where, str):
        parsed = parse_condition(where, request.dataset)
        check_patient_columns(parsed.patient_columns, compiled.datasets)
        where, positions = parsed.condition, parsed.positions
    return NotesQuestion(dataset=request.dataset, where=where, columns=request.columns), positions
