"""The last look at the clock before a write leaves: a worker that was paused must not send late.

A lease fences the store, never the remote system. So each step begins with a deadline by which its requests must have
been sent and answered; other workers wait for that deadline before they do the step's work again. The clients ask here
just before a write leaves whether its whole time-out still fits.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

from worker.domain.errors import Transient


@dataclass(frozen=True, slots=True)
class SendDeadline:
    monotonic: float

    @classmethod
    def after(cls, began: float, allowance: timedelta) -> "SendDeadline":
        return cls(began + allowance.total_seconds())

    def leaves_room_for(self, time_out: timedelta) -> bool:
        return self.slack(time_out) >= timedelta()

    def slack(self, time_out: timedelta) -> timedelta:
        """How long a write may still wait before it leaves."""
        return timedelta(seconds=self.monotonic - time.monotonic()) - time_out


# A context variable, since it must reach the SDKs' threads and transports without passing through their signatures.
_current: ContextVar[SendDeadline | None] = ContextVar("send_deadline", default=None)


@contextmanager
def sending_before(deadline: SendDeadline) -> Iterator[None]:
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


def slack(time_out: timedelta) -> timedelta | None:
    """How long a write may still wait before it leaves; None where no deadline presses."""
    deadline = _current.get()
    return deadline.slack(time_out) if deadline else None


def check(time_out: timedelta) -> None:
    """Called by a client just before a write leaves; raises Transient when the write could be answered too late.

    Outside a step (`tocsin doctor`, the sweep of a person) there is no deadline and nothing is held back.
    """
    deadline = _current.get()
    if deadline is not None and not deadline.leaves_room_for(time_out):
        raise Transient(
            "The request was not sent: this worker stood still for so long that another one may have taken over. "
            "The step begins anew."
        )
