"""Let the steps of one message about a shift run, exactly once, on the engine that launches run on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from worker.domain.errors import Held, Interrupted, TocsinError
from worker.domain.lease import AlreadyLaunched, Closing
from worker.domain.settlement import Complete, DeadLetter, IncidentSettlement, RetryLater
from worker.domain.shift_notice import ShiftNotice
from worker.domain.states import LaunchState
from worker.engine.executor import Failures, Timing, first_checkpoints, respond
from worker.engine.journal import Journal
from worker.engine.pages import Pages
from worker.engine.settlement_policy import settlement
from worker.engine.step import Playbook
from worker.observability import telemetry
from worker.oncall.notices.message import ShiftMessage
from worker.oncall.notices.notice import NoticeKind, read_key
from worker.oncall.schedule.wall_clock import instant_at
from worker.storage.shift_notices import ShiftNotices

log = structlog.get_logger()

Compose = Callable[[], Awaitable[ShiftMessage]]

# Whoever has been on call for longer than this knows it.
TOO_LATE = timedelta(hours=2)
_DROPPED = DeadLetter("TooLate", "It was not told in time, and is of no use any more.")


@dataclass(frozen=True, slots=True)
class ShiftDelivery:
    notices: ShiftNotices
    playbook_of: Callable[[Compose | None], Playbook]
    timing: Timing

    async def deliver(
        self, notice: ShiftNotice, compose: Compose | None, now: datetime, stopping: asyncio.Event
    ) -> None:
        """`compose` settles what is said, unless an earlier attempt has; None where the shift is none any more.

        What fails is tried again by a later look, while it is of use; a message about a shift is never dead-lettered.
        """
        if stopping.is_set():
            return
        with structlog.contextvars.bound_contextvars(notice=notice.id):
            try:
                await self._deliver(notice, compose, now, stopping)
            except Held as held:
                log.debug("shift.message_held", because=str(held))
            except TocsinError as error:
                log.warning("shift.message_put_off", because=str(error))

    async def _deliver(
        self, notice: ShiftNotice, compose: Compose | None, now: datetime, stopping: asyncio.Event
    ) -> None:
        playbook = self.playbook_of(compose)
        begin = await first_checkpoints(notice, playbook, self.timing)
        lease = await self.notices.lease(notice, begin, playbook=[step.name for step in playbook])
        if isinstance(lease, AlreadyLaunched):
            return
        pages = Pages()
        decided: IncidentSettlement = _DROPPED
        async with Journal(self.notices.store, lease) as journal:
            if not _is_too_late(notice, now):
                failures = await respond(lease, playbook, journal, self.timing, stopping, pages=pages)
                decided = _decide(failures, lease.attempt)
            await journal.close(_closing(decided, now))
        _tell(notice, decided, pages)


def _is_too_late(notice: ShiftNotice, now: datetime) -> bool:
    minute, kind = read_key(notice.key)
    late = now - instant_at(minute)
    return late >= (timedelta() if kind is NoticeKind.BEFORE else TOO_LATE)


def _decide(failures: Failures, attempt: int) -> IncidentSettlement:
    if any(isinstance(failure, Interrupted) for failure in failures.values()):
        return RetryLater(timedelta(), "The worker stopped.")
    return settlement(failures, attempt=attempt, waiting=timedelta(), give_up_after=timedelta.max)


def _closing(decided: IncidentSettlement, now: datetime) -> Closing:
    match decided:
        case Complete():
            return Closing(LaunchState.LAUNCHED)
        case RetryLater(delay=delay, because=because):
            return Closing(LaunchState.LAUNCHING, because, next_try_at=now + delay)
        case DeadLetter(reason=reason, description=description):
            return Closing(LaunchState.FAILED, failure=f"{reason}. {description}")


def _tell(notice: ShiftNotice, decided: IncidentSettlement, pages: Pages) -> None:
    _, kind = read_key(notice.key)
    match decided:
        case Complete():
            for page in pages:
                if page.told:
                    log.info("shift.told", person=page.name, by=page.by)
                else:
                    log.warning("shift.not_told", person=page.name, by=page.by, because=page.answer)
                telemetry.shift_message(kind.value, "told" if page.told else "not_told")
        case RetryLater(because=because):
            log.warning("shift.message_put_off", because=because)
        case DeadLetter(description=description):
            log.error("shift.message_dropped", kind=kind.value, because=description)
            telemetry.shift_message(kind.value, "dropped")
