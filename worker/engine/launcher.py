"""One attempt to launch an incident: lease it, respond, close the lease, and say what is done with the message."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from worker.domain.errors import Held, Interrupted, Permanent, TocsinError
from worker.domain.incident import Incident
from worker.domain.launch_report import Report
from worker.domain.lease import AlreadyLaunched, Closing, Lease
from worker.domain.settlement import Complete, DeadLetter, IncidentSettlement, RetryLater, Settlement
from worker.domain.states import LaunchState, StepState
from worker.engine.executor import Failures, OnUndecided, Timing, first_checkpoints, respond
from worker.engine.journal import Journal
from worker.engine.nobody_told import NobodyTold
from worker.engine.pages import Pages
from worker.engine.settlement_policy import settlement
from worker.engine.step import Entry, Playbook, check_playbook
from worker.engine.store_alarm import StoreAlarm
from worker.observability import telemetry
from worker.resilience.backoff import backoff
from worker.resilience.circuit_breaker import Breaker, State
from worker.resilience.urgency import Urgency
from worker.storage.stores import Stores

log = structlog.get_logger()

_BEFORE_LAST_WORDS = (timedelta(seconds=1), timedelta(seconds=3))

# No incident has this id: a row that is not there is an answer too.
_NOBODY = "inc-0"


def store_breaker(**options: Any) -> Breaker:
    """Of the table of incidents: a refusal stops every launch as well as silence does."""
    return Breaker(
        "tables", spoken="the table of incidents", counts=lambda error: not isinstance(error, Held), **options
    )


def put_off(error: TocsinError) -> RetryLater:
    """Until whoever has the incident is done with it, or the store answers again: neither is the incident's fault."""
    if isinstance(error, Held):
        log.info("incident.held", because=str(error))
        return RetryLater(error.retry_after or backoff(1), str(error))
    log.warning("store.failed", error=str(error))
    return RetryLater(backoff(3), str(error), outage=True)


