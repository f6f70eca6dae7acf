"""Each rule of exactly once switched off in the tested code, by the smallest change that does it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.data.tables import UpdateMode

from worker.clients import calls
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import TocsinError
from worker.domain.lease import Closing, Lease
from worker.engine import executor
from worker.engine.journal import Journal
from worker.engine.step import Lookup, Step
from worker.resilience import send_deadline
from worker.storage import incident_store, partition
from worker.storage.incident_store import IncidentStore
from worker.storage.rows import step_row


@dataclass(frozen=True, slots=True)
class RuleOff:
    """`changes`: what stands where while the rule is off. `harm`: the words of the violation that it leads to.

    `seen_in`: the scenarios, one of which must show it.
    """

    rule: str
    changes: Sequence[tuple[object, str, object]]
    harm: str = "There twice"
    seen_in: Sequence[str] = ("two-workers",)

    def __str__(self) -> str:
        return self.rule


async def _begin_unseen(self: Journal, checkpoint: Checkpoint) -> None:
    self.note(checkpoint)


def _whoever_holds_it(lease_change: dict[str, Any], _etag: str) -> tuple[Any, ...]:
    return ("upsert", lease_change, {"mode": UpdateMode.MERGE})


class _OwnClock:
    """In the place of what notes the store's time."""

    def __init__(self) -> None:
        self.first_date = incident_store.datetime.now(UTC)

    def __call__(self, response: object) -> None:
        pass


def _rest_by_own_clock(row: Any, _now: datetime, *, rest: Any = incident_store.rest_of_lease) -> timedelta:
    left: timedelta = rest(row, incident_store.datetime.now(UTC))
    return left


def _always_in_time(_time_out: timedelta) -> None:
    pass


async def _run_counted_from_now(
    self: Any, begun: Checkpoint, _began: float, work: Any, *, run: Any = executor._Response._run
) -> Any:
    return await run(self, begun, executor.time.monotonic(), work)


def _without_waiting(_quarantine: timedelta) -> None:
    pass


async def _waited_for_before_looking(
    self: Any, previous: Checkpoint, work: Any, *, find: Any = executor._Response._find
) -> Any:
    """What there is still to wait for is reckoned by the clock as it stands after the look."""
    looked = await work.find(self._incident, self._done)
    return looked or await find(self, previous, _Looked(work))


class _Looked(Step[Any]):
    """A step whose look has been taken, and showed nothing."""

    def __init__(self, work: Any) -> None:
        self.result = work.result

    async def find(self, _incident: object, _done: object) -> None:
        pass

    async def run(self, _incident: object, _done: object) -> None:
        raise NotImplementedError


async def _never_looked_for(self: Any, previous: Checkpoint, work: Any) -> None:
    if not isinstance(work, Lookup):
        executor._wait_out(self._quarantine(previous))


async def _never_read_back(*_: object) -> None:
    pass


def _any_failure_again(error: BaseException, _attempt: object) -> bool:
    return isinstance(error, TocsinError)


async def _write_by_oneself(self: Journal, checkpoint: Checkpoint) -> None:
    await self._store.commit(self._lease, [checkpoint])


async def _lease_first_rows_after(
    self: IncidentStore,
    lease: Lease,
    rows: Iterable[Checkpoint],
    closing: Closing | None = None,
    *,
    commit: Any = IncidentStore.commit,
) -> None:
    await commit(self, lease, [], closing)
    for checkpoint in rows:
        row = {"PartitionKey": lease.incident.id, **step_row(checkpoint)}
        await self._table.upsert_entity(row, mode=UpdateMode.REPLACE)


def _forget(_self: Journal, _checkpoint: Checkpoint) -> None:
    pass


async def _settle_before_it_is_stored(self: Journal, _closing: Closing) -> None:
    await self._stop()


# These two cost time when they are missing, and no more.
ONLY_TIME = "The launch took"

_SKEWED = ("second-clock-fast", "second-clock-slow")

RULES_OFF = (
    RuleOff("write ahead", [(Journal, "begin", _begin_unseen)]),
    RuleOff("a lease fenced by its etag", [(incident_store, "_conditional", _whoever_holds_it)]),
    RuleOff("the store's clock", [(partition, "StoreClock", _OwnClock)], seen_in=_SKEWED),
    # Fenced and quarantined, a lease that ends too early or too late makes no second effect.
    RuleOff(
        "the store's clock, for the lease's end alone",
        [(incident_store, "rest_of_lease", _rest_by_own_clock)],
        harm=ONLY_TIME,
        seen_in=("death-and-slow-clocks",),
    ),
    RuleOff("the send deadline", [(send_deadline, "check", _always_in_time)]),
    RuleOff("the send deadline, counted from before the write", [(executor._Response, "_run", _run_counted_from_now)]),
    RuleOff("quarantine", [(executor, "_wait_out", _without_waiting)]),
    # With a second worker the lease is gone after so long a pause; a worker alone has only this.
    RuleOff(
        "quarantine, reckoned before the look",
        [(executor._Response, "_find", _waited_for_before_looking)],
        seen_in=("one-worker",),
    ),
    RuleOff("look before repeating", [(executor._Response, "_find", _never_looked_for)]),
    # As above: who takes its own write for another's waits for itself, until its lease has ended.
    RuleOff(
        "own writes are recognised",
        [(IncidentStore, "_read_back", _never_read_back)],
        harm=ONLY_TIME,
        seen_in=("store-answers-lost",),
    ),
    RuleOff("no hidden retry", [(calls, "_worth_another", _any_failure_again)]),
    RuleOff("one writer", [(Journal, "begin", _write_by_oneself)], harm="twice at the same time"),
    RuleOff("one transaction", [(IncidentStore, "commit", _lease_first_rows_after)]),
    RuleOff("results are stored before what builds on them", [(Journal, "note", _forget)], harm="several shifts"),
    RuleOff(
        "settled only when stored", [(Journal, "close", _settle_before_it_is_stored)], harm="Settled as complete before"
    ),
)
