"""Put an incident into the queue while a person waits, or say within seconds that it is not there and whom to call."""

import asyncio
import shlex
from dataclasses import dataclass, field
from datetime import timedelta

from worker.app.connections import open_sender
from worker.cli.roster_access import open_on_call_lookup
from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import Permanent, TocsinError
from worker.domain.event import Event
from worker.messaging.connection import queue_address
from worker.oncall.on_call import OnCall
from worker.settings import Settings

# A person waits for five; some of that is for the start of the program.
_LIMIT = timedelta(seconds=3.5)
# Mostly the queue answers sooner, and nobody has to be looked up.
_USUALLY = timedelta(seconds=1)
# A refusal takes the SDK a second, each time.
_RETRIES = 1


class NotRaised(TocsinError):
    """The queue did not take the incident, or did not say that it has."""


@dataclass(slots=True)
class SendAttempt:
    """`acknowledged` ends with what the queue says; from `sending` on it may have the incident without our knowing."""

    acknowledged: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    sending: bool = False

    @property
    def succeeded(self) -> bool:
        return self.acknowledged.done() and self.failure is None

    @property
    def failure(self) -> BaseException | None:
        return self.acknowledged.exception() if self.acknowledged.done() else None

    async def publish(self, settings: Settings, event: Event) -> None:
        try:
            async with open_sender(settings, retries=_RETRIES) as sender:
                self.sending = True
                await sender.publish(EncodedEvent.of(event))
                self.acknowledged.set_result(None)
        except TocsinError as error:
            if not self.acknowledged.done():
                self.acknowledged.set_exception(error)


async def raise_in_time(settings: Settings, event: Event, *, limit: timedelta = _LIMIT) -> None:
    """Return once the queue has the event; raise NotRaised, with a sentence for people, once `limit` is over.

    The event has its key. What the queue said is the cause of NotRaised, if it said anything. Whatever is left of the
    connections ends with the event loop, which may take longer.
    """
    attempt, clock = SendAttempt(), asyncio.get_running_loop().time
    ends_at = clock() + limit.total_seconds()
    publishing = asyncio.create_task(attempt.publish(settings, event))
    await asyncio.wait({attempt.acknowledged}, timeout=_USUALLY.total_seconds())
    if attempt.succeeded:
        await publishing
        return
    looking = asyncio.create_task(_whom_to_call(settings, event.service))
    await asyncio.wait({attempt.acknowledged}, timeout=ends_at - clock())
    if attempt.succeeded:
        looking.cancel()
        await publishing
        return
    await asyncio.wait({looking}, timeout=max(ends_at - clock(), 0))
    calling = looking.result() if looking.done() else "Who is on call could not be looked up in time."
    publishing.cancel()
    looking.cancel()
    raise NotRaised(_told(settings, event, attempt, calling, limit)) from attempt.failure


def _told(settings: Settings, event: Event, attempt: SendAttempt, calling: str, limit: timedelta) -> str:
    because = attempt.failure or f"No answer came within {limit.total_seconds():g} s."
    return (
        f"The queue {settings.servicebus_queue!r} at {queue_address(settings)} did not take the incident. {because} "
        f"{_what_is_known(event, attempt)} Tell people by other means now, by telephone if need be. {calling} "
        "`tocsin doctor` says what is wrong with the queue."
    )


def _what_is_known(event: Event, attempt: SendAttempt) -> str:
    if attempt.sending and not isinstance(attempt.failure, Permanent):
        return (
            "It is NOT KNOWN whether it was raised: it was on its way. "
            f"Raised again with --key {shlex.quote(event.key or '')}, it is the same incident."
        )
    return "It was NOT RAISED."


async def _whom_to_call(settings: Settings, service: str) -> str:
    try:
        async with open_on_call_lookup(settings) as lookup:
            return _called(await lookup.on_call(service))
    except TocsinError as error:
        return f"Who is on call could not be looked up. {error}"


def _called(found: OnCall) -> str:
    people = ", ".join(f"{person.name} ({person.email})" for person in found.people)
    called = f"On call for {found.service or 'what has no service'}: {people}." if people else ""
    return " ".join(filter(None, (called, found.note)))