@dataclass(frozen=True, slots=True)
class Launcher:
    playbook: Playbook
    stores: Stores
    timing: Timing
    give_up_after: timedelta
    on_undecided: OnUndecided = OnUndecided.REPEAT
    tables: Breaker = field(default_factory=store_breaker)
    reports: Callable[[Report], Playbook] = lambda _: ()
    alarm: StoreAlarm = field(default_factory=StoreAlarm)
    records: Playbook = ()

    def __post_init__(self) -> None:
        check_playbook(self.playbook)
        check_playbook(self.records)

    def _playbook_of(self, incident: Incident) -> Playbook:
        return self.records if incident.event.closed else self.playbook

    async def launch(self, incident: Incident, stopping: asyncio.Event) -> Settlement:
        """What is to be done with the message; a store that cannot be reached is not the incident's fault."""
        if stopping.is_set():
            return RetryLater(timedelta(), "The worker is stopping.")
        try:
            playbook = self._playbook_of(incident)
            names = [step.name for step in playbook if not step.contingent]
            begin = await first_checkpoints(incident, playbook, self.timing)
            with self.tables.guard(), telemetry.commit("lease"):
                lease = await self.stores.incidents.lease(incident, begin, playbook=names)
            self.alarm.stop(incident)
            if isinstance(lease, AlreadyLaunched):
                log.info("incident.already_launched")
                return Complete()
            telemetry.attempted(lease.attempt)
            lease.incident = await self._restore(lease.incident)
            return await self._respond(lease, stopping)
        except TocsinError as error:
            return self.put_off(incident, error)

    def put_off(self, incident: Incident, error: TocsinError) -> RetryLater:
        """Until whoever has the incident is done with it, or the store answers again; the second is said aloud."""
        if not isinstance(error, Held):
            self.alarm.start(incident, error)
        return put_off(error)

    async def _restore(self, incident: Incident) -> Incident:
        """With what its message was too small for; the rows of an incident never hold that."""
        if incident.event.remainder is None:
            return incident
        with self.tables.guard():
            event = await self.stores.oversize.restore(incident.event)
        return incident.model_copy(update={"event": event})

    async def wait_for_store(self) -> None:
        """Return at once where it has done so till now, else when it does again: nothing can be done without it."""
        while self.tables.state is not State.CLOSED:
            await self.tables.wait_until_passable()
            with suppress(TocsinError), self.tables.guard():
                await self.stores.incidents.summary(_NOBODY)

    async def _respond(self, lease: Lease, stopping: asyncio.Event) -> Settlement:
        started = time.monotonic()
        log.info("incident.leased", resumed=not lease.opened)
        pages = Pages(is_held=lease.incident.event.closed)
        async with AsyncExitStack() as stack:
            journal = await stack.enter_async_context(Journal(self.stores.incidents, lease))
            watch = await stack.enter_async_context(NobodyTold(lease, journal, pages))
            failures = await self._take_steps(lease, journal, stopping, pages)
            tried_for = lease.tried_for + timedelta(seconds=time.monotonic() - started)
            decided = self._decide(lease, failures, tried_for)
            watch.judge(decided)
            await self._report(lease, decided, journal, stopping)
            await journal.close(_closing(decided, tried_for, lease))
        _tell(lease, decided)
        return decided

    async def _take_steps(self, lease: Lease, journal: Journal, stopping: asyncio.Event, pages: Pages) -> Failures:
        listed = asyncio.create_task(self._list(lease.incident))
        try:
            failures = await respond(
                lease,
                self._playbook_of(lease.incident),
                journal,
                self.timing,
                stopping,
                on_undecided=self.on_undecided,
                pages=pages,
            )
            return failures | await listed
        finally:
            listed.cancel()

    async def _report(
        self, lease: Lease, decided: IncidentSettlement, journal: Journal, stopping: asyncio.Event
    ) -> None:
        """What it comes to changes nothing about the message: a report that fails is made by the next attempt."""
        report = Report.of(decided, age=datetime.now(UTC) - lease.incident.received_at)
        if lease.incident.event.closed:
            return  # nobody waits for it
        playbook = self.reports(report) if report else ()
        said_before = any(step.name in lease.checkpoints for step in playbook)
        if not playbook or (isinstance(decided, Complete) and not said_before):
            return
        lease.opened = False  # whatever was begun with the lease has been taken by now
        done = [step for step in self.playbook if _is_done(lease, step)]
        # After the last attempt nobody comes to say it.
        for pause in () if isinstance(decided, RetryLater) else _BEFORE_LAST_WORDS:
            failures = await respond(lease, (*done, *playbook), journal, self.timing, stopping)
            if stopping.is_set() or all(isinstance(error, Permanent) for error in failures.values()):
                return
            await asyncio.sleep(pause.total_seconds())
        await respond(lease, (*done, *playbook), journal, self.timing, stopping)

    async def _list(self, incident: Incident) -> Failures:
        """A launch that nobody finds in the list is not done."""
        try:
            with telemetry.commit("list"):
                await self.stores.listing.add(incident)
        except TocsinError as error:
            return {"history": error}
        return {}

    def _decide(self, lease: Lease, failures: Failures, tried_for: timedelta) -> IncidentSettlement:
        if any(isinstance(failure, Interrupted) for failure in failures.values()):
            return RetryLater(timedelta(), "The worker is stopping.")
        return settlement(
            failures,
            attempt=lease.attempt,
            waiting=tried_for,
            give_up_after=self.give_up_after,
            urgent=Urgency.of(lease.incident.event).overtakes,
        )


def _closing(decided: IncidentSettlement, tried_for: timedelta, lease: Lease) -> Closing:
    match decided:
        case Complete():
            return Closing(LaunchState.LAUNCHED)
        case RetryLater(delay=delay, because=because, outage=outage):
            counted = lease.tried_for if outage else tried_for + delay
            return Closing(LaunchState.LAUNCHING, because, counted, next_try_at=datetime.now(UTC) + delay)
        case DeadLetter(reason=reason, description=description):
            return Closing(LaunchState.FAILED, failure=f"{reason}. {description}")


def _is_done(lease: Lease, step: Entry[Any]) -> bool:
    checkpoint = lease.checkpoints.get(step.name)
    return checkpoint is not None and checkpoint.state is StepState.DONE


def _tell(lease: Lease, decided: Settlement) -> None:
    incident = lease.incident
    match decided:
        case Complete() if lease.nobody_told:
            log.error("incident.ended_untold")
        case Complete():
            age = datetime.now(UTC) - incident.received_at
            log.info("incident.launched", seconds=round(age.total_seconds(), 3))
            telemetry.launched(age)
        case RetryLater(delay=delay, because=because):
            log.warning("incident.retry_later", seconds=round(delay.total_seconds(), 1), because=because)
        case DeadLetter(reason=reason, description=description):
            log.error("incident.failed", reason=reason, description=description)
