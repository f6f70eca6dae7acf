"""One run of several workers that place alerts, in which the order of all store operations is chosen from outside."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from memory_table import MemoryTable, MemoryTableClient, straight
from model_run import Chooser
from virtual_time import TrueTime, WorkerClock, WorkerLoop, replaced

from worker.domain.alert_ends import ends
from worker.domain.alert_identity import alert_id, identity, is_grouped
from worker.domain.alert_record import AlertRecord
from worker.domain.alert_status import Disposition
from worker.domain.alert_summary import summarised
from worker.domain.event import Event, EventType
from worker.domain.flood import begins_flood
from worker.domain.grouping_rules import GroupingRules
from worker.domain.incident import Incident, derived_key, generation_key, sender_key
from worker.domain.sender_rate import SenderRate
from worker.engine.executor import Timing
from worker.grouping import flood_guard, grouper
from worker.grouping.alert_store import AlertStore, alert_record
from worker.grouping.flood_guard import FloodGuard
from worker.grouping.grouper import Grouper, Placement, Windows
from worker.lifecycle.summary_update import SummaryUpdate
from worker.storage.incident_store import IncidentStore
from worker.storage.sender_windows import SenderWindows

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
REOPEN, WINDOW, IDLE = timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=24)
RULES = GroupingRules((), WINDOW)
_MOST_OPERATIONS = 300


def an_alert(fingerprint: str = "f", *, at: int = 0, received: int = 0, **facts: Any) -> Incident:
    """As a worker takes it from its message; `at` and `received` are minutes after noon."""
    given = {"title": f"{fingerprint} is down", "source": "probe", "service": "checkout", "fingerprint": fingerprint}
    event = Event(**{**given, "occurred_at": NOON + timedelta(minutes=at), **facts})
    received_at = NOON + timedelta(minutes=received, seconds=1)
    event = event.model_copy(update={"received_at": received_at})
    key = derived_key(event) or "message:1"
    return Incident(key=key, event=event.model_copy(update={"key": key}), received_at=received_at)


def a_resolve(fingerprint: str = "f", **facts: Any) -> Incident:
    return an_alert(fingerprint, **{"received": 1, **facts, "type": EventType.RESOLVE})


class Broken(AssertionError):
    """What must always hold did not."""


@dataclass
class _Delivery:
    """One message with a worker of its own, which is another one after each death."""

    name: str
    incident: Incident
    task: "asyncio.Task[None] | None" = None
    placed: Placement | None = None


@dataclass
class _Asked:
    delivery: _Delivery
    name: str
    happen: Callable[[], Any]
    answer: "asyncio.Future[Any]"


@dataclass
class GroupingRun:
    """`passing`: by how much the store's clock may be put forward between any two operations. `rate`: beyond which a
    sender's incidents are one flood.
    """

    incidents: Sequence[Incident]
    chooser: Chooser
    passing: Sequence[timedelta] = ()
    rate: SenderRate | None = None
    story: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.time = TrueTime()
        self.table = MemoryTable(self.time.now)
        self.table.create()
        self.loop = WorkerLoop(WorkerClock(self.time, timedelta(), monotonic_start=7.0))
        self.asked: list[_Asked] = []
        self.deliveries = [_Delivery(f"{number}", incident) for number, incident in enumerate(self.incidents)]

    def play(self) -> None:
        """All of them at once, then each once more by itself; raises Broken."""
        clock = SimpleNamespace(monotonic=lambda: self.time.seconds)
        silence = SimpleNamespace(**dict.fromkeys(("info", "warning"), lambda *_, **__: None))
        with replaced([(grouper, "time", clock), (grouper, "log", silence), (flood_guard, "log", silence)]):
            try:
                for delivery in self.deliveries:
                    self._serve(delivery)
                self._until_all_are_placed()
                self.check()
                self.deliver_late()
            finally:
                self.loop.dispose()

    def deliver_late(self) -> None:
        """A late duplicate of a firing belongs where it was, and changes nothing."""
        before = self.kept()
        for delivery in self.deliveries:
            if delivery.incident.event.type is EventType.TRIGGER:
                self._deliver_late(delivery)
        if self.kept() != before:
            raise Broken("Late duplicates were kept.")

    def _deliver_late(self, delivery: _Delivery) -> None:
        first, delivery.placed = delivery.placed, None
        self._serve(delivery)
        while self.asked:
            self._answer(self.asked.pop(0))
        again = delivery.placed
        if first is None or again is None or (first.disposition, first.key) != (again.disposition, again.key):
            raise Broken(f"{delivery.name} was {first}, and is {again} when it is delivered again.")

    def _until_all_are_placed(self) -> None:
        for _ in range(_MOST_OPERATIONS):
            if not self.asked:
                break
            moves = list(self._moves())
            name, move = moves[self.chooser.choose("next", [name for name, _ in moves])]
            self.story.append(name)
            move()
        if any(delivery.placed is None for delivery in self.deliveries):
            raise Broken("Somebody's alert is never placed.")

    def _moves(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """The first is what ordinarily happens: whoever was served last goes on."""
        for asked in self.asked:
            yield f"{asked.delivery.name}: {asked.name}", lambda asked=asked: self._let(asked)
        for asked in self.asked:
            told = f"{asked.delivery.name} dies"
            yield f"{told} before: {asked.name}", lambda asked=asked: self._kill(asked.delivery)
            yield f"{told} after: {asked.name}", lambda asked=asked: self._kill(asked.delivery, asked)
        for passing in self.passing:
            yield f"{passing} pass", lambda passing=passing: self._pass(passing)

    def _let(self, asked: _Asked) -> None:
        self.asked.remove(asked)
        self.asked.sort(key=lambda each: each.delivery is not asked.delivery)
        self._answer(asked)
        self.asked.sort(key=lambda each: each.delivery is not asked.delivery)

    def _answer(self, asked: _Asked) -> None:
        try:
            asked.answer.set_result(asked.happen())
        except Exception as error:  # noqa: BLE001 (it is the table's answer)
            asked.answer.set_exception(error)
        self.loop.run_what_is_due()

    def _kill(self, delivery: _Delivery, applied: _Asked | None = None) -> None:
        """Its message is delivered again, to a worker that knows nothing."""
        if applied is not None:
            try:
                applied.happen()
            except Exception:  # noqa: BLE001 (nobody hears the answer)
                self.story.append("(refused)")
        self.asked = [each for each in self.asked if each.delivery is not delivery]
        if delivery.task is not None:
            delivery.task.cancel()
        self.loop.run_what_is_due()
        self._serve(delivery)

    def _pass(self, passing: timedelta) -> None:
        """So much time that what came before has been counted when it begins."""
        counting = self.loop.create_task(self._count())
        self.loop.run_what_is_due()
        counting.result()
        self.time.seconds += passing.total_seconds()

    async def _count(self) -> None:
        table = MemoryTableClient(self.table, straight)
        summary_update = SummaryUpdate(
            store=IncidentStore(table, owner="count", lease_duration=timedelta(seconds=30)),
            alert_store=AlertStore(table),
            launch=(),
            summary_steps=(),
            playbook_of=lambda digest, before: (),
            timing=Timing(allowance=timedelta(), lookup_lag=timedelta()),
            reopen=REOPEN,
            give_up_after=IDLE,
        )
        for incident in self.incidents:
            for key in {incident.key, generation_key(incident.event), sender_key(incident.event)}:
                await summary_update.publish(incident.model_copy(update={"key": key}), asyncio.Event())

    def _serve(self, delivery: _Delivery) -> None:
        async def through(kind: str, name: str, happen: Callable[[], Any]) -> Any:
            asked = _Asked(delivery, f"{kind} {name}", happen, self.loop.create_future())
            self.asked.append(asked)
            return await asked.answer

        async def place() -> None:
            table = MemoryTableClient(self.table, through)
            floods = FloodGuard(SenderWindows(table), lambda _: self.rate)
            placing = Grouper(AlertStore(table), RULES, Windows(REOPEN, IDLE), floods)
            incident = delivery.incident
            delivery.placed = await (placing.place if is_grouped(incident.event) else placing.place_alone)(incident)

        delivery.task = self.loop.create_task(place())
        self.loop.run_what_is_due()

    # What holds at the end.

    def kept(self) -> dict[str, dict[str, AlertRecord]]:
        """The alerts of every incident."""
        found: defaultdict[str, dict[str, AlertRecord]] = defaultdict(dict)
        for partition, rows in self.table.partitions().items():
            if partition.startswith("alerts:"):
                told = [alert_record(row) for row in rows if row["RowKey"].startswith("alert:")]
                found[partition.removeprefix("alerts:")] = {each.id: each for each in told}
        return dict(found)

    def check(self) -> None:
        kept = self.kept()
        for delivery in self.deliveries:
            if delivery.incident.event.type is EventType.TRIGGER:
                self._check_firing(delivery, kept)
        for incident, alerts in kept.items():
            self._check_launched(incident, alerts)
        for delivery in self.deliveries:
            if delivery.incident.event.type is EventType.RESOLVE:
                self._check_end(delivery, kept)

    def _check_firing(self, delivery: _Delivery, kept: dict[str, dict[str, AlertRecord]]) -> None:
        where = [incident for incident, alerts in kept.items() if alert_id(delivery.incident.event) in alerts]
        assert delivery.placed is not None
        if not where and _opens_alone(delivery):
            return
        if where != [delivery.placed.incident_id]:
            raise Broken(f"{delivery.name} is kept in {where}, and was placed in {delivery.placed.incident_id}.")

    def _check_launched(self, incident: str, alerts: dict[str, AlertRecord]) -> None:
        launched = {each.placed.incident_id for each in self.deliveries if each.placed and _launches(each)}
        if summarised(alerts.values()) and incident not in launched:
            raise Broken(f"{incident} has alerts, and nobody launches it.")

    def _check_end(self, delivery: _Delivery, kept: dict[str, dict[str, AlertRecord]]) -> None:
        resolve = AlertRecord.of(delivery.incident, because="")
        for incident, alerts in kept.items():
            firings = [each for each in alerts.values() if each.type is EventType.TRIGGER]
            ended = [each for each in firings if each.identity == identity(delivery.incident.event)]
            reached = [each for each in ended if resolve.may_end(each)]
            if any(ends(resolve, each) for each in reached) and resolve.id not in alerts:
                raise Broken(f"{incident} does not know of the end {delivery.name}.")
            if not reached and resolve.id in alerts:
                raise Broken(f"{incident} is told the end {delivery.name}, whose sender may end nothing of it.")


def _opens_alone(delivery: _Delivery) -> bool:
    """It is nobody else's, so that nothing of it is kept but its launch."""
    opened = delivery.placed is not None and delivery.placed.disposition is Disposition.OPENED
    return opened and not is_grouped(delivery.incident.event)


def _launches(delivery: _Delivery) -> bool:
    assert delivery.placed is not None
    if delivery.placed.disposition is Disposition.OPENED:
        return True
    return delivery.placed.key is not None and begins_flood(delivery.incident, delivery.placed.key)
