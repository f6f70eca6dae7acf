"""What may befall a worker, each at one moment of a launch and chosen from outside of it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from chaos_bench import CALL_TIMEOUT
from chaos_gate import CUT, Answer, Exchange, Forward
from chaos_queue_gate import Passing

from worker.sandbox.boards.remote_system import BOARDS
from worker.sandbox.pager.remote_system import PAGER
from worker.sandbox.sms.remote_system import SMS
from worker.sandbox.teams.remote_systems import BOT, GRAPH

_SYSTEMS = (BOARDS, GRAPH, BOT, SMS, PAGER)

Phase = Literal["before", "after", "answered"]
Disposition = Literal["dropped", "let through", "late"]

# A request on its way may arrive for as long as its sender would have waited for the answer, and no longer.
_LATEST = 0.8 * CALL_TIMEOUT
# The end of a message that was launched or given up, and of one that comes again as a scheduled copy.
SETTLEMENT = "settlement"
COPY = "settlement by a copy for later"
# That of what falls due of a response, once an act or a timer of it was recorded.
TIMER = "sending of a timer"


_BEGINS = {COPY: Passing.COPY, TIMER: Passing.TIMER}


class Victims(Protocol):
    """The workers of a cell, by number."""

    def kill(self, worker: int) -> None: ...
    def stop(self, worker: int) -> None: ...


@dataclass(frozen=True)
class Kill:
    """SIGKILL when the request is here, when it was applied, or when its answer was given.

    A request that was here and whose sender died is dropped, let through, or arrives late.
    """

    at: str
    phase: Phase
    disposition: Disposition = "let through"

    def __str__(self) -> str:
        return f"kill {self.phase} {self.at}" + (f", {self.disposition}" if self.phase == "before" else "")

    async def meet(self, exchange: Exchange, forward: Forward, victims: Victims) -> Answer:
        if self.phase == "before":
            victims.kill(exchange.worker)
            if self.disposition == "let through" or (self.disposition == "late" and await _late()):
                await forward()
            return CUT
        answer = await forward()
        if self.phase == "after":
            victims.kill(exchange.worker)
            return CUT
        answer.afterwards = lambda: victims.kill(exchange.worker)
        return answer

    def meet_settlement(self, passing: Passing, worker: int, victims: Victims) -> bool | None:
        """Whether it passes; None while this is not the moment."""
        begins = _BEGINS.get(self.at, Passing.SETTLEMENT)
        if self.phase == "before" and passing is begins:
            victims.kill(worker)
            return self.disposition != "dropped"
        if self.phase != "before" and passing is Passing.ANSWER:
            victims.kill(worker)
            return self.phase == "answered"
        return None


@dataclass(frozen=True)
class Pause:
    """SIGSTOP at that moment, SIGCONT once somebody else has finished; what the kernel has, it delivers.

    The worker's other requests end first: one stopped between its last look at the clock and its write is the residual
    that no client can close, and would come up by chance.
    """

    at: str
    phase: Phase
    disposition: Disposition = "let through"

    def __str__(self) -> str:
        return f"pause {self.phase} {self.at}" + (f", {self.disposition}" if self.phase == "before" else "")

    async def meet(self, exchange: Exchange, forward: Forward, victims: Victims) -> Answer:
        if self.phase == "before":
            await exchange.until_alone()
            victims.stop(exchange.worker)
            return CUT if self.disposition == "dropped" else await forward()
        answer = await forward()
        await exchange.until_alone()
        # The answer waits in the socket of the one that sleeps.
        victims.stop(exchange.worker)
        return answer


@dataclass(frozen=True)
class Fault:
    """A remote system on a bad day; one that lasts is met by every such request, in whichever attempt it comes.

    `until`: it is lifted once that request was applied.
    """

    at: str
    how: str
    times: int = 1
    lasts: bool = False
    until: str = ""

    def __str__(self) -> str:
        if self.until:
            return f"{self.how} at {self.at} until {self.until}"
        often = ", always" if self.lasts else f", {self.times} times" if self.times > 1 else ""
        return f"{self.how} at {self.at}{often}"

    async def meet(self, exchange: Exchange, forward: Forward, victims: Victims) -> Answer:
        del victims
        exchange.told = f"({self.how})"
        return await FAULTS[self.how](exchange, forward)


Trouble = Kill | Pause | Fault


async def _late() -> bool:
    """Whether it is still in time: on a busy machine the wait can be longer than any sender's."""
    began = time.monotonic()
    await asyncio.sleep(_LATEST)
    return time.monotonic() - began < CALL_TIMEOUT


async def _no_answer(exchange: Exchange, forward: Forward) -> Answer:
    del forward
    await exchange.until_hung_up()
    return CUT


async def _applied_without_answer(exchange: Exchange, forward: Forward) -> Answer:
    await forward()
    await exchange.until_hung_up()
    return CUT


async def _reset_before(exchange: Exchange, forward: Forward) -> Answer:
    del exchange, forward
    return CUT


async def _reset_after(exchange: Exchange, forward: Forward) -> Answer:
    del exchange
    await forward()
    return CUT


async def _answered_late(exchange: Exchange, forward: Forward) -> Answer:
    del exchange
    answer = await forward()
    await asyncio.sleep(LATE)
    return answer


async def _applied_slowly(exchange: Exchange, forward: Forward) -> Answer:
    del exchange
    await asyncio.sleep(_SLOW)
    return await forward()


# Long enough for whatever waits for it no longer to have been done, and no time-out yet.
_SLOW = 0.25 * CALL_TIMEOUT
# Longer than a lease lives; the cells that use it let a call take longer still.
LATE = 3.5


def _refused(status: int, **headers: str) -> Callable:
    async def answer(exchange: Exchange, forward: Forward) -> Answer:
        del forward
        return _told(exchange, status, headers)

    return answer


def _applied_and_refused(status: int) -> Callable:
    async def answer(exchange: Exchange, forward: Forward) -> Answer:
        await forward()
        return _told(exchange, status, {})

    return answer


async def _applied_without_id(exchange: Exchange, forward: Forward) -> Answer:
    """As the Bot Connector answers what becomes several messages."""
    await forward()
    exchange.status = 202
    return Answer(202, b"{}", {"Content-Type": "application/json"})


def _told(exchange: Exchange, status: int, headers: dict[str, str]) -> Answer:
    exchange.status = status
    system = next((each for each in _SYSTEMS if exchange.path.startswith(f"{each.path}/")), None)
    # Of the tables nothing is read but the status.
    body, kind = system.fault_answer(status) if system else ("{}", "application/json")
    return Answer(status, body.encode(), {"Content-Type": kind, **headers})


FAULTS = {
    "time-out before applying": _no_answer,
    "time-out after applying": _applied_without_answer,
    "reset before applying": _reset_before,
    "reset after applying": _reset_after,
    "403 before applying": _refused(403),
    "429 with Retry-After": _refused(429, **{"Retry-After": "1"}),
    # Beyond what a slot waits for in place.
    "429 with a long Retry-After": _refused(429, **{"Retry-After": "62"}),
    "503 before applying": _refused(503),
    "500 after applying": _applied_and_refused(500),
    "502 after applying": _applied_and_refused(502),
    "202 without an id": _applied_without_id,
    "400 after applying": _applied_and_refused(400),
    "408 after applying": _applied_and_refused(408),
    "409 after applying": _applied_and_refused(409),
    "a slow request": _applied_slowly,
    "an answer later than the lease": _answered_late,
}
