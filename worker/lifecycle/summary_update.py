"""Tell a launched incident what its alerts have come to: count them, and let the steps that tell it run again.

These steps run on the same engine as a launch does, under the same lease and with checkpoints of the same kind: each
tells the whole anew in the place of what it told before, so that many alerts are one note that changes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from worker.domain.alert_record import AlertRecord
from worker.domain.alert_summary import AlertSummary, each_once, summarised
from worker.domain.digest import Digest, PublishedSummary
from worker.domain.errors import Held, Interrupted, Permanent, TocsinError
from worker.domain.incident import Incident
from worker.domain.lease import Lease, Release
from worker.domain.settlement import Complete, RetryLater, Settlement
from worker.domain.states import StepState
from worker.engine.executor import Failures, Timing, respond
from worker.engine.journal import Journal
from worker.engine.settlement_policy import settlement
from worker.engine.step import Entry, Fan, Playbook, Step
from worker.grouping.alert_store import AlertStore
from worker.resilience.backoff import backoff
from worker.resilience.urgency import Urgency, acting_with
from worker.storage.incident_store import IncidentStore

log = structlog.get_logger()

# Somebody who counts at the same moment is done in milliseconds.
_ROUNDS = 10

_SOON = timedelta(seconds=3)

SummaryPlaybook = Callable[[Digest, Mapping[str, PublishedSummary]], Playbook]
TellResponse = Callable[[Incident, AlertSummary], Awaitable[None]]
MergedInto = Callable[[str], Awaitable[Sequence[str]]]


async def _nothing(incident: str) -> Sequence[str]:
    del incident
    return ()


async def _tell_nobody(incident: Incident, summary: AlertSummary) -> None:
    del incident, summary


@dataclass(frozen=True, slots=True)
class _Counted:
    summary: AlertSummary
    read_at: datetime


@dataclass(frozen=True, slots=True)
class SummaryUpdate:
    """`launch` are the steps whose results the others build on; `playbook_of` makes those for one digest, of
    the kinds `summary_steps`. `tell_response` records what the alerts have come to with those who respond.
    `merged_into`: by its id those that were merged into an incident, whose alerts count as its own.

    A follow-up is worth less than a launch: what it cannot tell is told with the next alert, and never dead-lettered.
    """

    store: IncidentStore
    alert_store: AlertStore
    launch: Playbook
    summary_steps: Sequence[type[Entry[Any]]]
    playbook_of: SummaryPlaybook
    timing: Timing
    reopen: timedelta
    give_up_after: timedelta
    resolved_state: str | None = None
    tell_response: TellResponse = _tell_nobody
    merged_into: MergedInto = _nothing

    async def publish(self, incident: Incident, stopping: asyncio.Event) -> Settlement:
        """What is to be done with the reminder; `incident` is known here by its key, and since when this was due."""
        state = await self.alert_store.state(incident.id)
        if state is not None and state.published_at is not None and state.published_at >= incident.received_at:
            # In a storm many reminders wait for each other, and the first of them tells for all.
            return Complete()
        lease = await self._lease(incident)
        if lease is None:
            # The end of its launch is a reminder as well; but what comes meanwhile must know how it stands.
            await self._count(incident)
            return Complete()
        return await self._publish(lease, incident, stopping)

    async def _lease(self, incident: Incident) -> Lease | None:
        try:
            return await self.store.lease_launched(incident.id)
        except Held as held:
            # Whoever has it is done in seconds, long before its lease ends.
            soon = min(held.retry_after or _SOON, _SOON)
            raise Held(str(held), retry_after=soon) from None

    async def _publish(self, lease: Lease, incident: Incident, stopping: asyncio.Event) -> Settlement:
        failures: Failures = {}
        # The lease is renewed while ten thousand alerts are counted.
        async with Journal(self.store, lease) as journal:
            counted = await self._count(incident)
            if counted is not None:
                await self.tell_response(lease.incident, counted.summary)
                failures = await self._respond(lease, counted.summary, journal, stopping)
            decided = self._decide(lease, failures, datetime.now(UTC) - incident.received_at)
            await journal.close(Release())
        if counted is not None and not failures:
            await self.alert_store.note_published(incident.id, counted.read_at)
            summary = counted.summary
            log.info("summary.published", alerts=summary.alerts, faults=summary.faults, firing=summary.firing)
        return decided

    async def has_more(self, incident: Incident) -> bool:
        """Whether anything beyond the alert that opened it is to be told of a launched incident."""
        return await self.alert_store.has_more(incident.id) or bool(await self.merged_into(incident.id))

    async def _count(self, incident: Incident) -> "_Counted | None":
        """None where there is nothing to tell: nothing but what opened it, or no such incident."""
        for _ in range(_ROUNDS):
            alerts = await self.alert_store.alerts(incident.id)
            told = [*await self._records(incident.id, alerts.records)]
            for merged in await self.merged_into(incident.id):
                told += await self._records(merged, (await self.alert_store.alerts(merged)).records)
            summary = summarised(told)
            if summary is None or len(each_once(told)) == 1:
                return None
            if alerts.summary is not None and alerts.summary.mark == summary.mark:
                return _Counted(alerts.summary, alerts.read_at)
            if await self.alert_store.store_count(incident.id, summary, alerts.counted):
                return _Counted(summary, alerts.read_at)
        raise Held(f"Others count the alerts of {incident.id} too.", retry_after=backoff(1))

    async def _records(self, incident: str, kept: Sequence[AlertRecord]) -> Sequence[AlertRecord]:
        """Of an incident that its sender named nothing but its own event tells what opened it."""
        known = None if any(alert.opened for alert in kept) else await self.store.summary(incident)
        if known is None:
            return kept
        opened = Incident(key=known.key, event=known.event, received_at=known.received_at)
        return (AlertRecord.of(opened, because="", opened=True), *kept)

    async def _respond(
        self, lease: Lease, summary: AlertSummary, journal: Journal, stopping: asyncio.Event
    ) -> Failures:
        digest = Digest(summary=summary, reopen=self.reopen, resolved_state=self.resolved_state)
        before = _forget_what_is_outdated(lease, [step.name for step in self.summary_steps], digest)
        playbook = (*self._launched(lease), *self.playbook_of(digest, before))
        # The reminder knew nothing of it: an alert may have made it a severity 1 meanwhile.
        event = lease.incident.event.model_copy(update={"severity": summary.severity})
        with acting_with(Urgency.of(event)):
            return await respond(lease, playbook, journal, self.timing, stopping)

    def _launched(self, lease: Lease) -> Iterator[Step[Any] | Fan[Any]]:
        """Only steps that are done: one that came with an upgrade is none of an old incident's."""
        for step in self.launch:
            checkpoint = lease.checkpoints.get(step.name)
            if checkpoint is not None and checkpoint.state is StepState.DONE:
                yield step

    def _decide(self, lease: Lease, failures: Failures, waiting: timedelta) -> Settlement:
        attempt = max((step.attempt for name, step in lease.checkpoints.items() if name in failures), default=0) + 1
        if any(isinstance(failure, Interrupted) for failure in failures.values()):
            return RetryLater(timedelta(), "The worker is stopping.")
        hopeful: dict[str, TocsinError] = {
            step: error for step, error in failures.items() if not isinstance(error, Permanent)
        }
        decided = settlement(hopeful, attempt=attempt, waiting=waiting, give_up_after=self.give_up_after)
        return decided if isinstance(decided, RetryLater) else Complete()


def _forget_what_is_outdated(lease: Lease, names: Sequence[str], digest: Digest) -> dict[str, PublishedSummary]:
    """What the steps told before. Those that told something else are to run again, as if for the first time.

    A step whose end nobody saw keeps its checkpoint, and looks for its note itself; with it goes what it told before.
    """
    before = {}
    for name in names:
        checkpoint = lease.checkpoints.get(name)
        if checkpoint is None or checkpoint.result is None:
            continue
        before[name] = PublishedSummary.model_validate_json(checkpoint.result)
        lease.outdated[name] = checkpoint.result
        if checkpoint.state is StepState.DONE and before[name].mark != digest.mark:
            del lease.checkpoints[name]
    return before
