"""Wiring: one site folder becomes one running gateway. The only place where devices meet flows and doors.

Law: nothing is served before the journal is open, verified and owned; on reload, what is broken changes
nothing. Imports: everything below.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import os
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway import log
from gateway.adapters.clock import SystemClock, SystemTicker
from gateway.adapters.file_keys import SiteKeys
from gateway.adapters.head_file import check_head, write_head
from gateway.adapters.ibis_engine import IbisEngine
from gateway.adapters.notify import READY, STOPPING, Watchdog, notify
from gateway.adapters.page_seal import PageSeal
from gateway.adapters.policy_files import PolicyFiles
from gateway.adapters.run_file import announced
from gateway.adapters.snapshots import contents, newest
from gateway.adapters.sqlite_journal import SqliteJournal
from gateway.adapters.text_pipelines import TextPipelines
from gateway.adapters.text_process import Limits as WorkerLimits
from gateway.adapters.text_workers import TextWorkers
from gateway.config import Settings, Trust, load_denied, load_trust
from gateway.domain.agreement import Compiled, Limits
from gateway.domain.deid import Profile
from gateway.domain.entry import EntryKind
from gateway.domain.expression import ExactVectors
from gateway.domain.identity import Denied, Principal
from gateway.domain.notes import NoteRow, Position
from gateway.errors import (
    AuditUnavailable,
    ConfigInvalid,
    DeidentifierUnavailable,
    GatewayError,
    PolicyInvalid,
    SourceUnavailable,
)
from gateway.flows.activate import activate, publish
from gateway.flows.grid import Grid
from gateway.flows.pace import Pace
from gateway.flows.prepare import record_refusal
from gateway.flows.site import Disclosing, Site
from gateway.notes import NotesPlan
from gateway.plan import Plan
from gateway.policy.catalogue import limits_of
from gateway.ports import Deidentifier, Engine
from gateway.rpc.authentication import Authenticator
from gateway.rpc.guard import Guard, service_handlers
from gateway.rpc.limits import PartyLimits
from gateway.rpc.server import Listeners, open_listeners
from gateway.rpc.servicers import partner_services, site_services
from gateway.rpc.tls import TlsMaterial, check_material, server_credentials, site_material
from gateway.rpc.tokens import TokenVerifier

SPILL = Path("data") / ".spill"
DRAIN_SECONDS = 10.0
LINGER_SECONDS = 10.0  # how long a gateway whose journal broke still answers UNAVAILABLE, before it ends
WATCH_SECONDS = 0.25
HEAD_SECONDS = 1.0
SITE_LIMITS = Limits(requests_per_minute=6_000, concurrent=32)


Workers = Callable[[SiteKeys], Awaitable[Deidentifier]]
"""Starts the processes that de-identify, with the keys of the site."""


class NoData:
    """Stands where a snapshot will be: a site that has not ingested anything yet."""

    snapshot = "none"

    def ready(self, plan: Plan) -> None:
        raise SourceUnavailable("nothing was ingested at this site yet", reason="NO_SNAPSHOT")

    def run(self, plan: Plan) -> ExactVectors:
        raise SourceUnavailable("nothing was ingested at this site yet", reason="NO_SNAPSHOT")

    def ready_notes(self, plan: NotesPlan) -> None:
        raise SourceUnavailable("nothing was ingested at this site yet", reason="NO_SNAPSHOT")

    def notes(self, plan: NotesPlan, after: Position, most: int) -> tuple[NoteRow, ...]:
        raise SourceUnavailable("nothing was ingested at this site yet", reason="NO_SNAPSHOT")

    def close(self) -> None:
        return


@dataclass(slots=True, kw_only=True)
class Gateway:
    """A site that serves, or is about to."""

    folder: Path
    settings: Settings
    keys: SiteKeys
    journal: SqliteJournal
    policies: PolicyFiles
    site: Site
    denied: Denied
    reloading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    async def open(cls, folder: Path, settings: Settings, workers: Workers | None = None) -> Gateway:
        """Open everything that a site folder holds; the journal stays owned until `close`.

        `workers` starts what de-identifies; without it no text leaves.
        """
        keys = SiteKeys.load(folder / "keys")
        trust, denied = load_trust(folder), load_denied(folder)
        check_head(folder, folder / "journal" / "journal.db")
        clock = SystemClock()
        journal = open_journal(folder, settings, trust)
        try:
            _check_trust(journal, trust)
            _empty(folder / SPILL)
            policies = PolicyFiles(folder / "policies", folder / "journal" / "policies")
            serving = await activate(settings.site, policies, journal, _fits(keys))
            _report(serving.fault)
            disclosing = None if workers is None else await _disclosing(keys, workers)
            site = Site(
                compiled=serving.compiled,
                disclosing=disclosing,
                engine=await _engine(folder, settings, keys, journal),
                journal=journal,
                clock=clock,
                threads=ThreadPoolExecutor(max_workers=settings.engine.threads + 2),
                readers=settings.engine.threads,
                digest_key=keys.site_key,
                hash_epoch=hashlib.sha256(b"hash epoch\0" + keys.bounding_key).hexdigest()[:16],
                grid=Grid(ticker=SystemTicker(), tick=settings.answer_tick),
                max_cells=settings.max_cells,
                longest_read=settings.longest_read,
            )
        except BaseException:
            journal.close()
            raise
        return cls(
            folder=folder,
            settings=settings,
            keys=keys,
            journal=journal,
            policies=policies,
            site=site,
            denied=denied,
        )

    async def reload(self) -> None:
        """Take up changed policies, certificates and a newer snapshot. Raises nothing for broken ones.

        Calls that are under way finish with what they began with. Reloads come one after the other: each
        compares what it finds with what the journal names as activated.
        """
        async with self.reloading:
            await self._reload()

    async def _reload(self) -> None:
        try:
            self.denied = load_denied(self.folder)  # first: what narrows waits for nothing else
            keys = SiteKeys.load(self.folder / "keys")
            serving = await activate(self.settings.site, self.policies, self.journal, _fits(keys))
            _report(serving.fault)
            self.keys, self.site.compiled = keys, serving.compiled
            path = newest(self.folder / "data")
            if path is not None and path.stem != self.site.engine.snapshot:
                before = self.site.engine
                self.site.engine = await _engine(self.folder, self.settings, self.keys, self.journal)
                self.site.retire(before)
        except GatewayError as error:
            log.event(logging.ERROR, "reload_refused", reason=error.reason, error=type(error).__name__)
        except Exception as error:  # whatever it was, what served goes on serving
            log.defect("reload_refused", error, reason=GatewayError.reason)
        else:
            log.event(logging.INFO, "reloaded", generation=self.site.compiled.generation)

    def listeners(self) -> Listeners:
        """Bind every listener; nothing is accepted before they are started."""
        verifier = TokenVerifier(self.settings.site, denied=lambda: self.denied)
        authenticator = Authenticator(lambda: self.site.compiled, verifier, self.site.clock)
        partners = Guard(
            identify=authenticator.identify,
            authenticate=authenticator.authenticate,
            limits=PartyLimits(lambda party: limits_of(self.site.compiled, party)),
            refused=self._refused,
            counted=self.journal.count,
            longest_deadline=self.settings.longest_deadline,
        )
        own = Guard(
            identify=lambda peer: _SITE_PERSON.party,
            authenticate=lambda peer, metadata: _SITE_PERSON,
            limits=PartyLimits(lambda party: SITE_LIMITS),
            longest_deadline=self.settings.longest_deadline,
        )
        services = partner_services(self.site)
        return open_listeners(
            partner_address=self.settings.listen,
            credentials=server_credentials(self._tls),
            partner_handlers=service_handlers(services, partners),
            reflected=tuple(s.full_name for s in services) if self.settings.reflection else (),
            socket=self.folder / self.settings.socket,
            site_handlers=service_handlers(site_services(self.site), own),
            health_address=self.settings.health,
        )

    async def warm(self) -> None:
        """Start the processes that de-identify, if a grant needs them: no caller waits for their models.

        Where they cannot be had, that is logged and said to every caller; the rest of the gateway serves.
        """
        disclosing, granted = self.site.disclosing, _granted(self.site.compiled)
        if disclosing is None or not granted or not isinstance(disclosing.deidentifier, TextWorkers):
            return
        try:
            await disclosing.deidentifier.start(granted)
        except DeidentifierUnavailable as error:
            log.event(logging.ERROR, "text_workers_not_started", reason=error.reason)

    async def close(self) -> None:
        """Finish what was charged, then give the journal back."""
        await self.site.drained()
        if self.site.disclosing is not None:
            await self.site.disclosing.deidentifier.close()
        self.site.threads.shutdown()
        self.journal.close()

    def _tls(self) -> TlsMaterial:
        return site_material(self.keys, self.site.compiled.parties.values())

    async def _refused(self, principal: Principal, method: str, error: GatewayError) -> str:
        await record_refusal(self.site, principal, error)
        return error.entry


_SITE_PERSON = Principal(
    party="site", person=f"uid:{os.getuid()}", purpose="HSYSADMIN", thumbprint="", jti=""
)


async def serve(folder: Path, settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reloads. Raises `AuditUnavailable` where the journal broke.

    run/gateway.json then names the process and the port that was bound.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    early = asyncio.Event()  # a reload asked for during the start is remembered
    loop.add_signal_handler(signal.SIGHUP, early.set)
    gateway = await Gateway.open(folder, settings, text_workers(settings))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_named_heads(folder, gateway.journal))
        stack.push_async_callback(gateway.close)
        listeners = gateway.listeners()
        await listeners.start()
        stack.push_async_callback(listeners.stop, DRAIN_SECONDS)

        def reload() -> asyncio.Task[None]:
            # Shielded work is held by the site, and waited for at the end.
            return loop.create_task(gateway.site.shielded(gateway.reload()))

        loop.add_signal_handler(signal.SIGHUP, reload)
        warm = loop.create_task(gateway.warm())
        stack.callback(warm.cancel)
        stack.enter_context(announced(folder, listeners.port))
        stack.callback(_settled())
        log.event(logging.INFO, "serving", generation=gateway.site.compiled.generation)
        notify(READY)
        stack.callback(notify, STOPPING)
        if early.is_set():
            reload()
        broken = await _until(stop, gateway.journal, listeners)
    if broken:
        raise AuditUnavailable("the journal can no longer be written; the gateway has stopped")


@asynccontextmanager
async def _named_heads(folder: Path, journal: SqliteJournal) -> AsyncIterator[None]:
    """The newest entry is written outside of the journal's folder, a second after it, and at the end."""
    end = asyncio.Event()
    task = asyncio.create_task(_name_heads(folder, journal, end))
    try:
        yield
    finally:
        end.set()
        await task


