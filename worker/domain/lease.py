"""The expiring, fenced right of one worker to act on one incident."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from worker.domain.checkpoint import Checkpoint
from worker.domain.incident import Incident
from worker.domain.states import LaunchState


@dataclass(slots=True)
class Lease:
    """The expiring, fenced right of this worker to act on one incident, and what it found there.

    `opened`: this lease's transaction made the incident's rows, so nobody can have acted on it before.
    `replayed`: the first attempt since the launch was given up and somebody asked for it again; 0 if nobody ever did.
    `tried_for`: what earlier attempts and the waits after them took, but for outages; giving up goes by this.
    `outdated`: what steps that are to be done anew had come to before, which is kept until they come to something else.
    `nobody_told`: it is to be said aloud that nobody has been told; `told_at`: when the first person was. Each commit
    stores both.
    `partition`: where its rows are kept, where that is not named by the incident's id.
    `valid_until` is by our monotonic clock, counted from before the write left: never longer than the store thinks.
    """

    incident: Incident
    duration: timedelta
    etag: str
    valid_until: float
    attempt: int
    first_attempt_at: datetime
    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    outdated: dict[str, str] = field(default_factory=dict)
    opened: bool = False
    replayed: int = 0
    tried_for: timedelta = timedelta()
    nobody_told: bool = False
    told_at: datetime | None = None
    store_time: "StoreTime | None" = None
    partition: str = ""
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def is_valid(self) -> bool:
        return time.monotonic() < self.valid_until


@dataclass(frozen=True, slots=True)
class StoreTime:
    """The store's clock as last read, carried forward by our monotonic one; never ahead of the store."""

    read: datetime
    monotonic: float

    def now(self) -> datetime:
        return self.read + timedelta(seconds=time.monotonic() - self.monotonic)


@dataclass(frozen=True, slots=True)
class AlreadyLaunched:
    """There is nothing left to do for this incident."""


@dataclass(frozen=True, slots=True)
class Closing:
    """How an attempt ends: the lease is given back together with the launch's new state.

    `next_try_at`: when the launch goes on, by this machine's clock; None where it does not.
    """

    state: LaunchState
    failure: str = ""
    tried_for: timedelta = timedelta()
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """The lease on a launched incident is given back, and nothing else of it changes."""
