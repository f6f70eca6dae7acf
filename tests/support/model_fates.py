"""What can become of a request, of its answer, and meanwhile of the worker that sent it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

import httpx
from azure.core.exceptions import ServiceResponseError

from worker.domain.errors import Unreachable

CALL = timedelta(seconds=75)
LEASE = timedelta(seconds=30)
ALLOWANCE = CALL + LEASE
LAG = timedelta(seconds=30)

# The SDK's own bound for an answer of the table.
_TABLE_CALL = timedelta(seconds=10)
_NOW = timedelta()

# Longer than any lease lives: whoever has one loses it.
_OUTAGE = LEASE + timedelta(seconds=10)

# The longest pause after which the deadline still lets a request leave, and one after which all quarantines are over.
_JUST_IN_TIME = LEASE
_TOO_LONG = ALLOWANCE + LAG + 2 * LEASE


class Then(Enum):
    """What becomes of the worker at this very moment."""

    LIVES = "lives"
    DIES = "dies"
    PAUSES = "pauses"
    SLEEPS = "sleeps with its machine"
    STOPS = "is asked to stop"
    LOSES_LOCK = "loses the message's lock"
    FINDS_TABLE_AWAY = "finds the table away"


@dataclass(frozen=True, slots=True)
class Fate:
    """`lands`: when the request is carried out, counted from now; None for never. `answers`: when the worker hears of
    it; None for never. `error`: what it hears instead of the result.
    """

    name: str
    lands: timedelta | None = _NOW
    answers: timedelta | None = _NOW
    error: Callable[[], Exception] | None = None
    then: Then = Then.LIVES
    pause: timedelta = _NOW


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of request; the first of its fates is the ordinary one."""

    name: str
    fates: tuple[Fate, ...]


def _dying(*lands: timedelta | None) -> Sequence[Fate]:
    return [Fate(f"the worker dies, {_landing(moment)}", moment, None, then=Then.DIES) for moment in lands]


def _pausing(*lands: timedelta) -> Sequence[Fate]:
    pauses = (_JUST_IN_TIME, _TOO_LONG)
    return [
        Fate(f"the worker pauses {pause.seconds} s, {_landing(moment)}", moment, moment, then=Then.PAUSES, pause=pause)
        for moment in lands
        for pause in pauses
    ]


def _landing(moment: timedelta | None) -> str:
    if moment is None:
        return "nothing lands"
    return f"it lands after {moment.total_seconds():g} s" if moment else "it lands"


def _lost() -> Exception:
    return httpx.ReadError("reset")


def _refused() -> Exception:
    return httpx.ConnectError("refused")


def _table_lost() -> Exception:
    return ServiceResponseError("reset")


def _queue_lost() -> Exception:
    return Unreachable("The queue did not answer.")


_DONE = Fate("done")
_DISTURBED = (
    Fate("done, and the worker is asked to stop", then=Then.STOPS),
    Fate("done, and the message's lock is lost", then=Then.LOSES_LOCK),
)

REMOTE_WRITE = Kind(
    "make",
    (
        _DONE,
        Fate("lands, the answer is lost", error=_lost),
        Fate("never lands, the answer is lost", None, error=_lost),
        Fate("lands at the last moment, the connection is lost at once", CALL, error=_lost),
        Fate("lands, is never answered", answers=None),
        Fate("lands at the last moment, is never answered", CALL, None),
        Fate("lands, is answered after the lease's time", answers=LEASE + timedelta(seconds=5)),
        Fate("lands and is answered after the lease's time", *(LEASE + timedelta(seconds=5),) * 2),
        Fate("no connection", None, error=_refused),
        *_dying(_NOW, None, CALL),
        *_pausing(_NOW, CALL),
        *_DISTURBED,
    ),
)

REMOTE_READ = Kind(
    "look",
    (
        _DONE,
        Fate("no answer to the look-up", None, error=_lost),
        Fate("the look-up is answered after the lease's time", answers=LEASE + timedelta(seconds=5)),
        *_dying(None),
        *_pausing(_NOW),
    ),
)

NOT_STORED = Fate("not stored, the answer is lost", None, error=_table_lost)
NOT_READ = Fate("the rows are not read", None, error=_table_lost)
_AWAY = Fate("the table is away for a while", None, error=_table_lost, then=Then.FINDS_TABLE_AWAY, pause=_OUTAGE)

STORE_WRITE = Kind(
    "store",
    (
        _DONE,
        NOT_STORED,
        Fate("stored, the answer is lost", error=_table_lost),
        Fate("stored a moment later, the answer is lost", timedelta(seconds=0.1), error=_table_lost),
        Fate("stored after the lease's time, the answer is lost", LEASE + timedelta(seconds=1), error=_table_lost),
        Fate("stored, answered late", answers=_TABLE_CALL - timedelta(seconds=2)),
        Fate("stored and answered late", *(_TABLE_CALL - timedelta(seconds=2),) * 2),
        *_dying(_NOW, None, LEASE + timedelta(seconds=1)),
        *_pausing(_NOW),
        *_DISTURBED,
        _AWAY,
    ),
)

STORE_READ = Kind(
    "read",
    (
        _DONE,
        NOT_READ,
        Fate("the rows arrive late", answers=_TABLE_CALL - timedelta(seconds=2)),
        *_dying(None),
        *_pausing(_NOW),
    ),
)

# What the guarantee excludes: nobody can be safe from these, and the tests show that each really does harm.
LANDS_AFTER_ITS_TIME_OUT = Fate("lands long after its time-out", _TOO_LONG, error=_lost)
PAUSED_ON_THE_DOORSTEP = Fate(
    "the worker pauses after its last look at the clock", _TOO_LONG, _TOO_LONG, then=Then.PAUSES, pause=_TOO_LONG
)
MACHINE_SLEEPS = Fate("the worker's machine sleeps, it lands", then=Then.SLEEPS, pause=_TOO_LONG)

SETTLE = Kind(
    "settle",
    (
        _DONE,
        Fate("settled, the answer is lost", error=_queue_lost),
        Fate("not settled", None, error=_queue_lost),
        *_dying(_NOW, None),
    ),
)

QUEUE_SEND = Kind(
    "send",
    (
        _DONE,
        Fate("sent, the answer is lost", error=_queue_lost),
        Fate("not sent", None, error=_queue_lost),
        *_dying(_NOW, None),
    ),
)


@dataclass(slots=True)
class Request:
    """One request that has left its worker, and whose fate is not yet decided."""

    worker: Any
    kind: Kind
    name: str
    happen: Callable[[], Any]
    answer: Any

    def __str__(self) -> str:
        return f"{self.worker.name}: {self.kind.name} {self.name}"