async def _name_heads(folder: Path, journal: SqliteJournal, end: asyncio.Event) -> None:
    """A head that cannot be written stops nobody, and is tried again; until then the older one stands."""
    named = None
    while True:
        last, head = end.is_set(), journal.head()
        if head != named:
            try:
                await asyncio.to_thread(write_head, folder, head)
                named = head
            except OSError as error:
                log.event(logging.WARNING, "head_not_written", error=type(error).__name__)
        if last:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(end.wait(), HEAD_SECONDS)


def site_person() -> Principal:
    """Whoever uses the site's socket: the account that runs the gateway, which alone can open it."""
    return _SITE_PERSON


def open_journal(
    folder: Path, settings: Settings, trust: Trust, *, make_room: Principal | None = None
) -> SqliteJournal:
    """The journal of a site's folder. Raises what `SqliteJournal.open` raises."""
    return SqliteJournal.open(
        folder / "journal" / "journal.db",
        origin=settings.site,
        site=settings.site,
        trust_digest=trust.digest,
        demo=trust.demo,
        clock=SystemClock(),
        reserve=_bytes(settings.journal.reserve),
        most_refusals=settings.journal.refusals_a_minute,
        most_entries=settings.journal.entries_a_day,
        make_room=make_room,
    )


def _bytes(size: str) -> int:
    """A size as site.yaml has it: a number with MB or GB."""
    return int(size[:-2]) << (20 if size.endswith("MB") else 30)


