"""A breaker per remote system: while the system is down its calls fail at once, but for one probe now and then."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum

import structlog

from worker.domain.errors import TocsinError, Transient, Unknown, Unreachable
from worker.observability import telemetry

log = structlog.get_logger()

# One lost answer is an accident; as many in a row, with no answer at all between them, are an outage.
_FAILURES = 5
# As long as a person would wait before looking again.
PAUSE = timedelta(seconds=15)


class State(StrEnum):
    CLOSED = "closed"  # calls go through
    OPEN = "open"  # calls fail at once
    HALF_OPEN = "half-open"  # one call is through as a probe, the others fail at once


class Breaker:
    """Judges by what the calls of the whole process came to: any answer, a refusal too, shows that somebody is there.

    What fails while it is open, the probe included, bears `outage`: it is not the fault of the incident at hand.
    """

    def __init__(
        self,
        system: str,
        *,
        spoken: str = "",
        pause: timedelta = PAUSE,
        failures: int = _FAILURES,
        counts: Callable[[TocsinError], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.system = system
        self._spoken = spoken or system
        self._pause = pause.total_seconds()
        self._most = failures
        self._counts = counts or _nobody_answered
        self._clock = clock
        self._failures = 0
        self._probe_at: float | None = None
        self._probing = False
        self._changed = asyncio.Event()

    @property
    def state(self) -> State:
        if self._probe_at is None:
            return State.CLOSED
        return State.HALF_OPEN if self._probing else State.OPEN

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Around one call. Raises Unreachable, with the time to the next probe, instead of making it."""
        probe = self._admit()
        try:
            yield
        except TocsinError as error:
            self._judge(error, probe=probe)
            if self._probe_at is not None:
                error.outage = True
                error.retry_after = error.retry_after or self._until_worth_asking()
            raise
        except BaseException:
            # Cancelled, or a fault of ours: nothing was learnt, and the next call may be the probe.
            self._give_back(probe=probe)
            raise
        self._answered()

    async def wait_until_open(self) -> None:
        """Return when it is not closed."""
        while self._probe_at is None:
            await self._changed.wait()

    async def wait_until_passable(self) -> None:
        """Return when a call would be let through, as an ordinary one or as the probe."""
        while self._probe_at is not None:
            pause = self._until_probe()
            if not self._probing and pause <= 0:
                return
            changed = self._changed
            # While a probe is out, only its outcome can change anything.
            limit = None if self._probing else pause
            try:
                await asyncio.wait_for(changed.wait(), limit)
            except TimeoutError:
                continue

    def _admit(self) -> bool:
        """Whether this call is the probe; raises Unreachable where it is neither that nor an ordinary call."""
        if self._probe_at is None:
            return False
        if self._probing or self._until_probe() > 0:
            error = Unreachable(
                f"The last {self._failures} calls to {self._spoken} came to nothing, so this one was not made; "
                f"{self._spoken} is tried again every {self._pause:.0f} s, and all goes on by itself once it answers.",
                retry_after=self._until_worth_asking(),
            )
            error.outage = True
            raise error
        self._probing = True
        return True

    def _judge(self, error: TocsinError, *, probe: bool) -> None:
        if type(error) is Transient:
            # A deadline of ours, or something held for the moment: it tells nothing of who is there.
            self._give_back(probe=probe)
            return
        if not self._counts(error):
            self._answered()
            return
        self._failures += 1
        if probe or (self._probe_at is None and self._failures >= self._most):
            self._open(error)

    def _open(self, error: TocsinError) -> None:
        if self._probe_at is None:
            log.error("breaker.opened", system=self.system, failures=self._failures, error=str(error))
            telemetry.breaker(self.system, is_open=True)
        else:
            log.warning("breaker.still_open", system=self.system, failures=self._failures, error=str(error))
        self._probing = False
        self._probe_at = self._clock() + self._pause
        self._tell()

    def _give_back(self, *, probe: bool) -> None:
        self._probing = self._probing and not probe
        self._tell()

    def _answered(self) -> None:
        if self._probe_at is not None:
            log.info("breaker.closed", system=self.system, failures=self._failures)
            telemetry.breaker(self.system, is_open=False)
        self._failures = 0
        self._probe_at = None
        self._probing = False
        self._tell()

    def _until_worth_asking(self) -> timedelta:
        """To the next probe; while one is out nobody knows when that will be, and asking again and again costs."""
        return timedelta(seconds=self._until_probe() or self._pause)

    def _until_probe(self) -> float:
        return max((self._probe_at or 0) - self._clock(), 0)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _nobody_answered(error: TocsinError) -> bool:
    return isinstance(error, Unreachable | Unknown)
