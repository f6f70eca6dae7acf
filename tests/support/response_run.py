"""One run of several workers on the acts and timers of one incident, every fate of a request chosen from outside."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from memory_table import MemoryTableClient, straight
from model_fates import ALLOWANCE, LAG, LEASE, QUEUE_SEND, SETTLE, STORE_READ, STORE_WRITE, Fate, Kind, Request, Then
from model_oracle import Violation
from model_run import Run
from model_worker import Worker
from model_world import Made, Room
from response_world import ACTS, BEGIN, LEVELS, TIMERS, ResponseClient, ResponseWorld, lanes
from scenarios import Scenario
from virtual_time import WorkerClock, WorkerLoop, engine_under, replaced

from worker.domain.checkpoint import Checkpoint
from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import TocsinError
from worker.domain.event import Event, EventType
from worker.domain.incident import Incident
from worker.domain.lease import Closing
from worker.domain.response.act import Act
from worker.domain.response.response import Response, fold
from worker.domain.response.state import ResponseState
from worker.domain.settlement import Complete, DeadLetter, RetryLater, Settlement
from worker.domain.states import LaunchState, StepState
from worker.engine.executor import Timing
from worker.engine.launcher import put_off, store_breaker
from worker.lifecycle.response import deciding, delivery, first_seen, lane_run, recording
from worker.lifecycle.response.circumstances import Circumstances, Launched
from worker.lifecycle.response.delivery import ResponseDelivery
from worker.lifecycle.response.effects_limit import EffectsLimit
from worker.lifecycle.response.lane_run import LaneRun
from worker.lifecycle.response.people_book import PeopleBook
from worker.lifecycle.response.recording import Recorder
from worker.lifecycle.response.scheduling import TimerScheduler
from worker.messaging.mark import Marks
from worker.oncall.definitions import Definitions
from worker.oncall.escalation.directory import directory_of
from worker.oncall.on_call import Roster
from worker.storage import lanes as lane_store
from worker.storage import response_store
from worker.storage.stores import Stores

_RESTART = 1.0
_LOCK = 30.0
_NAMES = ("one", "two")
_SLOTS = 2
_NOBODY = PeopleBook(Definitions(), Roster(rows=(), unreadable=()))
_LAUNCHED = Launched(LaunchState.LAUNCHED)
_SILENCE = SimpleNamespace(**dict.fromkeys(("debug", "info", "warning", "error", "exception"), lambda *_, **__: None))


def _nothing(*_: Any) -> None:
    pass


def _decided(log: Any, act: Act, known: Circumstances) -> Any:
    return ACTS[act.act](log, act, known)


@dataclass(frozen=True, slots=True)
class ResponseScenario(Scenario):
    """`acts`: at which second each is sent; one that is there twice is sent twice."""

    acts: tuple[tuple[float, Act], ...] = ()


@dataclass
class Message:
    """`number`: of the delivery that holds it; whoever has another one has lost its lock."""

    id: str
    incident: Incident
    at: float
    holder: Worker | None = None
    number: int = 0


@dataclass
class Queue:
    """Messages are received in the order of their times; an id that was sent before is dropped."""

    messages: list[Message] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    dead: list[DeadLetter] = field(default_factory=list)

    def put(self, message: Message) -> None:
        if message.id not in self.seen:
            self.seen.add(message.id)
            self.messages.append(message)

    def take(self, worker: Worker, now: float) -> Message | None:
        ready = [each for each in self.messages if each.holder is None and each.at <= now]
        if not ready:
            return None
        message = min(ready, key=lambda each: each.at)
        message.holder, message.number = worker, message.number + 1
        return message

    def settle(self, message: Message, number: int, settlement: Settlement, now: float) -> None:
        if message.number != number or message.holder is None:
            return
        message.holder = None
        if isinstance(settlement, RetryLater):
            message.at = now + settlement.delay.total_seconds()
            return
        if isinstance(settlement, DeadLetter):
            self.dead.append(settlement)
        self.messages.remove(message)

    def release(self, holder: Worker) -> None:
        for message in self.messages:
            if message.holder is holder:
                message.holder = None


class ResponseRun(Run):
    """The launch is over; what comes are the messages of the scenario, and those that workers send to themselves."""

    def __init__(self, scenario: ResponseScenario, chooser: Any, tell: Callable[[str], None] = lambda _: None) -> None:
        super().__init__(scenario, chooser, tell)
        self.world = ResponseWorld(self.time, scenario.lag)
        self.queue = Queue()
        self.waiting: list[tuple[Worker, asyncio.Future[None]]] = []
        self.decided: Counter[str] = Counter()
        with self._under():
            self._at_once(self._launched())
        self._put(Message("launch", self._message(BEGIN), 0.0))
        for number, (at, act) in enumerate(scenario.acts):
            self._put(Message(f"act-{number}", self._message(act), at))

    def play(self) -> None:
        with self._under():
            super().play()

    def _under(self) -> ExitStack:
        stack = ExitStack()
        self.running.clock = WorkerClock(self.time, timedelta(), monotonic_start=0.0)
        stack.enter_context(engine_under(self.running))
        clock = SimpleNamespace(monotonic=self.running.monotonic)
        changes: list[tuple[object, str, object]] = [
            *((module, "time", clock) for module in (response_store, first_seen)),
            *((module, "log", _SILENCE) for module in (recording, delivery, lane_run)),
            (lane_store, "datetime", SimpleNamespace(now=self.running.now)),
            # What people may do, and what else falls due, is not what is looked at here.
            (deciding, "forbid", _nothing),
            (deciding, "hear_from", _nothing),
            (deciding, "await_what_is_due", _nothing),
            (deciding, "_outcome", _decided),
            (deciding, "TIMERS", TIMERS),
            (recording, "random", SimpleNamespace(uniform=lambda low, high: high)),
        ]
        stack.enter_context(replaced(changes))
        return stack

    @property
    def all_settled(self) -> bool:
        return not self.queue.messages and not self.undecided

    # The world before.

    def _at_once(self, work: Coroutine[Any, Any, None]) -> None:
        loop = WorkerLoop(self.running.clock)
        task = loop.create_task(work)
        loop.run_what_is_due()
        loop.close()
        task.result()

    async def _launched(self) -> None:
        stores = self._stores(MemoryTableClient(self.table, straight), "launch")
        lease = await stores.incidents.lease(self.incident, [])
        now = self.time.now()
        room = Checkpoint(Room.name, StepState.DONE, 1, now, now, Made(number=1).model_dump_json())
        await stores.incidents.commit(lease, [room], Closing(LaunchState.LAUNCHED))

    @staticmethod
    def _stores(table: Any, owner: str) -> Stores:
        return Stores.of(table, owner=owner, lease_duration=LEASE)

    def _message(self, act: Act) -> Incident:
        event = Event(type=EventType.ACT, title="Act", key=self.incident.key, act=act)
        return Incident(key=self.incident.key, event=event, received_at=self.time.now())

    # Messages.

    def _put(self, message: Message) -> None:
        self.queue.put(message)
        self._at(max(message.at - self.time.seconds, 1e-3), self._wake)

    def _wake(self) -> None:
        waiting, self.waiting = self.waiting, []
        for worker, waited in waiting:
            if worker.alive and not waited.done():
                waited.set_result(None)
                self._let_run(worker)

    async def _next(self, worker: Worker) -> Message | None:
        while not worker.stopping.is_set():
            message = self.queue.take(worker, self.time.seconds)
            if message is not None:
                return message
            waited = worker.loop.create_future()
            self.waiting.append((worker, waited))
            await waited
        return None

    async def _publish(self, worker: Worker, encoded: EncodedEvent, *, at: datetime, mark: str) -> None:
        event = encoded.event
        incident = Incident(key=event.key or "", event=event, received_at=event.received_at or at)
        seconds = max((at - self.time.now()).total_seconds(), 0) + self.time.seconds
        message = Message(encoded.message_id, incident, seconds)
        await self._send(worker, QUEUE_SEND, encoded.message_id.partition(":")[2], lambda: self._put(message))

    # A worker's life.

    def _serve(self, worker: Worker) -> None:
        worker.stopping = asyncio.Event()
        handler = self._delivery(worker)
        worker.task = worker.loop.create_task(self._work(worker, handler))
        self._let_run(worker)

    def _delivery(self, worker: Worker) -> ResponseDelivery:
        async def to_table(kind: str, name: str, happen: Callable[[], Any]) -> Any:
            return await self._send(worker, STORE_WRITE if kind == "write" else STORE_READ, name, happen)

        async def to_world(kind: Kind, name: str, happen: Callable[[], Any]) -> Any:
            return await self._send(worker, kind, name, happen)

        async def publish(encoded: EncodedEvent, *, at: datetime, mark: str) -> None:
            await self._publish(worker, encoded, at=at, mark=mark)

        async def key() -> bytes:
            return b"key"

        async def known(incident: Incident, now: datetime, **_: Any) -> Circumstances:
            return Circumstances(now, incident, _LAUNCHED, directory_of(_NOBODY.definitions, None), _NOBODY)

        stores = self._stores(MemoryTableClient(self.table, to_table), worker.owner)
        client = ResponseClient(self.world, to_world)
        timing = Timing(allowance=ALLOWANCE, lookup_lag=LAG)
        return ResponseDelivery(
            incidents=stores.incidents,
            oversize=stores.oversize,
            recorder=Recorder(stores.responses, TimerScheduler(publish, Marks(key)), known, 60.0),
            lanes=lanes(client),
            run=LaneRun(stores.lanes, stores.responses, [Room(client)], timing),
            tables=store_breaker(),
            limit=EffectsLimit(1),
        )

    async def _work(self, worker: Worker, handler: ResponseDelivery) -> None:
        async with asyncio.TaskGroup() as slots:
            for _ in range(_SLOTS):
                slots.create_task(self._receive(worker, handler))
        self._at(_RESTART, lambda: self._restart(worker))

    async def _receive(self, worker: Worker, handler: ResponseDelivery) -> None:
        while (message := await self._next(worker)) is not None:
            number = message.number
            decided = await self._decided(worker, handler, message)
            if isinstance(decided, RetryLater):
                decided = RetryLater(max(decided.delay, timedelta(milliseconds=100)), decided.because)
            await self._settle_one(worker, message, number, decided)

    async def _decided(self, worker: Worker, handler: ResponseDelivery, message: Message) -> Settlement:
        try:
            if message.id == "launch":
                await handler.record(self.incident, BEGIN, self.time.now())
            else:
                return await handler.deliver(message.incident, worker.stopping, self.time.now)
        except TocsinError as error:
            return put_off(error)
        except Exception as error:  # noqa: BLE001 (nothing but a decision may come out of a delivery)
            self.oracle.note(f"A delivery ended in {type(error).__name__}: {error}")
            return RetryLater(timedelta(seconds=_RESTART), "crashed")
        return Complete()

    async def _settle_one(self, worker: Worker, message: Message, number: int, decided: Settlement) -> None:
        def happen() -> None:
            self.queue.settle(message, number, decided, self.time.seconds)
            self._at(max(message.at - self.time.seconds, 1e-3), self._wake)

        try:
            await self._send(worker, SETTLE, f"{message.id.partition(':')[2] or message.id}", happen)
        except TocsinError:
            # The lock runs out, and the message comes again.
            self._at(_LOCK, lambda: self._unlock(message, number))

    def _unlock(self, message: Message, number: int) -> None:
        if message.number == number:
            message.holder = None
            self._wake()

    def _end(self, worker: Worker) -> None:
        super()._end(worker)
        self.queue.release(worker)
        self._at(1e-3, self._wake)

    def pause(self, worker: Worker, pause: timedelta) -> None:
        super().pause(worker, pause)
        held = [(each, each.number) for each in self.queue.messages if each.holder is worker]
        if pause.total_seconds() > _LOCK:
            for message, number in held:
                self._at(_LOCK, lambda message=message, number=number: self._unlock(message, number))

    def _disturb(self, worker: Worker, fate: Fate) -> None:
        if fate.then is Then.LOSES_LOCK:
            self.queue.release(worker)
        else:
            super()._disturb(worker, fate)
        self._at(1e-3, self._wake)

    async def _send(self, worker: Worker, kind: Kind, name: str, happen: Callable[[], Any]) -> Any:
        if not worker.alive:
            raise asyncio.CancelledError
        request = Request(worker, kind, name, happen, worker.loop.create_future())
        self.tally["requests"] += 1
        self.undecided.append(request)
        return await request.answer

    # What must hold.

    def check(self) -> None:
        if self.queue.dead:
            raise Violation(f"Dead-lettered: {self.queue.dead[0].description}")
        self._at_once(self._check())

    async def _check(self) -> None:
        responses = self._stores(MemoryTableClient(self.table, straight), "oracle").responses
        stored = await responses.read(self.incident.id)
        entries = await responses.entries(self.incident.id)
        if stored is None:
            raise Violation("Nothing was recorded.")
        response = stored.response
        if [entry.seq for entry in entries] != list(range(1, response.seq + 1)):
            raise Violation("The entries are not numbered one by one.")
        if fold(self._opened(response), entries) != response:
            raise Violation("The state is not the fold of its entries.")
        self._check_acts(entries, [await responses.outcome(self.incident.id, key) for key in self._keys()])
        self._check_levels(response, entries)
        self._check_effects(entries)

    def _opened(self, response: Response) -> Response:
        return deciding.opened(self.incident, self.time.now(), 60.0)

    def _keys(self) -> set[str]:
        return {BEGIN.key, *(act.key for _, act in self.scenario.acts)}

    def _check_acts(self, entries: Any, outcomes: Any) -> None:
        acted = Counter(entry.act_id for entry in entries if entry.act_id)
        if twice := [key for key, count in acted.items() if count > 1]:
            raise Violation(f"Recorded twice: {', '.join(twice)}.")
        if None in outcomes:
            raise Violation("What an act came to was lost.")

    def _check_levels(self, response: Response, entries: Any) -> None:
        levels = [entry.data["level"] for entry in entries if entry.kind == "level-told"]
        if levels != list(range(2, 2 + len(levels))):
            raise Violation(f"Levels were told in this order: {levels}.")
        if response.state is ResponseState.OPEN and len(levels) != LEVELS - 1:
            raise Violation(f"A timer was lost: {levels} were told, and nobody has it.")
        state = "open"
        for entry in entries:
            if entry.kind == "level-told" and state != "open":
                raise Violation("A level was told behind the acknowledgement.")
            state = str(entry.sets.get("state", state))

    def _check_effects(self, entries: Any) -> None:
        made = self.world.counts()
        wanted = {f"tell-{each.seq}" for each in entries if each.tells}
        wanted |= {f"say-{each.seq}" for each in entries if each.says or each.comments}
        if twice := [what for what, count in made.items() if count > 1]:
            raise Violation(f"There twice: {', '.join(twice)}.")
        if missing := wanted - made.keys():
            raise Violation(f"Lost: {', '.join(sorted(missing))}.")
        said = [int(what.partition("-")[2]) for what, _ in self.world.made if what.startswith("say-")]
        if said != sorted(said):
            raise Violation(f"Said in this order: {said}.")
        outcomes = [entry.data["of"] for entry in entries if entry.kind == "outcome"]
        if sorted(outcomes) != sorted(each.seq for each in entries if each.tells):
            raise Violation(f"What was told is recorded of {outcomes}.")
        newest = max(entry.seq for entry in entries if entry.kind != "outcome")
        if not self.world.shown or self.world.shown[-1] < newest:
            raise Violation(f"The card shows {self.world.shown[-1:]} and not {newest}.")
