"""Run every step that is not yet done, as early as its needs allow; what fails stops only what needs it."""

import asyncio
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from pydantic import BaseModel

from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Interrupted, Permanent, TocsinError, Transient, Undecided, Unknown
from worker.domain.incident import Incident
from worker.domain.lease import Lease
from worker.domain.page import Page, Paged
from worker.domain.states import StepState
from worker.domain.text import clean_line, cut
from worker.engine.journal import Journal
from worker.engine.pages import Pages
from worker.engine.step import Done, Entry, Fan, KeyedPart, Lookup, Opening, Part, Playbook, Step
from worker.observability import telemetry
from worker.resilience.send_deadline import SendDeadline, sending_before

log = structlog.get_logger()

# A line of a table on a narrow terminal.
_WORDS_LIMIT = 120

Work = Step[Any] | Part[Any]
Failures = dict[str, TocsinError]


@dataclass(frozen=True, slots=True)
class Timing:
    """The two assumptions that exactly-once rests on besides the store's clock.

    `allowance`: how long after it began a step may have a request on its way. `lookup_lag`: how long the remote
    look-ups may miss a new object.
    """

    allowance: timedelta
    lookup_lag: timedelta


class OnUndecided(StrEnum):
    """What is done about a step that may have been done, and is not to be found when it should be by now."""

    REPEAT = "repeat"
    PARK = "park"  # in the dead letters, for a person to decide


async def first_checkpoints(incident: Incident, playbook: Playbook, timing: Timing) -> list[Checkpoint]:
    """What is stored together with the lease that opens an incident: its openings' results, the first beginnings."""
    openings = [entry for entry in playbook if isinstance(entry, Opening)]
    looked_up = [ended for entry in openings if (ended := await _look_up(incident, entry, timing))]
    steps = (entry for entry in playbook if isinstance(entry, Step) and not isinstance(entry, Opening))
    ready = (entry for entry in steps if not entry.needs and not entry.wants)
    return [*looked_up, *(_begun(entry.name, 1, timing) for entry in ready)]


async def _look_up(incident: Incident, opening: Opening[Any], timing: Timing) -> Checkpoint | None:
    begun = _begun(opening.name, 1, timing)
    try:
        with telemetry.step(opening.name, 1):
            return _ended(begun, opening, await opening.run(incident, Done()))
    except TocsinError as error:
        log.warning("step.failed", step=opening.name, attempt=1, error=str(error), in_doubt=False)
    except Exception:
        log.exception("step.crashed", step=opening.name, attempt=1)
    return None


async def respond(
    lease: Lease,
    playbook: Playbook,
    journal: Journal,
    timing: Timing,
    stopping: asyncio.Event,
    *,
    on_undecided: OnUndecided = OnUndecided.REPEAT,
    pages: Pages | None = None,
) -> Failures:
    """The failures by step, in the order of the playbook; none means that every step is done.

    Whoever is told by it is noted in `pages`, and what the steps come to in the lease's checkpoints. Raises what lost
    the lease (a Transient): then nothing may be settled. A stop between steps shows as a failure Interrupted of each
    step that was still to come.
    """
    pages = Pages() if pages is None else pages
    return await _Response(lease, playbook, journal, timing, stopping, on_undecided=on_undecided, pages=pages).run()


