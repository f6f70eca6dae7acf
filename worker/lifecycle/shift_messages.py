"""Look what people are to be told of their shifts, and tell it.

What is due is read off the schedules at every look, so a change counts until it is told, and an outage loses nothing
but what is too late by then. What was told is known by its rows, which every worker finds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from worker.domain.errors import Permanent
from worker.domain.shift_notice import ShiftNotice, notice_event
from worker.domain.states import LaunchState
from worker.domain.text import cut
from worker.grouping.open_incidents import OpenIncidents
from worker.lifecycle.shift_delivery import TOO_LATE, ShiftDelivery
from worker.observability import telemetry
from worker.oncall.definitions import Definitions
from worker.oncall.notices.answering import answering
from worker.oncall.notices.due import beginnings, handovers
from worker.oncall.notices.message import HandedOver, ShiftMessage, message_of
from worker.oncall.notices.notice import Notice, NoticeKind
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import Minute, instant_at, minute_of
from worker.storage.shift_notices import KnownNotice

log = structlog.get_logger()

_LONGEST_OUTAGE = timedelta(days=31)
# On a Monday at nine every schedule is handed over, beside the launches.
_AT_ONCE = 8
_INCIDENTS_NAMED = 20
_INCIDENTS_COUNTED = 50
# What nobody has resolved for so long is nothing that one shift leaves to the next.
_OPEN_FOR = timedelta(days=7)
# Twenty of them fit into one message.
_TITLE_LIMIT = 150
_LINK_LIMIT = 600


@dataclass(frozen=True, slots=True)
class ShiftMessages:
    """`before`: how long before its beginning a shift is announced; nothing, where handovers alone are told."""

    delivery: ShiftDelivery
    definitions: Callable[[], Awaitable[Definitions]]
    incidents: OpenIncidents
    before: timedelta

    async def tell(self, now: datetime, since: timedelta, stopping: asyncio.Event) -> None:
        """Tell all that is due; `since`: how long ago somebody last looked. Raises as the store does."""
        definitions = await self.definitions()
        away = min(since, _LONGEST_OUTAGE)
        known = await self._known(now - max(away, TOO_LATE) - TOO_LATE)
        # Apart from the event loop: of many schedules it takes longer than a launch's renewals wait.
        due = await asyncio.to_thread(self._due, definitions, minute_of(now))
        if away > TOO_LATE:
            missed = await asyncio.to_thread(self._missed, definitions, minute_of(now - away), minute_of(now))
            _say_what_was_missed(notice for notice in missed if notice.key not in known)
        one_of_few = asyncio.Semaphore(_AT_ONCE)

        async def deliver(notice: ShiftNotice, about: Notice | None) -> None:
            compose = None if about is None else partial(self._compose, definitions, about)
            async with one_of_few:
                await self.delivery.deliver(notice, compose, now, stopping)

        new = (_to_deliver(notice, now) for key, notice in due.items() if key not in known)
        begun = (each.notice for each in known.values() if _is_to_go_on(each, now))
        work = (deliver(notice, due.get(notice.key)) for notice in (*begun, *new))
        for ended in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended

    async def _known(self, since: datetime) -> Mapping[str, KnownNotice]:
        """By their keys, which begin with what they are about."""
        found = await self.delivery.notices.since(f"{minute_of(since):010d}")
        return {each.notice.key: each for each in found}

    def _due(self, definitions: Definitions, now: Minute) -> Mapping[str, Notice]:
        def of_one(schedule: Schedule) -> Iterator[Notice]:
            yield from handovers(schedule, _just_in_time(now), now + 1)
            yield from beginnings(schedule, now + 1, now + 1 + _minutes(self.before))

        return {notice.key: notice for notice in _of_all(definitions, of_one)}

    def _missed(self, definitions: Definitions, since: Minute, now: Minute) -> Sequence[Notice]:
        """What was due while nobody looked, and is of no use any more."""

        def of_one(schedule: Schedule) -> Iterator[Notice]:
            yield from handovers(schedule, since, _just_in_time(now))
            if self.before:
                yield from beginnings(schedule, since, now + 1)

        return _of_all(definitions, of_one)

    async def _compose(self, definitions: Definitions, notice: Notice) -> ShiftMessage:
        message = message_of(definitions, notice)
        if notice.kind is NoticeKind.BEFORE or not message.services:
            return message
        theirs = answering(definitions, notice.schedule)
        names = theirs.names if theirs.except_for is None else frozenset[str]()
        try:
            found = await self.incidents.of_services(names, theirs.covers, _INCIDENTS_COUNTED + 1, within=_OPEN_FOR)
        except (Permanent, LookupError, ValueError) as error:
            # Whoever takes over is told all the same, and looks for themselves.
            log.warning("shift.incidents_unknown", error=type(error).__name__)
            return message.model_copy(update={"incidents": None})
        counted = found[:_INCIDENTS_COUNTED]
        named = tuple(
            HandedOver(
                incident_id=each.incident_id,
                title=cut(_TITLE_LIMIT)(each.title),
                severity=each.severity,
                service=each.service,
                has_it=cut(_TITLE_LIMIT)(each.has_it),
                url=each.url if each.url and len(each.url) <= _LINK_LIMIT else "",
            )
            for each in counted[:_INCIDENTS_NAMED]
        )
        more = {"more": len(counted) - len(named), "more_at_least": len(found) > len(counted)}
        return message.model_copy(update={"incidents": named, **more})


def _of_all(definitions: Definitions, of_one: Callable[[Schedule], Iterable[Notice]]) -> Sequence[Notice]:
    found: list[Notice] = []
    for schedule in definitions.schedules.values():
        try:
            found += of_one(schedule)
        except Exception:
            # A fault of ours with one schedule is no silence about the others.
            log.exception("shift.look_crashed", schedule=schedule.name)
    return found


def _say_what_was_missed(notices: Iterable[Notice]) -> None:
    for notice in notices:
        log.warning("shift.message_dropped", kind=notice.kind.value, schedule=notice.schedule)
        telemetry.shift_message(notice.kind.value, "dropped")


def _to_deliver(notice: Notice, now: datetime) -> ShiftNotice:
    title = f"{notice.kind}: {notice.schedule}, {instant_at(notice.instant):%Y-%m-%d %H:%M} UTC"
    return ShiftNotice(key=notice.key, event=notice_event(title), received_at=now)


def _is_to_go_on(known: KnownNotice, now: datetime) -> bool:
    waits = known.next_try_at is not None and known.next_try_at > now
    return known.state is LaunchState.LAUNCHING and not waits


def _just_in_time(now: Minute) -> Minute:
    """The earliest minute whose handover is still told."""
    return now + 1 - _minutes(TOO_LATE)


def _minutes(duration: timedelta) -> Minute:
    return duration // timedelta(minutes=1)