def _settled() -> Callable[[], None]:
    """Spare the garbage collector what was loaded and lives as long as the process; returns the way back.

    Each full collection would walk some hundred thousand objects of the libraries, on the hot path.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    return gc.unfreeze


async def _until(stop: asyncio.Event, journal: SqliteJournal, listeners: Listeners) -> bool:
    """Wait for the end. A journal that stays broken is one: NOT_SERVING at once, then the process ends.

    A full disk alone is not: its operator needs the gateway to make room.
    """
    broken_for = 0.0
    watchdog = Watchdog()
    while not stop.is_set():
        watchdog.beat()
        serving = journal.healthy
        await listeners.serving(serving)
        broken_for = broken_for + WATCH_SECONDS if journal.broken else 0.0
        if broken_for >= LINGER_SECONDS:
            log.event(logging.CRITICAL, "journal_broken")
            return True
        try:
            await asyncio.wait_for(stop.wait(), WATCH_SECONDS)
        except TimeoutError:
            continue
    return False


def text_workers(settings: Settings) -> Workers:
    """What makes the processes that de-identify, within the site's limits; none runs before it is needed."""
    limits = WorkerLimits(
        memory=_bytes(settings.deid.memory),
        document=_bytes(settings.deid.longest_text),
        base_seconds=settings.deid.seconds,
    )

    async def made(keys: SiteKeys) -> Deidentifier:
        return TextWorkers(TextPipelines(keys.deid_key), workers=settings.deid.workers, limits=limits)

    return made