class _Response:
    def __init__(
        self,
        lease: Lease,
        playbook: Playbook,
        journal: Journal,
        timing: Timing,
        stopping: asyncio.Event,
        *,
        on_undecided: OnUndecided,
        pages: Pages,
    ) -> None:
        self._lease = lease
        # As they stood when the attempt began: what it comes to itself is no earlier attempt.
        self._before = dict(lease.checkpoints)
        self._incident = lease.incident
        self._opened_at = lease.valid_until - lease.duration.total_seconds()
        openings = self._stored_openings(playbook)
        self._playbook = [each for each in playbook if not isinstance(each, Opening) or type(each) in openings]
        self._configured = {type(entry) for entry in self._playbook}
        self._journal = journal
        self._timing = timing
        self._stopping = stopping
        self._on_undecided = on_undecided
        self._results = openings
        self._failures: Failures = {}
        self._running: dict[asyncio.Task[BaseModel], Step[Any] | Fan[Any]] = {}
        self._done = Done(self._results, pages, self._may_still_come)
        self._started = {opening.name for opening in openings}
        self._ready_since: dict[str, float] = {}

    async def run(self) -> Failures:
        self._note_earlier_pages()
        try:
            self._start_what_is_ready()
            while self._running:
                await self._wait_for_one()
                self._start_what_is_ready()
        finally:
            await self._cancel_the_rest()
        self._take_back_what_was_not_started()
        return {step.name: failure for step in self._playbook if (failure := self._failure_of(step))}

    def _stored_openings(self, playbook: Playbook) -> dict[type[Entry[Any]], BaseModel]:
        openings = (entry for entry in playbook if isinstance(entry, Opening))
        stored = ((type(entry), self._stored_result(entry.name, entry.result)) for entry in openings)
        return {entry: result for entry, result in stored if result is not None}

    def _note_earlier_pages(self) -> None:
        """Whoever was told by an earlier attempt is told, long before the step that did it has its turn in this one."""
        paging = {entry.name for entry in self._playbook if entry.result is Paged}
        for name in self._before:
            step, _, part = name.partition(":")
            if step in paging and (stored := self._stored_result(name, Page if part else Paged)):
                self._done.pages.note(stored)

    def _start_what_is_ready(self) -> None:
        for entry in list(self._ready()):
            self._started.add(entry.name)
            task = asyncio.create_task(self._take(entry), name=f"{entry.name} {self._incident.id}")
            self._running[task] = entry

    def _ready(self) -> Iterator[Step[Any] | Fan[Any]]:
        if self._stopping.is_set():
            return
        for entry in self._playbook:
            if entry.name in self._started or not all(need in self._results for need in entry.needs):
                continue
            since = self._ready_since.setdefault(entry.name, time.monotonic())
            if self._waits_for_nothing(entry) or _seconds_left(entry, since) <= 0:
                yield entry

    def _waits_for_nothing(self, entry: Step[Any] | Fan[Any]) -> bool:
        return entry.has_enough(self._done) or not any(map(self._may_still_come, entry.wants))

    def _may_still_come(self, wanted: type[Entry[Any]]) -> bool:
        if wanted in self._results or wanted.name in self._failures or wanted not in self._configured:
            return False
        return not any(self._will_never_come(need) for need in wanted.needs)

    def _will_never_come(self, needed: type[Entry[Any]]) -> bool:
        missing = needed not in self._configured or needed.name in self._failures
        return missing or any(map(self._will_never_come, needed.needs))

    async def _wait_for_one(self) -> None:
        awaited: list[asyncio.Future[Any]] = [*self._running, self._journal.lost]
        await asyncio.wait(awaited, timeout=self._until_next_loses_patience(), return_when=asyncio.FIRST_COMPLETED)
        if self._journal.lost.done():
            self._journal.lost.result()
        for task in [task for task in self._running if task.done()]:
            entry = self._running.pop(task)
            try:
                self._results[type(entry)] = task.result()
            except TocsinError as error:
                self._failures[entry.name] = error

    def _until_next_loses_patience(self) -> float | None:
        if self._stopping.is_set():
            return None  # nothing more is begun
        waiting = (entry for entry in self._playbook if entry.name in self._ready_since.keys() - self._started)
        left = [_seconds_left(entry, self._ready_since[entry.name]) for entry in waiting if entry.patience is not None]
        return max(min(left), 0) if left else None

    async def _cancel_the_rest(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _take_back_what_was_not_started(self) -> None:
        """A stop may come between the lease, which began the first steps, and their start: nothing of them was sent."""
        for step in self._before.values():
            if self._lease.opened and step.state is StepState.BEGUN and step.name not in self._started:
                self._failed(replace(step, allowance=timedelta()), Interrupted("The worker stopped before this step."))

    def _failure_of(self, entry: Step[Any] | Fan[Any]) -> TocsinError | None:
        if type(entry) in self._results or any(self._will_never_come(need) for need in entry.needs):
            return self._failures.get(entry.name)
        return self._failures.get(entry.name) or Interrupted("The worker stopped before this step.")

    async def _take(self, entry: Step[Any] | Fan[Any]) -> BaseModel:
        if isinstance(entry, Step):
            return await self._attempt(entry.name, entry)
        if stored := self._stored_result(entry.name, entry.result):
            self._done.pages.note(stored)
            return stored
        return await self._take_parts(entry)

    async def _take_parts(self, fan: Fan[Any]) -> BaseModel:
        if (nothing := _nothing_to_do(fan, self._incident, self._done)) is not None:
            return nothing
        parts = fan.parts(self._incident, self._done)
        attempts = (self._attempt(f"{fan.name}:{part.label}", part) for part in parts)
        made = await asyncio.gather(*attempts, return_exceptions=True)
        if failed := [outcome for outcome in made if isinstance(outcome, BaseException)]:
            raise _most_hopeful(failed)
        result: BaseModel = fan.gather(made)
        self._note(_ended(_begun(fan.name, self._lease.attempt, self._timing), fan, result))
        return result

    async def _attempt(self, name: str, work: Work) -> BaseModel:
        result = self._stored_result(name, work.result)
        if result is None and not self._is_in_doubt(name):
            result = _nothing_to_do(work, self._incident, self._done)
        if result is None:
            with telemetry.step(name, self._number_of_attempt(name)):
                result = await self._find_or_run(name, work)
        self._done.pages.note(result)
        return result

    async def _find_or_run(self, name: str, work: Work) -> BaseModel:
        previous = self._before.get(name)
        began = time.monotonic()
        if self._lease.opened and previous is not None:
            begun, began = previous, self._opened_at
        else:
            if previous is not None and (found := await self._find(previous, work)):
                return found
            # What was in doubt was not done; meanwhile there may be no need of it any more.
            if (nothing := _nothing_to_do(work, self._incident, self._done)) is not None:
                return nothing
            begun = self._begun_again(name, work)
            began = time.monotonic()
            await self._journal.begin(begun)
        return await self._run(begun, began, work)

    def _begun_again(self, name: str, work: Work) -> Checkpoint:
        begun = _begun(name, self._number_of_attempt(name), self._timing)
        begun = replace(begun, result=self._lease.outdated.get(name))
        previous = self._before.get(name)
        if isinstance(work, KeyedPart) and previous is not None and _is_in_doubt(previous):
            # A repeated request is the same only with the time of the first one.
            kept = begun.begun_at - previous.begun_at < work.window
            return replace(begun, begun_at=previous.begun_at if kept else begun.begun_at)
        return begun

    def _is_in_doubt(self, name: str) -> bool:
        previous = self._before.get(name)
        return previous is not None and _is_in_doubt(previous)

    def _note(self, checkpoint: Checkpoint) -> None:
        self._journal.note(checkpoint)
        self._lease.checkpoints[checkpoint.name] = checkpoint

    def _number_of_attempt(self, name: str) -> int:
        previous = self._before.get(name)
        if previous is None:
            return 1
        return previous.attempt if self._lease.opened else previous.attempt + 1

    def _stored_result(self, name: str, kind: type[BaseModel]) -> BaseModel | None:
        stored = self._before.get(name)
        if stored is None or stored.state is not StepState.DONE or stored.result is None:
            return None
        result: BaseModel = kind.model_validate_json(stored.result)
        return result

    async def _find(self, previous: Checkpoint, work: Work) -> BaseModel | None:
        """What an earlier attempt made; raises Unknown while it may still show up, Undecided for a person to decide."""
        if isinstance(work, Lookup | KeyedPart):
            return None
        quarantine = self._quarantine(previous)
        try:
            found: BaseModel | None = await work.find(self._incident, self._done)
            if found is None:
                _wait_out(quarantine)
                self._park(previous)
        except TocsinError as error:
            parked = self._lease.attempt if isinstance(error, Undecided) else previous.parked
            raise self._failed(replace(previous, in_doubt=_is_in_doubt(previous), parked=parked), error) from None
        except Exception as error:
            log.exception("step.crashed", step=previous.name, attempt=previous.attempt)
            raise self._failed(replace(previous, in_doubt=_is_in_doubt(previous)), _crashed(error)) from None
        if found is not None:
            log.info("step.found", step=previous.name, attempt=previous.attempt)
            self._note(_ended(previous, work, found))
        return found

    def _park(self, previous: Checkpoint) -> None:
        """Leave an undecided step to a person; a replay is the answer, and holds until the step is begun again."""
        if self._on_undecided is OnUndecided.REPEAT or not _is_in_doubt(previous):
            return
        if 0 < previous.parked < self._lease.replayed:
            return
        raise Undecided(
            f"An attempt of {previous.name} that began at {previous.begun_at:%Y-%m-%d %H:%M:%S} UTC ended without an "
            "answer. Nothing of it is to be found, though by now it should be; it may have been done all the same, so "
            f"nobody repeats it unasked. Look for {self._incident.id} in Azure Boards and in the team, deleted things "
            "included; then replay this message: the step looks once more, and is done again if it finds nothing."
        )

    def _quarantine(self, previous: Checkpoint) -> timedelta:
        """How long, from now, what an earlier attempt made may still show up."""
        if self._lease.store_time is None or previous.clear_at is None or not _is_in_doubt(previous):
            return timedelta()
        return previous.clear_at + self._timing.lookup_lag - self._lease.store_time.now()

    async def _run(self, begun: Checkpoint, began: float, work: Work) -> BaseModel:
        deadline = SendDeadline.after(began, self._timing.allowance)
        log.debug("step.begun", step=begun.name, attempt=begun.attempt)
        try:
            with sending_before(deadline):
                result: BaseModel = await self._make(begun, work)
        except TocsinError as error:
            ended = _after(begun, error, deadline)
            if isinstance(work, KeyedPart) and self._is_in_doubt(begun.name):
                # That this request did nothing says nothing of the first one, whose key is still to be kept.
                ended = replace(ended, in_doubt=True)
            raise self._failed(ended, error) from None
        except Exception as error:
            log.exception("step.crashed", step=begun.name, attempt=begun.attempt)
            unknown = _crashed(error)
            raise self._failed(_after(begun, unknown, deadline), unknown) from None
        self._note(_ended(begun, work, result))
        log.info("step.done", step=begun.name, attempt=begun.attempt, seconds=round(time.monotonic() - began, 3))
        return result

    async def _make(self, begun: Checkpoint, work: Work) -> Any:
        if isinstance(work, KeyedPart):
            return await work.send(self._incident, self._done, begun.begun_at)
        return await work.run(self._incident, self._done)

    def _failed(self, step: Checkpoint, error: TocsinError) -> TocsinError:
        text = f"{type(error).__name__}: {error}"
        ended = replace(step, state=StepState.FAILED, ended_at=datetime.now(UTC), error=text)
        self._note(replace(ended, permanent=isinstance(error, Permanent)))
        log.warning("step.failed", step=step.name, attempt=step.attempt, error=text, in_doubt=step.in_doubt)
        return error


def _seconds_left(entry: Entry[Any], since: float) -> float:
    """Until the entry goes on without what it wants."""
    return math.inf if entry.patience is None else since + entry.patience.total_seconds() - time.monotonic()


def _nothing_to_do(work: Work | Fan[Any], incident: Incident, done: Done) -> BaseModel | None:
    result: BaseModel | None = work.without_effect(incident, done)
    return result


def _crashed(error: Exception) -> Unknown:
    """A fault of ours is no verdict on the incident: it is looked into, and tried again."""
    return Unknown(f"The step ended in an error that it does not know ({type(error).__name__}); see the log.")


def _after(begun: Checkpoint, error: TocsinError, deadline: SendDeadline) -> Checkpoint:
    """What is known of a step whose request ended in this error: nothing of it is left, or what is left of its time."""
    if not isinstance(error, Unknown):
        return replace(begun, in_doubt=False, allowance=timedelta(), clear_at=None)
    left = max(deadline.monotonic - time.monotonic(), 0)
    return replace(begun, in_doubt=True, allowance=timedelta(seconds=left), clear_at=None)


def _is_in_doubt(step: Checkpoint) -> bool:
    return step.in_doubt or step.state is StepState.BEGUN


def _wait_out(quarantine: timedelta) -> None:
    if quarantine > timedelta():
        raise Unknown(
            "An earlier attempt ended without an answer, and what it made may yet show up: waiting "
            f"{quarantine.total_seconds():.0f} s before the step is done again.",
            retry_after=quarantine,
        )


def _begun(name: str, attempt: int, timing: Timing) -> Checkpoint:
    return Checkpoint(name, StepState.BEGUN, attempt, begun_at=datetime.now(UTC), allowance=timing.allowance)


def _ended(begun: Checkpoint, made_by: Work | Fan[Any], result: BaseModel) -> Checkpoint:
    return replace(
        begun,
        state=StepState.DONE,
        ended_at=datetime.now(UTC),
        result=result.model_dump_json(),
        made=_described(begun.name, made_by, result),
        error=None,
        permanent=False,
        in_doubt=False,
        allowance=timedelta(),
        clear_at=None,
    )


def _described(name: str, made_by: Work | Fan[Any], result: BaseModel) -> str:
    try:
        words = clean_line(made_by.describe(result))
    except Exception:
        # The effect is there: whatever its words are, its checkpoint is worth more.
        log.exception("step.not_described", step=name)
        return ""
    return cut(_WORDS_LIMIT)(words)


def _most_hopeful(failed: list[BaseException]) -> BaseException:
    """Of several parts' failures the one that is worth another attempt, so that no part is given up too early."""
    return next((error for error in failed if isinstance(error, Transient | Unknown)), failed[0])