def _granted(compiled: Compiled) -> list[Profile]:
    """The profiles that some grant names, by name."""
    agreements = compiled.agreements.values()
    names = {grant.notes.profile for agreement in agreements for grant in agreement.grants if grant.notes}
    names |= {grant.profile for agreement in agreements for grant in agreement.text_grants}
    return [compiled.profiles[name] for name in sorted(names)]


async def _disclosing(keys: SiteKeys, workers: Workers) -> Disclosing:
    return Disclosing(
        deidentifier=await workers(keys), seal=PageSeal(keys.site_key), pace=Pace(ticker=SystemTicker())
    )


async def _engine(folder: Path, settings: Settings, keys: SiteKeys, journal: SqliteJournal) -> Engine:
    """The newest snapshot, opened and recorded as published; a site without any serves no data."""
    path = newest(folder / "data")
    if path is None:
        return NoData()
    # Before the engine opens the file: DuckDB allows one configuration of a file in a process.
    datasets = tuple(stored.dataset for stored in contents(path))
    engine = IbisEngine(
        path,
        bounding_key=keys.bounding_key.hex(),
        spill=folder / SPILL / path.stem,
        memory_limit=settings.engine.memory,
        spill_limit=settings.engine.spill,
        threads=settings.engine.threads,
        longest_read=settings.longest_read,
    )
    await publish(path.stem, datasets, journal)
    return engine


def _empty(folder: Path) -> None:
    """Remove plain text that a killed process left; the folder itself may be all that can be written here."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _fits(keys: SiteKeys) -> Callable[[Compiled], None]:
    """Whether the listener can serve with these keys and the trust anchors of a policy set."""
    return lambda compiled: check_material(site_material(keys, compiled.parties.values()))


def _check_trust(journal: SqliteJournal, trust: Trust) -> None:
    """The people who may decide here are those that entry 0 names; signed changes are not built yet."""
    opened = journal.latest(EntryKind.OPENED)
    if opened is None or opened.body["trust_digest"] != trust.digest:
        raise ConfigInvalid(
            "trust.yaml is not the file that this journal was opened with", reason="TRUST_CHANGED"
        )


def _report(fault: PolicyInvalid | None) -> None:
    """Say on the log that a broken folder was passed over, with each fault's place."""
    if fault is None:
        return
    for violation in fault.violations:
        log.event(
            logging.ERROR,
            "policies_refused",
            reason=fault.reason,
            where=f"{violation.file}:{violation.line}:{violation.column}",
        )
    log.event(logging.ERROR, "last_good_policies_serve", reason=fault.reason)
